//! What shall be given: which medicine, how much, how often, and who asks for it.
//!
//! Owns `medication_request`. Permissions: `records.read`, `records.write`.
mod api;

pub use api::{describe, mount};

use super::encounters::{self, ENCOUNTER, ENCOUNTERS};
use super::facilities::FACILITY;
use super::patients::{PATIENT, PATIENTS};
use super::providers::{PRACTITIONER, PRACTITIONERS};
use super::records::{CONDITION, CONDITIONS, stamp};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A prescription.
pub const MEDICATION_REQUEST: Kind = Kind::new("medication_request", "med");

static STATUSES: [&str; 8] = [
    "draft",
    "active",
    "on_hold",
    "completed",
    "stopped",
    "cancelled",
    "entered_in_error",
    "unknown",
];
/// UCUM's seconds, minutes, hours, days, weeks, months and years.
static PERIODS: [&str; 7] = ["s", "min", "h", "d", "wk", "mo", "a"];

/// Prescriptions as a resource.
pub static PRESCRIPTIONS: Resource = Resource {
    kind: MEDICATION_REQUEST,
    path: "medication-requests",
    table: "medication_request",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "authored_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::id("requester_id", PRACTITIONER),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::words("intent", &["proposal", "plan", "order", "other"]),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::long_text("dose_text", 4_000),
        Column::decimal("dose_decimal"),
        Column::long_text("dose_unit", 100),
        Column::text("route_text"),
        Column::int("frequency", 1, 1_000),
        Column::decimal("period_decimal"),
        Column::words("period_unit", &PERIODS),
        Column::bool("as_needed"),
        Column::long_text("reason_text", 1_000),
        Column::id("reason_condition_id", CONDITION),
        Column::time("authored_at").sort_within("patient_id"),
        Column::recorded("authored_recorded"),
        Column::long_text("note", 20_000),
        Column::text("error_reason").read_only(),
    ],
    children: &[],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS },
        Parent { name: "requester", column: "requester_id", resource: &PRACTITIONERS },
        Parent { name: "reason_condition", column: "reason_condition_id", resource: &CONDITIONS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    form.default_to("status", "active");
    form.default_to("intent", "order");
    form.default_to("as_needed", false);
    stamp(work, form, occasion, ("authored_at", "authored_recorded"));
    encounters::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.reference("requester_id", &PRACTITIONERS)?;
    check.same_patient("reason_condition_id", &CONDITIONS)?;
    check.not_negative("dose_decimal");
    check.not_negative("period_decimal");
    // A draft may bear the date on which it shall be given out.
    if form.text("status") != Some("draft") {
        check.not_future("authored");
    }
    check.verdict()
}

//! Problems and diagnoses.

use super::stamp;
use crate::domain::encounters::{self, ENCOUNTER, ENCOUNTERS};
use crate::domain::facilities::FACILITY;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A problem or diagnosis.
pub const CONDITION: Kind = Kind::new("condition", "con");

static STATUSES: [&str; 8] = [
    "active",
    "recurrence",
    "relapse",
    "inactive",
    "remission",
    "resolved",
    "entered_in_error",
    "unknown",
];
static VERIFICATIONS: [&str; 6] =
    ["confirmed", "provisional", "differential", "unconfirmed", "refuted", "unknown"];

/// Problems and diagnoses as a resource.
pub static CONDITIONS: Resource = Resource {
    kind: CONDITION,
    path: "conditions",
    table: "condition",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "onset_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::words("verification", &VERIFICATIONS),
        Column::text("category"),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::text("severity_text"),
        Column::time("onset_at").sort_within("patient_id"),
        Column::recorded("onset_recorded"),
        Column::time("abated_at"),
        Column::recorded("abated_recorded"),
        Column::time("recorded_at"),
        Column::recorded("recorded_recorded"),
        Column::long_text("note", 20_000),
        Column::text("error_reason").read_only(),
    ],
    children: &[],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let over = form.text("abated_recorded").is_some();
    form.default_to("status", if over { "resolved" } else { "active" });
    form.default_to("verification", "confirmed");
    stamp(work, form, occasion, ("recorded_at", "recorded_recorded"));
    encounters::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.in_order("onset", "abated");
    check.not_future("onset");
    check.not_future("abated");
    check.not_future("recorded");
    check.verdict()
}

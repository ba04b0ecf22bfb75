//! What was done to or for a patient.

use super::{CONDITION, CONDITIONS};
use crate::domain::encounters::{self, ENCOUNTER, ENCOUNTERS};
use crate::domain::facilities::FACILITY;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::providers::{LOCATION, LOCATIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A procedure.
pub const PROCEDURE: Kind = Kind::new("procedure", "prc");

static STATUSES: [&str; 8] = [
    "preparation",
    "in_progress",
    "not_done",
    "on_hold",
    "stopped",
    "completed",
    "entered_in_error",
    "unknown",
];

/// Procedures as a resource.
pub static PROCEDURES: Resource = Resource {
    kind: PROCEDURE,
    path: "procedures",
    table: "procedure",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "performed_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::id("location_id", LOCATION),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::time("performed_at").sort_within("patient_id"),
        Column::recorded("performed_recorded"),
        Column::time("performed_end_at"),
        Column::recorded("performed_end_recorded"),
        Column::long_text("reason_text", 1_000),
        Column::id("reason_condition_id", CONDITION),
        Column::text("body_site_text"),
        Column::long_text("outcome_text", 2_000),
        Column::long_text("note", 20_000),
        Column::text("error_reason").read_only(),
    ],
    children: &[],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS },
        Parent { name: "location", column: "location_id", resource: &LOCATIONS },
        Parent { name: "reason_condition", column: "reason_condition_id", resource: &CONDITIONS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, _: Occasion) -> Result<(), RecordError> {
    form.default_to("status", "completed");
    encounters::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.reference("location_id", &LOCATIONS)?;
    check.same_patient("reason_condition_id", &CONDITIONS)?;
    check.in_order("performed", "performed_end");
    // What is prepared, and what was put off, has its time ahead.
    if !matches!(form.text("status"), Some("preparation" | "on_hold" | "not_done")) {
        check.not_future("performed");
        check.not_future("performed_end");
    }
    check.verdict()
}

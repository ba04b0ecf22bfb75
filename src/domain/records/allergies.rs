//! Allergies and intolerances.

use super::stamp;
use crate::domain::encounters::{self, ENCOUNTER, ENCOUNTERS};
use crate::domain::facilities::FACILITY;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// An allergy or intolerance.
pub const ALLERGY: Kind = Kind::new("allergy", "alg");

static STATUSES: [&str; 5] = ["active", "inactive", "resolved", "entered_in_error", "unknown"];
static VERIFICATIONS: [&str; 5] = ["confirmed", "presumed", "unconfirmed", "refuted", "unknown"];

/// Allergies and intolerances as a resource.
pub static ALLERGIES: Resource = Resource {
    kind: ALLERGY,
    path: "allergies",
    table: "allergy",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "recorded_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::words("verification", &VERIFICATIONS),
        Column::words("kind", &["allergy", "intolerance"]),
        Column::text("category"),
        Column::words("criticality", &["low", "high", "unable_to_assess"]),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::long_text("reaction_text", 2_000),
        Column::words("severity", &["mild", "moderate", "severe"]),
        Column::time("onset_at"),
        Column::recorded("onset_recorded"),
        Column::time("recorded_at").sort_within("patient_id"),
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

/// What a patient tells is not confirmed until somebody says so.
fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    form.default_to("status", "active");
    form.default_to("verification", "unconfirmed");
    stamp(work, form, occasion, ("recorded_at", "recorded_recorded"));
    encounters::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.not_future("onset");
    check.not_future("recorded");
    check.verdict()
}

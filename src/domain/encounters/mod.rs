//! Visits and stays: who came when, to whom, and why.
//!
//! Owns `encounter` and `encounter_participant`. Whoever may read encounters sees when somebody
//! comes; why they come, and how they leave, is for those who may read records. Everything
//! clinical that happens may name its encounter, of the same patient ([`settle`]).
//! Permissions: `encounters.read`, `encounters.write`.
mod api;
mod emergency;

pub use api::{describe, mount};

use super::facilities::{self, DEPARTMENT, DEPARTMENTS, FACILITIES, FACILITY, departments};
use super::patients::{PATIENT, PATIENTS};
use super::providers::{
    LOCATION, LOCATIONS, ORGANIZATION, ORGANIZATIONS, PRACTITIONER, PRACTITIONERS,
};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Child, Column, Occasion, Parent, Resource, Sort, Subject};
use crate::store::Value;
use crate::vocab::id::Kind;

/// A visit or stay.
pub const ENCOUNTER: Kind = Kind::new("encounter", "enc");

/// The words of `encounter.status`.
pub static STATUSES: [&str; 9] = [
    "planned",
    "arrived",
    "triaged",
    "in_progress",
    "on_leave",
    "finished",
    "cancelled",
    "entered_in_error",
    "unknown",
];

/// The words of `encounter.class`.
pub static CLASSES: [&str; 10] = [
    "ambulatory",
    "emergency",
    "inpatient",
    "observation",
    "home",
    "virtual",
    "urgent_care",
    "wellness",
    "hospice",
    "other",
];

/// What shows the reason of a visit is clinical.
const CLINICAL: &str = "records.read";

/// Visits as a resource.
pub static ENCOUNTERS: Resource = Resource {
    kind: ENCOUNTER,
    path: "encounters",
    table: "encounter",
    read: "encounters.read",
    write: "encounters.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "started_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::words("status", &STATUSES).filter(),
        Column::words("class", &CLASSES).required(),
        Column::text("code_system").needs(CLINICAL),
        Column::long_text("code", 200).needs(CLINICAL).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).needs(CLINICAL),
        Column::text("reason_system").needs(CLINICAL),
        Column::long_text("reason_code", 200).needs(CLINICAL),
        Column::long_text("reason_text", 1_000).needs(CLINICAL),
        Column::time("started_at").sort(),
        Column::recorded("started_recorded"),
        Column::time("ended_at"),
        Column::recorded("ended_recorded"),
        Column::id("organization_id", ORGANIZATION),
        Column::id("location_id", LOCATION),
        Column::id("department_id", DEPARTMENT).filter(),
        Column::long_text("discharge_text", 1_000).needs(CLINICAL),
        Column::text("error_reason").read_only().needs(CLINICAL),
    ],
    children: &[Child {
        name: "participants",
        table: "encounter_participant",
        owner: "encounter_id",
        columns: &[
            Column::id("practitioner_id", PRACTITIONER),
            Column::text("role_text"),
            Column::text("name"),
        ],
        most: 100,
        plain: false,
    }],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "organization", column: "organization_id", resource: &ORGANIZATIONS },
        Parent { name: "location", column: "location_id", resource: &LOCATIONS },
        Parent { name: "department", column: "department_id", resource: &DEPARTMENTS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let status = match (form.text("started_recorded"), form.text("ended_recorded")) {
        (_, Some(_)) => "finished",
        (Some(_), None) => "in_progress",
        (None, None) => "planned",
    };
    form.default_to("status", status);
    if let Some(facility) = departments::facility_of(work, form)? {
        form.default_to("facility_id", facility);
    }
    facilities::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.reference("facility_id", &FACILITIES)?;
    departments::check(work, form, &mut check)?;
    check.reference("patient_id", &PATIENTS)?;
    check.reference("organization_id", &ORGANIZATIONS)?;
    check.reference("location_id", &LOCATIONS)?;
    check.row_references("participants", "practitioner_id", &PRACTITIONERS)?;
    for (index, row) in form.rows("participants").iter().enumerate() {
        let said = row.iter().any(|(name, value)| {
            matches!(*name, "practitioner_id" | "name") && *value != Value::Null
        });
        let mend = "Name the person, or give their practitioner_id.";
        check.holds(said, &format!("participants[{index}].name"), mend);
    }
    check.in_order("started", "ended");
    // A visit that was planned and did not take place lies where it was planned.
    if !matches!(form.text("status"), Some("planned" | "cancelled")) {
        check.not_future("started");
        check.not_future("ended");
    }
    check.verdict()?;
    emergency::note(work, form, occasion)
}

/// What every entry of a record has in common: a facility, a patient who is there and, if it
/// names an encounter, one of that patient.
///
/// # Errors
/// The fields that do not fit; what the store says.
pub fn settle(work: &Work<'_>, form: &mut Form) -> Result<(), RecordError> {
    facilities::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.reference("facility_id", &FACILITIES)?;
    check.reference("patient_id", &PATIENTS)?;
    check.same_patient("encounter_id", &ENCOUNTERS)?;
    check.verdict()
}

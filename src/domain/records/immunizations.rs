//! Vaccines given, or not given and why.

use crate::domain::encounters::{self, ENCOUNTER, ENCOUNTERS};
use crate::domain::facilities::FACILITY;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::providers::{LOCATION, LOCATIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::store::Value;
use crate::vocab::id::Kind;

/// A vaccine given or not given.
pub const IMMUNIZATION: Kind = Kind::new("immunization", "imm");

static STATUSES: [&str; 3] = ["completed", "not_done", "entered_in_error"];

/// Immunizations as a resource.
pub static IMMUNIZATIONS: Resource = Resource {
    kind: IMMUNIZATION,
    path: "immunizations",
    table: "immunization",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "given_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::id("location_id", LOCATION),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::time("given_at").sort_within("patient_id"),
        Column::recorded("given_recorded"),
        Column::bool("primary_source"),
        Column::long_text("lot_number", 200),
        Column::date("expiry_date"),
        Column::text("site_text"),
        Column::text("route_text"),
        Column::decimal("dose_decimal"),
        Column::long_text("dose_unit", 100),
        Column::long_text("reason_text", 1_000),
        Column::long_text("note", 20_000),
        Column::text("error_reason").read_only(),
    ],
    children: &[],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS },
        Parent { name: "location", column: "location_id", resource: &LOCATIONS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, _: Occasion) -> Result<(), RecordError> {
    form.default_to("status", "completed");
    // A yes-or-no that is not spoken of keeps its value, and this one may be unknown.
    form.default_to("primary_source", Value::Null);
    encounters::settle(work, form)?;
    let mut check = Check::new(work, form);
    check.reference("location_id", &LOCATIONS)?;
    check.not_future("given");
    check.not_negative("dose_decimal");
    check.verdict()
}

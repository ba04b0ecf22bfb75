//! The hospital, room by room, in import order.
mod api;
pub mod facilities;
pub mod providers;
pub mod patients;
pub mod encounters;
pub mod records;
pub mod observations;
pub mod prescriptions;
pub mod timeline;
pub mod audit;

#[cfg(test)]
mod tests;

pub use api::{describe, mount};

use std::time::Duration;

use crate::platform::resource::{Related, Resource};
use crate::store::{Store, StoreError};

/// Every kind of record of the hospital, in import order.
pub static ALL: [&Resource; 13] = [
    &facilities::FACILITIES,
    &facilities::DEPARTMENTS,
    &providers::ORGANIZATIONS,
    &providers::PRACTITIONERS,
    &providers::LOCATIONS,
    &patients::PATIENTS,
    &encounters::ENCOUNTERS,
    &records::CONDITIONS,
    &records::ALLERGIES,
    &records::PROCEDURES,
    &records::IMMUNIZATIONS,
    &observations::OBSERVATIONS,
    &prescriptions::PRESCRIPTIONS,
];

/// What a patient may bring along: every kind that has an index on the patient in its own order.
pub static OF_PATIENT: [Related; 7] = [
    of_patient("encounters", &encounters::ENCOUNTERS),
    of_patient("conditions", &records::CONDITIONS),
    of_patient("allergies", &records::ALLERGIES),
    of_patient("procedures", &records::PROCEDURES),
    of_patient("immunizations", &records::IMMUNIZATIONS),
    of_patient("observations", &observations::OBSERVATIONS),
    of_patient("medication_requests", &prescriptions::PRESCRIPTIONS),
];

const fn of_patient(name: &'static str, resource: &'static Resource) -> Related {
    Related { name, column: "patient_id", resource }
}

/// The newest identity in the store; identities issued later must be greater.
///
/// # Errors
/// What the store says.
pub fn newest_id(store: &Store, deadline: Duration) -> Result<i64, StoreError> {
    store.read(deadline, |tx| {
        let tables = ALL.iter().map(|resource| resource.table);
        let mut newest = 0;
        let others = [
            "app_user",
            "role",
            "session",
            "import_run",
            "import_reject",
            "care_team_member",
            "break_glass",
        ];
        for table in tables.chain(others) {
            let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
            newest = newest.max(tx.one(&sql, &[], |row| row.get::<i64>(0))?);
        }
        Ok(newest)
    })
}

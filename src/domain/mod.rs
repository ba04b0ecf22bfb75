//! The hospital, room by room, in import order.
pub mod facilities;
pub mod providers;
pub mod patients;
pub mod encounters;
pub mod records;
pub mod observations;
pub mod prescriptions;
pub mod timeline;

#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::web::ServiceConfig;

use crate::platform::resource::Resource;
use crate::store::{Store, StoreError};

/// Every kind of record of the hospital, in import order.
pub static ALL: [&Resource; 12] = [
    &facilities::FACILITIES,
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

/// Mounts every room.
pub fn mount(config: &mut ServiceConfig) {
    facilities::mount(config);
    providers::mount(config);
    patients::api::mount(config);
    encounters::mount(config);
    records::mount(config);
    observations::mount(config);
    prescriptions::mount(config);
    timeline::mount(config);
}

/// The newest identity in the store; identities issued later must be greater.
///
/// # Errors
/// What the store says.
pub fn newest_id(store: &Store, deadline: Duration) -> Result<i64, StoreError> {
    store.read(deadline, |tx| {
        let tables = ALL.iter().map(|resource| resource.table);
        let mut newest = 0;
        for table in tables.chain(["app_user", "session", "import_run", "import_reject"]) {
            let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
            newest = newest.max(tx.one(&sql, &[], |row| row.get::<i64>(0))?);
        }
        Ok(newest)
    })
}

//! The routes of all rooms.

use actix_web::web::ServiceConfig;

use super::{
    encounters, facilities, observations, patients, prescriptions, providers, records, timeline,
};

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

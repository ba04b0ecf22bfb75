//! The routes of all rooms.

use actix_web::web::ServiceConfig;

use super::{
    OF_PATIENT, audit, encounters, facilities, observations, patients, prescriptions, providers,
    records, timeline,
};

use crate::web::openapi::Document;

/// Mounts every room.
pub fn mount(config: &mut ServiceConfig) {
    facilities::mount(config);
    providers::mount(config);
    patients::api::mount(config, &OF_PATIENT);
    encounters::mount(config);
    records::mount(config);
    observations::mount(config);
    prescriptions::mount(config);
    timeline::mount(config);
    audit::mount(config);
}

/// Describes what they mount.
pub fn describe(document: &mut Document) {
    for resource in super::ALL {
        let words = format!("Records of the kind {}.", resource.kind.name.replace('_', " "));
        document.tag(resource.path, &words);
    }
    crate::platform::resource::describe::codes(document);
    facilities::describe(document);
    providers::describe(document);
    patients::describe(document, &OF_PATIENT);
    encounters::describe(document);
    records::describe(document);
    observations::describe(document);
    prescriptions::describe(document);
    timeline::describe(document);
    audit::describe(document);
}

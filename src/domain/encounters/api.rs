//! Visits over HTTP.

use actix_web::web::ServiceConfig;

use super::ENCOUNTERS;
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of visits.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &ENCOUNTERS, Offers::ClinicalChanges);
}

/// Describes them.
pub fn describe(document: &mut Document) {
    Offered::new(&ENCOUNTERS, Offers::ClinicalChanges).describe(document);
}

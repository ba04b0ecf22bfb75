//! Observations over HTTP.

use actix_web::web::ServiceConfig;

use super::OBSERVATIONS;
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of observations.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &OBSERVATIONS, Offers::ClinicalChanges);
}

/// Describes them.
pub fn describe(document: &mut Document) {
    Offered::new(&OBSERVATIONS, Offers::ClinicalChanges).describe(document);
}

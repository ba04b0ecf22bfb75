//! Prescriptions over HTTP.

use actix_web::web::ServiceConfig;

use super::PRESCRIPTIONS;
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of prescriptions.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &PRESCRIPTIONS, Offers::ClinicalChanges);
}

/// Describes them.
pub fn describe(document: &mut Document) {
    Offered::new(&PRESCRIPTIONS, Offers::ClinicalChanges).describe(document);
}

//! The lasting parts of a record over HTTP.

use actix_web::web::ServiceConfig;

use super::{ALLERGIES, CONDITIONS, IMMUNIZATIONS, PROCEDURES};
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of conditions, allergies, procedures and immunizations.
pub fn mount(config: &mut ServiceConfig) {
    for resource in [&CONDITIONS, &ALLERGIES, &PROCEDURES, &IMMUNIZATIONS] {
        mount_resource(config, resource, Offers::ClinicalChanges);
    }
}

/// Describes them.
pub fn describe(document: &mut Document) {
    for resource in [&CONDITIONS, &ALLERGIES, &IMMUNIZATIONS, &PROCEDURES] {
        Offered::new(resource, Offers::ClinicalChanges).describe(document);
    }
}

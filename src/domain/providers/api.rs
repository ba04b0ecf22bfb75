//! Those who give care, over HTTP.

use actix_web::web::ServiceConfig;

use super::{LOCATIONS, ORGANIZATIONS, PRACTITIONERS};
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of organizations, practitioners and locations.
pub fn mount(config: &mut ServiceConfig) {
    for resource in [&ORGANIZATIONS, &PRACTITIONERS, &LOCATIONS] {
        mount_resource(config, resource, Offers::Changes);
    }
}

/// Describes them.
pub fn describe(document: &mut Document) {
    for resource in [&ORGANIZATIONS, &PRACTITIONERS, &LOCATIONS] {
        Offered::new(resource, Offers::Changes).describe(document);
    }
}

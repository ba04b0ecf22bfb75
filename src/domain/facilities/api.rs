//! Sites and their departments over HTTP.

use actix_web::web::ServiceConfig;

use super::{DEPARTMENTS, FACILITIES};
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::web::openapi::Document;

/// Mounts the routes of sites and departments.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &FACILITIES, Offers::Changes);
    mount_resource(config, &DEPARTMENTS, Offers::Changes);
}

/// Describes them.
pub fn describe(document: &mut Document) {
    Offered::new(&FACILITIES, Offers::Changes).describe(document);
    Offered::new(&DEPARTMENTS, Offers::Changes).describe(document);
}

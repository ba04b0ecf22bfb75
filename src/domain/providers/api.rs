//! Those who give care, over HTTP.

use actix_web::web::ServiceConfig;

use super::{LOCATIONS, ORGANIZATIONS, PRACTITIONERS};
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of organizations, practitioners and locations.
pub fn mount(config: &mut ServiceConfig) {
    for resource in [&ORGANIZATIONS, &PRACTITIONERS, &LOCATIONS] {
        mount_resource(config, resource, Offers::Changes);
    }
}

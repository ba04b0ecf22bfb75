//! Sites over HTTP.

use actix_web::web::ServiceConfig;

use super::FACILITIES;
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of sites.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &FACILITIES, Offers::Changes);
}

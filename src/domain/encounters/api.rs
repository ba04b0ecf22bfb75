//! Visits over HTTP.

use actix_web::web::ServiceConfig;

use super::ENCOUNTERS;
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of visits.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &ENCOUNTERS, Offers::ClinicalChanges);
}

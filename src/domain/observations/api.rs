//! Observations over HTTP.

use actix_web::web::ServiceConfig;

use super::OBSERVATIONS;
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of observations.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &OBSERVATIONS, Offers::ClinicalChanges);
}

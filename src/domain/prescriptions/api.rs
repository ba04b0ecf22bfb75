//! Prescriptions over HTTP.

use actix_web::web::ServiceConfig;

use super::PRESCRIPTIONS;
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of prescriptions.
pub fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &PRESCRIPTIONS, Offers::ClinicalChanges);
}

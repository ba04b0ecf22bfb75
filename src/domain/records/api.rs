//! The lasting parts of a record over HTTP.

use actix_web::web::ServiceConfig;

use super::{ALLERGIES, CONDITIONS, IMMUNIZATIONS, PROCEDURES};
use crate::platform::resource::api::{Offers, mount as mount_resource};

/// Mounts the routes of conditions, allergies, procedures and immunizations.
pub fn mount(config: &mut ServiceConfig) {
    for resource in [&CONDITIONS, &ALLERGIES, &PROCEDURES, &IMMUNIZATIONS] {
        mount_resource(config, resource, Offers::ClinicalChanges);
    }
}

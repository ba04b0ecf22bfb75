//! Notifications over HTTP: what there is, how each person wants to be told, how mail goes out,
//! and the channels of the house.
mod channels;
mod mail;
mod own;

use actix_web::web::ServiceConfig;

use super::resource::NOTIFICATIONS;
use crate::platform::ledger::Touch;
use crate::platform::resource::api as common;
use crate::vocab::id::Kind;

/// How messages are sent, in audit rows.
const SENDING: Kind = Kind::new("notification_sending", "nts");

/// Mounts them.
pub fn mount(config: &mut ServiceConfig) {
    mail::mount(config);
    channels::mount(config);
    own::mount(config);
    common::mount(config, &NOTIFICATIONS, common::Offers::Reads);
}

/// `id` is 1 for mail and 2 for channels.
fn touch(id: i64, event: &'static str) -> Touch {
    Touch { kind: SENDING, id, patient: None, event }
}

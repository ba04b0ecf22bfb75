//! Notifications as the API shows them.

use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Child, Column, Occasion, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// Something that somebody has to know.
pub const NOTIFICATION: Kind = Kind::new("notification", "ntf");

/// The words of `notification.state`.
pub const STATES: [&str; 2] = ["open", "over"];
/// The words of `notification.severity`, the graver last.
pub const SEVERITIES: [&str; 2] = ["warning", "critical"];
/// The words of `notification_delivery.event`.
pub const EVENTS: [&str; 4] = ["raised", "worse", "over", "test"];
/// The words of `notification_delivery.outcome`.
pub const OUTCOMES: [&str; 2] = ["sent", "dropped"];
/// Deliveries that are shown of one notification.
const DELIVERIES_MAX: usize = 2_000;

/// Notifications.
pub static NOTIFICATIONS: Resource = Resource {
    kind: NOTIFICATION,
    path: "notifications",
    table: "notification",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "told_at", descending: true },
    columns: &[
        Column::text("subject").required().read_only(),
        Column::words("state", &STATES).required().read_only().filter(),
        Column::words("severity", &SEVERITIES).required().read_only(),
        Column::text("words").required().read_only(),
        Column::json("facts").required(),
        Column::int("times", 1, i64::MAX).required().read_only(),
        Column::time("raised_at").required(),
        Column::time("last_at").required(),
        Column::time("over_at"),
        Column::time("told_at").required().sort(),
    ],
    children: &[Child {
        name: "deliveries",
        table: "notification_delivery",
        owner: "notification_id",
        columns: &[
            Column::text("name").required().read_only(),
            Column::words("event", &EVENTS).required().read_only(),
            Column::time("due_at").required(),
            Column::time("ended_at"),
            Column::words("outcome", &OUTCOMES).read_only(),
        ],
        most: DELIVERIES_MAX,
        plain: false,
    }],
    parents: &[],
    prepare: nothing,
};

fn nothing(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

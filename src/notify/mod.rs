//! Tells people what they have to know: on screen at once, by mail, and to the chat or the pager
//! of the hospital.
//!
//! Owns `notification`, `notification_delivery`, `notification_preference` and the `setting`s
//! `mail…` and `notification_channels…`. [`raise`](mod@raise) says in the transaction of whoever
//! knows it that something is wrong, or over; one thing is open once, however often it is said.
//! [`recipients`] are who is told and when, each in their language ([`words`]); [`deliver`] is the
//! job that sends what waits for one of them in a single message, until it got there: by [`mail`]
//! or to a [`channel`]; [`shout`] is what is left when the store takes nothing. [`digest`] is the
//! letter that comes also when nothing is wrong. [`failing`] listens for jobs that come to nothing.
//! Permissions: `system.read`, `system.write`.
pub mod api;
pub mod channel;
pub mod deliver;
mod describe;
pub mod digest;
pub mod error;
pub mod failing;
pub mod mail;
pub mod message;
pub mod preference;
pub mod raise;
pub mod recipients;
pub mod resource;
pub mod shout;
mod ways;
pub mod words;

pub use describe::describe;
pub use error::NotifyError;
pub use raise::{Raised, Severity, over, raise};
pub use resource::{NOTIFICATION, NOTIFICATIONS};
pub use shout::Shout;

#[cfg(test)]
mod tests;

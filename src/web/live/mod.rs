//! The live channel: tells open screens over a WebSocket that something they show has changed.
//!
//! A message names a topic, a kind, an opaque id and what happened, never a value: whoever
//! wants to see it asks the API, which authorizes and audits. [`hub`] knows who follows what
//! and hands each notice to them, [`line`] is the bounded queue of one client, [`protocol`] is
//! what the two sides say, [`handshake`] lets in, [`socket`] is one connection,
//! [`flow`] how far its client is behind. What topics exist and what was missed is asked of a
//! [`Feed`]: the kit knows no patient.
//!
//! **Bounds.** A client has a queue of [`line::QUEUE_MAX`] notices; when it is full, it is told
//! once to fetch anew (`resync`), and if it does not take even that, it is closed (4408). No
//! more is sent than [`flow::WINDOW`] bytes beyond what the client has confirmed, so neither
//! the system's buffers nor a dead peer can hold more. Messages of clients are bounded in size,
//! rate, and count of topics.
//!
//! **Invariant:** the `seq` of a message is the place to resume from once it was received:
//! everything up to it that this client follows was sent before.
pub mod flow;
pub mod handshake;
pub mod hub;
pub mod line;
pub mod protocol;
pub mod socket;

#[cfg(test)]
mod tests;

use super::Failure;
use crate::vocab::actor::Actor;
use crate::vocab::problem::ProblemKind;

pub use handshake::open;
pub use hub::{Bounds, Doubt, Hub, Notice};
pub use line::Whose;

type PermissionOf = dyn Fn(&str) -> Option<&'static str> + Send + Sync;
type Admits = dyn Fn(&Actor, Whose) -> bool + Send + Sync;
type Subject = dyn Fn(&str) -> Option<i64> + Send + Sync;
type Missed = dyn Fn(i64, i64) -> Result<Option<Vec<Notice>>, Failure> + Send + Sync;

/// What the rooms above know of topics.
pub struct Feed {
    /// The permission without which nobody follows the topic; `None` if there is no such topic.
    pub permission: Box<PermissionOf>,
    /// The patient whom the topic is about, if it is about one.
    pub subject: Box<Subject>,
    /// Whether the actor may be told that something happened to the patient.
    pub admits: Box<Admits>,
    /// What happened after the first number up to the second; `None` if that is too much or not
    /// kept any more.
    pub missed: Box<Missed>,
    /// The present, RFC 3339.
    pub now: Box<dyn Fn() -> String + Send + Sync>,
    /// The hash of the UI that this program serves.
    pub ui: &'static str,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("ui", &self.ui).finish_non_exhaustive()
    }
}

impl Feed {
    /// Whether `actor` may follow `topic`; the permission that is lacking.
    ///
    /// # Errors
    /// `live.topic`: there is no such topic.
    pub fn lacking(&self, actor: &Actor, topic: &str) -> Result<Option<&'static str>, Failure> {
        let permission = (self.permission)(topic).ok_or_else(|| {
            let detail = "There is no such topic. Follow patient:<id>, or the name of a list \
                 like patients.";
            Failure::new("live.topic", ProblemKind::Invalid, detail)
        })?;
        Ok(Some(permission).filter(|permission| !actor.may(permission)))
    }
}

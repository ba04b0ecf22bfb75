//! What happened, told to whoever listens.
//!
//! A change writes its events in its own transaction ([`outbox::append`], called by the
//! ledger). [`Listeners`] hands them to each listener on a thread of its own: all of them, in
//! the order of the commits, at least once, also after a crash. [`outbox::prune`] clears away
//! what every listener has passed and nobody can resume from any more.
//!
//! **Invariant:** a number of the outbox is never given twice, and kept rows have no gaps:
//! whoever has come to row n has missed nothing if row n + 1 is kept or was never written.
mod listeners;
pub mod outbox;

pub use listeners::{Cause, Listener, ListenerStatus, Listeners, Place, Stopping};
pub use outbox::Event;

#[cfg(test)]
mod tests;

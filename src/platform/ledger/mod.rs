//! The ledger: every read and change of a patient goes through [`Desk`], which writes the audit
//! row and the event itself. A room that forgets them cannot be written.
//!
//! A change is one closure over a [`Work`]. What it touched becomes audit and outbox rows in
//! the same savepoint. A read reserves its place in the audit queue first and runs after: when
//! the queue is full, reads wait; no row is dropped. Who is refused hears it when the row of that
//! is durable. Rows that the store cannot take wait in the spool; refusals that find the queue
//! full are counted and written as one row, and so are views that are repeated within a minute.
//! Whose record it is, is asked of the [`Warden`]: in the transaction of a read before its value
//! leaves, and before a change is made.
//!
//! [`custody`] proves that the audit is whole, and moves what is old into archives and back.
pub mod audit;
pub mod browse;
pub mod chain;
pub mod custody;
mod desk;
mod error;
mod folded;
mod idempotency;
mod journal;
mod queue;
mod repeats;
pub mod rows;
mod scribe;
mod spool;
mod warden;
mod work;

pub use audit::{Entry, Seen, Shown};
pub use custody::Custodian;
pub use desk::Desk;
pub use error::RecordError;
pub use idempotency::{Created, KeyedRequest};
pub use queue::AuditState;
pub use rows::AuditRow;
pub use warden::{Emergency, OutOfReach, Sight, Standing, Warden};
pub use work::{Touch, Work};

#[cfg(test)]
mod tests;

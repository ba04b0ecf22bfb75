//! The audit as people read it: a list with filters, the story of one patient, files to take
//! along, and what is done to keep it.
//!
//! The rows belong to [`crate::platform::ledger`]; here they get words. Whoever reads the audit
//! leaves a row in it like anybody else.
mod api;
mod asked;
mod describe;
mod entry;
mod export;
mod keeping;
mod known;
mod story;

pub use api::mount;
pub use describe::describe;

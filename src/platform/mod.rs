//! Machinery that clinical rooms lean on.
//!
//! [`ledger`] is the only way to read or change a patient's record: it writes the audit row and
//! the event in the same transaction; [`events`] tells them to whoever listens. [`resource`] says
//! what a kind of record is, once. [`search`] finds people by what one types, [`cache`] keeps what
//! is looked up over and over, [`disk`] what is left off while the disk fills up.
pub mod cache;
pub mod disk;
pub mod events;
pub mod jobs;
pub mod ledger;
pub mod resource;
pub mod search;

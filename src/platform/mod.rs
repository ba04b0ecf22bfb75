//! platform: machinery that clinical rooms lean on.
pub mod search;

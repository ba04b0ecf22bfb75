//! The rules of the house that no compiler checks.

mod files;
mod page;
mod permissions;
mod rooms;
pub(crate) mod source;

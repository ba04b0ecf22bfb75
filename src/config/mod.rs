//! What the hospital has set, checked once and never changed while the program runs.
//!
//! [`keys`] is the one table of settings: name, flag, environment variable, default, what is
//! allowed. [`sources`] gathers what was given where (flags over environment over file over
//! defaults), [`value`] checks it, and [`Config`] is the outcome with typed fields and the
//! [`Origin`](sources::Origin) of each. [`machine`] asks what the container or the machine really
//! grants, [`sizing`] turns that into threads, caches and bounds. A wrong value is refused with
//! its key, its place and what is allowed; all of them are told at once. [`shown`] is what
//! readers get to see, [`tls`] how connections are protected.
pub mod keys;
pub mod value;
pub mod error;
pub mod file;
pub mod sources;
pub mod cgroup;
pub mod machine;
pub mod sizing;
pub mod shown;
mod checked;
mod nearest;
pub mod tls;
#[cfg(test)]
mod tests;

pub use checked::{Config, Effective, Limits};
pub use error::ConfigError;
pub use keys::Key;
pub use sources::{Flags, Origin, Sources};

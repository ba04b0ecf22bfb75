//! Watching: how the server does, in words and charts, what fills up, and who is told when
//! something is wrong.
//!
//! Owns `watch_sample`, `alert_rule`, `alert`, `alert_silence`. [`series`] lists what is measured;
//! [`sampler`] takes a sample of it every ten seconds, with what [`machine`] finds; [`rings`] keep
//! an hour, a day and a month, in memory and, once a minute, in the store ([`kept`]).
//! [`rules`] is the state machine of alerts, without a clock or a store; [`defaults`] are the
//! rules that there are; [`alarm`] asks them about each sample and notes what follows; [`tell`] is
//! the one place from which people are told. [`systems`] says how each system is, [`capacity`]
//! what is full first. [`watching`] is the thread. Permissions: `system.read`, `system.write`.
pub mod alarm;
pub mod api;
pub mod capacity;
pub mod defaults;
mod describe;
pub mod kept;
pub mod machine;
pub mod resource;
pub mod rings;
pub mod rules;
pub mod sampler;
pub mod series;
pub mod systems;
pub mod tell;
pub mod watching;

#[cfg(test)]
mod tests;

pub use describe::describe;
pub use resource::{ALERT_RULES, ALERT_SILENCES, ALERTS};
pub use sampler::Sources;
pub use watching::Watching;

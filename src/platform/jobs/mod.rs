//! What the server does in the background: a durable queue of jobs, and the clock that fills it.
//!
//! Owns `job`, `job_attempt` and `schedule`. A job is ordered in the transaction of whoever needs
//! it ([`queue::order`]), claimed by the one pool of the house ([`pool`]), and tried until it is
//! done or [`kind::JobKind::tries`] are used up: then it is dead and waits for somebody to look.
//! It is never run twice at once; after a crash it is run again, so what a kind does must bear
//! that. [`schedule`] orders by the hospital's clock. Permissions: `system.read`,
//! `system.write`.
pub mod api;
pub mod cron;
mod describe;
pub mod kind;
pub mod pool;
pub mod queue;
pub mod resource;
pub mod run;
pub mod schedule;

pub use describe::describe;
pub use kind::{Done, JobError, JobKind};
pub use pool::Jobs;
pub use queue::{NewJob, order};
pub use resource::{JOB, JOBS, SCHEDULE, SCHEDULES};
pub use run::Run;
pub use schedule::Default as DefaultSchedule;

#[cfg(test)]
mod tests;

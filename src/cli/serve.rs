//! `healthflow serve`: runs the server until it is told to stop.

use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::Config;

/// Serves with `config`.
pub(super) fn run(_config: &Config, _output: &Output) -> Result<Ended, Failure> {
    Err(Failure::new("cli.not_built", "This build of HealthFlow cannot serve yet."))
}

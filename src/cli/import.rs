//! `healthflow import`: takes in patients and records from files.

use super::arguments::ImportArguments;
use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::Config;

/// Imports what `asked` names into the data folder of `config`.
pub(super) fn run(
    _config: &Config,
    _asked: &ImportArguments,
    _output: &Output,
) -> Result<Ended, Failure> {
    Err(Failure::new("cli.not_built", "This build of HealthFlow cannot import yet."))
}

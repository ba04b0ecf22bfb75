//! `healthflow init`: makes the data folder and, if told how, sets the hospital up.

use super::arguments::InitArguments;
use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::Config;

/// Sets up in the data folder of `config` what `asked` says.
pub(super) fn run(
    _config: &Config,
    _asked: &InitArguments,
    _output: &Output,
) -> Result<Ended, Failure> {
    Err(Failure::new("cli.not_built", "This build of HealthFlow cannot set a hospital up yet."))
}

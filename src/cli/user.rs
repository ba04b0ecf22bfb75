//! `healthflow user`: the people who may sign in.

use super::arguments::UserCommand;
use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::Config;

/// Does to the users of the data folder of `config` what `asked` says.
pub(super) fn run(
    _config: &Config,
    _asked: &UserCommand,
    _output: &Output,
) -> Result<Ended, Failure> {
    Err(Failure::new("cli.not_built", "This build of HealthFlow has no users yet."))
}

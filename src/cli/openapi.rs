//! `healthflow openapi`: the description of the API, as the server gives it.

use super::failure::{Ended, Failure};
use super::output::Output;
use crate::server::openapi;

/// Prints the document and nothing else, in the same form with `--json` as without: it is what
/// other programs read.
pub(super) fn run(output: &Output) -> Result<Ended, Failure> {
    output.text(&openapi::pretty())?;
    Ok(Ended::Well)
}

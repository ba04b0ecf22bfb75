//! Whether there is a hospital where the command was pointed to. A mistyped path must not
//! quietly become a new hospital: only `serve` and `init` make the folder.

use super::failure::Failure;
use super::output::Output;
use crate::config::Config;
use crate::server::doctor::{absence, names};
use crate::store::{Place, hospitals_near};

/// For commands on a hospital that is there.
///
/// # Errors
/// There is none, and how to mend it.
pub(super) fn demand_hospital(config: &Config) -> Result<(), Failure> {
    match absence(config) {
        None => Ok(()),
        Some(absence) => Err(Failure::new("cli.no_hospital", absence.to_string())),
    }
}

/// For the command that may also be the first in a folder that somebody has made ready: an
/// empty folder that is there is no slip of the pen.
///
/// # Errors
/// There is neither a hospital nor an empty folder, and how to mend it.
pub(super) fn demand_hospital_or_empty(config: &Config, output: &Output) -> Result<(), Failure> {
    match Place::of(&config.data) {
        Place::Empty => {
            announce_new(config, output);
            Ok(())
        }
        _ => demand_hospital(config),
    }
}

/// What to say of a hospital that begins with this command: nothing if there is one already,
/// else that it is new, and what hints at another one being meant. Call it before anything is
/// made.
pub(super) fn beginning(config: &Config) -> Option<Vec<String>> {
    let place = Place::of(&config.data);
    // What is closed is refused at the opening, in words of its own.
    if matches!(place, Place::Hospital | Place::Closed) {
        return None;
    }
    let shown = config.data.display();
    let mut hints = Vec::new();
    if place == Place::Other {
        hints.push(format!(
            "A new, empty hospital begins in {shown}, which also holds other files. Is it the \
             right folder?"
        ));
    }
    let near = hospitals_near(&config.data);
    if !near.is_empty() {
        hints.push(format!(
            "A new, empty hospital begins in {shown}, and there is one in {}. If that one is \
             meant, stop this and give its path with --data.",
            names(&near)
        ));
    }
    Some(hints)
}

/// Says to people that a new hospital begins, and to everybody what hints at another one.
pub(super) fn announce_new(config: &Config, output: &Output) {
    let Some(hints) = beginning(config) else { return };
    output.note(&format!("A new, empty hospital in {}.", config.data.display()));
    for hint in hints {
        output.warning(&hint);
    }
}

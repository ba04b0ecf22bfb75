//! Whether there is a hospital where the command was pointed to. A mistyped path must not
//! quietly become a new hospital: only `serve` and `init` make the folder.

use std::path::PathBuf;

use super::failure::Failure;
use super::output::Output;
use crate::config::{Config, Key, Origin};
use crate::store::{Place, hospitals_near};

/// For commands on a hospital that is there.
///
/// # Errors
/// There is none, and how to mend it.
pub(super) fn demand_hospital(config: &Config) -> Result<(), Failure> {
    match absence(config) {
        None => Ok(()),
        Some(words) => Err(Failure::new("cli.no_hospital", words)),
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

/// That there is no hospital, where was looked, and the mend; `None` if there is one.
pub(super) fn absence(config: &Config) -> Option<String> {
    let why = match Place::of(&config.data) {
        Place::Hospital => return None,
        Place::Missing => "the folder is not there",
        Place::Empty => "the folder is empty",
        Place::Other => "something else is in its place",
    };
    let shown = config.data.display();
    let meant = match hospitals_near(&config.data).as_slice() {
        [] => String::new(),
        near => format!(" There is one in {}.", names(near)),
    };
    Some(format!(
        "There is no hospital in {shown} ({}): {why}.{meant} Check the path, or begin a new \
         hospital there with healthflow init or healthflow serve.",
        origin(config)
    ))
}

/// Says plainly that a new hospital begins, and warns if another one may have been meant; true
/// if one begins. For commands that make it; call it before anything is made.
pub(super) fn announce_new(config: &Config, output: &Output) -> bool {
    let place = Place::of(&config.data);
    // What is no folder is refused at the opening, in words of its own.
    if place == Place::Hospital || (place == Place::Other && !config.data.is_dir()) {
        return false;
    }
    let shown = config.data.display();
    output.note(&format!("A new, empty hospital in {shown} ({}).", origin(config)));
    if place == Place::Other {
        output.warning(&format!("{shown} also holds other files. Is it the right folder?"));
    }
    let near = hospitals_near(&config.data);
    if !near.is_empty() {
        output.warning(&format!(
            "A new, empty hospital begins in {shown}, and there is one with a name like it in \
             {}. If that one is meant, stop this and give its path with --data.",
            names(&near)
        ));
    }
    true
}

fn names(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| folder.display().to_string());
    shown.collect::<Vec<_>>().join(" and ")
}

fn origin(config: &Config) -> String {
    match config.origin(Key::Data) {
        Origin::Default => "the default; --data names another".to_owned(),
        origin => origin.to_string(),
    }
}

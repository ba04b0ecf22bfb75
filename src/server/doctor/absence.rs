//! That there is no hospital where one was looked for, and where there may be one.

use std::path::PathBuf;

use crate::backup::standby::is_standby;
use crate::config::{Config, Key, Origin};
use crate::store::{Place, hospitals_near};

/// No hospital where one was looked for.
#[derive(Debug)]
pub struct Absence {
    /// What was found, and where.
    pub found: String,
    /// What to do about it.
    pub mend: String,
}

impl std::fmt::Display for Absence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.found, self.mend)
    }
}

/// That there is no hospital in the data folder; `None` if there is one.
#[must_use]
pub fn absence(config: &Config) -> Option<Absence> {
    let place = Place::of(&config.data);
    let why = match place {
        Place::Hospital => return None,
        Place::Missing => "the folder is not there",
        Place::Empty => "the folder is empty",
        _ if is_standby(&config.data) => "it is a standby",
        Place::Other => "something else is in the folder",
        Place::Closed if config.data.is_file() => "that is a file",
        Place::Closed => "the folder cannot be looked at by this user",
    };
    let found =
        format!("There is no hospital in {} ({}): {why}.", config.data.display(), origin(config));
    let mend = match hospitals_near(&config.data).as_slice() {
        _ if is_standby(&config.data) => {
            "Make it the hospital first: healthflow promote --from PLACE.".to_owned()
        }
        [] if place == Place::Closed => "Check the path, and who may look there.".to_owned(),
        [] => "Check the path. If it is right and you are beginning: healthflow serve makes a \
               new hospital there."
            .to_owned(),
        near => format!("Check the path: there is one in {}.", names(near)),
    };
    Some(Absence { found, mend })
}

/// Paths, joined by "and".
#[must_use]
pub fn names(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| folder.display().to_string());
    shown.collect::<Vec<_>>().join(" and ")
}

fn origin(config: &Config) -> String {
    match config.origin(Key::Data) {
        Origin::Default => "the default; --data names another".to_owned(),
        origin => origin.to_string(),
    }
}

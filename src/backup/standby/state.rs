//! What a standby knows of itself, in `standby.json` of its data folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::backup::error::BackupError;
use crate::backup::log_file::Spot;
use crate::backup::manifest::InLog;
use crate::store::{DATABASE, LogPlace, write_whole};

/// The file.
const FILE: &str = "standby.json";
/// The folder of what was laid.
const FOLDER: &str = "standby";

/// How far a standby is. Written whole after each step, so that a kill at any moment goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which hospital's it is.
    pub hospital: String,
    /// What it follows, in words.
    pub place: String,
    /// The backup that was laid.
    pub backup: String,
    /// What belongs to it beside the database.
    pub files: Vec<String>,
    /// Which of the folders of what was laid is in force.
    pub laid: u64,
    /// Where the backup stands in the log.
    pub log: InLog,
    /// Where the next record is looked for.
    pub spot: Spot,
    /// Where what was taken of the log ends; none before its beginning was found.
    pub end: Option<LogPlace>,
    /// How far the database was brought, or may have been.
    pub replayed: Option<LogPlace>,
    /// The moment of the last record that was taken, microseconds UTC.
    pub reached: i64,
    /// When all that was at the target was taken last, microseconds UTC.
    pub checked_at: i64,
    /// The epoch of the mark of the target.
    pub epoch: u64,
    /// Why it does not go on, in words.
    #[serde(default)]
    pub trouble: Option<String>,
    /// Whether it is being put into the place of the hospital.
    #[serde(default)]
    pub is_placing: bool,
}

impl State {
    /// That of the data folder `data`, if it has one that can be read.
    #[must_use]
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(data.join(FILE)).ok()?).ok()
    }

    /// Notes it in `data`.
    ///
    /// # Errors
    /// What the system says.
    pub(in crate::backup) fn write(&self, data: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Ok(write_whole(&data.join(FILE), &text)?)
    }

    /// The folder of what was laid.
    pub(in crate::backup) fn folder(&self, data: &Path) -> PathBuf {
        folder_of(data, self.laid)
    }

    /// Whether what was laid and taken is a whole database: the copy was made while the log went
    /// on.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| self.log.until <= end && self.replayed <= Some(end))
    }
}

/// Whether the data folder `data` is that of a standby that was not promoted.
#[must_use]
pub fn is_standby(data: &Path) -> bool {
    let has_database = fs::symlink_metadata(data.join(DATABASE)).is_ok_and(|it| it.len() != 0);
    data.join(FILE).exists() && !has_database
}

/// The folder `number` of what was laid.
pub(super) fn folder_of(data: &Path, number: u64) -> PathBuf {
    data.join(FOLDER).join(number.to_string())
}

/// Takes away what was laid and is not `in_force`.
pub(super) fn clear_but(data: &Path, in_force: Option<u64>) -> Result<(), BackupError> {
    let kept = in_force.map(|number| number.to_string());
    for entry in fs::read_dir(data.join(FOLDER)).into_iter().flatten().flatten() {
        if entry.file_name().to_str() != kept.as_deref() {
            fs::remove_dir_all(entry.path()).map_err(BackupError::io("clear an old copy away"))?;
        }
    }
    Ok(())
}

/// Takes away all that made `data` a standby.
///
/// # Errors
/// What the system says.
pub(in crate::backup) fn forget(data: &Path) -> Result<(), BackupError> {
    clear_but(data, None)?;
    let gone = |outcome: std::io::Result<()>| match outcome {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    };
    let forgotten = gone(fs::remove_file(data.join(FILE)));
    let forgotten = forgotten.and_then(|()| gone(fs::remove_dir(data.join(FOLDER))));
    forgotten.map_err(BackupError::io("end a standby"))
}

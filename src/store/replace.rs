//! Puts another database in the place of the one in a data folder that nobody has open: for a
//! restore. What was there is kept; ended anywhere in between, no start takes the folder for a
//! new hospital.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::folder::{self, DATABASE, Folder, RUNNING};
use super::wal;

/// A data folder that is held, so that no server starts on it meanwhile.
#[derive(Debug)]
pub struct Held(Folder);

/// Holds the data folder `data`, which is made if it is not there.
///
/// # Errors
/// [`StoreError::Locked`] while a server uses it; as [`super::Store::open`] for a folder that
/// cannot be used.
pub fn hold(data: &Path) -> Result<Held, StoreError> {
    Folder::take(data).map(Held)
}

impl Held {
    /// Whether there is a database in it, or one was in use and is gone.
    #[must_use]
    pub fn has_database(&self) -> bool {
        let there = fs::symlink_metadata(self.0.database()).is_ok_and(|found| found.len() != 0);
        there || self.0.was_unclean()
    }

    /// Bytes that its volume has for us, where that can be asked.
    ///
    /// # Errors
    /// What the system says.
    pub fn free(&self) -> Result<Option<u64>, StoreError> {
        folder::free_bytes(self.0.path()).map(|free| Some(free).filter(|free| *free != u64::MAX))
    }

    /// Puts the database of the folder `from` into its place. The one that was there goes into
    /// the folder `kept`, with its log. Both are on the volume of the data folder. `between` puts
    /// what goes with the database into its place: until all is done, no server starts here.
    ///
    /// # Errors
    /// What `between` says; [`StoreError::Io`]. Called again it goes on where it was.
    pub fn replace<E: From<StoreError>>(
        &self,
        from: &Path,
        kept: &Path,
        between: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let (data, database) = (self.0.path(), self.0.database());
        // Whoever starts in between hears that a database is missing, and makes none.
        self.0.is_running(None)?;
        let mut log_index = database.clone().into_os_string();
        log_index.push("-shm");
        for old in [database.clone(), wal::log_file(&database)] {
            let name = old.file_name().unwrap_or_default();
            move_if_there(&old, &kept.join(name))?;
        }
        // Made anew by whoever opens it.
        remove_if_there(&PathBuf::from(log_index))?;
        folder::sync_folder(kept)?;
        between()?;
        let coming = from.join(DATABASE);
        move_if_there(&wal::log_file(&coming), &wal::log_file(&database))?;
        move_if_there(&coming, &database)?;
        folder::sync_folder(data)?;
        remove_if_there(&data.join(RUNNING))?;
        Ok(folder::sync_folder(data)?)
    }
}

/// Moves the file at `from` to `to` on the same volume, if it is there.
///
/// # Errors
/// [`StoreError::Io`].
pub fn move_if_there(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::rename(from, to) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io(format!("move {}", from.display()), &cause))
        }
        _ => Ok(()),
    }
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io(format!("remove {}", path.display()), &cause))
        }
        _ => Ok(()),
    }
}

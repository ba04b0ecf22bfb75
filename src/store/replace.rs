//! Puts another database in the place of the one in a data folder that nobody has open: for a
//! restore. What was there is kept; ended anywhere in between, no start takes the folder for a
//! new hospital.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::folder::{self, DATABASE, Folder, RUNNING};
use super::wal;

/// With what the folders begin that keep what was there before a restore.
pub const KEPT: &str = "before-restore-";
/// Where a running server lays what is to take its place.
pub const READY: &str = "restore-ready";

/// Whether a restore was in the middle of its work in the data folder `data`, whose database is
/// gone: the folder with what was there before, if something was.
pub(super) fn interrupted(data: &Path) -> Option<Option<PathBuf>> {
    let folders = fs::read_dir(data).into_iter().flatten().filter_map(Result::ok);
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(KEPT)) && path.join(DATABASE).exists()
    };
    let kept = folders.map(|folder| folder.path()).filter(is_kept).max();
    let laid = || data.join(READY).join(DATABASE).exists();
    (kept.is_some() || laid()).then_some(kept)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::scratch::ScratchFolder;
    use crate::store::{Store, StoreOptions};
    use crate::vocab::clock::SystemClock;

    fn start(data: &Path) -> Result<Store, StoreError> {
        Store::open(StoreOptions::new(data), std::sync::Arc::new(SystemClock))
    }

    #[test]
    fn a_start_in_the_middle_of_a_restore_says_so_and_where_everything_is() {
        let (data, other) = (ScratchFolder::new(), ScratchFolder::new());
        for folder in [&data, &other] {
            start(&folder.0).unwrap().close();
        }
        let laid = data.0.join(READY);
        fs::create_dir(&laid).unwrap();
        fs::copy(other.0.join(DATABASE), laid.join(DATABASE)).unwrap();
        let kept = data.0.join(format!("{KEPT}20260101T000000Z"));
        fs::create_dir(&kept).unwrap();
        let held = hold(&data.0).unwrap();
        let killed = || Err(StoreError::Closed);
        held.replace(&laid, &kept, killed).unwrap_err();
        drop(held);
        let told = start(&data.0).map(drop).unwrap_err();
        assert_eq!(
            told,
            StoreError::Interrupted { folder: data.0.clone(), kept: Some(kept.clone()) }
        );
        let words = told.to_string();
        for part in ["interrupted", &kept.display().to_string(), "restore --replace", "move"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        // Nothing was there before.
        fs::remove_dir_all(&kept).unwrap();
        let told = start(&data.0).map(drop).unwrap_err();
        assert_eq!(told, StoreError::Interrupted { folder: data.0.clone(), kept: None });
        // Without any trace of one it is a database that is gone.
        fs::remove_dir_all(&laid).unwrap();
        assert!(start(&data.0).map(drop).unwrap_err().is_damage());
    }
}

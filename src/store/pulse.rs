//! The sign of life of an open store: how far it has come, and that its file is still its own.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::StoreError;

/// How exactly it can be told when an idle program was last alive.
const PULSE: Duration = Duration::from_secs(60);
/// How exactly it is known how far the program had come.
const LOOK: Duration = Duration::from_secs(1);

/// Dates the mark of a running store once a minute, so that after a failure it can be told when
/// the program was last alive, however little was written; and notes once a second how far it
/// has come.
#[derive(Debug)]
pub(super) struct Pulse {
    marker: PathBuf,
    database: PathBuf,
    /// Which file the database was at the opening.
    identity: Option<(u64, u64)>,
    beat_at: Instant,
    looked_at: Instant,
    newest: Option<i64>,
}

impl Pulse {
    /// Of the mark `marker` and the file `database`, whose newest audit row is `newest`.
    pub(super) fn new(marker: PathBuf, database: PathBuf, newest: Option<i64>) -> Self {
        let (now, identity) = (Instant::now(), identity(&database));
        Self { marker, database, identity, beat_at: now, looked_at: now, newest }
    }

    /// Does nothing until its time has come; then asks for the newest audit row.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the file of the database is gone or is another one: what is
    /// written from then on would have no name, and nobody could open it.
    pub(super) fn beat(&mut self, newest: impl FnOnce() -> Option<i64>) -> Result<(), StoreError> {
        if self.looked_at.elapsed() < LOOK {
            return Ok(());
        }
        self.looked_at = Instant::now();
        if identity(&self.database) != self.identity {
            let detail = "it was removed or replaced while HealthFlow has it open; put it back \
                          before HealthFlow is stopped or started"
                .to_owned();
            return Err(StoreError::Damaged { file: self.database.clone(), detail });
        }
        let newest = newest();
        if newest == self.newest && self.beat_at.elapsed() < PULSE {
            return Ok(());
        }
        (self.beat_at, self.newest) = (Instant::now(), newest);
        let file = OpenOptions::new().write(true).open(&self.marker);
        // On a full disk the date stays behind, which harms nobody.
        let _ = file.and_then(|file| note(file, newest));
        Ok(())
    }
}

/// Which file stands at `path`, whatever its name; always the same where that cannot be told.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<(u64, u64)> {
    path.exists().then_some((0, 0))
}

/// Writes this process and the number of the newest audit row, in place.
pub(super) fn note(mut file: File, newest: Option<i64>) -> std::io::Result<()> {
    let newest = newest.map(|number| number.to_string()).unwrap_or_default();
    let text = format!("{}\n{newest}\n", std::process::id());
    file.write_all(text.as_bytes())?;
    file.set_len(u64::try_from(text.len()).unwrap_or(0))
}

/// The number that [`note`] wrote.
pub(super) fn noted(marker: &Path) -> Option<i64> {
    std::fs::read_to_string(marker).ok()?.lines().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::folder::{Folder, RUNNING};
    use super::*;

    #[test]
    fn the_mark_of_a_running_store_is_dated_now_and_then_and_never_made_again() {
        let scratch = crate::store::scratch::ScratchFolder::new();
        let folder = Folder::take(&scratch.0).unwrap();
        folder.is_running(Some(7)).unwrap();
        let marker = scratch.0.join(RUNNING);
        let date = || std::fs::metadata(&marker).unwrap().modified().unwrap();
        let long_ago = date() - Duration::from_secs(3_600);
        let beat = |since: Duration, newest: Option<i64>| {
            let mut pulse = folder.pulse(Some(7));
            let then = Instant::now().checked_sub(since).unwrap();
            (pulse.beat_at, pulse.looked_at) = (then, then);
            pulse.beat(|| newest).unwrap();
        };
        File::options().write(true).open(&marker).unwrap().set_modified(long_ago).unwrap();
        beat(PULSE / 2, Some(7));
        beat(LOOK / 2, Some(8));
        assert_eq!((date(), noted(&marker)), (long_ago, Some(7)));
        beat(LOOK, Some(12));
        assert!(long_ago < date());
        assert_eq!(noted(&marker), Some(12));
        File::options().write(true).open(&marker).unwrap().set_modified(long_ago).unwrap();
        beat(PULSE, Some(7));
        assert!(long_ago < date());
        folder.is_clean();
        beat(PULSE, Some(9));
        assert!(!marker.exists(), "a store that was closed in order stays so");
    }
}

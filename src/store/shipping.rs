//! The log for whoever takes it to another disk, and what was taken back into a database.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::connection;
use super::error::StoreError;
use super::keeper::{self, Keeper, LogPiece, LogPlace};
use super::options::StoreOptions;
use super::shared::Shared;
use super::{DATABASE, Store, deadline, wal};

/// Bytes of the header of a log, and of each frame.
const HEADER: u64 = 32;
const FRAME: u64 = connection::PAGE_BYTES + 24;

/// Goes on keeping the log of a store that was opened just now, if an earlier run has; before
/// anything is written.
pub(super) fn resume(shared: &Shared, newest: Option<i64>) -> Result<(), StoreError> {
    let Some(mut keeper) = Keeper::resume(&shared.options.folder, newest)? else { return Ok(()) };
    keeper.pin(shared)?;
    *shared.keeper() = Some(keeper);
    Ok(())
}

impl Store {
    /// Keeps the log from now on, until [`Store::forget_log`], also across starts. True if it was
    /// not kept before: what was written until now is in no piece, so that a copy has to be made.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::DiskFull`].
    pub fn keep_log(&self) -> Result<bool, StoreError> {
        let shared = &self.inner.shared;
        let mut keeper = shared.keeper();
        if keeper.is_some() || shared.is_closed() {
            return Ok(false);
        }
        *keeper = Some(Keeper::begin(&shared.options.folder, shared)?);
        Ok(true)
    }

    /// Whether the log is kept.
    #[must_use]
    pub fn keeps_log(&self) -> bool {
        self.inner.shared.keeper().is_some()
    }

    /// Keeps the log no longer.
    pub fn forget_log(&self) {
        if self.inner.shared.keeper().take().is_some() {
            keeper::forget(&self.inner.shared.options.folder);
        }
    }

    /// The next bytes of the log that nobody has taken, about `most` at most; they stay until
    /// [`Store::took_log`]. Nothing if all is taken or it is not kept. What is committed is in
    /// there within moments; pieces end with a commit, but for very large ones.
    ///
    /// # Errors
    /// [`StoreError::Io`]: also if the log has a gap, and then it is kept no longer.
    pub fn next_of_log(&self, most: u64) -> Result<Option<LogPiece>, StoreError> {
        let shared = &self.inner.shared;
        let mut kept = shared.keeper();
        let Some(keeper) = kept.as_mut() else { return Ok(None) };
        if shared.is_closed() {
            return Err(StoreError::Closed);
        }
        keeper.next(shared, most).inspect_err(|_| {
            *kept = None;
            keeper::forget(&shared.options.folder);
        })
    }

    /// Somebody has `piece` durably.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::DiskFull`].
    pub fn took_log(&self, piece: &LogPiece) -> Result<(), StoreError> {
        let mut keeper = self.inner.shared.keeper();
        keeper.as_mut().map_or(Ok(()), |keeper| keeper.taken(piece))
    }

    /// Bytes of the log that nobody has taken, about.
    #[must_use]
    pub fn log_behind(&self) -> u64 {
        let shared = &self.inner.shared;
        shared.keeper().as_ref().map_or(0, |keeper| keeper.behind(shared))
    }

    /// Where the log ends now, or a little after that; nothing if it is not kept.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn log_end(&self) -> Result<Option<LogPlace>, StoreError> {
        let shared = &self.inner.shared;
        shared.keeper().as_mut().map(|keeper| keeper.end(shared)).transpose()
    }
}

/// Has the engine replay the file `log`, one generation of a log from its header on, into the
/// database in `folder`, which nobody has open. The file is moved, without what no commit ends.
///
/// # Errors
/// [`StoreError::Damaged`] if the engine does not take all of it; [`StoreError::Io`].
pub fn replay(folder: &Path, log: &Path) -> Result<(), StoreError> {
    let database = folder.join(DATABASE);
    let place = wal::log_file(&database);
    let bytes = cut(log).map_err(|cause| StoreError::io("look at a log", &cause))?;
    let options = StoreOptions::new(folder);
    let no_end = std::sync::Arc::new(deadline::Deadline::new());
    // Opened once without the log, so that it says of itself that it has one.
    let conn = connection::open_writer(&database, &options, &no_end)?;
    connection::empty_log(&conn)?;
    drop(conn);
    fs::rename(log, &place).map_err(|cause| StoreError::io("move a log", &cause))?;
    let conn = connection::open_writer(&database, &options, &no_end)?;
    let frames = wal::frames_in(&conn)?;
    let whole = bytes.saturating_sub(HEADER) / FRAME;
    connection::empty_log(&conn)?;
    if frames != whole {
        let detail = format!("{frames} of {whole} frames of the shipped log are whole");
        return Err(StoreError::Damaged { file: place, detail });
    }
    Ok(())
}

/// Cuts `log` off behind its last commit; how many bytes it has then. A very large one comes in
/// several pieces, of which the last may not be there yet.
fn cut(log: &Path) -> std::io::Result<u64> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(log)?;
    let mut frames = file.metadata()?.len().saturating_sub(HEADER) / FRAME;
    while 0 < frames {
        // The pages of the database after the commit, in the frame that ends one.
        let mut pages = [0; 4];
        file.seek(SeekFrom::Start(HEADER + (frames - 1) * FRAME + 4))?;
        file.read_exact(&mut pages)?;
        if pages != [0; 4] {
            break;
        }
        frames -= 1;
    }
    let bytes = if frames == 0 { 0 } else { HEADER + frames * FRAME };
    file.set_len(bytes)?;
    Ok(bytes)
}

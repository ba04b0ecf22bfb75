//! A look into a store that nobody has open, which leaves no trace: for the doctor.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::connection;
use super::damage::Damage;
use super::deadline::Deadline;
use super::error::StoreError;
use super::folder::{DATABASE, RUNNING};
use super::missing::{self, Missing};
use super::tx::ReadTx;
use super::{copy, log_check, pulse, wal};

/// How long the look may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long it may take to look at every page.
const WHOLE: Duration = Duration::from_secs(120);

/// What `look` sees in the store of `folder`. `None` where there is none, or one that is in use
/// or did not end in order: part of it may lie in its log.
///
/// # Errors
/// What the engine or `look` says.
pub fn peek<T>(
    folder: &Path,
    look: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let file = folder.join(DATABASE);
    if folder.join(RUNNING).exists() || !std::fs::metadata(&file).is_ok_and(|it| it.len() != 0) {
        return Ok(None);
    }
    let deadline = Arc::new(Deadline::new());
    let Some(conn) = connection::open_still(&file, &deadline)? else { return Ok(None) };
    deadline.set(DEADLINE);
    conn.execute_batch("BEGIN").map_err(|error| StoreError::from_engine(error, &conn))?;
    let damage = Damage::default();
    look(&ReadTx::new(&conn, &deadline, &damage)).map(Some)
}

/// Size of the write-ahead log of the store in `folder`, whoever has it open; 0 if there is none.
#[must_use]
pub fn log_bytes(folder: &Path) -> u64 {
    wal::log_file_bytes(&folder.join(DATABASE))
}

/// What is wrong with the store of `folder`, which nobody has open: a page or a frame of its log
/// that was changed, or changes that were noted and are not there. `None` is as good as it can
/// be told without changing anything: what lies under an unfinished log is checked at the start.
///
/// # Errors
/// [`StoreError::Deadline`] if there was not time enough for all of it; what the system says.
pub fn flaw(folder: &Path, now: Timestamp) -> Result<Option<String>, StoreError> {
    let file = folder.join(DATABASE);
    let marker = folder.join(RUNNING);
    let is_unclean = marker.exists();
    if !std::fs::metadata(&file).is_ok_and(|it| it.len() != 0) {
        let gone = format!("{} was in use and is missing or empty", file.display());
        return Ok(is_unclean.then_some(gone));
    }
    if let Err(damaged) = log_check::check(&file) {
        return told(damaged);
    }
    if std::fs::metadata(wal::log_file(&file)).is_ok_and(|log| log.len() != 0) {
        return Ok(None);
    }
    let deadline = Arc::new(Deadline::new());
    let opened = connection::open_still(&file, &deadline);
    let conn = match opened {
        Ok(Some(conn)) => conn,
        Ok(None) => return Ok(None),
        Err(cause) => return told(cause),
    };
    deadline.set(WHOLE);
    if let Err(cause) = copy::check(&conn) {
        return told(cause);
    }
    let known = is_unclean.then(|| pulse::noted(&marker)).flatten();
    let found = missing::newest(&conn).unwrap_or(0);
    let lost = known.filter(|known| found < *known);
    Ok(lost.map(|known| Missing::noticed((known, found), now).to_string()))
}

fn told(cause: StoreError) -> Result<Option<String>, StoreError> {
    match cause {
        damaged @ StoreError::Damaged { .. } => Ok(Some(damaged.to_string())),
        cause => Err(cause),
    }
}

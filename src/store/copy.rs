//! Copies of the whole database, made and put back through the engine, never file by file: the
//! engine knows what of the write-ahead log belongs to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection;
use super::error::StoreError;
use super::folder;

const PAGES_PER_STEP: i32 = 4000;
/// Copies made before upgrades that are kept.
const KEPT: usize = 3;

/// Copies the database of `source` to the new file `target`: under a temporary name, checked,
/// made durable, then renamed.
///
/// # Errors
/// [`StoreError::DiskFull`], [`StoreError::Damaged`] if the copy does not check out, or
/// [`StoreError::Io`].
pub(super) fn copy_to(source: &Connection, target: &Path) -> Result<(), StoreError> {
    let partial = target.with_extension("partial");
    let outcome = copy_and_check(source, &partial);
    if outcome.is_err() {
        remove(&partial);
    }
    outcome?;
    std::fs::rename(&partial, target)
        .map_err(|error| StoreError::io(format!("rename {}", partial.display()), &error))?;
    target.parent().map_or(Ok(()), folder::sync_folder)
}

fn copy_and_check(source: &Connection, partial: &Path) -> Result<(), StoreError> {
    remove(partial);
    let mut copy = connection::open_copy(partial)?;
    folder::make_private(partial)?;
    copy_pages(source, &mut copy)?;
    // One file: the copy says of itself that it has a log, and there is none beside it.
    connection::ask::<String>(&copy, "PRAGMA journal_mode = DELETE")?;
    check(&copy)
}

/// Puts the copy at `source` back into the database of `target`, as one transaction.
///
/// # Errors
/// As [`copy_to`]; the database is then what it was before.
pub(super) fn put_back(source: &Path, target: &mut Connection) -> Result<(), StoreError> {
    let copy = connection::open_copy(source)?;
    check(&copy)?;
    copy_pages(&copy, target)
}

fn copy_pages(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    let outcome = (|| {
        let backup = Backup::new(from, to)?;
        loop {
            match backup.step(PAGES_PER_STEP)? {
                StepResult::Done => return Ok(()),
                StepResult::More => {}
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    })();
    outcome.map_err(|error| StoreError::from_engine(error, to))
}

/// Looks at every page of the database.
///
/// # Errors
/// [`StoreError::Damaged`] naming the first flaw, [`StoreError::Deadline`] if the connection has
/// one and the check did not end in time.
pub(super) fn check(conn: &Connection) -> Result<(), StoreError> {
    let found: String = connection::ask(conn, "PRAGMA quick_check(1)")?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged { file: conn.path().unwrap_or_default().into(), detail: found })
}

/// Removes all but the newest copies made before upgrades.
pub(super) fn thin_out(snapshots: &Path) {
    let mut copies: Vec<PathBuf> = folder::snapshots_in(snapshots);
    copies.truncate(copies.len().saturating_sub(KEPT));
    for old in copies {
        remove(&old);
    }
}

/// Removes the copy at `path`, if it is there.
pub(super) fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(store.cause = %error, "A copy could not be removed: {error}");
        }
        _ => {}
    }
}

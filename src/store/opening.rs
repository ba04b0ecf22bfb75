//! Opens the database only if it is ours and whole.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::connection::{self, APPLICATION_ID, PAGE_BYTES, ask};
use super::copy;
use super::deadline::Deadline;
use super::error::StoreError;
use super::folder::{self, Folder};
use super::log_check;
use super::options::StoreOptions;

/// Databases up to this size are looked at whole at every opening, larger ones only after the
/// program did not end in order: every page is looked at anyway when it is read.
const CHECKED_ALWAYS_MAX: u64 = 200 << 20;

/// The writer's connection to a database that was looked at.
///
/// # Errors
/// [`StoreError::Damaged`] or [`StoreError::Foreign`], naming the file.
pub(super) fn open_whole(
    folder: &Folder,
    options: &StoreOptions,
    deadline: &Arc<Deadline>,
) -> Result<Connection, StoreError> {
    let file = folder.database();
    open_checked(folder, options, deadline).map_err(|error| {
        if error.is_damage() && is_foreign(&file) {
            return StoreError::Foreign { file };
        }
        error
    })
}

fn open_checked(
    folder: &Folder,
    options: &StoreOptions,
    deadline: &Arc<Deadline>,
) -> Result<Connection, StoreError> {
    if folder.was_unclean() {
        log_check::check(&folder.database())?;
    }
    let conn = connection::open_writer(&folder.database(), options, deadline)?;
    folder::make_private(&folder.database())?;
    if folder.was_unclean() {
        // Leaves no frames of unfinished groups behind the end of the log, which a second
        // crash could take for finished ones.
        connection::empty_log(&conn)?;
    }
    let pages: i64 = ask(&conn, "PRAGMA page_count")?;
    let bytes = u64::try_from(pages).unwrap_or(0) * PAGE_BYTES;
    if CHECKED_ALWAYS_MAX < bytes && !folder.was_unclean() {
        return Ok(conn);
    }
    deadline.set(options.check_time_max);
    let outcome = copy::check(&conn);
    deadline.lift();
    match outcome {
        Err(StoreError::Deadline) => tracing::warn!(
            store.bytes = bytes,
            "The database was not looked at to its end before the start"
        ),
        outcome => outcome?,
    }
    Ok(conn)
}

/// Whether what looks damaged to us is another program's database: a look past the seals.
fn is_foreign(file: &Path) -> bool {
    let look = || {
        let conn = connection::open_unsealed(file)?;
        let application: i32 = ask(&conn, "PRAGMA application_id")?;
        let records = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migration'";
        let records: i64 = ask(&conn, records)?;
        Ok::<_, StoreError>(application != APPLICATION_ID && records == 0)
    };
    look().unwrap_or(false)
}

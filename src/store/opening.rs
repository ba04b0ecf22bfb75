//! Opens the database only if it is ours and whole.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::connection::{self, APPLICATION_ID, PAGE_BYTES, ask};
use super::copy;
use super::deadline::Deadline;
use super::error::StoreError;
use super::folder::{self, Folder};
use super::keeper;
use super::log_check;
use super::missing;
use super::options::StoreOptions;

/// Databases up to this size are looked at whole at every opening, larger ones only after the
/// program did not end in order: every page is looked at anyway when it is read.
const CHECKED_ALWAYS_MAX: u64 = 200 << 20;

/// How a store was found after a run that did not end in order. The database is ours and whole
/// as far as it says; what was not is an error of the opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// When the last run was last seen to write, to the minute if it was idle.
    pub last_alive: Option<Timestamp>,
    /// Pages of the database.
    pub pages: u64,
    /// Whether all of them were looked at, within the time for it.
    pub is_checked: bool,
    /// The number of the newest audit row that the last run has noted, about once a second.
    pub known: Option<i64>,
    /// The number of the newest one in the database.
    pub found: i64,
}

impl Recovery {
    /// What was known and what was found, if less was found.
    #[must_use]
    pub fn missing(&self) -> Option<(i64, i64)> {
        self.known.filter(|known| self.found < *known).map(|known| (known, self.found))
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The last run did not end in order: it was killed, or the power failed")?;
        if let Some(at) = self.last_alive {
            write!(f, "; it was last alive at {at:.0}")?;
        }
        match self.is_checked {
            true => write!(f, ". All {} pages of the database were checked", self.pages)?,
            false => write!(
                f,
                ". The check of the {} pages of the database was not finished in time; the rest \
                 is checked when it is read",
                self.pages
            )?,
        }
        match (self.missing(), self.known) {
            // `Missing` tells that.
            (Some(_), _) => Ok(()),
            (None, Some(known)) => write!(
                f,
                ". No change is known to be missing: the last run noted audit row {known} about \
                 a second before its end, and the newest one here is {}",
                self.found
            ),
            (None, None) => f.write_str(
                ". How far the last run had come was not noted, so whether its last changes are \
                 there cannot be told",
            ),
        }
    }
}

/// The writer's connection to a database that was looked at, and what was found if the last run
/// did not end in order.
///
/// # Errors
/// [`StoreError::Damaged`] or [`StoreError::Foreign`], naming the file.
pub(super) fn open_whole(
    folder: &Folder,
    options: &StoreOptions,
    deadline: &Arc<Deadline>,
) -> Result<(Connection, Option<Recovery>), StoreError> {
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
) -> Result<(Connection, Option<Recovery>), StoreError> {
    if folder.was_unclean() {
        log_check::check(&folder.database())?;
        keeper::rescue(folder.path())?;
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
        return Ok((conn, None));
    }
    deadline.set(options.check_time_max);
    let outcome = copy::check(&conn);
    deadline.lift();
    let is_checked = match outcome {
        Err(StoreError::Deadline) => {
            tracing::warn!(
                store.bytes = bytes,
                "The database was not looked at to its end before the start"
            );
            false
        }
        outcome => outcome.map(|()| true)?,
    };
    let last_alive = folder.last_alive();
    let (known, found) = (folder.known(), missing::newest(&conn).unwrap_or(0));
    let recovery = Recovery { last_alive, pages: bytes / PAGE_BYTES, is_checked, known, found };
    Ok((conn, folder.was_unclean().then_some(recovery)))
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

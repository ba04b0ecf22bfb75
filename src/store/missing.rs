//! Notices that changes are gone that were acknowledged: after a crash somebody deleted or cut
//! off the write-ahead log, or put an older database in the place of the newer one. The engine
//! takes what it finds for all there is.
//!
//! Every change and every read leaves a row in the audit, numbered without gaps, so the newest
//! number tells how far a database is. It is noted beside the database about once a second,
//! outside the way of writes, and compared at the next opening.

use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::connection::ask;

/// The file that keeps saying so until somebody has taken it away.
const FILE: &str = "healthflow.missing";

/// What an earlier run has written and the database does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The newest audit row that was known to be written.
    pub known: i64,
    /// The newest that was found.
    pub found: i64,
    /// When that was noticed, RFC 3339.
    pub noticed_at: String,
}

impl Missing {
    /// What is to be done about it.
    #[must_use]
    pub fn mend() -> String {
        format!(
            "Stop the server. If you have healthflow.db-wal or a newer copy of the folder, put it \
             back; else enter again what is missing. Then delete the file {FILE} in the data \
             folder."
        )
    }

    pub(super) fn noticed((known, found): (i64, i64), at: Timestamp) -> Self {
        Self { known, found, noticed_at: format!("{at:.0}") }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { known, found, noticed_at } = self;
        write!(
            f,
            "Changes are missing: the database ends with audit row {found}, and row {known} was \
             written before. What was acknowledged between them is gone, and perhaps more of the \
             second after. Noticed at {noticed_at}: the write-ahead log was deleted or cut \
             off after a crash, or an older database was put in its place"
        )
    }
}

/// What is missing in the database of `folder`, as it was noticed at an opening.
#[must_use]
pub fn missing_in(folder: &Path) -> Option<Missing> {
    let text = std::fs::read(folder.join(FILE)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Keeps it, the oldest loss first: what was missing then is not there because more is now.
pub(super) fn keep(folder: &Path, missing: &Missing) {
    let kept = missing_in(folder);
    let known = kept.as_ref().map_or(missing.known, |kept| kept.known.max(missing.known));
    let found = kept.as_ref().map_or(missing.found, |kept| kept.found.min(missing.found));
    let missing = Missing { known, found, noticed_at: missing.noticed_at.clone() };
    let text = serde_json::to_vec(&missing).unwrap_or_default();
    if let Err(cause) = std::fs::write(folder.join(FILE), text) {
        tracing::error!("{missing}. It could not be kept for the next start: {cause}");
    }
}

/// The number of the newest audit row in `conn`; `None` if there is no audit yet.
pub(super) fn newest(conn: &Connection) -> Option<i64> {
    ask(conn, "SELECT coalesce(max(id), 0) FROM audit").ok()
}

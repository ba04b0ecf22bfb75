//! A copy of the whole database as it is at one moment, made while everybody goes on: for
//! backups. What the copy holds is looked at before anybody relies on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};

use super::connection::{self, PAGE_BYTES, ask};
use super::damage::Damage;
use super::deadline::Deadline;
use super::error::StoreError;
use super::readers::Reader;
use super::tx::ReadTx;
use super::{Store, copy, folder, missing};

/// The database in its folder, and a copy of it in another one.
pub const DATABASE: &str = folder::DATABASE;
/// Pages that are copied in one step: a megabyte.
const PAGES_PER_STEP: i32 = 256;
/// How long the copying may take at most: one snapshot is read from its beginning to its end.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// How long one look at all pages may take.
const LOOK: Duration = Duration::from_secs(4 * 3_600);
const AGAIN: Duration = Duration::from_millis(20);

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The newest migration that it has.
    pub schema_version: i64,
    /// The number of its newest audit row.
    pub audit_newest: i64,
    /// The hash of that row, which hangs on all before it; hexadecimal, empty without one.
    pub audit_hash: String,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
}

impl Store {
    /// Bytes of the database file as it is now.
    ///
    /// # Errors
    /// What the engine says.
    pub fn database_bytes(&self, deadline: Duration) -> Result<u64, StoreError> {
        self.read(deadline, |tx| {
            let pages: i64 = ask(tx.conn(), "PRAGMA page_count")?;
            Ok(u64::try_from(pages).unwrap_or(0) * PAGE_BYTES)
        })
    }

    /// Copies the database as it is now into the folder `into`, which is there. `go_on` is asked
    /// when the moment is fixed and after each megabyte, with the pages that are done and those in
    /// all; if it says no, nothing is left and nothing comes back. Nobody waits for it; meanwhile
    /// the write-ahead log grows by what is written.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Damaged`], or what else the engine says.
    pub fn duplicate(
        &self,
        into: &Path,
        go_on: &mut dyn FnMut(i64, i64) -> bool,
    ) -> Result<Option<PathBuf>, StoreError> {
        let target = into.join(DATABASE);
        copy::remove(&target);
        let reader = Reader::open(&self.inner.shared)?;
        let copied = reader.ask(&self.inner.shared, LONGEST, |tx| pages(tx, &target, go_on));
        match copied {
            Ok(true) => Ok(Some(target)),
            outcome => {
                copy::remove(&target);
                outcome.map(|_| None)
            }
        }
    }
}

fn pages(
    tx: &ReadTx<'_>,
    target: &Path,
    go_on: &mut dyn FnMut(i64, i64) -> bool,
) -> Result<bool, StoreError> {
    // The first question fixes the moment that the whole copy shows.
    let _: i64 = ask(tx.conn(), "PRAGMA schema_version")?;
    if !go_on(0, ask(tx.conn(), "PRAGMA page_count")?) {
        return Ok(false);
    }
    let mut copy = connection::open_copy(target)?;
    folder::make_private(target)?;
    // Whoever loses the copy makes another one.
    copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")
        .map_err(|error| StoreError::from_engine(error, &copy))?;
    let outcome = (|| {
        let backup = Backup::new(tx.conn(), &mut copy)?;
        loop {
            match backup.step(PAGES_PER_STEP)? {
                StepResult::Done => return Ok(true),
                StepResult::More => {}
                _ => std::thread::sleep(AGAIN),
            }
            let about = backup.progress();
            let done = i64::from(about.pagecount - about.remaining);
            if !go_on(done, i64::from(about.pagecount)) {
                return Ok(false);
            }
        }
    })();
    let done = outcome.map_err(|error| StoreError::from_engine(error, &copy))?;
    if done {
        // One file: the copy says of itself that it has a log, and there is none beside it.
        ask::<String>(&copy, "PRAGMA journal_mode = DELETE")?;
    }
    Ok(done)
}

/// Looks at every page and reference of the copy in `folder`, and counts its rows. `go_on` is
/// asked between two tables; nothing comes back if it says no.
///
/// # Errors
/// [`StoreError::Damaged`] with the first flaw; what else the engine says.
pub fn examine(
    folder: &Path,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Examined>, StoreError> {
    let file = folder.join(DATABASE);
    let deadline = Arc::new(Deadline::new());
    let opened = connection::open_still(&file, &deadline)?;
    let Some(conn) = opened else {
        let cause = "its path is no text".to_owned();
        return Err(StoreError::Io { what: format!("open {}", file.display()), cause });
    };
    deadline.set(LOOK);
    copy::check(&conn)?;
    conn.execute_batch("BEGIN").map_err(|error| StoreError::from_engine(error, &conn))?;
    let damage = Damage::default();
    let tx = ReadTx::new(&conn, &deadline, &damage);
    let mut rows = BTreeMap::new();
    for table in tx.tables()? {
        if !go_on() {
            return Ok(None);
        }
        if let Some(flaw) = tx.dangling(&table)?.into_iter().next() {
            return Err(StoreError::Damaged { file, detail: flaw });
        }
        let count: i64 = ask(&conn, &format!("SELECT count(*) FROM \"{table}\""))?;
        rows.insert(table, count);
    }
    let schema_version = ask(&conn, "SELECT coalesce(max(version), 0) FROM schema_migration")?;
    let audit_newest = missing::newest(&conn).unwrap_or(0);
    let sql = "SELECT coalesce((SELECT lower(hex(hash)) FROM audit ORDER BY id DESC LIMIT 1), '')";
    let audit_hash = ask(&conn, sql)?;
    Ok(Some(Examined { schema_version, audit_newest, audit_hash, rows }))
}

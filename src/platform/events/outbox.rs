//! The outbox: one row for each event, numbered in the order of the commits.

use std::time::Duration;

use crate::store::{Class, ReadTx, Store, StoreError, Tx};

/// How long a row is kept for those who were away, microseconds.
pub const KEPT: i64 = 24 * 3_600_000_000;
/// How many rows are kept at most, once every listener has passed them. A resume looks at far
/// fewer; the bound is for imports of millions.
pub const KEPT_ROWS_MAX: i64 = 100_000;
/// Rows that go in one job, so that the writer is never held for long.
const BATCH: i64 = 500;
/// Between two jobs, so that people come first.
const PAUSE: Duration = Duration::from_millis(5);
const DEADLINE: Duration = Duration::from_secs(30);

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number: greater than that of every event committed before.
    pub seq: i64,
    /// When, microseconds since 1970 UTC.
    pub at: i64,
    /// What, past tense: `created`, `amended`, `entered_in_error`, `imported`.
    pub event: String,
    /// The kind of record, e.g. `condition`.
    pub kind: String,
    /// Which record.
    pub id: i64,
    /// Whose record.
    pub patient: Option<i64>,
}

/// Writes an event of the change that `tx` is.
///
/// # Errors
/// What the store says.
pub fn append(
    tx: &Tx<'_>,
    now: i64,
    (event, kind): (&str, &str),
    id: i64,
    patient: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (at, event, subject_kind, subject_id, patient_id) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = [now.into(), event.into(), kind.into(), id.into(), patient.into()];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The number of the last event, also if its row is gone; 0 before the first.
///
/// # Errors
/// What the store says.
pub fn head(tx: &ReadTx<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'";
    Ok(tx.opt(sql, &[], |row| row.get(0))?.unwrap_or(0))
}

/// Whether every event after `seq` is still kept, and `seq` is a number of this outbox.
///
/// # Errors
/// What the store says.
pub fn reaches_back_to(tx: &ReadTx<'_>, seq: i64) -> Result<bool, StoreError> {
    let head = head(tx)?;
    let first = tx.opt("SELECT seq FROM outbox ORDER BY seq LIMIT 1", &[], |row| row.get(0))?;
    Ok((first.unwrap_or(head + 1) - 1..=head).contains(&seq))
}

/// The events after `seq`, at most `limit`, in order.
///
/// # Errors
/// What the store says.
pub fn after(tx: &ReadTx<'_>, seq: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT seq, at, event, subject_kind, subject_id, patient_id FROM outbox \
        WHERE ?1 < seq ORDER BY seq LIMIT ?2";
    tx.all(sql, &[seq.into(), limit.into()], |row| {
        Ok(Event {
            seq: row.get(0)?,
            at: row.get(1)?,
            event: row.get(2)?,
            kind: row.get(3)?,
            id: row.get(4)?,
            patient: row.get(5)?,
        })
    })
}

/// Clears away the rows up to `passed` that are older than [`KEPT`] at `now` (microseconds) or
/// more than `rows_max` behind, in small jobs of bulk work, until `stopping`. How many went.
///
/// # Errors
/// What the store says; what went before stays gone.
pub fn prune(
    store: &Store,
    (now, rows_max): (i64, i64),
    passed: i64,
    stopping: impl Fn() -> bool,
) -> Result<u64, StoreError> {
    let until = store.read(DEADLINE, |tx| {
        let head = head(tx)?;
        // Rows before the first young one are all old, and looking stops there.
        let sql = "SELECT seq FROM outbox WHERE ?1 <= at ORDER BY seq LIMIT 1";
        let young = tx.opt(sql, &[(now - KEPT).into()], |row| row.get::<i64>(0))?;
        let old = young.map_or(head, |young| young - 1);
        Ok::<_, StoreError>(old.max(head - rows_max).min(passed))
    })?;
    let mut gone = 0;
    while !stopping() {
        let sql = "DELETE FROM outbox WHERE seq IN \
            (SELECT seq FROM outbox WHERE seq <= ?1 ORDER BY seq LIMIT ?2)";
        let count = store.write_blocking(Class::Bulk, move |tx| {
            tx.execute(sql, &[until.into(), BATCH.into()])
        })?;
        gone += u64::try_from(count).unwrap_or(0);
        if i64::try_from(count).unwrap_or(0) < BATCH {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(gone)
}

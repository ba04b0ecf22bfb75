//! What came before the thing that it belongs to. It waits in the store, not in memory.

use super::links;
use super::step::Step;
use crate::interop::fhir::Link;
use crate::interop::source::Piece;
use crate::platform::resource::Resource;
use crate::store::{ReadTx, StoreError, Tx, Value};

/// A piece that waits, with its place in the queue.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// Its place.
    pub(super) position: i64,
    /// What was read.
    pub(super) piece: Piece,
}

/// A field that waits for a record to point to.
#[derive(Debug, Clone)]
pub(super) struct WaitingLink {
    /// Its place.
    pub(super) position: i64,
    /// The kind of record that has the field.
    pub(super) kind: String,
    /// Which record.
    pub(super) record: i64,
    /// The field, with the reference it stands for.
    pub(super) field: String,
    /// The reference as text.
    pub(super) target: String,
}

/// Lets the piece of `step` wait at `position`.
///
/// # Errors
/// What the store says.
pub(super) fn keep(tx: &Tx<'_>, run: i64, position: i64, step: &Step) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_waiting (run_id, position, file, line, is_entry, text) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (run_id, position) DO NOTHING";
    let piece = &step.piece;
    let params = [
        run.into(),
        position.into(),
        piece.file.as_ref().into(),
        i64::try_from(piece.line).unwrap_or(0).into(),
        piece.is_entry.into(),
        Value::Blob(piece.bytes.clone()),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The next pieces after `position`, at most `most`.
///
/// # Errors
/// What the store says.
pub(super) fn next(
    tx: &ReadTx<'_>,
    run: i64,
    position: i64,
    most: i64,
) -> Result<Vec<Waiting>, StoreError> {
    let sql = "SELECT position, file, line, is_entry, text FROM import_waiting \
        WHERE run_id = ?1 AND ?2 < position ORDER BY position LIMIT ?3";
    tx.all(sql, &[run.into(), position.into(), most.into()], |row| {
        let file: String = row.get(1)?;
        let line = u64::try_from(row.get::<i64>(2)?).unwrap_or(0);
        let piece = Piece { file: file.into(), line, is_entry: row.get(3)?, bytes: row.get(4)? };
        Ok(Waiting { position: row.get(0)?, piece })
    })
}

/// The piece at `position` waits no more.
///
/// # Errors
/// What the store says.
pub(super) fn done(tx: &Tx<'_>, run: i64, position: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_waiting WHERE run_id = ?1 AND position = ?2";
    tx.execute(sql, &[run.into(), position.into()])?;
    Ok(())
}

/// Lets the field of `link` in `record` wait at `position`.
///
/// # Errors
/// What the store says.
pub(super) fn keep_link(
    tx: &Tx<'_>,
    run: i64,
    position: i64,
    (resource, record, link): &(&'static Resource, i64, Link),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_waiting_link (run_id, position, kind, record_id, field, target) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (run_id, position) DO NOTHING";
    let params = [
        run.into(),
        position.into(),
        resource.path.into(),
        (*record).into(),
        link.field.as_str().into(),
        links::to_text(link).into(),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The next waiting fields after `position`, at most `most`.
///
/// # Errors
/// What the store says.
pub(super) fn next_links(
    tx: &ReadTx<'_>,
    run: i64,
    position: i64,
    most: i64,
) -> Result<Vec<WaitingLink>, StoreError> {
    let sql = "SELECT position, kind, record_id, field, target FROM import_waiting_link \
        WHERE run_id = ?1 AND ?2 < position ORDER BY position LIMIT ?3";
    tx.all(sql, &[run.into(), position.into(), most.into()], |row| {
        Ok(WaitingLink {
            position: row.get(0)?,
            kind: row.get(1)?,
            record: row.get(2)?,
            field: row.get(3)?,
            target: row.get(4)?,
        })
    })
}

/// Forgets everything that waits in the run up to `position`.
///
/// # Errors
/// What the store says.
pub(super) fn forget_links(tx: &Tx<'_>, run: i64, position: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_waiting_link WHERE run_id = ?1 AND position <= ?2";
    tx.execute(sql, &[run.into(), position.into()])?;
    Ok(())
}

/// Forgets all that an earlier, interrupted attempt of the run let wait: its files are read
/// again from the beginning. `false` when nothing is left.
///
/// # Errors
/// What the store says.
pub(super) fn clear(tx: &Tx<'_>, run: i64, most: i64) -> Result<bool, StoreError> {
    let mut gone = 0;
    for table in ["import_waiting", "import_waiting_link"] {
        let sql = format!(
            "DELETE FROM {table} WHERE run_id = ?1 AND position IN \
             (SELECT position FROM {table} WHERE run_id = ?1 LIMIT ?2)"
        );
        gone += tx.execute(&sql, &[run.into(), most.into()])?;
    }
    let sql = "DELETE FROM import_reject WHERE id IN \
        (SELECT id FROM import_reject WHERE run_id = ?1 LIMIT ?2)";
    gone += tx.execute(sql, &[run.into(), most.into()])?;
    Ok(0 < gone)
}

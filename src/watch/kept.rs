//! The rings in the store: rows of a bounded table, written once a minute together.

use super::rings::{Rings, SPANS, Slot, decode, encode};
use crate::store::{Class, ReadTx, Store, StoreError, Tx, params};

/// Reads what was kept.
///
/// # Errors
/// What the store says.
pub fn load(tx: &ReadTx<'_>) -> Result<Rings, StoreError> {
    let mut all = [Vec::new(), Vec::new(), Vec::new()];
    for ((number, span), slots) in (0_i64..).zip(&SPANS).zip(&mut all) {
        let sql = "SELECT at, figures FROM watch_sample WHERE ring = ?1 ORDER BY at DESC LIMIT ?2";
        let most = i64::try_from(span.most).unwrap_or(i64::MAX);
        *slots = tx.all(sql, &params![number, most], |row| {
            Ok(decode(row.get(0)?, &row.get::<Vec<u8>>(1)?))
        })?;
        slots.reverse();
    }
    Ok(Rings::restored(all))
}

/// Writes `slots`, and takes away what is out of the rings: older than `oldest` of each, or later
/// than `until`.
///
/// # Errors
/// What the store says.
pub fn save(
    store: &Store,
    slots: Vec<(usize, Slot)>,
    oldest: [Option<i64>; 3],
    until: i64,
) -> Result<(), StoreError> {
    store.write_blocking(Class::Bulk, move |tx| write(tx, &slots, oldest, until))
}

fn write(
    tx: &Tx<'_>,
    slots: &[(usize, Slot)],
    oldest: [Option<i64>; 3],
    until: i64,
) -> Result<(), StoreError> {
    for (number, slot) in slots {
        let sql = "INSERT INTO watch_sample (ring, at, figures) VALUES (?1, ?2, ?3) \
            ON CONFLICT (ring, at) DO UPDATE SET figures = excluded.figures";
        let number = i64::try_from(*number).unwrap_or(i64::MAX);
        tx.execute(sql, &params![number, slot.at, encode(slot)])?;
    }
    for (number, oldest) in (0_i64..).zip(oldest) {
        let sql = "DELETE FROM watch_sample WHERE ring = ?1 AND at < ?2";
        tx.execute(sql, &params![number, oldest.unwrap_or(i64::MIN)])?;
        let sql = "DELETE FROM watch_sample WHERE ring = ?1 AND ?2 < at";
        tx.execute(sql, &params![number, until])?;
    }
    Ok(())
}

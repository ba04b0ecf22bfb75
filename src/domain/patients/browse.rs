//! The list of all patients by name, opened at any place and not only from its neighbour.

use super::shelf::LAST;
use crate::store::{ReadTx, Row, StoreError, Value};

/// The furthest place that is asked for.
pub const PLACE_MAX: i64 = 1 << 40;

/// The patient who stands just before `place` (1 or more), or the last of all beyond the end: id
/// and what the list is sorted by.
///
/// # Errors
/// What the store says.
pub fn before(tx: &ReadTx<'_>, place: i64) -> Result<Option<(i64, String)>, StoreError> {
    let place_sql = "SELECT id, name_key FROM patient ORDER BY name_key, id LIMIT 1 OFFSET ?1";
    let last = "SELECT id, name_key FROM patient ORDER BY name_key DESC, id DESC LIMIT 1";
    let both = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    match tx.opt(place_sql, &[(place - 1).into()], both)? {
        Some(found) => Ok(Some(found)),
        None => tx.opt(last, &[], both),
    }
}

/// The words for somebody unknown with the next number that nobody has: `Unknown male 3`.
///
/// # Errors
/// What the store says.
pub fn temporary_name(tx: &ReadTx<'_>, words: &str) -> Result<String, StoreError> {
    let key = super::rules::name_key(words, "");
    let prefix = format!("{} ", key.trim_end_matches(", "));
    let sql = "SELECT name_key FROM patient WHERE ?1 <= name_key AND name_key < ?2";
    let range: [Value; 2] = [prefix.as_str().into(), format!("{prefix}{LAST}").into()];
    let taken = tx.all(sql, &range, |row| row.get::<String>(0))?;
    let numbers = taken
        .iter()
        .filter_map(|key| key.strip_prefix(&prefix)?.split(',').next()?.parse::<u32>().ok());
    Ok(format!("{words} {}", numbers.max().unwrap_or(0).saturating_add(1)))
}

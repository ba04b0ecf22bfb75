//! All patients by name as one long shelf: how many stand on it, where each letter begins, and
//! who stands before a place, so that a page can be opened anywhere and not only from its
//! neighbour. Every question walks the index of names alone.

use serde::Serialize;

use crate::store::{ReadTx, Row, StoreError, Value};

/// Letters that are told apart; a script with thousands of signs is cut here.
pub(super) const LETTERS_MAX: usize = 80;
/// The furthest place that is asked for.
pub(super) const PLACE_MAX: i64 = 1 << 40;
/// Sorts after everything that begins with the text before it.
const LAST: char = '\u{10FFFF}';

/// The shelf.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Shelf {
    /// All patients.
    total: i64,
    /// The first signs that names begin with, in the order of the list.
    letters: Vec<Letter>,
}

/// Where the names with one first sign begin.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Letter {
    letter: char,
    /// Patients before them.
    place: i64,
}

/// The shelf as it stands.
///
/// # Errors
/// What the store says.
pub fn shelf(tx: &ReadTx<'_>) -> Result<Shelf, StoreError> {
    let mut shelf = Shelf { total: 0, letters: Vec::new() };
    let mut from = String::new();
    let first = "SELECT name_key FROM patient WHERE ?1 <= name_key ORDER BY name_key LIMIT 1";
    let between = "SELECT count(*) FROM patient WHERE ?1 <= name_key AND name_key < ?2";
    while shelf.letters.len() < LETTERS_MAX {
        let key = tx.opt(first, &[from.as_str().into()], |row| row.get::<String>(0))?;
        let Some(letter) = key.and_then(|key| key.chars().next()) else { return Ok(shelf) };
        let beyond = format!("{letter}{LAST}");
        let range: [Value; 2] = [letter.to_string().into(), beyond.as_str().into()];
        shelf.letters.push(Letter { letter, place: shelf.total });
        shelf.total += tx.one(between, &range, |row| row.get::<i64>(0))?;
        from = beyond;
    }
    let rest = "SELECT count(*) FROM patient WHERE ?1 <= name_key";
    shelf.total += tx.one(rest, &[from.as_str().into()], |row| row.get::<i64>(0))?;
    Ok(shelf)
}

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

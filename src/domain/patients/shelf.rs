//! All patients by name as one long shelf: how many stand on it, and where each letter begins.
//!
//! The walk over the index of names takes the longer the more patients there are, and every
//! opened list asks for it: [`Shelves`] keeps the answer until a patient changes.

use std::sync::Arc;

use serde::Serialize;

use super::PATIENT;
use crate::platform::cache::{Cache, CacheStatus};
use crate::platform::ledger::{Desk, Touch};
use crate::store::{ReadTx, StoreError, Value};

/// Letters that are told apart; a script with thousands of signs is cut here.
pub const LETTERS_MAX: usize = 80;
/// Sorts after everything that begins with the text before it.
pub(super) const LAST: char = '\u{10FFFF}';
/// What the shelf takes in the cache at most, bytes.
const SHELF_BYTES: u64 = 2 << 10;
/// How long a shelf is kept, microseconds. A change of a patient is known at once; this bounds
/// what nothing told of.
const KEPT_FOR: i64 = 60_000_000;
/// The one shelf belongs to no group.
const NO_GROUPS: [i64; 2] = [0, 0];

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

/// The shelf, kept as long as it is true. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shelves(Arc<Cache<(), Arc<Shelf>>>);

impl Shelves {
    /// None kept yet; hears from `desk` what changes.
    #[must_use]
    pub fn new(desk: &Desk) -> Self {
        let shelves = Self(Arc::new(Cache::new(SHELF_BYTES * 2, SHELF_BYTES)));
        let told = shelves.clone();
        desk.after_each_change(move |touched: &[Touch]| {
            if touched.iter().any(|touch| touch.kind == PATIENT) {
                told.0.forget(&());
            }
        });
        shelves
    }

    /// The shelf as it stands.
    ///
    /// # Errors
    /// What the store says.
    pub async fn get(&self, desk: &Desk) -> Result<Arc<Shelf>, StoreError> {
        let now = desk.now();
        if let Some(kept) = self.0.get(&(), now) {
            return Ok(kept);
        }
        let ticket = self.0.ticket();
        let read = desk.store().read_slow(desk.screen_deadline(), shelf).await?;
        let read = Arc::new(read);
        self.0.put((), (Arc::clone(&read), NO_GROUPS), now.saturating_add(KEPT_FOR), ticket);
        Ok(read)
    }

    /// How the cache does.
    #[must_use]
    pub fn status(&self) -> CacheStatus {
        self.0.status()
    }
}

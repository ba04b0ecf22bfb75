//! The ids of a table's rows, to find those that stand in it twice.

use crate::interop::fhir::Mapped;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Rows of a table whose ids are remembered, in about 80 MB. A table with more is read only so
/// far.
pub(super) const ROWS_MAX: usize = 3_600_000;

/// The ids of a table so far.
pub(super) struct Seen {
    hashes: RandomState,
    /// The hash of an id, with the line of its row and a hash of what it says.
    rows: HashMap<u64, (u32, u32)>,
    max: usize,
}

/// Why a row cannot be taken after those before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The row on this line has its id, and says something else.
    Otherwise(u32),
    /// There are too many rows before it.
    TooMany,
}

impl Seen {
    /// No rows yet, and at most `max` of them.
    pub(super) fn new(max: usize) -> Self {
        Self { hashes: RandomState::new(), rows: HashMap::new(), max }
    }

    /// Remembers the row `mapped` of `line`.
    ///
    /// # Errors
    /// [`Known`]; a row that says the same as the one before it is fine.
    pub(super) fn add(&mut self, line: u64, mapped: &Mapped) -> Result<(), Known> {
        let id = self.hashes.hash_one(&mapped.source_id);
        let body = serde_json::to_vec(&mapped.body).unwrap_or_default();
        // Half of a hash tells two rows of the same id apart well enough.
        let says = u32::try_from(self.hashes.hash_one(&body) >> 32).unwrap_or_default();
        match self.rows.get(&id) {
            Some((_, before)) if *before == says => Ok(()),
            Some((first, _)) => Err(Known::Otherwise(*first)),
            None if self.max <= self.rows.len() => Err(Known::TooMany),
            None => {
                self.rows.insert(id, (u32::try_from(line).unwrap_or(u32::MAX), says));
                Ok(())
            }
        }
    }
}

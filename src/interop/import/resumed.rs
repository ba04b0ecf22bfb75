//! What an import did before it was interrupted: it goes on from the start of its files, and
//! finds there what it stored itself.

use serde::{Deserialize, Serialize};

use super::run::{DEADLINE, Run, RunError};
use super::tally::Tally;
use crate::store::StoreError;

/// What earlier attempts at an import had done when they were interrupted, as far as they had
/// noted it. What they stored counts as unchanged in the attempt that goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// How often it was interrupted.
    pub interruptions: u64,
    /// New records, at least.
    pub stored: u64,
    /// Changed records, at least.
    pub updated: u64,
}

impl Run<'_> {
    /// Takes over what an earlier attempt had noted, if there was one.
    pub(super) fn look_back(&mut self) -> Result<(), RunError> {
        let run = self.id;
        let sql = "SELECT summary FROM import_run WHERE id = ?1";
        let store = self.desk.store();
        let noted = store.read(DEADLINE, |tx| {
            let noted = tx.opt(sql, &[run.into()], |row| row.get::<String>(0))?;
            Ok::<Option<String>, StoreError>(noted)
        })?;
        // A run notes its counts before it reads the first byte.
        let Some(noted) = noted.filter(|noted| noted != "{}") else { return Ok(()) };
        let earlier: Tally = serde_json::from_str(&noted).unwrap_or_default();
        let mut before = earlier.before.unwrap_or_default();
        before.interruptions += 1;
        before.stored += earlier.stored.values().sum::<u64>();
        before.updated += earlier.updated.values().sum::<u64>();
        self.tally.before = Some(before);
        Ok(())
    }
}

//! A look past the seals of the pages: what a database says after something other than the store
//! has written to it. Nothing is served from it; it serves to say what was changed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::damage::Damage;
use super::deadline::Deadline;
use super::error::StoreError;
use super::folder::DATABASE;
use super::tx::ReadTx;

/// A connection that reads pages whether or not they match their seals.
pub struct PastSeals {
    conn: Connection,
    deadline: Arc<Deadline>,
    damage: Damage,
}

impl std::fmt::Debug for PastSeals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PastSeals").finish_non_exhaustive()
    }
}

impl PastSeals {
    /// Of the database in `folder`.
    ///
    /// # Errors
    /// What the system says, or the engine of its first page.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let deadline = Arc::new(Deadline::new());
        let conn = connection::open_past_seals(&folder.join(DATABASE), &deadline)?;
        Ok(Self { conn, deadline, damage: Damage::default() })
    }

    /// As [`Store::read`](super::Store::read).
    ///
    /// # Errors
    /// What `f` returned; [`StoreError::Deadline`] after `deadline`.
    pub fn read<T, E: From<StoreError>>(
        &self,
        deadline: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let told = |error| StoreError::from_engine(error, &self.conn);
        self.deadline.set(deadline);
        self.conn.execute_batch("BEGIN").map_err(told)?;
        let outcome = f(&ReadTx::new(&self.conn, &self.deadline, &self.damage));
        self.deadline.lift();
        self.conn.execute_batch("ROLLBACK").map_err(told)?;
        outcome
    }
}

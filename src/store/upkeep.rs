//! What keeps a database in good order over years: every page and reference looked at, free pages
//! given back, and what the planner knows of the tables brought up to date. Each in small steps,
//! for whoever does it in the background.

use super::error::StoreError;
use super::tx::{ReadTx, Tx};

/// Flaws that are told of one table.
const FLAWS_MAX: i64 = 20;

impl ReadTx<'_> {
    /// The names of all tables.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
            AND name NOT LIKE 'sqlite|_%' ESCAPE '|' ORDER BY name";
        self.all(sql, &[], |row| row.get(0))
    }

    /// What is wrong with the pages, rows, indexes and references of the table `name`, in the
    /// words of the engine; nothing if all is well.
    ///
    /// # Errors
    /// What the engine refused; [`StoreError::Deadline`].
    pub fn flaws_of(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let mut flaws = Vec::new();
        self.pragma(&format!("PRAGMA integrity_check({name})"), |row| {
            let told: String = row.get(0)?;
            if told != "ok" {
                flaws.push(told);
            }
            Ok(())
        })?;
        flaws.extend(self.dangling(name)?);
        flaws.truncate(usize::try_from(FLAWS_MAX).unwrap_or(20));
        Ok(flaws)
    }

    /// The references of the table `name` to what is not there, some of them.
    ///
    /// # Errors
    /// As [`ReadTx::flaws_of`].
    pub fn dangling(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let (mut flaws, mut dangling) = (Vec::new(), 0_i64);
        self.pragma(&format!("PRAGMA foreign_key_check({name})"), |row| {
            dangling += 1;
            if dangling <= FLAWS_MAX {
                let (id, of): (Option<i64>, String) = (row.get(1)?, row.get(2)?);
                let row = id.map(|id| format!("row {id} of ")).unwrap_or_default();
                flaws.push(format!("{row}{name} names a {of} that is not there"));
            }
            Ok(())
        })?;
        Ok(flaws)
    }

    /// How many pages of the file hold nothing.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn free_pages(&self) -> Result<i64, StoreError> {
        let mut free = 0;
        self.pragma("PRAGMA freelist_count", |row| {
            free = row.get(0)?;
            Ok(())
        })?;
        Ok(free)
    }

    fn pragma(
        &self,
        sql: &str,
        mut f: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let failed = |error| self.failed(error);
        let mut statement = self.conn().prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            f(row).map_err(failed)?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Gives up to `pages` free pages at the end of the file back to the system; how many are
    /// left free.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn give_back(&self, pages: u32) -> Result<i64, StoreError> {
        self.pragma(&format!("PRAGMA incremental_vacuum({pages})"), |_| Ok(()))?;
        self.free_pages()
    }

    /// Has the engine look again at those tables that have changed much, so that its plans fit
    /// them. It looks at a sample: milliseconds, however large they are.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn optimize(&self) -> Result<(), StoreError> {
        self.pragma("PRAGMA optimize", |_| Ok(()))
    }
}

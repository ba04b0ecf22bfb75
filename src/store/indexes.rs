//! Indexes set aside while a table is filled in bulk: to build one over finished rows takes a
//! fraction of the time that keeping it row by row takes, once it is larger than memory.

use super::error::StoreError;
use super::tx::Tx;

impl Tx<'_> {
    /// Drops the indexes called `names` and gives back how they are made again.
    ///
    /// # Errors
    /// [`StoreError::NoRow`] if there is no such index that a migration made.
    pub fn set_indexes_aside(&self, names: &[&str]) -> Result<Vec<String>, StoreError> {
        let mut made = Vec::new();
        for name in names {
            let sql = "SELECT name, sql FROM sqlite_schema \
                WHERE type = 'index' AND name = ?1 AND sql IS NOT NULL";
            let found = self.one(sql, &[(*name).into()], |row| {
                Ok((row.get::<String>(0)?, row.get::<String>(1)?))
            });
            let (known, sql) = found?;
            self.execute(&format!("DROP INDEX {known}"), &[])?;
            made.push(sql);
        }
        Ok(made)
    }

    /// Makes the indexes again that [`Tx::set_indexes_aside`] has dropped.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn put_indexes_back(&self, made: &[String]) -> Result<(), StoreError> {
        for sql in made {
            self.execute(sql, &[])?;
        }
        Ok(())
    }
}

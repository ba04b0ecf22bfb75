//! What a closure sees of a transaction: questions on [`ReadTx`], changes on [`Tx`].

use std::cell::RefCell;
use std::ops::Deref;
use std::time::Instant;

use rusqlite::{CachedStatement, Connection};

use super::damage::Damage;
use super::deadline::Deadline;
use super::error::StoreError;
use super::statements::Statements;
use super::value::{Bind, Row, Value};

/// A consistent view of the database: every question in one closure sees the same state.
///
/// SQL is a static string with `?1`, `?2`, …; statements are prepared once per connection.
pub struct ReadTx<'a> {
    conn: &'a Connection,
    deadline: &'a Deadline,
    damage: &'a Damage,
    /// Where is noted how long each statement took; nowhere for a look at a copy.
    statements: Option<&'a Statements>,
    /// Why the engine gave up the whole transaction, if it did: on a full disk or a failing
    /// one it rolls back by itself, and what follows would be committed statement by statement.
    lost: RefCell<Option<StoreError>>,
    #[cfg(test)]
    asked: std::cell::Cell<usize>,
}

impl<'a> ReadTx<'a> {
    pub(super) fn new(conn: &'a Connection, deadline: &'a Deadline, damage: &'a Damage) -> Self {
        Self {
            conn,
            deadline,
            damage,
            statements: None,
            lost: RefCell::new(None),
            #[cfg(test)]
            asked: std::cell::Cell::new(0),
        }
    }

    /// The same, with its statements timed.
    pub(super) fn timed(mut self, statements: &'a Statements) -> Self {
        self.statements = Some(statements);
        self
    }

    /// All rows of the answer, each made by `f`.
    ///
    /// # Errors
    /// What the engine refused, what `f` returned, or [`StoreError::Deadline`].
    pub fn all<T>(
        &self,
        sql: &str,
        params: &[Value],
        mut f: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, params, |row| {
            found.push(f(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row of the answer, if there is one.
    ///
    /// # Errors
    /// What the engine refused, what `f` returned, or [`StoreError::Deadline`].
    pub fn opt<T>(
        &self,
        sql: &str,
        params: &[Value],
        mut f: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let _timed = self.time(sql);
        bind(&mut statement, params).map_err(|error| self.failed(error))?;
        let mut rows = statement.raw_query();
        match rows.next().map_err(|error| self.failed(error))? {
            Some(row) => f(&Row::new(row)).map(Some),
            None => Ok(None),
        }
    }

    /// The first row of the answer.
    ///
    /// # Errors
    /// [`StoreError::NoRow`] if there is none; else as [`ReadTx::opt`].
    pub fn one<T>(
        &self,
        sql: &str,
        params: &[Value],
        f: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.opt(sql, params, f)?.ok_or(StoreError::NoRow)
    }

    /// Hands every row of the answer to `f`, without collecting them.
    ///
    /// # Errors
    /// What the engine refused, what `f` returned, or [`StoreError::Deadline`].
    pub fn each(
        &self,
        sql: &str,
        params: &[Value],
        mut f: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepare(sql)?;
        let _timed = self.time(sql);
        bind(&mut statement, params).map_err(|error| self.failed(error))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            f(&Row::new(row))?;
        }
        Ok(())
    }

    /// How the engine would answer `sql`, one line per step.
    ///
    /// # Errors
    /// What the engine refused.
    pub fn plan(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        let failed = |error| self.failed(error);
        let mut statement =
            self.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(failed)?;
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            steps.push(row.get(3).map_err(failed)?);
        }
        Ok(steps)
    }

    /// How many statements were run so far; for tests that hold a page to a few of them.
    #[cfg(test)]
    #[must_use]
    pub fn statements(&self) -> usize {
        self.asked.get()
    }

    /// Notes how long `sql` took when it is dropped, also if it came to nothing: whatever ran into
    /// its deadline was the slowest of all.
    fn time<'t>(&'t self, sql: &'t str) -> Option<Timed<'t, 'a>> {
        self.statements.map(|all| Timed { tx: self, all, sql, started: Instant::now() })
    }

    /// The connection, for what the store itself does to the database.
    pub(super) fn conn(&self) -> &'a Connection {
        self.conn
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, StoreError> {
        #[cfg(test)]
        self.asked.set(self.asked.get() + 1);
        if self.conn.is_autocommit() {
            return Err(self.lost().unwrap_or_else(outside));
        }
        // The engine looks at the clock every thousand steps of one statement; a closure that
        // asks many small questions never gets there.
        if self.deadline.is_over() {
            return Err(StoreError::Deadline);
        }
        if is_control(sql) {
            return Err(StoreError::Statement {
                detail: "transactions and settings are the store's own".to_owned(),
            });
        }
        self.conn.prepare_cached(sql).map_err(|error| self.failed(error))
    }

    pub(super) fn failed(&self, error: rusqlite::Error) -> StoreError {
        let error = StoreError::from_engine(error, self.conn);
        self.damage.note(&error);
        if self.conn.is_autocommit() {
            self.lost.borrow_mut().get_or_insert_with(|| error.clone());
        }
        error
    }

    /// Why the transaction is gone, if the engine gave it up under the closure.
    pub(super) fn lost(&self) -> Option<StoreError> {
        if !self.conn.is_autocommit() {
            return None;
        }
        Some(self.lost.borrow().clone().unwrap_or_else(outside))
    }
}

/// A statement that runs.
struct Timed<'t, 'a> {
    tx: &'t ReadTx<'a>,
    all: &'a Statements,
    sql: &'t str,
    started: Instant,
}

impl Drop for Timed<'_, '_> {
    fn drop(&mut self) {
        self.all.ran(self.sql, self.started, || self.tx.plan(self.sql).unwrap_or_default());
    }
}

fn outside() -> StoreError {
    StoreError::Statement { detail: "the transaction has ended".to_owned() }
}

fn bind(statement: &mut CachedStatement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    let wanted = statement.parameter_count();
    if wanted != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), wanted));
    }
    for (position, value) in (1..).zip(params) {
        statement.raw_bind_parameter(position, Bind(value))?;
    }
    Ok(())
}

/// Whether a statement would end the transaction or change the connection under the store.
fn is_control(sql: &str) -> bool {
    const CONTROL: [&str; 10] = [
        "BEGIN",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT",
        "RELEASE",
        "ATTACH",
        "DETACH",
        "PRAGMA",
        "VACUUM",
    ];
    let word = sql.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next();
    word.is_some_and(|word| CONTROL.iter().any(|control| control.eq_ignore_ascii_case(word)))
}

/// A transaction that may change the database. It reads what it has written.
pub struct Tx<'a> {
    read: ReadTx<'a>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(read: ReadTx<'a>) -> Self {
        Self { read }
    }

    /// Runs a statement that changes rows and says how many it changed. For `RETURNING` use
    /// [`ReadTx::one`] and its kin on the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Unique`], [`StoreError::ForeignKey`], [`StoreError::Check`],
    /// [`StoreError::DiskFull`] and whatever else the engine refused.
    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        let mut statement = self.prepare(sql)?;
        let _timed = self.time(sql);
        bind(&mut statement, params)
            .and_then(|()| statement.raw_execute())
            .map_err(|error| self.failed(error))
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}

//! Moves the oldest rows into an archive, and deletes them when the archive is proven.
//!
//! In order: rows are written into a file, which is made durable and named; the file is read back
//! and proven; a stub and the audit row that seals it are committed; rows are deleted in small
//! batches; the stub is marked as done. Whatever ends the program in between, the rows are in
//! the store, or in a proven archive that a stub stands for, or in both, and the next prune goes
//! on.
//!
//! Only whole beginnings go: from the first row up to the first that its class keeps longer. So
//! the chain has a beginning and no holes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::archive::{self, ArchiveFlaw, Manifest};
use super::classes::{AuditClass, Retention};
use super::stubs::{self, Stub, StubState};
use super::verify::PAGE;
use super::{Custodian, CustodyError, DEADLINE, PRUNE, Stopping};
use crate::platform::ledger::audit::{self, Entry, Seen};
use crate::platform::ledger::rows::{self, AuditRow};
use crate::store::{Class, Store, StoreError};
use crate::vocab::actor::Call;

/// How long a batch of deletions may take: it delays whoever writes beside it by as much.
const BATCH_TIME: Duration = Duration::from_millis(3);
/// How long a prune waits for the log before it goes on all the same.
const LOG_PATIENCE: Duration = Duration::from_secs(10);
/// Rows of a batch, at least and at most.
const BATCH: (i64, i64) = (16, 1_024);

/// What to prune.
#[derive(Debug, Clone)]
pub struct Order {
    /// Rows from this time on stay, in microseconds since 1970 UTC.
    pub before: i64,
    /// For how long each class is kept whatever the order says.
    pub retention: Retention,
    /// Who has ordered it.
    pub call: Call,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Pruned {
    /// The archive, if there was something to prune.
    pub file: Option<String>,
    /// Rows that left the audit.
    pub rows: i64,
    /// Which, from and to.
    pub span: Option<(i64, i64)>,
    /// What was finished that an earlier run has left.
    pub resumed: Vec<String>,
    /// The row at which it ended although it is older, and the class that keeps it.
    pub kept: Option<(i64, &'static str)>,
}

/// The steps, in order; what runs a prune is asked before each whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows are written into the file.
    Write,
    /// The file is made durable and gets its name.
    Name,
    /// The file is read back.
    Prove,
    /// The stub is committed.
    Seal,
    /// A batch of rows is deleted.
    Delete,
    /// The stub is marked as done.
    Finish,
}

impl Custodian {
    pub(super) fn prune_now(
        &self,
        order: &Order,
        stop: Stopping<'_>,
    ) -> Result<Pruned, CustodyError> {
        let mut pruned = Pruned::default();
        for stub in self.store().read(DEADLINE, stubs::all)? {
            if stub.state != StubState::Archived {
                self.prove(&stub)?;
                self.delete(&stub, stop)?;
                pruned.resumed.push(stub.file);
            }
        }
        let Some(manifest) = self.write_archive(order, &mut pruned, stop)? else {
            return Ok(pruned);
        };
        stop.ask(Step::Prove)?;
        let stub = Stub::of(&manifest, self.now());
        self.prove(&stub)?;
        stop.ask(Step::Seal)?;
        self.seal(&stub, &order.call)?;
        self.delete(&stub, stop)?;
        self.forget_unsealed(&stub);
        pruned.rows = stub.rows();
        pruned.span = Some((stub.first_id, stub.last_id));
        pruned.file = Some(stub.file);
        Ok(pruned)
    }

    /// Writes what may go into an archive; nothing if that is nothing.
    fn write_archive(
        &self,
        order: &Order,
        pruned: &mut Pruned,
        stop: Stopping<'_>,
    ) -> Result<Option<Manifest>, CustodyError> {
        let (first, newest) = self.store().read(DEADLINE, |tx| {
            let first = "SELECT coalesce(min(id), 0) FROM audit";
            let first = tx.one(first, &[], |row| row.get::<i64>(0))?;
            Ok::<_, StoreError>((first, rows::newest(tx)?.map_or(0, |(id, _)| id)))
        })?;
        let Some(before) = self.hash_before(first)? else { return Ok(None) };
        let (now, mut writing, mut next) = (self.now(), None, first);
        let limit = |row: &AuditRow| {
            let class = AuditClass::of(&row.act);
            let at = row.last_at.unwrap_or(row.at);
            let kept = order.retention.kept_since(class, now) <= at;
            (order.before <= at, kept.then_some((row.id, class.word())))
        };
        'rows: loop {
            stop.ask(Step::Write)?;
            let span = (next, newest - 1);
            let page = self.store().read(DEADLINE, |tx| rows::between(tx, span, PAGE))?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let (late, kept) = limit(&row);
                if row.id != next || late || kept.is_some() {
                    pruned.kept = kept.filter(|_| !late && row.id == next);
                    break 'rows;
                }
                let writing = match &mut writing {
                    Some(writing) => writing,
                    none => none.insert(self.archives().begin(&before)?),
                };
                writing.add(&row)?;
                next += 1;
                stop.told(next - first);
            }
        }
        stop.ask(Step::Name)?;
        Ok(writing.map(|writing| self.archives().finish(writing)).transpose()?)
    }

    /// The hash before the row `first`; nothing if there is no row.
    fn hash_before(&self, first: i64) -> Result<Option<Vec<u8>>, CustodyError> {
        if first == 0 {
            return Ok(None);
        }
        let stubs = self.store().read(DEADLINE, stubs::all)?;
        let before = stubs.into_iter().find(|stub| stub.last_id + 1 == first);
        match before {
            Some(stub) => Ok(Some(stub.hash)),
            None if first == 1 => Ok(Some(Vec::new())),
            None => Err(CustodyError::NotWhole { row: first - 1 }),
        }
    }

    /// Reads the archive of `stub` back from the disk.
    fn prove(&self, stub: &Stub) -> Result<(), CustodyError> {
        let path = self.archives().path(&stub.file);
        let manifest = archive::read::<ArchiveFlaw>(&path, |_| Ok(()))?;
        if stub.fits(&manifest) {
            return Ok(());
        }
        Err(ArchiveFlaw::Manifest { file: stub.file.clone() }.into())
    }

    /// Commits the stub together with the audit row that carries its seal, if the rows are still
    /// those that were archived.
    fn seal(&self, stub: &Stub, call: &Call) -> Result<(), CustodyError> {
        let (stub, call, now) = (stub.clone(), call.clone(), self.now());
        self.store().write_blocking(Class::Bulk, move |tx| {
            let sql = "SELECT count(*), (SELECT hash FROM audit WHERE id = ?2) FROM audit \
                WHERE id BETWEEN ?1 AND ?2";
            let ends = [stub.first_id.into(), stub.last_id.into()];
            let (count, hash) =
                tx.one(sql, &ends, |row| Ok((row.get::<i64>(0)?, row.get::<Option<Vec<u8>>>(1)?)))?;
            if count != stub.rows() || hash.as_ref() != Some(&stub.hash) {
                return Err(CustodyError::NotWhole { row: stub.last_id });
            }
            let detail = Some(stub.detail());
            let seen = Seen { kind: "audit", id: None, patient: None, detail };
            let sealed_by = audit::append_one(tx, &Entry::new(&call, now, PRUNE, seen))?;
            Stub { sealed_by, ..stub.clone() }.insert(tx)?;
            Ok(())
        })
    }

    /// Deletes the rows of `stub`, whose archive is proven, and marks it as done.
    fn delete(&self, stub: &Stub, stop: Stopping<'_>) -> Result<(), CustodyError> {
        let (first, last) = (stub.first_id, stub.last_id);
        let mut size = BATCH.0;
        loop {
            stop.ask(Step::Delete)?;
            let (gone, took) = delete_batch(self.store(), (first, last), size)?;
            if gone == 0 {
                break;
            }
            self.store().let_log_settle(LOG_PATIENCE);
            size = if took < BATCH_TIME { 2 * size } else { size / 2 }.clamp(BATCH.0, BATCH.1);
        }
        stop.ask(Step::Finish)?;
        self.store().write_blocking::<_, StoreError>(Class::Bulk, move |tx| {
            Stub::set_state(tx, first, StubState::Archived)
        })?;
        Ok(())
    }

    /// Takes away archives of the same rows that an earlier run has written and never sealed, or
    /// that were read back: all that is in them is in this one, or still in the store.
    fn forget_unsealed(&self, stub: &Stub) {
        for name in self.archives().beginning_at(stub.first_id) {
            if name != stub.file
                && let Err(cause) = std::fs::remove_file(self.archives().path(&name))
            {
                tracing::warn!("{name} could not be removed: {cause}");
            }
        }
    }
}

/// Deletes the first `size` rows within `span`: how many went, and how long the job took.
fn delete_batch(
    store: &Store,
    (first, last): (i64, i64),
    size: i64,
) -> Result<(usize, Duration), StoreError> {
    let took = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&took);
    let gone = store.write_blocking(Class::Bulk, move |tx| {
        let begun = Instant::now();
        let sql = "DELETE FROM audit WHERE id IN \
            (SELECT id FROM audit WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)";
        let gone = tx.execute(sql, &[first.into(), last.into(), size.into()])?;
        let micros = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        told.store(micros, Ordering::Relaxed);
        Ok::<_, StoreError>(gone)
    })?;
    let micros = u64::try_from(took.load(Ordering::Relaxed)).unwrap_or(0);
    Ok((gone, Duration::from_micros(micros)))
}

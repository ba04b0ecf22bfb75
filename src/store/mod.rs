//! The only room that names a database engine: one writer, many readers, one file.
//!
//! A write is a closure over a transaction. One thread owns the only connection that can write;
//! it takes what is queued, people before bulk, runs it in one transaction and commits once,
//! durably, before it answers anybody ([`Store::write`]). A closure that refuses or panics
//! undoes itself and nothing else. Closures have no effects but the transaction's and may be
//! run again; whatever follows from them happens after the answer, or on
//! [`Store::after_commit`].
//!
//! A read is a closure over a snapshot with a deadline, on the thread that asks
//! ([`Store::read`]) or, if it may take longer than about a millisecond, on one of a few reader
//! threads ([`Store::read_slow`]).
//!
//! **Invariants.** Nothing else opens the database file. Nothing waits without a bound: both
//! queues are bounded, every read has a deadline, every job a time limit. No answer before the
//! commit is on the disk. No message holds the value of a parameter. Every page of the file
//! carries a seal over its content and its place (`sealed_pages.c`), so that bytes that were not
//! written here are an error and never an answer; a file that is damaged is named, and nothing
//! is written to it any more.
//!
//! **Lost logs.** The number of the newest audit row is noted beside the database once a second
//! (`missing`), so that a log that was deleted or cut off after a crash shows.
//!
//! **Not seen.** What was written in the last second before such a loss. Damage to the last
//! group in the write-ahead log of a program that did not end in order, which looks like a write
//! that was never finished; damage to the log's first 32 bytes. Free pages are only looked at
//! when they are copied. A network drive that a system shows as a local one.

mod connection;
mod copy;
mod damage;
mod deadline;
mod duplicate;
mod error;
mod folder;
mod indexes;
mod job;
mod keeper;
mod log_check;
mod migrate;
mod missing;
mod open_reads;
mod opening;
mod options;
mod past_seals;
mod peek;
mod place;
mod pulse;
mod queue;
mod readers;
mod replace;
mod scratch;
mod shared;
mod shipping;
mod spool;
mod statements;
mod status;
mod tx;
mod upkeep;
mod value;
mod wal;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

pub use crate::__store_params as params;
pub use duplicate::{DATABASE, Examined, examine};
pub use error::StoreError;
pub use folder::{killed_in, write_whole};
pub use keeper::{LogPiece, LogPlace};
pub use missing::{Missing, missing_in};
pub use opening::Recovery;
pub use options::StoreOptions;
pub use past_seals::PastSeals;
pub use peek::{flaw, log_bytes, peek};
pub use place::{Place, hospitals_near};
pub use queue::Class;
pub use replace::{Held, KEPT, READY, hold, move_if_there};
pub use shipping::replay;
pub use statements::{Cost, NAMED_MAX, SLOW, SLOW_MAX, Slow, Totals};
pub use status::{StoreStatus, Unwritable};
pub use tx::{ReadTx, Tx};
pub use value::{FromValue, Row, Value, ValueRef};

use crate::vocab::clock::Clock;
use folder::Folder;
use shared::Shared;

/// How long reads may go on when the store closes.
const READS_END: Duration = Duration::from_secs(2);

/// The hospital's database. Clones are the same store; it closes when the last one goes.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.inner.shared.file).finish()
    }
}

struct Inner {
    shared: Arc<Shared>,
    slow: readers::SlowReaders,
    workers: Mutex<Option<Workers>>,
    recovery: Option<Recovery>,
    missing: Option<Missing>,
    /// Gone when the store is dropped, after everything else.
    _scratch: Option<scratch::ScratchFolder>,
}

/// What runs until the store is closed.
struct Workers {
    writer: JoinHandle<()>,
    checkpointer: JoinHandle<()>,
    bell: Arc<wal::Bell>,
    folder: Folder,
}

impl Store {
    /// Opens the store in its folder, creating or migrating the database.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::NetworkFileSystem`], [`StoreError::Damaged`],
    /// [`StoreError::Foreign`], [`StoreError::NewerSchema`], those of migrations, and
    /// [`StoreError::Io`].
    pub fn open(options: StoreOptions, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with(options, clock.as_ref(), migrate::MIGRATIONS, None)
    }

    fn open_with(
        options: StoreOptions,
        clock: &dyn Clock,
        migrations: &[migrate::Migration],
        scratch: Option<scratch::ScratchFolder>,
    ) -> Result<Self, StoreError> {
        connection::check_engine()?;
        let folder = Folder::take(&options.folder)?;
        let deadline = Arc::new(deadline::Deadline::new());
        folder.refuse_missing()?;
        let (mut conn, recovery) = opening::open_whole(&folder, &options, &deadline)?;
        if let Some(found) = recovery.as_ref().and_then(Recovery::missing) {
            missing::keep(&options.folder, &Missing::noticed(found, clock.now()));
        }
        let missing = missing_in(&options.folder);
        migrate::migrate(&mut conn, &folder, clock, migrations)?;
        let newest = missing::newest(&conn);
        folder.is_running(newest)?;
        let shared = Arc::new(Shared::new(options, folder.database()));
        let walkeeper = wal::Walkeeper::new(Arc::clone(&shared), &mut conn)?;
        shipping::resume(&shared, newest)?;
        let writer = writer::Writer::new(conn, deadline, Arc::clone(&shared), walkeeper);
        let waiting = Arc::clone(&shared);
        let bell = Arc::new(wal::Bell::default());
        let checkpoints = connection::open_checkpointer(&shared.file)?;
        let (kept, rung) = (Arc::clone(&shared), Arc::clone(&bell));
        let pulse = folder.pulse(newest);
        let workers = Workers {
            checkpointer: thread("store-checkpoints", move || {
                wal::keep(&checkpoints, &kept, &rung, pulse);
            })?,
            writer: thread("store-writer", move || {
                let _refuses = queue::RefusesAtEnd(&waiting.queue);
                writer.run();
            })?,
            bell,
            folder,
        };
        let slow = readers::SlowReaders::start(&shared)?;
        let workers = Mutex::new(Some(workers));
        let inner = Inner { shared, slow, workers, recovery, missing, _scratch: scratch };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs `job` in the next commit and answers when it is durable.
    ///
    /// `job` may be run more than once and must have no effects but the transaction's. If it
    /// fails or panics, what it wrote is undone. Giving up the future does not take the job
    /// back.
    ///
    /// # Errors
    /// What `job` returned; [`StoreError::Busy`] at once if too many wait already;
    /// [`StoreError::DiskFull`] and the like if the commit failed, and then nothing is written.
    pub async fn write<T, E>(
        &self,
        class: Class,
        job: impl Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_then(class, job, |_| ()).await
    }

    /// [`Store::write`], with `then` run once the outcome is durable and before anybody hears
    /// of it, also if whoever asked has gone. It runs on the writer's thread: it must be short.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_then<T, E>(
        &self,
        class: Class,
        job: impl Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        then: impl FnOnce(&Result<T, E>) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = job::Closure::boxed(job, move |done: Result<T, E>| {
            then(&done);
            // Whoever asked may have gone; what is written stays written.
            let _ = reply.send(done);
        });
        self.inner.shared.queue.push(class, job, Duration::ZERO)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// [`Store::write`] for threads outside the async runtime: imports, the command line. A
    /// bulk job waits for room in its queue, within the bound of the options.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E>(
        &self,
        class: Class,
        job: impl Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_blocking_then(class, job, |_| ())
    }

    /// For work that has no hurry, between two of its jobs: waits until the thread beside the
    /// writer has moved the log into the database, but no longer than `patience`; whether it has.
    /// Else a long run of jobs leaves that to the writer, and people wait meanwhile.
    pub fn let_log_settle(&self, patience: Duration) -> bool {
        let shared = &self.inner.shared;
        shared.wal.settles_within(shared.options.wal_waiting_max, patience)
    }

    /// [`Store::write_then`] for threads outside the async runtime.
    ///
    /// # Errors
    /// As [`Store::write_blocking`].
    pub fn write_blocking_then<T, E>(
        &self,
        class: Class,
        job: impl Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        then: impl FnOnce(&Result<T, E>) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        let job = job::Closure::boxed(job, move |done: Result<T, E>| {
            then(&done);
            // Whoever asked may have gone; what is written stays written.
            let _ = reply.send(done);
        });
        let wait = match class {
            Class::People => Duration::ZERO,
            Class::Bulk => self.inner.shared.options.bulk_wait,
        };
        self.inner.shared.queue.push(class, job, wait)?;
        answer.recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Asks `f`'s questions of one snapshot, on the calling thread's own connection. For
    /// questions of up to about a millisecond; see [`Store::read_slow`].
    ///
    /// # Errors
    /// What `f` returned; [`StoreError::Deadline`] after `deadline`.
    pub fn read<T, E: From<StoreError>>(
        &self,
        deadline: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        readers::ask_here(&self.inner.shared, deadline, f)
    }

    /// Asks `f`'s questions of one snapshot, on a reader thread. `deadline` counts from now,
    /// waiting included.
    ///
    /// # Errors
    /// What `f` returned; [`StoreError::Deadline`] after `deadline`; [`StoreError::Busy`] at
    /// once if too many wait already.
    pub async fn read_slow<T, E>(
        &self,
        deadline: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.inner.slow.ask(&self.inner.shared, deadline, f, move |done| {
            // Whoever asked may have gone.
            let _ = reply.send(done);
        })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.inner.shared.options.folder
    }

    /// What an earlier run has written and this database does not have, if that was noticed at
    /// this or an earlier start.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        self.inner.missing.as_ref()
    }

    /// Moves after each durable commit, so that listeners wake.
    #[must_use]
    pub fn after_commit(&self) -> watch::Receiver<u64> {
        self.inner.shared.commits.subscribe()
    }

    /// What was found at opening, if the last run did not end in order.
    #[must_use]
    pub fn recovery(&self) -> Option<&Recovery> {
        self.inner.recovery.as_ref()
    }

    /// How the store does at this moment.
    #[must_use]
    pub fn status(&self) -> StoreStatus {
        StoreStatus::of(&self.inner.shared, self.inner.slow.depth())
    }

    /// Refuses what is new, finishes what is queued, moves the log into the database and lets
    /// go of the folder. A second call does nothing.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(workers) = workers else { return };
        self.shared.closed.store(true, Ordering::Release);
        self.shared.queue.close();
        workers.bell.ring();
        self.shared.reads.hurry(READS_END);
        self.slow.stop();
        self.shared.places.empty(2 * READS_END);
        join(workers.checkpointer);
        // The mark stays on a damaged store, so that the next start looks at all of it and does
        // not take a file that is gone for a hospital that is new.
        if join(workers.writer) && self.shared.damage.found().is_none() {
            workers.folder.is_clean();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

/// Starts a thread with a name that shows in the system's tools.
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StoreError::io(format!("start the thread {name}"), &error))
}

/// Waits for a thread, unless it is the present one; true if it ended in order.
fn join(thread: JoinHandle<()>) -> bool {
    // A job may hold the last clone of its own store.
    if thread.thread().id() == std::thread::current().id() {
        return false;
    }
    thread.join().is_ok()
}

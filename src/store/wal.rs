//! Moves the write-ahead log into the database, never waiting for readers in the way of writes.
//!
//! A thread of its own runs a passive checkpoint when enough waits. When writers are so busy
//! that it never catches up, the writer finishes it between two groups, while nothing is
//! appended; the next write then starts the log again from its beginning. The log file is kept
//! and overwritten, which is much cheaper than growing it again; it is truncated only when it
//! has become very large, in a quiet moment, and at the end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME};

use super::connection::PAGE_BYTES;
use super::damage::Damage;
use super::error::StoreError;
use super::missing;
use super::pulse::Pulse;
use super::shared::Shared;

const SETTLE_STEP: Duration = Duration::from_millis(20);
const FRAME_BYTES: u64 = PAGE_BYTES + 24;
const HEADER_BYTES: u64 = 32;
const TICK: Duration = Duration::from_millis(500);
/// How long the writer leaves a log alone that a long reader did not let it finish.
const BLOCKED_PAUSE: Duration = Duration::from_millis(250);

/// How much of the log is written and how much of that has reached the database, in frames.
#[derive(Debug, Default)]
pub(super) struct WalGauge {
    written: AtomicU64,
    moved: AtomicU64,
    checkpoints: AtomicU64,
    commits: AtomicU64,
    failing: AtomicBool,
    /// Held while a checkpoint runs, so that the writer waits for the thread and not beside it.
    running: Mutex<()>,
}

impl WalGauge {
    /// After each commit: the log holds `frames`. It starts again from the beginning once all
    /// of it has been moved and nobody reads from it.
    fn committed(&self, frames: u64) {
        if frames < self.written.swap(frames, Ordering::Relaxed) {
            self.moved.store(0, Ordering::Relaxed);
        }
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Commits so far; what one of them wrote is in the log before it counts.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    fn is(&self, written: i32, moved: i32) {
        self.written.store(u64::try_from(written).unwrap_or(0), Ordering::Relaxed);
        self.moved.store(u64::try_from(moved).unwrap_or(0), Ordering::Relaxed);
    }

    /// Where in the log's file what is in use ends, bytes.
    pub(super) fn log_end(&self) -> u64 {
        match self.written.load(Ordering::Relaxed) {
            0 => 0,
            frames => HEADER_BYTES + frames * FRAME_BYTES,
        }
    }

    /// Bytes of the log that are in use.
    pub(super) fn log_bytes(&self) -> u64 {
        self.written.load(Ordering::Relaxed) * FRAME_BYTES
    }

    /// Bytes that still have to reach the database.
    pub(super) fn waiting_bytes(&self) -> u64 {
        let moved = self.moved.load(Ordering::Relaxed);
        self.written.load(Ordering::Relaxed).saturating_sub(moved) * FRAME_BYTES
    }

    /// Waits until less than `most` bytes still have to reach the database; false if that was not
    /// within `patience`, because a reader stands in the way or nothing is moved any more.
    pub(super) fn settles_within(&self, most: u64, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while most <= self.waiting_bytes() {
            if until <= Instant::now() {
                return false;
            }
            std::thread::sleep(SETTLE_STEP);
        }
        true
    }

    /// Checkpoints run so far.
    pub(super) fn checkpoints(&self) -> u64 {
        self.checkpoints.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a checkpoint; being in somebody's way is no failure.
    fn checkpoint(&self, conn: &Connection, mode: CheckpointMode) -> Result<(), StoreError> {
        match conn.wal_checkpoint_v2(DEFAULT_NAME, mode) {
            Ok((written, moved)) => {
                self.is(written, moved);
                self.checkpoints.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => match StoreError::from_engine(error, conn) {
                StoreError::Busy { .. } => Ok(()),
                error => Err(error),
            },
        }
    }

    /// Says once that checkpoints fail, and once that they work again.
    fn report(&self, outcome: Result<(), StoreError>, damage: &Damage) {
        match outcome {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("The write-ahead log is moved into the database again");
            }
            Ok(()) => {}
            Err(error) => {
                damage.note(&error);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::error!(
                        store.cause = %error,
                        "The write-ahead log cannot be moved into the database: {error}"
                    );
                }
            }
        }
    }
}

/// Name of the log file of `database`.
pub(super) fn log_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Size of the log file on disk.
pub(super) fn log_file_bytes(database: &Path) -> u64 {
    file_bytes(&log_file(database))
}

/// Size of a file on disk.
pub(super) fn file_bytes(path: &Path) -> u64 {
    // Asks the directory, not the file: a handle on the file must never be opened here.
    std::fs::symlink_metadata(path).map_or(0, |found| found.len())
}

/// How many frames the log of `conn`, which nobody else has open, holds.
pub(super) fn frames_in(conn: &Connection) -> Result<u64, StoreError> {
    let counted = conn.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::PASSIVE);
    let (frames, _) = counted.map_err(|error| StoreError::from_engine(error, conn))?;
    Ok(u64::try_from(frames).unwrap_or(0))
}

/// The writer's part.
pub(super) struct Walkeeper {
    shared: Arc<Shared>,
    /// When a reader last stood in the way.
    blocked_at: Option<Instant>,
}

impl Walkeeper {
    /// Counts the log from `conn`'s commits on.
    pub(super) fn new(shared: Arc<Shared>, conn: &mut Connection) -> Result<Self, StoreError> {
        let counted = Arc::clone(&shared);
        let hook = move |_: &mut Wal, frames: i32| {
            counted.wal.committed(u64::try_from(frames).unwrap_or(0));
            Ok(())
        };
        conn.wal_hook(Some(hook)).map_err(|error| StoreError::from_engine(error, conn))?;
        Ok(Self { shared, blocked_at: None })
    }

    /// Finishes the checkpoint if the thread did not get there.
    pub(super) fn between_groups(&mut self, conn: &Connection) {
        let (wal, options) = (&self.shared.wal, &self.shared.options);
        if wal.log_bytes() < options.wal_high || wal.waiting_bytes() < options.wal_waiting_max {
            return;
        }
        if self.blocked_at.is_some_and(|at| at.elapsed() < BLOCKED_PAUSE) {
            return;
        }
        let _alone = wal.lock();
        self.with_log_saved(|| {
            wal.report(wal.checkpoint(conn, CheckpointMode::PASSIVE), &self.shared.damage);
        });
        self.blocked_at = (wal.waiting_bytes() != 0).then(Instant::now);
    }

    /// Truncates a log file that has become very large.
    pub(super) fn in_quiet(&self, conn: &Connection) {
        if self.shared.options.wal_file_max < log_file_bytes(&self.shared.file) {
            let _alone = self.shared.wal.lock();
            self.with_log_saved(|| self.truncate(conn, Duration::ZERO));
        }
    }

    /// Does `work`, which may begin the log anew: what of it nobody has taken is saved before, and
    /// the keeper's pin, which is in its way, is away meanwhile.
    fn with_log_saved(&self, work: impl FnOnce()) {
        let mut keeper = self.shared.keeper();
        if keeper.as_mut().is_some_and(|keeper| !keeper.save(self.shared.wal.log_end())) {
            *keeper = None;
        }
        work();
        if let Some(Err(cause)) = keeper.as_mut().map(|keeper| keeper.pin(&self.shared)) {
            tracing::error!("The log cannot be kept: {cause}");
        }
    }

    /// Moves everything, so that the database is one file again.
    pub(super) fn at_close(&self, conn: &Connection) {
        if let Some(mut keeper) = self.shared.keeper().take() {
            keeper.end_generation(self.shared.wal.log_end(), missing::newest(conn));
        }
        let _alone = self.shared.wal.lock();
        self.truncate(conn, Duration::from_secs(5));
    }

    /// `patience` is how long readers may hold it up. No checkpoint of another runs.
    fn truncate(&self, conn: &Connection, patience: Duration) {
        let outcome = conn
            .busy_timeout(patience)
            .map_err(|error| StoreError::from_engine(error, conn))
            .and_then(|()| self.shared.wal.checkpoint(conn, CheckpointMode::TRUNCATE));
        self.shared.wal.report(outcome, &self.shared.damage);
        if let Err(error) = conn.busy_timeout(super::connection::BUSY_TIMEOUT) {
            tracing::error!(store.cause = %error, "The wait for locks could not be set: {error}");
        }
    }
}

/// The thread's part: a bell that wakes it for its end.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits up to `span`; true once the bell has rung.
    fn rings_within(&self, span: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(rung, span, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Checkpoints when enough waits, until the bell rings.
pub(super) fn keep(conn: &Connection, shared: &Shared, bell: &Bell, mut pulse: Pulse) {
    while !bell.rings_within(TICK) {
        if let Err(gone) = pulse.beat(|| missing::newest(conn)) {
            shared.damage.note(&gone);
            continue;
        }
        if shared.wal.waiting_bytes() < shared.options.wal_waiting_max {
            continue;
        }
        let _alone = shared.wal.lock();
        let outcome = shared.wal.checkpoint(conn, CheckpointMode::PASSIVE);
        shared.wal.report(outcome, &shared.damage);
    }
}

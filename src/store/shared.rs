//! What the threads of one store share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::damage::Damage;
use super::error::StoreError;
use super::folder;
use super::keeper::Keeper;
use super::open_reads::OpenReads;
use super::options::StoreOptions;
use super::queue::Queue;
use super::readers::Places;
use super::statements::Statements;
use super::wal::WalGauge;

/// Free bytes below which a disk that was full still is.
const ROOM: u64 = 256 << 10;

/// Everything that outlives a single call.
pub(super) struct Shared {
    /// Tells stores apart in the connections that each thread keeps.
    pub(super) number: u64,
    pub(super) options: StoreOptions,
    /// The database file.
    pub(super) file: PathBuf,
    pub(super) queue: Queue,
    pub(super) damage: Damage,
    pub(super) wal: WalGauge,
    pub(super) reads: OpenReads,
    pub(super) places: Places,
    pub(super) counts: Counts,
    pub(super) statements: Statements,
    /// Why nothing can be written, since the last commit that failed for it.
    pub(super) unwritable: Mutex<Option<StoreError>>,
    /// Moves with every commit.
    pub(super) commits: watch::Sender<u64>,
    pub(super) closed: AtomicBool,
    /// Whether another copy was promoted.
    superseded: AtomicBool,
    /// Keeps the log until it was taken along, where somebody does that.
    keeper: Mutex<Option<Keeper>>,
}

impl Shared {
    pub(super) fn new(options: StoreOptions, file: PathBuf) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            queue: Queue::new(options.queue_max, options.bulk_queue_max),
            options,
            file,
            damage: Damage::default(),
            wal: WalGauge::default(),
            reads: OpenReads::default(),
            places: Places::default(),
            counts: Counts::default(),
            statements: Statements::default(),
            unwritable: Mutex::default(),
            commits: watch::Sender::new(0),
            closed: AtomicBool::new(false),
            superseded: AtomicBool::new(false),
            keeper: Mutex::default(),
        }
    }

    /// The keeper of the log.
    pub(super) fn keeper(&self) -> MutexGuard<'_, Option<Keeper>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers whether writing works: `outcome` is that of a transaction.
    pub(super) fn note_writing(&self, outcome: &Result<(), StoreError>) {
        use StoreError::{Damaged, DiskFull, Io, ReadOnly};
        let cause = match outcome {
            // What still fits into the log's file is written on a full disk too.
            Ok(()) if self.is_full() => return,
            Ok(()) => None,
            Err(cause @ (Damaged { .. } | DiskFull | Io { .. } | ReadOnly)) => Some(cause.clone()),
            // Somebody's own mistake.
            Err(_) => return,
        };
        *self.unwritable.lock().unwrap_or_else(PoisonError::into_inner) = cause;
    }

    /// Why nothing can be written, if it is so.
    pub(super) fn unwritable(&self) -> Option<StoreError> {
        self.unwritable.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why nothing may be written any more, whether or not it could be.
    pub(super) fn forbidden(&self) -> Option<StoreError> {
        let superseded = || self.superseded.load(Ordering::Acquire);
        self.damage.found().or_else(|| superseded().then_some(StoreError::Superseded))
    }

    /// Nothing is written from now on; whether that is new.
    pub(super) fn supersede(&self) -> bool {
        !self.superseded.swap(true, Ordering::AcqRel)
    }

    /// Whether the disk was full and still is.
    pub(super) fn is_full(&self) -> bool {
        let has_room = || folder::free_bytes(&self.options.folder).is_ok_and(|free| ROOM <= free);
        self.unwritable() == Some(StoreError::DiskFull) && !has_room()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// What the writer has done.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) jobs: AtomicU64,
    pub(super) group_last: AtomicUsize,
    pub(super) group_largest: AtomicUsize,
    pub(super) commit_last_us: AtomicU64,
    pub(super) commit_longest_us: AtomicU64,
    /// The slowest since somebody asked last.
    pub(super) commit_peak_us: AtomicU64,
}

impl Counts {
    pub(super) fn committed(&self, jobs: usize, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.jobs.fetch_add(u64::try_from(jobs).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.group_last.store(jobs, Ordering::Relaxed);
        self.group_largest.fetch_max(jobs, Ordering::Relaxed);
        self.commit_last_us.store(took_us, Ordering::Relaxed);
        self.commit_longest_us.fetch_max(took_us, Ordering::Relaxed);
        self.commit_peak_us.fetch_max(took_us, Ordering::Relaxed);
    }
}

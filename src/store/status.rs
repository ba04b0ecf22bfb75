//! How the store does: what the health probe, the metrics and the dashboard show.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::error::StoreError;
use super::shared::Shared;
use super::wal;

/// Why nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritable {
    /// The disk is full; this ends by itself when there is room.
    DiskFull,
    /// The file is damaged or may only be read, or its disk fails.
    Failing,
    /// Another copy of the hospital was promoted.
    Superseded,
}

/// A look at the store at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStatus {
    /// Jobs of people that wait for the writer.
    pub queue_people: usize,
    /// Bulk jobs that wait for the writer.
    pub queue_bulk: usize,
    /// How many jobs of people may wait.
    pub queue_max: usize,
    /// Slow reads that wait for a thread.
    pub queue_slow_reads: usize,
    /// Durable commits since the start.
    pub commits: u64,
    /// Jobs written by those commits.
    pub jobs: u64,
    /// Jobs in the last commit.
    pub group_last: usize,
    /// Jobs in the largest commit.
    pub group_largest: usize,
    /// How long the last commit took to become durable.
    pub commit_last: Duration,
    /// How long the slowest one took.
    pub commit_longest: Duration,
    /// Size of the database's file.
    pub database_bytes: u64,
    /// Size of the write-ahead log's file.
    pub wal_bytes: u64,
    /// How much of it has not reached the database yet.
    pub wal_waiting_bytes: u64,
    /// Checkpoints since the start.
    pub checkpoints: u64,
    /// Readers at work.
    pub readers_in_use: usize,
    /// Age of the oldest open snapshot; it holds up the log.
    pub snapshot_oldest: Option<Duration>,
    /// The thread that holds it.
    pub snapshot_holder: Option<String>,
    /// What is wrong with the database file, if anything was found.
    pub damage: Option<String>,
    /// Why nothing can be written, if it is so.
    pub unwritable: Option<Unwritable>,
    /// Whether the store is closed.
    pub closed: bool,
}

impl StoreStatus {
    pub(super) fn of(shared: &Shared, queue_slow_reads: usize) -> Self {
        let (queue_people, queue_bulk) = shared.queue.depth();
        let (readers_in_use, oldest) = shared.reads.open();
        let (snapshot_oldest, snapshot_holder) = oldest.unzip();
        let counts = &shared.counts;
        let micros = |count: &std::sync::atomic::AtomicU64| {
            Duration::from_micros(count.load(Ordering::Relaxed))
        };
        Self {
            queue_people,
            queue_bulk,
            queue_max: shared.options.queue_max,
            queue_slow_reads,
            commits: *shared.commits.borrow(),
            jobs: counts.jobs.load(Ordering::Relaxed),
            group_last: counts.group_last.load(Ordering::Relaxed),
            group_largest: counts.group_largest.load(Ordering::Relaxed),
            commit_last: micros(&counts.commit_last_us),
            commit_longest: micros(&counts.commit_longest_us),
            database_bytes: wal::file_bytes(&shared.file),
            wal_bytes: wal::log_file_bytes(&shared.file),
            wal_waiting_bytes: shared.wal.waiting_bytes(),
            checkpoints: shared.wal.checkpoints(),
            readers_in_use,
            snapshot_oldest,
            snapshot_holder,
            damage: shared.damage.found().map(|found| found.to_string()),
            unwritable: shared.forbidden().or(shared.unwritable()).map(|cause| match cause {
                StoreError::DiskFull => Unwritable::DiskFull,
                StoreError::Superseded => Unwritable::Superseded,
                _ => Unwritable::Failing,
            }),
            closed: shared.is_closed(),
        }
    }
}

impl super::Store {
    /// Another copy of the hospital was promoted: nothing is written here from now on, until the
    /// end of the program. What is there can be read. Whether that is new.
    pub fn supersede(&self) -> bool {
        self.inner.shared.supersede()
    }

    /// How long the slowest commit took since this was asked last; for one asker only.
    #[must_use]
    pub fn take_slowest_commit(&self) -> Duration {
        let peak = &self.inner.shared.counts.commit_peak_us;
        Duration::from_micros(peak.swap(0, Ordering::Relaxed))
    }
}

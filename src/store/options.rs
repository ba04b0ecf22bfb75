//! How large the store may grow in memory, threads and queues. The defaults are measured ones.

use std::path::PathBuf;
use std::time::Duration;

/// What [`Store::open`](super::Store::open) needs to know.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data folder; the database is `healthflow.db` in it. Created if it is not there.
    pub folder: PathBuf,
    /// Threads and connections for slow reads.
    pub readers: usize,
    /// Slow reads that may wait for a thread; one more is refused as busy.
    pub slow_queue_max: usize,
    /// Page cache of each reader in KiB. Small is fast: the system's cache does the work.
    pub page_cache_kib: u32,
    /// Page cache of the writer in KiB.
    pub writer_cache_kib: u32,
    /// Bytes of the file that each reader may map into memory; 0 maps nothing, so that a
    /// failing disk gives an error and not a crash.
    pub mmap_bytes: u64,
    /// Jobs of people that may wait for the writer; one more is refused as busy.
    pub queue_max: usize,
    /// Bulk jobs that may wait for the writer.
    pub bulk_queue_max: usize,
    /// How long [`Store::write_blocking`](super::Store::write_blocking) waits for room in the
    /// bulk queue before it gives up as busy.
    pub bulk_wait: Duration,
    /// Jobs in one commit at most.
    pub group_max: usize,
    /// Execution time after which a group takes no more jobs and commits.
    pub group_time: Duration,
    /// How long one job may run before it is undone, so that no fault holds up everybody.
    pub job_time_max: Duration,
    /// How long the check of the whole file at opening may take. What it did not reach is
    /// checked when it is read.
    pub check_time_max: Duration,
    /// Bytes in the write-ahead log that may wait before they are moved into the database.
    pub wal_waiting_max: u64,
    /// Bytes in use in the log above which the writer moves them itself, between two groups.
    pub wal_high: u64,
    /// Bytes of the log's file above which it is truncated in a quiet moment.
    pub wal_file_max: u64,
    /// Pages that the database may have; 0 for as many as the volume holds. For tests of a
    /// full disk and for volumes shared with others.
    pub pages_max: u32,
}

impl StoreOptions {
    /// The measured defaults for the data folder `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            readers: 2,
            slow_queue_max: 256,
            page_cache_kib: 4 * 1024,
            writer_cache_kib: 64 * 1024,
            mmap_bytes: 0,
            queue_max: 4096,
            bulk_queue_max: 64,
            bulk_wait: Duration::from_secs(30),
            group_max: 1024,
            group_time: Duration::from_millis(10),
            job_time_max: Duration::from_secs(60),
            check_time_max: Duration::from_secs(20),
            wal_waiting_max: 16 << 20,
            wal_high: 192 << 20,
            wal_file_max: 1 << 30,
            pages_max: 0,
        }
    }
}

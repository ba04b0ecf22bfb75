//! Who reads, and since when: an old snapshot keeps the WAL from being overwritten.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

const IDLE: u64 = u64::MAX;

/// The readers of one store.
#[derive(Debug)]
pub(super) struct Snapshots {
    base: Instant,
    readers: Mutex<Vec<Weak<Reading>>>,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self { base: Instant::now(), readers: Mutex::default() }
    }
}

/// One reader; its age is counted from [`Snapshots`]' base.
#[derive(Debug)]
pub(super) struct Reading {
    base: Instant,
    since_us: AtomicU64,
    who: String,
}

impl Reading {
    pub(super) fn starts(&self) {
        let now = u64::try_from(self.base.elapsed().as_micros()).unwrap_or(IDLE - 1);
        self.since_us.store(now, Ordering::Relaxed);
    }

    pub(super) fn ends(&self) {
        self.since_us.store(IDLE, Ordering::Relaxed);
    }
}

impl Snapshots {
    /// Enters a reader that runs on the present thread.
    pub(super) fn enter(&self) -> Arc<Reading> {
        let who = std::thread::current().name().unwrap_or("unnamed").to_owned();
        let reading = Arc::new(Reading { base: self.base, since_us: AtomicU64::new(IDLE), who });
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|known| known.strong_count() != 0);
        readers.push(Arc::downgrade(&reading));
        reading
    }

    /// How many read at this moment, and the oldest of them: its age and its thread.
    pub(super) fn open(&self) -> (usize, Option<(Duration, String)>) {
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = u64::try_from(self.base.elapsed().as_micros()).unwrap_or(IDLE);
        let open: Vec<(u64, Arc<Reading>)> = readers
            .iter()
            .filter_map(Weak::upgrade)
            .map(|reading| (reading.since_us.load(Ordering::Relaxed), reading))
            .filter(|(since, _)| *since != IDLE)
            .collect();
        let oldest = open.iter().min_by_key(|(since, _)| *since).map(|(since, reading)| {
            (Duration::from_micros(now.saturating_sub(*since)), reading.who.clone())
        });
        (open.len(), oldest)
    }
}

//! Who reads, and since when: an old snapshot keeps the log from being overwritten.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::deadline::Deadline;

const IDLE: u64 = u64::MAX;

/// The readers of one store.
#[derive(Debug)]
pub(super) struct OpenReads {
    base: Instant,
    readers: Mutex<Vec<Weak<Reading>>>,
}

impl Default for OpenReads {
    fn default() -> Self {
        Self { base: Instant::now(), readers: Mutex::default() }
    }
}

/// One reader: whether it reads, since when, for whom, and until when it may.
#[derive(Debug)]
pub(super) struct Reading {
    base: Instant,
    since_us: AtomicU64,
    who: Mutex<Option<Thread>>,
    deadline: Arc<Deadline>,
}

impl Reading {
    /// A snapshot is opened on the present thread.
    pub(super) fn starts(&self) {
        *self.who.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::thread::current());
        self.since_us.store(micros(self.base), Ordering::Relaxed);
    }

    pub(super) fn ends(&self) {
        self.since_us.store(IDLE, Ordering::Relaxed);
    }

    fn since(&self) -> Option<u64> {
        Some(self.since_us.load(Ordering::Relaxed)).filter(|since| *since != IDLE)
    }

    fn holder(&self) -> String {
        let who = self.who.lock().unwrap_or_else(PoisonError::into_inner);
        who.as_ref().and_then(Thread::name).unwrap_or("a thread without a name").to_owned()
    }
}

fn micros(base: Instant) -> u64 {
    u64::try_from(base.elapsed().as_micros()).unwrap_or(IDLE - 1)
}

impl OpenReads {
    /// Enters a reader that `deadline` interrupts.
    pub(super) fn enter(&self, deadline: &Arc<Deadline>) -> Arc<Reading> {
        let reading = Arc::new(Reading {
            base: self.base,
            since_us: AtomicU64::new(IDLE),
            who: Mutex::default(),
            deadline: Arc::clone(deadline),
        });
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|known| known.strong_count() != 0);
        readers.push(Arc::downgrade(&reading));
        reading
    }

    /// How many read at this moment, and the oldest of them: its age and its thread.
    pub(super) fn open(&self) -> (usize, Option<(Duration, String)>) {
        let open = self.reading();
        let oldest = open.iter().min_by_key(|(since, _)| *since).map(|(since, reading)| {
            let age = Duration::from_micros(micros(self.base).saturating_sub(*since));
            (age, reading.holder())
        });
        (open.len(), oldest)
    }

    /// Whoever reads has `span` to come to an end.
    pub(super) fn hurry(&self, span: Duration) {
        for (_, reading) in self.reading() {
            reading.deadline.shorten(span);
        }
    }

    fn reading(&self) -> Vec<(u64, Arc<Reading>)> {
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = readers.iter().filter_map(Weak::upgrade);
        known.filter_map(|reading| Some((reading.since()?, reading))).collect()
    }
}

impl super::Store {
    /// Whoever reads at this moment has two seconds to come to an end: the house closes.
    pub fn hurry_reads(&self) {
        self.inner.shared.reads.hurry(super::READS_END);
    }
}

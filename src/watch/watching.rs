//! The thread that takes a sample every ten seconds, keeps it, and asks the rules about it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::alarm::Alarms;
use super::kept;
use super::rings::{Rings, SPANS, Slot};
use super::sampler::{Sampler, Sources};
use super::series::Sample;
use crate::notify::Shout;
use crate::platform::ledger::Desk;

/// How often a sample is taken.
const EVERY: Duration = Duration::from_secs(10);
/// Samples after which what is new is written: once a minute.
const SAVED_EVERY: u32 = 6;
/// Steps that wait to be written; on a disk that takes none the oldest go.
const WAITING_MAX: usize = 400;

/// The thread, and what it has measured. Cheap to clone.
#[derive(Clone)]
pub struct Watching(Arc<Inner>);

impl std::fmt::Debug for Watching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watching").finish_non_exhaustive()
    }
}

struct Inner {
    desk: Desk,
    shout: Shout,
    rings: RwLock<Rings>,
    latest: Mutex<Option<Sample>>,
    sampler: Mutex<Option<Sampler>>,
    stop: (Mutex<bool>, Condvar),
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Watching {
    /// Over `sources`; nothing is measured before [`Watching::start`]. What was kept is there.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let (desk, shout) = (sources.desk.clone(), sources.shout.clone());
        let kept = desk.store().read(desk.screen_deadline(), kept::load);
        let kept = kept.inspect_err(|cause| tracing::warn!("No sample was read again: {cause}"));
        Self(Arc::new(Inner {
            desk,
            shout,
            rings: RwLock::new(kept.unwrap_or_default()),
            latest: Mutex::default(),
            sampler: Mutex::new(Some(Sampler::new(sources))),
            stop: (Mutex::new(false), Condvar::new()),
            thread: Mutex::default(),
        }))
    }

    /// Begins.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(&self) -> std::io::Result<()> {
        let Some(sampler) = lock(&self.0.sampler).take() else { return Ok(()) };
        let inner = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("watch".to_owned());
        *lock(&self.0.thread) = Some(thread.spawn(move || inner.run(sampler))?);
        Ok(())
    }

    /// Writes what is new, and ends.
    pub fn close(&self) {
        *lock(&self.0.stop.0) = true;
        self.0.stop.1.notify_all();
        if let Some(thread) = lock(&self.0.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("The thread that watches the server has ended unexpectedly");
        }
    }

    /// The newest sample, if there is one since the start.
    #[must_use]
    pub fn latest(&self) -> Option<Sample> {
        lock(&self.0.latest).clone()
    }

    /// What was measured.
    pub fn rings(&self) -> RwLockReadGuard<'_, Rings> {
        self.0.rings.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn run(&self, mut sampler: Sampler) {
        let mut alarms = {
            let rings = self.rings.read().unwrap_or_else(PoisonError::into_inner);
            Alarms::new(&self.desk, &self.shout, &rings)
        };
        // Where rates begin; it is no sample of anything.
        sampler.take(self.desk.now());
        let (mut waiting, mut taken) = (Vec::new(), 0);
        let mut next = Instant::now() + EVERY;
        while !self.stopped_before(next) {
            // A machine that slept takes no sample for each step that it slept through.
            next = (next + EVERY).max(Instant::now());
            let sample = sampler.take(self.desk.now());
            waiting.extend(self.keep(&sample));
            alarms.step(&sample);
            *lock(&self.latest) = Some(sample);
            taken += 1;
            if taken % SAVED_EVERY == 0 {
                self.shout.learn();
                self.save(&mut waiting);
            }
        }
        waiting.extend(self.rings.read().unwrap_or_else(PoisonError::into_inner).going_on());
        self.save(&mut waiting);
    }

    fn keep(&self, sample: &Sample) -> Vec<(usize, Slot)> {
        self.rings.write().unwrap_or_else(PoisonError::into_inner).add(sample)
    }

    fn save(&self, waiting: &mut Vec<(usize, Slot)>) {
        if waiting.is_empty() {
            return;
        }
        let oldest = {
            let rings = self.rings.read().unwrap_or_else(PoisonError::into_inner);
            std::array::from_fn(|number: usize| rings.oldest(number))
        };
        debug_assert_eq!(SPANS.len(), oldest.len());
        match kept::save(self.desk.store(), waiting.clone(), oldest, self.desk.now()) {
            Ok(()) => waiting.clear(),
            Err(cause) => {
                tracing::debug!("Samples are not written yet: {cause}");
                let surplus = waiting.len().saturating_sub(WAITING_MAX);
                waiting.drain(..surplus);
            }
        }
    }

    fn stopped_before(&self, next: Instant) -> bool {
        let span = next.saturating_duration_since(Instant::now());
        let waited = self.stop.1.wait_timeout_while(lock(&self.stop.0), span, |stop| !*stop);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The pool: one thread that hands jobs out, and so many that do them.
//!
//! Of what is due it takes as many as there are free hands, or one where people wait for the
//! writer. It looks when a job was ordered, when one has ended, when the clock says so, and once
//! a second.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::kind::{Done, JobError, JobKind};
use super::queue::{self, Claimed};
use super::resource::JOB;
use super::run::{BUSY, Run, Said};
use super::schedule;
use crate::observability::metrics::Metrics;
use crate::platform::disk::Rung;
use crate::platform::ledger::Desk;
use crate::store::{Class, StoreError};

/// The longest time between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// How often those that run are hurried when the house closes.
const CLOSING: Duration = Duration::from_millis(20);
/// After what could not be written.
const RETRY: Duration = Duration::from_millis(500);

/// What the server does in the background. Cheap to clone; close it once.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").finish_non_exhaustive()
    }
}

struct Inner {
    desk: Desk,
    kinds: Vec<JobKind>,
    metrics: Metrics,
    hands: usize,
    bell: Arc<Bell>,
    closing: AtomicBool,
    running: Mutex<HashMap<i64, Running>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A job that runs.
#[derive(Debug)]
struct Running {
    kind: String,
    said: Arc<Said>,
}

/// Wakes the thread that hands out.
#[derive(Debug, Default)]
struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    fn ring(&self) {
        *lock(&self.rung) = true;
        self.heard.notify_one();
    }

    fn wait(&self, most: Duration) {
        let mut rung = lock(&self.rung);
        if !*rung {
            let waited = self.heard.wait_timeout(rung, most);
            rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *rung = false;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jobs {
    /// A pool of `hands` threads for jobs of these `kinds`. Nothing is done before it is
    /// [started](Self::start).
    #[must_use]
    pub fn new(desk: &Desk, (kinds, metrics): (Vec<JobKind>, Metrics), hands: usize) -> Self {
        let bell = Arc::new(Bell::default());
        let rung = Arc::clone(&bell);
        desk.after_each_change(move |touched| {
            if touched.iter().any(|touch| touch.kind == JOB) {
                rung.ring();
            }
        });
        Self(Arc::new(Inner {
            desk: desk.clone(),
            kinds,
            metrics,
            hands: hands.max(1),
            bell,
            closing: AtomicBool::new(false),
            running: Mutex::default(),
            threads: Mutex::default(),
        }))
    }

    /// Starts the threads. What an earlier run of the program has left is put back first.
    ///
    /// # Errors
    /// What the store says; the system gives no thread.
    pub fn start(&self) -> Result<(), StoreError> {
        let (store, now) = (self.0.desk.store(), self.0.desk.now());
        let left = store.write_blocking(Class::Bulk, move |tx| queue::revive(tx, now))?;
        if 0 < left {
            tracing::info!(jobs = left, "Jobs that were running when the program ended go on");
        }
        let (give, take) = channel();
        let take = Arc::new(Mutex::new(take));
        for hand in 0..self.0.hands {
            let (inner, take) = (Arc::clone(&self.0), Arc::clone(&take));
            self.spawn(&format!("job-{hand}"), move || inner.work(&take))?;
        }
        let inner = Arc::clone(&self.0);
        self.spawn("jobs", move || inner.hand_out(&give))
    }

    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        let thread = thread.map_err(|cause| StoreError::Io {
            what: format!("start the thread {name}"),
            cause: cause.to_string(),
        })?;
        lock(&self.0.threads).push(thread);
        Ok(())
    }

    /// The kind called `name`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&JobKind> {
        self.0.kind(name)
    }

    /// Has the job `id` end soon, if it runs just now.
    pub fn cancel(&self, id: i64) {
        if let Some(running) = lock(&self.0.running).get(&id) {
            running.said.cancel.store(true, Ordering::Release);
        }
    }

    /// Takes no more jobs, and waits until those that run have put themselves down. A second call
    /// does nothing.
    pub fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        for running in lock(&self.0.running).values() {
            running.said.stop.store(true, Ordering::Release);
        }
        self.0.bell.ring();
        let threads = std::mem::take(&mut *lock(&self.0.threads));
        for thread in threads {
            while !thread.is_finished() {
                self.0.desk.store().hurry_reads();
                std::thread::sleep(CLOSING);
            }
            let _ = thread.join();
        }
    }
}

impl Inner {
    fn kind(&self, name: &str) -> Option<&JobKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Until the house closes; then `give` is dropped, and the hands rest.
    fn hand_out(&self, give: &Sender<(Claimed, Arc<Said>)>) {
        while !self.is_closing() {
            let wait = self.look(give).unwrap_or_else(|cause| {
                tracing::warn!("Jobs were not looked at and will be: {cause}");
                LOOK
            });
            self.bell.wait(wait);
        }
    }

    /// Hands out what is due; how long until something else may be.
    fn look(&self, give: &Sender<(Claimed, Arc<Said>)>) -> Result<Duration, StoreError> {
        schedule::tick(&self.desk, &self.kinds)?;
        let free = self.hands.saturating_sub(lock(&self.running).len());
        let now = self.desk.now();
        let deadline = self.desk.screen_deadline();
        let next = self.desk.store().read(deadline, queue::next_at)?;
        let Some(next) = next.filter(|_| 0 < free) else { return Ok(LOOK) };
        if now < next {
            let wait = Duration::from_micros(u64::try_from(next - now).unwrap_or(0));
            return Ok(wait.min(LOOK));
        }
        let are_waiting = BUSY < self.desk.store().status().queue_people;
        let most = if are_waiting { 1 } else { i64::try_from(free).unwrap_or(1) };
        let (only, bounded) = (self.only(), self.bounded());
        let claim = move |tx: &crate::store::Tx<'_>| {
            queue::claim(tx, now, most, (only.as_deref(), &bounded))
        };
        for job in self.desk.store().write_blocking(Class::Bulk, claim)? {
            let said = Arc::new(Said::default());
            let running = Running { kind: job.kind.clone(), said: Arc::clone(&said) };
            lock(&self.running).insert(job.id, running);
            // Closing sets its flag first and looks at what runs second: one of the two is seen.
            if self.is_closing() {
                said.stop.store(true, Ordering::Release);
            }
            if give.send((job, said)).is_err() {
                return Ok(LOOK);
            }
        }
        Ok(LOOK)
    }

    /// How many more may run of the kinds that have a bound of their own.
    fn bounded(&self) -> HashMap<&'static str, i64> {
        let running = lock(&self.running);
        let left = |kind: &JobKind| {
            let most = kind.at_once?;
            let now = running.values().filter(|running| running.kind == kind.name).count();
            Some((kind.name, i64::try_from(most.saturating_sub(now)).unwrap_or(0)))
        };
        self.kinds.iter().filter_map(left).collect()
    }

    /// The kinds that are done on a disk that is nearly full, as a JSON array; `None` is all.
    fn only(&self) -> Option<String> {
        let frees = self.kinds.iter().filter(|kind| kind.frees_room).map(|kind| kind.name);
        let is_full = self.desk.ladder().is_at(Rung::ChartingOnly);
        is_full.then(|| serde_json::json!(frees.collect::<Vec<_>>()).to_string())
    }

    fn work(&self, take: &Mutex<Receiver<(Claimed, Arc<Said>)>>) {
        loop {
            let taken = lock(take).recv();
            let Ok((job, said)) = taken else { return };
            let begun = Instant::now();
            let came = self.attempt(&job, &said);
            // Kinds that are not known would be labels without a bound.
            if let Some(kind) = self.kind(&job.kind) {
                self.metrics.job(kind.name, queue::outcome(&came), begun.elapsed());
            }
            self.end(job, came);
            self.bell.ring();
        }
    }

    fn attempt(&self, job: &Claimed, said: &Said) -> Result<Done, JobError> {
        let Some(kind) = self.kind(&job.kind) else {
            let detail = "This program does not know the kind of this job.".to_owned();
            return Err(JobError::Hopeless { code: "jobs.unknown_kind", detail });
        };
        let span = tracing::info_span!("job", job.kind = kind.name, job.id = job.id);
        let _within = span.enter();
        let run = Run::new(&self.desk, job.id, said, kind.time_limit);
        run.check()?;
        // What it has done half is the store's to undo, or its next attempt's.
        let came = catch_unwind(AssertUnwindSafe(|| kind.run(&job.payload, &run)));
        let came = came.unwrap_or_else(|_| {
            let detail = "It ended by a fault of the program; the log has more.".to_owned();
            Err(JobError::Failed { code: "jobs.panicked", detail })
        });
        // What fails because it was told to end has not failed.
        let came = match (came, run.check()) {
            (Err(JobError::Failed { .. }), Err(told)) => Err(told),
            (came, _) => came,
        };
        if let Err(cause) = &came {
            tracing::warn!(job.attempt = job.attempt + 1, "A job was not done: {cause}");
        }
        came
    }

    /// Until it is noted, or the house closes: what could not be noted is put back at the next
    /// start.
    fn end(&self, job: Claimed, came: Result<Done, JobError>) {
        let (id, job, came) = (job.id, Arc::new(job), Arc::new(came));
        loop {
            let (job, came, now) = (Arc::clone(&job), Arc::clone(&came), self.desk.now());
            let note = move |tx: &crate::store::Tx<'_>| queue::end(tx, now, &job, &came);
            match self.desk.store().write_blocking(Class::Bulk, note) {
                Ok(()) => break,
                Err(cause) if self.is_closing() => {
                    tracing::warn!("What came of a job was not noted: it will run again: {cause}");
                    break;
                }
                Err(cause) => {
                    tracing::warn!("What came of a job will be noted later: {cause}");
                    std::thread::sleep(RETRY);
                }
            }
        }
        lock(&self.running).remove(&id);
    }
}

//! Durable listeners: each on its own thread, so that none waits for another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, watch};

use super::outbox::{self, Event};
use crate::store::{Class, Store, StoreError};
use crate::vocab::clock::Clock;

/// Events handed over at a time.
const BATCH: i64 = 500;
/// What comes within this time is handed over together.
const PACE: Duration = Duration::from_millis(20);
/// How often a listener is called though nothing happened, and its place is written.
const REST: Duration = Duration::from_secs(1);
/// A listener that failed is asked again after this time, then after twice as long, up to the
/// longest.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LONGEST: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(30);

/// Why a listener could not take what it was told. It is logged: it must not hold a value of a
/// patient's record.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

type Hear = Box<dyn FnMut(&[Event]) -> Result<(), Cause> + Send>;
type AtRest = Box<dyn FnMut(i64, &Stopping) -> Result<i64, Cause> + Send>;

/// Where it is remembered how far a listener has come.
pub enum Place {
    /// In the store, about once a second and at the end. A new listener begins with what
    /// happens from then on. After a crash it hears about the last second again.
    Store,
    /// With what the listener makes of the events. Gives the number that is durable there.
    Own(Box<dyn Fn() -> i64 + Send + Sync>),
}

/// Somebody who is told every event, in order, at least once.
pub struct Listener {
    name: &'static str,
    place: Place,
    hear: Hear,
    at_rest: AtRest,
}

impl Listener {
    /// A listener of this name, which must stay the same for ever. `hear` gets events in the
    /// order of their commits; if it fails or panics, it gets the same ones again.
    pub fn new(
        name: &'static str,
        place: Place,
        hear: impl FnMut(&[Event]) -> Result<(), Cause> + Send + 'static,
    ) -> Self {
        let at_rest = Box::new(|seq: i64, _: &Stopping| Ok(seq));
        Self { name, place, hear: Box::new(hear), at_rest }
    }

    /// The same with work that is done before each reading of events and at least once a
    /// second. It is given the number of the last event heard, and gives back the one to go on
    /// from.
    #[must_use]
    pub fn at_rest(
        mut self,
        work: impl FnMut(i64, &Stopping) -> Result<i64, Cause> + Send + 'static,
    ) -> Self {
        self.at_rest = Box::new(work);
        self
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether the listeners are asked to end; long work looks at it.
#[derive(Debug, Clone, Default)]
pub struct Stopping(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    asked: AtomicBool,
    bell: Notify,
}

impl Stopping {
    /// Whether it is time to end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
        self.0.bell.notify_waiters();
    }
}

/// How a listener does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerStatus {
    /// Its name.
    pub name: &'static str,
    /// Events that it has not heard yet.
    pub behind: i64,
    /// How often in a row it has failed; 0 when it does well.
    pub failures: u32,
}

/// All listeners at work. Cheap to clone; close it once.
#[derive(Clone)]
pub struct Listeners(Arc<Inner>);

struct Inner {
    store: Store,
    stopping: Stopping,
    followed: Vec<Arc<Followed>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the others may know of one listener.
struct Followed {
    name: &'static str,
    place: Place,
    heard: AtomicI64,
    durable: AtomicI64,
    failures: AtomicU32,
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}

impl Listeners {
    /// Starts a thread for each of `listeners`, from where each has come.
    ///
    /// # Errors
    /// The places cannot be read or written; the system gives no thread.
    pub fn start(
        store: &Store,
        clock: &Arc<dyn Clock>,
        listeners: Vec<Listener>,
    ) -> Result<Self, StoreError> {
        let stopping = Stopping::default();
        let (mut followed, mut threads) = (Vec::new(), Vec::new());
        for listener in listeners {
            let Listener { name, place, hear, at_rest } = listener;
            let begin = match &place {
                Place::Store => known_place(store, clock.as_ref(), name)?,
                Place::Own(durable) => durable(),
            };
            let shared = Arc::new(Followed {
                name,
                place,
                heard: AtomicI64::new(begin),
                durable: AtomicI64::new(begin),
                failures: AtomicU32::new(0),
            });
            followed.push(Arc::clone(&shared));
            let runner = Runner {
                store: store.clone(),
                clock: Arc::clone(clock),
                shared,
                hear,
                at_rest,
                stopping: stopping.clone(),
                commits: store.after_commit(),
                saved_at: Instant::now(),
            };
            let thread = runner.start().map_err(|error| StoreError::Io {
                what: format!("start the listener {name}"),
                cause: error.to_string(),
            })?;
            threads.push(thread);
        }
        let threads = Mutex::new(threads);
        Ok(Self(Arc::new(Inner { store: store.clone(), stopping, followed, threads })))
    }

    /// The number up to which every listener has come for good; `i64::MAX` if there is none.
    #[must_use]
    pub fn passed(&self) -> i64 {
        self.0.followed.iter().map(|one| one.durable()).min().unwrap_or(i64::MAX)
    }

    /// How each does.
    ///
    /// # Errors
    /// What the store says.
    pub fn status(&self) -> Result<Vec<ListenerStatus>, StoreError> {
        let head = self.0.store.read(DEADLINE, outbox::head)?;
        let status = |one: &Arc<Followed>| ListenerStatus {
            name: one.name,
            behind: (head - one.heard.load(Ordering::Acquire)).max(0),
            failures: one.failures.load(Ordering::Relaxed),
        };
        Ok(self.0.followed.iter().map(status).collect())
    }

    /// Ends the threads; places are written.
    pub fn close(&self) {
        self.0.stopping.ask();
        let mut threads = self.0.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Followed {
    fn durable(&self) -> i64 {
        match &self.place {
            Place::Store => self.durable.load(Ordering::Acquire),
            Place::Own(durable) => durable(),
        }
    }
}

fn known_place(store: &Store, clock: &dyn Clock, name: &'static str) -> Result<i64, StoreError> {
    let now = clock.now().as_microsecond();
    store.write_blocking(Class::Bulk, move |tx| {
        let sql = "INSERT INTO listener (name, seq, updated_at) VALUES (?1, ?2, ?3) \
            ON CONFLICT (name) DO NOTHING";
        tx.execute(sql, &[name.into(), outbox::head(tx)?.into(), now.into()])?;
        tx.one("SELECT seq FROM listener WHERE name = ?1", &[name.into()], |row| row.get(0))
    })
}

/// One listener on its thread.
struct Runner {
    store: Store,
    clock: Arc<dyn Clock>,
    shared: Arc<Followed>,
    hear: Hear,
    at_rest: AtRest,
    stopping: Stopping,
    commits: watch::Receiver<u64>,
    saved_at: Instant,
}

impl Runner {
    fn start(self) -> std::io::Result<JoinHandle<()>> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let name = format!("events-{}", self.shared.name);
        std::thread::Builder::new().name(name).spawn(move || self.run(&runtime))
    }

    fn run(mut self, runtime: &Runtime) {
        let mut retry = RETRY_FIRST;
        while !self.stopping.is_asked() {
            self.commits.mark_unchanged();
            // A listener that panics is one that fails: its thread goes on.
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn()));
            let (patience, wakes) = match turn.unwrap_or_else(|_| Err("it panicked".into())) {
                Ok(heard) => {
                    self.shared.failures.store(0, Ordering::Relaxed);
                    retry = RETRY_FIRST;
                    if heard { (PACE, false) } else { (REST, true) }
                }
                Err(cause) => {
                    let failures = self.shared.failures.fetch_add(1, Ordering::Relaxed) + 1;
                    let listener = self.shared.name;
                    tracing::warn!(listener, failures, "A listener will be asked again: {cause}");
                    let patience = retry;
                    retry = (2 * retry).min(RETRY_LONGEST);
                    (patience, false)
                }
            };
            runtime.block_on(self.wait(patience, wakes));
        }
        if let Err(cause) = self.save() {
            tracing::warn!(listener = self.shared.name, "A place was not written: {cause}");
        }
    }

    /// Waits for a while, or for the next commit if `wakes`, or until it is time to end.
    async fn wait(&mut self, patience: Duration, wakes: bool) {
        let stop = Arc::clone(&self.stopping.0);
        let asked = stop.bell.notified();
        if self.stopping.is_asked() {
            return;
        }
        let changed = async {
            let closed = self.commits.changed().await.is_err();
            if !wakes || closed {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = asked => {}
            () = changed => {}
            () = tokio::time::sleep(patience) => {}
        }
    }

    /// Hands over all that waits; whether there was anything.
    fn turn(&mut self) -> Result<bool, Cause> {
        let mut any = false;
        loop {
            let seq = (self.at_rest)(self.shared.heard.load(Ordering::Acquire), &self.stopping)?;
            self.shared.heard.store(seq, Ordering::Release);
            if REST <= self.saved_at.elapsed() {
                self.save()?;
            }
            let events = self.store.read(DEADLINE, |tx| outbox::after(tx, seq, BATCH))?;
            let Some(last) = events.last() else { return Ok(any) };
            (self.hear)(&events)?;
            self.shared.heard.store(last.seq, Ordering::Release);
            any = true;
            if self.stopping.is_asked() {
                return Ok(any);
            }
        }
    }

    fn save(&mut self) -> Result<(), StoreError> {
        self.saved_at = Instant::now();
        let seq = self.shared.heard.load(Ordering::Acquire);
        let kept = matches!(self.shared.place, Place::Store);
        if !kept || seq == self.shared.durable.load(Ordering::Acquire) {
            return Ok(());
        }
        let (name, now) = (self.shared.name, self.clock.now().as_microsecond());
        self.store.write_blocking(Class::Bulk, move |tx| {
            let sql = "UPDATE listener SET seq = ?2, updated_at = ?3 WHERE name = ?1";
            tx.execute(sql, &[name.into(), seq.into(), now.into()])
        })?;
        self.shared.durable.store(seq, Ordering::Release);
        Ok(())
    }
}

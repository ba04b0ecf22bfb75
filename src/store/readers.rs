//! The two ways to read: at once on the connection of the calling thread, or slowly on a
//! bounded number of reader threads.
//!
//! A point read costs 5–10 µs and a hop to another thread 10–35, so short questions are asked
//! where they arise. Whatever may take longer than about a millisecond goes to the threads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection;
use super::deadline::Deadline;
use super::error::StoreError;
use super::open_reads::Reading;
use super::shared::Shared;
use super::tx::ReadTx;

/// A connection that only reads, what interrupts it, and what is known of it from outside.
pub(super) struct Reader {
    conn: Connection,
    deadline: Arc<Deadline>,
    reading: Arc<Reading>,
}

impl Reader {
    pub(super) fn open(shared: &Shared) -> Result<Self, StoreError> {
        let deadline = Arc::new(Deadline::new());
        let conn = connection::open_reader(&shared.file, &shared.options, &deadline)?;
        let reading = shared.reads.enter(&deadline);
        Ok(Self { conn, deadline, reading })
    }

    /// Asks `f`'s questions of one snapshot.
    pub(super) fn ask<T, E: From<StoreError>>(
        &self,
        shared: &Shared,
        span: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.deadline.set(span);
        self.reading.starts();
        // Also when `f` panics: an open snapshot would keep the log from being overwritten.
        let _ends = Ends(self);
        self.begin(shared)?;
        let tx = ReadTx::new(&self.conn, &self.deadline, &shared.damage);
        f(&tx.timed(&shared.statements))
    }

    fn begin(&self, shared: &Shared) -> Result<(), StoreError> {
        let outcome = self.conn.prepare_cached("BEGIN").and_then(|mut begin| begin.raw_execute());
        outcome.map(|_| ()).map_err(|error| {
            let error = StoreError::from_engine(error, &self.conn);
            shared.damage.note(&error);
            error
        })
    }
}

struct Ends<'a>(&'a Reader);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let Reader { conn, deadline, reading } = self.0;
        deadline.lift();
        if !conn.is_autocommit() {
            let end = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.raw_execute());
            if let Err(error) = end {
                tracing::error!(store.cause = %error, "A read could not be ended: {error}");
            }
        }
        reading.ends();
    }
}

/// A place for the reader that a thread keeps for its next question. The store can empty it
/// from outside when it closes, so that no thread keeps a file open.
#[derive(Default)]
struct Place(Mutex<Option<Reader>>);

impl Place {
    fn lock(&self) -> MutexGuard<'_, Option<Reader>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the reader; false if it is in use.
    fn is_emptied(&self) -> bool {
        match self.0.try_lock() {
            Ok(mut reader) => *reader = None,
            Err(TryLockError::Poisoned(reader)) => *reader.into_inner() = None,
            Err(TryLockError::WouldBlock) => return false,
        }
        true
    }
}

/// Every thread's place in one store.
#[derive(Default)]
pub(super) struct Places(Mutex<Vec<Weak<Place>>>);

impl Places {
    fn add(&self) -> Arc<Place> {
        let place = Arc::new(Place::default());
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known| known.strong_count() != 0);
        places.push(Arc::downgrade(&place));
        place
    }

    /// Closes the readers of all threads, once their questions are answered, within `patience`.
    pub(super) fn empty(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let places = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for place in places.iter().filter_map(Weak::upgrade) {
            // A store that is closed inside a question to itself cannot wait for the answer.
            while !place.is_emptied() && !is_asking_here(&place) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

struct Kept {
    store: u64,
    shared: Weak<Shared>,
    place: Arc<Place>,
    asking: bool,
}

thread_local! {
    static OWN: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

fn is_asking_here(place: &Arc<Place>) -> bool {
    OWN.with_borrow(|own| own.iter().any(|kept| kept.asking && Arc::ptr_eq(&kept.place, place)))
}

/// The place of the present thread, marked as in use until dropped. A question asked inside
/// another one gets a second place.
struct Asking(Arc<Place>);

impl Asking {
    fn enter(shared: &Arc<Shared>) -> Self {
        let free = |kept: &&mut Kept| kept.store == shared.number && !kept.asking;
        OWN.with_borrow_mut(|own| {
            if let Some(kept) = own.iter_mut().find(free) {
                kept.asking = true;
                return Self(Arc::clone(&kept.place));
            }
            own.retain(|kept| {
                kept.asking || kept.shared.upgrade().is_some_and(|store| !store.is_closed())
            });
            let place = shared.places.add();
            own.push(Kept {
                store: shared.number,
                shared: Arc::downgrade(shared),
                place: Arc::clone(&place),
                asking: true,
            });
            Self(place)
        })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        OWN.with_borrow_mut(|own| {
            for kept in own.iter_mut().filter(|kept| Arc::ptr_eq(&kept.place, &self.0)) {
                kept.asking = false;
            }
        });
    }
}

/// Asks on the connection of the present thread, opening it at the first question.
pub(super) fn ask_here<T, E: From<StoreError>>(
    shared: &Arc<Shared>,
    span: Duration,
    f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let asking = Asking::enter(shared);
    let mut place = asking.0.lock();
    // Asked with the place in hand: whoever closes the store empties it after this.
    if shared.is_closed() {
        return Err(StoreError::Closed.into());
    }
    let reader = match place.take() {
        Some(reader) => place.insert(reader),
        None => place.insert(Reader::open(shared)?),
    };
    reader.ask(shared, span, f)
}

type SlowJob = Box<dyn FnOnce(Result<&Reader, StoreError>) + Send>;

/// The reader threads and the line before them.
pub(super) struct SlowReaders {
    line: Arc<Line>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Line {
    state: Mutex<LineState>,
    arrived: Condvar,
    max: usize,
}

#[derive(Default)]
struct LineState {
    jobs: VecDeque<SlowJob>,
    closed: bool,
}

/// Opens connections for the pool.
struct Opener(Weak<Shared>);

impl r2d2::ManageConnection for Opener {
    type Connection = Reader;
    type Error = StoreError;

    fn connect(&self) -> Result<Reader, StoreError> {
        self.0.upgrade().map_or(Err(StoreError::Closed), |shared| Reader::open(&shared))
    }

    fn is_valid(&self, reader: &mut Reader) -> Result<(), StoreError> {
        connection::ask::<i64>(&reader.conn, "SELECT 1").map(|_| ())
    }

    fn has_broken(&self, reader: &mut Reader) -> bool {
        !reader.conn.is_autocommit()
    }
}

impl SlowReaders {
    pub(super) fn start(shared: &Arc<Shared>) -> Result<Self, StoreError> {
        let size = shared.options.readers.max(1);
        let pool = r2d2::Pool::builder()
            .max_size(u32::try_from(size).unwrap_or(u32::MAX))
            .min_idle(Some(0))
            .test_on_check_out(false)
            .build_unchecked(Opener(Arc::downgrade(shared)));
        let line = Arc::new(Line {
            state: Mutex::default(),
            arrived: Condvar::new(),
            max: shared.options.slow_queue_max,
        });
        let mut threads = Vec::with_capacity(size);
        for number in 1..=size {
            let (line, pool) = (Arc::clone(&line), pool.clone());
            threads.push(super::thread(&format!("store-reader-{number}"), move || {
                serve(&line, &pool);
            })?);
        }
        Ok(Self { line, threads: Mutex::new(threads) })
    }

    /// Asks on one of the threads; `reply` gets the answer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if too many wait already, [`StoreError::Closed`] at the end.
    pub(super) fn ask<T, E>(
        &self,
        shared: &Arc<Shared>,
        span: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E> + Send + 'static,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (shared, until) = (Arc::clone(shared), Instant::now() + span);
        self.line.push(Box::new(move |reader| {
            // What was spent in the line counts: whoever asked has waited all along.
            let left = until.saturating_duration_since(Instant::now());
            let answer = match reader {
                Err(error) => Err(error.into()),
                Ok(_) if left.is_zero() => Err(StoreError::Deadline.into()),
                Ok(reader) => {
                    let asked = AssertUnwindSafe(|| reader.ask(&shared, left, f));
                    catch_unwind(asked).unwrap_or_else(|_| Err(StoreError::Panicked.into()))
                }
            };
            reply(answer);
        }))
    }

    /// How many wait.
    pub(super) fn depth(&self) -> usize {
        self.line.lock().jobs.len()
    }

    /// Refuses what waits, lets the threads finish what they do, and ends them.
    pub(super) fn stop(&self) {
        let waiting = {
            let mut state = self.line.lock();
            state.closed = true;
            std::mem::take(&mut state.jobs)
        };
        self.line.arrived.notify_all();
        for job in waiting {
            job(Err(StoreError::Closed));
        }
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            super::join(thread);
        }
    }
}

impl Line {
    fn push(&self, job: SlowJob) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StoreError::Closed);
        }
        if self.max <= state.jobs.len() {
            return Err(StoreError::Busy { retry_after_s: 2 });
        }
        state.jobs.push_back(job);
        self.arrived.notify_one();
        Ok(())
    }

    fn pop(&self) -> Option<SlowJob> {
        let state = self.lock();
        let waiting = |state: &mut LineState| state.jobs.is_empty() && !state.closed;
        let state = self.arrived.wait_while(state, waiting);
        state.unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(line: &Line, pool: &r2d2::Pool<Opener>) {
    const PATIENCE: Duration = Duration::from_secs(5);
    while let Some(job) = line.pop() {
        match pool.get_timeout(PATIENCE) {
            Ok(reader) => job(Ok(&reader)),
            Err(error) => {
                tracing::error!(store.cause = %error, "No reader connection: {error}");
                job(Err(StoreError::Busy { retry_after_s: 2 }));
            }
        }
    }
}

//! The two ways to read: at once on the connection of the calling thread, or slowly on a
//! bounded number of reader threads.
//!
//! A point read costs 5–10 µs and a hop to another thread 10–35, so short questions are asked
//! where they arise. Whatever may take longer than about a millisecond goes to the threads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection;
use super::deadline::Deadline;
use super::error::StoreError;
use super::shared::Shared;
use super::snapshots::Reading;
use super::tx::ReadTx;

/// A connection that only reads, and what interrupts it.
pub(super) struct Reader {
    conn: Connection,
    deadline: Arc<Deadline>,
}

impl Reader {
    fn open(shared: &Shared) -> Result<Self, StoreError> {
        let deadline = Arc::new(Deadline::new());
        let conn = connection::open_reader(&shared.file, &shared.options, &deadline)?;
        Ok(Self { conn, deadline })
    }

    /// Asks `f`'s questions of one snapshot.
    fn ask<T, E: From<StoreError>>(
        &self,
        shared: &Shared,
        reading: &Reading,
        span: Duration,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.deadline.set(span);
        self.control(shared, "BEGIN")?;
        reading.starts();
        // Also when `f` panics: an open snapshot would keep the log from being overwritten.
        let _ends = Ends { reader: self, reading };
        f(&ReadTx::new(&self.conn, &self.deadline, &shared.damage))
    }

    fn control(&self, shared: &Shared, sql: &str) -> Result<(), StoreError> {
        let outcome = self.conn.prepare_cached(sql).and_then(|mut statement| {
            statement.raw_execute()?;
            Ok(())
        });
        outcome.map_err(|error| {
            let error = StoreError::from_engine(error, &self.conn);
            shared.damage.note(&error);
            error
        })
    }
}

struct Ends<'a> {
    reader: &'a Reader,
    reading: &'a Reading,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.reader.deadline.lift();
        if !self.reader.conn.is_autocommit()
            && let Err(error) = self.reader.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(store.cause = %error, "A read could not be ended: {error}");
        }
        self.reading.ends();
    }
}

/// A reader that a thread keeps for its next question.
struct Kept {
    store: u64,
    shared: Weak<Shared>,
    reader: Reader,
    reading: Arc<Reading>,
}

thread_local! {
    static OWN: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// Asks on the connection of the present thread, opening it at the first question.
pub(super) fn ask_here<T, E: From<StoreError>>(
    shared: &Arc<Shared>,
    span: Duration,
    f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    if shared.is_closed() {
        return Err(StoreError::Closed.into());
    }
    // Taken out while in use: a question asked inside another one gets a second connection.
    let kept = OWN.with_borrow_mut(|own| {
        let position = own.iter().position(|kept| kept.store == shared.number)?;
        Some(own.swap_remove(position))
    });
    let kept = match kept {
        Some(kept) => kept,
        None => Kept {
            store: shared.number,
            shared: Arc::downgrade(shared),
            reader: Reader::open(shared)?,
            reading: shared.snapshots.enter(),
        },
    };
    let answer = kept.reader.ask(shared, &kept.reading, span, f);
    OWN.with_borrow_mut(|own| {
        own.retain(|other| other.shared.upgrade().is_some_and(|store| !store.is_closed()));
        own.push(kept);
    });
    answer
}

type SlowJob = Box<dyn FnOnce(Result<&Reader, StoreError>, &Reading) + Send>;

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
            let (line, pool, shared) = (Arc::clone(&line), pool.clone(), Arc::clone(shared));
            threads.push(super::thread(&format!("store-reader-{number}"), move || {
                serve(&line, &pool, &shared);
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
        self.line.push(Box::new(move |reader, reading| {
            // What was spent in the line counts: whoever asked has waited all along.
            let left = until.saturating_duration_since(Instant::now());
            let answer = match reader {
                Err(error) => Err(error.into()),
                Ok(_) if left.is_zero() => Err(StoreError::Deadline.into()),
                Ok(reader) => {
                    let asked = AssertUnwindSafe(|| reader.ask(&shared, reading, left, f));
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

    /// Lets the threads finish what they do and end.
    pub(super) fn stop(&self) {
        self.line.lock().closed = true;
        self.line.arrived.notify_all();
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

    fn lock(&self) -> std::sync::MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(line: &Line, pool: &r2d2::Pool<Opener>, shared: &Shared) {
    const PATIENCE: Duration = Duration::from_secs(5);
    let reading = shared.snapshots.enter();
    while let Some(job) = line.pop() {
        match pool.get_timeout(PATIENCE) {
            Ok(reader) => job(Ok(&reader), &reading),
            Err(error) => {
                tracing::error!(store.cause = %error, "No reader connection: {error}");
                job(Err(StoreError::Busy { retry_after_s: 2 }), &reading);
            }
        }
    }
}

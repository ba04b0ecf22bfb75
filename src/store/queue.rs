//! Two bounded queues before the one writer: people first, bulk in what is left.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::StoreError;
use super::tx::Tx;

/// Who waits for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Somebody at a screen.
    People,
    /// Imports, pruning, re-indexing: one such job per commit while people write.
    Bulk,
}

/// One write, with the way back to whoever waits for it.
pub(super) trait Job: Send {
    /// Runs the closure and keeps its answer. False if it refused or panicked, so that what it
    /// wrote must be undone.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Hands over the kept answer, or `Err` to all whose commit failed.
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// What the writer finds when it looks.
pub(super) enum Found {
    /// Work.
    Job(Box<dyn Job>),
    /// Nothing came in the time given.
    Quiet,
    /// Nothing is left and nothing more will come.
    Closed,
}

/// The queues.
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    left: Condvar,
    people_max: usize,
    bulk_max: usize,
}

#[derive(Default)]
struct State {
    people: VecDeque<Box<dyn Job>>,
    bulk: VecDeque<Box<dyn Job>>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(people_max: usize, bulk_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            left: Condvar::new(),
            people_max,
            bulk_max,
        }
    }

    /// Takes a job in, waiting up to `wait` for room.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if there is no room, [`StoreError::Closed`] after [`Queue::close`].
    pub(super) fn push(
        &self,
        class: Class,
        job: Box<dyn Job>,
        wait: Duration,
    ) -> Result<(), StoreError> {
        let until = Instant::now() + wait;
        let mut state = self.lock();
        loop {
            if state.closed {
                return Err(StoreError::Closed);
            }
            let (line, max) = match class {
                Class::People => (&mut state.people, self.people_max),
                Class::Bulk => (&mut state.bulk, self.bulk_max),
            };
            if line.len() < max {
                line.push_back(job);
                self.arrived.notify_one();
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy { retry_after_s: 1 });
            }
            let woken = self.left.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The next job of people, or of bulk if there is none.
    pub(super) fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        let job = state.people.pop_front();
        job.or_else(|| self.take_bulk(&mut state))
    }

    /// The next bulk job, even if people wait: so that imports are never starved.
    pub(super) fn next_bulk(&self) -> Option<Box<dyn Job>> {
        self.take_bulk(&mut self.lock())
    }

    /// Waits up to `patience` for the next job.
    pub(super) fn wait(&self, patience: Duration) -> Found {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            let job = state.people.pop_front();
            if let Some(job) = job.or_else(|| self.take_bulk(&mut state)) {
                return Found::Job(job);
            }
            if state.closed {
                return Found::Closed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Found::Quiet;
            }
            let woken = self.arrived.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes nothing more in; what is there will still be run.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        self.left.notify_all();
    }

    /// Jobs that wait, of people and of bulk.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = self.lock();
        (state.people.len(), state.bulk.len())
    }

    fn take_bulk(&self, state: &mut State) -> Option<Box<dyn Job>> {
        let job = state.bulk.pop_front()?;
        self.left.notify_one();
        Some(job)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what still waits when the writer ends, so that a fault in it leaves nobody waiting.
pub(super) struct RefusesAtEnd<'a>(pub(super) &'a Queue);

impl Drop for RefusesAtEnd<'_> {
    fn drop(&mut self) {
        self.0.close();
        while let Some(job) = self.0.next() {
            job.settle(Err(StoreError::Closed));
        }
    }
}

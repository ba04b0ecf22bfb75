//! What a job asks and tells while it is done.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::kind::JobError;
use super::resource::JOB;
use crate::platform::events::outbox;
use crate::platform::ledger::Desk;
use crate::store::Class;

/// How often progress is written.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Writes of people that may wait before a job steps back.
pub(super) const BUSY: usize = 4;
/// How long it steps back at most, at each step.
const STEP_BACK: Duration = Duration::from_secs(2);
/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// What is said to a job that runs.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Somebody has cancelled it.
    pub(super) cancel: AtomicBool,
    /// The server stops.
    pub(super) stop: AtomicBool,
}

/// One attempt at a job, as its kind sees it.
pub struct Run<'a> {
    desk: &'a Desk,
    id: i64,
    said: &'a Said,
    until: Instant,
    told: Cell<Option<Instant>>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(desk: &'a Desk, id: i64, said: &'a Said, time_limit: Duration) -> Self {
        Self { desk, id, said, until: Instant::now() + time_limit, told: Cell::new(None) }
    }

    /// The desk of the house.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        self.desk
    }

    /// Which job.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether to go on: to be asked between steps of at most a second or so.
    ///
    /// # Errors
    /// It was cancelled, has taken too long, or the server stops.
    pub fn check(&self) -> Result<(), JobError> {
        if self.said.cancel.load(Ordering::Acquire) {
            return Err(JobError::Cancelled);
        }
        if self.said.stop.load(Ordering::Acquire) {
            return Err(JobError::Interrupted);
        }
        if self.until <= Instant::now() { Err(JobError::TimedOut) } else { Ok(()) }
    }

    /// The same, after stepping back for a while if people wait for the writer.
    ///
    /// # Errors
    /// As [`Run::check`].
    pub fn step(&self) -> Result<(), JobError> {
        let until = Instant::now() + STEP_BACK;
        while BUSY < self.desk.store().status().queue_people && Instant::now() < until {
            self.check()?;
            std::thread::sleep(LOOK);
        }
        self.check()
    }

    /// Tells how far it is: so much of `total`, where that is known. Written once a second at
    /// most; that it could not be written is no reason to end.
    pub fn progress(&self, done: i64, total: Option<i64>) {
        let now = Instant::now();
        if self.told.get().is_some_and(|told| now < told + TOLD_EVERY) {
            return;
        }
        self.told.set(Some(now));
        let (id, at) = (self.id, self.desk.now());
        let written = self.desk.store().write_blocking(Class::Bulk, move |tx| {
            let sql = "UPDATE job SET progress_done = ?2, progress_total = ?3, \
                version = version + 1, updated_at = ?4 WHERE id = ?1 AND state = 'running'";
            tx.execute(sql, &[id.into(), done.into(), total.into(), at.into()])?;
            outbox::append(tx, at, ("progressed", JOB.name), id, None)
        });
        if let Err(cause) = written {
            tracing::debug!("How far a job is was not noted: {cause}");
        }
    }
}

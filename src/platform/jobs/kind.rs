//! What a job can be: a name, its bounds, and the code that does it.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::run::Run;
use crate::store::StoreError;

/// How often a job is tried unless its kind says otherwise.
pub const TRIES: i64 = 3;
/// How long it waits after its first failure; twice as long after each further one.
pub const BACK_OFF: Duration = Duration::from_secs(2);
/// The longest such wait.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(3_600);
/// How long one try may take unless its kind says otherwise.
pub const TIME_LIMIT: Duration = Duration::from_secs(600);
/// The order of jobs unless they say otherwise: the smaller, the sooner.
pub const PRIORITY: i64 = 50;

/// What came of a job, in words for whoever reads the list; never patient data.
pub type Done = String;

/// Why a try of a job came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JobError {
    /// It could not be done now; it is tried again.
    #[error("{detail}")]
    Failed {
        /// Stable name of the situation.
        code: &'static str,
        /// In words.
        detail: String,
    },
    /// It can never be done as it was ordered; it is not tried again.
    #[error("{detail}")]
    Hopeless {
        /// Stable name of the situation.
        code: &'static str,
        /// In words.
        detail: String,
    },
    /// It has taken longer than its kind may.
    #[error("It took longer than it may.")]
    TimedOut,
    /// Somebody has cancelled it.
    #[error("It was cancelled.")]
    Cancelled,
    /// The server stops; the next run of it goes on.
    #[error("The server stopped.")]
    Interrupted,
}

impl From<StoreError> for JobError {
    fn from(cause: StoreError) -> Self {
        Self::Failed { code: "jobs.store", detail: cause.to_string() }
    }
}

type Work = Box<dyn Fn(&Json, &Run<'_>) -> Result<Done, JobError> + Send + Sync>;

/// A kind of job.
pub struct JobKind {
    /// Its name in the store, the API and the words of pages.
    pub name: &'static str,
    /// How often it is tried.
    pub tries: i64,
    /// How long one try may take. It ends where the kind looks next ([`Run::check`]).
    pub time_limit: Duration,
    /// How many of it run at the same time; as many as there are hands, if nothing is said.
    pub at_once: Option<usize>,
    /// Whether it is done on a disk that is nearly full, because it makes room.
    pub frees_room: bool,
    work: Work,
}

impl std::fmt::Debug for JobKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobKind").field("name", &self.name).finish_non_exhaustive()
    }
}

impl JobKind {
    /// The kind `name`, whose jobs carry a `P` and are done by `work`.
    pub fn new<P: DeserializeOwned>(
        name: &'static str,
        work: impl Fn(P, &Run<'_>) -> Result<Done, JobError> + Send + Sync + 'static,
    ) -> Self {
        let work: Work = Box::new(move |payload, run| match P::deserialize(payload) {
            Ok(payload) => work(payload, run),
            Err(cause) => {
                let detail = format!("What was ordered is not understood: {cause}.");
                Err(JobError::Hopeless { code: "jobs.payload", detail })
            }
        });
        Self { name, tries: TRIES, time_limit: TIME_LIMIT, at_once: None, frees_room: false, work }
    }

    /// The same, done on a disk that is nearly full too: it makes room.
    #[must_use]
    pub fn that_frees_room(mut self) -> Self {
        self.frees_room = true;
        self
    }

    /// The same, of which no more than `most` run at the same time: what waits for another machine
    /// must not keep all hands from what this one has to do.
    #[must_use]
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = Some(most);
        self
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// The same with another number of tries.
    #[must_use]
    pub fn tried(mut self, tries: i64) -> Self {
        self.tries = tries;
        self
    }

    pub(super) fn run(&self, payload: &Json, run: &Run<'_>) -> Result<Done, JobError> {
        (self.work)(payload, run)
    }
}

/// How long a job waits after `tries` failures, microseconds.
#[must_use]
pub fn back_off(tries: i64) -> i64 {
    let doublings = u32::try_from(tries - 1).unwrap_or(0).min(20);
    let wait = BACK_OFF.saturating_mul(1 << doublings).min(BACK_OFF_MAX);
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}

//! What is being done to the audit in the background, and the last proof that it is whole.

use std::sync::{MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::prune::Pruned;
use super::restore::Restored;
use super::verify::Verdict;
use super::{Custodian, CustodyError};
use crate::platform::ledger::audit::{self, Entry, Seen};
use crate::store::{Class, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::problem::{Explain, ProblemKind};

/// The row of `setting` that holds the last proof.
const SETTING: &str = "audit_proof";

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// The audit is walked.
    Verify,
    /// Rows are moved into an archive.
    Prune,
    /// Rows are read back.
    Restore,
}

impl TaskKind {
    fn words(self) -> &'static str {
        match self {
            Self::Verify => "it is being verified",
            Self::Prune => "rows are being moved into an archive",
            Self::Restore => "an archive is being read back",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of [`TaskKind::Verify`].
    Verified(Verdict),
    /// Of [`TaskKind::Prune`].
    Pruned(Pruned),
    /// Of [`TaskKind::Restore`].
    Restored(Restored),
    /// It could not be done.
    Failed {
        /// Stable name of the situation.
        code: &'static str,
        /// In words.
        detail: String,
    },
}

/// What is being done, or was done last since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Counts the tasks since the server started, from 1.
    pub number: u64,
    /// What; nothing if nothing was done yet.
    pub kind: Option<TaskKind>,
    /// Whether it goes on.
    pub running: bool,
    /// Rows that are done.
    pub done: i64,
    /// Of how many, if that is known; else 0.
    pub total: i64,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

/// What the last walk over the whole audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When it ended, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who had asked for it.
    pub by: String,
    /// Whether all was whole.
    pub whole: bool,
    /// Up to which row it holds.
    pub row: i64,
    /// The hash of that row, in hexadecimal digits.
    pub hash: String,
    /// Archives that were read.
    pub archives: usize,
    /// Anchors that it was compared with.
    pub anchors: usize,
    /// What is wrong, in words.
    pub flaw: Option<String>,
}

impl Custodian {
    /// What is being done.
    #[must_use]
    pub fn task(&self) -> Task {
        self.lock_task().clone()
    }

    /// What the last walk has found; nothing before the first.
    ///
    /// # Errors
    /// What the store says.
    pub fn proof(&self) -> Result<Option<Proof>, StoreError> {
        let sql = "SELECT value FROM setting WHERE name = ?1";
        let text = self.store().read(super::DEADLINE, |tx| {
            tx.opt(sql, &[SETTING.into()], |row| row.get::<String>(0))
        })?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn lock_task(&self) -> MutexGuard<'_, Task> {
        self.0.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn progress(&self, done: i64, total: i64) {
        let mut task = self.lock_task();
        (task.done, task.total) = (done, total);
    }

    /// Begins `job` on a thread of its own, unless something is being done.
    pub(super) fn start(
        &self,
        kind: TaskKind,
        job: impl FnOnce(&Self) -> Result<Outcome, CustodyError> + Send + 'static,
    ) -> Result<Task, CustodyError> {
        if self.is_closing() {
            return Err(CustodyError::Stopped);
        }
        let mut thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let started = {
            let mut task = self.lock_task();
            if let Some(running) = task.kind.filter(|_| task.running) {
                return Err(CustodyError::Busy(running.words()));
            }
            let number = task.number + 1;
            *task = Task { number, kind: Some(kind), running: true, ..Task::default() };
            task.clone()
        };
        let custodian = self.clone();
        let spawned =
            std::thread::Builder::new().name("audit-custody".to_owned()).spawn(move || {
                lower_priority();
                let ends = Ends(&custodian);
                let outcome = job(&custodian).unwrap_or_else(|cause| failed(&cause));
                ends.0.lock_task().outcome = Some(outcome);
            });
        match spawned {
            Ok(spawned) => {
                // The one before has ended, or is about to.
                if let Some(before) = thread.replace(spawned) {
                    let _ = before.join();
                }
                Ok(started)
            }
            Err(cause) => {
                self.lock_task().running = false;
                Err(CustodyError::Io(cause))
            }
        }
    }

    /// Keeps what a walk has found, and says so in the audit.
    pub(super) fn keep_proof(&self, verdict: &Verdict, call: &Call) -> Result<(), CustodyError> {
        let now = self.now();
        let proof = Proof {
            at: now,
            by: call.actor.name().to_owned(),
            whole: verdict.flaw.is_none(),
            row: verdict.rows,
            hash: verdict.hash.clone(),
            archives: verdict.archives,
            anchors: verdict.anchors,
            flaw: verdict.flaw.as_ref().map(|flaw| flaw.told.clone()),
        };
        let found = if proof.whole { "whole" } else { "not whole" };
        let detail = Some(format!("{found}, up to row {}", proof.row));
        if let Some(flaw) = &proof.flaw {
            tracing::error!("The audit is not whole: {flaw}");
        }
        let text = serde_json::to_string(&proof).unwrap_or_default();
        let seen = Seen { kind: "audit", id: None, patient: None, detail };
        let entry = Entry::new(call, now, "audit.verify", seen);
        self.store().write_blocking::<_, StoreError>(Class::Bulk, move |tx| {
            let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
                ON CONFLICT (name) DO UPDATE \
                SET value = excluded.value, updated_at = excluded.updated_at";
            tx.execute(sql, &[SETTING.into(), text.as_str().into(), now.into()])?;
            audit::append_one(tx, &entry).map(|_| ())
        })?;
        Ok(())
    }
}

/// Ends the task also if its thread panics.
struct Ends<'a>(&'a Custodian);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut task = self.0.lock_task();
        task.running = false;
        let (code, detail) = ("audit.failed", "It ended by a fault of the program.".to_owned());
        task.outcome.get_or_insert(Outcome::Failed { code, detail });
    }
}

/// On Linux a thread has a priority of its own; elsewhere the pauses between pieces must do.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        let thread = Some(rustix::thread::gettid());
        if let Err(cause) = rustix::process::setpriority_process(thread, 10) {
            tracing::debug!("The thread keeps its priority: {cause}");
        }
    }
}

fn failed(cause: &CustodyError) -> Outcome {
    if cause.kind() == ProblemKind::Fault {
        tracing::error!(code = cause.code(), "{cause}");
    }
    Outcome::Failed { code: cause.code(), detail: cause.to_string() }
}

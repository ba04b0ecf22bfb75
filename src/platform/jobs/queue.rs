//! The queue in the store: ordering, claiming, ending, and what is left of an earlier run.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::kind::{self, Done, JobError};
use super::resource::JOB;
use crate::platform::events::outbox;
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError, Tx};
use crate::vocab::id::IdSource;

/// Jobs that may wait at the same time; beyond it whoever orders is told to come back, and
/// nothing of what they wanted is done.
pub const WAITING_MAX: i64 = 100_000;
/// When to come back, seconds.
const RETRY_AFTER_S: u32 = 5;
/// How long jobs that were done or cancelled are kept, microseconds: thirty days.
pub const KEPT: i64 = 30 * 24 * 3_600 * 1_000_000;
/// How long those are kept that came to nothing: a year.
pub const DEAD_KEPT: i64 = 365 * 24 * 3_600 * 1_000_000;
/// Characters of a result or an error that are kept.
const TOLD_MAX: usize = 400;

/// A job to be ordered.
#[derive(Debug, Clone)]
pub struct NewJob {
    kind: &'static str,
    payload: String,
    priority: i64,
    unique_key: Option<String>,
    run_at: i64,
    tries_max: i64,
}

impl NewJob {
    /// One of `kind` that carries `payload`, as soon as may be.
    #[must_use]
    pub fn new(kind: &'static str, payload: &impl Serialize) -> Self {
        Self {
            kind,
            payload: serde_json::to_string(payload).unwrap_or_else(|_| "null".to_owned()),
            priority: kind::PRIORITY,
            unique_key: None,
            run_at: 0,
            tries_max: kind::TRIES,
        }
    }

    /// The same, tried so often.
    #[must_use]
    pub fn tried(mut self, tries: i64) -> Self {
        self.tries_max = tries;
        self
    }

    /// The same, not before `at` (microseconds).
    #[must_use]
    pub fn not_before(mut self, at: i64) -> Self {
        self.run_at = at;
        self
    }

    /// The same with another place among those that wait: the smaller, the sooner.
    #[must_use]
    pub fn with_priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }

    /// The same, of which only one with this `key` waits or runs at a time.
    #[must_use]
    pub fn only_one(mut self, key: &str) -> Self {
        self.unique_key = Some(key.to_owned());
        self
    }
}

/// Orders `new` in the caller's transaction; nothing if one with its key waits or runs. The pool
/// hears of it when it is durable.
///
/// # Errors
/// [`StoreError::Busy`] if [`WAITING_MAX`] wait; what the store says.
pub fn order(work: &Work<'_>, new: &NewJob) -> Result<Option<i64>, StoreError> {
    let by = work.call().actor.user_id();
    let id = insert(work.tx(), work.new_id(), new, (work.now(), by))?;
    if let Some(id) = id {
        work.touched(Touch { kind: JOB, id, patient: None, event: "created" });
    }
    Ok(id)
}

/// The same by the machine itself, outside of the audit.
///
/// # Errors
/// As [`order`].
pub fn order_by_machine(
    tx: &Tx<'_>,
    ids: &IdSource,
    new: &NewJob,
    now: i64,
) -> Result<Option<i64>, StoreError> {
    let id = insert(tx, ids.next(), new, (now, None))?;
    if let Some(id) = id {
        told(tx, now, "created", id)?;
    }
    Ok(id)
}

fn insert(
    tx: &Tx<'_>,
    id: i64,
    new: &NewJob,
    (now, by): (i64, Option<i64>),
) -> Result<Option<i64>, StoreError> {
    if let Some(key) = &new.unique_key {
        let sql = "SELECT 1 FROM job WHERE unique_key = ?1 AND state IN ('waiting', 'running')";
        if tx.opt(sql, &[key.as_str().into()], |_| Ok(()))?.is_some() {
            return Ok(None);
        }
    }
    if WAITING_MAX <= waiting(tx)? {
        return Err(StoreError::Busy { retry_after_s: RETRY_AFTER_S });
    }
    let sql = "INSERT INTO job (id, kind, payload, state, priority, unique_key, run_at, \
        tries_max, ordered_by, created_at, updated_at) \
        VALUES (?1, ?2, ?3, 'waiting', ?4, ?5, ?6, ?7, ?8, ?9, ?9)";
    let params = [
        id.into(),
        new.kind.into(),
        new.payload.as_str().into(),
        new.priority.into(),
        new.unique_key.as_deref().into(),
        new.run_at.max(now).into(),
        new.tries_max.into(),
        by.into(),
        now.into(),
    ];
    tx.execute(sql, &params)?;
    Ok(Some(id))
}

/// How many wait, counted up to the bound.
///
/// # Errors
/// What the store says.
pub fn waiting(tx: &ReadTx<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'waiting' LIMIT ?1)";
    tx.one(sql, &[WAITING_MAX.into()], |row| row.get(0))
}

/// A job that is to be done now.
#[derive(Debug)]
pub struct Claimed {
    /// Which.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// What it carries.
    pub payload: Json,
    /// Which of its attempts this is, from 0 over all of them.
    pub attempt: i64,
}

/// Takes up to `most` jobs that are due at `now`, and begins an attempt of each. `only` names
/// the kinds that are taken, as a JSON array; `None` takes all. Of the kinds in `bounded` no more
/// than that are taken.
///
/// # Errors
/// What the store says.
pub fn claim(
    tx: &Tx<'_>,
    now: i64,
    most: i64,
    (only, bounded): (Option<&str>, &HashMap<&'static str, i64>),
) -> Result<Vec<Claimed>, StoreError> {
    let full: Vec<&str> =
        bounded.iter().filter(|(_, left)| **left == 0).map(|(kind, _)| *kind).collect();
    let full = serde_json::to_string(&full).unwrap_or_else(|_| "[]".to_owned());
    let params = [now.into(), most.into(), only.into(), full.into()];
    let mut left = bounded.clone();
    let mut due = tx.all(DUE, &params, |row| {
        let payload = serde_json::from_str(&row.get::<String>(2)?).unwrap_or(Json::Null);
        Ok(Claimed { id: row.get(0)?, kind: row.get(1)?, payload, attempt: row.get(3)? })
    })?;
    due.retain(|job| match left.get_mut(job.kind.as_str()) {
        Some(0) => false,
        Some(left) => {
            *left -= 1;
            true
        }
        None => true,
    });
    for job in &due {
        let sql = "UPDATE job SET state = 'running', tries = tries + 1, started_at = ?2, \
            progress_done = NULL, progress_total = NULL, version = version + 1, updated_at = ?2 \
            WHERE id = ?1";
        tx.execute(sql, &[job.id.into(), now.into()])?;
        let sql = "INSERT INTO job_attempt (job_id, position, started_at) VALUES (?1, ?2, ?3)";
        tx.execute(sql, &[job.id.into(), job.attempt.into(), now.into()])?;
        told(tx, now, "started", job.id)?;
    }
    Ok(due)
}

/// The jobs that are due, for the test that reads query plans.
pub const DUE: &str = "SELECT id, kind, payload, \
     (SELECT count(*) FROM job_attempt WHERE job_id = job.id) FROM job \
     WHERE state = 'waiting' AND run_at <= ?1 \
     AND (?3 IS NULL OR kind IN (SELECT value FROM json_each(?3))) \
     AND kind NOT IN (SELECT value FROM json_each(?4)) \
     ORDER BY priority, run_at, id LIMIT ?2";

/// When the next one is due that waits.
///
/// # Errors
/// What the store says.
pub fn next_at(tx: &ReadTx<'_>) -> Result<Option<i64>, StoreError> {
    tx.one("SELECT min(run_at) FROM job WHERE state = 'waiting'", &[], |row| row.get(0))
}

/// The word for what came of an attempt.
#[must_use]
pub fn outcome(came: &Result<Done, JobError>) -> &'static str {
    match came {
        Ok(_) => "done",
        Err(JobError::Failed { .. } | JobError::Hopeless { .. }) => "failed",
        Err(JobError::TimedOut) => "timed_out",
        Err(JobError::Cancelled) => "cancelled",
        Err(JobError::Interrupted) => "interrupted",
    }
}

/// How deep the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Jobs that are due and wait, counted up to [`WAITING_MAX`].
    pub due: i64,
    /// Jobs that run.
    pub running: i64,
    /// Jobs that came to nothing.
    pub dead: i64,
    /// Kinds of which the last job that ended came to nothing: what somebody has to look at.
    pub failing: i64,
    /// How long the oldest of those that are due is so, microseconds.
    pub oldest: i64,
}

/// How deep the queue is at `now`.
///
/// # Errors
/// What the store says.
pub fn depth(tx: &ReadTx<'_>, now: i64) -> Result<Depth, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM job WHERE state = 'waiting' AND run_at <= ?1), \
        (SELECT count(*) FROM job WHERE state = 'running'), \
        (SELECT count(*) FROM job WHERE state = 'dead'), \
        (SELECT count(DISTINCT kind) FROM job WHERE state = 'dead' AND NOT EXISTS \
        (SELECT 1 FROM job AS later WHERE later.kind = job.kind AND job.id < later.id \
        AND later.state = 'done')), \
        coalesce(?1 - (SELECT min(run_at) FROM job WHERE state = 'waiting'), 0)";
    tx.one(sql, &[now.into()], |row| {
        let (due, running, dead) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (failing, oldest) = (row.get(3)?, row.get::<i64>(4)?.max(0));
        Ok(Depth { due, running, dead, failing, oldest })
    })
}

/// Notes what came of an attempt at `now`, and what becomes of its job.
///
/// # Errors
/// What the store says.
pub fn end(
    tx: &Tx<'_>,
    now: i64,
    job: &Claimed,
    came: &Result<Done, JobError>,
) -> Result<(), StoreError> {
    let code = match came {
        Err(JobError::Failed { code, .. } | JobError::Hopeless { code, .. }) => Some(*code),
        Err(JobError::TimedOut) => Some("jobs.timed_out"),
        _ => None,
    };
    let detail =
        came.as_ref().err().filter(|_| code.is_some()).map(|cause| short(&cause.to_string()));
    let sql = "UPDATE job_attempt SET ended_at = ?3, outcome = ?4, error_code = ?5, \
        error_detail = ?6 WHERE job_id = ?1 AND position = ?2";
    let params = [
        job.id.into(),
        job.attempt.into(),
        now.into(),
        outcome(came).into(),
        code.into(),
        detail.as_deref().into(),
    ];
    tx.execute(sql, &params)?;
    let sql = "SELECT tries, tries_max, cancelling FROM job WHERE id = ?1";
    let (tries, tries_max, cancelling) = tx.one(sql, &[job.id.into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<bool>(2)?))
    })?;
    let tried_out = tries_max <= tries;
    // An interruption is not the job's fault.
    let (state, event, run_at, tries) = match came {
        Ok(_) => ("done", "done", now, tries),
        Err(JobError::Cancelled) => ("cancelled", "cancelled", now, tries),
        Err(_) if cancelling => ("cancelled", "cancelled", now, tries),
        Err(JobError::Interrupted) => ("waiting", "interrupted", now, tries - 1),
        Err(JobError::Hopeless { .. }) => ("dead", "died", now, tries),
        Err(_) if tried_out => ("dead", "died", now, tries),
        Err(_) => ("waiting", "failed", now.saturating_add(kind::back_off(tries)), tries),
    };
    let result = came.as_ref().ok().map(|done| short(done));
    let ended = matches!(state, "done" | "dead" | "cancelled").then_some(now);
    let sql = "UPDATE job SET state = ?2, run_at = ?3, tries = ?4, result = ?5, error_code = ?6, \
        error_detail = ?7, ended_at = ?8, version = version + 1, updated_at = ?9 WHERE id = ?1";
    let params = [
        job.id.into(),
        state.into(),
        run_at.into(),
        tries.into(),
        result.as_deref().into(),
        code.into(),
        detail.as_deref().into(),
        ended.into(),
        now.into(),
    ];
    tx.execute(sql, &params)?;
    told(tx, now, event, job.id)
}

fn short(text: &str) -> String {
    text.chars().take(TOLD_MAX).collect()
}

fn told(tx: &Tx<'_>, now: i64, event: &str, id: i64) -> Result<(), StoreError> {
    outbox::append(tx, now, (event, JOB.name), id, None)
}

/// Puts the jobs back that were running when an earlier run of the program ended: they wait, or
/// are dead if they have ended it as often as they may be tried. How many there were.
///
/// # Errors
/// What the store says.
pub fn revive(tx: &Tx<'_>, now: i64) -> Result<usize, StoreError> {
    let sql = "UPDATE job_attempt SET ended_at = ?1, outcome = 'interrupted' \
        WHERE ended_at IS NULL AND job_id IN (SELECT id FROM job WHERE state = 'running')";
    tx.execute(sql, &[now.into()])?;
    let sql = "UPDATE job SET \
        state = CASE WHEN cancelling = 1 THEN 'cancelled' \
        WHEN tries_max <= tries THEN 'dead' ELSE 'waiting' END, \
        error_code = CASE WHEN tries_max <= tries THEN 'jobs.interrupted' END, \
        error_detail = CASE WHEN tries_max <= tries \
        THEN 'The program ended while it ran, each time that it was tried.' END, \
        ended_at = CASE WHEN cancelling = 1 OR tries_max <= tries THEN ?1 END, \
        run_at = ?1, version = version + 1, updated_at = ?1 WHERE state = 'running'";
    tx.execute(sql, &[now.into()])
}

/// Removes up to `most` jobs that have served their time at `now`; how many.
///
/// # Errors
/// What the store says.
pub fn clear(tx: &Tx<'_>, now: i64, most: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE ended_at IS NOT NULL \
        AND ended_at < CASE state WHEN 'dead' THEN ?2 ELSE ?1 END LIMIT ?3)";
    tx.execute(sql, &[(now - KEPT).into(), (now - DEAD_KEPT).into(), most.into()])
}

//! Jobs and schedules over HTTP: see them, try again, cancel, run now, change when.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde_json::json;

use super::pool::Jobs;
use super::queue::{self, NewJob};
use super::resource::{JOB, JOBS, SCHEDULE, SCHEDULES};
use super::schedule::key_of;
use crate::platform::ledger::{Desk, RecordError, Touch, Work};
use crate::platform::resource::{api as common, select};
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};
use crate::web::permit::demand_person;
use crate::web::{Answer, Permission, Permit};

/// May see what the server does by itself.
#[derive(Debug)]
pub struct SystemRead;
impl Permission for SystemRead {
    const CODE: &'static str = "system.read";
}

/// May run, stop and schedule what the server does in the background.
#[derive(Debug)]
pub struct SystemWrite;
impl Permission for SystemWrite {
    const CODE: &'static str = "system.write";
}

/// Mounts jobs and schedules.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/jobs/{id}/retry").route(web::post().to(post_retry)))
        .service(web::resource("/api/v1/jobs/{id}/cancel").route(web::post().to(post_cancel)))
        .service(web::resource("/api/v1/schedules/{id}/run").route(web::post().to(post_run)));
    common::mount(config, &JOBS, common::Offers::Reads);
    common::mount(config, &SCHEDULES, common::Offers::Amend);
}

/// Why a job stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// It is not dead or cancelled.
    #[error("Only a job that is dead or was cancelled is tried again.")]
    NotEnded,
    /// It has ended.
    #[error("This job has ended already.")]
    Ended,
    /// One of its kind waits or runs.
    #[error("Such a job waits or runs already.")]
    AtWork,
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for QueueError {
    fn from(cause: StoreError) -> Self {
        Self::Record(cause.into())
    }
}

impl From<crate::platform::ledger::OutOfReach> for QueueError {
    fn from(cause: crate::platform::ledger::OutOfReach) -> Self {
        Self::Record(cause.into())
    }
}

impl Explain for QueueError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotEnded => "jobs.not_ended",
            Self::Ended => "jobs.ended",
            Self::AtWork => "jobs.at_work",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::NotEnded | Self::Ended | Self::AtWork => ProblemKind::Conflict,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Record(cause) => cause.fields(),
            _ => Vec::new(),
        }
    }
}

async fn post_retry(by: Permit<SystemWrite>, desk: Data<Desk>, id: Path<String>) -> Answer {
    demand_person(&by.call)?;
    let id = common::id_in_path(JOB, &id)?;
    let one = desk
        .write(&by.call, "jobs.retry", move |work| {
            again(work, id)?;
            shown(work, id)
        })
        .await?;
    Ok(common::changed(&one))
}

fn again(work: &Work<'_>, id: i64) -> Result<(), QueueError> {
    let sql = "SELECT state IN ('dead', 'cancelled'), unique_key IS NOT NULL AND EXISTS \
        (SELECT 1 FROM job AS other WHERE other.unique_key = job.unique_key \
        AND other.state IN ('waiting', 'running')) FROM job WHERE id = ?1";
    let found = work.tx().opt(sql, &[id.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    match found.ok_or(RecordError::NotFound(JOB.name))? {
        (false, _) => return Err(QueueError::NotEnded),
        (true, true) => return Err(QueueError::AtWork),
        (true, false) => {}
    }
    let sql = "UPDATE job SET state = 'waiting', tries = 0, cancelling = 0, run_at = ?2, \
        ended_at = NULL, version = version + 1, updated_at = ?2 WHERE id = ?1";
    work.tx().execute(sql, &[id.into(), work.now().into()])?;
    work.touched(Touch { kind: JOB, id, patient: None, event: "retried" });
    Ok(())
}

fn shown(work: &Work<'_>, id: i64) -> Result<select::One, QueueError> {
    let one = select::one(work.tx(), &JOBS, id, &work.call().actor)?;
    Ok(one.ok_or(RecordError::NotFound(JOB.name))?)
}

async fn post_cancel(
    by: Permit<SystemWrite>,
    desk: Data<Desk>,
    jobs: Data<Jobs>,
    id: Path<String>,
) -> Answer {
    demand_person(&by.call)?;
    let id = common::id_in_path(JOB, &id)?;
    let one = desk
        .write(&by.call, "jobs.cancel", move |work| {
            cancel(work, id)?;
            shown(work, id)
        })
        .await?;
    // One that has begun meanwhile finds the word in the store when it ends.
    jobs.cancel(id);
    Ok(common::changed(&one))
}

fn cancel(work: &Work<'_>, id: i64) -> Result<(), QueueError> {
    let sql = "UPDATE job SET cancelling = 1, \
        ended_at = CASE state WHEN 'waiting' THEN ?2 END, \
        state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END, \
        version = version + 1, updated_at = ?2 WHERE id = ?1 AND state IN ('waiting', 'running')";
    if work.tx().execute(sql, &[id.into(), work.now().into()])? == 0 {
        let sql = "SELECT 1 FROM job WHERE id = ?1";
        let known = work.tx().opt(sql, &[id.into()], |_| Ok(()))?;
        known.ok_or(RecordError::NotFound(JOB.name))?;
        return Err(QueueError::Ended);
    }
    work.touched(Touch { kind: JOB, id, patient: None, event: "cancelled" });
    Ok(())
}

/// Orders what a schedule says, now.
async fn post_run(
    by: Permit<SystemWrite>,
    desk: Data<Desk>,
    jobs: Data<Jobs>,
    id: Path<String>,
) -> Answer {
    demand_person(&by.call)?;
    let id = common::id_in_path(SCHEDULE, &id)?;
    let sql = "SELECT kind FROM schedule WHERE id = ?1";
    let deadline = desk.screen_deadline();
    let kind =
        desk.store().read(deadline, |tx| tx.opt(sql, &[id.into()], |row| row.get::<String>(0)))?;
    let kind = kind.as_deref().and_then(|kind| jobs.kind(kind));
    let kind = kind.ok_or(RecordError::NotFound(SCHEDULE.name))?;
    let new = NewJob::new(kind.name, &()).tried(kind.tries).only_one(&key_of(kind.name));
    let job = desk
        .write(&by.call, "schedules.run", move |work| {
            let job = queue::order(work, &new)?.ok_or(QueueError::AtWork)?;
            let sql = "UPDATE schedule SET last_at = ?2, last_job_id = ?3, updated_at = ?2 \
                WHERE id = ?1";
            work.tx().execute(sql, &[id.into(), work.now().into(), job.into()])?;
            work.touched(Touch { kind: SCHEDULE, id, patient: None, event: "run" });
            Ok::<_, QueueError>(job)
        })
        .await?;
    let body = json!({"data": {"id": JOB.show(job)}});
    Ok(HttpResponse::Accepted()
        .insert_header(("location", JOBS.location(job)))
        .insert_header(("cache-control", "no-store"))
        .json(body))
}

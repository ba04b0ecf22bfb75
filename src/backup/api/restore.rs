//! The worst day in the browser: which moments there are, what would be lost, laying one beside
//! what is there, and turning to it.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::touch;
use crate::access::api::{Access, confirm_or_fresh};
use crate::backup::in_place::{Turn, Wanted, kept_in};
use crate::backup::kinds::STAND_BY;
use crate::backup::shipping::Shipping;
use crate::platform::jobs::api::{SystemRead, SystemWrite};
use crate::platform::jobs::resource::{JOB, JOBS};
use crate::platform::jobs::{NewJob, order};
use crate::platform::ledger::custody::classes::AuditClass;
use crate::platform::ledger::{Desk, RecordError, browse};
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;
use crate::vocab::problem::{Explain, ProblemKind};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permit, query};

/// The key under which one such job waits or runs.
const ONLY: &str = "restore";
/// For the count of what would be lost, over days of changes.
const LONG: std::time::Duration = std::time::Duration::from_secs(30);

/// Mounts it.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/backup/moments").route(web::get().to(get_moments)))
        .service(web::resource("/api/v1/backup/lost").route(web::post().to(post_lost)))
        .service(web::resource("/api/v1/backup/restore").route(web::post().to(post_restore)))
        .service(web::resource("/api/v1/backup/restore/begin").route(web::post().to(post_begin)))
        .service(web::resource("/api/v1/backup/restore/undo").route(web::post().to(post_undo)));
}

/// Why the hospital stays as it is.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(super) enum TurnError {
    /// Nothing was prepared.
    #[error("No other moment stands ready. Prepare one first.")]
    NothingReady,
    /// There is no such folder.
    #[error("What was there before is not kept under this name any more.")]
    NotKept,
    /// One is being prepared.
    #[error("Another moment is being prepared. Wait for it, or cancel it under Jobs.")]
    AtWork,
}

impl Explain for TurnError {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingReady => "backup.nothing_ready",
            Self::NotKept => "backup.not_kept",
            Self::AtWork => "backup.at_work",
        }
    }

    fn kind(&self) -> ProblemKind {
        ProblemKind::Conflict
    }
}

async fn get_moments(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    (turn, shipping): (Data<Turn>, Data<Shipping>),
) -> Answer {
    query::none(&request)?;
    let from = desk.store().read(desk.screen_deadline(), |tx| {
        let sql = "SELECT min(made_at) FROM backup WHERE state = 'verified'";
        tx.one(sql, &[], |row| row.get::<Option<i64>>(0))
    })?;
    let shown = |at: Option<i64>| at.map(|at| instant(at).to_string());
    let ready = turn.ready().map(|ready| {
        json!({
            "reached": instant(ready.reached).to_string(),
            "patients": ready.patients,
            "log_is_broken": ready.log_is_broken,
        })
    });
    let body = json!({"data": {
        "from": shown(from),
        "until": shown(shipping.shipped().shipped_at.or(from)),
        "ready": ready,
        "kept": kept_in(desk.store().folder()),
    }});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    at: String,
}

fn moment(text: &str) -> Result<i64, RecordError> {
    let at: Option<Timestamp> = text.parse().ok();
    at.map(Timestamp::as_microsecond)
        .ok_or_else(|| RecordError::field("at", "Send a moment such as 2026-03-01T14:05:00Z."))
}

/// What was changed after a moment, by what was done.
async fn post_lost(_by: Permit<SystemRead>, desk: Data<Desk>, Body(sent): Body<Moment>) -> Answer {
    let at = moment(&sent.at)?;
    let lost = desk.store().read_slow(LONG, move |tx| changes_since(tx, at)).await?;
    let lost: Vec<_> =
        lost.into_iter().map(|(act, count)| json!({"act": act, "count": count})).collect();
    let body = json!({"data": {"at": instant(at).to_string(), "changes": lost}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

fn changes_since(tx: &ReadTx<'_>, at: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let mut lost = Vec::new();
    let is_change = |act: &String| {
        matches!(AuditClass::of(act), AuditClass::Changes | AuditClass::Administration)
    };
    for act in browse::acts(tx)?.into_iter().filter(is_change) {
        let sql = "SELECT count(*) FROM audit WHERE act = ?1 AND ?2 < at AND outcome = 'done'";
        let count: i64 = tx.one(sql, &[act.as_str().into(), at.into()], |row| row.get(0))?;
        if 0 < count {
            lost.push((act, count));
        }
    }
    lost.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(lost)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    at: String,
    #[serde(default)]
    current_password: Option<String>,
}

/// Lays the hospital of a moment beside this one, as a job.
async fn post_restore(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(sent): Body<Order>,
) -> Answer {
    demand_person(&by.call)?;
    let at = moment(&sent.at)?;
    confirm(&request, (&desk, &access), &by, sent.current_password).await?;
    let job = desk
        .write(&by.call, "backup.restore.prepare", move |work| {
            let new = NewJob::new(STAND_BY, &Wanted { at }).tried(1).only_one(ONLY);
            let ordered = order(work, &new)?;
            Ok::<_, RecordError>(ordered)
        })
        .await?
        .ok_or(TurnError::AtWork)?;
    let body = json!({"data": {"id": JOB.show(job)}});
    Ok(HttpResponse::Accepted()
        .insert_header(("location", JOBS.location(job)))
        .insert_header(("cache-control", "no-store"))
        .json(body))
}

async fn confirm(
    request: &HttpRequest,
    (desk, access): (&Data<Desk>, &Data<Access>),
    by: &Permit<SystemWrite>,
    password: Option<String>,
) -> Result<(), Failure> {
    if by.call.actor.user_id().is_none() {
        return Ok(());
    }
    confirm_or_fresh(request, desk, access, &by.call, (password, "backup.restore")).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    #[serde(default)]
    current_password: Option<String>,
}

/// Turns to what stands ready: the server closes and opens again with it, within seconds.
async fn post_begin(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    turn: Data<Turn>,
    Body(sent): Body<Begin>,
) -> Answer {
    demand_person(&by.call)?;
    confirm(&request, (&desk, &access), &by, sent.current_password).await?;
    if turn.ready().is_none() {
        return Err(TurnError::NothingReady.into());
    }
    note(&desk, &by, "backup.restore.begin").await?;
    if turn.begin() { turning() } else { Err(TurnError::NothingReady.into()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    name: String,
    #[serde(default)]
    current_password: Option<String>,
}

/// Turns back to what was there before a restore.
async fn post_undo(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    turn: Data<Turn>,
    Body(sent): Body<Undo>,
) -> Answer {
    demand_person(&by.call)?;
    confirm(&request, (&desk, &access), &by, sent.current_password).await?;
    let data = desk.store().folder().to_owned();
    if !kept_in(&data).contains(&sent.name) {
        return Err(TurnError::NotKept.into());
    }
    note(&desk, &by, "backup.restore.undo").await?;
    if turn.begin_back(&data, &sent.name) { turning() } else { Err(TurnError::NotKept.into()) }
}

/// In the audit of what is put aside; what comes has a row of its own.
async fn note(desk: &Desk, by: &Permit<SystemWrite>, act: &'static str) -> Result<(), Failure> {
    let noted = desk.write(&by.call, act, |work| {
        work.touched(touch("restored"));
        Ok::<_, RecordError>(())
    });
    Ok(noted.await?)
}

fn turning() -> Answer {
    Ok(HttpResponse::Accepted()
        .insert_header(("cache-control", "no-store"))
        .json(json!({"data": {"state": "turning"}})))
}

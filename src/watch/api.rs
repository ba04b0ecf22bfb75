//! Watching over HTTP: how the server is, what was measured, what is slow, the log, and alerts.

use std::time::Duration;

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value as Json, json};

use super::alarm::Standing;
use super::capacity::{self, Outlook};
use super::resource::{ALERT, ALERT_RULE, ALERT_RULES, ALERT_SILENCES, ALERTS, series_of};
use super::rings::{SPANS, Slot, WORDS};
use super::rules::Level;
use super::series::{CODES, Series};
use super::systems;
use super::tell::{self, Raised};
use super::watching::Watching;
use crate::observability::logging::Level as LogLevel;
use crate::observability::metrics::Metrics;
use crate::observability::recent;
use crate::platform::jobs::api::{SystemRead, SystemWrite};
use crate::platform::ledger::{Desk, RecordError, Touch, Work};
use crate::platform::resource::{api as common, select};
use crate::store::{ReadTx, StoreError, params};
use crate::vocab::clock::instant;
use crate::vocab::problem::{Explain, FieldError, Findings, ProblemKind};
use crate::web::permit::demand_person;
use crate::web::query::{bad_query, once_each};
use crate::web::{Answer, Permit, query};

/// Statements that are shown by their cost.
const COSTLIEST: usize = 50;
/// Lines of the log in one answer.
pub(super) const LINES_MAX: usize = 500;
/// The words of levels of the log, the gravest first.
pub(super) const LOG_LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

/// Mounts it.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/system/watch").route(web::get().to(get_watch)))
        .service(web::resource("/api/v1/system/samples").route(web::get().to(get_samples)))
        .service(web::resource("/api/v1/system/slow").route(web::get().to(get_slow)))
        .service(web::resource("/api/v1/system/log").route(web::get().to(get_log)))
        .service(web::resource("/api/v1/alerts/{id}/acknowledge").route(web::post().to(post_known)))
        .service(web::resource("/api/v1/alert-rules/{id}/test").route(web::post().to(post_test)));
    common::mount(config, &ALERTS, common::Offers::Reads);
    common::mount(config, &ALERT_RULES, common::Offers::Amend);
    common::mount(config, &ALERT_SILENCES, common::Offers::Changes);
}

/// Why an alert stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// Somebody has acknowledged it.
    #[error("Somebody has said already that they know of this alert.")]
    Known,
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for AlertError {
    fn from(cause: StoreError) -> Self {
        Self::Record(cause.into())
    }
}

impl From<crate::platform::ledger::OutOfReach> for AlertError {
    fn from(cause: crate::platform::ledger::OutOfReach) -> Self {
        Self::Record(cause.into())
    }
}

impl Explain for AlertError {
    fn code(&self) -> &'static str {
        match self {
            Self::Known => "alerts.known",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Known => ProblemKind::Conflict,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Known => Vec::new(),
            Self::Record(cause) => cause.fields(),
        }
    }
}

fn told(data: &Json) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(json!({"data": data}))
}

async fn get_watch(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    (desk, watching): (Data<Desk>, Data<Watching>),
) -> Answer {
    query::none(&request)?;
    let now = desk.now();
    let find = |tx: &ReadTx<'_>| Standing::find(tx, now);
    let standing = desk.store().read(desk.screen_deadline(), find)?;
    let latest = watching.latest();
    let looks = systems::looks(latest.as_ref(), &standing);
    let looks: Vec<Json> = looks
        .iter()
        .map(|look| {
            json!({
                "system": look.system,
                "state": look.state,
                "because": look.because.code(),
                "value": look.value.map(short),
                "is_now": look.is_now,
            })
        })
        .collect();
    let (mut figures, mut fills) = (Map::new(), Vec::new());
    if let Some(sample) = &latest {
        for series in Series::all() {
            figures.insert(series.code().to_owned(), json!(sample.get(series).map(short)));
        }
        fills = capacity::fills(sample, &watching.rings());
    }
    let fills: Vec<Json> = fills
        .iter()
        .map(|fill| {
            let (outlook, days) = match fill.outlook {
                Outlook::Unknown => ("unknown", None),
                Outlook::Steady => ("steady", None),
                Outlook::Full(days) => ("full", Some(short(days))),
            };
            json!({
                "what": fill.what.word(),
                "used": short(fill.used),
                "limit": short(fill.limit),
                "outlook": outlook,
                "days": days,
            })
        })
        .collect();
    Ok(told(&json!({
        "measured_at": latest.map(|sample| instant(sample.at).to_string()),
        "systems": looks,
        "figures": figures,
        "capacity": fills,
        "open_alerts": standing.open.len(),
        "silent": !standing.silent.is_empty(),
    })))
}

/// A figure with as many digits as a chart shows.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    if 1_000.0 <= value.abs() {
        return value.round();
    }
    (value * 1e3).round() / 1e3
}

async fn get_samples(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    watching: Data<Watching>,
) -> Answer {
    let mut findings = Findings::new();
    let sent = once_each(&request, &["span", "series"], &mut findings)?;
    let value = |name: &str| sent.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone());
    let span = value("span").unwrap_or_else(|| WORDS[0].to_owned());
    let number = WORDS.iter().position(|word| *word == span);
    findings.check(number.is_some(), "span", &format!("Allowed here: {}.", WORDS.join(", ")));
    let mut wanted = Vec::new();
    for code in value("series").iter().flat_map(|list| list.split(',')) {
        let series = series_of(code);
        findings.check(series.is_some(), "series", "Send words of series, with commas between.");
        wanted.extend(series);
    }
    findings.verdict().map_err(bad_query)?;
    if wanted.is_empty() {
        wanted = Series::all().collect();
    }
    let number = number.unwrap_or(0);
    let slots: Vec<Slot> = watching.rings().of(number).collect();
    let at: Vec<i64> = slots.iter().map(|slot| slot.at / 1_000_000).collect();
    let lines: Vec<Json> = wanted.iter().map(|series| line(&slots, *series, number != 0)).collect();
    let step_s = SPANS[number].step / 1_000_000;
    Ok(told(&json!({"span": span, "step_s": step_s, "at": at, "series": lines})))
}

/// One series over `slots`; of steps that hold several samples with the least and the most.
fn line(slots: &[Slot], series: Series, is_spread: bool) -> Json {
    let spreads = || slots.iter().map(|slot| slot.figures.get(series.at()).copied().flatten());
    let values = |of: fn(&super::rings::Spread) -> f32| {
        spreads().map(|it| it.as_ref().map(|it| short(f64::from(of(it))))).collect::<Vec<_>>()
    };
    let mut line = json!({
        "code": series.code(),
        "unit": series.unit().word(),
        "mean": values(|spread| spread.mean),
    });
    if is_spread {
        line["min"] = json!(values(|spread| spread.min));
        line["max"] = json!(values(|spread| spread.max));
    }
    line
}

async fn get_slow(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    (desk, metrics): (Data<Desk>, Data<Metrics>),
) -> Answer {
    query::none(&request)?;
    let now = desk.now();
    let at = |ago: Duration| {
        let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
        instant(now.saturating_sub(ago)).to_string()
    };
    let ms = |took: Duration| short(took.as_secs_f64() * 1e3);
    let requests: Vec<Json> = metrics
        .pace()
        .slow()
        .into_iter()
        .map(|slow| {
            json!({
                "ended_at": at(slow.ago),
                "method": slow.method,
                "route": slow.route,
                "status": slow.status,
                "took_ms": ms(slow.took),
                "request_id": slow.id,
            })
        })
        .collect();
    let statements: Vec<Json> = desk
        .store()
        .slow_statements()
        .into_iter()
        .map(|slow| {
            json!({
                "last_at": at(slow.ago),
                "statement": slow.sql,
                "plan": slow.plan,
                "times": slow.times,
                "longest_ms": ms(slow.longest),
                "last_ms": ms(slow.last),
            })
        })
        .collect();
    let costliest: Vec<Json> = desk
        .store()
        .costliest_statements(COSTLIEST)
        .into_iter()
        .map(|cost| {
            let each = cost.total.checked_div(u32::try_from(cost.calls).unwrap_or(u32::MAX));
            json!({
                "statement": cost.sql,
                "calls": cost.calls,
                "total_ms": ms(cost.total),
                "mean_ms": ms(each.unwrap_or_default()),
                "longest_ms": ms(cost.longest),
            })
        })
        .collect();
    Ok(told(&json!({"requests": requests, "statements": statements, "costliest": costliest})))
}

async fn get_log(_by: Permit<SystemRead>, request: HttpRequest) -> Answer {
    let mut findings = Findings::new();
    let sent = once_each(&request, &["level", "after"], &mut findings)?;
    let value =
        |name: &str| sent.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    let level = value("level").unwrap_or("info");
    findings.check(LOG_LEVELS.contains(&level), "level", "Send error, warn, info or debug.");
    let after = value("after").unwrap_or("0").parse::<u64>();
    findings.check(after.is_ok(), "after", "Send the number of the last line that you have.");
    findings.verdict().map_err(bad_query)?;
    let level = level.parse::<LogLevel>().unwrap_or(LogLevel::INFO);
    let (lines, newest) = recent::lines(level, after.unwrap_or(0), LINES_MAX);
    let lines: Vec<Json> = lines
        .into_iter()
        .map(|line| {
            json!({
                "number": line.number,
                "level": line.level.as_str().to_ascii_lowercase(),
                "fields": line.fields,
            })
        })
        .collect();
    Ok(told(&json!({"lines": lines, "newest": newest})))
}

/// Somebody knows of it and looks after it.
async fn post_known(by: Permit<SystemWrite>, desk: Data<Desk>, id: Path<String>) -> Answer {
    demand_person(&by.call)?;
    let id = common::id_in_path(ALERT, &id)?;
    let one = desk
        .write(&by.call, "alerts.acknowledge", move |work| {
            let sql = "UPDATE alert SET acknowledged_at = ?2, acknowledged_by = ?3, \
                acknowledged_name = ?4, version = version + 1, updated_at = ?2 \
                WHERE id = ?1 AND acknowledged_at IS NULL";
            let actor = &work.call().actor;
            let params = params![id, work.now(), actor.user_id(), actor.name()];
            let is_first = work.tx().execute(sql, &params)? != 0;
            let one = select::one(work.tx(), &ALERTS, id, &work.call().actor)?;
            let one = one.ok_or(RecordError::NotFound(ALERT.name))?;
            if !is_first {
                return Err(AlertError::Known);
            }
            work.touched(Touch { kind: ALERT, id, patient: None, event: "acknowledged" });
            Ok(one)
        })
        .await?;
    Ok(common::changed(&one))
}

/// Raises what is marked as a test, on the very way of a real one.
async fn post_test(by: Permit<SystemWrite>, desk: Data<Desk>, id: Path<String>) -> Answer {
    demand_person(&by.call)?;
    let id = common::id_in_path(ALERT_RULE, &id)?;
    let teller = desk.get_ref().clone();
    let test = move |work: &Work<'_>| try_out((work, &teller), id);
    let one = desk.write(&by.call, "alerts.test", test).await?;
    Ok(common::changed(&one))
}

fn try_out((work, desk): (&Work<'_>, &Desk), rule: i64) -> Result<select::One, RecordError> {
    let sql = "SELECT code, series, critical FROM alert_rule WHERE id = ?1";
    let found = work.tx().opt(sql, &params![rule], |row| {
        Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<Option<String>>(2)?))
    })?;
    let (code, series, critical) = found.ok_or(RecordError::NotFound(ALERT_RULE.name))?;
    let (id, now) = (work.new_id(), work.now());
    let level = if critical.is_some() { Level::Critical } else { Level::Warning };
    // It is over as it begins, so that it stands in nobody's way.
    let sql = "INSERT INTO alert (id, rule_id, series, level, is_test, raised_at, told_at, \
        recovered_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?5, ?5, ?5)";
    work.tx().execute(sql, &params![id, rule, series.as_str(), level.word(), now])?;
    let (value, threshold, at, is_test) = (None, None, now, true);
    let raised = Raised { alert: id, code, series, level, value, threshold, at, is_test };
    tell::raise(work.tx(), desk, &raised)?;
    work.touched(Touch { kind: ALERT, id, patient: None, event: "raised" });
    let one = select::one(work.tx(), &ALERTS, id, &work.call().actor)?;
    one.ok_or(RecordError::NotFound(ALERT.name))
}

/// The words that a list of series may hold, for the description.
pub(super) fn codes() -> &'static [&'static str] {
    &CODES
}

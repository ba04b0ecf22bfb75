//! Health: for balancers, monitors and people. Public, and says nothing about patients.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::lateness::Lateness;
use crate::access::gate::Known;
use crate::backup::settings as backup;
use crate::config::shown::Shown;
use crate::domain::patients::{Directory, Shelves};
use crate::platform::cache::CacheStatus;
use crate::platform::disk::Rung;
use crate::platform::events::{Listeners, outbox};
use crate::platform::jobs::api::SystemRead;
use crate::platform::jobs::queue;
use crate::platform::ledger::{AuditState, Desk};
use crate::store::{StoreError, Unwritable};
use crate::web::envelope::Bounds;
use crate::web::limits::Limiter;
use crate::web::live::Hub;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::origin::Proxies;
use crate::web::{Answer, Permission, Permit, query};

/// A probe that takes longer than this has failed.
const PROBE_DEADLINE: Duration = Duration::from_secs(1);
/// Waiting writes beyond which the queue is said to be under pressure: B7's default.
const QUEUE_WARNING: usize = 1_000;
/// Events that a listener has not heard, beyond which it is said to be behind.
const BEHIND_WARNING: i64 = 10_000;
/// Failures in a row from which a listener is said to fail.
const FAILURES_WARNING: u32 = 3;

/// What is told of requests that claim to come from elsewhere.
const IGNORED: &str = "Requests with forwarding headers that came from no trusted proxy";

/// Mounts the probes.
pub fn mount(config: &mut ServiceConfig) {
    config
        // Balancers ask with HEAD.
        .service(web::resource("/api/health").get(get_health).head(get_health))
        .service(web::resource("/api/health/live").get(get_live).head(get_live))
        .service(web::resource("/api/health/ready").get(get_ready).head(get_ready))
        .service(web::resource("/api/v1/system").route(web::get().to(get_system)))
        .service(web::resource("/api/v1/system/settings").route(web::get().to(get_settings)));
}

/// Describes the probes.
pub fn describe(document: &mut Document) {
    document.tag("health", "For balancers, monitors and people.");
    let word = |words: &[&str]| schema::object(vec![("status", schema::words(words), true)]);
    let probe = |id: &str, title: &str, words: &[&str]| {
        Operation::new("health", id, title).public().answers(200, "Yes", word(words))
    };
    let live = probe("getLive", "Whether the process runs", &["live"]);
    document.add("get", "/api/health/live", live);
    let ready = probe("getReady", "Whether new requests may be sent here", &["ready"]);
    let not_ready = schema::object(vec![
        ("status", schema::words(&["not ready"]), true),
        ("reason", schema::words(&NOT_READY), true),
    ]);
    document.add("get", "/api/health/ready", ready.answers(503, "No", not_ready));
    let services = schema::object(vec![
        (
            "database",
            schema::words(&["ok", "failed", "disk_full", "read_only", "superseded"]),
            true,
        ),
        ("cache", schema::words(&["ok", "failed"]), true),
        ("queue", schema::words(&["ok", "busy"]), true),
        ("queue_size", schema::integer(0, i64::MAX), true),
        ("events", schema::words(&["ok", "behind", "failing", "failed"]), true),
        ("audit", schema::words(&["ok", "waiting", "refusing"]), true),
        ("search", schema::words(&["ok", "rebuilding", "failing"]), true),
        ("disk", schema::words(&Rung::WORDS), true),
        ("clock", schema::words(&["ok", "behind"]), true),
    ]);
    let health = document.schema(
        "Health",
        schema::object(vec![
            ("status", schema::words(&["healthy", "degraded", "unhealthy"]), true),
            ("services", services, true),
        ]),
    );
    let operation = Operation::new("health", "getHealth", "How the server and its parts are")
        .public()
        .answers(200, "Healthy, or degraded: records can be read", health.clone())
        .answers(503, "Unhealthy: nothing can be read", health)
        .example("/api/health");
    document.add("get", "/api/health", operation);
    document.add("get", "/api/v1/system", describe_system());
    document.add("get", "/api/v1/system/settings", describe_settings());
}

fn describe_system() -> Operation {
    let count = || schema::integer(0, i64::MAX);
    let counts = |names: &[&'static str]| {
        schema::object(names.iter().map(|name| (*name, count(), true)).collect())
    };
    let listener = schema::object(vec![
        ("name", schema::any_text(), true),
        ("behind", count(), true),
        ("failures", schema::described(count(), "In a row, until now"), true),
    ]);
    let missing = schema::object(vec![
        ("known", schema::described(count(), "The newest audit row that was written"), true),
        ("found", schema::described(count(), "The newest that was found"), true),
        ("noticed_at", schema::any_text(), true),
    ]);
    let missing = schema::described(schema::nullable(missing), "Changes that are gone");
    let store = schema::object(vec![
        ("queue_people", count(), true),
        ("queue_bulk", count(), true),
        ("commits", count(), true),
        ("wal_bytes", count(), true),
        ("missing", missing, true),
    ]);
    let rate_limits = schema::object(vec![
        ("enforced", schema::boolean(), true),
        ("refused", schema::described(count(), "Requests, since the start"), true),
        ("crowded", schema::described(count(), "Requests whose sender shared a bucket"), true),
        ("buckets", schema::described(count(), "Senders that have used something up"), true),
        ("buckets_max", schema::described(count(), "Places for them"), true),
    ]);
    let cache = || counts(&["entries", "bytes", "hits", "misses"]);
    let caches = schema::object(vec![("sessions", cache(), true), ("shelf", cache(), true)]);
    let failing = schema::described(count(), "Kinds whose last job came to nothing");
    let jobs = schema::object(vec![
        ("waiting", schema::described(count(), "Due by now"), true),
        ("running", count(), true),
        ("failing", failing, true),
    ]);
    let system = schema::object(vec![
        ("version", schema::any_text(), true),
        ("sums", schema::list(schema::any_text(), None), true),
        ("requests_in_flight", count(), true),
        ("live", counts(&["connections", "behind"]), true),
        ("rate_limits", rate_limits, true),
        ("forwarded_ignored", schema::described(count(), IGNORED), true),
        ("listeners", schema::list(listener, None), true),
        ("backup", schema::object(vec![("state", schema::words(&backup::STANDINGS), true)]), true),
        ("cache", caches, true),
        ("store", store, true),
        ("jobs", jobs, true),
    ]);
    Operation::new("health", "getSystem", "Version, sizes, queues")
        .needs(SystemRead::CODE)
        .answers(200, "The state", schema::data(system))
        .tagged()
}

fn describe_settings() -> Operation {
    let text = schema::any_text;
    let lines = || schema::list(schema::any_text(), None);
    let origin = schema::object(vec![
        ("kind", schema::words(&["flag", "environment", "file", "default"]), true),
        ("name", text(), false),
        ("path", text(), false),
        ("line", schema::integer(0, i64::MAX), false),
    ]);
    let setting = schema::object(vec![
        ("key", text(), true),
        ("value", json!({"type": ["string", "integer"]}), true),
        ("auto", schema::described(schema::boolean(), "Chosen to fit the machine"), true),
        ("origin", origin, true),
        ("default", schema::nullable(text()), true),
        ("allowed", text(), true),
        ("flag", text(), true),
        ("env", text(), true),
        ("help", text(), true),
    ]);
    let settings = schema::object(vec![
        ("settings", schema::list(setting, None), true),
        ("file", schema::nullable(text()), true),
        ("sizing", lines(), true),
        ("warnings", lines(), true),
    ]);
    Operation::new("health", "getSettings", "Every setting, and where its value comes from")
        .needs(SystemRead::CODE)
        .answers(200, "The settings", schema::data(settings))
        .tagged()
}

/// Whether the database can be read and written.
pub(super) fn database(desk: &Desk) -> &'static str {
    let probe =
        desk.store().read(PROBE_DEADLINE, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
    match (probe.is_ok(), desk.store().status().unwritable) {
        (false, _) => "failed",
        (true, None) => "ok",
        (true, Some(Unwritable::DiskFull)) => "disk_full",
        (true, Some(Unwritable::Failing)) => "read_only",
        (true, Some(Unwritable::Superseded)) => "superseded",
    }
}

/// Whether audit rows are written.
fn audit(desk: &Desk) -> &'static str {
    match desk.audit_state() {
        AuditState::Ok => "ok",
        AuditState::Waiting => "waiting",
        AuditState::Refusing => "refusing",
    }
}

/// How the parts do, in the words of the answer.
#[derive(Debug, Clone, Copy, Serialize)]
struct Services {
    database: &'static str,
    cache: &'static str,
    queue: &'static str,
    queue_size: usize,
    events: &'static str,
    audit: &'static str,
    search: &'static str,
    disk: &'static str,
    clock: &'static str,
}

impl Services {
    /// How the whole does. A queue that is busy and a listener that is behind are warnings (B7):
    /// they pass while all does what it should.
    fn state(&self) -> &'static str {
        let as_should_be = [
            self.database == "ok",
            self.cache == "ok",
            matches!(self.events, "ok" | "behind"),
            self.audit == "ok",
            self.search == "ok",
            matches!(self.disk, "ok" | "imports_paused" | "pruning_early"),
            self.clock == "ok",
        ];
        match self.database {
            "failed" => "unhealthy",
            _ if as_should_be.iter().all(|fine| *fine) => "healthy",
            _ => "degraded",
        }
    }
}

async fn get_health(
    desk: Data<Desk>,
    listeners: Data<Listeners>,
    known: Data<Known>,
    directory: Data<Directory>,
    lateness: Data<Lateness>,
) -> HttpResponse {
    let status = desk.store().status();
    let waiting = status.queue_people + status.queue_bulk;
    let services = Services {
        database: database(&desk),
        cache: cache(&known),
        queue: if waiting < QUEUE_WARNING { "ok" } else { "busy" },
        queue_size: waiting,
        events: events(&listeners),
        audit: audit(&desk),
        search: directory.state(),
        disk: desk.ladder().rung().word(),
        clock: if lateness.is_behind(desk.now()) { "behind" } else { "ok" },
    };
    let state = services.state();
    let body = json!({"status": state, "services": services});
    let mut answer = match state {
        "unhealthy" => HttpResponse::ServiceUnavailable(),
        _ => HttpResponse::Ok(),
    };
    answer.insert_header(("cache-control", "no-store")).json(body)
}

fn counted(cache: CacheStatus) -> Json {
    json!({
        "entries": cache.entries, "bytes": cache.bytes,
        "hits": cache.hits, "misses": cache.misses,
    })
}

/// Whether the cache of this process stays within its bound.
fn cache(known: &Known) -> &'static str {
    if known.is_sound() { "ok" } else { "failed" }
}

/// Whether those who listen to events keep up.
fn events(listeners: &Listeners) -> &'static str {
    let Ok(all) = listeners.status() else { return "failed" };
    if all.iter().any(|one| FAILURES_WARNING <= one.failures) {
        "failing"
    } else if all.iter().any(|one| BEHIND_WARNING < one.behind) {
        "behind"
    } else {
        "ok"
    }
}

/// The process runs and answers.
async fn get_live() -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(json!({"status": "live"}))
}

/// Why new requests may not be sent here.
const NOT_READY: [&str; 6] =
    ["stopping", "database_failed", "disk_full", "read_only", "superseded", "audit_refusing"];

/// New requests may be sent here: what they change can be written, and what they show audited.
async fn get_ready(desk: Data<Desk>, bounds: Data<Bounds>) -> HttpResponse {
    let stopping = bounds.draining.load(Ordering::Relaxed);
    let reason = match (stopping, database(&desk), audit(&desk)) {
        (true, ..) => "stopping",
        (_, "failed", _) => "database_failed",
        (_, "disk_full", _) => "disk_full",
        (_, "read_only", _) => "read_only",
        (_, "superseded", _) => "superseded",
        (.., "refusing") => "audit_refusing",
        _ => "",
    };
    let (mut answer, body) = match reason {
        "" => (HttpResponse::Ok(), json!({"status": "ready"})),
        _ => {
            let body = json!({"status": "not ready", "reason": reason});
            (HttpResponse::ServiceUnavailable(), body)
        }
    };
    answer.insert_header(("cache-control", "no-store")).json(body)
}

async fn get_system(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    bounds: Data<Bounds>,
    sums: Data<Vec<String>>,
    (hub, listeners): (Data<Hub>, Data<Listeners>),
    (known, shelves, limiter, proxies): (Data<Known>, Data<Shelves>, Data<Limiter>, Data<Proxies>),
) -> Answer {
    let limits = limiter.status();
    query::none(&request)?;
    let store = desk.store().status();
    let now = desk.now();
    let (head, jobs, backup) = desk.store().read(PROBE_DEADLINE, |tx| {
        let backup = backup::standing(tx, now)?;
        Ok::<_, StoreError>((outbox::head(tx)?, queue::depth(tx, now)?, backup))
    })?;
    let body = json!({"data": {
        "version": env!("CARGO_PKG_VERSION"),
        "sums": sums.get_ref(),
        "requests_in_flight": bounds.in_flight.load(Ordering::Relaxed),
        "live": {"connections": hub.connected(), "behind": head - hub.head()},
        "listeners": listeners.status()?.iter().map(|one| json!({
            "name": one.name, "behind": one.behind, "failures": one.failures,
        })).collect::<Vec<_>>(),
        "rate_limits": {
            "enforced": limiter.is_on(), "refused": limits.refused, "crowded": limits.crowded,
            "buckets": limits.buckets, "buckets_max": limits.buckets_max,
        },
        "forwarded_ignored": proxies.ignored(),
        "jobs": {"waiting": jobs.due, "running": jobs.running, "failing": jobs.failing},
        "backup": {"state": backup},
        "cache": {"sessions": counted(known.status()), "shelf": counted(shelves.status())},
        "store": {
            "queue_people": store.queue_people,
            "queue_bulk": store.queue_bulk,
            "commits": store.commits,
            "wal_bytes": store.wal_bytes,
            // Changes that were acknowledged once and are gone; null if none are known to be.
            "missing": desk.store().missing(),
        },
    }});
    Ok(crate::web::conditional::hashed(&request, body.to_string().into_bytes()))
}

/// What the program was started with, and where each value comes from.
async fn get_settings(_by: Permit<SystemRead>, request: HttpRequest, shown: Data<Shown>) -> Answer {
    query::none(&request)?;
    let body = json!({"data": shown.get_ref()});
    Ok(crate::web::conditional::hashed(&request, body.to_string().into_bytes()))
}

#[cfg(test)]
mod tests;

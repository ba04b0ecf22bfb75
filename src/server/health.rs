//! Health: for balancers, monitors and people. Public, and says nothing about patients.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value as Json, json};

use crate::access::gate::Known;
use crate::config::shown::Shown;
use crate::domain::patients::Shelves;
use crate::platform::cache::CacheStatus;
use crate::platform::events::{Listeners, outbox};
use crate::platform::ledger::Desk;
use crate::web::envelope::Bounds;
use crate::web::live::Hub;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::{Answer, Permission, Permit, query};

/// May see how the server is doing.
#[derive(Debug)]
pub struct SystemRead;
impl Permission for SystemRead {
    const CODE: &'static str = "system.read";
}

/// A probe that takes longer than this has failed.
const PROBE_DEADLINE: Duration = Duration::from_secs(1);
/// Waiting writes beyond which the queue is said to be under pressure: B7's default.
const QUEUE_WARNING: usize = 1_000;
/// Events that a listener has not heard, beyond which it is said to be behind.
const BEHIND_WARNING: i64 = 10_000;
/// Failures in a row from which a listener is said to fail.
const FAILURES_WARNING: u32 = 3;

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
    let words = ["ready", "not ready"];
    let ready = probe("getReady", "Whether new requests may be sent here", &words);
    document.add("get", "/api/health/ready", ready.answers(503, "No", word(&words)));
    let services = schema::object(vec![
        ("database", schema::words(&["ok", "failed"]), true),
        ("cache", schema::words(&["ok", "failed"]), true),
        ("queue", schema::words(&["ok", "busy"]), true),
        ("queue_size", schema::integer(0, i64::MAX), true),
        ("events", schema::words(&["ok", "behind", "failing", "failed"]), true),
    ]);
    let health = document.schema(
        "Health",
        schema::object(vec![
            ("status", schema::words(&["healthy", "unhealthy"]), true),
            ("services", services, true),
        ]),
    );
    let operation = Operation::new("health", "getHealth", "How the server and its parts are")
        .public()
        .answers(200, "Healthy", health.clone())
        .answers(503, "Unhealthy", health)
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
    let store = counts(&["queue_people", "queue_bulk", "commits", "wal_bytes"]);
    let cache = || counts(&["entries", "bytes", "hits", "misses"]);
    let caches = schema::object(vec![("sessions", cache(), true), ("shelf", cache(), true)]);
    let system = schema::object(vec![
        ("version", schema::any_text(), true),
        ("sums", schema::list(schema::any_text(), None), true),
        ("requests_in_flight", count(), true),
        ("live", counts(&["connections", "behind"]), true),
        ("listeners", schema::list(listener, None), true),
        ("cache", caches, true),
        ("store", store, true),
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

fn database_ok(desk: &Desk) -> bool {
    let probe =
        desk.store().read(PROBE_DEADLINE, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
    probe.is_ok()
}

async fn get_health(
    desk: Data<Desk>,
    listeners: Data<Listeners>,
    known: Data<Known>,
) -> HttpResponse {
    let database = database_ok(&desk);
    let status = desk.store().status();
    let waiting = status.queue_people + status.queue_bulk;
    let queue = if waiting < QUEUE_WARNING { "ok" } else { "busy" };
    let body = json!({
        "status": if database { "healthy" } else { "unhealthy" },
        "services": {
            "database": if database { "ok" } else { "failed" },
            "cache": cache(&known),
            "queue": queue,
            "queue_size": waiting,
            "events": events(&listeners),
        },
    });
    let mut answer = if database { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
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

/// New requests may be sent here.
async fn get_ready(desk: Data<Desk>, bounds: Data<Bounds>) -> HttpResponse {
    let ready = !bounds.draining.load(Ordering::Relaxed) && database_ok(&desk);
    let (mut answer, status) = if ready {
        (HttpResponse::Ok(), "ready")
    } else {
        (HttpResponse::ServiceUnavailable(), "not ready")
    };
    answer.insert_header(("cache-control", "no-store")).json(json!({"status": status}))
}

async fn get_system(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    bounds: Data<Bounds>,
    sums: Data<Vec<String>>,
    (hub, listeners): (Data<Hub>, Data<Listeners>),
    (known, shelves): (Data<Known>, Data<Shelves>),
) -> Answer {
    query::none(&request)?;
    let store = desk.store().status();
    let head = desk.store().read(PROBE_DEADLINE, outbox::head)?;
    let body = json!({"data": {
        "version": env!("CARGO_PKG_VERSION"),
        "sums": sums.get_ref(),
        "requests_in_flight": bounds.in_flight.load(Ordering::Relaxed),
        "live": {"connections": hub.connected(), "behind": head - hub.head()},
        "listeners": listeners.status()?.iter().map(|one| json!({
            "name": one.name, "behind": one.behind, "failures": one.failures,
        })).collect::<Vec<_>>(),
        "cache": {"sessions": counted(known.status()), "shelf": counted(shelves.status())},
        "store": {
            "queue_people": store.queue_people,
            "queue_bulk": store.queue_bulk,
            "commits": store.commits,
            "wal_bytes": store.wal_bytes,
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

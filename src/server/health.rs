//! Health: for balancers, monitors and people. Public, and says nothing about patients.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::platform::ledger::Desk;
use crate::web::envelope::Bounds;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::{Answer, Permission, Permit};

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

/// Mounts the probes.
pub fn mount(config: &mut ServiceConfig) {
    config
        // Balancers ask with HEAD.
        .service(web::resource("/api/health").get(get_health).head(get_health))
        .service(web::resource("/api/health/live").get(get_live).head(get_live))
        .service(web::resource("/api/health/ready").get(get_ready).head(get_ready))
        .service(web::resource("/api/v1/system").route(web::get().to(get_system)));
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
        ("cache", schema::words(&["ok"]), true),
        ("queue", schema::words(&["ok", "busy"]), true),
        ("queue_size", schema::integer(0, i64::MAX), true),
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
}

fn describe_system() -> Operation {
    let count = || schema::integer(0, i64::MAX);
    let store = ["queue_people", "queue_bulk", "commits", "wal_bytes"];
    let store = schema::object(store.into_iter().map(|name| (name, count(), true)).collect());
    let system = schema::object(vec![
        ("version", schema::any_text(), true),
        ("sums", schema::list(schema::any_text(), None), true),
        ("requests_in_flight", count(), true),
        ("store", store, true),
    ]);
    Operation::new("health", "getSystem", "Version, sizes, queues")
        .needs(SystemRead::CODE)
        .answers(200, "The state", schema::data(system))
        .tagged()
}

fn database_ok(desk: &Desk) -> bool {
    let probe =
        desk.store().read(PROBE_DEADLINE, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
    probe.is_ok()
}

async fn get_health(desk: Data<Desk>) -> HttpResponse {
    let database = database_ok(&desk);
    let status = desk.store().status();
    let waiting = status.queue_people + status.queue_bulk;
    let queue = if waiting < QUEUE_WARNING { "ok" } else { "busy" };
    let body = json!({
        "status": if database { "healthy" } else { "unhealthy" },
        "services": {
            "database": if database { "ok" } else { "failed" },
            // The cache lives in this process: when it can answer, the cache is there.
            "cache": "ok",
            "queue": queue,
            "queue_size": waiting,
        },
    });
    let mut answer = if database { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header(("cache-control", "no-store")).json(body)
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
) -> Answer {
    let store = desk.store().status();
    let body = json!({"data": {
        "version": env!("CARGO_PKG_VERSION"),
        "sums": sums.get_ref(),
        "requests_in_flight": bounds.in_flight.load(Ordering::Relaxed),
        "store": {
            "queue_people": store.queue_people,
            "queue_bulk": store.queue_bulk,
            "commits": store.commits,
            "wal_bytes": store.wal_bytes,
        },
    }});
    Ok(crate::web::conditional::hashed(&request, body.to_string().into_bytes()))
}

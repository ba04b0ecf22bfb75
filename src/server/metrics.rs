//! `/api/metrics`: what monitors scrape, in the form of Prometheus.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sysinfo::{MemoryRefreshKind, Networks, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::access::gate::Known;
use crate::backup::catalog;
use crate::backup::shipping::{Shipped, Shipping};
use crate::domain::patients::Shelves;
use crate::observability::logging;
use crate::observability::metrics::{Asked, Metrics};
use crate::platform::cache::CacheStatus;
use crate::platform::events::Listeners;
use crate::platform::jobs::api::SystemRead;
use crate::platform::jobs::queue;
use crate::platform::ledger::Desk;
use crate::store::{Cost, Store, StoreError, StoreStatus};
use crate::web::envelope::Bounds;
use crate::web::limits::Limiter;
use crate::web::live::Hub;
use crate::web::openapi::{Document, Operation};
use crate::web::{Answer, Permission as _, Permit, query};

/// For the one question to the store.
const DEADLINE: Duration = Duration::from_secs(1);
/// The form of the answer.
const FORM: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Mounts it.
pub fn mount(config: &mut ServiceConfig) {
    config.service(web::resource("/api/metrics").route(web::get().to(get_metrics)));
}

/// Describes it.
pub fn describe(document: &mut Document) {
    let operation = Operation::new("health", "getMetrics", "What monitors scrape")
        .detail(
            "Prometheus' text format. Give the monitor a token with `system.read`. No label and no \
             value is of a patient.",
        )
        .needs(SystemRead::CODE)
        .answers_as(200, "All metrics", &["text/plain"]);
    document.add("get", "/api/metrics", operation);
}

/// What the machine is asked; it counts from one question to the next.
#[derive(Debug)]
pub struct Machine(Option<Mutex<(System, Networks)>>);

impl Default for Machine {
    fn default() -> Self {
        Self(System::new().ok().zip(Networks::new().ok()).map(Mutex::new))
    }
}

/// Answers with all metrics as text.
///
/// # Errors
/// A parameter that is not understood; the server ends.
pub(super) async fn get_metrics(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    (desk, metrics, machine): (Data<Desk>, Data<Metrics>, Data<Machine>),
    (known, shelves, listeners): (Data<Known>, Data<Shelves>, Data<Listeners>),
    (bounds, limiter, hub, ships): (Data<Bounds>, Data<Limiter>, Data<Hub>, Data<Shipping>),
) -> Answer {
    query::none(&request)?;
    let asked = Asked::default();
    asked.gauges(
        ("healthflow_info", "The version that runs", "version"),
        [(env!("CARGO_PKG_VERSION"), 1.0)],
    );
    store(&asked, &desk.store().status());
    statements(&asked, desk.store());
    caches(&asked, &[("sessions", known.status()), ("shelf", shelves.status())]);
    let in_flight = bounds.in_flight.load(Ordering::Relaxed);
    asked.gauge("http_requests_in_flight", "Requests that are being served", wide(in_flight));
    let refused = limiter.status().refused;
    asked.total("http_requests_limited_total", "Refused by a rate limit", fraction(refused));
    asked.gauge(
        "live_connections",
        "Open screens that are told what changes",
        wide(hub.connected()),
    );
    shipping(&asked, &ships.shipped(), desk.now());
    let dropped = fraction(wide(logging::dropped_lines()));
    asked.total("log_lines_dropped_total", "Lines that the disk was too slow for", dropped);
    // While the store cannot be asked, the rest is wanted most: what it would say is left out.
    let told = events(&asked, &listeners)
        .and_then(|()| jobs(&asked, desk.store(), desk.now()))
        .and_then(|()| backups(&asked, desk.store(), desk.now()))
        .and_then(|()| disk(&asked, desk.store()));
    if let Err(cause) = told {
        tracing::debug!("Some metrics are left out: {cause}");
    }
    let machine = machine.into_inner();
    let asked = web::block(move || {
        machine.ask(&asked);
        asked
    });
    // It fails only when the server ends.
    let text = metrics.text(&asked.await.map_err(|_| StoreError::Closed)?);
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type(FORM)
        .body(text))
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating point")]
fn fraction(count: u64) -> f64 {
    count as f64
}

fn store(asked: &Asked, status: &StoreStatus) {
    let at_work = "Connections that read the database just now";
    asked.gauge("database_connections", at_work, wide(status.readers_in_use));
    asked.gauges(
        ("database_waiting", "What waits for the database", "for"),
        [
            ("people", fraction(wide(status.queue_people))),
            ("bulk", fraction(wide(status.queue_bulk))),
            ("slow_reads", fraction(wide(status.queue_slow_reads))),
        ],
    );
    asked.total("database_commits_total", "Durable commits", fraction(status.commits));
    asked.total("database_writes_total", "Changes in those commits", fraction(status.jobs));
    asked.gauge("database_batch_size", "Changes in the last commit", wide(status.group_last));
    let last = status.commit_last.as_secs_f64();
    asked.level("database_commit_seconds", "The last commit", last);
    let longest = "The slowest commit since the start";
    asked.level("database_commit_longest_seconds", longest, status.commit_longest.as_secs_f64());
    asked.gauge("database_wal_bytes", "Size of the write-ahead log", status.wal_bytes);
    let behind = "Of it not in the database yet";
    asked.gauge("database_wal_waiting_bytes", behind, status.wal_waiting_bytes);
    asked.total("database_checkpoints_total", "Checkpoints", fraction(status.checkpoints));
    let oldest = status.snapshot_oldest.unwrap_or_default().as_secs_f64();
    asked.level("database_snapshot_oldest_seconds", "Age of the oldest open read", oldest);
    let damaged = status.damage.is_some() || status.unwritable.is_some();
    let up = u64::from(!damaged && !status.closed);
    asked.gauge("database_up", "1 while records can be read and written", up);
}

/// Query time by statement: the costliest by their text, and the rest together.
fn statements(asked: &Asked, store: &Store) {
    let all: Vec<(String, Cost)> =
        store.named_statements().into_iter().map(|cost| (cost.label(), cost)).collect();
    let each = |of: fn(&Cost) -> f64| {
        all.iter().map(|(label, cost)| (label.as_str(), of(cost))).collect::<Vec<_>>()
    };
    let runs = ("database_statements_total", "Runs of a statement", "statement");
    asked.totals(runs, each(|cost| fraction(cost.calls)));
    let time = ("database_statement_seconds_total", "Time that they took", "statement");
    asked.totals(time, each(|cost| cost.total.as_secs_f64()));
}

fn caches(asked: &Asked, all: &[(&str, CacheStatus)]) {
    let each = |of: fn(&CacheStatus) -> f64| {
        all.iter().map(move |(name, status)| (*name, of(status))).collect::<Vec<_>>()
    };
    // Of one that nobody has asked there is no ratio.
    let ratios = all.iter().filter_map(|(name, status)| {
        let looked = status.hits + status.misses;
        (0 < looked).then(|| (*name, fraction(status.hits) / fraction(looked)))
    });
    asked.gauges(("cache_hit_ratio", "Found of all that was asked", "cache"), ratios);
    let hits = |status: &CacheStatus| fraction(status.hits);
    asked.totals(("cache_hits_total", "Found", "cache"), each(hits));
    let misses = |status: &CacheStatus| fraction(status.misses);
    asked.totals(("cache_misses_total", "Not found", "cache"), each(misses));
    let bytes = |status: &CacheStatus| fraction(status.bytes);
    asked.gauges(("cache_bytes", "Memory that is taken", "cache"), each(bytes));
}

fn events(asked: &Asked, listeners: &Listeners) -> Result<(), StoreError> {
    let all = listeners.status()?;
    let behind = all.iter().map(|one| (one.name, fraction(one.behind.unsigned_abs())));
    asked.gauges(("events_behind", "Events not heard yet", "listener"), behind);
    let failures = all.iter().map(|one| (one.name, f64::from(one.failures)));
    asked.gauges(("events_failures", "Failures in a row", "listener"), failures);
    Ok(())
}

fn jobs(asked: &Asked, store: &Store, now: i64) -> Result<(), StoreError> {
    let depth = store.read(DEADLINE, |tx| queue::depth(tx, now))?;
    asked.gauge("queue_jobs_pending", "Jobs that are due and wait", depth.due.unsigned_abs());
    asked.gauge("queue_jobs_running", "Jobs that run", depth.running.unsigned_abs());
    asked.gauge("queue_jobs_dead", "Jobs that came to nothing", depth.dead.unsigned_abs());
    let failing = "Kinds whose last job came to nothing";
    asked.gauge("queue_kinds_failing", failing, depth.failing.unsigned_abs());
    let age = fraction(depth.oldest.unsigned_abs()) / 1e6;
    asked.level("queue_oldest_seconds", "How long the oldest one is due", age);
    Ok(())
}

/// Nothing is told of what is not: an age that is missing is what a rule asks for.
fn backups(asked: &Asked, store: &Store, now: i64) -> Result<(), StoreError> {
    let ages = store.read(DEADLINE, |tx| catalog::ages(tx, now))?;
    let seconds = |age: i64| fraction(age.unsigned_abs()) / 1e6;
    if let Some(age) = ages.newest {
        asked.level("backup_age_seconds", "Since the newest backup that is whole", seconds(age));
    }
    if let Some(age) = ages.proven {
        asked.level("backup_proven_seconds", "Since a backup was last restored", seconds(age));
    }
    Ok(())
}

/// The recovery point: what was written since then is on this machine only.
fn shipping(asked: &Asked, shipped: &Shipped, now: i64) {
    if let Some(at) = shipped.shipped_at.filter(|_| shipped.is_on) {
        let lag = fraction(now.saturating_sub(at).unsigned_abs()) / 1e6;
        asked.level("backup_lag_seconds", "Since all that was written was at the target", lag);
        asked.gauge("backup_behind_bytes", "Of the log, not at the target", shipped.behind_bytes);
    }
}

fn disk(asked: &Asked, store: &Store) -> Result<(), StoreError> {
    if let Some(free) = store.free()? {
        asked.gauge("disk_free_bytes", "Free on the volume of the data folder", free);
    }
    Ok(())
}

impl Machine {
    /// What the process and the machine take.
    fn ask(&self, asked: &Asked) {
        // A system that cannot be asked is not told of.
        let Some(machine) = &self.0 else { return };
        let mut machine = machine.lock().unwrap_or_else(PoisonError::into_inner);
        let (system, networks) = &mut *machine;
        let own = Pid::from_u32(std::process::id());
        let what = ProcessRefreshKind::nothing().with_memory().with_cpu();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        system.refresh_cpu_usage();
        networks.refresh(true);
        if let Some(process) = system.process(own) {
            asked.gauge("memory_usage_bytes", "Memory of the program", process.memory());
            let cpu = fraction(process.accumulated_cpu_time()) / 1e3;
            asked.total("process_cpu_seconds_total", "Processor time of the program", cpu);
        }
        let (total, free) = (system.total_memory(), system.available_memory());
        asked.gauge("machine_memory_bytes", "Memory of the machine", total);
        asked.gauge("machine_memory_available_bytes", "Of it available", free);
        let busy = f64::from(system.global_cpu_usage()) / 100.0;
        asked.level("machine_cpu_ratio", "Busy since the last scrape, 0 to 1", busy);
        let sum = |of: fn(&sysinfo::NetworkData) -> u64| networks.values().map(of).sum::<u64>();
        let received = fraction(sum(sysinfo::NetworkData::total_received));
        asked.total("machine_network_received_bytes_total", "Over all interfaces", received);
        let sent = fraction(sum(sysinfo::NetworkData::total_transmitted));
        asked.total("machine_network_sent_bytes_total", "Over all interfaces", sent);
    }
}

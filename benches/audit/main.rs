//! What the audit costs: on a read, to prove, and to prune beside people who write.
//!
//! `HEALTHFLOW_AUDIT_ROWS=10000000 HEALTHFLOW_AUDIT_PRUNED=1000000 cargo bench --bench audit`
//!
//! `HEALTHFLOW_AUDIT_READS` says how many reads are timed. The data lie in the system's folder for
//! temporary files, or in `HEALTHFLOW_AUDIT_DIR`, and are gone afterwards: ten million rows need
//! about 6 GiB.
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use healthflow::platform::ledger::audit::{self, Entry};
use healthflow::platform::ledger::custody::classes::Retention;
use healthflow::platform::ledger::custody::prune::Order;
use healthflow::platform::ledger::custody::{Custodian, Stopping};
use healthflow::platform::ledger::{Desk, Seen};
use healthflow::store::{Class, ReadTx, Store, StoreError, StoreOptions, Tx};
use healthflow::vocab::actor::{Actor, Call};
use healthflow::vocab::clock::{Clock, SystemClock};
use healthflow::vocab::id::IdSource;

/// Rows of the audit by default: a look, not a measurement.
const ROWS: i64 = 100_000;
const READS: i64 = 20_000;
/// Rows written in one job while the audit is filled.
const FILL: i64 = 5_000;
/// Patients that reads are spread over.
const PATIENTS: i64 = 50_000;
const LONG: Duration = Duration::from_secs(60);

fn wanted(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    // `cargo test --benches` runs every bench for a moment.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let rows = wanted("HEALTHFLOW_AUDIT_ROWS", ROWS);
    let pruned = wanted("HEALTHFLOW_AUDIT_PRUNED", rows / 10);
    let reads = wanted("HEALTHFLOW_AUDIT_READS", READS);
    let below =
        std::env::var_os("HEALTHFLOW_AUDIT_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = below.join(format!("healthflow-bench-audit-{}", std::process::id()));
    cost_of_reads(&folder.join("reads"), reads);
    keeping(&folder.join("kept"), (rows, pruned));
    let _ = std::fs::remove_dir_all(&folder);
}

fn open(folder: &Path) -> (Store, Arc<dyn Clock>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    (Store::open(StoreOptions::new(folder), Arc::clone(&clock)).unwrap(), clock)
}

fn call(session: i64) -> Call {
    let actor = Actor::user(7, "Dr Osei", "clinician", None, Some(session), Vec::new());
    Call::new(actor, "0123456789abcdef").sent_from(Some([10, 0, 0, 7].into()))
}

fn seen(patient: i64) -> Seen {
    Seen { kind: "patient", id: Some(patient), patient: Some(patient), detail: None }
}

/// What a read of a record asks, more or less: one row by its key.
fn look(tx: &ReadTx<'_>, id: i64) -> Result<Option<String>, StoreError> {
    tx.opt("SELECT name FROM facility WHERE id = ?1", &[id.into()], |row| row.get(0))
}

/// The same reads without the audit, each of another patient, and all of few patients.
fn cost_of_reads(folder: &Path, reads: i64) {
    let (store, clock) = open(folder);
    let job = |tx: &Tx<'_>| {
        for id in 1..=PATIENTS {
            let sql = "INSERT INTO facility (id, name, created_at, updated_at) \
                VALUES (?1, 'A name that is about as long as a record', 0, 0)";
            tx.execute(sql, &[id.into()])?;
        }
        Ok::<_, StoreError>(())
    };
    store.write_blocking(Class::People, job).unwrap();
    let desk = Desk::open(store.clone(), clock.clone(), IdSource::new(clock, 0), LONG);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let timed = |name: &str, before: Option<f64>, read: &dyn Fn(i64)| {
        (0..reads / 10).for_each(read);
        let begun = Instant::now();
        (0..reads).for_each(read);
        let micros = begun.elapsed().as_secs_f64() * 1e6 / reads as f64;
        let ratio = before.map(|before| format!(", {:.2} times", micros / before));
        println!("{name:38} {micros:8.2} µs a read{}", ratio.unwrap_or_default());
        micros
    };
    let plain = timed("reads without the audit", None, &|number| {
        let id = 1 + number * 7_919 % PATIENTS;
        store.read::<_, StoreError>(LONG, |tx| look(tx, id)).unwrap();
    });
    let audited = |spread: i64| {
        let (desk, call, runtime) = (&desk, call(1), &runtime);
        move |number: i64| {
            let id = 1 + number * 7_919 % spread;
            let read = desk
                .read(&call, "patients.read", |tx| Ok::<_, StoreError>((look(tx, id)?, seen(id))));
            runtime.block_on(read).unwrap();
        }
    };
    timed("reads, each of another patient", Some(plain), &audited(PATIENTS));
    timed("reads of 20 patients, again and again", Some(plain), &audited(20));
    let begun = Instant::now();
    desk.close();
    println!(
        "{:38} {:8.2} ms",
        "until the last of them is written",
        begun.elapsed().as_secs_f64() * 1e3
    );
    store.close();
}

/// A year of rows that is old enough to go, and all the others.
fn fill(store: &Store, (rows, pruned): (i64, i64)) {
    let day = 86_400_000_000;
    let old = Instant::now();
    let now = SystemClock.now().as_microsecond();
    for first in (0..rows).step_by(usize::try_from(FILL).unwrap()) {
        let job = move |tx: &Tx<'_>| {
            let last = rows.min(first + FILL);
            let batch: Vec<Entry> = (first..last)
                .map(|number| {
                    let age = if number < pruned { 3_000 * day } else { 30 * day };
                    let act = if number % 9 == 0 { "patients.amend" } else { "patients.read" };
                    let patient = 1 + number * 7_919 % PATIENTS;
                    Entry::new(&call(number % 500), now - age + number, act, seen(patient))
                })
                .collect();
            audit::append(tx, &batch)
        };
        store.write_blocking::<_, StoreError>(Class::Bulk, job).unwrap();
    }
    let seconds = old.elapsed().as_secs_f64();
    println!("{:38} {seconds:8.2} s, {:.1} µs a row", "filled", seconds * 1e6 / rows as f64);
}

fn keeping(folder: &Path, (rows, pruned): (i64, i64)) {
    let (store, clock) = open(folder);
    println!("\nan audit of {rows} rows, of which {pruned} may go");
    fill(&store, (rows, pruned));
    let custodian = Custodian::open(store.clone(), clock);
    let whole = |name: &str| {
        let begun = Instant::now();
        let found = custodian.verify(Vec::new(), &|_, _| true).unwrap();
        assert_eq!(found.flaw, None);
        println!("{name:38} {:8.2} s for {} rows", begun.elapsed().as_secs_f64(), found.rows);
    };
    whole("verified");
    let alone = writes(&store, |stop| {
        std::thread::sleep(Duration::from_secs(3));
        stop.store(true, Ordering::Relaxed);
    });
    told("writes alone", &alone);
    let retention = Retention {
        reads_days: 2_192,
        changes_days: 2_192,
        access_days: 2_192,
        administration_days: 2_192,
    };
    let order = Order { before: i64::MAX, retention, call: call(1) };
    let begun = Instant::now();
    let mut took = Duration::ZERO;
    let beside = writes(&store, |stop| {
        let done = custodian.prune(&order, Stopping { may: &|_| true, done: &|_| () }).unwrap();
        assert_eq!(done.rows, pruned);
        took = begun.elapsed();
        stop.store(true, Ordering::Relaxed);
    });
    println!("{:38} {:8.2} s for {pruned} rows", "pruned", took.as_secs_f64());
    told("writes beside the prune", &beside);
    whole("verified, archive and all");
    store.close();
}

/// How long each write took of somebody who writes a hundred times a second while `work` runs.
fn writes(store: &Store, work: impl FnOnce(&AtomicBool)) -> Vec<Duration> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut took = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let entry =
                    Entry::new(&call(1), SystemClock.now().as_microsecond(), "x.amend", seen(1));
                let job = move |tx: &Tx<'_>| audit::append(tx, std::slice::from_ref(&entry));
                store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
                took.push(begun.elapsed());
                std::thread::sleep(Duration::from_millis(10));
            }
            took.sort();
            took
        });
        work(&stop);
        writer.join().unwrap()
    })
}

fn told(name: &str, sorted: &[Duration]) {
    let at = |share: f64| {
        let place = (sorted.len() as f64 * share) as usize;
        sorted.get(place.min(sorted.len() - 1)).map_or(0.0, |it| it.as_secs_f64() * 1e3)
    };
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    println!("{name:38} p50 {p50:.2} ms, p99 {p99:.2} ms, most {most:.2} ms ({})", sorted.len());
}

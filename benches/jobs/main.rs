//! How many jobs a second the queue carries, beside nothing and beside people who write; as a
//! ratio to the durable commits that the same disk gives in the same run.
//!
//! `HEALTHFLOW_JOBS=5000 cargo bench --bench jobs`
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use healthflow::observability::metrics::Metrics;
use healthflow::platform::jobs::{JobKind, Jobs, NewJob, order};
use healthflow::platform::ledger::{Desk, Work};
use healthflow::store::{Class, Store, StoreError, StoreOptions, Tx};
use healthflow::vocab::actor::{Actor, Call};
use healthflow::vocab::clock::{Clock, SystemClock};
use healthflow::vocab::id::IdSource;

const JOBS: usize = 2_000;
const HANDS: usize = 2;
const SECOND: Duration = Duration::from_secs(1);

fn main() {
    // `cargo test --benches` runs every bench for a moment.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted = std::env::var("HEALTHFLOW_JOBS").ok().and_then(|text| text.parse().ok());
    let count = wanted.unwrap_or(JOBS);
    let folder = std::env::temp_dir().join(format!("healthflow-bench-jobs-{}", std::process::id()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(StoreOptions::new(&folder), Arc::clone(&clock)).unwrap();
    let desk = Desk::open(store.clone(), Arc::clone(&clock), IdSource::new(clock, 0), SECOND);
    let commits = commits_a_second(&store);
    println!("durable commits, one by one      {commits:8.0} a second");
    let calm = jobs_a_second(&desk, count);
    println!("jobs                             {calm:8.0} a second, {:.2} commits", calm / commits);
    let ends = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_until(&store, &ends));
        let busy = jobs_a_second(&desk, count);
        ends.store(true, Ordering::Relaxed);
        let (people, slowest) = writer.join().unwrap();
        println!(
            "jobs beside people who write     {busy:8.0} a second, {:.2} commits",
            busy / commits
        );
        println!("those people                     {people:8.0} a second, slowest {slowest:?}");
    });
    desk.close();
    store.close();
    let _ = std::fs::remove_dir_all(&folder);
}

fn touch(tx: &Tx<'_>) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES ('bench', '1', 0) \
        ON CONFLICT (name) DO UPDATE SET updated_at = updated_at + 1";
    tx.execute(sql, &[]).map(drop)
}

fn commits_a_second(store: &Store) -> f64 {
    let begun = Instant::now();
    let mut done = 0.0;
    while begun.elapsed() < 3 * SECOND {
        store.write_blocking(Class::People, touch).unwrap();
        done += 1.0;
    }
    done / begun.elapsed().as_secs_f64()
}

fn write_until(store: &Store, ends: &AtomicBool) -> (f64, Duration) {
    let (begun, mut done, mut slowest) = (Instant::now(), 0.0, Duration::ZERO);
    while !ends.load(Ordering::Relaxed) {
        let one = Instant::now();
        store.write_blocking(Class::People, touch).unwrap();
        slowest = slowest.max(one.elapsed());
        done += 1.0;
    }
    (done / begun.elapsed().as_secs_f64(), slowest)
}

/// Orders `count` jobs that do nothing, and waits until they are done.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn jobs_a_second(desk: &Desk, count: usize) -> f64 {
    let call = Call::new(Actor::machine("bench", Vec::new()), "bench");
    for _ in 0..count.div_ceil(500) {
        let job = |work: &Work<'_>| {
            (0..500).try_for_each(|_| order(work, &NewJob::new("nothing", &())).map(drop))
        };
        desk.write_blocking::<_, StoreError>(&call, "jobs.order", job).unwrap();
    }
    let nothing = JobKind::new("nothing", |(), _| Ok(String::new()));
    let jobs = Jobs::new(desk, (vec![nothing], Metrics::default()), HANDS);
    let begun = Instant::now();
    jobs.start().unwrap();
    let sql = "SELECT count(*) FROM job WHERE state IN ('waiting', 'running')";
    let left = || desk.store().read(SECOND, |tx| tx.one(sql, &[], |row| row.get::<i64>(0)));
    while 0 < left().map_err(|cause: StoreError| cause).unwrap() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed();
    jobs.close();
    count as f64 / took.as_secs_f64()
}

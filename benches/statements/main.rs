//! What it costs to time every statement: point reads by turns with and without it, each turn
//! short, so that whatever else the machine does falls on both.
//!
//! `cargo bench --bench statements`
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use healthflow::store::{Class, ReadTx, Store, StoreError, StoreOptions, Tx};
use healthflow::vocab::clock::{Clock, SystemClock};

const ROUNDS: usize = 60;
const READS: u32 = 5_000;
const SECOND: Duration = Duration::from_secs(1);
/// As long as the statements of declared records are.
const SQL: &str = "SELECT name, value, updated_at, name AS again, value AS once_more, \
    updated_at AS later, length(name) AS letters, length(value) AS signs, \
    coalesce(updated_at, 0) AS at_least, upper(name) AS loud, lower(value) AS quiet \
    FROM setting WHERE name = ?1 LIMIT ?2";

fn main() {
    // `cargo test --benches` runs every bench for a moment.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("healthflow-bench-sql-{}", std::process::id()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(StoreOptions::new(&folder), clock).unwrap();
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES ('bench', '1', 0)";
    let write = move |tx: &Tx<'_>| tx.execute(sql, &[]).map(drop);
    store.write_blocking::<_, StoreError>(Class::People, write).unwrap();
    read(&store);
    let (mut timed, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        store.time_statements(true);
        timed.push(read(&store));
        store.time_statements(false);
        plain.push(read(&store));
    }
    let (timed, plain) = (median(timed), median(plain));
    println!("a read of one row                {plain:8.0} ns");
    println!("the same, timed                  {timed:8.0} ns");
    println!("timing costs                     {:8.1} %", (timed / plain - 1.0) * 100.0);
    store.close();
    let _ = std::fs::remove_dir_all(&folder);
}

/// Nanoseconds of one read in a transaction of its own.
fn read(store: &Store) -> f64 {
    let begun = Instant::now();
    for _ in 0..READS {
        let ask = |tx: &ReadTx<'_>| {
            tx.one(SQL, &["bench".into(), 1_i64.into()], |row| row.get::<String>(0))
        };
        store.read::<_, StoreError>(SECOND, ask).unwrap();
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(READS)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

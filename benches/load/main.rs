//! What this machine makes of HealthFlow, as one table: `cargo bench --bench load`.
//!
//! Makes the demo hospital once (`HEALTHFLOW_LOAD_PATIENTS`, 100,000 unless said) in a cache
//! folder outside the repository, starts the executable on a copy of it, signs in, and measures
//! with a client beside it on the same cores. Each figure stands beside what a prototype that
//! did nothing else reached on such a machine ([`table::Ceiling`]). Everything is bounded: each
//! line takes `HEALTHFLOW_LOAD_SECONDS` (5) at most, talks to 127.0.0.1 alone, and ends by itself.
//! `cargo bench --bench load -- live` makes only the measurements with this word in their name.
#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]
#![expect(clippy::print_stderr, reason = "how far it is, beside the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

mod client;
mod door;
mod hospital;
mod import;
mod live;
mod scenes;
mod storm;
mod table;

use std::fs;
use std::time::{Duration, Instant};

use hospital::Hospital;
use table::Table;

/// The whole number in the environment variable `name`, else `default`.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    // `cargo test --benches` runs every bench for a moment; this one would make a hospital.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let patients = setting("HEALTHFLOW_LOAD_PATIENTS", 100_000);
    let seconds = Duration::from_secs(setting("HEALTHFLOW_LOAD_SECONDS", 5));
    let cached = hospital::cached(patients);
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let mut table = Table::new(only.unwrap_or_default());
    table.heading(&format!("The house, with {patients} patients"));
    let size = fs::metadata(hospital::PROGRAM).map_or(0, |file| file.len());
    table.fact("size of the executable", &mebibytes(size));
    table.fact("bytes of data", &mebibytes(hospital::bytes(&cached)));
    let copy = hospital::copy(&cached);
    let house = Hospital::open(&copy);
    table.start(house.first_answer, house.memory_at_rest);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Before others leave memory behind that screens would seem to give back.
    runtime.block_on(live::measure(&house, &mut table, seconds));
    runtime.block_on(scenes::reads(&house, &mut table, seconds));
    runtime.block_on(scenes::writes(&house, &mut table, seconds));
    runtime.block_on(storm::measure(&house, &mut table, seconds));
    table.heading("The rest");
    if table.wants("import") {
        import::measure(&copy, &mut table);
    }
    table.fact("memory after all that", &format!("{:.0} MiB", house.memory()));
    let (began, token) = (Instant::now(), house.token.clone());
    house.stop();
    table.fact("time to stop in order", &format!("{} ms", began.elapsed().as_millis()));
    door::measure(&copy, &token, &mut table);
    table.print();
    fs::remove_dir_all(&copy).unwrap();
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0))
}

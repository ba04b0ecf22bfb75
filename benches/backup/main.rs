//! What backups cost and how fast they are, each figure beside what the same machine does without
//! them in the same run: a plain copy of the same file, writes with nothing else going on.
//!
//! `HEALTHFLOW_BACKUP_PATIENTS=50000 cargo bench --bench backup`: that many patients, and a quarter
//! of them to see that memory does not grow. Bounded: each look at writes takes
//! `HEALTHFLOW_BACKUP_SECONDS` (5), each job ten minutes at most.
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

mod house;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use house::House;

/// People who write at the same time.
const WRITERS: usize = 2;
const MIB: f64 = 1024.0 * 1024.0;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    // `cargo test --benches` runs every bench for a moment.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let patients = setting("HEALTHFLOW_BACKUP_PATIENTS", 20_000);
    let seconds = Duration::from_secs(setting("HEALTHFLOW_BACKUP_SECONDS", 5));
    let name = format!("healthflow-bench-backup-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let small = measure(&folder.join("small"), patients / 4, None);
    let large = measure(&folder.join("large"), patients, Some(seconds));
    println!("\nWhile a backup is made, the server's peak of memory beyond what it had");
    for (bytes, grown) in [small, large] {
        println!("  {:6.0} MiB of database   {grown:6.0} MiB", mebibytes(bytes));
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[expect(clippy::cast_precision_loss, reason = "shown to the mebibyte")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MIB
}

/// Bytes of the database of so many patients, and MiB that a backup of it takes in memory. With
/// `seconds`, all the rest is measured and told too.
fn measure(folder: &Path, patients: u64, seconds: Option<Duration>) -> (u64, f64) {
    let (data, target) = (folder.join("data"), folder.join("target"));
    fs::create_dir_all(&target).unwrap();
    house::make(&data, patients);
    let mut house = House::open(&data);
    let alone = seconds.map(|seconds| writes_during(&house, || std::thread::sleep(seconds)));
    house.set_target(&target);
    house.until_first_backup();
    let before = house.forget_peak();
    let took = house.work("backup");
    let grown = house.peak() - before;
    let bytes = house.bytes_of_newest();
    if let (Some(alone), Some(seconds)) = (alone, seconds) {
        println!("{patients} patients, {:.0} MiB of database", mebibytes(bytes));
        let shipped = writes_during(&house, || std::thread::sleep(seconds));
        let backed = writes_during(&house, || {
            let begun = Instant::now();
            while begun.elapsed() < seconds {
                house.work("backup");
            }
        });
        println!("\nWrites by {WRITERS} people at once");
        tell("nothing else", &alone, &alone);
        tell("the log is shipped", &shipped, &alone);
        tell("and a backup is made", &backed, &alone);
        let key = house.key.clone();
        house.stop();
        // Closed, so that all of it is in the file.
        let copied = plain_copy(&data.join("healthflow.db"), &folder.join("copy"));
        let restored = house::restore(&target, &key, &folder.join("restored"));
        println!("\nOf the database, each durable at its end");
        for (what, time) in [("plain copy", copied), ("backup", took), ("restore", restored)] {
            let speed = mebibytes(bytes) / time.as_secs_f64();
            let ratio = copied.as_secs_f64() / time.as_secs_f64();
            println!("  {what:22} {speed:7.1} MiB/s   {ratio:5.2} of a plain copy");
        }
    } else {
        house.stop();
    }
    (bytes, grown)
}

fn tell(what: &str, times: &[Duration], alone: &[Duration]) {
    let (p99, without) = (percentile(times, 99), percentile(alone, 99));
    let ratio = p99.as_secs_f64() / without.as_secs_f64();
    let (half, count) = (percentile(times, 50), times.len());
    println!(
        "  {what:22} p50 {:6.1} ms   p99 {:6.1} ms   {ratio:5.2} of nothing else   ({count})",
        half.as_secs_f64() * 1e3,
        p99.as_secs_f64() * 1e3
    );
}

fn percentile(sorted: &[Duration], of_hundred: usize) -> Duration {
    sorted[(sorted.len() * of_hundred / 100).min(sorted.len() - 1)]
}

/// How long each write took that people made while `meanwhile` ran, sorted.
fn writes_during(house: &House, meanwhile: impl FnOnce()) -> Vec<Duration> {
    let ends = AtomicBool::new(false);
    let mut times = std::thread::scope(|scope| {
        let write = || {
            let mut times = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                let begun = Instant::now();
                house.register();
                times.push(begun.elapsed());
            }
            times
        };
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        meanwhile();
        ends.store(true, Ordering::Relaxed);
        let each = writers.into_iter().flat_map(|writer| writer.join().unwrap());
        each.collect::<Vec<_>>()
    });
    times.sort_unstable();
    times
}

fn plain_copy(from: &Path, to: &PathBuf) -> Duration {
    let begun = Instant::now();
    let mut copy = File::create(to).unwrap();
    io::copy(&mut File::open(from).unwrap(), &mut copy).unwrap();
    copy.sync_all().unwrap();
    let took = begun.elapsed();
    fs::remove_file(to).unwrap();
    took
}

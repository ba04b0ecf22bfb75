//! Disks that lie, fill up and lose power.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::opening::child;
use super::*;
use crate::store::Unwritable;

#[test]
fn a_full_database_leaves_nothing_half_written() {
    let home = Home::new();
    let store = home.open_with(|options| options.pages_max = 200).unwrap();
    assert_eq!(fill(&store), StoreError::DiskFull);
    assert_whole_pairs(&store);
    // Room is made, and the store writes on.
    store
        .write_blocking(Class::People, |tx| {
            tx.execute("DELETE FROM note WHERE id % 4 IN (1, 2)", &params![])
        })
        .unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "there is room again")).unwrap();
}

/// Adds notes in pairs, from several threads, until one is refused; the refusal.
fn fill(store: &Store) -> StoreError {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    let stop = &AtomicBool::new(false);
    let refusals: Vec<StoreError> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    loop {
                        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
                        let pair = store.write_blocking(Class::People, move |tx| {
                            add(tx, &format!("left {number} {}", a_full_page_of("x")))?;
                            add(tx, &format!("right {number} {}", a_full_page_of("y")))
                        });
                        if let Err(refused) = pair {
                            stop.store(true, Ordering::Relaxed);
                            return Some(refused);
                        }
                        if stop.load(Ordering::Relaxed) {
                            return None;
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    refusals.into_iter().next().unwrap()
}

fn assert_whole_pairs(store: &Store) {
    let sides: Vec<String> = notes(store);
    let of = |side: &str| -> BTreeSet<String> {
        let words = sides.iter().filter(|text| text.starts_with(side));
        words.filter_map(|text| Some(text.split(' ').nth(1)?.to_owned())).collect()
    };
    assert!(!of("left").is_empty());
    assert_eq!(of("left"), of("right"));
}

/// A small file system of its own, where the system lets us mount one.
#[cfg(target_os = "linux")]
struct SmallDisk(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().is_ok_and(|done| done.success()).then(|| Self(at.to_owned()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let done = Command::new("umount").arg(&self.0).status();
        // A store that is closed has no file open, whichever threads have read from it.
        assert!(std::thread::panicking() || done.is_ok_and(|done| done.success()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let home = Home::new();
    // Without the right to mount, the bound on pages above is the test that remains.
    let Some(disk) = SmallDisk::mount(&home.path()) else { return };
    let ballast = home.path().join("ballast");
    std::fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let store = home.open().unwrap();
    assert_eq!(store.status().unwritable, None);
    for _ in 0..3 {
        assert_eq!(fill(&store), StoreError::DiskFull);
        assert_whole_pairs(&store);
    }
    let written = count(&store);
    assert_eq!(store.status().unwritable, Some(Unwritable::DiskFull));
    std::fs::remove_file(&ballast).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while store.status().unwritable.is_some() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(store.status().unwritable, None, "it is noticed though nobody writes");
    store.write_blocking(Class::People, |tx| add(tx, "there is room again")).unwrap();
    assert_eq!(count(&store), written + 1);
    drop(store);
    let store = home.open().unwrap();
    assert_eq!(count(&store), written + 1);
    assert_whole_pairs(&store);
    drop(store);
    drop(disk);
}

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let home = Home::new();
    let mut acknowledged = BTreeSet::new();
    for round in 0..4 {
        let mut writer = child("store::tests::faults::writes_until_killed", &home.path())
            .env("HEALTHFLOW_TEST_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines.map(Result::unwrap) {
            if let Some(note) = line.strip_prefix("written ") {
                acknowledged.insert(note.to_owned());
                seen += 1;
                if seen == 150 {
                    writer.kill().unwrap();
                }
            }
        }
        writer.wait().unwrap();
        assert!(150 <= seen, "the writer said only {seen}");
        let store = home.open().unwrap();
        let there: BTreeSet<String> = notes(&store).into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "lost in round {round}: {lost:?}");
        let pairs = there.iter().filter(|note| note.ends_with('a')).count();
        assert_eq!(pairs * 2, there.len(), "a job is there whole or not at all");
        store.close();
    }
}

#[test]
#[ignore = "run by every_acknowledged_write_survives_a_kill in a process of its own"]
fn writes_until_killed() {
    let Some(folder) = std::env::var_os("HEALTHFLOW_TEST_FOLDER") else { return };
    let round = std::env::var("HEALTHFLOW_TEST_ROUND").unwrap();
    let mut options = StoreOptions::new(folder);
    // Checkpoints run while it is killed.
    options.wal_waiting_max = 1;
    options.wal_high = 1 << 20;
    let clock = FrozenClock::at("2026-03-01T08:00:00Z");
    let store = Store::open_with(options, &clock, &[LISTS], None).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (store, round) = (&store, &round);
            scope.spawn(move || {
                for i in 0..100_000 {
                    let note = format!("{round}-{thread}-{i}-");
                    let text = note.clone();
                    let pair = store.write_blocking(Class::People, move |tx| {
                        add(tx, &format!("{text}a"))?;
                        add(tx, &format!("{text}b"))
                    });
                    pair.unwrap();
                    let said = format!("written {note}a\nwritten {note}b\n");
                    std::io::stdout().lock().write_all(said.as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
fn the_log_stays_bounded_under_writes_with_a_long_reader() {
    const HIGH: u64 = 4 << 20;
    let home = Home::new();
    let store = home
        .open_with(|options| {
            options.wal_waiting_max = 1 << 20;
            options.wal_high = HIGH;
        })
        .unwrap();
    let write = |number: u32| {
        // Never the same twice: the engine leaves a page alone that would not change.
        let body: Vec<u8> = number.to_le_bytes().repeat(15_000);
        store
            .write_blocking(Class::People, move |tx| {
                tx.execute(
                    "INSERT INTO note (id, list_id, text, body) VALUES (?1, 1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                    &params![number % 50, format!("note {}", number % 50), body.clone()],
                )
            })
            .unwrap();
    };
    let reading = store.clone();
    let (started, begun) = channel();
    let reader = std::thread::spawn(move || {
        reading.read(Duration::from_millis(700), |tx| {
            tx.one("SELECT count(*) FROM note", &params![], |row| row.get::<i64>(0))?;
            let _ = started.send(());
            tx.one(RUNAWAY, &params![], |row| row.get::<i64>(0))
        })
    });
    begun.recv().unwrap();
    let in_use = || store.inner.shared.wal.log_bytes();
    let (mut number, mut largest) = (0, 0);
    while !reader.is_finished() {
        write(number);
        number += 1;
        largest = largest.max(in_use());
    }
    assert_eq!(reader.join().unwrap(), Err(StoreError::Deadline));
    let held = store.status().snapshot_oldest;
    assert_eq!(held, None, "the deadline has let the snapshot go");

    let until = Instant::now() + Duration::from_secs(20);
    while HIGH < in_use() && Instant::now() < until {
        write(number);
        number += 1;
    }
    let mut after = 0;
    for _ in 0..400 {
        write(number);
        number += 1;
        after = after.max(in_use());
    }
    assert!(after < 2 * HIGH, "{after} bytes of the log are in use, {largest} with the reader");
    assert!(0 < store.status().checkpoints);
    store.close();
    assert_eq!(store.status().wal_bytes, 0);
}

#[test]
fn work_without_hurry_leaves_the_log_to_the_thread_and_not_to_the_writer() {
    const HIGH: u64 = 8 << 20;
    let home = Home::new();
    let store = home
        .open_with(|options| {
            options.wal_waiting_max = 1 << 20;
            options.wal_high = HIGH;
        })
        .unwrap();
    let mut largest = 0;
    for number in 0..24 {
        store
            .write_blocking(Class::Bulk, move |tx| {
                let values = params![number.to_string(), vec![7_u8; 1 << 20]];
                tx.execute("INSERT INTO note (list_id, text, body) VALUES (1, ?1, ?2)", &values)
            })
            .unwrap();
        assert!(store.let_log_settle(Duration::from_secs(30)));
        largest = largest.max(store.inner.shared.wal.log_bytes());
    }
    assert!(largest < HIGH, "{largest}: the writer would have had to move it");
    assert!(0 < store.status().checkpoints);
}

#[test]
fn a_very_large_log_is_truncated_in_a_quiet_moment() {
    let home = Home::new();
    let store = home.open_with(|options| options.wal_file_max = 2 << 20).unwrap();
    store
        .write_blocking(Class::People, |tx| {
            let body = vec![7_u8; 4 << 20];
            tx.execute(
                "INSERT INTO note (list_id, text, body) VALUES (1, 'large', ?1)",
                &params![body],
            )
        })
        .unwrap();
    assert!((2 << 20) < store.status().wal_bytes);
    let until = Instant::now() + Duration::from_secs(10);
    while (2 << 20) < store.status().wal_bytes && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(store.status().wal_bytes, 0);
    assert_eq!(count(&store), 1);
}

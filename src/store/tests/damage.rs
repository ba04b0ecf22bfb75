//! Bytes that nobody wrote: found, named, never served.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// Writes one byte into a file that this process has open, by other means than its own: closing
/// a handle of ours would drop the engine's locks.
#[cfg(unix)]
fn overwrite(file: &Path, at: usize, byte: u8) {
    let mut dd = Command::new("dd")
        .args(["bs=1", "count=1", "conv=notrunc"])
        .args([format!("seek={at}"), format!("of={}", file.display())])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    dd.stdin.take().unwrap().write_all(&[byte]).unwrap();
    assert!(dd.wait().unwrap().success());
}

#[test]
fn a_flipped_byte_anywhere_in_the_file_is_found_at_opening() {
    let home = Home::new();
    let store = home.open().unwrap();
    store
        .write_blocking(Class::People, |tx| {
            for i in 0..20 {
                add(tx, &format!("{i} {}", a_full_page_of("a quiet night ")))?;
            }
            tx.execute("UPDATE note SET body = zeroblob(20000) WHERE id = 3", &params![])
        })
        .unwrap();
    drop(store);
    let whole = std::fs::read(home.database()).unwrap();
    assert!(20 * 4096 < whole.len());
    // Steps that share no factor with the page: headers, cells, free space and seals alike.
    for at in (0..whole.len()).step_by(1013) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        std::fs::write(home.database(), &flipped).unwrap();
        let refused = home.open().err();
        let Some(StoreError::Damaged { file, .. }) = refused else {
            panic!("byte {at} of {} was flipped: {refused:?}", whole.len());
        };
        assert_eq!(file, home.database());
    }
    std::fs::write(home.database(), &whole).unwrap();
    assert_eq!(count(&home.open().unwrap()), 20, "refusing has changed nothing");
}

#[test]
fn every_byte_of_the_header_counts() {
    let home = Home::new();
    drop(home.open().unwrap());
    let whole = std::fs::read(home.database()).unwrap();
    for at in 0..110 {
        for bit in [0x01, 0x80] {
            let mut flipped = whole.clone();
            flipped[at] ^= bit;
            std::fs::write(home.database(), &flipped).unwrap();
            let refused = home.open().err();
            assert!(
                matches!(refused, Some(StoreError::Damaged { .. })),
                "bit {bit:#x} of byte {at}: {refused:?}"
            );
        }
    }
}

#[test]
fn a_page_in_the_place_of_another_is_found() {
    let home = Home::new();
    let store = home.open().unwrap();
    store
        .write_blocking(Class::People, |tx| {
            (0..10).try_for_each(|i| add(tx, &format!("{i} {}", a_full_page_of("rain "))))
        })
        .unwrap();
    drop(store);
    let mut file = std::fs::read(home.database()).unwrap();
    let pages = file.len() / 4096;
    let (earlier, later) = file.split_at_mut((pages - 1) * 4096);
    earlier[(pages - 2) * 4096..].swap_with_slice(later);
    std::fs::write(home.database(), &file).unwrap();
    assert!(home.open().err().unwrap().is_damage());
}

#[test]
fn a_cut_off_or_missing_file_is_named() {
    let home = Home::new();
    let store = home.open().unwrap();
    store
        .write_blocking(Class::People, |tx| {
            (0..10).try_for_each(|i| add(tx, &format!("{i} {}", a_full_page_of("rain "))))
        })
        .unwrap();
    drop(store);
    let whole = std::fs::read(home.database()).unwrap();
    for left in [100, 4096, 5000, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        std::fs::write(home.database(), &whole[..left]).unwrap();
        let refused = home.open().err();
        assert!(matches!(refused, Some(StoreError::Damaged { .. })), "{left}: {refused:?}");
    }
    // As after a crash: the mark of a running store is there, the database is not.
    std::fs::write(home.path().join("healthflow.running"), "").unwrap();
    std::fs::write(home.database(), "").unwrap();
    assert!(home.open().err().unwrap().is_damage());
    std::fs::remove_file(home.database()).unwrap();
    assert!(home.open().err().unwrap().is_damage());
    std::fs::write(home.database(), &whole).unwrap();
    assert_eq!(count(&home.open().unwrap()), 10);
}

#[cfg(unix)]
#[test]
fn damage_while_running_is_not_served_and_stops_writing() {
    let home = Home::new();
    let store = home.open().unwrap();
    store
        .write_blocking(Class::People, |tx| {
            (0..10).try_for_each(|i| add(tx, &format!("{i} {}", a_full_page_of("rain "))))
        })
        .unwrap();
    drop(store);
    let file = std::fs::read(home.database()).unwrap();
    let at = file.windows(6).rposition(|text| text == b"rain r").unwrap();
    let store = home.open().unwrap();
    overwrite(&home.database(), at, b'v');
    // On a thread of its own: a fresh connection that has nothing of it in memory.
    let reading = store.clone();
    let read = std::thread::spawn(move || {
        reading.read(SCREEN, |tx| {
            tx.all("SELECT text FROM note NOT INDEXED", &params![], |row| row.get::<String>(0))
        })
    });
    let refused = read.join().unwrap();
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
    let named = home.database().display().to_string();
    assert!(store.status().damage.is_some_and(|damage| damage.contains(&named)));
    let refused = store.write_blocking(Class::People, |tx| add(tx, "more"));
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
}

/// A home as a crash leaves it, with the groups of `store` in the log.
#[cfg(unix)]
fn crashed(home: &Home) -> Home {
    let left = Home::new();
    std::fs::create_dir_all(left.path()).unwrap();
    for name in ["healthflow.db", "healthflow.db-wal", "healthflow.running"] {
        let (from, to) = (home.path().join(name), left.path().join(name));
        assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
    }
    left
}

#[cfg(unix)]
#[test]
fn a_log_that_was_changed_after_a_crash_is_named() {
    let home = Home::new();
    let store = home.open().unwrap();
    for i in 0..12 {
        store.write_blocking(Class::People, move |tx| add(tx, &format!("note {i}"))).unwrap();
    }
    let left = crashed(&home);
    let log = left.path().join("healthflow.db-wal");
    let (whole, database) = (std::fs::read(&log).unwrap(), std::fs::read(left.database()).unwrap());
    let again = |log_bytes: &[u8]| {
        std::fs::write(left.database(), &database).unwrap();
        std::fs::write(&log, log_bytes).unwrap();
        std::fs::write(left.path().join("healthflow.running"), "").unwrap();
        left.open()
    };
    assert_eq!(count(&again(&whole).unwrap()), 12);
    // Each note takes a few frames; the last two groups are the ones that cannot be judged.
    let judged = whole.len() * 9 / 12;
    for at in (32..judged).step_by(487) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x08;
        let refused = again(&flipped).err();
        let Some(StoreError::Damaged { file, .. }) = refused else {
            panic!("byte {at} of {} was flipped: {refused:?}", whole.len());
        };
        assert_eq!(file, log);
    }
    // A log that ends in the middle of a group is what a loss of power leaves.
    for end in (0..whole.len()).step_by(1501) {
        let there = count(&again(&whole[..end]).unwrap());
        assert!(there <= 12, "{there}");
    }
    // So is a last group of which a page in the middle did not reach the disk.
    let mut torn = whole.clone();
    let frame = torn.len() - 2 * 4120;
    torn[frame + 24..frame + 4120].fill(0);
    assert_eq!(count(&again(&torn).unwrap()), 11);
}

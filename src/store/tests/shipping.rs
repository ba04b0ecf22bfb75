//! The log that is taken along: whatever the file does meanwhile, a copy and the pieces give back
//! what was committed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::*;
use crate::store::{LogPiece, replay};

/// What was taken: each generation from its beginning on.
#[derive(Debug, Default)]
struct Taken(BTreeMap<u64, Vec<u8>>);

impl Taken {
    fn take(&mut self, piece: &LogPiece) {
        let bytes = self.0.entry(piece.place.generation).or_default();
        let at = usize::try_from(piece.place.offset).unwrap();
        assert!(at <= bytes.len(), "no gap: {:?} after {}", piece.place, bytes.len());
        bytes.truncate(at);
        bytes.extend(&piece.bytes);
    }

    fn all_of(&mut self, store: &Store) {
        while let Some(piece) = store.next_of_log(1 << 20).unwrap() {
            self.take(&piece);
            store.took_log(&piece).unwrap();
        }
    }

    /// The copy in `folder`, which was made in `since`, and all that was taken from then on.
    fn replay_into(&self, folder: &std::path::Path, since: u64) -> i64 {
        for bytes in self.0.range(since..).map(|(_, bytes)| bytes) {
            let log = folder.join("log");
            std::fs::write(&log, bytes).unwrap();
            replay(folder, &log).unwrap();
        }
        let clock = FrozenClock::at("2026-03-01T08:00:00Z");
        let options = StoreOptions::new(folder);
        let store = Store::open_with(options, &clock, &[LISTS], None).unwrap();
        let there = notes(&store);
        store.close();
        there
    }
}

fn note(store: &Store, number: u64) -> Result<(), StoreError> {
    store.write_blocking(Class::People, move |tx| {
        let sql = "INSERT INTO note (list_id, text, body) VALUES (1, ?1, ?2)";
        let text = format!("note {number}");
        let body = vec![7_u8; usize::try_from(number * 7_919 % 9_000).unwrap_or(0)];
        tx.execute(sql, &params![text.as_str(), body.as_slice()]).map(|_| ())
    })
}

fn notes(store: &Store) -> i64 {
    store.read(SCREEN, |tx| tx.one("SELECT count(*) FROM note", &[], |row| row.get(0))).unwrap()
}

fn small(options: &mut StoreOptions) {
    (options.wal_waiting_max, options.wal_high) = (1 << 20, 4 << 20);
}

/// Writes from three threads until it is told to stop.
fn writers(
    store: &Store,
    next: &Arc<AtomicU64>,
) -> (Arc<AtomicBool>, Vec<std::thread::JoinHandle<()>>) {
    let stop = Arc::new(AtomicBool::new(false));
    let write = |_| {
        let (store, next, stop) = (store.clone(), Arc::clone(next), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                note(&store, next.fetch_add(1, Ordering::Relaxed)).unwrap();
            }
        })
    };
    let threads = (0..3).map(write).collect();
    (stop, threads)
}

#[test]
fn a_copy_and_the_pieces_give_back_what_was_committed() {
    let (home, copy) = (Home::new(), ScratchFolder::new());
    std::fs::create_dir(&copy.0).unwrap();
    let (mut taken, next, mut since) = (Taken::default(), Arc::new(AtomicU64::new(0)), 0);
    let mut generations = 0;
    for run in 0..3 {
        let store = home.open_with(small).unwrap();
        assert_eq!(store.keep_log().unwrap(), run == 0, "it is kept across starts");
        let (stop, threads) = writers(&store, &next);
        for round in 0..120 {
            // The last run is taken by nobody until it is over: it goes by way of the spool.
            if run < 2 {
                taken.all_of(&store);
            }
            if (run, round) == (0, 60) {
                since = store.log_end().unwrap().unwrap().generation;
                store.duplicate(&copy.0, &mut |_, _| true).unwrap().unwrap();
            }
            std::thread::sleep(Duration::from_millis(if run < 2 { 5 } else { 10 }));
        }
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        generations = store.log_end().unwrap().unwrap().generation;
        store.close();
    }
    assert!(4 < generations, "the file began anew on its way: {generations}");
    let store = home.open_with(small).unwrap();
    taken.all_of(&store);
    let there = notes(&store);
    assert_eq!(store.log_behind(), 0);
    store.close();
    assert_eq!(taken.replay_into(&copy.0, since), there);
}

#[test]
fn the_file_of_a_log_that_nobody_takes_shrinks_in_a_quiet_moment_and_nothing_is_lost() {
    let (home, copy) = (Home::new(), ScratchFolder::new());
    std::fs::create_dir(&copy.0).unwrap();
    let most = 1 << 20;
    let store = home.open_with(|options| options.wal_file_max = most).unwrap();
    store.keep_log().unwrap();
    store.duplicate(&copy.0, &mut |_, _| true).unwrap().unwrap();
    let since = store.log_end().unwrap().unwrap().generation;
    let length = || std::fs::metadata(home.path().join("healthflow.db-wal")).unwrap().len();
    let mut number = 0;
    while length() <= most {
        note(&store, number).unwrap();
        number += 1;
    }
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while most < length() {
        assert!(std::time::Instant::now() < until, "{} bytes", length());
        std::thread::sleep(Duration::from_millis(20));
    }
    note(&store, number).unwrap();
    let mut taken = Taken::default();
    taken.all_of(&store);
    assert_eq!(store.next_of_log(most).unwrap(), None, "there is nothing new");
    let there = notes(&store);
    store.close();
    assert_eq!(taken.replay_into(&copy.0, since), there);
}

/// The tests' own tables have no audit, by which a gap is seen.
fn audit(store: &Store, row: i64) {
    let write = move |tx: &Tx<'_>| {
        tx.execute("CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY) STRICT", &[])?;
        tx.execute("INSERT INTO audit (id) VALUES (?1)", &[row.into()]).map(|_| ())
    };
    store.write_blocking::<(), StoreError>(Class::People, write).unwrap();
}

#[test]
fn a_log_that_was_changed_while_nobody_kept_it_is_not_gone_on_with() {
    let home = Home::new();
    let store = home.open().unwrap();
    audit(&store, 1);
    store.keep_log().unwrap();
    note(&store, 1).unwrap();
    store.close();
    let kept = std::fs::read(home.path().join("log.kept")).unwrap();
    let store = home.open().unwrap();
    assert!(store.keeps_log());
    store.forget_log();
    assert!(!home.path().join("log.kept").exists());
    audit(&store, 2);
    store.close();
    std::fs::write(home.path().join("log.kept"), kept).unwrap();
    let store = home.open().unwrap();
    assert!(!store.keeps_log());
    assert!(store.keep_log().unwrap(), "a new chain begins");
}

#[test]
fn a_byte_of_the_shipped_log_that_was_changed_is_seen() {
    let (home, copy) = (Home::new(), ScratchFolder::new());
    std::fs::create_dir(&copy.0).unwrap();
    let store = home.open().unwrap();
    store.keep_log().unwrap();
    store.duplicate(&copy.0, &mut |_, _| true).unwrap().unwrap();
    (0..20).for_each(|number| note(&store, number).unwrap());
    let mut taken = Taken::default();
    taken.all_of(&store);
    let mut bytes = taken.0.pop_first().unwrap().1;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let log = copy.0.join("log");
    std::fs::write(&log, bytes).unwrap();
    assert!(replay(&copy.0, &log).unwrap_err().is_damage());
}

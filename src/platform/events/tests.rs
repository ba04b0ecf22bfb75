//! What the outbox and its listeners promise, on a real store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Cause, Event, Listener, Listeners, Place, outbox};
use crate::store::{Class, Store, StoreError, StoreOptions};
use crate::vocab::clock::{Clock, FrozenClock};

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

fn clock() -> Arc<dyn Clock> {
    Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"))
}

/// Adds `count` events at `at` (microseconds) in one transaction.
fn happen(store: &Store, at: i64, count: i64) {
    let job = move |tx: &crate::store::Tx<'_>| {
        (0..count).try_for_each(|id| outbox::append(tx, at, ("amended", "patient"), id, Some(id)))
    };
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
}

fn head(store: &Store) -> i64 {
    store.read(SECOND, outbox::head).unwrap()
}

fn kept(store: &Store) -> Vec<i64> {
    let all = store.read(SECOND, |tx| outbox::after(tx, 0, i64::MAX)).unwrap();
    all.iter().map(|event| event.seq).collect()
}

fn prune(store: &Store, now: i64, rows_max: i64, passed: i64) -> u64 {
    outbox::prune(store, (now, rows_max), passed, || false).unwrap()
}

/// A listener that keeps the numbers it hears, and fails while it is told to.
#[derive(Clone, Default)]
struct Ear {
    heard: Arc<Mutex<Vec<i64>>>,
    deaf: Arc<AtomicBool>,
}

impl Ear {
    fn listener(&self, name: &'static str) -> Listener {
        let ear = self.clone();
        Listener::new(name, Place::Store, move |events: &[Event]| {
            if ear.deaf.load(Ordering::Relaxed) {
                return Err(Cause::from("deaf"));
            }
            ear.heard.lock().unwrap().extend(events.iter().map(|event| event.seq));
            Ok(())
        })
    }

    fn heard(&self) -> Vec<i64> {
        self.heard.lock().unwrap().clone()
    }
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_number_is_never_given_twice_when_rows_are_gone_or_undone() {
    let store = Store::scratch();
    assert_eq!(head(&store), 0);
    happen(&store, 0, 3);
    let undone = |tx: &crate::store::Tx<'_>| {
        outbox::append(tx, 0, ("amended", "patient"), 1, None)?;
        Err::<(), _>(StoreError::NoRow)
    };
    assert_eq!(store.write_blocking(Class::People, undone), Err(StoreError::NoRow));
    assert_eq!((head(&store), kept(&store)), (3, vec![1, 2, 3]), "no gap is left");
    assert_eq!(prune(&store, 2 * outbox::KEPT, 100, i64::MAX), 3);
    assert_eq!((head(&store), kept(&store)), (3, vec![]));
    happen(&store, 0, 1);
    assert_eq!(kept(&store), [4]);
}

#[test]
fn a_number_is_not_given_twice_after_a_restart_on_an_empty_outbox() {
    let folder = std::env::temp_dir().join(format!("healthflow-outbox-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let open = || Store::open(StoreOptions::new(&folder), clock()).unwrap();
    let store = open();
    happen(&store, 0, 5);
    prune(&store, 2 * outbox::KEPT, 100, i64::MAX);
    store.close();
    let store = open();
    happen(&store, 0, 1);
    assert_eq!((head(&store), kept(&store)), (6, vec![6]));
    store.close();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn only_what_is_old_or_too_much_and_passed_by_all_is_cleared_away() {
    let store = Store::scratch();
    let now = 10 * outbox::KEPT;
    happen(&store, now - outbox::KEPT - 1, 700);
    happen(&store, now - outbox::KEPT, 700);
    assert_eq!(prune(&store, now, 100_000, 10), 10, "a listener has come to row 10");
    assert_eq!(prune(&store, now, 100_000, i64::MAX), 690, "the rest is young");
    assert_eq!(kept(&store).first(), Some(&701));
    assert_eq!(prune(&store, now, 650, i64::MAX), 50, "too many, though young");
    assert_eq!((kept(&store).first(), kept(&store).len()), (Some(&751), 650));
    assert_eq!(prune(&store, now, 650, i64::MAX), 0);
    assert_eq!(outbox::prune(&store, (2 * now, 0), i64::MAX, || true).unwrap(), 0, "stopping");
}

#[test]
fn one_knows_whether_anything_was_missed() {
    let store = Store::scratch();
    let reaches = |seq| store.read(SECOND, |tx| outbox::reaches_back_to(tx, seq)).unwrap();
    assert!(reaches(0) && !reaches(1));
    happen(&store, 0, 10);
    assert!(reaches(0) && reaches(10) && !reaches(11));
    prune(&store, 0, 4, i64::MAX);
    assert!(!reaches(5) && reaches(6), "rows 7 to 10 are kept");
    prune(&store, 0, 0, i64::MAX);
    assert!(!reaches(9) && reaches(10), "nothing is kept");
}

#[test]
fn each_listener_hears_everything_in_order_though_another_one_fails() {
    let store = Store::scratch();
    happen(&store, 0, 3);
    let (good, bad) = (Ear::default(), Ear::default());
    bad.deaf.store(true, Ordering::Relaxed);
    let both = vec![good.listener("good"), bad.listener("bad")];
    let listeners = Listeners::start(&store, &clock(), both).unwrap();
    happen(&store, 0, 1_200);
    happen(&store, 0, 1);
    let all: Vec<i64> = (4..=1_204).collect();
    eventually("the good one hears all", || good.heard() == all);
    let of_bad = || listeners.status().unwrap()[1].clone();
    eventually("it is seen to fail", || 2 <= of_bad().failures);
    assert_eq!((of_bad().name, of_bad().behind), ("bad", 1_201));
    assert_eq!(listeners.passed(), 3, "nothing is cleared away that one has not heard");
    bad.deaf.store(false, Ordering::Relaxed);
    eventually("the other one catches up", || bad.heard() == all);
    eventually("it does well again", || of_bad().failures == 0 && of_bad().behind == 0);
    listeners.close();
    assert_eq!(listeners.passed(), 1_204, "places are written at the end");
}

#[test]
fn a_listener_goes_on_where_it_stopped_and_hears_again_what_it_failed_on() {
    let store = Store::scratch();
    let first = Ear::default();
    let listeners = Listeners::start(&store, &clock(), vec![first.listener("one")]).unwrap();
    happen(&store, 0, 2);
    eventually("two are heard", || first.heard() == [1, 2]);
    listeners.close();
    happen(&store, 0, 2);
    let second = Ear::default();
    second.deaf.store(true, Ordering::Relaxed);
    let listeners = Listeners::start(&store, &clock(), vec![second.listener("one")]).unwrap();
    eventually("it fails", || 1 <= listeners.status().unwrap()[0].failures);
    second.deaf.store(false, Ordering::Relaxed);
    eventually("the others are heard", || second.heard() == [3, 4]);
    listeners.close();
}

#[test]
fn a_listener_that_panics_is_asked_again_like_one_that_fails() {
    let store = Store::scratch();
    let (ear, panics) = (Ear::default(), Arc::new(AtomicBool::new(true)));
    let (heard, still) = (Arc::clone(&ear.heard), Arc::clone(&panics));
    let listener = Listener::new("one", Place::Store, move |events: &[Event]| {
        assert!(!still.load(Ordering::Relaxed), "on purpose");
        heard.lock().unwrap().extend(events.iter().map(|event| event.seq));
        Ok(())
    });
    let listeners = Listeners::start(&store, &clock(), vec![listener]).unwrap();
    happen(&store, 0, 2);
    eventually("it is seen to fail", || 2 <= listeners.status().unwrap()[0].failures);
    panics.store(false, Ordering::Relaxed);
    eventually("it hears all the same", || ear.heard() == [1, 2]);
    listeners.close();
}

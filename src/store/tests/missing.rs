//! Databases that have lost what was acknowledged, and know it.

use super::*;
use crate::store::missing_in;

const AUDIT: Migration = Migration {
    version: 2,
    name: "0002_audit",
    sql: "CREATE TABLE audit (id INTEGER PRIMARY KEY) STRICT;",
};

fn open(home: &Home) -> Store {
    home.open_as(|_| {}, &[LISTS, AUDIT]).unwrap()
}

fn act(store: &Store) {
    let act = |tx: &Tx<'_>| tx.execute("INSERT INTO audit DEFAULT VALUES", &params![]);
    store.write_blocking::<_, StoreError>(Class::People, act).unwrap();
}

/// The mark of a program that has noted `newest` and was killed then.
fn killed_at(home: &Home, newest: &str) {
    std::fs::write(home.path().join("healthflow.running"), format!("4711\n{newest}")).unwrap();
}

#[test]
fn what_a_lost_log_takes_with_it_is_told_until_somebody_has_seen_to_it() {
    let home = Home::new();
    let store = open(&home);
    (0..3).for_each(|_| act(&store));
    assert_eq!(store.recovery(), None);
    drop(store);
    killed_at(&home, "3\n");
    let store = open(&home);
    let words = store.recovery().unwrap().to_string();
    assert!(words.contains("the last run noted audit row 3"), "{words}");
    assert_eq!(store.missing(), None);
    drop(store);
    killed_at(&home, "5\n");
    let store = open(&home);
    let words = store.recovery().unwrap().to_string();
    assert!(!words.contains("is there"), "{words}");
    let missing = store.missing().unwrap().clone();
    assert_eq!((missing.known, missing.found), (5, 3));
    let words = missing.to_string();
    assert!(
        words.starts_with("Changes are missing: the database ends with audit row 3"),
        "{words}"
    );
    (0..4).for_each(|_| act(&store));
    drop(store);
    let store = open(&home);
    assert_eq!((store.recovery(), store.missing()), (None, Some(&missing)), "and it goes on");
    assert_eq!(missing_in(&home.path()), Some(missing));
    drop(store);
    std::fs::remove_file(home.path().join("healthflow.missing")).unwrap();
    assert_eq!(open(&home).missing(), None);
}

#[test]
fn nothing_is_promised_where_nothing_was_noted() {
    let home = Home::new();
    drop(open(&home));
    for noted in ["", "many\n"] {
        killed_at(&home, noted);
        let store = open(&home);
        let words = store.recovery().unwrap().to_string();
        assert!(words.contains("cannot be told"), "{words}");
        assert_eq!(store.missing(), None);
    }
}

#[test]
fn how_far_it_has_come_is_noted_while_it_runs() {
    let home = Home::new();
    let store = open(&home);
    (0..7).for_each(|_| act(&store));
    let marker = home.path().join("healthflow.running");
    let noted = || std::fs::read_to_string(&marker).unwrap().lines().nth(1).map(str::to_owned);
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while noted().as_deref() != Some("7") && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(noted().as_deref(), Some("7"));
    drop(store);
    assert!(!marker.exists());
}

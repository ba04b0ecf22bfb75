//! Indexes that are set aside come back as they were.

use super::*;

fn is_there(store: &Store, name: &str) -> bool {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1";
    store.read(SCREEN, |tx| tx.opt(sql, &params![name], |_| Ok(()))).unwrap().is_some()
}

#[test]
fn an_index_set_aside_comes_back_and_holds_what_came_meanwhile() {
    let home = Home::new();
    let store = home.open().unwrap();
    let made = store
        .write_blocking::<_, StoreError>(Class::Bulk, |tx| tx.set_indexes_aside(&["note_text"]))
        .unwrap();
    assert!(!is_there(&store, "note_text"));
    store.write_blocking(Class::Bulk, |tx| add(tx, "came meanwhile")).unwrap();
    store
        .write_blocking::<_, StoreError>(Class::Bulk, move |tx| tx.put_indexes_back(&made))
        .unwrap();
    assert!(is_there(&store, "note_text"));
    let twice = store.write_blocking(Class::People, |tx| add(tx, "came meanwhile"));
    assert!(matches!(twice, Err(StoreError::Unique { .. })), "{twice:?}");
}

#[test]
fn what_is_no_index_of_a_migration_is_refused_and_nothing_is_dropped() {
    let home = Home::new();
    let store = home.open().unwrap();
    let refused = store.write_blocking::<_, StoreError>(Class::Bulk, |tx| {
        tx.set_indexes_aside(&["note_text", "note; DROP TABLE note"])
    });
    assert_eq!(refused, Err(StoreError::NoRow));
    assert!(is_there(&store, "note_text"));
}

use std::time::Duration;

use super::{Class, Store, StoreError, params};

#[test]
fn what_is_written_can_be_read() {
    let store = Store::scratch();
    store
        .write_blocking(Class::People, |tx| {
            tx.execute(
                "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3)",
                &params!["ward", "north", 1],
            )
        })
        .unwrap();
    let value: String = store
        .read(Duration::from_secs(2), |tx| {
            tx.one("SELECT value FROM setting WHERE name = ?1", &params!["ward"], |row| row.get(0))
        })
        .unwrap();
    assert_eq!(value, "north");
    let missing: Result<String, StoreError> = store.read(Duration::from_secs(2), |tx| {
        tx.one("SELECT value FROM setting WHERE name = ?1", &params!["none"], |row| row.get(0))
    });
    assert_eq!(missing, Err(StoreError::NoRow));
}

//! What goes in comes out, and refusals name the mend without the value.

use super::super::{Value, ValueRef};
use super::*;

#[test]
fn values_come_back_as_they_went_in() {
    let home = Home::new();
    let store = home.open().unwrap();
    let body: Vec<u8> = (0..=255).collect();
    let sent = params![
        7_i64,
        -3_i32,
        u32::MAX,
        true,
        6.25,
        "Ærø, نور, 山",
        body.clone(),
        None::<i64>,
        Some("x"),
        String::from("a\0b")
    ];
    store
        .read(SCREEN, |tx| {
            tx.one("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10", &sent, |row| {
                assert_eq!(row.get::<i64>(0)?, 7);
                assert_eq!(row.get::<i32>(1)?, -3);
                assert_eq!(row.get::<u32>(2)?, u32::MAX);
                assert!(row.get::<bool>(3)?);
                assert_eq!(row.get::<f64>(4)?.to_bits(), 6.25_f64.to_bits());
                assert_eq!(row.get::<String>(5)?, "Ærø, نور, 山");
                assert_eq!(row.get::<Vec<u8>>(6)?, body);
                assert_eq!(row.get::<Option<i64>>(7)?, None);
                assert_eq!(row.get::<Option<String>>(8)?.as_deref(), Some("x"));
                assert_eq!(row.value(9), ValueRef::Text("a\0b"));
                assert_eq!(row.value(10), ValueRef::Null);
                for (i, value) in sent.iter().enumerate() {
                    assert_eq!(&row.value(i).to_value(), value);
                }
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn a_column_of_another_type_is_an_error() {
    let home = Home::new();
    let store = home.open().unwrap();
    let wrong = |sql: &'static str| {
        let numbers = store.read(SCREEN, |tx| tx.one(sql, &params![], |row| row.get::<u32>(0)));
        let flags = store.read(SCREEN, |tx| tx.one(sql, &params![], |row| row.get::<bool>(0)));
        assert!(matches!(numbers, Err(StoreError::Column { .. })), "{sql}: {numbers:?}");
        assert!(matches!(flags, Err(StoreError::Column { .. })), "{sql}: {flags:?}");
    };
    wrong("SELECT 'text'");
    wrong("SELECT NULL");
    wrong("SELECT -1");
    wrong("SELECT 4294967296");
    let beyond = store.read(SCREEN, |tx| tx.one("SELECT 1", &params![], |row| row.get::<i64>(1)));
    assert!(matches!(beyond, Err(StoreError::Column { column: 1, .. })), "{beyond:?}");
    let broken = store.read(SCREEN, |tx| {
        tx.one("SELECT CAST(x'ff' AS TEXT)", &params![], |row| Ok(row.value(0).to_value()))
    });
    assert_eq!(broken, Ok(Value::Blob(vec![0xff])), "text that is none is bytes");
}

#[test]
fn missing_parameters_are_refused() {
    let home = Home::new();
    let store = home.open().unwrap();
    let few = store.read(SCREEN, |tx| tx.opt("SELECT ?1, ?2", &params![1], |_| Ok(())));
    assert!(matches!(few, Err(StoreError::Statement { .. })), "{few:?}");
    let many = store.read(SCREEN, |tx| tx.opt("SELECT ?1", &params![1, 2], |_| Ok(())));
    assert!(matches!(many, Err(StoreError::Statement { .. })), "{many:?}");
}

#[test]
fn refusals_name_the_rule_and_never_the_value() {
    const SECRET: &str = "Amina Osei";
    let home = Home::new();
    let store = home.open().unwrap();
    let insert = "INSERT INTO note (id, list_id, text) VALUES (?1, ?2, ?3)";
    let refused = |sql: &'static str, values: Vec<Value>| {
        let error =
            store.write_blocking(Class::People, move |tx| tx.execute(sql, &values)).unwrap_err();
        assert!(!error.to_string().contains("Amina"), "{error}");
        assert!(!format!("{error:?}").contains("Amina"), "{error:?}");
        error
    };
    store
        .write_blocking(Class::People, move |tx| tx.execute(insert, &params![5, 1, SECRET]))
        .unwrap();
    let unique = |index: &str| StoreError::Unique { index: index.to_owned() };
    assert_eq!(refused(insert, params![6, 1, SECRET].into()), unique("note_text"));
    assert_eq!(refused(insert, params![5, 1, "Amina B"].into()), unique("note.id"));
    let list = "INSERT INTO list (name) VALUES (?1)";
    assert_eq!(refused(list, params!["WARD"].into()), unique("list_name"));
    assert_eq!(refused(insert, params![7, 99, "Amina C"].into()), StoreError::ForeignKey);
    let check = StoreError::Check { constraint: "note_says_something".to_owned() };
    assert_eq!(refused(insert, params![7, 1, ""].into()), check);
    let missing = StoreError::NotNull { column: "note.text".to_owned() };
    assert_eq!(refused(insert, params![7, 1, None::<&str>].into()), missing);
    let typed = refused(insert, params![7, 1, b"Amina".to_vec()].into());
    assert!(matches!(typed, StoreError::Check { .. }), "{typed:?}");
    let typed = refused(insert, params![7, SECRET, "x"].into());
    assert!(matches!(typed, StoreError::Check { .. }), "{typed:?}");
}

//! What a store opens and what it refuses, in words that say how to mend it.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::store::peek;

const SECOND: Migration =
    Migration { version: 2, name: "0002_tags", sql: "CREATE TABLE tag (id INTEGER) STRICT;" };

fn pragma<T: crate::store::FromValue>(store: &Store, name: &str) -> T {
    let sql = format!("SELECT * FROM pragma_{name}");
    store.read(SCREEN, |tx| tx.one(&sql, &params![], |row| row.get(0))).unwrap()
}

#[test]
fn the_file_and_its_readers_are_set_up_as_promised() {
    let home = Home::new();
    let store = home.open().unwrap();
    assert_eq!(pragma::<i64>(&store, "page_size"), 4096);
    assert_eq!(pragma::<i64>(&store, "auto_vacuum"), 2, "incremental");
    assert_eq!(pragma::<i64>(&store, "application_id"), 0x4846_6C77);
    assert_eq!(pragma::<String>(&store, "journal_mode"), "wal");
    assert_eq!(pragma::<i64>(&store, "query_only"), 1);
    assert_eq!(pragma::<i64>(&store, "foreign_keys"), 1);
    assert_eq!(pragma::<i64>(&store, "trusted_schema"), 0);
    assert_eq!(pragma::<i64>(&store, "temp_store"), 2, "memory");
    let written = store
        .write_blocking(Class::People, |tx| {
            let ask = |name: &str| {
                let sql = format!("SELECT * FROM pragma_{name}");
                tx.one(&sql, &params![], |row| row.get::<i64>(0))
            };
            Ok::<_, StoreError>((ask("synchronous")?, ask("secure_delete")?))
        })
        .unwrap();
    assert_eq!(written, (2, 2), "every commit is synced, what is deleted is gone");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.path()), 0o700);
    for name in ["healthflow.db", "healthflow.db-wal", "healthflow.db-shm"] {
        assert_eq!(mode(&home.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn what_was_written_is_there_at_the_next_opening() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    drop(store);
    assert_eq!(notes(&home.open().unwrap()), ["one"]);
}

#[test]
fn a_look_at_a_store_that_is_closed_sees_all_and_changes_nothing() {
    let home = Home::new();
    let look = |tx: &ReadTx<'_>| tx.all("SELECT text FROM note", &[], |row| row.get::<String>(0));
    assert_eq!(peek(&home.path(), look), Ok(None), "there is none yet");
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    assert_eq!(peek(&home.path(), look), Ok(None), "somebody has it");
    store.close();
    let files = || {
        let entries = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap());
        let mut seen: Vec<_> =
            entries.map(|it| (it.file_name(), it.metadata().unwrap().len())).collect();
        seen.sort();
        seen
    };
    let before = files();
    assert_eq!(peek(&home.path(), look), Ok(Some(vec!["one".to_owned()])));
    assert_eq!(files(), before);
}

#[test]
fn a_second_store_in_the_same_folder_is_refused() {
    let home = Home::new();
    let store = home.open().unwrap();
    let refused = home.open().err().unwrap();
    let process = Some(std::process::id());
    assert_eq!(refused, StoreError::Locked { folder: home.path(), process });
    store.close();
    home.open().unwrap();
}

#[test]
fn a_second_process_is_refused() {
    let home = Home::new();
    let _store = home.open().unwrap();
    let output = child("store::tests::opening::second_process", &home.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("is in use by another HealthFlow (process"), "{said}");
}

#[test]
#[ignore = "run by a_second_process_is_refused in a process of its own"]
fn second_process() {
    let Some(folder) = std::env::var_os("HEALTHFLOW_TEST_FOLDER") else { return };
    let clock = FrozenClock::at("2026-03-01T08:00:00Z");
    let refused = Store::open_with(StoreOptions::new(folder), &clock, &[LISTS], None).err();
    std::io::Write::write_all(&mut std::io::stdout(), format!("{}", refused.unwrap()).as_bytes())
        .unwrap();
}

/// This test program again, running one ignored test on `folder`.
pub(super) fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.env("HEALTHFLOW_TEST_FOLDER", folder);
    command
}

#[test]
fn every_migration_in_the_folder_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed: Vec<String> = crate::store::migrate::MIGRATIONS
        .iter()
        .map(|migration| format!("{}.sql", migration.name))
        .collect();
    assert_eq!(listed, files);
    for (number, migration) in (1..).zip(crate::store::migrate::MIGRATIONS) {
        assert_eq!(migration.version, number);
        assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
    }
}

#[test]
fn an_upgrade_applies_what_is_missing_and_keeps_a_copy() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    drop(store);
    let store = home.open_as(|_| {}, &[LISTS, SECOND]).unwrap();
    assert_eq!(notes(&store), ["one"]);
    let applied: Vec<(u32, i64)> = store
        .read(SCREEN, |tx| {
            tx.all("SELECT version, applied_at FROM schema_migration", &params![], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        })
        .unwrap();
    let at = 1_772_352_000_000_000;
    assert_eq!(applied, [(1, at), (2, at)]);
    let copy = home.path().join("snapshots/20260301T080000Z-schema-1.db");
    assert!(copy.exists());

    drop(store);
    let newer = home.open().err().unwrap();
    assert_eq!(newer, StoreError::NewerSchema { found: 2, known: 1, snapshot: Some(copy.clone()) });
    let way_back = copy.display().to_string();
    assert!(newer.to_string().contains(&way_back), "{newer}");
    // The way back works: the copy is a database of the earlier program.
    std::fs::remove_file(home.database()).unwrap();
    std::fs::rename(&copy, home.database()).unwrap();
    assert_eq!(notes(&home.open().unwrap()), ["one"]);
}

#[test]
fn a_migration_that_was_changed_is_refused() {
    let home = Home::new();
    drop(home.open().unwrap());
    let changed = Migration { sql: "CREATE TABLE list (id INTEGER) STRICT;", ..LISTS };
    let refused = home.open_as(|_| {}, &[changed]).err().unwrap();
    let name = "0001_lists".to_owned();
    assert_eq!(refused, StoreError::MigrationChanged { version: 1, name });
    // Line ends that a checkout has turned are no change.
    let turned: String = LISTS.sql.replace('\n', "\r\n");
    let turned = Migration { sql: turned.leak(), ..LISTS };
    home.open_as(|_| {}, &[turned]).unwrap();
}

#[test]
fn a_failed_upgrade_puts_everything_back() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    drop(store);
    let broken = Migration {
        version: 3,
        name: "0003_broken",
        sql: "DELETE FROM note; CREATE TABLE list (id INTEGER) STRICT;",
    };
    let failed = home.open_as(|_| {}, &[LISTS, SECOND, broken]).err().unwrap();
    assert!(matches!(failed, StoreError::MigrationFailed { version: 3, .. }), "{failed:?}");
    // Schema 2 had been committed; the earlier program opens the database as it was.
    let store = home.open().unwrap();
    assert_eq!(notes(&store), ["one"]);
}

#[test]
fn an_upgrade_that_breaks_references_is_put_back() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    drop(store);
    let breaking = Migration { version: 2, name: "0002_breaking", sql: "DELETE FROM list;" };
    let failed = home.open_as(|_| {}, &[LISTS, breaking]).err().unwrap();
    assert!(matches!(failed, StoreError::MigrationFailed { version: 2, .. }), "{failed:?}");
    assert_eq!(notes(&home.open().unwrap()), ["one"]);
    let rebuilding = Migration {
        version: 2,
        name: "0002_rebuilding",
        sql: "CREATE TABLE list_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT) STRICT;
              INSERT INTO list_new (id, name) SELECT id, name FROM list;
              DROP TABLE list;
              ALTER TABLE list_new RENAME TO list;",
    };
    let store = home.open_as(|_| {}, &[LISTS, rebuilding]).unwrap();
    assert_eq!(notes(&store), ["one"], "a table that others refer to can be rebuilt");
    let orphan = "INSERT INTO note (list_id, text) VALUES (99, 'x')";
    let refused = store.write_blocking(Class::People, |tx| tx.execute(orphan, &params![]));
    assert_eq!(refused, Err(StoreError::ForeignKey), "constraints hold again");
}

#[test]
fn only_the_newest_copies_are_kept() {
    let home = Home::new();
    let mut known = vec![LISTS];
    for version in 2..=6 {
        drop(home.open_as(|_| {}, &known).unwrap());
        let sql = format!("CREATE TABLE table_{version} (id INTEGER) STRICT;").leak();
        known.push(Migration { version, name: "more", sql });
    }
    drop(home.open_as(|_| {}, &known).unwrap());
    let copies = crate::store::folder::snapshots_in(&home.path().join("snapshots"));
    let names: Vec<_> = copies.iter().map(|copy| copy.file_name().unwrap()).collect();
    assert_eq!(
        names,
        [
            "20260301T080000Z-schema-3.db",
            "20260301T080000Z-schema-4.db",
            "20260301T080000Z-schema-5.db"
        ]
    );
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let home = Home::new();
    drop(home.open().unwrap());
    std::fs::remove_file(home.database()).unwrap();
    let other = rusqlite::Connection::open(home.database()).unwrap();
    other.execute_batch("CREATE TABLE recipe (id INTEGER); INSERT INTO recipe VALUES (1)").unwrap();
    drop(other);
    let before = std::fs::read(home.database()).unwrap();
    assert_eq!(home.open().err(), Some(StoreError::Foreign { file: home.database() }));
    assert_eq!(std::fs::read(home.database()).unwrap(), before);

    std::fs::write(home.database(), "this is a letter, not a database\n".repeat(200)).unwrap();
    assert!(home.open().err().unwrap().is_damage());
}

#[test]
fn scratch_stores_have_the_schema_and_go_away() {
    let store = Store::scratch();
    let folder = store.inner.shared.options.folder.clone();
    store
        .write_blocking(Class::People, |tx| {
            tx.execute(
                "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3)",
                &params!["ward", "north", 1],
            )
        })
        .unwrap();
    assert!(folder.exists());
    drop(store);
    assert!(!folder.exists());
}

//! Brings the database to the schema of this program: numbered SQL files, each in one
//! transaction, recorded with a checksum.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::{self, ask};
use super::copy;
use super::error::StoreError;
use super::folder::{self, Folder};
use super::wal;
use crate::vocab::clock::Clock;
use crate::vocab::digest;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    pub(super) version: u32,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../migrations/", $name, ".sql")),
        }),*]
    };
}

/// Every file in `migrations/`, in order. A test holds this list to the folder.
pub(super) const MIGRATIONS: &[Migration] = migrations![
    1 "0001_hospital",
    2 "0002_import_claim",
    3 "0003_events",
    4 "0004_session_use",
    5 "0005_encounter_lists",
    6 "0006_roles",
    7 "0007_audit",
    8 "0008_tokens",
    9 "0009_reach",
    10 "0010_directory",
    11 "0011_sign_in",
    12 "0012_temporary_passwords",
    13 "0013_emergency_visits",
    14 "0014_jobs",
    15 "0015_backup",
    16 "0016_notify",
    17 "0017_watch",
];

const RECORD_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT";

impl Migration {
    /// SHA-256 of the text. A checkout that turned line ends into CRLF reads the same.
    fn checksum(&self) -> String {
        digest::hex(&digest::sha256(&[self.sql.replace("\r\n", "\n").as_bytes()]))
    }
}

/// Applies of `known` what the database does not have yet.
///
/// # Errors
/// [`StoreError::NewerSchema`], [`StoreError::MigrationChanged`],
/// [`StoreError::NoSpaceToMigrate`], [`StoreError::MigrationFailed`]: the database is as it was.
pub(super) fn migrate(
    conn: &mut Connection,
    folder: &Folder,
    clock: &dyn Clock,
    known: &[Migration],
) -> Result<(), StoreError> {
    let engine = |error, conn: &Connection| StoreError::from_engine(error, conn);
    conn.execute_batch(RECORD_TABLE).map_err(|error| engine(error, conn))?;
    let applied = compare(conn, folder, known)?;
    let missing: Vec<&Migration> =
        known.iter().filter(|migration| applied < migration.version).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let before = if applied == 0 { None } else { Some(keep(conn, folder, clock, applied)?) };
    // A rebuilt table is dropped and renamed, which constraints would take for deletions.
    conn.execute_batch("PRAGMA foreign_keys = OFF").map_err(|error| engine(error, conn))?;
    let outcome = apply_all(conn, clock, &missing);
    conn.execute_batch("PRAGMA foreign_keys = ON").map_err(|error| engine(error, conn))?;
    match (outcome, before) {
        (Err(error), Some(before)) => {
            copy::put_back(&before, conn)?;
            Err(error)
        }
        (outcome, _) => outcome,
    }
}

/// The newest version applied, after comparing what was applied with what is known.
fn compare(conn: &Connection, folder: &Folder, known: &[Migration]) -> Result<u32, StoreError> {
    let applied = applied(conn)?;
    let newest = applied.last().map_or(0, |(version, ..)| *version);
    let last = known.last().map_or(0, |migration| migration.version);
    if last < newest {
        return Err(StoreError::NewerSchema {
            found: newest,
            known: last,
            snapshot: folder.newest_snapshot(),
        });
    }
    for (version, name, checksum) in applied {
        let migration = known.iter().find(|migration| migration.version == version);
        if migration.is_none_or(|migration| migration.checksum() != checksum) {
            return Err(StoreError::MigrationChanged { version, name });
        }
    }
    Ok(newest)
}

fn applied(conn: &Connection) -> Result<Vec<(u32, String, String)>, StoreError> {
    let read = || -> rusqlite::Result<Vec<_>> {
        let mut rows =
            conn.prepare("SELECT version, name, checksum FROM schema_migration ORDER BY version")?;
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    };
    read().map_err(|error| StoreError::from_engine(error, conn))
}

fn apply_all(
    conn: &mut Connection,
    clock: &dyn Clock,
    missing: &[&Migration],
) -> Result<(), StoreError> {
    let broken = broken_references(conn)?;
    for migration in missing {
        apply(conn, clock, migration, broken).map_err(|cause| {
            if cause.is_damage() || cause == StoreError::DiskFull {
                return cause;
            }
            StoreError::MigrationFailed {
                version: migration.version,
                name: migration.name.to_owned(),
                cause: cause.to_string(),
            }
        })?;
        tracing::info!(
            store.version = migration.version,
            store.name = migration.name,
            "Applied migration {}",
            migration.name
        );
    }
    Ok(())
}

fn apply(
    conn: &mut Connection,
    clock: &dyn Clock,
    migration: &Migration,
    broken_before: i64,
) -> Result<(), StoreError> {
    let run = |conn: &mut Connection| -> rusqlite::Result<()> {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        tx.execute_batch(migration.sql)?;
        tx.execute(
            "INSERT INTO schema_migration (version, name, checksum, applied_at)
             VALUES (?1, ?2, ?3, ?4)",
            rusqlite::params![
                migration.version,
                migration.name,
                migration.checksum(),
                clock.now().as_microsecond()
            ],
        )?;
        tx.commit()
    };
    run(conn).map_err(|error| StoreError::from_engine(error, conn))?;
    // References that were broken before are not this migration's to mend.
    if broken_before < broken_references(conn)? {
        return Err(StoreError::ForeignKey);
    }
    Ok(())
}

fn broken_references(conn: &Connection) -> Result<i64, StoreError> {
    ask(conn, "SELECT count(*) FROM pragma_foreign_key_check")
}

/// Copies the database as it is into the folder's `snapshots/`.
fn keep(
    conn: &Connection,
    folder: &Folder,
    clock: &dyn Clock,
    applied: u32,
) -> Result<PathBuf, StoreError> {
    let snapshots = folder.snapshots()?;
    make_sure_of_space(conn, folder.path(), &folder.database())?;
    let time = clock.now().strftime("%Y%m%dT%H%M%SZ");
    let target = snapshots.join(format!("{time}-schema-{applied}.db"));
    copy::copy_to(conn, &target)?;
    copy::thin_out(&snapshots);
    Ok(target)
}

/// The copy, and a log that may grow as large as the database: 1.2 × both.
fn make_sure_of_space(conn: &Connection, folder: &Path, database: &Path) -> Result<(), StoreError> {
    let pages: i64 = ask(conn, "PRAGMA page_count")?;
    let bytes = u64::try_from(pages).unwrap_or(0) * connection::PAGE_BYTES;
    let needed_bytes = (bytes + wal::log_file_bytes(database)) / 5 * 6;
    let free_bytes = folder::free_bytes(folder)?;
    if free_bytes < needed_bytes {
        let folder = folder.to_owned();
        return Err(StoreError::NoSpaceToMigrate { folder, needed_bytes, free_bytes });
    }
    Ok(())
}

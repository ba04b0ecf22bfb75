//! Opens connections to the database, each set up for what it is for. Nothing else in the
//! program can get one, and nothing opens the database file, its -wal or its -shm by other
//! means: closing such a handle would drop the engine's POSIX locks.

use std::ffi::CStr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME, FileControl, OpenFlags};

use super::deadline::Deadline;
use super::error::StoreError;
use super::options::StoreOptions;

/// Marks the file as ours: "HFlw".
pub(super) const APPLICATION_ID: i32 = 0x4846_6C77;
/// Bytes of a page of the database.
pub(super) const PAGE_BYTES: u64 = 4096;
/// The file layer that puts a seal on every page and looks at it: `sealed_pages.c`.
const SEALED: &CStr = c"sealed";
/// What the seal takes of each page.
const SEAL_BYTES: i32 = 8;
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS_CACHED: usize = 256;
const STEPS_PER_LOOK: i32 = 1000;
/// Older engines can corrupt a database when the WAL is reset.
const ENGINE_OLDEST: i32 = 3_051_003;

/// Refuses an engine that is too old or was built with the flags that make readers wait for
/// each other.
///
/// # Errors
/// [`StoreError::Engine`] naming the flaw.
pub(super) fn check_engine() -> Result<(), StoreError> {
    if rusqlite::version_number() < ENGINE_OLDEST {
        return Err(StoreError::Engine { detail: format!("SQLite {}", rusqlite::version()) });
    }
    let unreadable = |error: rusqlite::Error| StoreError::Engine { detail: error.to_string() };
    let conn = Connection::open_in_memory().map_err(unreadable)?;
    let mut flags = conn.prepare("PRAGMA compile_options").map_err(unreadable)?;
    let flags: Vec<String> =
        flags.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(unreadable)?;
    if flags.iter().any(|flag| flag == "ENABLE_MEMORY_MANAGEMENT") {
        let detail = "ENABLE_MEMORY_MANAGEMENT is on; build with the LIBSQLITE3_FLAGS of \
                      .cargo/config.toml";
        return Err(StoreError::Engine { detail: detail.to_owned() });
    }
    if !flags.iter().any(|flag| flag == "EXTRA_INIT_MUTEXED=healthflow_seal_pages") {
        let detail = "pages are not sealed; build with the LIBSQLITE3_FLAGS of .cargo/config.toml";
        return Err(StoreError::Engine { detail: detail.to_owned() });
    }
    Ok(())
}

/// The connection of the writer; creates the database if there is none.
pub(super) fn open_writer(
    path: &Path,
    options: &StoreOptions,
    deadline: &Arc<Deadline>,
) -> Result<Connection, StoreError> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    set_up(&mut conn, deadline, |conn| {
        if is_empty(conn)? {
            create(conn)?;
        }
        conn.execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON;
             PRAGMA cache_size = -{};
             PRAGMA journal_size_limit = 67108864;
             PRAGMA secure_delete = FAST;",
            options.writer_cache_kib
        ))?;
        if 0 < options.pages_max {
            conn.execute_batch(&format!("PRAGMA max_page_count = {}", options.pages_max))?;
        }
        Ok(())
    })?;
    let mode: String = ask(&conn, "PRAGMA journal_mode")?;
    if mode != "wal" {
        return Err(StoreError::Io {
            what: format!("keep a write-ahead log beside {}", path.display()),
            cause: format!("the file system only allows the journal mode {mode}"),
        });
    }
    Ok(conn)
}

/// A connection that cannot write.
pub(super) fn open_reader(
    path: &Path,
    options: &StoreOptions,
    deadline: &Arc<Deadline>,
) -> Result<Connection, StoreError> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    set_up(&mut conn, deadline, |conn| {
        conn.execute_batch(&format!(
            "PRAGMA query_only = ON; PRAGMA cache_size = -{}; PRAGMA mmap_size = {};",
            options.page_cache_kib, options.mmap_bytes
        ))
    })?;
    Ok(conn)
}

/// A look at a file that nobody has open and whose log is folded in: it is taken as it lies,
/// without a lock, and nothing is made beside it. `None` if its path cannot be written as an
/// address.
pub(super) fn open_still(
    path: &Path,
    deadline: &Arc<Deadline>,
) -> Result<Option<Connection>, StoreError> {
    let Some(text) = path.to_str() else { return Ok(None) };
    let text = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let address = format!("file:{text}?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let mut conn = open(Path::new(&address), flags)?;
    set_up(&mut conn, deadline, |conn| conn.execute_batch("PRAGMA query_only = ON;"))?;
    Ok(Some(conn))
}

/// A connection that moves the WAL into the database and does nothing else: a checkpoint needs
/// one that may write, `query_only` keeps statements from it.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, StoreError> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_up(&mut conn, &Arc::new(Deadline::new()), |conn| {
        conn.execute_batch("PRAGMA query_only = ON; PRAGMA synchronous = FULL;")
    })?;
    // The engine learns from the first question that the file has a WAL.
    let _: i64 = ask(&conn, "PRAGMA schema_version")?;
    Ok(conn)
}

/// A reader that stands still at the present end of the log until it is dropped.
pub(super) fn open_pin(path: &Path) -> Result<Connection, StoreError> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    set_up(&mut conn, &Arc::new(Deadline::new()), |conn| {
        conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -64; BEGIN;")
    })?;
    // The first question takes the place.
    let _: i64 = ask(&conn, "SELECT count(*) FROM sqlite_schema")?;
    Ok(conn)
}

/// Moves the whole log into the database and empties it. Only while nobody else reads.
pub(super) fn empty_log(conn: &Connection) -> Result<(), StoreError> {
    conn.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::TRUNCATE)
        .map(|_| ())
        .map_err(|error| StoreError::from_engine(error, conn))
}

/// A connection to a file that nobody else has open: the target of a copy, or a copy.
pub(super) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// A look at a file whose pages may have no seals; nothing is ever served from it.
pub(super) fn open_unsealed(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| not_opened(path, &error))
}

/// The same with the settings and the deadline of a reader.
pub(super) fn open_past_seals(
    path: &Path,
    deadline: &Arc<Deadline>,
) -> Result<Connection, StoreError> {
    let mut conn = open_unsealed(path)?;
    set_up(&mut conn, deadline, |conn| conn.execute_batch("PRAGMA query_only = ON;"))?;
    Ok(conn)
}

/// The single number or word that `sql` asks for.
pub(super) fn ask<T: rusqlite::types::FromSql>(
    conn: &Connection,
    sql: &str,
) -> Result<T, StoreError> {
    conn.query_row(sql, [], |row| row.get(0)).map_err(|error| StoreError::from_engine(error, conn))
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags_and_vfs(path, flags, SEALED)
        .map_err(|error| not_opened(path, &error))
}

fn not_opened(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Io { what: format!("open {}", path.display()), cause: error.to_string() }
}

fn set_up(
    conn: &mut Connection,
    deadline: &Arc<Deadline>,
    special: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), StoreError> {
    let outcome = common(conn, deadline).and_then(|()| special(conn));
    outcome.map_err(|error| StoreError::from_engine(error, conn))
}

fn common(conn: &mut Connection, deadline: &Arc<Deadline>) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // A statement keeps its plan. Without this the engine plans it anew whenever a number that
    // is bound to LIMIT or IN differs from the last one: a tenth of a point read.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    let deadline = Arc::clone(deadline);
    conn.progress_handler(STEPS_PER_LOOK, Some(move || deadline.is_over()))?;
    conn.execute_batch(
        "PRAGMA wal_autocheckpoint = 0;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF;",
    )
}

fn is_empty(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map(|objects| objects == 0)
}

/// What can only be chosen while the file is empty.
fn create(conn: &Connection) -> rusqlite::Result<()> {
    let mut reserved = SEAL_BYTES;
    conn.file_control(DEFAULT_NAME, FileControl::ReserveBytes(&mut reserved))?;
    conn.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES};
         PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA application_id = {APPLICATION_ID};"
    ))
}

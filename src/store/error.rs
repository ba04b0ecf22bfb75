//! What can go wrong in the store, in words that name the mend. No variant ever carries the
//! value of a SQL parameter: constraint names, file names and counts only.

use std::path::PathBuf;

use rusqlite::{Connection, Error as EngineError, ErrorCode, ffi};

use crate::vocab::problem::{Explain, ProblemKind};

/// A failure of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A bound on queues or slots is reached; nothing was written.
    #[error("the database is busy; try again in {retry_after_s} s")]
    Busy {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The read or the job took longer than it was given; nothing was written.
    #[error("the question took longer than the time it was given; narrow it and try again")]
    Deadline,
    /// A unique index refused the row.
    #[error("a row with the same {index} is already there")]
    Unique {
        /// Name of the unique index, or `table.column` for a primary key.
        index: String,
    },
    /// The row names another row that is not there, or one that others still name.
    #[error("the row refers to a row that is not there, or is still referred to")]
    ForeignKey,
    /// A CHECK constraint or a trigger refused the row.
    #[error("a value is outside what is allowed: {constraint}")]
    Check {
        /// The name or the text of the constraint.
        constraint: String,
    },
    /// A required column was empty.
    #[error("a required value is missing: {column}")]
    NotNull {
        /// `table.column`.
        column: String,
    },
    /// A row was expected and none was there.
    #[error("no such row")]
    NoRow,
    /// The volume is full; nothing of the batch was written, reading still works.
    #[error("the disk is full; free some space on the volume of the data folder")]
    DiskFull,
    /// The database file holds bytes that were not written by us.
    #[error(
        "the database file {file} is damaged ({detail}). Keep the file, do not repair it in \
         place, and restore the newest backup"
    )]
    Damaged {
        /// Path of the database file.
        file: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A restore ended before its database was in place.
    #[error(
        "a restore into {} was interrupted, and its database is not in place yet. Run healthflow \
         restore --replace again{}",
        folder.display(),
        put_aside(kept.as_ref())
    )]
    Interrupted {
        /// The data folder.
        folder: PathBuf,
        /// The folder with the hospital that was there before, if one was.
        kept: Option<PathBuf>,
    },
    /// The file is a database, of another program.
    #[error("{file} belongs to another program; choose another data folder")]
    Foreign {
        /// Path of the database file.
        file: PathBuf,
    },
    /// A newer program has migrated this database.
    #[error(
        "the database has schema {found}, this program knows {known}: start the newer \
         program again, or go back to {}",
        way_back(.snapshot.as_ref())
    )]
    NewerSchema {
        /// Version in the database.
        found: u32,
        /// Newest version that this program knows.
        known: u32,
        /// The copy that was made before the upgrade, where one is there.
        snapshot: Option<PathBuf>,
    },
    /// A migration that was applied reads differently in this program.
    #[error(
        "migration {version} ({name}) was changed after it was applied to this database; \
         use the program it was applied with, or a release that has not changed it"
    )]
    MigrationChanged {
        /// Number of the migration.
        version: u32,
        /// Its name.
        name: String,
    },
    /// A migration failed; the database is as it was before.
    #[error(
        "migration {version} ({name}) failed and the database was put back as it was: {cause}. \
         Start the earlier program again and report this message"
    )]
    MigrationFailed {
        /// Number of the migration.
        version: u32,
        /// Its name.
        name: String,
        /// What the engine said.
        cause: String,
    },
    /// The copy that must precede a migration does not fit.
    #[error(
        "upgrading needs {needed_bytes} bytes free for a safety copy and {free_bytes} are; \
         free some space on the volume of {folder} and start again"
    )]
    NoSpaceToMigrate {
        /// The data folder.
        folder: PathBuf,
        /// What the copy and the migration may take.
        needed_bytes: u64,
        /// What the volume has.
        free_bytes: u64,
    },
    /// The data folder lies on a network file system, whose locks cannot be trusted.
    #[error("{folder} lies on a network file system ({kind}); choose a folder on a local disk")]
    NetworkFileSystem {
        /// The data folder.
        folder: PathBuf,
        /// NFS, SMB, …
        kind: String,
    },
    /// Another process has this data folder open.
    #[error("{folder} is in use by another HealthFlow{}; stop that one first", by(.process))]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// Its process number, where known.
        process: Option<u32>,
    },
    /// Another copy of the hospital was promoted: nothing is written here any more.
    #[error("another copy of this hospital was promoted: work there, this one only shows")]
    Superseded,
    /// The store is shut down or shutting down.
    #[error("the database is closed")]
    Closed,
    /// A write was tried through a reader.
    #[error("this connection only reads")]
    ReadOnly,
    /// A column does not hold what was asked of it.
    #[error("column {column} holds {found}, not {wanted}")]
    Column {
        /// Position in the row, from 0.
        column: usize,
        /// The type that was asked for.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// What is stored of a record is not what this program writes.
    #[error("the stored {kind} is damaged and cannot be read; healthflow doctor checks the rest")]
    Unreadable {
        /// The kind of record.
        kind: &'static str,
    },
    /// The engine refused the statement itself; a fault of ours.
    #[error("the database refused a statement: {detail}")]
    Statement {
        /// What it said.
        detail: String,
    },
    /// The job panicked; nothing of it was written.
    #[error("the job failed and was undone")]
    Panicked,
    /// The engine was built or set up in a way that this store does not run on.
    #[error("this program was built with an unsuitable database engine: {detail}")]
    Engine {
        /// What is unsuitable.
        detail: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {what}: {cause}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// What the system said.
        cause: String,
    },
}

/// What to do about the failures that a wrong folder or a wrong user makes.
fn mend(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind::{AlreadyExists, NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    match kind {
        PermissionDenied => {
            "; run HealthFlow as a user who may write there, or choose another data folder"
        }
        ReadOnlyFilesystem => {
            "; its file system is mounted for reading alone: mount it for writing too, or choose \
             another data folder"
        }
        AlreadyExists | NotADirectory => "; that is a file: choose another data folder",
        _ => "",
    }
}

fn way_back(snapshot: Option<&PathBuf>) -> String {
    match snapshot {
        Some(path) => format!("the copy made before the upgrade, {}", path.display()),
        None => "a backup made before the upgrade".to_owned(),
    }
}

fn by(process: &Option<u32>) -> String {
    process.map_or_else(String::new, |number| format!(" (process {number})"))
}

impl Explain for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "store.busy",
            Self::Deadline => "store.deadline",
            Self::Unique { .. } => "store.unique",
            Self::ForeignKey => "store.foreign_key",
            Self::Check { .. } | Self::NotNull { .. } => "store.check",
            Self::NoRow => "store.no_row",
            Self::DiskFull => "store.disk_full",
            Self::Damaged { .. } => "store.damaged",
            Self::Interrupted { .. } => "store.interrupted",
            Self::Superseded => "store.superseded",
            Self::Closed => "store.closed",
            _ => "store.fault",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Busy { retry_after_s } => ProblemKind::Busy { retry_after_s: *retry_after_s },
            Self::Deadline => ProblemKind::Busy { retry_after_s: 5 },
            Self::DiskFull => ProblemKind::Busy { retry_after_s: 60 },
            Self::Closed => ProblemKind::Busy { retry_after_s: 10 },
            Self::Unique { .. } | Self::ForeignKey | Self::Superseded => ProblemKind::Conflict,
            Self::Check { .. } | Self::NotNull { .. } => ProblemKind::Invalid,
            Self::NoRow => ProblemKind::NotFound,
            _ => ProblemKind::Fault,
        }
    }
}

impl StoreError {
    /// A failed act on a file or folder; `what` reads after "cannot".
    pub(super) fn io(what: impl Into<String>, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match cause.kind() {
            StorageFull | QuotaExceeded => Self::DiskFull,
            _ => Self::Io { what: what.into(), cause: format!("{cause}{}", mend(cause.kind())) },
        }
    }

    /// Translates what the engine said on `conn`.
    pub(super) fn from_engine(error: EngineError, conn: &Connection) -> Self {
        let (code, message) = match error {
            EngineError::SqliteFailure(code, message) => (code, message),
            EngineError::SqlInputError { error, msg, .. } => (error, Some(msg)),
            EngineError::QueryReturnedNoRows => return Self::NoRow,
            other => return Self::Statement { detail: other.to_string() },
        };
        let message = message.unwrap_or_else(|| code.to_string());
        match code.code {
            ErrorCode::ConstraintViolation => constraint(code.extended_code, message, conn),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { retry_after_s: 1 },
            ErrorCode::OperationInterrupted => Self::Deadline,
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => damaged(message, conn),
            ErrorCode::SystemIoFailure => io_failure(code.extended_code, message, conn),
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::CannotOpen => Self::Io {
                what: format!("open {}", conn.path().unwrap_or("the database")),
                cause: message,
            },
            _ => Self::Statement { detail: message },
        }
    }

    /// Whether the file itself is to blame.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

/// How to get back what was there before a restore.
fn put_aside(kept: Option<&PathBuf>) -> String {
    kept.map_or_else(String::new, |kept| {
        format!(
            ". The hospital that was there before is whole and lies in {}: to have it back \
             instead, move all that is in that folder back into the data folder, over what is \
             there",
            kept.display()
        )
    })
}

fn damaged(detail: String, conn: &Connection) -> StoreError {
    StoreError::Damaged { file: conn.path().unwrap_or_default().into(), detail }
}

fn io_failure(extended: i32, message: String, conn: &Connection) -> StoreError {
    match extended {
        ffi::SQLITE_IOERR_DATA => damaged("a page does not match its seal".to_owned(), conn),
        ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_SHORT_READ => damaged(message, conn),
        // The -shm file grows by a page when the WAL does; on a full volume that fails first.
        ffi::SQLITE_IOERR_SHMSIZE => StoreError::DiskFull,
        _ => StoreError::Io {
            what: format!("read or write {}", conn.path().unwrap_or("the database")),
            cause: message,
        },
    }
}

fn constraint(extended: i32, message: String, conn: &Connection) -> StoreError {
    let what = message.split_once(": ").map_or(message.as_str(), |(_, what)| what);
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE => StoreError::Unique { index: index_named(what, conn) },
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            StoreError::Unique { index: what.to_owned() }
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => StoreError::NotNull { column: what.to_owned() },
        ffi::SQLITE_CONSTRAINT_CHECK => StoreError::Check { constraint: what.to_owned() },
        _ => StoreError::Check { constraint: message },
    }
}

/// The engine names an index on expressions by its name and one on columns by the columns;
/// callers want the name in both cases.
fn index_named(what: &str, conn: &Connection) -> String {
    if let Some(name) = what.strip_prefix("index '") {
        return name.trim_end_matches('\'').to_owned();
    }
    let table = what.split_once('.').map_or(what, |(table, _)| table);
    let sought: Vec<&str> = what
        .split(", ")
        .map(|column| column.split_once('.').map_or(column, |(_, column)| column))
        .collect();
    unique_index(table, &sought, conn).ok().flatten().unwrap_or_else(|| what.to_owned())
}

fn unique_index(
    table: &str,
    sought: &[&str],
    conn: &Connection,
) -> Result<Option<String>, EngineError> {
    let mut indexes =
        conn.prepare("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'")?;
    let names: Vec<String> =
        indexes.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        let mut columns = conn.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        let columns: Vec<Option<String>> =
            columns.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if columns.iter().map(Option::as_deref).eq(sought.iter().copied().map(Some)) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

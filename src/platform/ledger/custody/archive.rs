//! Archives: a file of rows that left the audit, with everything that proves them.
//!
//! Lines of JSON, compressed (zstd): a head with the hash before the first row, the rows with
//! their hashes, and a manifest with the SHA-256 over all lines before it. The chain runs through
//! the file, so no row in it can be changed without the rows after it, nor those without the
//! stub that stands for them in the store.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::ledger::rows::{AuditRow, hexadecimal};

/// The folder of archives in the data folder.
pub const FOLDER: &str = "audit-archive";
/// What an archive's name ends with.
const ENDING: &str = ".ndjson.zst";
/// The name of one that is being written.
const UNFINISHED: &str = "unfinished.part";
/// Bytes of one line. Rows are far below it.
const LINE_MAX: u64 = 4 << 20;
/// How hard zstd tries: rows become about a twelfth, faster than they are read.
const LEVEL: i32 = 3;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    archive: String,
    form: u32,
    #[serde(with = "hexadecimal")]
    before: Vec<u8>,
}

/// The last line, in an object of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foot {
    manifest: Manifest,
}

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The number of the first row.
    pub first_id: i64,
    /// The number of the last row.
    pub last_id: i64,
    /// How many rows there are.
    pub rows: i64,
    /// The earliest time of a row, in microseconds since 1970 UTC.
    pub first_at: i64,
    /// The latest.
    pub last_at: i64,
    /// The hash before the first row; empty before row 1.
    #[serde(with = "hexadecimal")]
    pub before: Vec<u8>,
    /// The hash of the last row.
    #[serde(with = "hexadecimal")]
    pub hash: Vec<u8>,
    /// SHA-256 over all lines before this one.
    #[serde(with = "hexadecimal")]
    pub sha256: Vec<u8>,
}

/// What is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFlaw {
    /// There is no such file.
    #[error("the archive {0} is missing")]
    Missing(String),
    /// The system does not give it, or it is no archive.
    #[error("the archive {file} cannot be read: {cause}")]
    Unreadable {
        /// Its name.
        file: String,
        /// Why not.
        cause: String,
    },
    /// A row is not the one that was archived.
    #[error("row {row} in the archive {file} was changed, or one before it was taken out")]
    Row {
        /// Its name.
        file: String,
        /// The number of the row.
        row: i64,
    },
    /// The rows hold together and are not what the manifest says.
    #[error("the archive {file} does not hold what its manifest says")]
    Manifest {
        /// Its name.
        file: String,
    },
}

impl ArchiveFlaw {
    /// The row it is about, if it is one.
    #[must_use]
    pub fn row(&self) -> Option<i64> {
        match self {
            Self::Row { row, .. } => Some(*row),
            _ => None,
        }
    }
}

/// The folder of archives.
#[derive(Debug, Clone)]
pub struct Archives(PathBuf);

impl Archives {
    /// Those of the data folder `folder`.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FOLDER))
    }

    /// Where the archive called `file` lies. A name never leads out of the folder.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        let plain = Path::new(file).file_name().unwrap_or_default();
        self.0.join(plain)
    }

    /// The name of the archive of these rows.
    #[must_use]
    pub fn name(first_id: i64, last_id: i64) -> String {
        format!("audit-{first_id}-{last_id}{ENDING}")
    }

    /// Begins one, in place of what an interrupted run has left.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn begin(&self, before: &[u8]) -> std::io::Result<Writing> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.0.join(UNFINISHED))?;
        let to = zstd::stream::write::Encoder::new(BufWriter::new(file), LEVEL)?;
        let mut writing = Writing {
            to,
            digest: Sha256::new(),
            before: before.to_vec(),
            line: Vec::new(),
            so_far: None,
        };
        let head = Head { archive: HEAD.to_owned(), form: 1, before: before.to_vec() };
        writing.add_line(&head)?;
        Ok(writing)
    }

    /// Gives what was written its name, durably.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn finish(&self, writing: Writing) -> std::io::Result<Manifest> {
        let manifest = writing.finish()?;
        let name = Self::name(manifest.first_id, manifest.last_id);
        std::fs::rename(self.0.join(UNFINISHED), self.path(&name))?;
        #[cfg(unix)]
        File::open(&self.0)?.sync_all()?;
        Ok(manifest)
    }

    /// Names of archives of rows that begin at `first_id`.
    pub(super) fn beginning_at(&self, first_id: i64) -> Vec<String> {
        let start = format!("audit-{first_id}-");
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name.starts_with(&start) && name.ends_with(ENDING)).collect()
    }
}

const HEAD: &str = "healthflow audit";

/// An archive that is being written.
pub(super) struct Writing {
    to: zstd::stream::write::Encoder<'static, BufWriter<File>>,
    digest: Sha256,
    before: Vec<u8>,
    line: Vec<u8>,
    so_far: Option<Manifest>,
}

impl Writing {
    /// Adds the next row.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn add(&mut self, row: &AuditRow) -> std::io::Result<()> {
        self.add_line(row)?;
        let so_far = self.so_far.get_or_insert_with(|| Manifest {
            first_id: row.id,
            last_id: row.id,
            rows: 0,
            first_at: row.at,
            last_at: row.at,
            before: Vec::new(),
            hash: Vec::new(),
            sha256: Vec::new(),
        });
        so_far.take_in(row);
        Ok(())
    }

    fn add_line(&mut self, line: &impl Serialize) -> std::io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.to.write_all(&self.line)
    }

    fn finish(self) -> std::io::Result<Manifest> {
        let Self { mut to, digest, before, so_far, .. } = self;
        let mut manifest = so_far.ok_or(std::io::ErrorKind::InvalidInput)?;
        (manifest.before, manifest.sha256) = (before, digest.finalize().to_vec());
        let foot = Foot { manifest };
        serde_json::to_writer(&mut to, &foot)?;
        to.write_all(b"\n")?;
        to.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        Ok(foot.manifest)
    }
}

impl Manifest {
    fn take_in(&mut self, row: &AuditRow) {
        self.rows += 1;
        self.last_id = row.id;
        self.first_at = self.first_at.min(row.at);
        self.last_at = self.last_at.max(row.at);
        self.hash.clone_from(&row.hash);
    }
}

/// Reads the archive at `path` from beginning to end, hands every row to `each` once it is known
/// to stand in the chain, and gives the manifest when all of it holds.
///
/// # Errors
/// The first flaw; what `each` says.
pub(super) fn read<E: From<ArchiveFlaw>>(
    path: &Path,
    mut each: impl FnMut(AuditRow) -> Result<(), E>,
) -> Result<Manifest, E> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut lines = Lines::open(path, &file)?;
    let head: Head = lines.parsed(None)?;
    if head.archive != HEAD || head.form != 1 {
        return Err(lines.unreadable("it is no archive of an audit").into());
    }
    let (mut before, mut form, mut so_far) = (head.before.clone(), 1, None::<Manifest>);
    loop {
        let digest = lines.digest.clone();
        let line = lines.next()?;
        if line.starts_with(b"{\"manifest\":") {
            let foot: Foot = lines.parsed(Some(line))?;
            let Some(mut found) = so_far else { return Err(ArchiveFlaw::Manifest { file }.into()) };
            (found.before, found.sha256) = (head.before, digest.finalize().to_vec());
            if found != foot.manifest || !lines.at_end()? {
                return Err(ArchiveFlaw::Manifest { file }.into());
            }
            return Ok(found);
        }
        let row: AuditRow = lines.parsed(Some(line))?;
        let so_far = so_far.get_or_insert_with(|| Manifest {
            first_id: row.id,
            last_id: row.id - 1,
            rows: 0,
            first_at: row.at,
            last_at: row.at,
            before: Vec::new(),
            hash: Vec::new(),
            sha256: Vec::new(),
        });
        if row.id != so_far.last_id + 1 || !row.link().fits((&before, form), &row.hash) {
            return Err(ArchiveFlaw::Row { file, row: so_far.last_id + 1 }.into());
        }
        so_far.take_in(&row);
        before.clone_from(&row.hash);
        form = row.form;
        each(row)?;
    }
}

/// The lines of an archive, each bounded.
struct Lines {
    from: BufReader<zstd::stream::read::Decoder<'static, BufReader<File>>>,
    digest: Sha256,
    file: String,
}

impl Lines {
    fn open(path: &Path, name: &str) -> Result<Self, ArchiveFlaw> {
        let file = name.to_owned();
        let opened = File::open(path).and_then(zstd::stream::read::Decoder::new);
        match opened {
            Ok(from) => Ok(Self { from: BufReader::new(from), digest: Sha256::new(), file }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                Err(ArchiveFlaw::Missing(file))
            }
            Err(cause) => Err(ArchiveFlaw::Unreadable { file, cause: cause.to_string() }),
        }
    }

    fn unreadable(&self, cause: impl ToString) -> ArchiveFlaw {
        ArchiveFlaw::Unreadable { file: self.file.clone(), cause: cause.to_string() }
    }

    fn next(&mut self) -> Result<Vec<u8>, ArchiveFlaw> {
        let mut line = Vec::new();
        let read = (&mut self.from).take(LINE_MAX).read_until(b'\n', &mut line);
        read.map_err(|cause| self.unreadable(cause))?;
        if line.last() != Some(&b'\n') {
            return Err(self.unreadable("it ends in the middle"));
        }
        self.digest.update(&line);
        Ok(line)
    }

    fn parsed<T: for<'de> Deserialize<'de>>(
        &mut self,
        line: Option<Vec<u8>>,
    ) -> Result<T, ArchiveFlaw> {
        let line = match line {
            Some(line) => line,
            None => self.next()?,
        };
        serde_json::from_slice(&line).map_err(|_| self.unreadable("a line in it is no row"))
    }

    fn at_end(&mut self) -> Result<bool, ArchiveFlaw> {
        let rest = self.from.fill_buf().map(<[u8]>::is_empty);
        rest.map_err(|cause| self.unreadable(cause))
    }
}

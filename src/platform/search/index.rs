//! The index on disk: a folder of generations, one of which is served.
//!
//! `current.json` names the served generation and the format of its keys; it is replaced in
//! one step when another generation is complete. Whatever it does not name is rubbish of a
//! build that did not come to its end, or the index of another version.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tantivy::directory::error::OpenReadError;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError};

use super::keys::Keys;
use super::near::Near;
use super::schema::{self, Fields};

const CURRENT: &str = "current.json";
const PREFIX: &str = "generation-";
/// Left in a generation by `lost_pages.c` when a page of one of its files is gone.
const LOST: &str = "lost";
/// The engine accepts no less than this for a writer.
pub(super) const HEAP_MIN: usize = 15 * 1024 * 1024;
const HEAP_MAX: usize = 1024 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Current {
    format: u32,
    generation: String,
}

/// Whether an index that can be served lies in `folder`.
#[must_use]
pub fn is_indexed(folder: &Path) -> bool {
    let current = Generations::at(folder).current();
    current.is_ok_and(|current| current.is_some_and(|generation| Served::is_in(&generation)))
}

/// The folder that holds the generations.
#[derive(Debug)]
pub(super) struct Generations {
    folder: PathBuf,
}

impl Generations {
    /// The generations in a folder, which need not exist yet.
    pub(super) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The served generation's folder: `Ok(None)` if there was never one, an error if it is
    /// of another version or cannot be made out.
    pub(super) fn current(&self) -> io::Result<Option<PathBuf>> {
        let text = match fs::read(self.folder.join(CURRENT)) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause),
        };
        let current = serde_json::from_slice::<Current>(&text)?;
        let plain = current.generation.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if current.format != schema::FORMAT || !plain {
            let cause = format!("index format {} instead of {}", current.format, schema::FORMAT);
            return Err(io::Error::other(cause));
        }
        let generation = self.folder.join(current.generation);
        fs::metadata(&generation)?;
        Ok(Some(generation))
    }

    /// An empty folder with a name that none had before, readable by its owner only.
    pub(super) fn create_next(&self) -> io::Result<PathBuf> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&self.folder)?;
        let number = |name: &str| name.strip_prefix(PREFIX)?.parse::<u64>().ok();
        let last = self.names()?.iter().filter_map(|name| number(name)).max().unwrap_or(0);
        let next = self.folder.join(format!("{PREFIX}{}", last + 1));
        builder.recursive(false).create(&next)?;
        Ok(next)
    }

    /// Makes a generation the served one, durably and in one step.
    pub(super) fn point_to(&self, generation: &Path) -> io::Result<()> {
        let name = generation.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let current = Current { format: schema::FORMAT, generation: name };
        let draft = self.folder.join("current.json.new");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&current)?)?;
        file.sync_all()?;
        fs::rename(&draft, self.folder.join(CURRENT))?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// Sees to it that a damaged index is not served again after a restart.
    pub(super) fn forget_current(&self) {
        if let Err(cause) = fs::remove_file(self.folder.join(CURRENT))
            && cause.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%cause, "The pointer to the damaged search index stays");
        }
    }

    /// Removes every generation but one. What cannot be removed now is removed another time.
    pub(super) fn sweep(&self, kept: &Path) {
        let names = self.names().unwrap_or_default();
        for path in names.iter().map(|name| self.folder.join(name)).filter(|path| path != kept) {
            if let Err(cause) = fs::remove_dir_all(&path) {
                tracing::warn!(%cause, "An old generation of the search index stays on disk");
            }
        }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(PREFIX) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// One index that can be searched.
pub(super) struct Served {
    index: Index,
    reader: IndexReader,
    pub(super) fields: Fields,
    /// Words near to others, as they were looked up in it.
    pub(super) near: Near,
    /// Its folder; none if it lives in memory.
    pub(super) folder: Option<PathBuf>,
    /// Where the mark would be that pages are gone.
    lost: Option<PathBuf>,
    /// How long its files were when they were last looked at, bytes.
    lengths: Mutex<HashMap<OsString, u64>>,
}

impl Served {
    /// An empty index in memory.
    pub(super) fn in_memory() -> tantivy::Result<Self> {
        let fields = schema::fields();
        let index = Index::create_in_ram(fields.schema.clone());
        Self::of(index, fields, None)
    }

    /// An empty index in an empty folder.
    pub(super) fn create(folder: PathBuf) -> tantivy::Result<Self> {
        let fields = schema::fields();
        let index = Index::create_in_dir(&folder, fields.schema.clone())?;
        Self::of(index, fields, Some(folder))
    }

    /// Whether there is an index in `folder`, by the name of the file that lists its parts.
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join("meta.json").exists()
    }

    /// Refuses if pages of a file are gone that it was read through: what is read since then is
    /// not what was written.
    pub(super) fn expect_whole(&self) -> Result<(), &'static str> {
        let is_cut = self.lost.as_ref().is_some_and(|lost| lost.exists());
        if is_cut { Err("a file was cut short") } else { Ok(()) }
    }

    /// Whether a file is shorter than it was at an earlier look. They are never written twice,
    /// and only a page that is gone as a whole leaves a mark.
    pub(super) fn is_shorter(&self) -> bool {
        let Some(files) = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else {
            return false;
        };
        let mut lengths = self.lengths.lock().unwrap_or_else(PoisonError::into_inner);
        let segment_files = files.flatten().filter(|file| !is_rewritten(&file.file_name()));
        let now = segment_files
            .filter_map(|file| Some((file.file_name(), file.metadata().ok()?.len())))
            .collect::<HashMap<_, _>>();
        let shorter = |(name, length): (&OsString, &u64)| lengths.get(name) > Some(length);
        let is_shorter = now.iter().any(shorter);
        *lengths = now;
        is_shorter
    }

    /// An index that was made before, and the position of its last commit.
    pub(super) fn open(folder: PathBuf) -> tantivy::Result<(Self, u64)> {
        let fields = schema::fields();
        let index = Index::open_in_dir(&folder)?;
        if index.schema() != fields.schema {
            return Err(TantivyError::SchemaError("the fields are different".into()));
        }
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let seq = position(&payload)
            .ok_or_else(|| TantivyError::SystemError("the position is unreadable".into()))?;
        let served = Self::of(index, fields, Some(folder))?;
        served.expect_whole().map_err(|cause| TantivyError::SystemError(cause.into()))?;
        Ok((served, seq))
    }

    fn of(index: Index, fields: Fields, folder: Option<PathBuf>) -> tantivy::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(0)
            .try_into()?;
        let lost = folder.as_ref().map(|folder| folder.join(LOST));
        let (near, lengths) = (Near::default(), Mutex::default());
        let served = Self { index, reader, fields, near, folder, lost, lengths };
        served.is_shorter();
        Ok(served)
    }

    /// What was committed when it was last reloaded.
    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Makes the last commit visible.
    pub(super) fn reload(&self) -> tantivy::Result<()> {
        self.reader.reload()
    }

    /// A writer of one thread that keeps at most `heap_bytes` before it writes them out.
    pub(super) fn writer(&self, heap_bytes: usize) -> tantivy::Result<Writer> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(heap_bytes.clamp(HEAP_MIN, HEAP_MAX))
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let inner = self.index.writer_with_options(options)?;
        Ok(Writer { inner, fields: self.fields.clone() })
    }

    /// How many bytes [`Self::verify`] would read.
    pub(super) fn bytes(&self) -> u64 {
        let Some(folder) = &self.folder else { return 0 };
        let Ok(files) = fs::read_dir(folder) else { return 0 };
        files.flatten().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Reads everything and compares the checksums.
    ///
    /// # Errors
    /// Names the first file that is damaged.
    pub(super) fn verify(&self) -> Result<(), String> {
        self.expect_whole()?;
        let metas = self.index.load_metas().map_err(|cause| cause.to_string())?;
        for file in metas.list_segment_files() {
            match self.index.directory().validate_checksum(&file) {
                // Not every kind of file exists for every segment; the reader has opened
                // those that it needs.
                Ok(true) | Err(OpenReadError::FileDoesNotExist(_)) => {}
                Ok(false) => return Err(format!("{} is damaged", file.display())),
                Err(cause) => return Err(cause.to_string()),
            }
        }
        Ok(())
    }
}

/// The one that changes an index.
pub(super) struct Writer {
    inner: IndexWriter,
    fields: Fields,
}

impl Writer {
    /// Puts a card in the place of what there was under its id.
    pub(super) fn put(&self, id: i64, keys: Option<&Keys>) -> tantivy::Result<()> {
        self.inner.delete_term(self.fields.id_term(id));
        keys.map_or(Ok(()), |keys| self.add(id, keys))
    }

    /// Adds a card that is not there yet; much cheaper than [`Self::put`] for millions.
    pub(super) fn add(&self, id: i64, keys: &Keys) -> tantivy::Result<()> {
        self.inner.add_document(self.fields.document(id, keys)).map(|_| ())
    }

    /// Makes everything durable together with the position that it stands for.
    pub(super) fn commit(&mut self, seq: u64) -> tantivy::Result<()> {
        let mut prepared = self.inner.prepare_commit()?;
        prepared.set_payload(&payload(seq));
        prepared.commit().map(|_| ())
    }
}

/// The lists of what belongs to an index are replaced with each commit.
fn is_rewritten(file: &OsStr) -> bool {
    Path::new(file).extension().is_some_and(|kind| kind == "json" || kind == "lock")
}

/// The position twice, so that a flipped bit cannot pretend to another one.
fn payload(seq: u64) -> String {
    format!("{seq}:{:x}", !seq)
}

/// The position in a payload; 0 for an index that was never committed.
fn position(written: &str) -> Option<u64> {
    if written.is_empty() {
        return Some(0);
    }
    let seq = written.split(':').next()?.parse().ok()?;
    (payload(seq) == written).then_some(seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_and_a_flipped_one_is_noticed() {
        for seq in [0, 1, 900, u64::MAX] {
            assert_eq!(position(&payload(seq)), Some(seq));
        }
        assert_eq!(position(&payload(100).replacen('1', "9", 1)), None);
        assert_eq!(position(""), Some(0));
        assert_eq!(position("100"), None);
    }
}

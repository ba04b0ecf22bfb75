//! What of the write-ahead log had to leave it before anybody took it along: pieces, one after the
//! other in one file.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::folder;
use super::keeper::{LogPiece, LogPlace};

const FILE: &str = "log.spool";
/// Generation, offset and length, eight bytes each.
const HEAD: usize = 24;

/// A piece in the file.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where it begins in the log.
    place: LogPlace,
    /// Its bytes.
    length: u64,
    /// Where they begin in the file.
    at: u64,
}

impl Entry {
    fn end(&self) -> LogPlace {
        LogPlace { offset: self.place.offset + self.length, ..self.place }
    }
}

/// The file, and what of it nobody has taken.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    waiting: VecDeque<Entry>,
}

impl Spool {
    /// An empty one.
    pub(super) fn fresh(folder: &Path) -> Result<Self, StoreError> {
        let spool = Self { path: folder.join(FILE), waiting: VecDeque::new() };
        spool.empty()?;
        Ok(spool)
    }

    /// What an earlier run has left after `taken`. A piece that was not written to its end is
    /// none.
    pub(super) fn open(folder: &Path, taken: LogPlace) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let mut spool = Self { path, waiting: VecDeque::new() };
        let mut file = match File::open(&spool.path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(spool),
            Err(cause) => return Err(spool.failed(&cause)),
        };
        let all = file.metadata().map_err(|cause| spool.failed(&cause))?.len();
        let (mut at, mut whole, mut head) = (0, 0, [0; HEAD]);
        while at + HEAD as u64 <= all {
            let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut head));
            read.map_err(|cause| spool.failed(&cause))?;
            let [generation, offset, length] = [0, 8, 16].map(|from| number(&head, from));
            let entry =
                Entry { place: LogPlace { generation, offset }, length, at: at + HEAD as u64 };
            at = entry.at.saturating_add(length);
            if at <= all {
                whole = at;
                spool.waiting.extend(Some(entry).filter(|entry| taken < entry.end()));
            }
        }
        let cut = OpenOptions::new().write(true).open(&spool.path);
        cut.and_then(|file| file.set_len(whole)).map_err(|cause| spool.failed(&cause))?;
        Ok(spool)
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> u64 {
        self.waiting.iter().map(|entry| entry.length).sum()
    }

    /// The first bytes that wait, at most `most`.
    pub(super) fn front(&self, most: u64) -> Result<Option<LogPiece>, StoreError> {
        let Some(entry) = self.waiting.front() else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(entry.length.min(most)).unwrap_or(0)];
        let mut file = File::open(&self.path).map_err(|cause| self.failed(&cause))?;
        let read = file.seek(SeekFrom::Start(entry.at)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|cause| self.failed(&cause))?;
        Ok(Some(LogPiece { place: entry.place, bytes }))
    }

    /// What is before `end` was taken.
    pub(super) fn taken(&mut self, end: LogPlace) -> Result<(), StoreError> {
        let some = !self.waiting.is_empty();
        while let Some(entry) = self.waiting.front_mut() {
            if end < entry.end() {
                let done = match entry.place.generation == end.generation {
                    true => end.offset.saturating_sub(entry.place.offset),
                    false => 0,
                };
                entry.place.offset += done;
                entry.at += done;
                entry.length -= done;
                return Ok(());
            }
            self.waiting.pop_front();
        }
        if some { self.empty() } else { Ok(()) }
    }

    /// Adds `piece` at the end.
    pub(super) fn append(&mut self, piece: &LogPiece) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut file = options.open(&self.path).map_err(|cause| self.failed(&cause))?;
        folder::make_private(&self.path)?;
        let at = file.metadata().map_err(|cause| self.failed(&cause))?.len() + HEAD as u64;
        let length = u64::try_from(piece.bytes.len()).unwrap_or(0);
        let head = [piece.place.generation, piece.place.offset, length].map(u64::to_le_bytes);
        let written = file.write_all(&head.concat()).and_then(|()| file.write_all(&piece.bytes));
        written.map_err(|cause| self.failed(&cause))?;
        self.waiting.push_back(Entry { place: piece.place, length, at });
        Ok(())
    }

    /// Makes what was added durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        match File::open(&self.path) {
            Ok(file) => file.sync_all().map_err(|cause| self.failed(&cause)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(self.failed(&cause)),
        }
    }

    /// Takes the file of `folder` away.
    pub(super) fn remove(folder: &Path) {
        // It may not be there.
        let _ = std::fs::remove_file(folder.join(FILE));
    }

    fn empty(&self) -> Result<(), StoreError> {
        match std::fs::remove_file(&self.path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(self.failed(&cause)),
            _ => Ok(()),
        }
    }

    fn failed(&self, cause: &std::io::Error) -> StoreError {
        StoreError::io(format!("use {}", self.path.display()), cause)
    }
}

fn number(bytes: &[u8], from: usize) -> u64 {
    let eight = bytes.get(from..from + 8).and_then(|eight| eight.try_into().ok());
    u64::from_le_bytes(eight.unwrap_or_default())
}

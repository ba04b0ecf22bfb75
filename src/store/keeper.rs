//! Keeps the write-ahead log until somebody has taken it along: what is committed can be copied
//! to another disk within a second, and the hospital brought back to any moment.
//!
//! A reader of the keeper's own pins the log at the place up to which it was taken, so that the
//! engine neither moves more than that into the database for good nor begins the file anew over
//! it. Where the file has to begin anew although nobody has taken all of it, because it has grown
//! too large or the store closes, what is left goes into a spool file first. A stretch between
//! two beginnings is a generation; its bytes, from the header on, are what the engine itself
//! replays.
//!
//! The log may be read by name while the engine has it open: the locks of the engine are on the
//! database and on its index (`-shm`), never on the log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::connection;
use super::error::StoreError;
use super::log_check::{Log, Sum};
use super::shared::Shared;
use super::spool::Spool;
use super::wal;

/// The file that says that the log is kept, and how far it was taken.
pub(super) const KEPT: &str = "log.kept";
/// Bytes that may wait in the spool; with more the log is given up, and said so.
const SPOOL_MAX: u64 = 1 << 30;
/// Bytes that go into the spool at a time.
const PIECE: u64 = 16 << 20;
/// Bytes that are looked at where nothing is known to be there.
const LOOK: u64 = 256 << 10;
/// Bytes that one group may have.
const LARGEST: u64 = 512 << 20;

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogPlace {
    /// The stretch between two beginnings of the file, counted from the first that was kept.
    pub generation: u64,
    /// Bytes of the file before it.
    pub offset: u64,
}

/// Bytes of the log, and where they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPiece {
    /// Where they begin.
    pub place: LogPlace,
    /// They.
    pub bytes: Vec<u8>,
}

impl LogPiece {
    /// Where they end.
    #[must_use]
    pub fn end(&self) -> LogPlace {
        let length = u64::try_from(self.bytes.len()).unwrap_or(0);
        LogPlace { offset: self.place.offset + length, ..self.place }
    }
}

/// How far the log was taken, as it lies beside the database.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Kept {
    /// What is before it was taken, or lies in the spool.
    saved: LogPlace,
    /// By what the engine knows the generation of that place; none if it has not begun yet.
    salts: Option<[u8; 8]>,
    /// The running checksum of the engine at that place.
    sum: Sum,
    /// What is before it was taken.
    taken: LogPlace,
    /// The newest audit row when the store was closed in order.
    closed_at: Option<i64>,
}

/// The keeper of one store's log.
pub(super) struct Keeper {
    folder: PathBuf,
    kept: Kept,
    spool: Spool,
    pin: Option<Connection>,
    /// How many commits there were when nothing was left to take.
    seen: Option<u64>,
}

impl Keeper {
    /// Begins to keep the log of the store in `folder` from its present beginning on.
    pub(super) fn begin(folder: &Path, shared: &Shared) -> Result<Self, StoreError> {
        let first = LogPlace { generation: 1, offset: 0 };
        let kept = Kept { saved: first, salts: None, sum: (0, 0), taken: first, closed_at: None };
        let mut keeper = Self::new(folder, kept, Spool::fresh(folder)?);
        keeper.write()?;
        keeper.pin = Some(connection::open_pin(&shared.file)?);
        Ok(keeper)
    }

    /// Goes on where an earlier run has ended; nothing if none has kept the log. A log with a gap
    /// is given up.
    pub(super) fn resume(folder: &Path, newest: Option<i64>) -> Result<Option<Self>, StoreError> {
        let Some(kept) = read(folder) else { return Ok(None) };
        let ended = kept.salts.is_none() && kept.saved.offset == 0;
        if !ended || kept.closed_at.is_some_and(|closed_at| Some(closed_at) != newest) {
            give_up(folder, "the log was changed while nobody kept it");
            return Ok(None);
        }
        let spool = Spool::open(folder, kept.taken)?;
        Ok(Some(Self::new(folder, kept, spool)))
    }

    fn new(folder: &Path, kept: Kept, spool: Spool) -> Self {
        Self { folder: folder.to_owned(), kept, spool, pin: None, seen: None }
    }

    /// Pins the log. To be called before anything is written.
    pub(super) fn pin(&mut self, shared: &Shared) -> Result<(), StoreError> {
        self.pin = Some(connection::open_pin(&shared.file)?);
        Ok(())
    }

    /// The next bytes that nobody has taken, at most about `most`; they stay until
    /// [`Keeper::taken`].
    pub(super) fn next(
        &mut self,
        shared: &Shared,
        most: u64,
    ) -> Result<Option<LogPiece>, StoreError> {
        if let Some(piece) = self.spool.front(most)? {
            return Ok(Some(piece));
        }
        let commits = shared.wal.commits();
        if self.seen == Some(commits) {
            return Ok(None);
        }
        // The old pin goes when the new one stands and what is before it was read.
        let pin = connection::open_pin(&shared.file)?;
        let piece = self.read_log(shared.wal.log_end(), most)?;
        self.pin = Some(pin);
        self.seen = piece.is_none().then_some(commits);
        Ok(piece)
    }

    /// Somebody has taken `piece` along.
    pub(super) fn taken(&mut self, piece: &LogPiece) -> Result<(), StoreError> {
        let end = piece.end();
        self.spool.taken(end)?;
        self.kept.taken = self.kept.taken.max(end);
        // One that went into the spool meanwhile is taken once more from there.
        if piece.place == self.kept.saved {
            self.go_on(piece);
        }
        self.write()
    }

    /// Where the log ends now, or a little after that.
    pub(super) fn end(&mut self, shared: &Shared) -> Result<LogPlace, StoreError> {
        self.look_at_beginning()?;
        let LogPlace { generation, offset } = self.kept.saved;
        Ok(LogPlace { generation, offset: offset.max(shared.wal.log_end()) })
    }

    /// Bytes that nobody has taken yet, about.
    pub(super) fn behind(&self, shared: &Shared) -> u64 {
        self.spool.bytes() + shared.wal.log_end().saturating_sub(self.kept.saved.offset)
    }

    /// Before the file begins anew: saves what of it is left, up to the byte `end` or so, and lets
    /// go of it. False if the log was given up.
    pub(super) fn save(&mut self, end: u64) -> bool {
        let saved = self.save_rest(end);
        self.pin = None;
        match saved {
            Ok(()) => true,
            Err(cause) => {
                give_up(&self.folder, &cause.to_string());
                false
            }
        }
    }

    fn save_rest(&mut self, end: u64) -> Result<(), StoreError> {
        while let Some(piece) = self.read_log(end, PIECE)? {
            if SPOOL_MAX < self.spool.bytes() + PIECE {
                return Err(gap("nobody has taken it for too long"));
            }
            self.spool.append(&piece)?;
            self.go_on(&piece);
        }
        self.spool.sync()?;
        self.write()
    }

    /// The same when the store closes, whose newest audit row is `newest`, or after it was killed:
    /// the next file is another generation.
    pub(super) fn end_generation(&mut self, end: u64, newest: Option<i64>) {
        if !self.save(end) {
            return;
        }
        if self.kept.saved.offset != 0 {
            self.next_generation(None);
        }
        (self.kept.salts, self.kept.closed_at) = (None, newest);
        if let Err(cause) = self.write() {
            give_up(&self.folder, &cause.to_string());
        }
    }

    /// What of the log comes after what was saved: whole groups, as far as they are committed.
    /// `end` is about where the file ends, `most` about how much is wanted.
    fn read_log(&mut self, end: u64, most: u64) -> Result<Option<LogPiece>, StoreError> {
        let Some(log) = self.look_at_beginning()? else { return Ok(None) };
        let start = self.kept.saved.offset;
        // A file that has begun anew ends earlier than it did when that was last noted.
        let wanted = end.saturating_sub(start).clamp(LOOK, most.max(LOOK));
        let mut bytes = Vec::new();
        let Some((mut file, failed)) = self.open_log()? else { return Ok(None) };
        let read = file.seek(SeekFrom::Start(start));
        read.and_then(|_| file.take(wanted).read_to_end(&mut bytes)).map_err(failed)?;
        let groups = log.whole_groups(&bytes, start == 0, self.kept.sum);
        let was_cut = usize::try_from(wanted).is_ok_and(|wanted| bytes.len() == wanted);
        if groups.bytes == 0 && groups.goes_on && was_cut {
            // One group may be larger than what was looked at.
            if LARGEST <= wanted {
                return Err(gap("one change is larger than can be taken along"));
            }
            return self.read_log(start + wanted * 4, wanted * 4);
        }
        bytes.truncate(groups.bytes);
        Ok(Some(LogPiece { place: self.kept.saved, bytes }).filter(|piece| !piece.bytes.is_empty()))
    }

    /// What is before the end of `piece` is saved, or will be when it was taken.
    fn go_on(&mut self, piece: &LogPiece) {
        self.kept.saved = piece.end();
        self.kept.sum = Log::sum_at_end(&piece.bytes);
    }

    fn next_generation(&mut self, salts: Option<[u8; 8]>) {
        let generation = self.kept.saved.generation + 1;
        self.kept.saved = LogPlace { generation, offset: 0 };
        (self.kept.salts, self.kept.sum) = (salts, (0, 0));
    }

    /// Looks whether the file has begun anew; nothing if it has no beginning at the moment.
    fn look_at_beginning(&mut self) -> Result<Option<Log>, StoreError> {
        // A store that was never written to has none.
        let Some((mut file, failed)) = self.open_log()? else { return Ok(None) };
        let mut header = [0; 32];
        match file.read_exact(&mut header) {
            Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read.map_err(failed)?,
        }
        let Some(log) = Log::of(&header) else { return Ok(None) };
        match self.kept.salts {
            Some(known) if known == log.salts() => {}
            None => self.kept.salts = Some(log.salts()),
            Some(known) if log.follows(known) => self.next_generation(Some(log.salts())),
            Some(_) => return Err(gap("it began anew while nobody looked")),
        }
        Ok(Some(log))
    }

    /// The file, and what is said when it cannot be read; nothing where there is none.
    fn open_log(
        &self,
    ) -> Result<Option<(File, impl FnOnce(std::io::Error) -> StoreError)>, StoreError> {
        let path = wal::log_file(&self.folder.join(super::DATABASE));
        let opened = File::open(&path);
        let failed = move |cause| StoreError::io(format!("read {}", path.display()), &cause);
        match opened {
            Ok(file) => Ok(Some((file, failed))),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(failed(cause)),
        }
    }

    fn write(&self) -> Result<(), StoreError> {
        let text = serde_json::to_vec(&self.kept).unwrap_or_default();
        super::folder::write_whole(&self.folder.join(KEPT), &text)
    }
}

/// How far the log in `folder` was taken, if it is kept.
fn read(folder: &Path) -> Option<Kept> {
    serde_json::from_slice(&std::fs::read(folder.join(KEPT)).ok()?).ok()
}

/// After a kill, before the engine opens the database of `folder`: saves what of the log was
/// committed and not taken.
pub(super) fn rescue(folder: &Path) -> Result<(), StoreError> {
    let Some(kept) = read(folder) else { return Ok(()) };
    let spool = Spool::open(folder, kept.taken)?;
    let mut keeper = Keeper::new(folder, kept, spool);
    let log = wal::log_file(&folder.join(super::DATABASE));
    keeper.end_generation(std::fs::metadata(log).map_or(0, |about| about.len()), None);
    Ok(())
}

/// The log cannot be kept on without a gap, because of `cause`.
fn gap(cause: &str) -> StoreError {
    StoreError::Io { what: "keep the log".to_owned(), cause: cause.to_owned() }
}

/// The log is kept no longer; `why`.
fn give_up(folder: &Path, why: &str) {
    tracing::error!(
        "The write-ahead log is not shipped any further ({why}): the next backup begins a new chain"
    );
    forget(folder);
}

/// Nobody keeps the log of `folder` any more.
pub(super) fn forget(folder: &Path) {
    // Where they stay, the next start finds a gap and says so.
    let _ = std::fs::remove_file(folder.join(KEPT));
    Spool::remove(folder);
}

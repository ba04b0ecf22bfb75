//! Looks whether the write-ahead log that a crash has left behind was damaged since.
//!
//! When the engine recovers, it takes the first frame with a wrong checksum for the end of the
//! log: the beginning of a write that was never finished. That is right after a loss of power,
//! and it silently drops acknowledged writes if the frame was changed later. The two can be told
//! apart: a group is only written once the one before it is on the disk, so a wrong frame with
//! whole groups after its own was right once.
//!
//! A frame can be checked without those before it, because each carries the running checksum
//! from which the next one starts.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use super::connection::PAGE_BYTES;
use super::error::StoreError;
use super::wal;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
#[expect(clippy::cast_possible_truncation, reason = "4096")]
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE_BYTES as usize;
/// The last bit says in which order the bytes of a word are summed.
const MAGIC: u32 = 0x377F_0682;

/// The engine's running checksum.
pub(super) type Sum = (u32, u32);

/// Refuses a log with a wrong frame before groups that were finished. Call it before the engine
/// opens the database, which is the only time when the log may be opened here.
///
/// # Errors
/// [`StoreError::Damaged`] naming the log, or [`StoreError::Io`].
pub(super) fn check(database: &Path) -> Result<(), StoreError> {
    let path = wal::log_file(database);
    let failed = |error| StoreError::io(format!("read {}", path.display()), &error);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut log = BufReader::with_capacity(1 << 20, file);
    let Some(verdict) = look(&mut log).map_err(failed)? else { return Ok(()) };
    Err(StoreError::Damaged {
        detail: format!(
            "it was changed after a crash at byte {verdict}; what was written after it cannot \
             be recovered by HealthFlow. Copy the whole folder before anything else: this file \
             holds the last changes, and moving it away, to go on without it, loses them all"
        ),
        file: path,
    })
}

/// Where the log was changed, if it was.
fn look(log: &mut impl Read) -> std::io::Result<Option<usize>> {
    let mut header = [0; HEADER_BYTES];
    if !fill(log, &mut header)? {
        return Ok(None);
    }
    // Of another one nothing can be said. A log that was started anew and never synced may look
    // like this as well.
    let Some(Log { order, salts, start }) = Log::of(&header) else { return Ok(None) };
    let mut state = State::Whole;
    let mut before = start;
    let mut frame = vec![0; FRAME_BYTES];
    let mut at = HEADER_BYTES;
    while fill(log, &mut frame)? {
        let is_ours = frame[8..16] == salts;
        let is_whole = is_ours && order.frame(before, &frame) == stored(&frame);
        let commits = is_ours && word(&frame, 4) != 0;
        state = match (state, is_whole) {
            (State::Whole, true) => State::Whole,
            (State::Whole, false) if commits => State::GroupOver { wrong_at: at },
            (State::Whole, false) => State::Wrong { wrong_at: at },
            (State::Wrong { wrong_at }, true) if commits => State::GroupOver { wrong_at },
            (State::GroupOver { wrong_at }, true) => return Ok(Some(wrong_at)),
            (state, _) => state,
        };
        before = stored(&frame);
        at += FRAME_BYTES;
    }
    Ok(None)
}

/// What the header of a log says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    order: Order,
    salts: [u8; 8],
    start: Sum,
}

/// Groups at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Groups {
    /// Bytes of those that are whole.
    pub(super) bytes: usize,
    /// Whether another one begins behind them and is not there to its end.
    pub(super) goes_on: bool,
}

impl Log {
    /// What `header` says; nothing if it is none, or half written.
    pub(super) fn of(header: &[u8; HEADER_BYTES]) -> Option<Self> {
        let order = Order::of(word(header, 0))?;
        let start = order.sum((0, 0), &header[..24]);
        let salts = header[16..24].try_into().ok()?;
        (start == (word(header, 24), word(header, 28))).then_some(Self { order, salts, start })
    }

    /// By what its frames are told from those of the file before.
    pub(super) fn salts(&self) -> [u8; 8] {
        self.salts
    }

    /// Whether it is the one after that with the salts `before`: the engine counts the first.
    pub(super) fn follows(&self, before: [u8; 8]) -> bool {
        word(&self.salts, 0) == word(&before, 0).wrapping_add(1)
    }

    /// The groups that `bytes` begin with, as far as they are committed, after frames that end
    /// with `sum`; or after the header, if that `is_first` in them.
    pub(super) fn whole_groups(&self, bytes: &[u8], is_first: bool, sum: Sum) -> Groups {
        let (mut at, mut before) = if is_first { (HEADER_BYTES, self.start) } else { (0, sum) };
        let mut whole = 0;
        while let Some(frame) = bytes.get(at..at + FRAME_BYTES) {
            if frame[8..16] != self.salts || self.order.frame(before, frame) != stored(frame) {
                return Groups { bytes: whole, goes_on: false };
            }
            before = stored(frame);
            at += FRAME_BYTES;
            if word(frame, 4) != 0 {
                whole = at;
            }
        }
        Groups { bytes: whole, goes_on: whole < at }
    }

    /// The checksum with which `bytes`, which are whole groups, end.
    pub(super) fn sum_at_end(bytes: &[u8]) -> Sum {
        bytes.last_chunk::<FRAME_BYTES>().map_or((0, 0), |frame| stored(frame))
    }
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Every frame so far is as it was written.
    Whole,
    /// One is not; its group may never have been finished.
    Wrong { wrong_at: usize },
    /// The group of the wrong frame has ended. Any frame of a later one proves that it was
    /// finished.
    GroupOver { wrong_at: usize },
}

/// How the words of this log are summed.
#[derive(Debug, Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn of(magic: u32) -> Option<Self> {
        match magic {
            MAGIC => Some(Self::Little),
            _ if magic == MAGIC | 1 => Some(Self::Big),
            _ => None,
        }
    }

    fn sum(self, from: Sum, bytes: &[u8]) -> Sum {
        let (mut first, mut second) = from;
        for pair in bytes.chunks_exact(8) {
            let at = |i: usize| {
                let bytes = [pair[i], pair[i + 1], pair[i + 2], pair[i + 3]];
                match self {
                    Self::Little => u32::from_le_bytes(bytes),
                    Self::Big => u32::from_be_bytes(bytes),
                }
            };
            first = first.wrapping_add(at(0)).wrapping_add(second);
            second = second.wrapping_add(at(4)).wrapping_add(first);
        }
        (first, second)
    }

    fn frame(self, before: Sum, frame: &[u8]) -> Sum {
        self.sum(self.sum(before, &frame[..8]), &frame[FRAME_HEADER_BYTES..])
    }
}

fn stored(frame: &[u8]) -> Sum {
    (word(frame, 16), word(frame, 20))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Fills `into`; false at the end of the log, where the last frame may be cut off.
fn fill(log: &mut impl Read, into: &mut [u8]) -> std::io::Result<bool> {
    match log.read_exact(into) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

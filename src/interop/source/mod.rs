//! Reading what other systems wrote, in bounded memory.
//!
//! [`list`] turns a path (a file, or a folder with all below it) into [`SourceFile`]s.
//! [`read`] opens one of them, looks through what it is packed in (gzip, zstd, zip, tar,
//! told by content, not by name), cuts the JSON into [`Piece`]s, one resource each, and hands
//! them to its caller; a piece becomes [`Item`]s by [`Piece::items`], which is pure and may
//! run on another thread.
//!
//! Whatever cannot be read becomes a [`Reject`] with file, line and reason, and reading goes on
//! behind it. Nothing here holds more than one resource and one window of a decompressor:
//! [`Limits`] says how much that is.
mod archive;
mod container;
mod files;
mod guard;
mod item;
mod item_check;
mod split;
#[cfg(test)]
mod tests;
mod text;

pub(in crate::interop) use container::{Leaf, Stream};
pub(in crate::interop) use files::is_table;
pub use files::{Listing, SourceFile, list};
pub use item::{Item, Request};

use split::Splitter;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much one import may ask of this machine. Every bound ends in a [`Reject`].
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest text of one resource, in bytes.
    pub resource_bytes_max: usize,
    /// How deep objects and lists may nest inside one resource.
    pub depth_max: usize,
    /// How many bytes one file may become when unpacked.
    pub unpacked_bytes_max: u64,
    /// How many bytes may come out of each packed byte, once [`Limits::ratio_from_bytes`]
    /// have come out. Real clinical JSON reaches about 60.
    pub ratio_max: u64,
    /// Below this many unpacked bytes the ratio is not judged.
    pub ratio_from_bytes: u64,
    /// How many members one archive may have.
    pub members_max: u64,
}

impl Limits {
    /// The bounds of the product.
    pub const STANDARD: Self = Self {
        resource_bytes_max: 16 << 20,
        depth_max: 64,
        unpacked_bytes_max: 1 << 40,
        ratio_max: 300,
        ratio_from_bytes: 64 << 20,
        members_max: 200_000,
    };
}

/// What could not be taken, where it stands and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file, and behind `!` the member when it is an archive.
    pub file: String,
    /// The line on which the resource begins, counted from 1.
    pub line: Option<u64>,
    /// Type and id as far as they could be read, e.g. `Patient/abc`.
    pub resource: Option<String>,
    /// In plain words: which field, what is wrong, what to do.
    pub reason: String,
}

/// The text of one resource, or of one entry of a Bundle, cut out of its file.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The file, and behind `!` the member when it is an archive.
    pub file: Arc<str>,
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// The text as it stands in the file, not yet known to be UTF-8 or JSON.
    pub bytes: Vec<u8>,
    /// Whether it is an entry of a Bundle around a resource, or the resource itself.
    pub is_entry: bool,
}

/// What [`read`] hands to its caller.
#[derive(Debug)]
pub enum Found {
    /// A resource or an entry.
    Piece(Piece),
    /// Something that could not be read.
    Reject(Reject),
    /// The name of a member of an archive that plainly holds no data.
    Skipped(String),
    /// There is something that is called a table; it is not read here.
    Table,
}

/// Takes what was found; [`ControlFlow::Break`] ends the reading.
pub type Sink<'s> = dyn FnMut(Found) -> ControlFlow<()> + 's;

/// How many bytes of the files, as they lie on the disk, have been read. Shared with whoever
/// shows the progress.
#[derive(Debug, Default)]
pub struct Progress(AtomicU64);

impl Progress {
    /// Bytes read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Why reading ended early.
pub(in crate::interop) enum Stop {
    /// The caller had enough.
    Cancelled,
    /// The reader below failed: the disk, a damaged packing, a limit.
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

/// Reads `file` to its end, handing every piece and every reject to `sink`.
///
/// A file that cannot be opened, is damaged or breaks a limit is a reject like any other.
/// Answers [`ControlFlow::Break`] only if `sink` did. Afterwards `progress` has grown by the
/// length of the file.
pub fn read(
    file: &SourceFile,
    limits: &Limits,
    progress: &Progress,
    sink: &mut Sink<'_>,
) -> ControlFlow<()> {
    let outcome = texts(file, limits, progress, &mut |stream| match stream {
        Stream::Text(label, _) if is_table(label) => hand_over(sink, Found::Table),
        Stream::Text(label, reader) => {
            Splitter::new(reader, label, limits.resource_bytes_max, sink).run()
        }
        Stream::Reject(reject) => hand_over(sink, Found::Reject(reject)),
        Stream::Skipped(label) => hand_over(sink, Found::Skipped(label)),
    });
    if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

fn hand_over(sink: &mut Sink<'_>, found: Found) -> Result<(), Stop> {
    match sink(found) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stop::Cancelled),
    }
}

/// Unpacks `file` and hands each text in it to `leaf`. The only error is [`Stop::Cancelled`].
pub(in crate::interop) fn texts(
    file: &SourceFile,
    limits: &Limits,
    progress: &Progress,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    let before = progress.bytes();
    let outcome = container::open(file, limits, progress, leaf);
    if outcome.is_ok() {
        // A zip may be read in part, or one place of it twice.
        progress.0.store(before + file.bytes, Ordering::Relaxed);
    }
    outcome
}

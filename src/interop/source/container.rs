//! What a file is packed in, told by its first bytes, and the way down to its text.

use super::archive;
use super::guard::{Account, Guard, Metered, Swollen};
use super::{Limits, Progress, Reject, SourceFile, Stop};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

/// Enough to see the `ustar` mark of a tar, which stands at byte 257.
const HEAD_BYTES: usize = 512;
/// Packings inside packings: a tar in a gzip with gzipped members is three.
const LAYERS_MAX: usize = 3;
/// A zstd window larger than 2^27 bytes would cost more memory than an import may.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// What comes out of a file.
pub(in crate::interop) enum Stream<'t> {
    /// A text, with the name of the file or member that holds it.
    Text(&'t str, &'t mut dyn Read),
    /// Something that holds no text.
    Reject(Reject),
    /// The name of a member that plainly holds no data.
    Skipped(String),
}

/// Takes what comes out of a file.
pub(in crate::interop) type Leaf<'l> = dyn FnMut(Stream<'_>) -> Result<(), Stop> + 'l;

/// One stream on its way from the file to the text, with what is known of it.
pub(super) struct Layer<'a> {
    pub(super) account: &'a Account<'a>,
    pub(super) label: String,
    pub(super) layers: usize,
    pub(super) in_archive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Gzip,
    Zstd,
    Zip,
    Tar,
    /// A packing that is known and not read here.
    Foreign(&'static str),
    Utf16,
    Empty,
    Text,
}

impl Form {
    fn of(head: &[u8]) -> Self {
        match head {
            [] => Self::Empty,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Foreign("xz"),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Foreign("bzip2"),
            [b'7', b'z', 0xbc, 0xaf, ..] => Self::Foreign("7-Zip"),
            [b'R', b'a', b'r', b'!', ..] => Self::Foreign("RAR"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Utf16,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ => Self::Text,
        }
    }
}

/// Opens `file` and follows it down to its texts. Whatever fails is a reject; the only error
/// is [`Stop::Cancelled`].
pub(super) fn open(
    file: &SourceFile,
    limits: &Limits,
    progress: &Progress,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    let account = Account::new(limits, progress, file.bytes);
    let layer =
        Layer { account: &account, label: file.label.clone(), layers: 0, in_archive: false };
    let outcome = open_layers(file, &layer, leaf);
    finish(outcome, &file.label, leaf)
}

fn open_layers(file: &SourceFile, layer: &Layer<'_>, leaf: &mut Leaf<'_>) -> Result<(), Stop> {
    let mut raw = File::open(&file.path)?;
    let head = read_head(&mut raw)?;
    raw.seek(SeekFrom::Start(0))?;
    let mut metered = Metered::new(raw, layer.account);
    if Form::of(&head) == Form::Zip {
        return archive::zip(metered, layer, leaf);
    }
    descend(&mut metered, layer, leaf)
}

/// Turns a failed reading of `label` into a reject.
pub(super) fn finish(
    outcome: Result<(), Stop>,
    label: &str,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    match outcome {
        Err(Stop::Io(cause)) => leaf(reject(label, explain(&cause))),
        other => other,
    }
}

/// Reads one stream: unpacks it as often as its first bytes say, then cuts its text.
///
/// A failure inside one stream is rejected here, so that the next member of an archive still
/// gets its turn; the error comes back only for the caller's own stream.
pub(super) fn descend(
    reader: &mut dyn Read,
    layer: &Layer<'_>,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    let head = read_head(reader)?;
    let form = Form::of(&head);
    let mut whole = Cursor::new(head).chain(reader);
    let is_packing = matches!(form, Form::Gzip | Form::Zstd | Form::Tar);
    if is_packing && LAYERS_MAX <= layer.layers {
        return say(layer, leaf, "it is packed too many times over; unpack it first");
    }
    let below = |in_archive: bool| Layer {
        account: layer.account,
        label: layer.label.clone(),
        layers: layer.layers + 1,
        in_archive,
    };
    match form {
        Form::Gzip => {
            let mut plain = Guard::new(MultiGzDecoder::new(whole), layer.account);
            descend(&mut plain, &below(layer.in_archive), leaf)
        }
        Form::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            let mut plain = Guard::new(decoder, layer.account);
            descend(&mut plain, &below(layer.in_archive), leaf)
        }
        Form::Tar | Form::Zip if layer.in_archive => {
            say(layer, leaf, "an archive inside an archive is not opened; unpack it first")
        }
        Form::Tar => archive::tar(whole, &below(true), leaf),
        Form::Zip => say(layer, leaf, "a zip inside another packing is not opened; unpack it"),
        Form::Foreign(packing) => {
            let reason = format!(
                "it is packed with {packing}, which is not read here; unpack it, \
                                  or pack it with gzip, zstd or zip"
            );
            say(layer, leaf, &reason)
        }
        Form::Utf16 => say(layer, leaf, "it is written in UTF-16; save it as UTF-8"),
        Form::Empty => say(layer, leaf, "it is empty"),
        Form::Text => leaf(Stream::Text(&layer.label, &mut whole)),
    }
}

/// Hands over a reject of the whole stream.
pub(super) fn say(layer: &Layer<'_>, leaf: &mut Leaf<'_>, reason: &str) -> Result<(), Stop> {
    leaf(reject(&layer.label, reason.to_owned()))
}

fn reject(label: &str, reason: String) -> Stream<'static> {
    Stream::Reject(Reject { file: label.to_owned(), line: None, resource: None, reason })
}

fn read_head(reader: &mut (impl Read + ?Sized)) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a limit on unpacking was broken.
pub(super) fn is_swollen(cause: &io::Error) -> bool {
    cause.get_ref().is_some_and(|inner| inner.is::<Swollen>())
}

/// A failed read in words that say what to do.
pub(super) fn explain(cause: &io::Error) -> String {
    let swollen = cause.get_ref().and_then(|inner| inner.downcast_ref::<Swollen>());
    match (swollen, cause.kind()) {
        (Some(swollen), _) => swollen.to_string(),
        (None, io::ErrorKind::UnexpectedEof) => {
            "the file ends too early, it was cut off; what came before was read. Copy it again"
                .to_owned()
        }
        (None, io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound) => {
            format!("cannot be opened: {cause}")
        }
        (None, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) => {
            format!("its packing is damaged ({cause}); what came before was read. Copy it again")
        }
        (None, _) => format!("reading failed ({cause}); what came before was read"),
    }
}

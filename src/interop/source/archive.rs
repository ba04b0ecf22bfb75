//! Archives: tar as it streams by, zip by its directory. Nothing is ever written to the disk,
//! so names that climb out of a folder can do no harm; they are only labels.

use super::Stop;
use super::container::{Layer, Leaf, Stream, descend, finish, is_swollen, say};
use super::files::{climbs, is_clutter, is_no_data};
use super::guard::{Guard, Metered};
use std::fs::File;
use std::io::{self, BufReader, Read};
use tar::EntryType;
use zip::ZipReadOptions;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

/// Why a member is not read whose name leads out of the archive.
const CLIMBS: &str =
    "its name leads out of the archive (..); pack the files again from their folder";

/// What every workbook of Excel has.
const WORKBOOK: &str = "xl/workbook.xml";

/// Why a link, a pipe or a file with holes in an archive is not read.
const NO_FILE: &str =
    "it is not packed as a plain file but as a link or the like; pack the file itself";

/// A name longer than this in a tar is not a name; reading it whole would cost memory.
const NAME_BYTES_MAX: u64 = 64 << 10;

/// Reads the files of a tar in their order.
pub(super) fn tar(reader: impl Read, layer: &Layer<'_>, leaf: &mut Leaf<'_>) -> Result<(), Stop> {
    let mut archive = tar::Archive::new(reader);
    let mut long_name: Option<String> = None;
    // Raw entries: the crate would read names of any length into memory.
    for (count, entry) in archive.entries()?.raw(true).enumerate() {
        let mut entry = entry?;
        if layer.account.limits.members_max < count as u64 {
            return say(layer, leaf, "the archive has too many members; split it");
        }
        match entry.header().entry_type() {
            EntryType::GNULongName => long_name = Some(short_text(&mut entry)?),
            EntryType::XHeader => {
                let extended = short_text(&mut entry)?;
                if pax(&extended, "size").is_some() {
                    return say(layer, leaf, "a member is larger than 8 GiB; unpack it first");
                }
                long_name = pax(&extended, "path").or(long_name);
            }
            EntryType::Regular | EntryType::Continuous => {
                let name = name_of(&entry, &mut long_name);
                if is_clutter(name.trim_start_matches("./")) {
                    continue;
                }
                let member = member_layer(layer, &name);
                if climbs(&name) {
                    say(&member, leaf, CLIMBS)?;
                    continue;
                }
                if is_no_data(&name) {
                    leaf(Stream::Skipped(member.label))?;
                    continue;
                }
                close_member(descend(&mut entry, &member, leaf), &member, leaf)?;
            }
            EntryType::Directory => long_name = None,
            EntryType::XGlobalHeader | EntryType::GNULongLink => {}
            _ => {
                let name = name_of(&entry, &mut long_name);
                if !is_clutter(name.trim_start_matches("./")) {
                    say(&member_layer(layer, &name), leaf, NO_FILE)?;
                }
            }
        }
    }
    Ok(())
}

fn name_of(entry: &tar::Entry<'_, impl Read>, long_name: &mut Option<String>) -> String {
    let own = || String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    long_name.take().unwrap_or_else(own)
}

fn member_layer<'a>(layer: &Layer<'a>, name: &str) -> Layer<'a> {
    Layer {
        account: layer.account,
        label: format!("{}!{}", layer.label, name.trim_start_matches("./")),
        layers: layer.layers,
        in_archive: true,
    }
}

fn short_text(reader: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(NAME_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if NAME_BYTES_MAX < bytes.len() as u64 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a name in it is too long"));
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches('\0').to_owned())
}

/// The value of `key` in a PAX header, whose lines are `LENGTH key=value`.
fn pax(header: &str, key: &str) -> Option<String> {
    header.lines().find_map(|line| {
        let (_, pair) = line.split_once(' ')?;
        let (name, value) = pair.split_once('=')?;
        (name == key).then(|| value.to_owned())
    })
}

/// Reads the files of a zip in the order of its directory, one entry of it at a time. Two of one
/// name are two members: an index by name would know only the last.
pub(super) fn zip(
    reader: Metered<'_, File>,
    layer: &Layer<'_>,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    let mut archive =
        ZipIterable::try_new(BufReader::new(reader), Config::default()).map_err(|cause| {
            match cause {
                // The directory stands at the end.
                ZipError::InvalidArchive(_) => io::ErrorKind::UnexpectedEof.into(),
                cause => io::Error::from(cause),
            }
        })?;
    if layer.account.limits.members_max < archive.len() as u64 {
        return say(layer, leaf, "the archive has too many members; split it");
    }
    let mut names = archive.files().map_err(io::Error::from)?.map_while(Result::ok);
    if names.any(|entry| entry.name().is_ok_and(|name| name == WORKBOOK)) {
        return say(layer, leaf, "this is an Excel workbook: save it as CSV");
    }
    let entries = archive.files().map_err(io::Error::from)?;
    let mut count = 0;
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(io::Error::from)?;
        count += 1;
        let name =
            entry.name().map_or_else(|_| format!("member {count}"), |name| name.into_owned());
        if is_clutter(&name) {
            continue;
        }
        let mut member = member_layer(layer, &name);
        member.layers += 1;
        if climbs(&name) {
            say(&member, leaf, CLIMBS)?;
            continue;
        }
        if is_no_data(&name) {
            leaf(Stream::Skipped(member.label))?;
            continue;
        }
        close_member(zip_member(entry, entries.reader_mut(), &member, leaf), &member, leaf)?;
    }
    Ok(())
}

/// Members do not depend on each other: a damaged one is rejected and the next one gets its
/// turn. If it was the archive itself that failed, the next step says so again.
fn close_member(
    outcome: Result<(), Stop>,
    layer: &Layer<'_>,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    match outcome {
        Err(Stop::Io(cause)) if is_swollen(&cause) => Err(Stop::Io(cause)),
        outcome => finish(outcome, &layer.label, leaf),
    }
}

fn zip_member(
    entry: ZipFileEntry<'_>,
    reader: &mut BufReader<Metered<'_, File>>,
    layer: &Layer<'_>,
    leaf: &mut Leaf<'_>,
) -> Result<(), Stop> {
    let file = match entry.with_reader(reader, ZipReadOptions::new()) {
        Ok(file) => file,
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
            return say(layer, leaf, "it is locked with a password; unpack it first");
        }
        Err(ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_)) => {
            let reason = "it is packed in a way that is not read here; pack it again as an \
                          ordinary zip";
            return say(layer, leaf, reason);
        }
        Err(cause) => return Err(io::Error::from(cause).into()),
    };
    if file.is_dir() {
        return Ok(());
    }
    if file.is_symlink() {
        return say(layer, leaf, NO_FILE);
    }
    descend(&mut Guard::new(file, layer.account), layer, leaf)
}

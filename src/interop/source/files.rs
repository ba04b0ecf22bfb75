//! Which files a path stands for.

use super::Reject;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are taken for a loop.
const FOLDERS_DEEP_MAX: usize = 32;

/// Why a link in a folder is not read.
const LINK: &str = "a link is not followed; name its target";
/// Why a pipe, a socket or a device is not read.
const NO_FILE: &str = "it is neither a file nor a folder";

/// One file to be read, with the name by which people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The name for rejects and progress: relative to the folder that was given.
    pub label: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What a path stands for.
#[derive(Debug, Default)]
pub struct Listing {
    /// What is to be read, in the order of names.
    pub files: Vec<SourceFile>,
    /// Files that plainly hold no data, such as a README.
    pub skipped: Vec<String>,
    /// What cannot be looked at.
    pub rejects: Vec<Reject>,
}

/// All files at `path`: itself, or for a folder everything below it.
///
/// Hidden files inside a folder are passed over; symbolic links, pipes and the like in it give a
/// reject each. A file that is named itself is always read. A path that is neither a file nor a
/// folder gives one reject.
#[must_use]
pub fn list(path: &Path) -> Listing {
    let mut listing = Listing::default();
    let name = path
        .file_name()
        .map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy())
        .into_owned();
    match fs::metadata(path) {
        Err(cause) => listing.rejects.push(unreadable(&name, &cause.to_string())),
        Ok(meta) if meta.is_dir() => {
            walk(path, "", FOLDERS_DEEP_MAX, &mut listing);
            if listing.files.is_empty() && listing.rejects.is_empty() {
                listing.rejects.push(unreadable(&name, "the folder holds no data"));
            }
        }
        Ok(meta) if meta.is_file() => {
            let file = SourceFile { path: path.to_owned(), label: name, bytes: meta.len() };
            listing.files.push(file);
        }
        Ok(_) => {
            listing.rejects.push(unreadable(&name, NO_FILE));
        }
    }
    listing
}

fn walk(folder: &Path, prefix: &str, deep: usize, listing: &mut Listing) {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
        .map_err(|cause| listing.rejects.push(unreadable(prefix, &cause.to_string())));
    let Ok(mut entries) = entries else { return };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_clutter(&name) {
            continue;
        }
        let label = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        // Not following links keeps a loop, and files outside the folder, out of the import.
        match fs::symlink_metadata(entry.path()) {
            Err(cause) => listing.rejects.push(unreadable(&label, &cause.to_string())),
            Ok(meta) if meta.is_dir() && deep == 0 => {
                listing.rejects.push(unreadable(&label, "its folders are nested too deep"));
            }
            Ok(meta) if meta.is_dir() => walk(&entry.path(), &label, deep - 1, listing),
            Ok(meta) if meta.is_file() && is_no_data(&label) => listing.skipped.push(label),
            Ok(meta) if meta.is_file() => {
                let file = SourceFile { path: entry.path(), label, bytes: meta.len() };
                listing.files.push(file);
            }
            Ok(meta) if meta.is_symlink() => listing.rejects.push(unreadable(&label, LINK)),
            Ok(_) => listing.rejects.push(unreadable(&label, NO_FILE)),
        }
    }
}

/// Files that operating systems leave in folders and archives, and that nobody means.
pub(super) fn is_clutter(name: &str) -> bool {
    name.split('/').any(|part| {
        let hidden = part.starts_with('.') && !matches!(part, "." | "..");
        hidden || matches!(part, "__MACOSX" | "Thumbs.db" | "desktop.ini")
    })
}

/// Whether the name of a member leads out of its archive. Nothing is written by it, but who
/// packs such names means something else than data.
pub(super) fn climbs(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| part == "..")
}

/// Whether the file `name`, in a folder or an archive, is meant for people: its name says so
/// plainly.
pub(super) fn is_no_data(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["md", "pdf", "htm", "html", "png", "jpg", "jpeg", "sha256"];
    const NAMES: [&str; 6] = ["readme", "license", "licence", "notice", "copying", "changelog"];
    let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let (stem, ending) = file.rsplit_once('.').unwrap_or((&file, ""));
    ENDINGS.contains(&ending) || (matches!(ending, "" | "txt") && NAMES.contains(&stem))
}

/// Whether the file `name` is a table by its name, packed or not.
pub(in crate::interop) fn is_table(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = [".gz", ".zst"].iter().find_map(|packing| name.strip_suffix(packing));
    plain.unwrap_or(&name).ends_with(".csv")
}

fn unreadable(label: &str, cause: &str) -> Reject {
    Reject {
        file: label.to_owned(),
        line: None,
        resource: None,
        reason: format!("cannot be read: {cause}"),
    }
}

//! Which files a path stands for.

use super::Reject;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are taken for a loop.
const FOLDERS_DEEP_MAX: usize = 32;

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

/// All files at `path`: itself, or for a folder everything below it in the order of names.
///
/// Hidden files and symbolic links inside a folder are passed over; what cannot be looked at
/// becomes a [`Reject`]. A path that is neither a file nor a folder gives one reject.
#[must_use]
pub fn list(path: &Path) -> (Vec<SourceFile>, Vec<Reject>) {
    let mut found = Vec::new();
    let mut rejects = Vec::new();
    let name = path
        .file_name()
        .map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy())
        .into_owned();
    match fs::metadata(path) {
        Err(cause) => rejects.push(unreadable(&name, &cause.to_string())),
        Ok(meta) if meta.is_dir() => {
            walk(path, "", FOLDERS_DEEP_MAX, &mut found, &mut rejects);
            if found.is_empty() && rejects.is_empty() {
                rejects.push(unreadable(&name, "the folder is empty"));
            }
        }
        Ok(meta) if meta.is_file() => {
            found.push(SourceFile { path: path.to_owned(), label: name, bytes: meta.len() });
        }
        Ok(_) => rejects.push(unreadable(&name, "it is neither a file nor a folder")),
    }
    (found, rejects)
}

fn walk(
    folder: &Path,
    prefix: &str,
    deep: usize,
    found: &mut Vec<SourceFile>,
    rejects: &mut Vec<Reject>,
) {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
        .map_err(|cause| rejects.push(unreadable(prefix, &cause.to_string())));
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
            Err(cause) => rejects.push(unreadable(&label, &cause.to_string())),
            Ok(meta) if meta.is_dir() && deep == 0 => {
                rejects.push(unreadable(&label, "its folders are nested too deep"));
            }
            Ok(meta) if meta.is_dir() => walk(&entry.path(), &label, deep - 1, found, rejects),
            Ok(meta) if meta.is_file() => {
                found.push(SourceFile { path: entry.path(), label, bytes: meta.len() });
            }
            Ok(_) => {}
        }
    }
}

/// Files that operating systems leave in folders and archives, and that nobody means.
pub(super) fn is_clutter(name: &str) -> bool {
    name.split('/').any(|part| {
        part.starts_with('.') || matches!(part, "__MACOSX" | "Thumbs.db" | "desktop.ini")
    })
}

fn unreadable(label: &str, cause: &str) -> Reject {
    Reject {
        file: label.to_owned(),
        line: None,
        resource: None,
        reason: format!("cannot be read: {cause}"),
    }
}

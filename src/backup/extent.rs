//! What of a data folder goes into a backup beside the database: what is not made anew by itself.

use std::io;
use std::path::{Path, PathBuf};

/// Files and folders of a data folder, by their names in it.
#[derive(Debug, Clone)]
pub struct Extent {
    /// Files.
    pub files: Vec<String>,
    /// Folders whose files go, one level deep.
    pub folders: Vec<String>,
}

impl Extent {
    /// Whether a backup may bring the file `path` back: one of them, and nothing else of a data
    /// folder.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let in_folder = |(folder, name): (&str, &str)| {
            !name.is_empty() && !name.contains('/') && self.folders.iter().any(|it| it == folder)
        };
        self.files.iter().any(|it| it == path) || path.split_once('/').is_some_and(in_folder)
    }

    /// Those that are in `data`, with `/` between folder and file, sorted. What is being written
    /// there, or is no file, is left out.
    ///
    /// # Errors
    /// What the system says.
    pub fn list(&self, data: &Path) -> io::Result<Vec<String>> {
        let mut found: Vec<String> =
            self.files.iter().filter(|name| is_file(&data.join(name))).cloned().collect();
        for folder in &self.folders {
            let entries = match std::fs::read_dir(data.join(folder)) {
                Ok(entries) => entries,
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                Err(cause) => return Err(cause),
            };
            for entry in entries {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let unfinished = [".partial", ".new", ".tmp"].iter().any(|end| name.ends_with(end));
                if !unfinished && is_file(&entry.path()) {
                    found.push(format!("{folder}/{name}"));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Where the file `path` of a backup lies in the data folder `data`.
#[must_use]
pub fn place_of(data: &Path, path: &str) -> PathBuf {
    path.split('/').fold(data.to_owned(), |folder, part| folder.join(part))
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|about| about.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_brings_back_what_goes_into_one_and_nothing_else() {
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let extent = Extent { files: names(&["secret.key"]), folders: names(&["tls"]) };
        for path in ["secret.key", "tls/site.pem"] {
            assert!(extent.has(path), "{path}");
        }
        for path in ["healthflow.db", "log.chain", "tls", "tls/", "tls/a/b", "x/secret.key", ""] {
            assert!(!extent.has(path), "{path}");
        }
    }
}

//! What lies at a path before anything is opened or made there, so that a mistyped path is
//! noticed and does not quietly become a new hospital.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::folder::{DATABASE, LOCK, RUNNING};

/// What may lie in a folder that somebody has only just made ready.
const READY_MADE: [&str; 5] = ["healthflow.toml", "logs", "lost+found", DATABASE, LOCK];
/// Names looked at in one folder; a mistyped path is no reason to read a whole disk.
const NAMES_MAX: usize = 1_000;

/// What is at the path of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nothing.
    Missing,
    /// A folder with nothing in it.
    Empty,
    /// A folder with something else in it.
    Other,
    /// No folder, or one that cannot be looked at.
    Closed,
    /// A hospital: its database, or the mark of a program that had one open.
    Hospital,
}

impl Place {
    /// Looks at `folder` without opening or changing anything.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        // A beginning that failed leaves an empty file.
        let database = about(&folder.join(DATABASE)).is_some_and(|about| about.len() != 0);
        if database || about(&folder.join(RUNNING)).is_some() {
            return Self::Hospital;
        }
        match fs::read_dir(folder) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => Self::Missing,
            Err(_) => Self::Closed,
            Ok(entries) => {
                let strange = |name: &OsStr| !READY_MADE.iter().any(|known| name == *known);
                match entries.flatten().any(|entry| strange(&entry.file_name())) {
                    true => Self::Other,
                    false => Self::Empty,
                }
            }
        }
    }
}

/// Hospitals that may have been meant by `folder`: in the folder above it, in one below it, or
/// where the path leads with one name in it written a little differently.
#[must_use]
pub fn hospitals_near(folder: &Path) -> Vec<PathBuf> {
    let mut near: Vec<PathBuf> = folder.parent().map(Path::to_owned).into_iter().collect();
    near.extend(names_in(folder).into_iter().map(|name| folder.join(name)));
    let there = folder.ancestors().skip(1).find(|above| above.is_dir());
    if let Some((above, rest)) = there.and_then(|it| Some((it, folder.strip_prefix(it).ok()?))) {
        let mut parts = rest.components();
        if let Some(first) = parts.next().map(|part| part.as_os_str().to_owned()) {
            let alike = names_in(above).into_iter().filter(|name| is_alike(name, &first));
            near.extend(alike.map(|name| match parts.as_path() {
                rest if rest.as_os_str().is_empty() => above.join(name),
                rest => above.join(name).join(rest),
            }));
        }
    }
    near.retain(|path| path != folder && Place::of(path) == Place::Hospital);
    near.sort();
    near.dedup();
    near
}

/// Whether one may have been typed for the other: few letters differ, or one goes on where the
/// other ends.
fn is_alike(one: &OsStr, other: &OsStr) -> bool {
    let [one, other] = [one, other].map(|name| name.to_string_lossy().to_lowercase());
    let shorter = one.chars().count().min(other.chars().count());
    let goes_on = 3 <= shorter && (one.starts_with(&other) || other.starts_with(&one));
    one != other && (goes_on || strsim::osa_distance(&one, &other) <= shorter / 3)
}

fn names_in(folder: &Path) -> Vec<std::ffi::OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(NAMES_MAX).map(|entry| entry.file_name()).collect()
}

/// By name alone: a handle on the database would break the locks of whoever has it open.
fn about(path: &Path) -> Option<fs::Metadata> {
    fs::symlink_metadata(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::scratch::ScratchFolder;

    fn hospital(path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join(DATABASE), "x").unwrap();
    }

    #[test]
    fn a_place_is_known_by_what_lies_in_it() {
        let ScratchFolder(home) = &ScratchFolder::new();
        assert_eq!(Place::of(home), Place::Missing);
        fs::create_dir(home).unwrap();
        fs::write(home.join("healthflow.toml"), "").unwrap();
        fs::create_dir(home.join("logs")).unwrap();
        fs::write(home.join(DATABASE), "").unwrap();
        assert_eq!(Place::of(home), Place::Empty);
        fs::write(home.join("letter.txt"), "").unwrap();
        assert_eq!(Place::of(home), Place::Other);
        assert_eq!(Place::of(&home.join("letter.txt")), Place::Closed);
        fs::write(home.join(RUNNING), "").unwrap();
        assert_eq!(Place::of(home), Place::Hospital, "one that is missing its database");
    }

    #[test]
    fn the_hospital_that_was_meant_is_found_wherever_the_slip_is() {
        let ScratchFolder(home) = &ScratchFolder::new();
        let real = home.join("hospital/data");
        hospital(&real);
        for typed in [
            "hopsital/data",
            "hospital/dta",
            "hospital/data/data",
            "hospital/data2",
            "hospital",
            "Hospitals/data",
        ] {
            let near = hospitals_near(&home.join(typed));
            assert_eq!(near.iter().collect::<Vec<_>>(), [&real], "{typed}");
        }
        for typed in ["clinic/data", "hospital/backup", "hospital/data"] {
            assert!(hospitals_near(&home.join(typed)).is_empty(), "{typed}");
        }
    }
}

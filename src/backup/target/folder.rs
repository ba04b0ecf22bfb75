//! A folder of a second disk or a share.
//!
//! Whoever may write there is not trusted with what lies elsewhere: below the folder no link is
//! followed, neither to read nor to write nor to take away. The folder itself may be one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::TargetError;

/// What a name begins with until all of it is there.
const PARTIAL: &str = ".partial-";

/// The folder at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub(super) path: PathBuf,
}

impl Folder {
    /// Writes `name` whole, or leaves nothing: durable when it returns.
    pub(super) fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), TargetError> {
        let path = self.place_of(name)?;
        let parent = path.parent().unwrap_or(&self.path);
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = parent.join(format!("{PARTIAL}{last}"));
        let written = (|| {
            if parent != self.path {
                fs::create_dir_all(parent)?;
            }
            // One that was left, or a link that somebody has laid there: it goes, and what it
            // leads to stays.
            gone(fs::remove_file(&partial))?;
            let mut file = private_options().write(true).create_new(true).open(&partial)?;
            write(&mut file)?;
            file.sync_all()?;
            forget(&file);
            fs::rename(&partial, &path)?;
            sync_folder(parent)
        })();
        written.map_err(|cause| {
            // It may have been what was in the way.
            let _ = fs::remove_file(&partial);
            self.failed(cause)
        })
    }

    /// Adds `bytes` at the end of `name`, which is made if it is not there: durable when it
    /// returns. Ended in between, part of them may be there; where it fails, `name` is as it was,
    /// if the system still does that much.
    pub(super) fn append(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let path = self.place_of(name)?;
        let parent = path.parent().unwrap_or(&self.path);
        let written = (|| {
            let is_new = !path.exists();
            if is_new && parent != self.path {
                fs::create_dir_all(parent)?;
            }
            let mut file = private_options().append(true).create(true).open(&path)?;
            let before = file.metadata()?.len();
            let added = file.write_all(bytes).and_then(|()| file.sync_all());
            if added.is_err() {
                // What failed is told; whatever stays of it is taken for cut off.
                let _ = file.set_len(before);
                if is_new {
                    let _ = fs::remove_file(&path);
                }
            }
            added?;
            if is_new { sync_folder(parent) } else { Ok(()) }
        })();
        written.map_err(|cause| self.failed(cause))
    }

    /// The file `name`; `None` if it is not there.
    pub(super) fn open(&self, name: &str) -> Result<Option<File>, TargetError> {
        match private_options().read(true).open(self.place_of(name)?) {
            Ok(file) => Ok(Some(file)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// The names in its folder `name`, sorted; none if it is not there. What was never finished
    /// is none of them, nor is a link.
    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, TargetError> {
        let entries = match fs::read_dir(self.place_of(name)?) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(self.failed(cause)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|cause| self.failed(cause))?;
            if !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                names.extend(entry.file_name().into_string().ok());
            }
        }
        names.retain(|name| !name.starts_with(PARTIAL));
        names.sort();
        Ok(names)
    }

    /// Takes `name` away, a file or a folder with what is in it; it may be gone already.
    pub(super) fn remove(&self, name: &str) -> Result<(), TargetError> {
        let path = self.place_of(name)?;
        let removed = match fs::symlink_metadata(&path) {
            Ok(about) if about.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(cause) => Err(cause),
        };
        gone(removed).map_err(|cause| self.failed(cause))
    }

    /// Whether it lies on the same volume as the folder `other`; unknown on some systems.
    #[must_use]
    pub(super) fn shares_volume_with(&self, other: &Path) -> Option<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let volume = |path: &Path| fs::metadata(path).ok().map(|about| about.dev());
            Some(volume(&self.path)? == volume(other)?)
        }
        #[cfg(not(unix))]
        {
            let _ = other;
            None
        }
    }

    /// Where `name` lies, on a way without links.
    fn place_of(&self, name: &str) -> Result<PathBuf, TargetError> {
        let mut path = self.path.clone();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            path.push(part);
            if fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink()) {
                return Err(TargetError::Link(path.display().to_string()));
            }
        }
        Ok(path)
    }

    fn failed(&self, cause: impl ToString) -> TargetError {
        TargetError::Unusable { place: self.path.display().to_string(), cause: cause.to_string() }
    }
}

/// What is not there needs no taking away.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// For files that are their owner's alone. A link that was laid just now is not followed either.
fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "shares have their own rights there"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let no_links = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
        options.mode(0o600).custom_flags(no_links);
    }
    options
}

/// Has the system forget the content, so that who reads it next reads it from the disk.
fn forget(file: &File) {
    #[cfg(target_os = "linux")]
    // Advice: where it is not taken, the content comes from memory.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        // Some shares have no such thing; what they promise ends with the file.
        Err(cause) if cause.kind() != io::ErrorKind::InvalidInput => return Err(cause),
        _ => {}
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::{Claim, MARK, Target};
    use super::*;
    use crate::store::Store;

    /// A target, and beside it the file of somebody else, `x/victim`; they go with the store.
    fn beside() -> (Store, Target) {
        let store = Store::scratch();
        for name in ["target", "x"] {
            fs::create_dir(store.folder().join(name)).unwrap();
        }
        fs::write(store.folder().join("x/victim"), b"mine").unwrap();
        let target = Target::folder(store.folder().join("target"));
        (store, target)
    }

    fn is_refused<T: std::fmt::Debug>(outcome: Result<T, TargetError>) {
        assert!(matches!(outcome, Err(TargetError::Link(_))), "{outcome:?}");
    }

    #[test]
    fn no_link_below_the_target_is_followed() {
        let (store, target) = beside();
        let there = store.folder().join("target");
        symlink(store.folder().join("x"), there.join("files")).unwrap();
        fs::create_dir(there.join("log")).unwrap();
        symlink(store.folder().join("x/victim"), there.join("log/1.hfl")).unwrap();
        is_refused(target.list("files"));
        is_refused(target.remove("files"));
        for name in ["files/victim", "log/1.hfl"] {
            is_refused(target.open(name).map(drop));
            is_refused(target.remove(name));
            is_refused(target.append(name, b"theirs"));
            is_refused(target.put(name, &mut |file| file.write_all(b"theirs")));
        }
        assert_eq!(target.list("log").unwrap(), Vec::<String>::new());
        assert_eq!(fs::read(store.folder().join("x/victim")).unwrap(), b"mine");
        // The target itself may be one.
        symlink(&there, store.folder().join("link")).unwrap();
        let linked = Target::folder(store.folder().join("link"));
        linked.put("backups/one", &mut |file| file.write_all(b"one")).unwrap();
        assert_eq!(linked.list("backups").unwrap(), ["one"]);
    }

    #[test]
    fn what_lies_where_a_file_is_begun_is_never_written_to() {
        let (store, target) = beside();
        let partial = store.folder().join("target").join(format!("{PARTIAL}{MARK}"));
        symlink(store.folder().join("x/victim"), &partial).unwrap();
        let claim = |writer: &str| {
            let (hospital, writer) = ("one".to_owned(), writer.to_owned());
            Claim { hospital, writer, epoch: 0 }
        };
        target.claim(&claim("first")).unwrap();
        target.demand(&claim("first")).unwrap();
        assert_eq!(fs::read(store.folder().join("x/victim")).unwrap(), b"mine");
        // What an earlier run has left there is written over.
        fs::write(&partial, b"half of it").unwrap();
        target.claim(&claim("second")).unwrap();
        assert_eq!(target.list("").unwrap(), [MARK]);
    }
}

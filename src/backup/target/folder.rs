//! A folder of a second disk or a share.

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
        let path = self.path.join(name);
        let parent = path.parent().unwrap_or(&self.path);
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = parent.join(format!("{PARTIAL}{last}"));
        let written = (|| {
            if parent != self.path {
                fs::create_dir_all(parent)?;
            }
            let mut file = create_private(&partial)?;
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
    /// returns. Ended in between, part of them may be there.
    pub(super) fn append(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let path = self.path.join(name);
        let parent = path.parent().unwrap_or(&self.path);
        let written = (|| {
            let is_new = !path.exists();
            if is_new && parent != self.path {
                fs::create_dir_all(parent)?;
            }
            let mut options = private_options();
            let mut file = options.append(true).create(true).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            if is_new { sync_folder(parent) } else { Ok(()) }
        })();
        written.map_err(|cause| self.failed(cause))
    }

    /// The file `name`; `None` if it is not there.
    pub(super) fn open(&self, name: &str) -> Result<Option<File>, TargetError> {
        match File::open(self.path.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// The names in its folder `name`, sorted; none if it is not there. What was never finished
    /// is none of them.
    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, TargetError> {
        let entries = match fs::read_dir(self.path.join(name)) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(self.failed(cause)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|cause| self.failed(cause))?;
            names.extend(entry.file_name().into_string().ok());
        }
        names.retain(|name| !name.starts_with(PARTIAL));
        names.sort();
        Ok(names)
    }

    /// Takes `name` away, a file or a folder with what is in it; it may be gone already.
    pub(super) fn remove(&self, name: &str) -> Result<(), TargetError> {
        let path = self.path.join(name);
        let removed = match fs::symlink_metadata(&path) {
            Ok(about) if about.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(cause) => Err(cause),
        };
        match removed {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(self.failed(cause)),
            _ => Ok(()),
        }
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

    fn failed(&self, cause: impl ToString) -> TargetError {
        TargetError::Unusable { place: self.path.display().to_string(), cause: cause.to_string() }
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    private_options().write(true).create(true).truncate(true).open(path)
}

/// For files that are their owner's alone.
fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "shares have their own rights there"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
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

//! Where backups go: a folder of a second disk or a share.
//!
//! A folder is ours once its mark is in it ([`Target::claim`], when somebody sets it). Without the
//! mark nothing is written: a share that is not mounted is an empty folder on the very disk that
//! the backups are there against.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The mark of a target.
pub const MARK: &str = "healthflow-backups.json";
const MARK_MAX: u64 = 4_096;
/// What a name begins with until all of it is there.
const PARTIAL: &str = ".partial-";

/// Whose target it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The form of what lies there.
    pub form: u32,
    /// The hospital's own name for itself among backups: random, and the same for ever.
    pub hospital: String,
    /// Which data folder writes here. Of two copies of a hospital only one may.
    pub writer: String,
}

/// What is wrong with a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The system says so.
    #[error("{place} cannot be used: {cause}")]
    Unusable {
        /// Where.
        place: String,
        /// What the system says.
        cause: String,
    },
    /// It has no mark.
    #[error(
        "{0} does not hold the backups of this hospital: it has no {MARK}. If it is a share or a \
         second disk, it is not mounted"
    )]
    Unmarked(String),
    /// Another copy of this hospital writes to it.
    #[error(
        "{0} is written to by another copy of this hospital. If this one takes its place, save \
         where backups go once more: the other one can write there no longer"
    )]
    Taken(String),
    /// It is another hospital's.
    #[error("{0} holds the backups of another hospital. Choose a folder of its own")]
    Foreign(String),
}

/// A folder for backups.
#[derive(Debug, Clone)]
pub struct Target {
    folder: PathBuf,
}

impl Target {
    /// The folder at `path`.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self { folder: path.into() }
    }

    /// Where it is, in words.
    #[must_use]
    pub fn place(&self) -> String {
        self.folder.display().to_string()
    }

    /// Makes it the target of `hospital`, if it is nobody's yet, to which `writer` writes from now
    /// on and no other copy.
    ///
    /// # Errors
    /// [`TargetError::Foreign`]; what the system says.
    pub fn claim(&self, hospital: &str, writer: &str) -> Result<(), TargetError> {
        let ours = Mark { form: 1, hospital: hospital.to_owned(), writer: writer.to_owned() };
        match self.mark()? {
            Some(mark) if mark == ours => Ok(()),
            Some(mark) if mark.hospital != hospital => Err(TargetError::Foreign(self.place())),
            _ => {
                let text = serde_json::to_vec(&ours).unwrap_or_default();
                self.put(MARK, &mut |file| file.write_all(&text))
            }
        }
    }

    /// That it is the target of `hospital`, and `writer` is who writes to it.
    ///
    /// # Errors
    /// [`TargetError::Unmarked`], [`TargetError::Foreign`], [`TargetError::Taken`]; what the
    /// system says.
    pub fn demand(&self, hospital: &str, writer: &str) -> Result<(), TargetError> {
        match self.mark()? {
            Some(mark) if mark.hospital == hospital && mark.writer == writer => Ok(()),
            Some(mark) if mark.hospital == hospital => Err(TargetError::Taken(self.place())),
            Some(_) => Err(TargetError::Foreign(self.place())),
            None => Err(TargetError::Unmarked(self.place())),
        }
    }

    /// Its mark, if it has one.
    ///
    /// # Errors
    /// What the system says; what stands there is no mark.
    pub fn mark(&self) -> Result<Option<Mark>, TargetError> {
        let Some(text) = self.get(MARK, MARK_MAX)? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(|cause| self.failed(cause))
    }

    /// Writes `name` whole, or leaves nothing: durable when it returns.
    ///
    /// # Errors
    /// What `write` and the system say.
    pub fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), TargetError> {
        let path = self.folder.join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = parent.join(format!("{PARTIAL}{last}"));
        let written = (|| {
            if parent != self.folder {
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
    ///
    /// # Errors
    /// What the system says.
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let path = self.folder.join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        let written = (|| {
            let is_new = !path.exists();
            if is_new && parent != self.folder {
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

    /// What `name` holds, to be read from its beginning; `None` if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self, name: &str) -> Result<Option<Box<dyn Read>>, TargetError> {
        match File::open(self.folder.join(name)) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// All of a small file, of at most `most` bytes; `None` if it is not there.
    ///
    /// # Errors
    /// What the system says; it is larger.
    pub fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let Some(file) = self.open(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = file.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|cause| self.failed(cause))?;
        if most < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
            return Err(self.failed(format!("{name} is larger than it may be")));
        }
        Ok(Some(bytes))
    }

    /// The names in its folder `name`, sorted; none if it is not there. What was never finished
    /// is none of them.
    ///
    /// # Errors
    /// What the system says.
    pub fn list(&self, name: &str) -> Result<Vec<String>, TargetError> {
        let entries = match fs::read_dir(self.folder.join(name)) {
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
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, name: &str) -> Result<(), TargetError> {
        let path = self.folder.join(name);
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
    pub fn shares_volume_with(&self, other: &Path) -> Option<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let volume = |path: &Path| fs::metadata(path).ok().map(|about| about.dev());
            Some(volume(&self.folder)? == volume(other)?)
        }
        #[cfg(not(unix))]
        {
            let _ = other;
            None
        }
    }

    fn failed(&self, cause: impl ToString) -> TargetError {
        TargetError::Unusable { place: self.place(), cause: cause.to_string() }
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

//! Where backups go: a folder of a second disk or a share, or a bucket of S3-compatible storage.
//!
//! A target is ours once its mark is in it ([`Target::claim`], when somebody sets it). Without the
//! mark nothing is written: a share that is not mounted is an empty folder on the very disk that
//! the backups are there against, and a bucket may be another one of the same name.

mod address;
mod bucket;
mod folder;
mod mark;
mod transfer;
mod trouble;
mod wire;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

pub use address::{Address, TEXT_MAX};
pub use bucket::Bucket;
pub use folder::Folder;
pub use mark::{Claim, MARK, Mark};
use transfer::Download;
pub use trouble::Trouble;

use crate::vocab::clock::instant;

/// Files of a bucket that are asked for at the same time.
const AHEAD: usize = 8;

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
    /// The storage, or the way to it.
    #[error("{place} cannot be used: {trouble}")]
    Storage {
        /// Where.
        place: String,
        /// What is wrong, and the mend.
        trouble: Trouble,
    },
    /// There is a link on the way to a name.
    #[error(
        "{0} is a link, and nothing that a link leads to is read, written or taken away with the \
         backups. Take the link away, and put what it stood for into its place"
    )]
    Link(String),
    /// A file is none of ours.
    #[error("{0} is larger than it may be")]
    TooLarge(String),
    /// The folder has no mark.
    #[error(
        "{0} does not hold the backups of this hospital: it has no {MARK}. If it is a share or a \
         second disk, it is not mounted"
    )]
    Unmarked(String),
    /// The bucket has no mark.
    #[error(
        "{0} does not hold the backups of this hospital: it has no {MARK}. It was emptied, or \
         another bucket has the name now. If it is the right one, save where backups go once more"
    )]
    Emptied(String),
    /// Another copy of this hospital writes to it.
    #[error(
        "{0} is written to by another copy of this hospital. If this one takes its place, save \
         where backups go once more: the other one can write there no longer"
    )]
    Taken(String),
    /// Another copy of this hospital was promoted and goes on in its place.
    #[error(
        "Another copy of this hospital was promoted{} and goes on in its place, with the backups \
         in {place}. This one takes no changes any more. Work with the other one; or, if this one \
         is the right one, stop the other one first, and then this one: healthflow serve \
         --take-back",
        when(.at)
    )]
    Promoted {
        /// Where that is seen.
        place: String,
        /// When, microseconds UTC, if it is known.
        at: Option<i64>,
    },
    /// It is another hospital's.
    #[error(
        "{0} holds the backups of another hospital. Choose a folder of its own, in a bucket \
         another prefix"
    )]
    Foreign(String),
}

fn when(at: &Option<i64>) -> String {
    at.map_or_else(String::new, |at| format!(" at {:.0}", instant(at)))
}

/// Where backups go. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder.
    Folder(Folder),
    /// A bucket of S3-compatible storage, below a prefix.
    Bucket(Bucket),
}

impl Target {
    /// The folder at `path`.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::Folder(Folder { path: path.into() })
    }

    /// The bucket at `address`, with the secret half of its access key.
    #[must_use]
    pub fn bucket(address: &Address, secret: &str) -> Self {
        Self::Bucket(Bucket::new(address, secret))
    }

    /// Where it is, in words.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Folder(folder) => folder.path.display().to_string(),
            Self::Bucket(bucket) => bucket.place(),
        }
    }

    /// Whether each question goes to another machine, costs something, and files only come whole.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Bucket(_))
    }

    /// That there is such a folder; of a bucket each question tells.
    ///
    /// # Errors
    /// [`TargetError::Unusable`].
    pub fn demand_there(&self) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) if !folder.path.is_dir() => Err(self.unusable(
                "there is no such folder. If it is on a share or a second disk, that is not \
                 mounted; where backups are to go, make the folder first",
            )),
            _ => Ok(()),
        }
    }

    /// Writes `name` whole, or leaves nothing: durable when it returns.
    ///
    /// # Errors
    /// What `write` and the system or the storage say.
    pub fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => folder.put(name, write),
            Self::Bucket(bucket) => bucket.put(name, write),
        }
    }

    /// Adds `bytes` at the end of `name`, which is made if it is not there: durable when it
    /// returns. Ended in between, part of them may be there. A bucket has no such thing: there
    /// they are all of `name`.
    ///
    /// # Errors
    /// What the system or the storage says.
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => folder.append(name, bytes),
            Self::Bucket(bucket) => bucket.put(name, &mut |file| file.write_all(bytes)),
        }
    }

    /// What `name` holds, to be read from its beginning; `None` if it is not there.
    ///
    /// # Errors
    /// What the system or the storage says.
    pub fn open(&self, name: &str) -> Result<Option<Stored>, TargetError> {
        Ok(match self {
            Self::Folder(folder) => folder.open(name)?.map(Stored::File),
            Self::Bucket(bucket) => bucket.open(name)?.map(|file| Stored::Object(Box::new(file))),
        })
    }

    /// The same of each of a few `names`, of a bucket at the same time.
    ///
    /// # Errors
    /// As of the first that fails.
    pub fn open_each(&self, names: &[String]) -> Result<Vec<Option<Stored>>, TargetError> {
        if !self.is_remote() {
            return names.iter().map(|name| self.open(name)).collect();
        }
        let gone = || self.unusable("a thread ended");
        std::thread::scope(|scope| {
            let asked: Vec<_> =
                names.iter().map(|name| scope.spawn(move || self.open(name))).collect();
            let each = asked.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(gone())));
            each.collect()
        })
    }

    /// How many names [`Target::open_each`] is to be given at a time.
    #[must_use]
    pub fn ahead(&self) -> usize {
        if self.is_remote() { AHEAD } else { 1 }
    }

    /// All of a small file, of at most `most` bytes; `None` if it is not there.
    ///
    /// # Errors
    /// What the system or the storage says; it is larger.
    pub fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let Some(mut file) = self.open(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = (&mut file).take(most + 1).read_to_end(&mut bytes);
        file.check()?;
        read.map_err(|cause| self.unusable(cause))?;
        if most < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
            return Err(TargetError::TooLarge(name.to_owned()));
        }
        Ok(Some(bytes))
    }

    /// The names in its folder `name`, sorted; none if it is not there. What was never finished
    /// is none of them.
    ///
    /// # Errors
    /// What the system or the storage says.
    pub fn list(&self, name: &str) -> Result<Vec<String>, TargetError> {
        match self {
            Self::Folder(folder) => folder.list(name),
            Self::Bucket(bucket) => bucket.list(name),
        }
    }

    /// Takes `name` away, a file or a folder with what is in it; it may be gone already.
    ///
    /// # Errors
    /// What the system or the storage says.
    pub fn remove(&self, name: &str) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => folder.remove(name),
            Self::Bucket(bucket) => bucket.remove(name),
        }
    }

    /// Takes the files `names` away; they may be gone already.
    ///
    /// # Errors
    /// What the system or the storage says.
    pub fn remove_each(&self, names: &[String]) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => names.iter().try_for_each(|name| folder.remove(name)),
            Self::Bucket(bucket) => bucket.remove_each(names),
        }
    }

    /// Whether it lies on the same volume as the folder `other`; unknown on some systems, and of
    /// what another machine keeps.
    #[must_use]
    pub fn shares_volume_with(&self, other: &Path) -> Option<bool> {
        match self {
            Self::Folder(folder) => folder.shares_volume_with(other),
            Self::Bucket(_) => None,
        }
    }

    pub(super) fn unusable(&self, cause: impl ToString) -> TargetError {
        TargetError::Unusable { place: self.place(), cause: cause.to_string() }
    }
}

/// What lies under a name, while it is read. An error of reading says that something is wrong;
/// [`Stored::check`] tells what lies there from the way to it.
#[derive(Debug)]
pub enum Stored {
    /// In a folder.
    File(File),
    /// In a bucket.
    Object(Box<Download>),
}

impl Stored {
    /// Passes over the first `bytes`, before anything is read.
    ///
    /// # Errors
    /// What the system says.
    pub fn skip(&mut self, bytes: u64) -> io::Result<()> {
        match self {
            Self::File(file) => file.seek(SeekFrom::Start(bytes)).map(|_| ()),
            Self::Object(object) => io::copy(&mut object.take(bytes), &mut io::sink()).map(|_| ()),
        }
    }

    /// That what was read is what lies there: the way to it held. To be asked before anything is
    /// made of an error, or of an end that came too early.
    ///
    /// # Errors
    /// What the storage says, or the way to it.
    pub fn check(&self) -> Result<(), TargetError> {
        match self {
            Self::File(_) => Ok(()),
            Self::Object(object) => object.check(),
        }
    }
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Object(object) => object.read(into),
        }
    }
}

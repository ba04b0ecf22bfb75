//! Why a backup, a drill or a restore came to nothing.

use super::manifest::ManifestError;
use super::settings::NotReady;
use super::target::TargetError;
use crate::platform::jobs::JobError;
use crate::store::StoreError;
use crate::vocab::problem::{Explain, ProblemKind};

/// Why a backup, a drill or a restore came to nothing. Nothing at the target was taken away.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// It is not set up.
    #[error("{0}.")]
    NotReady(#[from] NotReady),
    /// The target.
    #[error("{0}.")]
    Target(#[from] TargetError),
    /// A manifest.
    #[error("{0}.")]
    Manifest(ManifestError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of this machine.
    #[error("{what}: {cause}.")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        cause: String,
    },
    /// The disk has no room for a copy of the database.
    #[error(
        "The disk of the data folder has {free_mib} MiB free, and a copy of the database needs \
         {needed_mib}. Make room and try again."
    )]
    NoSpace {
        /// MiB that are needed.
        needed_mib: u64,
        /// MiB that are there.
        free_mib: u64,
    },
    /// What was read back is not what was written.
    #[error(
        "{0} was read back and is not what was written. The disk or the share of the backups \
         does not keep what it is given; look at it before you rely on it."
    )]
    Unequal(String),
    /// The key opens nothing here.
    #[error("This key does not open the backup {0}. It may be that of another recovery sheet.")]
    WrongKey(String),
    /// What was restored is not what the manifest says.
    #[error("The backup {name} was restored and is not what it should be: {flaw}.")]
    Differs {
        /// Which.
        name: String,
        /// In what.
        flaw: String,
    },
    /// It says that it was made in the future.
    #[error(
        "The backup {0} says that it was made in the future, by the clock of this machine. If the \
         clock is wrong, set it; or choose the backup by its name with --backup."
    )]
    OfTheFuture(String),
    /// There is no backup at all.
    #[error("There is no backup at {0}.")]
    None(String),
    /// There is none from before the moment that is wanted.
    #[error(
        "The oldest backup is from after that moment. Look at the list with --list, and choose a \
         later one."
    )]
    TooEarly,
    /// There is nothing to follow yet.
    #[error(
        "No backup at {0} goes on with a shipped log yet. It comes by itself when the hospital's \
         server has run for a while with that place set under Backups."
    )]
    NothingToFollow(String),
    /// What follows does not follow from what is there.
    #[error("The shipped log goes on otherwise than it did: {0}.")]
    Turned(String),
    /// What was laid here cannot go on.
    #[error("What was laid on this standby cannot go on: {0}.")]
    Stale(String),
    /// The data folder is no standby.
    #[error("{0} is no standby. Begin one there with healthflow standby --from PLACE.")]
    NoStandby(String),
    /// What is there cannot be the hospital yet.
    #[error(
        "This standby cannot be promoted yet: the log that is there does not reach to where its \
         backup was finished. Wait for the rest, or use healthflow restore."
    )]
    NotWhole,
    /// The job has to end.
    #[error(transparent)]
    Ended(JobError),
}

impl BackupError {
    /// Whether it says something of one backup, and nothing of the others.
    #[must_use]
    pub fn is_of_one_backup(&self) -> bool {
        matches!(self, Self::Manifest(_) | Self::Differs { .. } | Self::OfTheFuture(_))
    }

    /// Of a file of this machine.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |cause| Self::Io { what, cause: cause.to_string() }
    }
}

impl From<ManifestError> for BackupError {
    fn from(cause: ManifestError) -> Self {
        match cause {
            // The way to it says nothing about the backup.
            ManifestError::Target(cause) => Self::Target(cause),
            cause => Self::Manifest(cause),
        }
    }
}

impl From<JobError> for BackupError {
    fn from(cause: JobError) -> Self {
        Self::Ended(cause)
    }
}

impl From<BackupError> for JobError {
    fn from(cause: BackupError) -> Self {
        match cause {
            BackupError::Ended(ended) => ended,
            cause => Self::Failed { code: cause.code(), detail: cause.to_string() },
        }
    }
}

impl Explain for BackupError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotReady(_) => "backup.not_ready",
            Self::Target(_) => "backup.target",
            Self::Manifest(_) => "backup.manifest",
            Self::Store(cause) => cause.code(),
            Self::Io { .. } => "backup.io",
            Self::NoSpace { .. } => "backup.no_space",
            Self::Unequal(_) => "backup.unequal",
            Self::WrongKey(_) => "backup.wrong_key",
            Self::Differs { .. } => "backup.differs",
            Self::OfTheFuture(_) => "backup.of_the_future",
            Self::None(_) => "backup.none",
            Self::TooEarly => "backup.too_early",
            Self::NothingToFollow(_) => "backup.nothing_to_follow",
            Self::Turned(_) => "backup.turned",
            Self::Stale(_) => "backup.stale",
            Self::NoStandby(_) => "backup.no_standby",
            Self::NotWhole => "backup.not_whole",
            Self::Ended(_) => "backup.ended",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Store(cause) => cause.kind(),
            _ => ProblemKind::Conflict,
        }
    }
}

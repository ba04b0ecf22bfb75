//! Why an import is not taken, in words for whoever ordered it.

use super::office::QUEUE_MAX;
use super::upload::UPLOADS_MAX;
use crate::platform::ledger::RecordError;
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// Why an import cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Too many wait already.
    #[error("{QUEUE_MAX} imports are waiting already. Try again when some are done.")]
    QueueFull,
    /// The upload is larger than what is set.
    #[error(
        "The file is larger than {max} bytes, the setting max_import_gib. Split it, or \
             import it on the server with healthflow import."
    )]
    TooLarge {
        /// The bound.
        max: u64,
    },
    /// The file could not be kept.
    #[error("the uploaded file could not be written: {0}")]
    Disk(std::io::Error),
    /// The upload broke off.
    #[error("The upload broke off. Nothing was imported; send the file again.")]
    Incomplete,
    /// The upload stood still.
    #[error(
        "No byte of the file came for {seconds} seconds. Nothing was imported; send the file \
             again."
    )]
    Still {
        /// The bound.
        seconds: u64,
    },
    /// The upload trickled.
    #[error(
        "The file came too slowly: less than {kib} KiB in {seconds} seconds. Nothing was \
             imported. Send it over a faster line, or compressed (.zip, .gz), or import it on \
             the server with healthflow import."
    )]
    TooSlow {
        /// The least that has to come.
        kib: u64,
        /// In so many seconds.
        seconds: u64,
    },
    /// The server stops.
    #[error("HealthFlow is stopping. Nothing was imported; send the file again in a minute.")]
    Stopping,
    /// The disk fills up.
    #[error(
        "The disk is nearly full, so that no files are taken. Free some space, then send it again."
    )]
    NoRoom,
    /// Too many upload already.
    #[error("{UPLOADS_MAX} files are being uploaded already. Try again when one is done.")]
    UploadsFull,
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for ImportError {
    fn from(cause: StoreError) -> Self {
        Self::Record(RecordError::Store(cause))
    }
}

impl Explain for ImportError {
    fn code(&self) -> &'static str {
        match self {
            Self::QueueFull => "imports.queue_full",
            Self::TooLarge { .. } => "imports.too_large",
            Self::Disk(_) => "imports.disk",
            Self::Incomplete | Self::Still { .. } => "imports.incomplete",
            Self::TooSlow { .. } => "imports.too_slow",
            Self::Stopping => "server.stopping",
            Self::NoRoom => "imports.no_room",
            Self::UploadsFull => "imports.uploads_full",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::QueueFull => ProblemKind::Busy { retry_after_s: 60 },
            Self::UploadsFull | Self::Stopping => ProblemKind::Busy { retry_after_s: 30 },
            Self::NoRoom => ProblemKind::Busy { retry_after_s: 600 },
            Self::TooLarge { .. } => ProblemKind::TooLarge,
            Self::Disk(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
                ProblemKind::Busy { retry_after_s: 600 }
            }
            Self::Disk(_) => ProblemKind::Fault,
            Self::Incomplete | Self::Still { .. } | Self::TooSlow { .. } => ProblemKind::Malformed,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Record(cause) => cause.fields(),
            _ => Vec::new(),
        }
    }
}

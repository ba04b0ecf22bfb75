//! Why a message did not arrive.

use crate::platform::jobs::JobError;
use crate::store::StoreError;
use crate::vocab::problem::{Explain, ProblemKind};

/// Why a message did not arrive. It names no password and no address that is a secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotifyError {
    /// The mail server.
    #[error("The mail server did not take it: {0}.")]
    Mail(String),
    /// The mail server will never take it.
    #[error("The mail server refuses it: {0}. Look whether the address is right.")]
    Refused(String),
    /// How mail goes out is not set, or wrongly.
    #[error("{0}.")]
    Settings(String),
    /// The other end of a channel.
    #[error("{0}.")]
    Channel(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotifyError> for JobError {
    fn from(cause: NotifyError) -> Self {
        let (code, detail) = (cause.code(), cause.to_string());
        match cause {
            NotifyError::Refused(_) => Self::Hopeless { code, detail },
            _ => Self::Failed { code, detail },
        }
    }
}

impl Explain for NotifyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Mail(_) => "notify.mail",
            Self::Refused(_) => "notify.refused",
            Self::Settings(_) => "notify.settings",
            Self::Channel(_) => "notify.channel",
            Self::Store(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Store(cause) => cause.kind(),
            _ => ProblemKind::Conflict,
        }
    }
}

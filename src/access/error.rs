//! What can go wrong at the door.

use crate::platform::ledger::RecordError;
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// A refusal at the door, in words for the caller.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Wrong name or password; which of them is not told.
    #[error("The user name or the password is not right.")]
    WrongCredentials,
    /// The set-up link is wrong, or the set-up is done.
    #[error(
        "This set-up link is not valid any more. The newest one is printed at start and \
             lies in the file setup-link.txt of the data folder."
    )]
    SetupLink,
    /// The hospital is set up already.
    #[error("HealthFlow is set up already. Sign in.")]
    SetupDone,
    /// All hashing slots and their queue are taken.
    #[error("Many people are signing in just now. Try again in a few seconds.")]
    HashingBusy,
    /// Too many wrong passwords; whether there is such an account is not told.
    #[error("Too many wrong passwords. Try again in {}.", span(*retry_after_s))]
    Slowed {
        /// How long to wait, in seconds.
        retry_after_s: u32,
    },
    /// The hashing library refused, which its fixed parameters rule out.
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    /// The system gave no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Randomness(String),
    /// The account may do more than whoever wants to decide over it.
    #[error(
        "This person's role goes beyond your own ({more}), so you cannot do this to them. Ask \
             somebody who holds it."
    )]
    Outranked {
        /// What it is that one's own role does not include.
        more: String,
    },
    /// The account belongs to another facility.
    #[error("You can only decide over the accounts of your own facility.")]
    Elsewhere,
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Seconds in words, from two minutes on in minutes.
fn span(seconds: u32) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl From<StoreError> for AccessError {
    fn from(cause: StoreError) -> Self {
        Self::Record(RecordError::Store(cause))
    }
}

impl Explain for AccessError {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "access.wrong_credentials",
            Self::SetupLink => "access.setup_link",
            Self::SetupDone => "access.setup_done",
            Self::HashingBusy => "access.hashing_busy",
            Self::Slowed { .. } => "access.slowed",
            Self::Hashing(_) => "access.hashing",
            Self::Randomness(_) => "access.randomness",
            Self::Outranked { .. } => "access.outranked",
            Self::Elsewhere => "access.elsewhere",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::WrongCredentials => ProblemKind::SignIn,
            Self::SetupLink | Self::Outranked { .. } | Self::Elsewhere => ProblemKind::NotAllowed,
            Self::SetupDone => ProblemKind::Conflict,
            Self::HashingBusy => ProblemKind::Busy { retry_after_s: 2 },
            Self::Slowed { retry_after_s } => {
                ProblemKind::TooMany { retry_after_s: *retry_after_s }
            }
            Self::Hashing(_) | Self::Randomness(_) => ProblemKind::Fault,
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

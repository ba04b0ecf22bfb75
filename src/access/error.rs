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
    /// The password lies elsewhere and cannot be set here.
    #[error(
        "The password of this account lies {0}. Change it there, or make the account a local one \
             first."
    )]
    PasswordElsewhere(&'static str),
    /// Nobody in the directory answers.
    #[error("The hospital's directory does not answer; sign in with a local account.")]
    DirectorySilent,
    /// The password in the directory is too old.
    #[error(
        "Your password in the hospital's directory has expired. Change it at a computer of the \
             hospital, then sign in here."
    )]
    PasswordExpired,
    /// The password was right, and no group gives a role.
    #[error(
        "You are in none of the groups that may use HealthFlow. Ask whoever looks after the \
             hospital's accounts."
    )]
    NoGroup,
    /// The name belongs to somebody else here.
    #[error(
        "An account of the same name belongs to somebody else here. Ask an administrator to \
             rename that one, or to hand it over."
    )]
    NameTaken,
    /// What comes from elsewhere cannot be an account here.
    #[error(
        "Your account cannot be used here: its name, its role or its facility does not fit. Ask \
             an administrator."
    )]
    AccountUnfit,
    /// Too many wait for another machine.
    #[error("Many people are signing in just now. Try again in a few seconds.")]
    ErrandsBusy,
    /// A thread for errands did not start.
    #[error("what asks other machines did not start: {0}")]
    Errands(String),
    /// The hashing library refused, which its fixed parameters rule out.
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    /// The system gave no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Randomness(String),
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl AccessError {
    /// What asks other machines could not be started.
    pub(super) fn errands(cause: impl std::fmt::Display) -> Self {
        Self::Errands(cause.to_string())
    }
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
            Self::PasswordElsewhere(_) => "access.password_elsewhere",
            Self::DirectorySilent => "access.directory_silent",
            Self::PasswordExpired => "access.password_expired",
            Self::NoGroup => "access.no_group",
            Self::NameTaken => "access.name_taken",
            Self::AccountUnfit => "access.account_unfit",
            Self::ErrandsBusy => "access.errands_busy",
            Self::Errands(_) => "access.errands",
            Self::Hashing(_) => "access.hashing",
            Self::Randomness(_) => "access.randomness",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::WrongCredentials => ProblemKind::SignIn,
            Self::SetupLink => ProblemKind::NotAllowed,
            Self::SetupDone | Self::PasswordElsewhere(_) => ProblemKind::Conflict,
            Self::DirectorySilent => ProblemKind::Busy { retry_after_s: 30 },
            Self::PasswordExpired | Self::NoGroup | Self::NameTaken | Self::AccountUnfit => {
                ProblemKind::NotAllowed
            }
            Self::ErrandsBusy => ProblemKind::Busy { retry_after_s: 2 },
            Self::Errands(_) => ProblemKind::Fault,
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

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
    /// The password was right, and a second factor is asked for.
    #[error("The password is right. Show your second factor too.")]
    SecondFactor,
    /// The code was wrong, used already or of another time.
    #[error("This code is not right. Use the one that the app shows now, or a recovery code.")]
    WrongCode,
    /// What was begun is over: too late, used, or tried too often.
    #[error("This took too long or was tried too often. Begin again with the password.")]
    ChallengeOver,
    /// The passkey is not known here, or its answer does not hold.
    #[error("This passkey does not open HealthFlow here. Sign in with the password.")]
    WrongPasskey,
    /// The hospital was reached by a bare address.
    #[error(
        "Passkeys need the name of the server, such as healthflow.hospital.example: open \
             HealthFlow by its name instead of a number."
    )]
    NoSiteName,
    /// The person has as many passkeys as they may have.
    #[error("You have as many passkeys as a person may have. Remove one first.")]
    TooManyPasskeys,
    /// There is nothing of the kind to be taken away or named.
    #[error("You have no such second factor.")]
    NoSuchFactor,
    /// The password is good only beside a second factor.
    #[error(
        "Your password is shorter than one must be that stands alone. Choose a longer one \
             first."
    )]
    PasswordTooShortAlone,
    /// The session was opened by a program.
    #[error("This session belongs to no workstation, so it cannot be locked. Sign out instead.")]
    NoWorkstation,
    /// The person has not signed in at this workstation during this shift.
    #[error("You have to sign in with your name and password at this workstation.")]
    NotHereAnyMore,
    /// The PIN was wrong.
    #[error("This is not your PIN.")]
    WrongPin,
    /// Too many wrong PINs.
    #[error("The PIN was wrong too often. Use your password.")]
    PinUsedUp,
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
            Self::SecondFactor => "access.second_factor",
            Self::WrongCode => "access.wrong_code",
            Self::ChallengeOver => "access.challenge_over",
            Self::WrongPasskey => "access.wrong_passkey",
            Self::NoSiteName => "access.no_site_name",
            Self::TooManyPasskeys => "access.too_many_passkeys",
            Self::NoSuchFactor => "access.no_such_factor",
            Self::PasswordTooShortAlone => "access.password_too_short_alone",
            Self::NoWorkstation => "access.no_workstation",
            Self::NotHereAnyMore => "access.not_here_any_more",
            Self::WrongPin => "access.wrong_pin",
            Self::PinUsedUp => "access.pin_used_up",
            Self::Hashing(_) => "access.hashing",
            Self::Randomness(_) => "access.randomness",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::WrongCredentials
            | Self::SecondFactor
            | Self::WrongCode
            | Self::ChallengeOver
            | Self::WrongPasskey
            | Self::NotHereAnyMore
            | Self::WrongPin
            | Self::PinUsedUp => ProblemKind::SignIn,
            Self::SetupLink => ProblemKind::NotAllowed,
            Self::SetupDone
            | Self::NoSiteName
            | Self::TooManyPasskeys
            | Self::PasswordTooShortAlone
            | Self::NoWorkstation => ProblemKind::Conflict,
            Self::NoSuchFactor => ProblemKind::NotFound,
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

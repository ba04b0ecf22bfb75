//! What can go wrong at the door.

use crate::platform::ledger::{OutOfReach, RecordError};
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// A refusal at the door, in words for the caller.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Wrong name or password; which of them is not told.
    #[error("The user name or the password is not right.")]
    WrongCredentials,
    /// Nobody here knows their password, and the provider has let them in too long ago.
    #[error(
        "For this you must have signed in within the last ten minutes. Sign out, sign in again and \
             repeat it."
    )]
    SignInAgain,
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
    /// The secret of a token has a typing error.
    #[error(
        "This token was not copied whole, or has a typing error. Copy it again; if it is lost, \
             make a new one."
    )]
    TokenMistyped,
    /// No such token was ever made here.
    #[error("This token is not known to this server. Make one under Tokens.")]
    TokenUnknown,
    /// The time of the token is over.
    #[error("This token has expired. Make a new one under Tokens.")]
    TokenExpired,
    /// The token was revoked, or its account is disabled.
    #[error("This token was revoked, or its account is disabled. Make a new one under Tokens.")]
    TokenRevoked,
    /// The token of this Idempotency-Key was made and shown before.
    #[error(
        "Under this Idempotency-Key the token {id} was made before, and a token is shown only \
             once. If it was lost, revoke it and make another under a new key."
    )]
    TokenShown {
        /// Which, as it is shown.
        id: String,
    },
    /// The OpenID provider has not asked for a second factor.
    #[error(
        "Your hospital asks for a second factor, and where you come from you were asked for none. \
             Ask whoever looks after the hospital's accounts."
    )]
    SecondFactorElsewhere,
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
    /// The account may do more than whoever wants to decide over it.
    #[error(
        "This person's role goes beyond your own ({more}), so you cannot do this to them. Ask \
             somebody who holds it."
    )]
    Outranked {
        /// What it is that one's own role does not include.
        more: String,
    },
    /// It is their own account.
    #[error("Choose your own password under your own name: the present one is asked for there.")]
    OwnAccount,
    /// The account belongs to another facility.
    #[error("You can only decide over the accounts of your own facility.")]
    Elsewhere,
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

impl From<OutOfReach> for AccessError {
    fn from(cause: OutOfReach) -> Self {
        Self::Record(cause.into())
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
            Self::SignInAgain => "access.sign_in_again",
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
            Self::TokenMistyped => "access.token_mistyped",
            Self::TokenUnknown => "access.token_unknown",
            Self::TokenExpired => "access.token_expired",
            Self::TokenRevoked => "access.token_revoked",
            Self::TokenShown { .. } => "access.token_shown",
            Self::SecondFactorElsewhere => "access.second_factor_elsewhere",
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
            Self::Outranked { .. } => "access.outranked",
            Self::OwnAccount => "access.own_account",
            Self::Elsewhere => "access.elsewhere",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::DirectorySilent => ProblemKind::Busy { retry_after_s: 30 },
            Self::ErrandsBusy => ProblemKind::Busy { retry_after_s: 2 },
            Self::Errands(_) => ProblemKind::Fault,
            Self::WrongCredentials
            | Self::SecondFactor
            | Self::WrongCode
            | Self::ChallengeOver
            | Self::WrongPasskey
            | Self::NotHereAnyMore
            | Self::WrongPin
            | Self::PinUsedUp
            | Self::TokenMistyped
            | Self::TokenUnknown
            | Self::TokenExpired
            | Self::TokenRevoked => ProblemKind::SignIn,
            Self::SignInAgain
            | Self::SetupLink
            | Self::Outranked { .. }
            | Self::OwnAccount
            | Self::Elsewhere
            | Self::PasswordExpired
            | Self::NoGroup
            | Self::NameTaken
            | Self::AccountUnfit
            | Self::SecondFactorElsewhere => ProblemKind::NotAllowed,
            Self::SetupDone
            | Self::TokenShown { .. }
            | Self::PasswordElsewhere(_)
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

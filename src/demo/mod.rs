//! A believable hospital of invented people, in bulk, for trying, tests and benchmarks.
//!
//! The same number of patients, seed, day and history give the same hospital: the same ids,
//! times and contents. Patient `k` is the same however many there are. In reading order: `dice`
//! is chance that can be repeated; `names` and `people` make who comes; `knowledge` is what the
//! generator knows of medicine; `life` says what happens to somebody and writes it into a
//! `chart`, with `visit`, `measures` and `vaccinations`; `staff` is who works there; `rows` turns
//! charts into the rows that the API would have made, `load` writes them.
//!
//! Nobody is meant: names are common ones put together by chance, phone numbers begin with a
//! country code that no country has, and the hospital says on every page what it is.
//!
//! **Written past the verbs.** Rows of patients are checked against their declaration and by the
//! pure rules of their room, but not one by one against the store: the generator names only
//! records that it has just made. One audit row stands for each batch, and no event is emitted:
//! nobody can have listened. Everything else is made by the rooms' own verbs.
//!
//! **Half a hospital is none.** A mark in the first transaction says that the hospital is being
//! made; it goes in the last. [`refuse_unfinished`] keeps a server from what was broken off.

mod chart;
mod dice;
mod knowledge;
mod life;
mod load;
mod measures;
mod names;
mod people;
mod rows;
mod staff;
#[cfg(test)]
mod tests;
mod vaccinations;
mod visit;

use std::path::PathBuf;

use jiff::civil::Date;

pub use load::{make, refuse_unfinished};
pub use staff::HOSPITAL_NAME;

use crate::access::AccessError;
use crate::platform::ledger::{OutOfReach, RecordError};
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// The most patients: identities and numbers are laid out for so many.
pub const PATIENTS_MAX: u64 = 20_000_000;

/// What hospital is wanted.
#[derive(Debug, Clone)]
pub struct Order {
    /// How many patients, 1 to [`PATIENTS_MAX`].
    pub patients: u64,
    /// Which of all such hospitals.
    pub seed: u64,
    /// How much happened to each of them.
    pub history: History,
    /// The day on which the hospital is as it is, which everything else is counted from.
    pub today: Date,
    /// Minutes of that day, UTC, which have passed: who is in the house has come before.
    pub minutes: i64,
    /// Of the password that all accounts have, as `access::passwords` makes it.
    pub password_hash: String,
}

/// How much happened to each patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Patients alone.
    None,
    /// About twelve records for each.
    Light,
    /// Every visit with all that is measured there: about forty records for each.
    Full,
}

impl History {
    /// The word as it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Light => "light",
            Self::Full => "full",
        }
    }
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Records of each kind, without child rows, by the plural that addresses have.
    pub records: Vec<(&'static str, u64)>,
    /// Rows of all tables.
    pub rows: u64,
    /// Names to sign in with, and the role of each.
    pub accounts: Vec<(String, &'static str)>,
}

/// Why there is no demo hospital.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder holds something: somebody's hospital, or half a demo.
    #[error(
        "There is something in {folder} already. Nothing was changed: choose an empty or a new \
         folder with --data DIR. If it is a demo hospital that was not finished, delete the folder."
    )]
    NotEmpty {
        /// Which folder.
        folder: PathBuf,
    },
    /// The making was broken off.
    #[error(
        "The demo hospital in this folder was not finished. Delete the folder and run \
         healthflow demo again."
    )]
    Unfinished,
    /// More or fewer patients than there can be, or a day that has not come.
    #[error("{field}: {mend}")]
    Order {
        /// What was asked for.
        field: &'static str,
        /// What to ask for instead.
        mend: String,
    },
    /// The generator made something that its declaration refuses: a fault of ours.
    #[error("{resource} of patient {patient} would be refused: {findings}")]
    Refused {
        /// The kind of record.
        resource: &'static str,
        /// Counted from 0.
        patient: u64,
        /// Fields and mends.
        findings: String,
    },
    /// The accounts.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A rule of a room.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The threads.
    #[error("The threads for generating did not start: {0}")]
    Threads(String),
}

impl From<OutOfReach> for DemoError {
    fn from(cause: OutOfReach) -> Self {
        Self::Record(cause.into())
    }
}

impl Explain for DemoError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotEmpty { .. } => "demo.not_empty",
            Self::Unfinished => "demo.unfinished",
            Self::Order { .. } => "demo.order",
            Self::Refused { .. } => "demo.refused",
            Self::Access(cause) => cause.code(),
            Self::Record(cause) => cause.code(),
            Self::Store(cause) => cause.code(),
            Self::Threads(_) => "demo.threads",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Order { .. } => ProblemKind::Malformed,
            Self::Access(cause) => cause.kind(),
            Self::Record(cause) => cause.kind(),
            Self::Store(cause) => cause.kind(),
            _ => ProblemKind::Fault,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Order { field, mend } => vec![FieldError::new(*field, mend.clone())],
            _ => Vec::new(),
        }
    }
}

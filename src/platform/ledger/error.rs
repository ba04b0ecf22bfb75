//! What can be wrong with reading or changing a record.

use super::OutOfReach;
use crate::store::StoreError;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// A refusal, in words for the caller.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such record.
    #[error("There is no {0} with this id.")]
    NotFound(&'static str),
    /// Somebody changed the record in between.
    #[error("This {0} was changed by somebody else in the meantime. Load it again and repeat.")]
    Stale(&'static str),
    /// Values were refused.
    #[error("Some values need a correction.")]
    Invalid(Vec<FieldError>),
    /// A number that must be unique belongs to another record.
    #[error("{message}")]
    Taken {
        /// The field that holds it.
        field: String,
        /// What is taken and what to do.
        message: String,
    },
    /// The key of an earlier create came with another body.
    #[error("This Idempotency-Key was used for another request. Use a new key.")]
    KeyReused,
    /// The patient is not among those whom the caller sees.
    #[error(
        "This patient's record is not among those that you may open.{}",
        if .0.may_break_glass { EMERGENCY } else { "" }
    )]
    OutOfReach(OutOfReach),
    /// The record was entered in error and stays as it is.
    #[error("This {0} was entered in error and can no longer be changed. Record a new one.")]
    EnteredInError(&'static str),
}

/// Told to those who may.
const EMERGENCY: &str =
    " If you need it now, open it as an emergency and say why; that is reviewed.";

impl RecordError {
    /// A refusal of one value.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

impl From<OutOfReach> for RecordError {
    fn from(cause: OutOfReach) -> Self {
        Self::OutOfReach(cause)
    }
}

impl From<Vec<FieldError>> for RecordError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl Explain for RecordError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(cause) => cause.code(),
            Self::NotFound(_) => "web.not_found",
            Self::Stale(_) => "web.precondition",
            Self::Invalid(_) => "record.invalid",
            Self::Taken { .. } => "record.taken",
            Self::KeyReused => "web.idempotency_key_reused",
            Self::OutOfReach(_) => "access.out_of_reach",
            Self::EnteredInError(_) => "record.entered_in_error",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            // The one thing a caller can mend: a reference to a record that is not there.
            Self::Store(StoreError::ForeignKey) => ProblemKind::Invalid,
            Self::Store(cause) => cause.kind(),
            Self::NotFound(_) => ProblemKind::NotFound,
            Self::Stale(_) => ProblemKind::Precondition,
            Self::OutOfReach(_) => ProblemKind::NotAllowed,
            Self::Invalid(_) | Self::KeyReused => ProblemKind::Invalid,
            Self::Taken { .. } | Self::EnteredInError(_) => ProblemKind::Conflict,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Taken { field, message } => vec![FieldError::new(field, message)],
            _ => Vec::new(),
        }
    }

    fn offers(&self) -> Option<&'static str> {
        matches!(self, Self::OutOfReach(cause) if cause.may_break_glass).then_some("break_glass")
    }
}

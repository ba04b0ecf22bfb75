//! What went wrong, in words for people and codes for programs. Only `web` knows which HTTP
//! status a [`ProblemKind`] becomes.

use serde::Serialize;

/// Which sort of answer a failure deserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request cannot be understood.
    Malformed,
    /// Nobody is signed in, or the credentials are wrong.
    SignIn,
    /// The actor may not do this.
    NotAllowed,
    /// There is no such thing, or the actor may not know of it.
    NotFound,
    /// The address is there, and this is not what can be done with it.
    Method,
    /// It contradicts what is already there.
    Conflict,
    /// The record has changed since the caller read it.
    Precondition,
    /// A change came without the version that it is based on.
    PreconditionRequired,
    /// The body or the file is larger than the bound.
    TooLarge,
    /// The content is of a type that is not accepted here.
    Unsupported,
    /// Values are well-formed and wrong.
    Invalid,
    /// A bound on queues or slots is reached; the caller may try again after the seconds given.
    Busy {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The caller has tried too often; others are not held up by it.
    TooMany {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// It was sent to a name that is not the server's.
    Misdirected,
    /// A fault of ours. The caller learns nothing but the request id.
    Fault,
}

/// One value that was refused, and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path of the value, e.g. `names[0].family`.
    pub field: String,
    /// What to do about it, in plain words.
    pub message: String,
}

impl FieldError {
    /// A refusal of `field` with the `message` that says how to mend it.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// A failure that can be told to the caller. The text must never hold patient data or secrets.
pub trait Explain: std::error::Error {
    /// Stable name of the situation, e.g. `patients.mrn_taken`.
    fn code(&self) -> &'static str;
    /// Which sort of answer it deserves.
    fn kind(&self) -> ProblemKind;
    /// The refused values, where single ones can be named.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }
    /// What this caller may do instead, as a word for programs, e.g. `break_glass`.
    fn offers(&self) -> Option<&'static str> {
        None
    }
}

/// The most refused values that a caller is told of; the others are counted.
const FINDINGS_MAX: usize = 50;
/// The longest path that is told, in characters.
const FIELD_MAX: usize = 100;

/// Collects the refused values of one body, so that the caller hears of all of them at once, up
/// to a bound: whoever sends a million wrong fields gets a short answer.
#[derive(Debug, Default)]
pub struct Findings {
    told: Vec<FieldError>,
    more: usize,
}

impl Findings {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` is wrong and how to mend it.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if FINDINGS_MAX <= self.told.len() {
            self.more += 1;
            return;
        }
        let mut field = field.into();
        if let Some((end, _)) = field.char_indices().nth(FIELD_MAX) {
            field.truncate(end);
            field.push('…');
        }
        self.told.push(FieldError::new(field, message));
    }

    /// Notes it unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.add(field, message);
        }
    }

    /// `Ok` if nothing was found, else what was.
    ///
    /// # Errors
    /// The refused values, at least one. If there were more than are told, the last says how
    /// many.
    pub fn verdict(mut self) -> Result<(), Vec<FieldError>> {
        if self.told.is_empty() {
            return Ok(());
        }
        if 0 < self.more {
            let message = format!("{} more values are refused. Mend these first.", self.more);
            self.told.push(FieldError::new("more", message));
        }
        Err(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_bounded_and_the_rest_is_counted() {
        let mut findings = Findings::new();
        for number in 0..1_000 {
            findings.add(format!("{number}{}", "é".repeat(500)), "Take it out.");
        }
        let told = findings.verdict().unwrap_err();
        assert_eq!(told.len(), FINDINGS_MAX + 1);
        assert!(told.iter().all(|it| it.field.chars().count() <= FIELD_MAX + 1));
        assert_eq!(told[FINDINGS_MAX].message, "950 more values are refused. Mend these first.");
        assert_eq!(Findings::new().verdict(), Ok(()));
    }
}

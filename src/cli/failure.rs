//! How a command ends.

use crate::vocab::problem::{Explain, FieldError};

/// A command that did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// And all is well.
    Well,
    /// And its result, already printed, says that something is wrong.
    WithFindings,
    /// And its result, already printed, says what of it could not be done.
    Partly,
}

impl Ended {
    /// What the process ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::WithFindings => 1,
            Self::Partly => 3,
        }
    }
}

/// A command that could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    code: String,
    detail: String,
    /// The same for people, with the refused values where the detail does not name them.
    words: String,
    fields: Vec<FieldError>,
    exit_code: u8,
}

impl Failure {
    /// A failure that the command line itself finds, outside any room.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (code, words) = (code.to_owned(), detail.clone());
        Self { code, detail, words, fields: Vec::new(), exit_code: 1 }
    }

    /// The running server refused.
    pub(super) fn refused(code: &str, detail: &str, fields: Vec<FieldError>) -> Self {
        let lines = fields.iter().map(|one| format!("\n  {}: {}", one.field, one.message));
        let words = std::iter::once(detail.to_owned()).chain(lines).collect();
        Self { fields, words, ..Self::new(code, detail) }
    }

    /// The line was typed wrong.
    pub(super) fn usage(detail: String) -> Self {
        Self { exit_code: 2, ..Self::new("cli.usage", detail) }
    }

    /// Stable name of the situation.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What happened and what to do, in plain words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same as people read it, single values included.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The refused values, where single ones can be named.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// What the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl<E: Explain> From<E> for Failure {
    /// Whoever sits at the machine may know all of it, unlike a caller over the network.
    fn from(cause: E) -> Self {
        Self { fields: cause.fields(), ..Self::new(cause.code(), cause.to_string()) }
    }
}

//! How a command ends.

use crate::vocab::problem::{Explain, FieldError};

/// A command that did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// And all is well.
    Well,
    /// And its result, already printed, says that something is wrong.
    WithFindings,
}

impl Ended {
    /// What the process ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::WithFindings => 1,
        }
    }
}

/// A command that could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    code: String,
    detail: String,
    fields: Vec<FieldError>,
    exit_code: u8,
}

impl Failure {
    /// A failure that the command line itself finds, outside any room.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into(), fields: Vec::new(), exit_code: 1 }
    }

    /// The running server refused.
    pub(super) fn refused(code: &str, detail: &str, fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(code, detail) }
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
        let (code, detail, fields) = (cause.code().to_owned(), cause.to_string(), cause.fields());
        Self { code, detail, fields, exit_code: 1 }
    }
}

//! What an import is to do, kept with it so that it can go on after a crash.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// FHIR R4 as JSON.
    Fhir,
    /// A table of patients.
    Csv,
}

impl Format {
    /// The word in the API and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Csv => "csv",
        }
    }
}

/// The order of one import.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the system that the files come from: ids of one source are one system's.
    pub source: String,
    /// How people call it: the name of the file or folder.
    pub label: String,
    /// What the files hold.
    pub format: Format,
    /// For CSV: which column is what.
    pub mapping: Option<BTreeMap<String, String>>,
    /// Files and folders to read.
    pub paths: Vec<PathBuf>,
    /// Whether the files are ours, to be deleted at the end.
    pub staged: bool,
}

impl Plan {
    /// What two orders of an upload have in common if they are the same one: all that was
    /// said, and the `digest` of the file.
    #[must_use]
    pub(super) fn request(&self, digest: &[u8]) -> Vec<u8> {
        let said = (&self.source, &self.label, self.format, &self.mapping, digest);
        serde_json::to_vec(&said).unwrap_or_default()
    }
}

/// The source of files that say nothing else.
pub(super) const SOURCE_DEFAULT: &str = "fhir";

/// Whether `name` can name a source: 1 to 60 letters, digits and `. _ -`.
#[must_use]
pub(super) fn is_source_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=60).contains(&name.len()) && name.bytes().all(fine)
}

//! Why a configuration is refused.

use std::fmt;

use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// Everything that is wrong with the configuration, so that it can be mended in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The key as it was written; `None` if the whole file is meant.
    pub key: Option<String>,
    /// Where it was written, e.g. `environment HEALTHFLOW_WORKERS`.
    pub place: String,
    /// What is wrong and what is allowed, in plain words.
    pub message: String,
}

impl ConfigError {
    /// An error of these findings.
    #[must_use]
    pub fn new(findings: Vec<Finding>) -> Self {
        Self { findings }
    }

    /// What is wrong, at least one thing.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, finding) in self.findings.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key} ({}): {}", self.place, self.message),
            None => write!(f, "{}: {}", self.place, self.message),
        }
    }
}

impl Explain for ConfigError {
    fn code(&self) -> &'static str {
        "config.invalid"
    }

    fn kind(&self) -> ProblemKind {
        ProblemKind::Invalid
    }

    fn fields(&self) -> Vec<FieldError> {
        let field = |finding: &Finding| finding.key.clone().unwrap_or_else(|| "file".into());
        self.findings
            .iter()
            .map(|finding| {
                FieldError::new(field(finding), format!("{}: {}", finding.place, finding.message))
            })
            .collect()
    }
}

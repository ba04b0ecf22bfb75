//! The one place from which people are told of an alert, in the transaction that notes it: what
//! is told is in the history, and what is in the history is told.

use super::rules::Level;
use crate::store::{StoreError, Tx};

/// An alert that begins, becomes graver, or is only tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// Its identity.
    pub alert: i64,
    /// The name of its rule.
    pub code: String,
    /// The word of its series.
    pub series: String,
    /// How grave.
    pub level: Level,
    /// What was measured, if anything was.
    pub value: Option<f64>,
    /// What it went beyond.
    pub threshold: Option<f64>,
    /// When, microseconds UTC.
    pub at: i64,
    /// Whether somebody only tries whether it arrives.
    pub is_test: bool,
}

/// An alert that is over, of which people were told.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Its identity.
    pub alert: i64,
    /// The name of its rule.
    pub code: String,
    /// How grave it was.
    pub level: Level,
    /// When it began, microseconds UTC.
    pub since: i64,
    /// When it was over, microseconds UTC.
    pub at: i64,
}

/// Tells of an alert.
///
/// # Errors
/// What the store says; the alert is not noted then either, and is tried again.
// The closure of a transaction may be run again, and then the line stands there twice: better than
// an alert of which the log knows nothing.
pub fn raise(_tx: &Tx<'_>, raised: &Raised) -> Result<(), StoreError> {
    let (code, level) = (raised.code.as_str(), raised.level.word());
    let (value, threshold) = (raised.value, raised.threshold);
    match raised.is_test {
        true => tracing::warn!(alert.rule = code, "This is a test of an alert: all is well"),
        false => {
            tracing::warn!(alert.rule = code, alert.level = level, value, threshold, "An alert");
        }
    }
    Ok(())
}

/// Tells that an alert is over.
///
/// # Errors
/// What the store says; the alert goes on then, and is tried again.
pub fn recover(_tx: &Tx<'_>, recovered: &Recovered) -> Result<(), StoreError> {
    let lasted_s = (recovered.at - recovered.since) / 1_000_000;
    let code = recovered.code.as_str();
    tracing::warn!(alert.rule = code, alert.lasted_s = lasted_s, "An alert is over");
    Ok(())
}

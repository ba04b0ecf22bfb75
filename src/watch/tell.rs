//! The one place from which people are told of an alert, in the transaction that notes it: what
//! is told is in the history, and what is in the history is told.

use serde_json::json;

use super::alarm::digits;
use super::resource::series_of;
use super::rules::Level;
use super::series::{Series, Unit};
use crate::config::sizing::size;
use crate::notify::{self, Severity, Shout, recipients};
use crate::platform::ledger::Desk;
use crate::store::{StoreError, Tx};

/// The words of an alert, in the catalogue of messages.
const WORDS: &str = "alert";

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

/// Tells of an alert: in the log, and those who have to know.
///
/// # Errors
/// What the store says; the alert is not noted then either, and is tried again.
// The closure of a transaction may be run again, and then the line stands there twice: better than
// an alert of which the log knows nothing.
pub fn raise(tx: &Tx<'_>, desk: &Desk, raised: &Raised) -> Result<(), StoreError> {
    let (code, level) = (raised.code.as_str(), raised.level.word());
    let (value, threshold) = (raised.value, raised.threshold);
    if raised.is_test {
        tracing::warn!(alert.rule = code, "This is a test of an alert: all is well");
        return notify::raise::test(tx, desk, (code, &recipients::all(tx)?)).map(drop);
    }
    tracing::warn!(alert.rule = code, alert.level = level, value, threshold, "An alert");
    notify::raise(tx, desk, &told(raised))
}

/// Tells of an alert that the store takes no note of.
pub fn shout(shout: &Shout, raised: &Raised) {
    shout.tell(&told(raised));
}

fn told(raised: &Raised) -> notify::Raised {
    let shown = |figure: Option<f64>| figure.map(|figure| text(&raised.series, figure));
    let (value, threshold) = (shown(raised.value), shown(raised.threshold));
    let facts = json!({"series": raised.series, "value": value, "threshold": threshold});
    let severity = match raised.level {
        Level::Warning => Severity::Warning,
        Level::Critical => Severity::Critical,
    };
    let facts = facts.as_object().cloned().unwrap_or_default();
    notify::Raised { subject: subject(&raised.code), severity, words: WORDS, facts }
}

/// Tells that an alert is over.
///
/// # Errors
/// What the store says; the alert goes on then, and is tried again.
pub fn recover(tx: &Tx<'_>, desk: &Desk, recovered: &Recovered) -> Result<(), StoreError> {
    let lasted_s = (recovered.at - recovered.since) / 1_000_000;
    let code = recovered.code.as_str();
    tracing::warn!(alert.rule = code, alert.lasted_s = lasted_s, "An alert is over");
    notify::over(tx, desk, &subject(code)).map(drop)
}

fn subject(code: &str) -> String {
    format!("alert:{code}")
}

/// A figure with its unit, as it stands in a message in every language.
fn text(series: &str, figure: f64) -> String {
    let digits = digits(figure);
    match series_of(series).map(Series::unit) {
        Some(Unit::PerSecond) => format!("{digits}/s"),
        Some(Unit::Percent) => format!("{digits} %"),
        Some(Unit::Ms) => format!("{digits} ms"),
        Some(Unit::Seconds) => format!("{digits} s"),
        Some(Unit::Hours) => format!("{digits} h"),
        Some(Unit::Bytes) => size(bytes(figure)),
        Some(Unit::BytesPerSecond) => format!("{}/s", size(bytes(figure))),
        Some(Unit::Count | Unit::Yes) | None => digits,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in words")]
fn bytes(figure: f64) -> u64 {
    figure.max(0.0) as u64
}

//! Rules, alerts and silences as the API shows them.

use super::rules::{Direction, Level};
use super::series::{CODES, Series};
use crate::access::users::USER;
use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject};
use crate::store::Value;
use crate::vocab::id::Kind;
use crate::vocab::problem::{FieldError, Findings};

/// A rule.
pub const ALERT_RULE: Kind = Kind::new("alert_rule", "rul");
/// What a rule has found.
pub const ALERT: Kind = Kind::new("alert", "alt");
/// A time in which nobody is told.
pub const ALERT_SILENCE: Kind = Kind::new("alert_silence", "sil");

/// The longest that a value may have to last, seconds: a day.
pub const FOR_MAX: i64 = 86_400;
/// The longest silence, minutes: a week.
pub const SILENCE_MAX: i64 = 7 * 24 * 60;
/// Characters of the reason of a silence.
const REASON_MAX: usize = 200;
const MINUTE: i64 = 60_000_000;

/// Rules. Which there are is the program's; when they speak up is the hospital's.
pub static ALERT_RULES: Resource = Resource {
    kind: ALERT_RULE,
    path: "alert-rules",
    table: "alert_rule",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::text("code").required().read_only(),
        Column::words("series", &CODES).required().read_only(),
        Column::words("direction", &Direction::WORDS).required().read_only(),
        Column::decimal("warning"),
        Column::decimal("critical"),
        Column::decimal("clear"),
        Column::int("for_s", 0, FOR_MAX).required(),
        Column::bool("enabled"),
    ],
    children: &[],
    parents: &[],
    prepare: rule,
};

/// Alerts, those that are over among them.
pub static ALERTS: Resource = Resource {
    kind: ALERT,
    path: "alerts",
    table: "alert",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "id", descending: true },
    columns: &[
        Column::id("rule_id", ALERT_RULE).required().read_only().filter(),
        Column::words("series", &CODES).required().read_only(),
        Column::words("level", &Level::WORDS).required().read_only(),
        Column::decimal("value").read_only(),
        Column::decimal("threshold").read_only(),
        Column::bool("is_test").read_only(),
        Column::time("raised_at").required(),
        Column::time("escalated_at"),
        Column::time("told_at"),
        Column::time("acknowledged_at"),
        Column::id("acknowledged_by", USER).read_only(),
        Column::text("acknowledged_name").read_only(),
        Column::time("recovered_at"),
    ],
    children: &[],
    parents: &[],
    prepare: nothing,
};

/// Silences. One is ended by setting its minutes to 0.
pub static ALERT_SILENCES: Resource = Resource {
    kind: ALERT_SILENCE,
    path: "alert-silences",
    table: "alert_silence",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "id", descending: true },
    columns: &[
        Column::id("rule_id", ALERT_RULE),
        Column::int("minutes", 0, SILENCE_MAX).required(),
        Column::long_text("reason", REASON_MAX).required(),
        Column::time("until_at").required(),
        Column::id("ordered_by", USER).read_only(),
        Column::text("ordered_name").read_only(),
    ],
    children: &[],
    parents: &[],
    prepare: silence,
};

fn nothing(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

/// From now on, for so many minutes.
fn silence(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let minutes = form.int("minutes").unwrap_or(0);
    form.set("until_at", work.now().saturating_add(minutes * MINUTE));
    if matches!(occasion, Occasion::Create(_)) {
        let mend = "Say for how many minutes, at least one.";
        if minutes < 1 {
            return Err(RecordError::field("minutes", mend));
        }
        form.set("ordered_by", work.call().actor.user_id());
        form.set("ordered_name", work.call().actor.name());
    }
    Ok(())
}

/// Thresholds must be in order: a rule that is never over, or over at once, warns of nothing.
fn rule(_: &Work<'_>, form: &mut Form, _: Occasion) -> Result<(), RecordError> {
    let number = |name: &str| form.text(name).and_then(|text| text.parse::<f64>().ok());
    let direction = Direction::of(form.text("direction").unwrap_or_default());
    let wrong = flaws(direction, number("warning"), number("critical"), number("clear"));
    let mut findings = Findings::new();
    for FieldError { field, message } in wrong {
        findings.add(field, message);
    }
    findings.verdict().map_err(RecordError::from)?;
    if form.get("enabled") == Some(&Value::Null) {
        form.set("enabled", true);
    }
    Ok(())
}

fn flaws(
    direction: Direction,
    warning: Option<f64>,
    critical: Option<f64>,
    clear: Option<f64>,
) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let (bad, good) = match direction {
        Direction::Above => ("above", "below"),
        Direction::Below => ("below", "above"),
    };
    if warning.is_none() && critical.is_none() {
        wrong.push(FieldError::new("warning", "Set a warning, a critical value or both."));
    }
    if let (Some(warning), Some(critical)) = (warning, critical)
        && !direction.is_worse(critical, warning)
    {
        wrong.push(FieldError::new("critical", format!("It must be {bad} the warning.")));
    }
    if let (Some(clear), Some(first)) = (clear, warning.or(critical))
        && direction.is_worse(clear, first)
    {
        let mend = format!("It must be {good} the first threshold, or equal to it.");
        wrong.push(FieldError::new("clear", mend));
    }
    wrong
}

/// The series of a rule or an alert of the store.
#[must_use]
pub fn series_of(code: &str) -> Option<Series> {
    Series::of(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_out_of_order_are_named_with_their_mend() {
        let fields = |direction, warning, critical, clear| {
            let wrong = flaws(direction, warning, critical, clear);
            wrong.into_iter().map(|flaw| flaw.field).collect::<Vec<_>>()
        };
        let above = |warning, critical, clear| fields(Direction::Above, warning, critical, clear);
        assert_eq!(above(Some(500.0), Some(1e3), Some(400.0)), Vec::<String>::new());
        assert_eq!(above(None, None, None), ["warning"]);
        assert_eq!(above(Some(500.0), Some(500.0), None), ["critical"]);
        assert_eq!(above(Some(500.0), None, Some(600.0)), ["clear"]);
        let below = fields(Direction::Below, Some(10.0), Some(5.0), Some(15.0));
        assert_eq!(below, Vec::<String>::new());
        let below = fields(Direction::Below, Some(10.0), Some(20.0), Some(5.0));
        assert_eq!(below, ["critical", "clear"]);
    }
}

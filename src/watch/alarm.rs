//! Asks the rules about each sample, and notes what follows: the history, who was told, and the
//! end of it. What was raised is in the store only, so that no restart forgets or repeats it.

use std::collections::{HashMap, HashSet};

use super::resource::{ALERT, series_of};
use super::rings::Rings;
use super::rules::{Change, Direction, Level, Rule, Timers, decide};
use super::series::Sample;
use super::tell::{self, Raised, Recovered};
use crate::notify::Shout;
use crate::platform::ledger::{Desk, RecordError, Touch, Work};
use crate::store::{FromValue, ReadTx, Row, StoreError, params};
use crate::vocab::actor::{Actor, Call};

/// Alerts that are kept.
pub const HISTORY_MAX: i64 = 5_000;

/// An alert that is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Its identity.
    pub id: i64,
    /// How grave it is.
    pub level: Level,
    /// When it began.
    pub raised_at: i64,
    /// Whether anybody was told.
    pub told: bool,
    /// Whether somebody has said that they know.
    pub acknowledged: bool,
}

/// What the store has of it at a moment.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// All rules.
    pub rules: Vec<Rule>,
    /// What is not over, by the rule.
    pub open: HashMap<i64, Open>,
    /// The rules of which nobody is told; `None` for all of them.
    pub silent: Vec<Option<i64>>,
}

impl Standing {
    /// Reads it.
    ///
    /// # Errors
    /// What the store says.
    pub fn find(tx: &ReadTx<'_>, now: i64) -> Result<Self, StoreError> {
        let sql = "SELECT id, code, series, direction, warning, critical, clear, for_s, enabled \
            FROM alert_rule ORDER BY id";
        let rules = tx.all(sql, &[], rule_of)?;
        let sql = "SELECT rule_id, id, level, raised_at, told_at IS NOT NULL, \
            acknowledged_at IS NOT NULL FROM alert WHERE recovered_at IS NULL";
        let open = tx.all(sql, &[], |row| {
            let open = Open {
                id: row.get(1)?,
                level: Level::of(&row.get::<String>(2)?),
                raised_at: row.get(3)?,
                told: row.get(4)?,
                acknowledged: row.get(5)?,
            };
            Ok((row.get::<i64>(0)?, open))
        })?;
        let sql = "SELECT rule_id FROM alert_silence WHERE ?1 < until_at";
        let silent = tx.all(sql, &params![now], |row| row.get(0))?;
        let rules = rules.into_iter().flatten().collect();
        Ok(Self { rules, open: open.into_iter().collect(), silent })
    }

    fn is_silent(&self, rule: i64) -> bool {
        self.silent.iter().any(|of| of.is_none_or(|of| of == rule))
    }
}

/// One whose series this program does not know is left alone.
fn rule_of(row: &Row<'_>) -> Result<Option<Rule>, StoreError> {
    fn number(row: &Row<'_>, at: usize) -> Result<Option<f64>, StoreError> {
        Ok(Option::<String>::from_value(row.value(at)).flatten().and_then(|it| it.parse().ok()))
    }
    let Some(series) = series_of(&row.get::<String>(2)?) else { return Ok(None) };
    Ok(Some(Rule {
        id: row.get(0)?,
        code: row.get(1)?,
        series,
        direction: Direction::of(&row.get::<String>(3)?),
        warning: number(row, 4)?,
        critical: number(row, 5)?,
        clear: number(row, 6)?,
        hold: row.get::<i64>(7)?.saturating_mul(1_000_000),
        enabled: row.get(8)?,
    }))
}

/// What has to be noted of one rule.
#[derive(Debug, Clone)]
enum Step {
    Begin {
        level: Level,
        told: bool,
    },
    Escalate {
        open: Open,
        told: bool,
    },
    /// A silence is over, and the alert is not.
    TellNow {
        open: Open,
    },
    End {
        open: Open,
    },
}

/// Asks the rules.
#[derive(Debug)]
pub struct Alarms {
    desk: Desk,
    shout: Shout,
    timers: HashMap<i64, Timers>,
    standing: Standing,
    /// What could not be noted, and the log has said so.
    unnoted: HashSet<i64>,
}

impl Alarms {
    /// Over the store of `desk`, with what was measured before: what was on its way to be an alert
    /// still is.
    #[must_use]
    pub fn new(desk: &Desk, shout: &Shout, rings: &Rings) -> Self {
        let find = |tx: &ReadTx<'_>| Standing::find(tx, desk.now());
        let standing = desk.store().read(desk.screen_deadline(), find).unwrap_or_default();
        let mut timers: HashMap<i64, Timers> = HashMap::new();
        for slot in rings.of(0) {
            for rule in &standing.rules {
                let spread = slot.figures.get(rule.series.at()).copied().flatten();
                let value = spread.map(|spread| f64::from(spread.mean));
                timers.entry(rule.id).or_default().observe(rule, slot.at, value);
            }
        }
        Self { desk: desk.clone(), shout: shout.clone(), timers, standing, unnoted: HashSet::new() }
    }

    /// Asks every rule about `sample`.
    pub fn step(&mut self, sample: &Sample) {
        let now = sample.at;
        let find = |tx: &ReadTx<'_>| Standing::find(tx, now);
        let found = self.desk.store().read(self.desk.screen_deadline(), find);
        let is_read = found.is_ok();
        if let Ok(found) = found {
            self.standing = found;
        }
        for rule in &self.standing.rules {
            let timers = self.timers.entry(rule.id).or_default();
            timers.observe(rule, now, sample.get(rule.series));
            let open = self.standing.open.get(&rule.id);
            let change = decide(rule, timers, open.map(|open| open.level), now);
            let is_silent = self.standing.is_silent(rule.id);
            let Some(step) = step_of(change, open, is_silent) else { continue };
            let noted = match is_read {
                true => note(&self.desk, rule, &step, sample),
                false => Err(StoreError::Closed.into()),
            };
            match noted {
                Ok(()) => drop(self.unnoted.remove(&rule.id)),
                Err(cause) if self.unnoted.insert(rule.id) => {
                    let code = rule.code.as_str();
                    tracing::error!(alert.rule = code, "The database takes no alert: {cause}");
                    if let Some(level) = step.raises() {
                        let raised = raised(rule, 0, level, (now, sample.get(rule.series)));
                        tell::shout(&self.shout, &raised);
                    }
                }
                Err(_) => {}
            }
        }
    }
}

fn step_of(change: Option<Change>, open: Option<&Open>, is_silent: bool) -> Option<Step> {
    let told = !is_silent;
    match (change, open.cloned()) {
        (Some(Change::Raise(level)), _) => Some(Step::Begin { level, told }),
        (Some(Change::Escalate), Some(open)) => Some(Step::Escalate { open, told }),
        (Some(Change::Recover), Some(open)) => Some(Step::End { open }),
        // Whoever has said that they know is told nothing new by it.
        (None, Some(open)) if told && !open.told && !open.acknowledged => {
            Some(Step::TellNow { open })
        }
        _ => None,
    }
}

impl Step {
    /// How grave what it tells of is, if people have to do something.
    fn raises(&self) -> Option<Level> {
        match self {
            Self::Begin { level, told: true } => Some(*level),
            Self::Escalate { told: true, .. } => Some(Level::Critical),
            _ => None,
        }
    }

    /// Its word in the audit.
    fn act(&self) -> &'static str {
        match self {
            Self::Begin { .. } => "alerts.raise",
            Self::Escalate { .. } => "alerts.escalate",
            Self::TellNow { .. } => "alerts.tell",
            Self::End { .. } => "alerts.recover",
        }
    }
}

fn note(desk: &Desk, rule: &Rule, step: &Step, sample: &Sample) -> Result<(), RecordError> {
    let call = Call::new(Actor::machine("watch", Vec::new()), "watch");
    let (rule, taken) = (rule.clone(), step.clone());
    let (now, value) = (sample.at, sample.get(rule.series));
    let teller = desk.clone();
    desk.write_blocking(&call, step.act(), move |work| match &taken {
        Step::Begin { level, told } => begin((work, &teller), &rule, (*level, *told), (now, value)),
        Step::Escalate { open, told } => {
            escalate((work, &teller), &rule, (open, *told), (now, value))
        }
        Step::TellNow { open } => tell_now((work, &teller), &rule, open, (now, value)),
        Step::End { open } => end((work, &teller), &rule, open, now),
    })
}

fn raised(rule: &Rule, alert: i64, level: Level, (at, value): (i64, Option<f64>)) -> Raised {
    let (code, series) = (rule.code.clone(), rule.series.code().to_owned());
    let threshold = rule.threshold(level);
    Raised { alert, code, series, level, value, threshold, at, is_test: false }
}

fn touched(work: &Work<'_>, id: i64, event: &'static str) {
    work.touched(Touch { kind: ALERT, id, patient: None, event });
}

/// The digits of a figure, as many as say something.
#[must_use]
pub fn digits(value: f64) -> String {
    let text = if value.abs() < 1_000.0 { format!("{value:.2}") } else { format!("{value:.0}") };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn begin(
    (work, desk): (&Work<'_>, &Desk),
    rule: &Rule,
    (level, told): (Level, bool),
    (now, value): (i64, Option<f64>),
) -> Result<(), RecordError> {
    let id = work.new_id();
    let raised = raised(rule, id, level, (now, value));
    let sql = "INSERT INTO alert (id, rule_id, series, level, value, threshold, raised_at, \
        told_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?7) \
        ON CONFLICT (rule_id) WHERE recovered_at IS NULL DO NOTHING";
    let params = params![
        id,
        rule.id,
        rule.series.code(),
        level.word(),
        value.map(digits),
        raised.threshold.map(digits),
        now,
        told.then_some(now),
    ];
    if work.tx().execute(sql, &params)? == 0 {
        return Ok(());
    }
    if told {
        tell::raise(work.tx(), desk, &raised)?;
    }
    touched(work, id, "raised");
    let sql = "DELETE FROM alert WHERE recovered_at IS NOT NULL AND id <= \
        (SELECT id FROM alert ORDER BY id DESC LIMIT 1 OFFSET ?1)";
    work.tx().execute(sql, &params![HISTORY_MAX])?;
    Ok(())
}

fn escalate(
    (work, desk): (&Work<'_>, &Desk),
    rule: &Rule,
    (open, told): (&Open, bool),
    (now, value): (i64, Option<f64>),
) -> Result<(), RecordError> {
    let raised = raised(rule, open.id, Level::Critical, (now, value));
    // Who knew of the warning does not know of this.
    let sql = "UPDATE alert SET level = 'critical', escalated_at = ?2, value = ?3, threshold = ?4, \
        told_at = ?5, acknowledged_at = NULL, acknowledged_by = NULL, \
        acknowledged_name = NULL, version = version + 1, \
        updated_at = ?2 WHERE id = ?1 AND recovered_at IS NULL AND level = 'warning'";
    let threshold = raised.threshold.map(digits);
    let params = params![open.id, now, value.map(digits), threshold, told.then_some(now)];
    if work.tx().execute(sql, &params)? == 0 {
        return Ok(());
    }
    if told {
        tell::raise(work.tx(), desk, &raised)?;
    }
    touched(work, open.id, "escalated");
    Ok(())
}

fn tell_now(
    (work, desk): (&Work<'_>, &Desk),
    rule: &Rule,
    open: &Open,
    (now, value): (i64, Option<f64>),
) -> Result<(), RecordError> {
    let sql = "UPDATE alert SET told_at = ?2, version = version + 1, updated_at = ?2 \
        WHERE id = ?1 AND told_at IS NULL AND recovered_at IS NULL";
    if work.tx().execute(sql, &params![open.id, now])? == 0 {
        return Ok(());
    }
    tell::raise(work.tx(), desk, &raised(rule, open.id, open.level, (now, value)))?;
    touched(work, open.id, "told");
    Ok(())
}

fn end(
    (work, desk): (&Work<'_>, &Desk),
    rule: &Rule,
    open: &Open,
    now: i64,
) -> Result<(), RecordError> {
    let sql = "UPDATE alert SET recovered_at = ?2, version = version + 1, updated_at = ?2 \
        WHERE id = ?1 AND recovered_at IS NULL";
    if work.tx().execute(sql, &params![open.id, now])? == 0 {
        return Ok(());
    }
    if open.told {
        let (code, level) = (rule.code.clone(), open.level);
        let over = Recovered { alert: open.id, code, level, since: open.raised_at, at: now };
        tell::recover(work.tx(), desk, &over)?;
    }
    touched(work, open.id, "recovered");
    Ok(())
}

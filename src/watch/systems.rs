//! Health at a glance: a state and a reason for each system, for one sentence each.

use super::alarm::Standing;
use super::rules::Level;
use super::series::{Sample, Series};

/// What somebody who is no engineer tells apart, with the series that speak for it; the first one
/// is what the sentence tells when all is well.
pub static SYSTEMS: [(&str, &[Series]); 6] = [
    (
        "answers",
        &[
            Series::DurationP95,
            Series::DurationMean,
            Series::ErrorsPercent,
            Series::ErrorsPerMinute,
            Series::ConnectionsPercent,
        ],
    ),
    (
        "database",
        &[Series::CommitLongest, Series::DatabaseUp, Series::WriterQueue, Series::SnapshotOldest],
    ),
    ("disk", &[Series::DiskFree, Series::DiskFreeBytes, Series::DiskBusy]),
    ("machine", &[Series::MachineCpu, Series::MachineMemory]),
    ("jobs", &[Series::JobsWaiting, Series::JobsOldest, Series::JobsFailing]),
    ("backups", &[Series::BackupAge, Series::BackupGood, Series::BackupLag]),
];

/// The words of [`Look::state`].
pub const STATES: [&str; 4] = ["ok", "warning", "critical", "unknown"];

/// How one system is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Which.
    pub system: &'static str,
    /// One of [`STATES`].
    pub state: &'static str,
    /// What speaks for it: the worst of its series, or the first.
    pub because: Series,
    /// Its value.
    pub value: Option<f64>,
    /// Whether that is beyond a threshold at this moment, and not only an alert not over yet.
    pub is_now: bool,
}

/// How every system is at `now`: as bad as what is raised and not over. What is beyond a threshold
/// for a moment only makes nobody run.
#[must_use]
pub fn looks(now: Option<&Sample>, standing: &Standing) -> Vec<Look> {
    SYSTEMS.iter().map(|(system, series)| look(system, series, now, standing)).collect()
}

fn look(
    system: &'static str,
    all: &'static [Series],
    now: Option<&Sample>,
    standing: &Standing,
) -> Look {
    let value = |series: Series| now.and_then(|now| now.get(series));
    let mut worst: Option<(Level, Series, bool)> = None;
    for rule in standing.rules.iter().filter(|rule| all.contains(&rule.series)) {
        let Some(open) = standing.open.get(&rule.id) else { continue };
        let is_now = value(rule.series).is_none_or(|value| rule.judge(value).is_some());
        // Of two that are as grave what is so at this moment.
        if worst.is_none_or(|(most, _, was_now)| (most, was_now) < (open.level, is_now)) {
            worst = Some((open.level, rule.series, is_now));
        }
    }
    if let Some((level, because, is_now)) = worst {
        return Look { system, state: level.word(), because, value: value(because), is_now };
    }
    let because = all[0];
    let is_known = all.iter().any(|series| value(*series).is_some());
    let state = if is_known { "ok" } else { "unknown" };
    Look { system, state, because, value: value(because), is_now: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::alarm::Open;
    use crate::watch::rules::{Direction, Rule};

    fn standing() -> Standing {
        let rule = |id, series, warning, critical| Rule {
            id,
            code: id.to_string(),
            series,
            direction: Direction::Above,
            warning,
            critical,
            clear: None,
            hold: 0,
            enabled: true,
        };
        let rules = vec![
            rule(1, Series::DurationP95, Some(500.0), Some(1e3)),
            rule(2, Series::ErrorsPerMinute, None, Some(10.0)),
        ];
        Standing { rules, ..Standing::default() }
    }

    fn open(level: Level) -> Open {
        Open { id: 9, level, raised_at: 0, told: true, acknowledged: false }
    }

    #[test]
    fn the_worst_that_is_raised_speaks_for_a_system() {
        let (mut sample, mut standing) = (Sample::new(0), standing());
        sample.set(Series::DurationP95, 700.0);
        let of = |sample: &Sample, standing: &Standing| looks(Some(sample), standing)[0];
        let look = of(&sample, &standing);
        assert_eq!((look.state, look.value), ("ok", Some(700.0)), "only for a moment so far");
        standing.open.insert(1, open(Level::Warning));
        let look = of(&sample, &standing);
        assert_eq!((look.state, look.because, look.is_now), ("warning", Series::DurationP95, true));
        sample.set(Series::ErrorsPerMinute, 12.0);
        standing.open.insert(2, open(Level::Critical));
        let look = of(&sample, &standing);
        assert_eq!((look.state, look.because), ("critical", Series::ErrorsPerMinute));
        sample.set(Series::ErrorsPerMinute, 0.0);
        assert!(!of(&sample, &standing).is_now, "it is better, and not over yet");
    }

    #[test]
    fn what_nobody_has_measured_is_unknown() {
        let all = looks(None, &standing());
        assert!(all.len() == SYSTEMS.len() && all.iter().all(|look| look.state == "unknown"));
    }
}

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
}

/// How every system is at `now`, by the rules: what is beyond a threshold at this moment, and what
/// is raised and not over.
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
    let mut worst: Option<(Level, Series)> = None;
    for rule in standing.rules.iter().filter(|rule| rule.enabled) {
        if !all.contains(&rule.series) {
            continue;
        }
        let by_value = value(rule.series).and_then(|value| rule.judge(value));
        let raised = standing.open.get(&rule.id).map(|open| open.level);
        let Some(level) = by_value.max(raised) else { continue };
        if worst.is_none_or(|(most, _)| most < level) {
            worst = Some((level, rule.series));
        }
    }
    if let Some((level, series)) = worst {
        return Look { system, state: level.word(), because: series, value: value(series) };
    }
    let because = all[0];
    let is_known = all.iter().any(|series| value(*series).is_some());
    let state = if is_known { "ok" } else { "unknown" };
    Look { system, state, because, value: value(because) }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn the_worst_of_a_system_speaks_for_it() {
        let mut sample = Sample::new(0);
        sample.set(Series::DurationP95, 20.0);
        let of = |sample: &Sample| looks(Some(sample), &standing())[0];
        assert_eq!((of(&sample).state, of(&sample).because), ("ok", Series::DurationP95));
        sample.set(Series::DurationP95, 700.0);
        assert_eq!((of(&sample).state, of(&sample).value), ("warning", Some(700.0)));
        sample.set(Series::ErrorsPerMinute, 12.0);
        assert_eq!((of(&sample).state, of(&sample).because), ("critical", Series::ErrorsPerMinute));
    }

    #[test]
    fn what_is_raised_counts_until_it_is_over_and_what_nobody_knows_is_unknown() {
        let mut standing = standing();
        let open = crate::watch::alarm::Open {
            id: 9,
            level: Level::Critical,
            raised_at: 0,
            told: true,
            acknowledged: false,
        };
        standing.open.insert(1, open);
        let all = looks(None, &standing);
        assert_eq!((all[0].state, all[1].state), ("critical", "unknown"));
        assert_eq!(all.len(), SYSTEMS.len());
    }
}

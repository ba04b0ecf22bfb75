//! When something is wrong: rules over the series, and a state machine without a clock or a store.
//!
//! A rule holds for a while before it raises, and what was raised ends only when the value has been
//! on the good side of another threshold for as long: a value that flaps raises once.

use super::series::Series;

const SECOND: i64 = 1_000_000;
/// What was raised does not end before the value was good for so long, microseconds.
pub const CALM_MIN: i64 = 60 * SECOND;
/// A value that has been missing for so long ends what it raised: there is nothing to measure.
pub const MISSING_MAX: i64 = 600 * SECOND;
/// After a longer pause between two samples nothing is known of the time before it.
const GAP_MAX: i64 = 120 * SECOND;

/// On which side of its thresholds a value is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Above.
    Above,
    /// Below.
    Below,
}

impl Direction {
    /// All words.
    pub const WORDS: [&'static str; 2] = ["above", "below"];

    /// The one of this word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word == "below" { Self::Below } else { Self::Above }
    }

    /// Whether `value` is worse than `threshold`.
    #[must_use]
    pub fn is_worse(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => threshold < value,
            Self::Below => value < threshold,
        }
    }
}

/// How grave it is; the graver one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Somebody should look at it.
    Warning,
    /// Somebody has to do something.
    Critical,
}

impl Level {
    /// All words.
    pub const WORDS: [&'static str; 2] = ["warning", "critical"];

    /// Its word in the API and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The one of this word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word == "critical" { Self::Critical } else { Self::Warning }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its identity.
    pub id: i64,
    /// Its name.
    pub code: String,
    /// Over what.
    pub series: Series,
    /// On which side it is bad.
    pub direction: Direction,
    /// From where on it is a warning.
    pub warning: Option<f64>,
    /// From where on it is critical.
    pub critical: Option<f64>,
    /// Up to where it must come back; the first threshold if there is none.
    pub clear: Option<f64>,
    /// How long it must be so, microseconds.
    pub hold: i64,
    /// Whether it is asked at all.
    pub enabled: bool,
}

impl Rule {
    /// The threshold of `level`.
    #[must_use]
    pub fn threshold(&self, level: Level) -> Option<f64> {
        match level {
            Level::Warning => self.warning,
            Level::Critical => self.critical,
        }
    }

    /// How grave `value` is by itself, without regard to time.
    #[must_use]
    pub fn judge(&self, value: f64) -> Option<Level> {
        let is_worse = |threshold: Option<f64>| {
            threshold.is_some_and(|threshold| self.direction.is_worse(value, threshold))
        };
        match (is_worse(self.critical), is_worse(self.warning)) {
            (true, _) => Some(Level::Critical),
            (false, true) => Some(Level::Warning),
            (false, false) => None,
        }
    }

    fn is_good(&self, value: f64) -> bool {
        let back = self.clear.or(self.warning).or(self.critical);
        self.judge(value).is_none()
            && back.is_none_or(|threshold| !self.direction.is_worse(value, threshold))
    }
}

/// Since when a value is as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timers {
    seen_at: Option<i64>,
    warning_since: Option<i64>,
    critical_since: Option<i64>,
    good_since: Option<i64>,
    missing_since: Option<i64>,
}

impl Timers {
    /// Takes in what was measured at `at`.
    pub fn observe(&mut self, rule: &Rule, at: i64, value: Option<f64>) {
        let is_next = self.seen_at.is_some_and(|seen| seen <= at && at - seen <= GAP_MAX);
        if !is_next {
            *self = Self::default();
        }
        self.seen_at = Some(at);
        let since = |is: bool, since: Option<i64>| is.then(|| since.unwrap_or(at));
        let level = value.and_then(|value| rule.judge(value));
        self.warning_since = since(level.is_some(), self.warning_since);
        self.critical_since = since(level == Some(Level::Critical), self.critical_since);
        let is_good = value.is_some_and(|value| rule.is_good(value));
        self.good_since = since(is_good, self.good_since);
        self.missing_since = since(value.is_none(), self.missing_since);
    }
}

/// What happens to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It begins.
    Raise(Level),
    /// It was a warning and is critical now.
    Escalate,
    /// It is over.
    Recover,
}

/// What follows at `at` from how long it has been as it is. `standing` is what was raised and is
/// not over: a graver one never becomes a milder one.
#[must_use]
pub fn decide(rule: &Rule, timers: &Timers, standing: Option<Level>, at: i64) -> Option<Change> {
    let held = |since: Option<i64>, hold: i64| since.is_some_and(|since| hold <= at - since);
    if !rule.enabled {
        return standing.map(|_| Change::Recover);
    }
    let is_critical = held(timers.critical_since, rule.hold);
    let is_over = held(timers.good_since, rule.hold.max(CALM_MIN))
        || held(timers.missing_since, rule.hold.max(MISSING_MAX));
    match standing {
        None if is_critical => Some(Change::Raise(Level::Critical)),
        None if rule.warning.is_some() && held(timers.warning_since, rule.hold) => {
            Some(Change::Raise(Level::Warning))
        }
        Some(Level::Warning) if is_critical => Some(Change::Escalate),
        Some(_) if is_over => Some(Change::Recover),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEP: i64 = 10 * SECOND;

    fn slow() -> Rule {
        Rule {
            id: 1,
            code: "slow".to_owned(),
            series: Series::DurationP95,
            direction: Direction::Above,
            warning: Some(500.0),
            critical: Some(1_000.0),
            clear: Some(400.0),
            hold: 300 * SECOND,
            enabled: true,
        }
    }

    /// What happens over `values`, one each ten seconds, with the step at which it does.
    fn told(rule: &Rule, values: &[Option<f64>]) -> Vec<(usize, Change)> {
        let (mut timers, mut standing, mut told) = (Timers::default(), None, Vec::new());
        for (at, value) in values.iter().enumerate() {
            step(rule, (&mut timers, &mut standing), (at, *value), &mut told);
        }
        told
    }

    fn step(
        rule: &Rule,
        (timers, standing): (&mut Timers, &mut Option<Level>),
        (at, value): (usize, Option<f64>),
        told: &mut Vec<(usize, Change)>,
    ) {
        let now = i64::try_from(at).unwrap() * STEP;
        timers.observe(rule, now, value);
        let Some(change) = decide(rule, timers, *standing, now) else { return };
        *standing = match change {
            Change::Raise(level) => Some(level),
            Change::Escalate => Some(Level::Critical),
            Change::Recover => None,
        };
        told.push((at, change));
    }

    fn run(parts: &[(usize, f64)]) -> Vec<Option<f64>> {
        parts.iter().flat_map(|(count, value)| vec![Some(*value); *count]).collect()
    }

    #[test]
    fn it_must_last_before_it_is_told_and_be_good_as_long_before_it_is_over() {
        let values =
            run(&[(10, 100.0), (29, 600.0), (5, 100.0), (40, 600.0), (40, 450.0), (40, 300.0)]);
        let raised = (10 + 29 + 5 + 30, Change::Raise(Level::Warning));
        let over = (10 + 29 + 5 + 40 + 40 + 30, Change::Recover);
        assert_eq!(told(&slow(), &values), [raised, over], "450 is neither bad nor good again");
    }

    #[test]
    fn a_warning_becomes_critical_and_not_the_other_way_round() {
        let values = run(&[(40, 600.0), (40, 2_000.0), (90, 600.0), (31, 10.0)]);
        let expected =
            [(30, Change::Raise(Level::Warning)), (70, Change::Escalate), (200, Change::Recover)];
        assert_eq!(told(&slow(), &values), expected);
        assert_eq!(told(&slow(), &run(&[(31, 5e3)])), [(30, Change::Raise(Level::Critical))]);
    }

    #[test]
    fn what_is_missing_raises_nothing_and_ends_only_after_long() {
        let mut values = run(&[(31, 600.0)]);
        values.extend(vec![None; 59]);
        assert_eq!(told(&slow(), &values).len(), 1);
        values.extend(vec![None; 2]);
        assert_eq!(told(&slow(), &values).last(), Some(&(91, Change::Recover)));
        assert_eq!(told(&slow(), &vec![None; 500]), []);
    }

    #[test]
    fn below_is_the_other_way_round_and_an_instant_rule_raises_at_once() {
        let rule = Rule {
            direction: Direction::Below,
            warning: None,
            critical: Some(1.0),
            clear: None,
            hold: 0,
            ..slow()
        };
        let values = run(&[(3, 1.0), (4, 0.0), (20, 1.0)]);
        let expected = [(3, Change::Raise(Level::Critical)), (13, Change::Recover)];
        assert_eq!(told(&rule, &values), expected);
    }

    #[test]
    fn a_pause_of_the_server_is_no_proof_of_anything() {
        let (rule, mut timers) = (slow(), Timers::default());
        timers.observe(&rule, 0, Some(600.0));
        timers.observe(&rule, 400 * SECOND, Some(600.0));
        assert_eq!(decide(&rule, &timers, None, 400 * SECOND), None);
        // Nor is a clock that was set back.
        timers.observe(&rule, 0, Some(600.0));
        assert_eq!(decide(&rule, &timers, None, 0), None);
    }

    #[test]
    fn a_rule_that_is_turned_off_ends_what_it_has_raised() {
        let rule = Rule { enabled: false, ..slow() };
        let timers = Timers::default();
        assert_eq!(decide(&rule, &timers, Some(Level::Critical), 0), Some(Change::Recover));
        assert_eq!(decide(&rule, &timers, None, 0), None);
    }

    fn value() -> impl Strategy<Value = Option<f64>> {
        prop_oneof![Just(None), (0.0..2_000.0).prop_map(Some)]
    }

    fn runs() -> impl Strategy<Value = Vec<Option<f64>>> {
        let run = (value(), 1_usize..80).prop_map(|(value, count)| vec![value; count]);
        proptest::collection::vec(run, 0..20).prop_map(|runs| runs.concat())
    }

    proptest! {
        #[test]
        fn what_is_raised_has_one_end_and_none_is_raised_twice(
            values in runs(), hold in 0_i64..400)
        {
            let rule = Rule { hold: hold * SECOND, ..slow() };
            let mut raised = false;
            let mut ended_at = None;
            for (at, change) in told(&rule, &values) {
                match change {
                    Change::Raise(_) => {
                        prop_assert!(!raised);
                        raised = true;
                        if let Some(ended) = ended_at {
                            prop_assert!(hold <= 10 * (i64::try_from(at - ended).unwrap()));
                        }
                    }
                    Change::Escalate => prop_assert!(raised),
                    Change::Recover => {
                        prop_assert!(raised);
                        (raised, ended_at) = (false, Some(at));
                    }
                }
            }
        }

        #[test]
        fn a_value_that_flaps_raises_once(good in 0.0..400.0_f64, count in 40_usize..300) {
            // Bad for five minutes, and then good and bad by turns.
            let mut values = run(&[(31, 800.0)]);
            values.extend((0..count).map(|at| Some(if at % 3 == 0 { good } else { 800.0 })));
            prop_assert_eq!(told(&slow(), &values), [(30, Change::Raise(Level::Warning))]);
        }

        #[test]
        fn a_restart_in_the_middle_neither_loses_nor_repeats(
            values in runs(), cut in 0_usize..400)
        {
            // What was raised is in the store, and the samples of the last hour are there again.
            let (rule, whole) = (slow(), told(&slow(), &values));
            let (mut timers, mut standing, mut parts) = (Timers::default(), None, Vec::new());
            for (at, value) in values.iter().enumerate() {
                if at == cut {
                    timers = Timers::default();
                    let hour = at.saturating_sub(360)..at;
                    for (before, value) in hour.clone().zip(&values[hour]) {
                        timers.observe(&rule, i64::try_from(before).unwrap() * STEP, *value);
                    }
                }
                step(&rule, (&mut timers, &mut standing), (at, *value), &mut parts);
            }
            prop_assert_eq!(parts, whole);
        }
    }
}

//! Which backups stay: the newest of each of the last days, weeks and months (grandfather, father,
//! son), and always the newest few that were verified, however many were made on one day.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// For how long backups are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// Days of which the newest is kept.
    pub daily: usize,
    /// Weeks, from Monday on.
    pub weekly: usize,
    /// Months.
    pub monthly: usize,
}

/// A week, five weeks and a year.
impl Default for Keep {
    fn default() -> Self {
        Self { daily: 7, weekly: 5, monthly: 12 }
    }
}

/// Verified ones that always stay.
const NEWEST: usize = 3;

/// A backup, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// When it was made, microseconds UTC.
    pub made_at: i64,
    /// Whether it was read back and found whole.
    pub verified: bool,
}

/// The names of those in `known` that go, by the calendar of `zone`. Only ones that were verified
/// fill a place; others go once two verified ones are newer, and never before.
#[must_use]
pub fn superfluous(known: &[Known], keep: Keep, zone: &TimeZone) -> Vec<String> {
    let mut newest_first: Vec<&Known> = known.iter().collect();
    newest_first.sort_by_key(|one| std::cmp::Reverse(one.made_at));
    let verified: Vec<&Known> = newest_first.iter().copied().filter(|one| one.verified).collect();
    let mut stay: BTreeSet<&str> =
        verified.iter().take(NEWEST).map(|one| one.name.as_str()).collect();
    let places: [(usize, Place); 3] =
        [(keep.daily, day_of), (keep.weekly, week_of), (keep.monthly, month_of)];
    for (most, place_of) in places {
        let mut filled = BTreeSet::new();
        for one in &verified {
            let date = date_of(one.made_at, zone);
            if filled.len() < most && filled.insert(place_of(date)) {
                stay.insert(&one.name);
            }
        }
    }
    let doubtful_until = verified.get(1).map_or(i64::MIN, |one| one.made_at);
    let goes = |one: &&&Known| match one.verified {
        true => !stay.contains(one.name.as_str()),
        false => one.made_at < doubtful_until,
    };
    newest_first.iter().filter(goes).map(|one| one.name.clone()).collect()
}

/// The day, week or month that a date is in, as a number.
type Place = fn(Date) -> i64;

fn date_of(at: i64, zone: &TimeZone) -> Date {
    Timestamp::from_microsecond(at).unwrap_or_default().to_zoned(zone.clone()).date()
}

fn day_of(date: Date) -> i64 {
    i64::from(date.year()) * 400 + i64::from(date.day_of_year())
}

fn week_of(date: Date) -> i64 {
    let week = date.iso_week_date();
    i64::from(week.year()) * 100 + i64::from(week.week())
}

fn month_of(date: Date) -> i64 {
    i64::from(date.year()) * 100 + i64::from(date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3_600 * 1_000_000;

    fn nightly(days: i64) -> Vec<Known> {
        // From 2026-01-01T01:30:00Z on.
        let first = 1_767_231_000_000_000;
        let one =
            |day| Known { name: format!("{day:03}"), made_at: first + day * DAY, verified: true };
        (0..days).map(one).collect()
    }

    fn left(mut known: Vec<Known>, keep: Keep) -> Vec<String> {
        let gone = superfluous(&known, keep, &TimeZone::UTC);
        known.retain(|one| !gone.contains(&one.name));
        known.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn the_last_days_weeks_and_months_stay() {
        let keep = Keep { daily: 3, weekly: 2, monthly: 3 };
        // 2026-04-10 is a Friday, day 99.
        assert_eq!(left(nightly(100), keep), ["058", "089", "094", "097", "098", "099"]);
        assert_eq!(left(nightly(2), keep), ["000", "001"]);
    }

    #[test]
    fn night_after_night_ends_where_all_at_once_does() {
        let keep = Keep::default();
        let mut kept: Vec<Known> = Vec::new();
        for night in nightly(800) {
            kept.push(night);
            let gone = superfluous(&kept, keep, &TimeZone::UTC);
            kept.retain(|one| !gone.contains(&one.name));
            assert!(kept.len() <= 7 + 5 + 12);
        }
        let names: Vec<String> = kept.into_iter().map(|one| one.name).collect();
        assert_eq!(names, left(nightly(800), keep));
    }

    #[test]
    fn the_newest_that_were_verified_never_go_and_a_doubtful_one_fills_no_place() {
        let nothing = Keep { daily: 0, weekly: 0, monthly: 0 };
        let mut known = nightly(5);
        known[4].verified = false;
        known[3].verified = false;
        assert_eq!(left(known.clone(), nothing), ["000", "001", "002", "003", "004"]);
        known.extend(nightly(9).split_off(5));
        assert_eq!(left(known.clone(), nothing), ["006", "007", "008"]);
        for one in &mut known {
            one.verified = false;
        }
        assert_eq!(left(known, nothing).len(), 9, "nothing goes where nothing was verified");
    }
}

//! What fills up first, and when: a straight line through what was measured, and where it meets
//! the end. A line that explains less than the ups and downs around it is none.

use super::rings::Rings;
use super::series::{Sample, Series};

const DAY: f64 = 86_400e6;
/// Nothing is said of the future before so much was seen of the past, microseconds.
const SEEN_MIN: i64 = 6 * 3_600_000_000;
/// From so much on, the month is asked instead of the day: a night is no trend.
const MONTH_FROM: i64 = 3 * 24 * 3_600_000_000;
const POINTS_MIN: usize = 12;
/// Later than this is not worth a word, days.
const DAYS_MAX: f64 = 1_825.0;
/// The largest that the log waits on this machine, and the file of the log grows to, bytes.
const LOG_MAX: f64 = 1_073_741_824.0;

/// What can fill up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The disk of the data folder.
    Disk,
    /// The database, which may take what is free on the disk.
    Database,
    /// The machine's memory.
    Memory,
    /// The write-ahead log.
    Wal,
    /// What waits for the target of backups.
    Spool,
}

impl What {
    /// All words.
    pub const WORDS: [&'static str; 5] = ["disk", "database", "memory", "wal", "spool"];

    /// Its word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// How full one thing is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// What.
    pub what: What,
    /// How much of it is taken, in bytes; of memory, per cent.
    pub used: f64,
    /// How much there can be, in the same.
    pub limit: f64,
    /// How it grows.
    pub outlook: Outlook,
}

/// What is to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlook {
    /// Not enough was seen.
    Unknown,
    /// It does not grow, or not so that it matters.
    Steady,
    /// It is full in about so many days.
    Full(f64),
}

/// How full everything is by `now`, what is full first comes first.
#[must_use]
pub fn fills(now: &Sample, rings: &Rings) -> Vec<Fill> {
    let free = now.get(Series::DiskFreeBytes);
    let total = free.zip(now.get(Series::DiskFree));
    let total = total.filter(|(_, share)| 0.0 < *share).map(|(free, share)| free / share * 100.0);
    let mut all = Vec::new();
    let mut add = |what, series, used: Option<f64>, limit: Option<f64>, is_turned: bool| {
        let (Some(used), Some(limit)) = (used, limit) else { return };
        let points = |number| {
            let line = rings.line(number, series);
            // Of the disk it is known what is free.
            let turn = |value: f64| if is_turned { limit - value } else { value };
            line.into_iter().map(|(at, value)| (at, turn(value))).collect::<Vec<_>>()
        };
        let outlook = outlook(&best(points(2), points(1)), limit, used);
        all.push(Fill { what, used, limit, outlook });
    };
    let used = total.zip(free).map(|(total, free)| total - free);
    add(What::Disk, Series::DiskFreeBytes, used, total, true);
    let database = now.get(Series::DatabaseBytes);
    let limit = database.zip(free).map(|(database, free)| database + free);
    add(What::Database, Series::DatabaseBytes, database, limit, false);
    add(What::Memory, Series::MachineMemory, now.get(Series::MachineMemory), Some(100.0), false);
    add(What::Wal, Series::WalBytes, now.get(Series::WalBytes), Some(LOG_MAX), false);
    add(What::Spool, Series::BackupBehind, now.get(Series::BackupBehind), Some(LOG_MAX), false);
    let days = |fill: &Fill| match fill.outlook {
        Outlook::Full(days) => days,
        _ => f64::INFINITY,
    };
    let share = |fill: &Fill| fill.used / fill.limit;
    all.sort_by(|one, other| {
        days(one).total_cmp(&days(other)).then(share(other).total_cmp(&share(one)))
    });
    all
}

fn best(month: Vec<(i64, f64)>, day: Vec<(i64, f64)>) -> Vec<(i64, f64)> {
    if MONTH_FROM <= seen(&month) { month } else { day }
}

fn seen(points: &[(i64, f64)]) -> i64 {
    points.first().zip(points.last()).map_or(0, |(first, last)| last.0 - first.0)
}

/// When what is `used` by now meets `limit`.
#[expect(clippy::cast_precision_loss, reason = "an outlook is an estimate")]
fn outlook(points: &[(i64, f64)], limit: f64, used: f64) -> Outlook {
    if points.len() < POINTS_MIN || seen(points) < SEEN_MIN {
        return Outlook::Unknown;
    }
    let count = points.len() as f64;
    let begin = points[0].0;
    let days = |at: i64| (at - begin) as f64 / DAY;
    let (mean_x, mean_y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), (at, value)| (x + days(*at) / count, y + value / count));
    let (sxx, sxy) = points.iter().fold((0.0, 0.0), |(sxx, sxy), (at, value)| {
        let x = days(*at) - mean_x;
        (sxx + x * x, sxy + x * (value - mean_y))
    });
    let a_day = sxy / sxx;
    let off = points.iter().map(|(at, value)| {
        let line = mean_y + a_day * (days(*at) - mean_x);
        (value - line).powi(2)
    });
    let noise = (off.sum::<f64>() / count).sqrt();
    let grown = a_day * seen(points) as f64 / DAY;
    if !a_day.is_finite() || a_day <= 0.0 || grown <= 2.0 * noise {
        return Outlook::Steady;
    }
    let left = ((limit - used) / a_day).max(0.0);
    if left <= DAYS_MAX { Outlook::Full(left) } else { Outlook::Steady }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn line(hours: i64, value: impl Fn(f64) -> f64) -> Vec<(i64, f64)> {
        (0..hours).map(|hour| (hour * HOUR, value(hour as f64))).collect()
    }

    #[test]
    fn a_line_is_drawn_to_the_end_and_noise_is_no_line() {
        // 40 GB are taken of 100, and one more each day.
        let grows = line(240, |hour| 30.0 + hour / 24.0);
        let Outlook::Full(days) = outlook(&grows, 100.0, 40.0) else { panic!("it grows") };
        assert!((days - 60.0).abs() < 0.01, "{days}");
        let wavy = line(240, |hour| 50.0 + 10.0 * (hour / 24.0 * std::f64::consts::TAU).sin());
        assert_eq!(outlook(&wavy, 100.0, 50.0), Outlook::Steady);
        assert_eq!(outlook(&line(240, |_| 50.0), 100.0, 50.0), Outlook::Steady);
        assert_eq!(outlook(&line(240, |hour| 90.0 - hour / 24.0), 100.0, 80.0), Outlook::Steady);
        assert_eq!(outlook(&line(5, |hour| hour), 100.0, 5.0), Outlook::Unknown);
        assert_eq!(outlook(&[], 100.0, 5.0), Outlook::Unknown);
    }

    #[test]
    fn what_is_full_first_comes_first() {
        let (mut rings, mut latest) = (Rings::default(), Sample::new(0));
        for hour in 0..240 {
            let mut sample = Sample::new(hour * HOUR);
            // A disk of 100 GB loses one a day, the database grows by a fifth of that.
            sample.set(Series::DiskFreeBytes, 50e9 - hour as f64 / 24.0 * 1e9);
            sample.set(Series::DiskFree, 50.0 - hour as f64 / 24.0);
            sample.set(Series::DatabaseBytes, 1e9 + hour as f64 / 24.0 * 2e8);
            sample.set(Series::MachineMemory, 60.0);
            rings.add(&sample);
            latest = sample;
        }
        let all = fills(&latest, &rings);
        let words: Vec<_> = all.iter().map(|fill| fill.what.word()).collect();
        assert_eq!(words, ["disk", "database", "memory"]);
        let Outlook::Full(days) = all[0].outlook else { panic!("{all:?}") };
        assert!((39.0..41.5).contains(&days), "{days}");
        assert_eq!(all[2].outlook, Outlook::Steady);
        assert!((all[0].limit / 1e9 - 100.0).abs() < 0.1);
    }

    proptest! {
        #[test]
        fn whatever_was_measured_gives_a_day_that_can_be_told(
            values in proptest::collection::vec(-1e12..1e12_f64, 0..100))
        {
            let points: Vec<_> =
                values.iter().enumerate().map(|(at, value)| (at as i64 * HOUR, *value)).collect();
            if let Outlook::Full(days) = outlook(&points, 1e12, 0.0) {
                prop_assert!((0.0..=DAYS_MAX).contains(&days));
            }
        }
    }
}

//! The rules that there are, with the thresholds of the requirements B7, C10, D6 and E6. What
//! nobody has changed follows the program; what somebody has, stays as they set it.

use super::rules::Direction::{self, Above, Below};
use super::series::Series;
use crate::platform::ledger::Desk;
use crate::store::{Class, StoreError, params};

/// A rule as it comes.
#[derive(Debug, Clone, Copy)]
pub struct Default {
    /// Its name.
    pub code: &'static str,
    /// Over what.
    pub series: Series,
    /// On which side it is bad.
    pub direction: Direction,
    /// Warning, critical and the way back; empty for none.
    pub thresholds: [&'static str; 3],
    /// How long it must be so, seconds.
    pub for_s: i64,
}

const fn rule(
    code: &'static str,
    series: Series,
    direction: Direction,
    thresholds: [&'static str; 3],
    for_s: i64,
) -> Default {
    Default { code, series, direction, thresholds, for_s }
}

/// All of them.
pub static DEFAULTS: [Default; 20] = [
    // B7: p95 above 500 ms is a warning, above a second critical.
    rule("slow", Series::DurationP95, Above, ["500", "1000", "400"], 300),
    // D6: an average above a second; C10 keeps those requests.
    rule("slow_on_average", Series::DurationMean, Above, ["1000", "", "800"], 60),
    // B7: errors above 1 % are a warning, above 5 % critical; D6: more than ten a minute.
    rule("errors", Series::ErrorsPercent, Above, ["1", "5", "0.5"], 120),
    rule("errors_per_minute", Series::ErrorsPerMinute, Above, ["", "10", "5"], 0),
    // B7: connections above 80 %.
    rule("connections", Series::ConnectionsPercent, Above, ["80", "95", "70"], 60),
    // B7, D6: more than 1,000 that wait.
    rule("writer_queue", Series::WriterQueue, Above, ["1000", "3000", "500"], 30),
    rule("jobs_waiting", Series::JobsWaiting, Above, ["1000", "", "500"], 60),
    rule("jobs_late", Series::JobsOldest, Above, ["3600", "", "600"], 60),
    rule("jobs_failing", Series::JobsFailing, Above, ["0", "", ""], 60),
    // D6: a database that fails is critical.
    rule("database", Series::DatabaseUp, Below, ["", "1", ""], 10),
    rule("commit", Series::CommitLongest, Above, ["2000", "10000", "1000"], 60),
    // The weekly check may read one table for half an hour.
    rule("snapshot", Series::SnapshotOldest, Above, ["2400", "7200", "1200"], 0),
    // A log that is not taken along waits on this machine.
    rule("backup_lag", Series::BackupLag, Above, ["60", "600", "30"], 60),
    rule("backup_age", Series::BackupAge, Above, ["30", "54", "26"], 600),
    rule("backup_good", Series::BackupGood, Below, ["", "1", ""], 600),
    // E6: processors 85 %, memory 85 %, disk 70 %.
    rule("cpu", Series::MachineCpu, Above, ["85", "95", "75"], 600),
    rule("memory", Series::MachineMemory, Above, ["85", "95", "80"], 300),
    rule("disk_busy", Series::DiskBusy, Above, ["70", "90", "60"], 600),
    rule("disk_free", Series::DiskFree, Below, ["15", "7", "18"], 60),
    rule("disk_free_bytes", Series::DiskFreeBytes, Below, ["5e9", "1e9", "6e9"], 60),
];

/// Writes those that are not there yet, and what has changed of those that nobody has touched.
///
/// # Errors
/// What the store says.
pub fn settle(desk: &Desk) -> Result<(), StoreError> {
    let (ids, now) = (desk.clone(), desk.now());
    desk.store().write_blocking(Class::Bulk, move |tx| {
        for default in &DEFAULTS {
            let sql = "INSERT INTO alert_rule (id, code, series, direction, warning, critical, \
                clear, for_s, created_at, updated_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) \
                ON CONFLICT (code) DO UPDATE SET series = excluded.series, \
                direction = excluded.direction, warning = excluded.warning, \
                critical = excluded.critical, clear = excluded.clear, for_s = excluded.for_s \
                WHERE alert_rule.version = 1";
            let [warning, critical, clear] =
                default.thresholds.map(|text| Some(text).filter(|text| !text.is_empty()));
            let direction = match default.direction {
                Above => "above",
                Below => "below",
            };
            let params = params![
                ids.ids().next(),
                default.code,
                default.series.code(),
                direction,
                warning,
                critical,
                clear,
                default.for_s,
                now,
            ];
            tx.execute(sql, &params)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::decimal::is_decimal;

    #[test]
    fn every_threshold_is_a_number_and_in_order() {
        for default in &DEFAULTS {
            let written = default.thresholds.iter().filter(|text| !text.is_empty());
            assert!(written.clone().all(|text| is_decimal(text)), "{}", default.code);
            let [warning, critical, clear] =
                default.thresholds.map(|text| text.parse::<f64>().ok());
            let first = warning.or(critical).unwrap();
            if let (Some(warning), Some(critical)) = (warning, critical) {
                assert!(default.direction.is_worse(critical, warning), "{}", default.code);
            }
            assert!(clear.is_none_or(|clear| !default.direction.is_worse(clear, first)));
        }
        let mut codes = DEFAULTS.map(|default| default.code);
        codes.sort_unstable();
        assert!(codes.windows(2).all(|two| two[0] != two[1]));
    }

    #[test]
    fn the_thresholds_are_those_of_the_requirements() {
        let of = |code: &str| {
            let default = DEFAULTS.iter().find(|default| default.code == code).unwrap();
            [default.thresholds[0], default.thresholds[1]]
        };
        assert_eq!(of("slow"), ["500", "1000"], "B7");
        assert_eq!(of("errors"), ["1", "5"], "B7");
        assert_eq!(of("connections")[0], "80", "B7");
        assert_eq!((of("writer_queue")[0], of("jobs_waiting")[0]), ("1000", "1000"), "B7, D6");
        assert_eq!(of("errors_per_minute"), ["", "10"], "D6");
        assert_eq!(of("slow_on_average")[0], "1000", "D6");
        assert_eq!(of("database"), ["", "1"], "D6");
        assert_eq!([of("cpu")[0], of("memory")[0], of("disk_busy")[0]], ["85", "85", "70"], "E6");
    }
}

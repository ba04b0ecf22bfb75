//! Five fields that say when: minute, hour, day of the month, month, day of the week, by the
//! hospital's clock.
//!
//! What comes at a certain hour comes once a day also when clocks change, as in Vixie's cron:
//! where the clock is put forward over the time that is meant, it comes as much later; where it is
//! put back over it, it comes the first time only. What comes in any hour goes on by the time that
//! passes.

use cronexpr::{Crontab, MakeTimestamp};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Times of the clock that are looked at for one that is later than now; a clock is never put
/// back by more than a few hours.
const LOOKED_AT: usize = 2_000;

/// A checked expression in a zone.
#[derive(Debug, Clone)]
pub struct Cron {
    /// By the time that passes, if it comes in any hour; else by what the clock on the wall shows.
    tab: Crontab,
    in_any_hour: bool,
    zone: TimeZone,
}

impl Cron {
    /// Reads `text`, which means the clock of `zone`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [_, hour, ..] = fields.as_slice() else { return Err(few(fields.len())) };
        if fields.len() != 5 {
            return Err(few(fields.len()));
        }
        let in_any_hour = hour.starts_with('*');
        let named = zone.iana_name().filter(|_| in_any_hour).unwrap_or("UTC");
        let tab = cronexpr::parse_crontab(&format!("{} {named}", fields.join(" ")));
        let tab = tab.map_err(|_| {
            "Send minutes (0-59), hours (0-23), days (1-31), months (1-12) and days of the week \
             (0-7, 0 and 7 are Sunday), with * for any, lists, ranges and steps, like 30 2 * * 1-5."
                .to_owned()
        })?;
        Ok(Self { tab, in_any_hour, zone: zone.clone() })
    }

    /// The next time after `after`; none if there is none within four years.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if self.in_any_hour {
            return self.tab.find_next(MakeTimestamp(after)).ok().map(|at| at.timestamp());
        }
        let mut wall = TimeZone::UTC.to_timestamp(self.zone.to_datetime(after)).ok()?;
        for _ in 0..LOOKED_AT {
            wall = self.tab.find_next(MakeTimestamp(wall)).ok()?.timestamp();
            let shown = TimeZone::UTC.to_datetime(wall);
            let at = self.zone.to_ambiguous_zoned(shown).compatible().ok()?.timestamp();
            if after < at {
                return Some(at);
            }
        }
        None
    }
}

fn few(count: usize) -> String {
    format!(
        "Send five fields: minute, hour, day of the month, month, day of the week, like \
         30 2 * * *. There are {count}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let cron = Cron::parse(text, &zone).unwrap();
        let mut at: Timestamp = from.parse().unwrap();
        let mut all = Vec::new();
        for _ in 0..count {
            at = cron.next(at).unwrap();
            all.push(at.to_zoned(zone.clone()).strftime("%m-%d %H:%M%:z").to_string());
        }
        all
    }

    #[test]
    fn a_night_job_comes_once_when_the_clock_is_put_forward_over_it() {
        let got = times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 3);
        assert_eq!(got, ["03-29 03:30+02:00", "03-30 02:30+02:00", "03-31 02:30+02:00"]);
    }

    #[test]
    fn a_night_job_comes_once_when_the_clock_is_put_back_over_it() {
        let got = times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3);
        assert_eq!(got, ["10-25 02:30+02:00", "10-26 02:30+01:00", "10-27 02:30+01:00"]);
        // Also when the server starts between the two.
        let got = times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1);
        assert_eq!(got, ["10-26 02:30+01:00"]);
    }

    #[test]
    fn what_comes_in_any_hour_goes_on_when_clocks_change() {
        let got = times("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:50:00Z", 6);
        assert_eq!(
            got,
            [
                "10-25 02:00+02:00",
                "10-25 02:30+02:00",
                "10-25 02:00+01:00",
                "10-25 02:30+01:00",
                "10-25 03:00+01:00",
                "10-25 03:30+01:00"
            ]
        );
        let got = times("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:20:00Z", 3);
        assert_eq!(got, ["03-29 01:30+01:00", "03-29 03:00+02:00", "03-29 03:30+02:00"]);
    }

    #[test]
    fn days_are_those_of_the_hospital() {
        let got = times("0 1 * * 0", "Pacific/Auckland", "2026-11-25T00:00:00Z", 2);
        assert_eq!(got, ["11-29 01:00+13:00", "12-06 01:00+13:00"]);
        let got = times("15 4 1 */3 *", "Africa/Accra", "2026-11-25T00:00:00Z", 2);
        assert_eq!(got, ["01-01 04:15+00:00", "04-01 04:15+00:00"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_mend() {
        for wrong in ["", "30 2 * *", "30 2 * * * *", "61 2 * * *", "30 25 * * *", "a b c d e"] {
            let mend = Cron::parse(wrong, &TimeZone::UTC).unwrap_err();
            assert!(mend.starts_with("Send "), "{wrong}: {mend}");
        }
        let never = Cron::parse("0 0 31 2 *", &TimeZone::UTC).unwrap();
        assert_eq!(never.next("2026-01-01T00:00:00Z".parse().unwrap()), None);
    }
}

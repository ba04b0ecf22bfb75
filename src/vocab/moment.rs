//! Clinical times as they were written: a year, a month, a day, or an instant with its offset.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Zoned};

/// A clinical time: the text as written and the instant it starts, for order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// As written: `2019`, `2019-05`, `2019-05-03` or an RFC 3339 instant with its offset.
    pub recorded: String,
    /// The instant it starts. A date without a time starts with its day in the hospital's zone.
    pub at: Timestamp,
}

impl Moment {
    /// Reads a FHIR `dateTime`: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or with time and offset.
    /// Days begin in `zone`. `None` for anything else, including days that do not exist.
    #[must_use]
    pub fn parse(text: &str, zone: &TimeZone) -> Option<Self> {
        let at = if text.contains('T') {
            instant_with_offset(text)?
        } else {
            start_of(PartialDate::parse(text)?.first_day(), zone)?
        };
        Some(Self { recorded: text.to_owned(), at })
    }

    /// The earliest instant it can mean: a date without an offset starts first in the zone
    /// furthest ahead of UTC.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        let Some(date) = PartialDate::parse(&self.recorded) else { return self.at };
        let start = start_of(date.first_day(), &TimeZone::UTC);
        start.and_then(|start| start.checked_sub(AHEAD_MAX).ok()).unwrap_or(Timestamp::MIN)
    }

    /// Whether it can mean a time that is not after `later`. Two dates mean days of one place.
    #[must_use]
    pub fn may_precede(&self, later: &Self) -> bool {
        match (PartialDate::parse(&self.recorded), PartialDate::parse(&later.recorded)) {
            (Some(from), Some(to)) => to.day_after().is_none_or(|end| from.first_day() < end),
            _ => self.earliest() <= later.latest(),
        }
    }

    /// The latest instant it can mean: a date without an offset ends last in the zone furthest
    /// behind UTC.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        let Some(date) = PartialDate::parse(&self.recorded) else { return self.at };
        let after = date.day_after().and_then(|day| start_of(day, &TimeZone::UTC));
        let end = after.and_then(|start| start.checked_add(BEHIND_MAX).ok());
        end.unwrap_or(Timestamp::MAX)
    }
}

/// Zones reach from 14 hours ahead of UTC to 12 behind.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(14);
const BEHIND_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Whether `text` is a clinical time, wherever its day begins.
#[must_use]
pub fn is_clinical_time(text: &str) -> bool {
    Moment::parse(text, &TimeZone::UTC).is_some()
}

/// The first instant of `day` in `zone`; midnight is left out there on some days.
fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp())
}

/// RFC 3339 with an offset, as FHIR demands; jiff alone would also take `2019-05-03T10Z[UTC]`.
fn instant_with_offset(text: &str) -> Option<Timestamp> {
    let plain = text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-+:.TZ".contains(&byte));
    let offset =
        text.ends_with('Z') || text.get(text.len().checked_sub(6)?..)?.contains(['+', '-']);
    if !(plain && offset && 4 <= text.find('-')?) {
        return None;
    }
    text.parse().ok()
}

/// A date that may lack its day or its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialDate {
    /// `1980`
    Year(i16),
    /// `1980-05`
    Month(i16, i8),
    /// `1980-05-10`
    Day(Date),
}

impl PartialDate {
    /// What is said of a text that is none.
    pub const MEND: &str = "Send a date that exists, like 1963-05-10, 1963-05 or 1963.";

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (years 1 to 9999); `None` for anything else,
    /// including days that do not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str, digits: usize| {
            let right = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            right.then(|| part.parse::<i16>().ok()).flatten()
        };
        let mut parts = text.split('-');
        let year = number(parts.next()?, 4).filter(|year| 0 < *year)?;
        let Some(month) = parts.next() else { return Some(Self::Year(year)) };
        let month =
            i8::try_from(number(month, 2)?).ok().filter(|month| (1..=12).contains(month))?;
        let Some(day) = parts.next() else { return Some(Self::Month(year, month)) };
        let day = i8::try_from(number(day, 2)?).ok()?;
        if parts.next().is_some() {
            return None;
        }
        Date::new(year, month, day).ok().map(Self::Day)
    }

    /// The first day that it can mean.
    #[must_use]
    pub fn first_day(self) -> Date {
        let (year, month) = match self {
            Self::Year(year) => (year, 1),
            Self::Month(year, month) => (year, month),
            Self::Day(date) => return date,
        };
        Date::new(year, month, 1).unwrap_or(Date::ZERO)
    }

    /// The day after the last one that it can mean; `None` after the year 9999.
    #[must_use]
    pub fn day_after(self) -> Option<Date> {
        let length = match self {
            Self::Year(_) => Span::new().years(1),
            Self::Month(..) => Span::new().months(1),
            Self::Day(_) => Span::new().days(1),
        };
        self.first_day().checked_add(length).ok()
    }
}

/// The civil date of `now` in the hospital's `zone`.
#[must_use]
pub fn today(now: Timestamp, zone: &TimeZone) -> Date {
    Zoned::new(now, zone.clone()).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_dates_and_offsets_survive_and_order() {
        let cases = [
            ("2019", "2019-01-01T00:00:00Z"),
            ("2019-05", "2019-05-01T00:00:00Z"),
            ("2019-05-03", "2019-05-03T00:00:00Z"),
            ("2019-05-03T10:00:00-04:00", "2019-05-03T14:00:00Z"),
            ("2019-05-03T10:00:00.123Z", "2019-05-03T10:00:00.123Z"),
        ];
        for (text, at) in cases {
            let moment = Moment::parse(text, &TimeZone::UTC).unwrap();
            assert_eq!((moment.recorded.as_str(), moment.at), (text, at.parse().unwrap()));
        }
    }

    #[test]
    fn a_day_without_a_time_begins_where_the_hospital_stands() {
        let cases = [
            ("2026-11-25", "Africa/Nairobi", "2026-11-24T21:00:00Z"),
            ("2026-11-25", "America/New_York", "2026-11-25T05:00:00Z"),
            ("2026", "America/New_York", "2026-01-01T05:00:00Z"),
            // The clocks of Havana go forward at midnight: that day begins at one.
            ("2026-03-08", "America/Havana", "2026-03-08T05:00:00Z"),
            ("2026-11-25T10:00:00-05:00", "Africa/Nairobi", "2026-11-25T15:00:00Z"),
        ];
        for (text, zone, at) in cases {
            let moment = Moment::parse(text, &TimeZone::get(zone).unwrap()).unwrap();
            assert_eq!(moment.at, at.parse().unwrap(), "{text} in {zone}");
        }
    }

    #[test]
    fn a_partial_time_covers_all_that_it_can_mean() {
        let cases = [
            ("2019", "2018-12-31T10:00:00Z", "2020-01-01T12:00:00Z"),
            ("2019-12", "2019-11-30T10:00:00Z", "2020-01-01T12:00:00Z"),
            ("2020-02-29", "2020-02-28T10:00:00Z", "2020-03-01T12:00:00Z"),
            ("2019-05-03T10:00:00-04:00", "2019-05-03T14:00:00Z", "2019-05-03T14:00:00Z"),
        ];
        for (text, earliest, latest) in cases {
            let moment = Moment::parse(text, &TimeZone::UTC).unwrap();
            assert_eq!(moment.earliest(), earliest.parse().unwrap(), "{text}");
            assert_eq!(moment.latest(), latest.parse().unwrap(), "{text}");
        }
        assert_eq!(Moment::parse("9999", &TimeZone::UTC).unwrap().latest(), Timestamp::MAX);
    }

    #[test]
    fn a_time_precedes_what_may_lie_after_it() {
        for (from, to, may) in [
            ("2026-02-03", "2026-02-02", false),
            ("2026-02-03", "2026-02-03", true),
            ("2026-02-03", "2026-02", true),
            ("2026-02-03", "2026-01", false),
            ("2026", "2026-01-01", true),
            ("2026-02-03T23:00:00-05:00", "2026-02-03", true),
            ("2026-02-03T10:00:00Z", "2026-02-03T09:59:59Z", false),
            ("2026-02-03", "2026-02-02T12:00:00Z", true),
            ("2026-02-03", "2026-02-02T09:00:00Z", false),
        ] {
            for zone in ["UTC", "Africa/Nairobi", "America/New_York"] {
                let zone = TimeZone::get(zone).unwrap();
                let read = |text| Moment::parse(text, &zone).unwrap();
                assert_eq!(read(from).may_precede(&read(to)), may, "{from} {to}");
            }
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for wrong in [
            "",
            "19",
            "2019-13",
            "2019-02-30",
            "2019-5-3",
            "03.05.2019",
            "2019-05-03T10:00",
            "2019-05-03T10:00:00",
            "0000",
            "2019-05-03T25:00:00Z",
            "2019-05-03-01",
            "٢٠١٩",
            "-2019-05-03T10:00:00Z",
            "2019-05-03T10:00:00Z[UTC]",
            "T",
            "Z",
        ] {
            assert!(!is_clinical_time(wrong), "{wrong}");
        }
    }
}

//! Birth dates in the spellings in which people type them.

use jiff::civil::Date;

/// Years in which somebody on a card may have been born; also keeps four-digit numbers that
/// cannot be years from being read as such.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2199;
/// A date takes at most this many words: "10 de mayo de 1963".
pub(super) const WORDS_MAX: usize = 5;

/// A date that a piece of text may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Born {
    /// Year, month, day; exists in the calendar.
    Day(i16, i8, i8),
    /// Year and month.
    Month(i16, i8),
    /// A bare year.
    Year(i16),
}

impl Born {
    /// The key that matches cards born on the day, in the month or in the year.
    pub(super) fn key(self) -> String {
        match self {
            Self::Day(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Year(year) => format!("{year:04}"),
        }
    }

    /// Keys of cards whose own date is less exact than this one and does not contradict it.
    pub(super) fn reduced_keys(self) -> Vec<String> {
        match self {
            Self::Day(year, month, _) => {
                vec![format!("={year:04}-{month:02}"), format!("={year:04}")]
            }
            Self::Month(year, _) => vec![format!("={year:04}")],
            Self::Year(_) => Vec::new(),
        }
    }
}

/// The keys of a card's birth date in ISO 8601, whole or reduced; none if it is neither.
/// A time after the date is left out.
pub(super) fn keys(iso: &str) -> Vec<String> {
    let date = iso.trim().split(['T', ' ']).next().unwrap_or_default();
    let numbers = date.split('-').map(|part| part.parse::<i16>().unwrap_or(-1)).collect::<Vec<_>>();
    match numbers[..] {
        [year] if (0..=9999).contains(&year) => {
            let year = Born::Year(year).key();
            vec![format!("={year}"), year]
        }
        [year, month] if (0..=9999).contains(&year) && (1..=12).contains(&month) => {
            let reduced = Born::Month(year, to_small(month)).key();
            vec![Born::Year(year).key(), format!("={reduced}"), reduced]
        }
        [year, month, day] => match day_of(year, month, day) {
            Some(Born::Day(year, month, day)) => vec![
                Born::Year(year).key(),
                Born::Month(year, month).key(),
                Born::Day(year, month, day).key(),
            ],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Every date that the words, taken together, may mean; the words are folded.
///
/// Day and month come in both orders where both exist; a year of two digits is one of either
/// century.
pub(super) fn read(words: &[&str]) -> Vec<Born> {
    let parts = parts(words);
    let parts = parts.iter().map(String::as_str).collect::<Vec<_>>();
    let mut found = match parts[..] {
        [one] => compact(one),
        [one, other] => month_and_year(one, other),
        [one, two, three] => three_parts(one, two, three),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// Numbers and month names, without ordinal endings and the small words between them.
fn parts(words: &[&str]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in words {
        let mut after_digits = false;
        let mut rest = *word;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (part, tail) = rest.split_at(end);
            let ordinal = after_digits && matches!(part, "st" | "nd" | "rd" | "th");
            let small = !parts.is_empty() && matches!(part, "de" | "of" | "del");
            if !ordinal && !small {
                parts.push(part.to_owned());
            }
            after_digits = digits;
            rest = tail;
        }
    }
    parts
}

/// "1963", "10051963", "19630510", "100563".
fn compact(digits: &str) -> Vec<Born> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    match digits.len() {
        4 => year(digits).map(Born::Year).into_iter().collect(),
        6 => three_parts(&digits[..2], &digits[2..4], &digits[4..]),
        8 => {
            let mut found = three_parts(&digits[..2], &digits[2..4], &digits[4..]);
            found.extend(three_parts(&digits[..4], &digits[4..6], &digits[6..]));
            found
        }
        _ => Vec::new(),
    }
}

/// "May 1963", "05/1963", "1963-05".
fn month_and_year(one: &str, other: &str) -> Vec<Born> {
    let mut found = Vec::new();
    for (month, written_year) in [(one, other), (other, one)] {
        let month = named_month(month).or_else(|| small(month, 12));
        if let (Some(month), Some(year)) = (month, year(written_year)) {
            found.push(Born::Month(year, to_small(month)));
        }
    }
    found
}

/// Three parts in any of the usual orders, the year first or last, the month perhaps by name.
fn three_parts(one: &str, two: &str, three: &str) -> Vec<Born> {
    let mut found = Vec::new();
    let mut take = |written_year: &str, month: Option<i16>, day: &str| {
        if let (Some(month), Some(day)) = (month, small(day, 31)) {
            found.extend(years(written_year).into_iter().filter_map(|y| day_of(y, month, day)));
        }
    };
    if named_month(one).is_some() {
        take(three, named_month(one), two);
    } else if named_month(two).is_some() {
        take(three, named_month(two), one);
        if one.len() == 4 {
            take(one, named_month(two), three);
        }
    } else if one.len() == 4 {
        take(one, small(two, 12), three);
    } else {
        take(three, small(two, 12), one);
        take(three, small(one, 12), two);
    }
    found
}

fn year(written: &str) -> Option<i16> {
    let year = (written.len() == 4).then(|| written.parse().ok())??;
    YEARS.contains(&year).then_some(year)
}

/// The years that a written one may mean. There is no clock here and none is needed: the
/// wrong century matches nobody.
fn years(written: &str) -> Vec<i16> {
    match (written.len(), written.parse::<i16>()) {
        (2, Ok(short)) if 0 <= short => vec![1900 + short, 2000 + short],
        _ => year(written).into_iter().collect(),
    }
}

/// A number of one or two digits within `1..=max`.
fn small(written: &str, max: i16) -> Option<i16> {
    let number = (written.len() <= 2).then(|| written.parse().ok())??;
    (1..=max).contains(&number).then_some(number)
}

fn day_of(year: i16, month: i16, day: i16) -> Option<Born> {
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (0 <= date.year()).then(|| Born::Day(date.year(), date.month(), date.day()))
}

/// `month` has been checked to lie within a year.
fn to_small(month: i16) -> i8 {
    i8::try_from(month).unwrap_or_default()
}

/// The month's number by its name or the usual abbreviation, folded, in English, French,
/// Spanish, Portuguese and German.
fn named_month(word: &str) -> Option<i16> {
    const NAMES: [&[&str]; 12] = [
        &["january", "janvier", "enero", "janeiro", "januar", "jan", "janv", "ene"],
        &["february", "fevrier", "febrero", "fevereiro", "februar", "feb", "fev", "fevr"],
        &["march", "mars", "marzo", "marco", "marz", "maerz", "mar"],
        &["april", "avril", "abril", "apr", "avr", "abr"],
        &["may", "mai", "mayo", "maio"],
        &["june", "juin", "junio", "junho", "juni", "jun"],
        &["july", "juillet", "julio", "julho", "juli", "jul", "juil"],
        &["august", "aout", "agosto", "aug", "ago"],
        &["september", "septembre", "septiembre", "setembro", "sept", "sep", "set"],
        &["october", "octobre", "octubre", "outubro", "oktober", "oct", "okt", "out"],
        &["november", "novembre", "noviembre", "novembro", "nov"],
        &["december", "decembre", "diciembre", "dezembro", "dezember", "dec", "dic", "dez"],
    ];
    let found = NAMES.iter().position(|names| names.contains(&word))?;
    i16::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the query does: folded, split at everything that is neither letter nor digit.
    fn read_text(text: &str) -> Vec<Born> {
        let folded = text.to_lowercase();
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        read(&words.collect::<Vec<_>>())
    }

    #[test]
    fn the_usual_spellings_mean_the_same_day() {
        let day = Born::Day(1963, 5, 10);
        for text in [
            "1963-05-10",
            "1963/5/10",
            "1963.05.10",
            "10.5.1963",
            "10/05/1963",
            "5/10/1963",
            "05-10-1963",
            "10051963",
            "05101963",
            "19630510",
            "100563",
            "10 May 1963",
            "10-May-1963",
            "10-May-63",
            "10may63",
            "10may1963",
            "May 10, 1963",
            "may 10th 1963",
            "10th of May 1963",
            "10 mai 1963",
            "10 de mayo de 1963",
            "1963 May 10",
        ] {
            assert!(read_text(text).contains(&day), "{text}: {:?}", read_text(text));
        }
    }

    #[test]
    fn an_ambiguous_order_means_both_days_and_others_one() {
        let both = [Born::Day(1963, 5, 10), Born::Day(1963, 10, 5)];
        assert_eq!(read_text("10/05/1963"), both);
        assert_eq!(read_text("25/05/1963"), [Born::Day(1963, 5, 25)]);
        assert_eq!(read_text("05/25/1963"), [Born::Day(1963, 5, 25)]);
        assert_eq!(read_text("1963-05-10"), [Born::Day(1963, 5, 10)]);
        let centuries = [Born::Day(1905, 5, 10), Born::Day(2005, 5, 10)];
        assert_eq!(read_text("10-may-05"), centuries);
    }

    #[test]
    fn months_and_years_stand_alone() {
        assert_eq!(read_text("1963"), [Born::Year(1963)]);
        for text in ["May 1963", "1963 may", "05/1963", "5.1963", "1963-05"] {
            assert_eq!(read_text(text), [Born::Month(1963, 5)], "{text}");
        }
        for text in ["31.02.1963", "13.13.19", "1234", "may", "10 may", "0", "1963-00-01", "99999"]
        {
            assert_eq!(read_text(text), [], "{text}");
        }
    }

    #[test]
    fn a_reduced_date_on_a_card_agrees_with_an_exact_one() {
        assert_eq!(keys("1963-05-10"), ["1963", "1963-05", "1963-05-10"]);
        assert_eq!(keys("1963-05"), ["1963", "=1963-05", "1963-05"]);
        assert_eq!(keys("1963"), ["=1963", "1963"]);
        assert_eq!(keys("1963-05-10T12:00:00Z"), keys("1963-05-10"));
        assert_eq!(keys("1963-02-31"), [""; 0]);
        assert_eq!(keys("yesterday"), [""; 0]);
        let reduced = Born::Day(1963, 5, 10).reduced_keys();
        assert!(reduced.iter().any(|key| keys("1963").contains(key)));
        assert!(reduced.iter().any(|key| keys("1963-05").contains(key)));
        assert!(!reduced.iter().any(|key| keys("1963-06").contains(key)));
    }

    proptest! {
        #[test]
        fn every_day_is_found_in_every_order(
            year in 1900_i16..2030, month in 1_i8..=12, day in 1_i8..=28,
        ) {
            let born = Born::Day(year, month, day);
            for text in [
                format!("{year}-{month}-{day}"), format!("{day}.{month}.{year}"),
                format!("{month}/{day}/{year}"), format!("{day:02}{month:02}{year}"),
            ] {
                prop_assert!(read_text(&text).contains(&born), "{}", text);
            }
            prop_assert!(keys(&born.key()).contains(&born.key()));
        }

        #[test]
        fn anything_can_be_read(text in "\\PC{0,20}", iso in "[0-9-]{0,12}") {
            prop_assert!(read_text(&text).len() <= 4);
            prop_assert!(keys(&iso).len() <= 3);
        }
    }
}

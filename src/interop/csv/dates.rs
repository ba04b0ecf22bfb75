//! Dates as tables hold them. A date that can mean two days is refused, unless the table or
//! its mapping says which.

use crate::vocab::moment::PartialDate;

/// Whether the day or the month comes first in `03/04/1980`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOrder {
    DayFirst,
    MonthFirst,
}

impl DayOrder {
    /// The order in a format such as `dd/mm/yyyy`. One that begins with the year needs none.
    ///
    /// # Errors
    /// A format that is not known.
    pub(super) fn of_format(format: &str) -> Result<Self, String> {
        let plain: String = format.to_ascii_lowercase();
        let plain: String = plain.chars().filter(char::is_ascii_alphabetic).collect();
        match plain.as_str() {
            "ddmmyyyy" | "dmyyyy" | "dmy" | "yyyymmdd" | "iso" => Ok(Self::DayFirst),
            "mmddyyyy" | "mdyyyy" | "mdy" => Ok(Self::MonthFirst),
            _ => {
                Err("date_format is not known; allowed: dd/mm/yyyy, mm/dd/yyyy, yyyy-mm-dd".into())
            }
        }
    }
}

/// What the dates of a table tell about their order.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    day_first: u32,
    month_first: u32,
}

impl Evidence {
    pub(super) fn add(&mut self, text: &str) {
        if let Some(Numbers { first, second, .. }) = Numbers::read(text.trim()) {
            self.day_first += u32::from(12 < first && second <= 12);
            self.month_first += u32::from(12 < second && first <= 12);
        }
    }

    /// The order, if all dates that tell one tell the same.
    pub(super) fn order(&self) -> Option<DayOrder> {
        match (self.day_first, self.month_first) {
            (0, 0) => None,
            (_, 0) => Some(DayOrder::DayFirst),
            (0, _) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }
}

/// Reads a date and writes it as ISO 8601: `1980`, `1980-05` or `1980-05-10`.
///
/// # Errors
/// What is wrong with it and the mend, without repeating it.
pub(super) fn iso(text: &str, order: Option<DayOrder>) -> Result<String, &'static str> {
    // Exports of databases add a midnight that nobody meant.
    let date = text.split_once(['T', ' ']).filter(|(_, time)| time.contains(':'));
    let text = date.map_or(text, |(date, _)| date).trim();
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let written = if digits {
        format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
    } else if let Some(numbers) = Numbers::read(text) {
        let (day, month) = numbers.day_and_month(order)?;
        format!("{:04}-{month:02}-{day:02}", numbers.year)
    } else if let Some(named) = with_month_name(text) {
        named
    } else {
        year_first(text)
    };
    match PartialDate::parse(&written) {
        Some(_) => Ok(written),
        None if ends_with_short_year(text) => Err("write the year with four digits"),
        None => Err("write a date that exists, like 1963-05-10"),
    }
}

/// A date of three numbers with the year at the end.
struct Numbers {
    first: u32,
    second: u32,
    year: u32,
    has_dots: bool,
}

impl Numbers {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(['/', '.', '-']);
        let number = |part: Option<&str>, most: usize| {
            let part = part.filter(|part| (1..=most).contains(&part.len()))?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let (first, second) = (number(parts.next(), 2)?, number(parts.next(), 2)?);
        let year = parts.next().filter(|year| year.len() == 4);
        let year = number(year, 4)?;
        parts.next().is_none().then_some(Self { first, second, year, has_dots: text.contains('.') })
    }

    fn day_and_month(&self, order: Option<DayOrder>) -> Result<(u32, u32), &'static str> {
        let Self { first, second, has_dots, .. } = *self;
        match order {
            // Nobody writes months first with dots.
            _ if has_dots => Ok((first, second)),
            Some(DayOrder::DayFirst) => Ok((first, second)),
            Some(DayOrder::MonthFirst) => Ok((second, first)),
            None if first == second || 12 < first => Ok((first, second)),
            None if 12 < second => Ok((second, first)),
            None => Err("it can mean two days; write it like 1963-05-10, or give date_format in \
                         the mapping"),
        }
    }
}

/// `1963/5/1` and the like.
fn year_first(text: &str) -> String {
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let padded = parts.iter().enumerate().map(|(index, part)| match (index, part.len()) {
        (1 | 2, 1) => format!("0{part}"),
        _ => (*part).to_owned(),
    });
    padded.collect::<Vec<_>>().join("-")
}

/// `10-May-1963`, `10 May 1963`, `May 10, 1963`.
fn with_month_name(text: &str) -> Option<String> {
    let parts: Vec<&str> =
        text.split(['-', '/', ',', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second, year] = parts[..] else { return None };
    let month_of = |part: &str| {
        let short = part.get(..3)?.to_ascii_lowercase();
        let is_word = part.chars().all(char::is_alphabetic);
        MONTHS.iter().position(|month| is_word && *month == short).map(|index| index + 1)
    };
    let (day, month) = match (month_of(first), month_of(second)) {
        (None, Some(month)) => (first, month),
        (Some(month), None) => (second, month),
        _ => return None,
    };
    let day: u32 = day.parse().ok()?;
    Some(format!("{year}-{month:02}-{day:02}"))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn ends_with_short_year(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ']).collect();
    parts.len() == 3 && parts.iter().all(|part| part.len() < 4)
}

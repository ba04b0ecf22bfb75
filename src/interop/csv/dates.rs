//! Dates as tables hold them. A date that can mean two days is refused, unless the mapping says
//! which, or other rows show it: of the same column and written with the same mark.

use std::collections::BTreeMap;

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

/// How the dates of a table are read: one decision for each column and mark between the numbers.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// What the mapping says; then nothing is looked for.
    given: Option<DayOrder>,
    shown: BTreeMap<(usize, char), Evidence>,
}

/// The first lines that show an order.
#[derive(Debug, Default)]
struct Evidence {
    day_first: Option<u64>,
    month_first: Option<u64>,
}

/// An order that was taken from other rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    /// Which column.
    pub(super) column: usize,
    /// The mark between the numbers.
    pub(super) mark: char,
    pub(super) order: DayOrder,
    /// The first line that shows it.
    pub(super) line: u64,
}

impl Orders {
    /// The order that a mapping fixes for all dates.
    pub(super) fn given(order: DayOrder) -> Self {
        Self { given: Some(order), shown: BTreeMap::new() }
    }

    /// Looks at the date that stands in `column` on `line`.
    pub(super) fn look_at(&mut self, column: usize, line: u64, text: &str) {
        let Some(Numbers { first, second, mark, .. }) = Numbers::read(plain(text)) else { return };
        let evidence = self.shown.entry((column, mark)).or_default();
        if 12 < first && second <= 12 {
            evidence.day_first.get_or_insert(line);
        } else if 12 < second && first <= 12 {
            evidence.month_first.get_or_insert(line);
        }
    }

    /// The order of the date `text` in `column`, if it is known.
    pub(super) fn of(&self, column: usize, text: &str) -> Option<DayOrder> {
        if self.given.is_some() {
            return self.given;
        }
        let mark = Numbers::read(plain(text))?.mark;
        Some(self.shown.get(&(column, mark))?.order()?.0)
    }

    /// The orders that other rows show. Points need none: with them the day comes first.
    pub(super) fn decided(&self) -> impl Iterator<Item = Decided> {
        let shown = self.shown.iter().filter(|((_, mark), _)| *mark != '.');
        shown.filter_map(|((column, mark), evidence)| {
            let (order, line) = evidence.order()?;
            Some(Decided { column: *column, mark: *mark, order, line })
        })
    }
}

impl Evidence {
    /// The order and the line that shows it, if all that tell one tell the same.
    fn order(&self) -> Option<(DayOrder, u64)> {
        match (self.day_first, self.month_first) {
            (Some(line), None) => Some((DayOrder::DayFirst, line)),
            (None, Some(line)) => Some((DayOrder::MonthFirst, line)),
            _ => None,
        }
    }
}

/// Without the midnight that exports of databases add and nobody meant.
fn plain(text: &str) -> &str {
    let date = text.split_once(['T', ' ']).filter(|(_, time)| time.contains(':'));
    date.map_or(text, |(date, _)| date).trim()
}

/// Reads a date and writes it as ISO 8601: `1980`, `1980-05` or `1980-05-10`.
///
/// # Errors
/// What is wrong with it and the mend, without repeating it.
pub(super) fn iso(text: &str, order: Option<DayOrder>) -> Result<String, &'static str> {
    let text = plain(text);
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
    mark: char,
}

impl Numbers {
    fn read(text: &str) -> Option<Self> {
        // One mark between all of them: `03/04.1980` is no way to write a date.
        let mark = text.chars().find(|letter| !letter.is_ascii_digit())?;
        let mut parts = ['/', '.', '-'].contains(&mark).then(|| text.split(mark))?;
        let number = |part: Option<&str>, most: usize| {
            let part = part.filter(|part| (1..=most).contains(&part.len()))?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let (first, second) = (number(parts.next(), 2)?, number(parts.next(), 2)?);
        let year = parts.next().filter(|year| year.len() == 4);
        let year = number(year, 4)?;
        parts.next().is_none().then_some(Self { first, second, year, mark })
    }

    fn day_and_month(&self, order: Option<DayOrder>) -> Result<(u32, u32), &'static str> {
        let Self { first, second, mark, .. } = *self;
        match order {
            // Nobody writes months first with dots.
            _ if mark == '.' => Ok((first, second)),
            Some(DayOrder::DayFirst) => Ok((first, second)),
            Some(DayOrder::MonthFirst) => Ok((second, first)),
            None if first == second || 12 < first => Ok((first, second)),
            None if 12 < second => Ok((second, first)),
            None => Err("it can mean two days; write it like 1963-05-10, or say which comes \
                         first: in the browser by “Dates like 3/4/2020”, in a mapping by \
                         date_format"),
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

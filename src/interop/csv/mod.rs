//! Tables of patients: each row becomes the same body as a FHIR patient.
//!
//! [`columns`] finds out which column is what, by the mapping that a person gave or by the
//! usual names; [`dates`] reads dates in the usual spellings and refuses those that can mean
//! two days; [`lines`] cuts the rows apart, [`rows`] makes a patient of one, and [`seen`] finds
//! ids that stand twice. A row that cannot be taken is a reject naming line and column, and the
//! others go in.
//!
//! Tables are read twice: whether days or months come first in a column is known only when all
//! of it was seen.
mod columns;
mod dates;
mod lines;
mod rows;
mod seen;
#[cfg(test)]
mod tests;

use super::fhir::Mapped;
use super::source::{Limits, Piece, Progress, Reject, SourceFile, Stop, Stream, is_table, texts};
use columns::Columns;
pub use columns::fields;
use dates::{DayOrder, Orders};
use lines::{Cut, Lines, Shape};
use seen::{Known, Seen};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Chain, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// In as much of a table the delimiter is looked for.
const HEAD_BYTES: u64 = 64 << 10;

/// How a table is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Our [`fields`] and the columns that hold them, e.g. `"family": "LAST"`; `None` guesses
    /// by the usual names. Several columns are written `A + B`. The key `date_format` fixes how
    /// dates are written, e.g. `dd/mm/yyyy`.
    pub mapping: Option<&'a BTreeMap<String, String>>,
    /// The name of the source, for numbers that have no system.
    pub source: &'a str,
    /// Whether the table was found among other files: then it is one of patients only if it
    /// has names and dates of birth, or a mapping says so.
    pub among_others: bool,
    /// Ends the reading, also where no row is handed over.
    pub stop: &'a AtomicBool,
}

/// How dates that can mean two days are read, because other rows show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateOrder {
    /// The file, and behind `!` the member when it is an archive.
    pub file: String,
    /// The name of the column.
    pub column: String,
    /// The mark between the numbers of these dates, e.g. `/`.
    pub mark: char,
    /// Whether the day stands first, and not the month.
    pub day_first: bool,
    /// The first line whose date can only be read so.
    pub line: u64,
}

/// What is told of tables beside their rows.
#[derive(Debug, Default)]
pub struct Notes {
    /// Members of an archive that plainly hold no data.
    pub skipped: Vec<String>,
    /// How dates were read.
    pub dates: Vec<DateOrder>,
}

/// A patient out of a table.
#[derive(Debug)]
pub struct Row {
    /// Where it stands.
    pub piece: Piece,
    /// What it means.
    pub mapped: Box<Mapped>,
}

/// Takes rows and rejects; [`ControlFlow::Break`] ends the reading.
pub type RowSink<'s> = dyn FnMut(Result<Row, Reject>) -> ControlFlow<()> + 's;

/// Reads all tables in `file`, which may be packed like any other import; of one whose other
/// contents are read elsewhere, `only_named` takes those that are called tables.
///
/// Whatever cannot be read is handed over as a reject; `notes` takes what is told besides.
/// Answers [`ControlFlow::Break`] only if `sink` did or `plan.stop` is set.
pub fn read(
    file: &SourceFile,
    (plan, only_named): (&Plan<'_>, bool),
    progress: &Progress,
    notes: &mut Notes,
    sink: &mut RowSink<'_>,
) -> ControlFlow<()> {
    let mut orders = Vec::new();
    let looked = tables(file, (plan, only_named), &Progress::default(), &mut |it, plan| match it {
        Stream::Text(_, reader) => {
            let mut shown = Orders::default();
            let outcome = look(reader, plan, &mut shown);
            orders.push(shown);
            outcome
        }
        Stream::Reject(_) | Stream::Skipped(_) => Ok(()),
    });
    if looked.is_err() {
        return ControlFlow::Break(());
    }
    let mut orders = orders.into_iter();
    let outcome = tables(file, (plan, only_named), progress, &mut |it, plan| match it {
        Stream::Text(label, reader) => {
            let orders = orders.next().unwrap_or_default();
            table(reader, label, (plan, &orders), notes, sink)
        }
        Stream::Reject(reject) => hand_over(sink, Err(reject)),
        Stream::Skipped(label) => {
            notes.skipped.push(label);
            Ok(())
        }
    });
    if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Hands each table in `file` to `leaf`, with the plan for it, and what is told beside them.
fn tables(
    file: &SourceFile,
    (plan, only_named): (&Plan<'_>, bool),
    progress: &Progress,
    leaf: &mut dyn FnMut(Stream<'_>, &Plan<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    texts(file, &Limits::STANDARD, progress, &mut |stream| match stream {
        Stream::Text(label, _) if only_named && !is_table(label) => Ok(()),
        Stream::Reject(_) | Stream::Skipped(_) if only_named => Ok(()),
        Stream::Text(label, reader) => {
            // Members of an archive stand beside others.
            let among_others = plan.among_others || label.contains('!');
            leaf(Stream::Text(label, reader), &Plan { among_others, ..*plan })
        }
        other => leaf(other, plan),
    })
}

fn hand_over(sink: &mut RowSink<'_>, row: Result<Row, Reject>) -> Result<(), Stop> {
    match sink(row) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stop::Cancelled),
    }
}

/// The text of a table: its head, which was looked at, and the rest.
type Text<'r> = Chain<Cursor<Vec<u8>>, &'r mut dyn Read>;

/// A table whose header is read.
struct Table<'r> {
    lines: Lines<Text<'r>>,
    shape: Shape,
    columns: Columns,
    /// The order of dates that the mapping fixes.
    given: Option<Orders>,
}

impl<'r> Table<'r> {
    /// The table in `reader`, or why it is none.
    fn open(reader: &'r mut dyn Read, plan: &Plan<'_>) -> Result<Result<Self, String>, Stop> {
        let mut head = Vec::new();
        Read::take(&mut *reader, HEAD_BYTES).read_to_end(&mut head)?;
        head.drain(..usize::from(head.starts_with(b"\xef\xbb\xbf")) * 3);
        let delimiter = delimiter_of(&head);
        let mut lines = Lines::new(Cursor::new(head).chain(reader));
        let mut record = Vec::new();
        match lines.header(delimiter, &mut record) {
            Ok(Cut::Broken(_, reason)) => return Ok(Err(reason)),
            Ok(Cut::Row(_) | Cut::End) => {}
            Err(cause) if is_endless(&cause) => return Ok(Err(ENDLESS.to_owned())),
            Err(cause) => return Err(cause.into()),
        }
        let (columns, given) = match header(&record, plan) {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        let shape = Shape { may_break: columns.may_break(), delimiter };
        Ok(Ok(Self { lines, shape, columns, given }))
    }

    /// Reads the next row into `record`.
    fn next(&mut self, record: &mut Vec<Vec<u8>>, plan: &Plan<'_>) -> Result<Cut, Stop> {
        if plan.stop.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        Ok(self.lines.row(&self.shape, record)?)
    }
}

/// Finds the orders of dates that a table shows, as far as it can be read.
fn look(reader: &mut dyn Read, plan: &Plan<'_>, orders: &mut Orders) -> Result<(), Stop> {
    let Ok(mut table) = Table::open(reader, plan)? else { return Ok(()) };
    if let Some(given) = table.given {
        *orders = given;
        return Ok(());
    }
    let mut record = Vec::new();
    let dates = table.columns.date_columns();
    loop {
        match table.next(&mut record, plan) {
            Ok(Cut::Row(line)) => {
                for index in &dates {
                    let value = record.get(*index);
                    let value = value.and_then(|value| std::str::from_utf8(value).ok());
                    orders.look_at(*index, line, value.unwrap_or_default().trim());
                }
            }
            Ok(Cut::Broken(..)) => {}
            Ok(Cut::End) => return Ok(()),
            // It is told when the rows are taken.
            Err(Stop::Io(cause)) if is_endless(&cause) => return Ok(()),
            Err(cause) => return Err(cause),
        }
    }
}

/// The rows of a table.
fn table(
    reader: &mut dyn Read,
    label: &str,
    (plan, orders): (&Plan<'_>, &Orders),
    notes: &mut Notes,
    sink: &mut RowSink<'_>,
) -> Result<(), Stop> {
    let file_reject = |line: Option<u64>, reason: String| {
        Err(Reject { file: label.to_owned(), line, resource: None, reason })
    };
    let mut table = match Table::open(reader, plan)? {
        Ok(table) => table,
        Err(reason) => return hand_over(sink, file_reject(Some(1), reason)),
    };
    notes.dates.extend(orders.decided().map(|one| DateOrder {
        file: label.to_owned(),
        column: table.columns.names.get(one.column).cloned().unwrap_or_default(),
        mark: one.mark,
        day_first: one.order == DayOrder::DayFirst,
        line: one.line,
    }));
    let mut record = Vec::new();
    let file: Arc<str> = label.into();
    let mut seen = Seen::new(seen::ROWS_MAX);
    loop {
        let line = match table.next(&mut record, plan) {
            Ok(Cut::End) => return Ok(()),
            Ok(Cut::Row(line)) => line,
            Ok(Cut::Broken(line, reason)) => {
                hand_over(sink, file_reject(Some(line), reason))?;
                continue;
            }
            Err(Stop::Io(cause)) if is_endless(&cause) => {
                let line = table.lines.at();
                return hand_over(sink, file_reject(Some(line), ENDLESS.to_owned()));
            }
            Err(cause) => return Err(cause),
        };
        let mapped = match rows::patient(&record, &table.columns, orders, plan.source) {
            Ok(mapped) => mapped,
            Err(reason) => {
                hand_over(sink, file_reject(Some(line), reason))?;
                continue;
            }
        };
        let piece = Piece { file: file.clone(), line, bytes: Vec::new(), is_entry: false };
        match seen.add(line, &mapped) {
            Ok(()) => hand_over(sink, Ok(Row { piece, mapped: Box::new(mapped) }))?,
            Err(Known::Otherwise(first)) => hand_over(sink, Err(second(&piece, &mapped, first)))?,
            Err(Known::TooMany) => {
                return hand_over(sink, file_reject(Some(line), too_many(seen::ROWS_MAX)));
            }
        }
    }
}

/// The reject of a row whose id stands on the line `first` already.
fn second(piece: &Piece, mapped: &Mapped, first: u32) -> Reject {
    let reason = format!(
        "line {first} has the same id or number and says something else; give each patient one \
         of its own, or keep one of the two rows"
    );
    let resource = Some(format!("{}/{}", mapped.kind.fhir(), mapped.source_id));
    Reject { file: piece.file.to_string(), line: Some(piece.line), resource, reason }
}

fn too_many(max: usize) -> String {
    format!(
        "a table may have {max} rows; this row and those behind it were not read. Cut the table \
         into several files, each with the header"
    )
}

/// Which column is what, and the order of dates if the mapping fixes it.
fn header(record: &[Vec<u8>], plan: &Plan<'_>) -> Result<(Columns, Option<Orders>), String> {
    let mut names = Vec::new();
    for name in record {
        let name = std::str::from_utf8(name)
            .map_err(|_| "the header is not UTF-8; save the file as UTF-8".to_owned())?;
        names.push(name.trim().to_owned());
    }
    Columns::find(names, plan)
}

/// The delimiter that stands most often in the first line, outside of quotes.
fn delimiter_of(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut is_quoted = false;
    for byte in head.iter().take_while(|byte| **byte != b'\n') {
        is_quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += i32::from(!is_quoted && delimiter == byte);
        }
    }
    // The first of equals: a comma where there is none at all.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

const ENDLESS: &str = "a row never ends; a closing double quote is missing behind it";

#[derive(Debug, thiserror::Error)]
#[error("a row never ends")]
struct EndlessRow;

fn is_endless(cause: &io::Error) -> bool {
    cause.get_ref().is_some_and(|it| it.is::<EndlessRow>())
}

//! Tables of patients: each row becomes the same body as a FHIR patient.
//!
//! [`columns`] finds out which column is what, by the mapping that a person gave or by the
//! usual names; [`dates`] reads dates in the usual spellings and refuses those that can mean
//! two days; [`rows`] makes a patient of a row. A row that cannot be taken is a reject naming
//! line and column, and the others go in.
mod columns;
mod dates;
mod rows;
#[cfg(test)]
mod tests;

use super::fhir::Mapped;
use super::source::{Limits, Piece, Progress, Reject, SourceFile, Stop, Stream, is_table, texts};
use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use columns::Columns;
use dates::{DayOrder, Orders};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

/// As much of a table is looked at before it is read: the header and some hundred rows.
const HEAD_BYTES: u64 = 64 << 10;

/// How a table is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Our fields and the columns that hold them, e.g. `"family": "LAST"`; `None` guesses by
    /// the usual names. Fields: `id`, `family`, `given`, `name`, `prefix`, `suffix`, `maiden`,
    /// `birth_date`, `sex`, `phone`, `email`, `mrn`, `national_id`, `passport`,
    /// `identifier:SYSTEM`, `address.line`,
    /// `address.city`, `address.district`, `address.state`, `address.postal_code`,
    /// `address.country`, `marital_status`, `language`, `deceased_date`, `contact.name`,
    /// `contact.phone`, `contact.relationship`. Several columns are written `A + B`. The key
    /// `date_format` fixes how dates are written, e.g. `dd/mm/yyyy`.
    pub mapping: Option<&'a BTreeMap<String, String>>,
    /// The name of the source, for numbers that have no system.
    pub source: &'a str,
    /// Whether the table was found among other files: then it is one of patients only if it
    /// has names and dates of birth, or a mapping says so.
    pub among_others: bool,
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
/// Answers [`ControlFlow::Break`] only if `sink` did.
pub fn read(
    file: &SourceFile,
    (plan, only_named): (&Plan<'_>, bool),
    progress: &Progress,
    notes: &mut Notes,
    sink: &mut RowSink<'_>,
) -> ControlFlow<()> {
    let limits = Limits::STANDARD;
    let outcome = texts(file, &limits, progress, &mut |stream| match stream {
        Stream::Text(label, _) if only_named && !is_table(label) => Ok(()),
        Stream::Text(label, reader) => {
            // Members of an archive stand beside others.
            let among_others = plan.among_others || label.contains('!');
            table(reader, label, &Plan { among_others, ..*plan }, notes, sink)
        }
        Stream::Reject(_) | Stream::Skipped(_) if only_named => Ok(()),
        Stream::Reject(reject) => hand_over(sink, Err(reject)),
        Stream::Skipped(label) => {
            notes.skipped.push(label);
            Ok(())
        }
    });
    if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

fn hand_over(sink: &mut RowSink<'_>, row: Result<Row, Reject>) -> Result<(), Stop> {
    match sink(row) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stop::Cancelled),
    }
}

/// One table.
fn table(
    reader: &mut dyn Read,
    label: &str,
    plan: &Plan<'_>,
    notes: &mut Notes,
    sink: &mut RowSink<'_>,
) -> Result<(), Stop> {
    let mut head = Vec::new();
    reader.take(HEAD_BYTES).read_to_end(&mut head)?;
    let bom = usize::from(head.starts_with(b"\xef\xbb\xbf")) * 3;
    let head = &head[bom..];
    let file_reject = |line: Option<u64>, reason: String| {
        Err(Reject { file: label.to_owned(), line, resource: None, reason })
    };
    let delimiter = delimiter_of(head);
    let (columns, orders) = match prepare(head, delimiter, plan) {
        Ok(prepared) => prepared,
        Err(reason) => return hand_over(sink, file_reject(Some(1), reason)),
    };
    notes.dates.extend(orders.decided().map(|one| DateOrder {
        file: label.to_owned(),
        column: columns.names.get(one.column).cloned().unwrap_or_default(),
        mark: one.mark,
        day_first: one.order == DayOrder::DayFirst,
        line: one.line,
    }));
    let row_bytes = Cell::new(0);
    let leash = Leash { inner: Cursor::new(head).chain(reader), row_bytes: &row_bytes };
    let mut table = table_reader(leash, delimiter);
    let mut record = ByteRecord::new();
    let file: Arc<str> = label.into();
    loop {
        row_bytes.set(0);
        match table.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(cause) => match cause.into_kind() {
                ErrorKind::Io(cause) if cause.get_ref().is_some_and(|it| it.is::<EndlessRow>()) => {
                    let line = record.position().map(::csv::Position::line);
                    let reason = "a row never ends; a closing double quote is missing behind it";
                    return hand_over(sink, file_reject(line, reason.to_owned()));
                }
                ErrorKind::Io(cause) => return Err(Stop::Io(cause)),
                _ => return Err(Stop::Io(io::Error::from(io::ErrorKind::InvalidData))),
            },
        }
        let line = record.position().map_or(1, ::csv::Position::line);
        let piece = Piece { file: file.clone(), line, bytes: Vec::new(), is_entry: false };
        let row = rows::patient(&record, &columns, &orders, plan.source);
        let row = match row {
            Ok(mapped) => Ok(Row { piece, mapped: Box::new(mapped) }),
            Err(reason) => file_reject(Some(line), reason),
        };
        hand_over(sink, row)?;
    }
}

/// Which column is what, and whether days or months come first, judged by the head of a table.
fn prepare(head: &[u8], delimiter: u8, plan: &Plan<'_>) -> Result<(Columns, Orders), String> {
    let mut table = table_reader(head, delimiter);
    let header = table.byte_headers().map_err(|_| "the header line cannot be read".to_owned())?;
    let mut names = Vec::new();
    for name in header {
        let name = std::str::from_utf8(name)
            .map_err(|_| "the header is not UTF-8; save the file as UTF-8".to_owned())?;
        names.push(name.trim().to_owned());
    }
    let (columns, given) = Columns::find(names, plan)?;
    if let Some(given) = given {
        return Ok((columns, given));
    }
    let mut orders = Orders::default();
    let mut record = ByteRecord::new();
    while table.read_byte_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(1, ::csv::Position::line);
        for index in columns.date_columns() {
            let value = record.get(index).and_then(|value| std::str::from_utf8(value).ok());
            orders.look_at(index, line, value.unwrap_or_default().trim());
        }
    }
    Ok((columns, orders))
}

fn table_reader<R: Read>(reader: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(reader)
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

/// Ends a row that has no end, before it fills the memory.
struct Leash<'c, R> {
    inner: R,
    row_bytes: &'c Cell<usize>,
}

#[derive(Debug, thiserror::Error)]
#[error("a row never ends")]
struct EndlessRow;

impl<R: Read> Read for Leash<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.row_bytes.set(self.row_bytes.get() + count);
        if Limits::STANDARD.resource_bytes_max < self.row_bytes.get() {
            return Err(io::Error::other(EndlessRow));
        }
        Ok(count)
    }
}

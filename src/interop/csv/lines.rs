//! Cuts a table into rows in such a way that a double quote too many takes no other row along.
//!
//! A row may go over several lines only where a text for people stands, such as an address.
//! Of any other the first line is refused, and those behind it are read as rows of their own.

use super::EndlessRow;
use crate::interop::source::Limits;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// Lines that one row may have.
const ROW_LINES_MAX: usize = 100;
/// Behind as many bytes of further lines no end of a row is looked for. With the bound of lines
/// it keeps a table of nothing but open quotes from being read over and over.
const ROW_BYTES_MAX: usize = 64 << 10;

/// What was cut off.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A row that begins on this line.
    Row(u64),
    /// A line that cannot be taken, and why.
    Broken(u64, String),
    /// There is no more.
    End,
}

/// What the rows of a table look like.
#[derive(Debug)]
pub(super) struct Shape {
    /// For each column whether its text may go over several lines.
    pub(super) may_break: Vec<bool>,
    pub(super) delimiter: u8,
}

/// The lines of a table.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    /// Lines that were looked at and belong to no row yet.
    ahead: VecDeque<Vec<u8>>,
    /// How many lines were handed out.
    count: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: BufReader::new(reader), ahead: VecDeque::new(), count: 0 }
    }

    /// The line behind the last one.
    pub(super) fn at(&self) -> u64 {
        self.count + 1
    }

    /// Reads the cells of the header, delimited by `delimiter`.
    pub(super) fn header(&mut self, delimiter: u8, record: &mut Vec<Vec<u8>>) -> io::Result<Cut> {
        self.cut((delimiter, None), record)
    }

    /// Reads the cells of the next row into `record`.
    pub(super) fn row(&mut self, shape: &Shape, record: &mut Vec<Vec<u8>>) -> io::Result<Cut> {
        self.cut((shape.delimiter, Some(shape)), record)
    }

    fn cut(
        &mut self,
        (delimiter, shape): (u8, Option<&Shape>),
        record: &mut Vec<Vec<u8>>,
    ) -> io::Result<Cut> {
        let first = loop {
            match self.next()? {
                None => return Ok(Cut::End),
                Some(line) if line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {}
                Some(line) => break line,
            }
        };
        let begun = self.count;
        record.clear();
        let mut cells =
            Cells { record, delimiter, cell: Vec::new(), at: At::Start, is_torn: false };
        let mut is_open = cells.take(&first);
        let (mut behind, mut bytes) = (VecDeque::new(), 0);
        while is_open && !cells.is_torn && behind.len() + 1 < ROW_LINES_MAX && bytes < ROW_BYTES_MAX
        {
            let Some(line) = self.next()? else { break };
            is_open = cells.take(&line);
            bytes += line.len();
            behind.push_back(line);
        }
        let is_torn = cells.is_torn;
        cells.end_cell();
        let spans = is_open || !behind.is_empty();
        if !spans || !(is_open || is_torn || shape.is_some_and(|it| it.forbids(record))) {
            return Ok(Cut::Row(begun));
        }
        let last = self.count;
        self.count = begun;
        behind.append(&mut self.ahead);
        self.ahead = behind;
        let told = if is_open { None } else { Some(last) };
        Ok(Cut::Broken(begun, reason(begun, told, last)))
    }

    /// The next line with its end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => self.read_line()?,
        };
        self.count += u64::from(line.is_some());
        Ok(line)
    }

    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            };
            // Lines end in a line feed, a carriage return, or both.
            if line.ends_with(b"\r") && buffer.first() == Some(&b'\n') {
                line.push(b'\n');
                self.reader.consume(1);
                return Ok(Some(line));
            }
            if buffer.is_empty() || line.ends_with(b"\r") {
                return Ok((!line.is_empty()).then_some(line));
            }
            let end = buffer.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let count = end.map_or(buffer.len(), |end| end + 1);
            line.extend_from_slice(&buffer[..count]);
            self.reader.consume(count);
            if line.ends_with(b"\n") {
                return Ok(Some(line));
            }
            if Limits::STANDARD.resource_bytes_max < line.len() {
                return Err(io::Error::other(EndlessRow));
            }
        }
    }
}

/// Why the row that begins on the line `first` is not taken. Its quote is closed in the line
/// `closed`, if it is at all up to the line `last`.
fn reason(first: u64, closed: Option<u64>, last: u64) -> String {
    let told = match closed {
        Some(closed) if first < closed => format!(
            "lines {first} to {closed}: a double quote opened in line {first} is closed only in \
             line {closed}"
        ),
        _ if first < last => {
            format!("line {first}: a double quote opened here is not closed up to line {last}")
        }
        _ => format!("line {first}: a double quote opened here is not closed"),
    };
    format!(
        "{told}; close it in its own line, or take the line breaks out of the field. The lines \
         behind line {first} were read as rows of their own"
    )
}

impl Shape {
    /// Whether a row of several lines may swallow others: its cells do not fit the header, a
    /// line breaks where none does, or one of the lines looks like a row.
    fn forbids(&self, record: &[Vec<u8>]) -> bool {
        let columns = self.may_break.len();
        record.len() != columns
            || record.iter().zip(&self.may_break).any(|(cell, may_break)| {
                let mut lines = cell.split(|byte| matches!(byte, b'\r' | b'\n')).skip(1).peekable();
                let looks_like_a_row = |line: &[u8]| {
                    columns <= line.iter().filter(|byte| **byte == self.delimiter).count() + 1
                };
                lines.peek().is_some() && (!may_break || lines.any(looks_like_a_row))
            })
    }
}

/// Where in a row the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or behind them.
    Plain,
    /// Inside of quotes.
    Quoted,
    /// Behind a quote that ends the cell or begins a pair.
    Quote,
}

/// The cells of the row at hand.
struct Cells<'r> {
    record: &'r mut Vec<Vec<u8>>,
    delimiter: u8,
    cell: Vec<u8>,
    at: At,
    /// Whether something stands behind a closing quote: it was none.
    is_torn: bool,
}

impl Cells<'_> {
    /// Takes a line; says whether the row goes on behind it.
    fn take(&mut self, line: &[u8]) -> bool {
        for &byte in line {
            self.at = match (self.at, byte) {
                (At::Quoted, b'"') => At::Quote,
                (At::Start, b'"') => At::Quoted,
                (At::Quoted, _) | (At::Quote, b'"') => {
                    self.cell.push(byte);
                    At::Quoted
                }
                (at, b'\r' | b'\n') => at,
                (_, byte) if byte == self.delimiter => {
                    self.end_cell();
                    At::Start
                }
                (at, byte) => {
                    self.is_torn |= at == At::Quote;
                    self.cell.push(byte);
                    At::Plain
                }
            };
        }
        self.at == At::Quoted
    }

    fn end_cell(&mut self) {
        self.record.push(std::mem::take(&mut self.cell));
    }
}

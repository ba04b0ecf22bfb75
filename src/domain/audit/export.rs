//! The audit as a file to take along: a table for a spreadsheet, or lines of JSON for a program.

use super::entry;
use super::known::{Emergency, Known, Who};
use crate::access::users::USER;
use crate::domain::patients::PATIENT;
use crate::platform::ledger::AuditRow;
use crate::platform::ledger::browse::{self, Narrowed, Place};
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;

/// Rows read, and sent, at a time.
const PIECE: usize = 1_000;

/// What the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A table, RFC 4180, with the mark by which spreadsheets know UTF-8.
    Csv,
    /// An object a line.
    Ndjson,
}

/// The formats, by name.
pub(super) const FORMATS: [&str; 2] = ["csv", "ndjson"];

const HEAD: [&str; 20] = [
    "number",
    "time",
    "last time",
    "count",
    "person",
    "user id",
    "role",
    "address",
    "act",
    "outcome",
    "subject",
    "subject name",
    "patient id",
    "record number",
    "patient",
    "reason",
    "emergency",
    "request",
    "detail",
    "hash",
];

impl Format {
    /// The format called `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The media type.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The name that a browser keeps it under.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Csv => "audit.csv",
            Self::Ndjson => "audit.ndjson",
        }
    }

    /// What stands before the first row.
    pub(super) fn head(self) -> Vec<u8> {
        match self {
            Self::Csv => format!("\u{FEFF}{}", line(HEAD.iter().copied())).into_bytes(),
            Self::Ndjson => Vec::new(),
        }
    }

    fn row(self, row: &AuditRow, known: &Known) -> String {
        match self {
            Self::Csv => table_row(row, known),
            Self::Ndjson => {
                let mut json = entry::json(row, known);
                json["hash"] = crate::vocab::digest::hex(&row.hash).into();
                format!("{json}\n")
            }
        }
    }
}

/// A piece of the file, and where the next one begins; nothing after the last.
pub(super) type Piece = (Vec<u8>, Option<Place>);

/// The rows after `after` as they stand in the file, with who patients are if `named`.
pub(super) fn piece(
    tx: &ReadTx<'_>,
    (narrowed, format, named): (&Narrowed, Format, bool),
    after: Option<Place>,
) -> Result<Piece, StoreError> {
    let rows = browse::page(tx, narrowed, after, PIECE)?;
    let known = Known::of(tx, &rows, named)?;
    let text: String = rows.iter().map(|row| format.row(row, &known)).collect();
    let next = rows.last().filter(|_| rows.len() == PIECE).map(|row| (row.at, row.id));
    Ok((text.into_bytes(), next))
}

fn table_row(row: &AuditRow, known: &Known) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let time = |at: Option<i64>| at.map(|at| instant(at).to_string()).unwrap_or_default();
    let who = known.patient(row).map(Who::json).unwrap_or_default();
    let part = |name: &str| who[name].as_str().unwrap_or_default().to_owned();
    let subject_id = entry::subject_id(row).unwrap_or_default();
    let why = |it: &Emergency| format!("{}: {}", it.reason, it.text);
    let cells = [
        row.id.to_string(),
        time(Some(row.at)),
        time(row.last_at),
        row.count.to_string(),
        row.actor_name.clone(),
        row.actor_id.map(|id| USER.show(id)).unwrap_or_default(),
        text(&row.role),
        text(&row.address),
        row.act.clone(),
        row.outcome.clone(),
        format!("{} {subject_id}", row.subject_kind).trim_end().to_owned(),
        known.subject(row).unwrap_or_default().to_owned(),
        row.patient_id.map(|id| PATIENT.show(id)).unwrap_or_default(),
        part("mrn"),
        format!("{} {}", part("family"), part("given")).trim().to_owned(),
        text(&row.reason),
        known.emergency(row).map(why).unwrap_or_default(),
        text(&row.request_id),
        text(&row.detail),
        crate::vocab::digest::hex(&row.hash),
    ];
    line(cells.iter().map(String::as_str))
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// What a spreadsheet takes for the beginning of a formula, in any width that its users type.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// `text` in quotes, so that no spreadsheet calculates it.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_before_its_end() {
        for (text, shown) in [
            ("", "\"\""),
            ("Ama", "\"Ama\""),
            ("a\"b,c\nd", "\"a\"\"b,c\nd\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "\"'＝1\""),
            ("a=1", "\"a=1\""),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}

//! JSON of rows, written straight from the store's values.

use serde_json::{Map, Value as Json};

use super::{Column, Holds, list};
use crate::store::{Row, StoreError, ValueRef};
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;

/// Opens the JSON object of a record: `{"id":"…","family":"…"`, without the closing brace.
///
/// The row holds `id` first and then `columns` in this order.
///
/// # Errors
/// A column of another type than its declaration says.
pub fn open_object(
    out: &mut Vec<u8>,
    kind: Kind,
    columns: &[&Column],
    row: &Row<'_>,
) -> Result<i64, StoreError> {
    let id = row.get::<i64>(0)?;
    out.extend_from_slice(b"{\"id\":\"");
    out.extend_from_slice(kind.show(id).as_bytes());
    out.push(b'"');
    members(out, columns, row, 1, true);
    Ok(id)
}

/// Writes the members for `columns`, which start at `offset` in the row. With `more` a comma
/// goes before the first.
pub fn members(out: &mut Vec<u8>, columns: &[&Column], row: &Row<'_>, offset: usize, more: bool) {
    for (index, column) in columns.iter().enumerate() {
        if more || 0 < index {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(column.name.as_bytes());
        out.extend_from_slice(b"\":");
        value(out, column, row.value(offset + index));
    }
}

/// Whether this program knows the word in `value`, if it must be one: another program may have
/// written more.
pub(super) fn is_known(column: &Column, value: ValueRef<'_>) -> bool {
    match (column.holds, value) {
        (Holds::Words(words), ValueRef::Text(word)) => words.contains(&word),
        _ => true,
    }
}

/// Writes one value.
pub(super) fn value(out: &mut Vec<u8>, column: &Column, value: ValueRef<'_>) {
    match (column.holds, value) {
        (Holds::Id(kind), ValueRef::Int(id)) => text(out, &kind.show(id)),
        (Holds::Time, ValueRef::Int(micros)) => text(out, &instant(micros).to_string()),
        (Holds::Bool, ValueRef::Int(yes)) => {
            out.extend_from_slice(if yes == 0 { b"false" } else { b"true" });
        }
        (Holds::List, ValueRef::Text(kept)) => {
            let items: Vec<String> = list::split(kept).collect();
            // Writing to a Vec cannot fail.
            let _ = serde_json::to_writer(out, &items);
        }
        (Holds::Json, ValueRef::Text(written)) => out.extend_from_slice(written.as_bytes()),
        (_, ValueRef::Int(number)) => out.extend_from_slice(number.to_string().as_bytes()),
        (_, ValueRef::Text(words)) => text(out, words),
        _ => out.extend_from_slice(b"null"),
    }
}

/// Writes `words` as a JSON string.
pub fn text(out: &mut Vec<u8>, words: &str) {
    // Writing to a Vec cannot fail.
    let _ = serde_json::to_writer(out, words);
}

/// The object in `bytes`, which this module has written for a record of `kind`.
///
/// # Errors
/// It is none: what is stored was damaged. An empty object would pass for a record in which
/// everything is null.
pub fn parse(bytes: &[u8], kind: Kind) -> Result<Map<String, Json>, StoreError> {
    // What the parser says may hold values of the record.
    serde_json::from_slice(bytes).map_err(|_| StoreError::Unreadable { kind: kind.name })
}

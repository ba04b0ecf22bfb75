//! Where the chain breaks: what was done to the row there.

use super::verify::{Flaw, FlawKind, removed};
use crate::platform::ledger::rows::AuditRow;

/// How many rows may have been taken out, with all later ones renumbered, for it to be told.
const TAKEN_OUT_MAX: i64 = 1_000;

/// Tells what was done where the row numbered `expected` should stand after a row with the hash
/// and form of `place`, and `rows` are what stands there and after it.
pub(super) fn diagnose(place: (&[u8], i64), expected: i64, rows: &[AuditRow]) -> Flaw {
    let Some((row, after)) = rows.split_first() else { return removed(expected, expected) };
    if row.id != expected {
        return removed(expected, row.id - 1);
    }
    // First, because of two neighbours one looks like a row that was put before the other.
    if let Some(place) = place_of(place, rows) {
        let told = format!("Rows {expected} and {place} stand in each other's place.");
        return Flaw::new(FlawKind::Reordered, expected, told);
    }
    let next = after.first();
    if next.is_some_and(|next| next.link_as(expected).fits(place, &next.hash)) {
        let told = format!("Row {expected} was inserted, and the rows after it were renumbered.");
        return Flaw::new(FlawKind::Inserted, expected, told);
    }
    if let Some(count) = next.and_then(|next| taken_out(row, next)) {
        let mut flaw = removed(expected, expected + count - 1);
        flaw.told.push_str(" The rows after it were renumbered.");
        return flaw;
    }
    Flaw::new(FlawKind::Changed, expected, format!("Row {expected} was changed."))
}

/// The number of the row with which the first of `rows` was exchanged, with its hash or without.
fn place_of(place: (&[u8], i64), rows: &[AuditRow]) -> Option<i64> {
    let (row, after) = rows.split_first()?;
    let exchanged = |(at, other): (usize, &AuditRow)| {
        // The hash before `other`, unless the two are neighbours: then it went along.
        let before = if at == 0 { &other.hash } else { &after[at - 1].hash };
        row.link_as(other.id).hash(before)[..] == *row.hash
            || other.link_as(row.id).fits(place, &row.hash)
    };
    after.iter().enumerate().find(|pair| exchanged(*pair)).map(|(_, other)| other.id)
}

/// How many rows stood before `row`, if `next` still follows it by the numbers that both had.
fn taken_out(row: &AuditRow, next: &AuditRow) -> Option<i64> {
    (1..=TAKEN_OUT_MAX)
        .find(|count| next.link_as(next.id + count).hash(&row.hash)[..] == *next.hash)
}

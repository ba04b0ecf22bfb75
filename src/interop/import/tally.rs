//! What an import has read and what became of it, by type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::resumed::Before;
use crate::interop::csv::DateOrder;
use crate::interop::source::Piece;

/// Decisions about dates that are told; further ones hold all the same.
const DATES_MAX: usize = 50;
/// Places of identifiers that others have, that are told; further ones are only counted.
const TAKEN_MAX: usize = 50;
/// Names that one of the lists has; more are only counted under `other`.
const PARTS_MAX: usize = 400;

/// What came of an import that was completed, in a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was refused. What has no place in the record is told apart, as left out.
    #[default]
    All,
    /// Some was refused, and some is in the record.
    Partly,
    /// Nothing was read, or some was refused and nothing of the rest is in the record.
    Nothing,
}

/// The counts of one import. Every resource read is in exactly one of stored, updated,
/// unchanged, left out and rejected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Resources read, by FHIR type.
    pub read: BTreeMap<String, u64>,
    /// New records.
    pub stored: BTreeMap<String, u64>,
    /// Records that were known and had changed.
    pub updated: BTreeMap<String, u64>,
    /// Records that were known and had not changed.
    pub unchanged: BTreeMap<String, u64>,
    /// Types for which the record has no place, and why.
    pub left_out: BTreeMap<String, LeftOut>,
    /// Resources that could not be taken; each is listed with its reason.
    pub rejected: u64,
    /// What came of it so far; see [`Tally::judge`].
    #[serde(default)]
    pub outcome: Outcome,
    /// Elements of stored resources for which the record has no place, by path.
    pub parts_left_out: BTreeMap<String, u64>,
    /// Identifiers of taken resources that were left out, because another record has them.
    #[serde(default)]
    pub identifiers_taken: IdentifiersTaken,
    /// What this import did before it was interrupted and went on from the start of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Files that plainly hold no data, such as a README, by name.
    #[serde(default)]
    pub skipped: BTreeMap<String, u64>,
    /// How dates of tables that could have meant two days were read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateOrder>,
    /// Files read to their end.
    pub files: u64,
    /// Seconds from the first piece to the end.
    pub seconds: f64,
    /// Resources read in each of them, on average.
    pub resources_per_second: f64,
}

/// Identifiers, such as record numbers, that another record has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifiersTaken {
    /// How many.
    pub count: u64,
    /// Where the first of them stand.
    pub places: Vec<Place>,
}

/// Where a resource stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, and behind `!` the member when it is an archive.
    pub file: String,
    /// The line on which the resource begins.
    pub line: u64,
    /// Its FHIR type.
    pub kind: String,
}

/// A type for which there is no place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// Why, in plain words.
    pub reason: String,
}

impl Tally {
    /// Counts one more of `name`; names come from files, so there are only so many.
    pub fn bump(counts: &mut BTreeMap<String, u64>, name: &str) {
        *slot(counts, name) += 1;
    }

    /// Counts a resource of the type `kind` that has no place.
    pub fn leave_out(&mut self, kind: &str, reason: &str) {
        let left = slot(&mut self.left_out, kind);
        left.count += 1;
        reason.clone_into(&mut left.reason);
    }

    /// Counts elements that have no place.
    pub fn leave_out_parts(&mut self, paths: &[String]) {
        for path in paths {
            Self::bump(&mut self.parts_left_out, path);
        }
    }

    /// Counts `count` identifiers of the resource of type `kind` in `piece` that others have.
    pub fn note_taken(&mut self, count: u64, kind: &str, piece: &Piece) {
        if count == 0 {
            return;
        }
        let (file, kind) = (piece.file.to_string(), kind.to_owned());
        let places = vec![Place { file, line: piece.line, kind }];
        self.identifiers_taken.add(&IdentifiersTaken { count, places });
    }

    /// Says in a word what the counts mean, for all who show them.
    pub fn judge(&mut self) {
        let taken = [&self.stored, &self.updated, &self.unchanged];
        let is_taken = taken.into_iter().flat_map(BTreeMap::values).any(|count| 0 < *count);
        self.outcome = match (self.rejected, is_taken) {
            (0, _) if self.read_total() == 0 => Outcome::Nothing,
            (0, _) => Outcome::All,
            (_, true) => Outcome::Partly,
            (_, false) => Outcome::Nothing,
        };
    }

    /// Keeps how dates were read: the first [`DATES_MAX`].
    pub fn note_dates(&mut self, dates: Vec<DateOrder>) {
        let room = DATES_MAX.saturating_sub(self.dates.len());
        self.dates.extend(dates.into_iter().take(room));
    }

    /// Resources read.
    #[must_use]
    pub fn read_total(&self) -> u64 {
        self.read.values().sum()
    }

    /// Adds the counts of `other`, which were made apart.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.read, &other.read),
            (&mut self.stored, &other.stored),
            (&mut self.updated, &other.updated),
            (&mut self.unchanged, &other.unchanged),
        ];
        for (ours, theirs) in pairs {
            for (name, count) in theirs {
                *slot(ours, name) += count;
            }
        }
        for (kind, left) in &other.left_out {
            let own = slot(&mut self.left_out, kind);
            own.count += left.count;
            own.reason.clone_from(&left.reason);
        }
        for (path, count) in &other.parts_left_out {
            *slot(&mut self.parts_left_out, path) += count;
        }
        self.identifiers_taken.add(&other.identifiers_taken);
        self.rejected += other.rejected;
    }
}

impl IdentifiersTaken {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        let room = TAKEN_MAX.saturating_sub(self.places.len());
        self.places.extend(other.places.iter().take(room).cloned());
    }
}

/// The count of `name`, or that of `other` when there are too many names.
fn slot<'m, T: Default>(counts: &'m mut BTreeMap<String, T>, name: &str) -> &'m mut T {
    let known = counts.contains_key(name) || counts.len() < PARTS_MAX;
    counts.entry(if known { name } else { "other" }.to_owned()).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(count: impl FnOnce(&mut Tally)) -> Outcome {
        let mut tally = Tally::default();
        count(&mut tally);
        tally.judge();
        tally.outcome
    }

    #[test]
    fn what_is_only_left_out_was_not_taken() {
        let left_out = |tally: &mut Tally| {
            Tally::bump(&mut tally.read, "Claim");
            tally.leave_out("Claim", "No place.");
        };
        assert_eq!(outcome(left_out), Outcome::All);
        assert_eq!(outcome(|_| {}), Outcome::Nothing, "nothing was read");
        let refused = |tally: &mut Tally| {
            tally.leave_out("Claim", "No place.");
            tally.rejected = 1;
        };
        assert_eq!(outcome(refused), Outcome::Nothing);
        let again = |tally: &mut Tally| {
            refused(tally);
            Tally::bump(&mut tally.unchanged, "Patient");
        };
        assert_eq!(outcome(again), Outcome::Partly, "what is there already is taken");
    }

    #[test]
    fn of_many_identifiers_that_others_have_all_are_counted_and_the_first_told() {
        let file = "a.csv".into();
        let piece = Piece { file, line: 7, bytes: Vec::new(), is_entry: false };
        let mut tally = Tally::default();
        tally.note_taken(0, "Patient", &piece);
        assert_eq!(tally.identifiers_taken, IdentifiersTaken::default());
        (0..80).for_each(|_| tally.note_taken(2, "Patient", &piece));
        let IdentifiersTaken { count, places } = &tally.identifiers_taken;
        assert_eq!((*count, places.len(), places[0].line), (160, 50, 7));
    }

    #[test]
    fn of_many_tables_the_first_say_how_their_dates_were_read() {
        let told = |number: u64| DateOrder {
            file: format!("{number}.csv"),
            column: "DOB".to_owned(),
            mark: '/',
            day_first: true,
            line: number,
        };
        let mut tally = Tally::default();
        tally.note_dates((0..30).map(told).collect());
        tally.note_dates((30..100).map(told).collect());
        let kept: Vec<u64> = tally.dates.iter().map(|one| one.line).collect();
        assert_eq!(kept, (0..50).collect::<Vec<_>>());
    }
}

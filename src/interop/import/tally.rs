//! What an import has read and what became of it, by type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::interop::csv::DateOrder;

/// Decisions about dates that are told; further ones hold all the same.
const DATES_MAX: usize = 50;
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
    /// Some was refused, and nothing of the rest is in the record.
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

    /// Says in a word what the counts mean, for all who show them.
    pub fn judge(&mut self) {
        let taken = [&self.stored, &self.updated, &self.unchanged];
        let is_taken = taken.into_iter().flat_map(BTreeMap::values).any(|count| 0 < *count);
        self.outcome = match (self.rejected, is_taken) {
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
        self.rejected += other.rejected;
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
        assert_eq!(outcome(|tally| tally.leave_out("Claim", "No place.")), Outcome::All);
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

//! What an import has read and what became of it, by type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Kinds of elements that are listed; more are only counted under `other`.
const PARTS_MAX: usize = 400;

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
    /// Elements of stored resources for which the record has no place, by path.
    pub parts_left_out: BTreeMap<String, u64>,
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
    /// Counts one more of `name`.
    pub fn bump(counts: &mut BTreeMap<String, u64>, name: &str) {
        match counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                counts.insert(name.to_owned(), 1);
            }
        }
    }

    /// Counts a resource of the type `kind` that has no place.
    pub fn leave_out(&mut self, kind: &str, reason: &str) {
        let left = self.left_out.entry(kind.to_owned()).or_default();
        left.count += 1;
        reason.clone_into(&mut left.reason);
    }

    /// Counts elements that have no place.
    pub fn leave_out_parts(&mut self, paths: &[String]) {
        for path in paths {
            let known = self.parts_left_out.contains_key(path);
            let name = if known || self.parts_left_out.len() < PARTS_MAX { path } else { "other" };
            Self::bump(&mut self.parts_left_out, name);
        }
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
                *ours.entry(name.clone()).or_default() += count;
            }
        }
        for (kind, left) in &other.left_out {
            let own = self.left_out.entry(kind.clone()).or_default();
            own.count += left.count;
            own.reason.clone_from(&left.reason);
        }
        for (path, count) in &other.parts_left_out {
            let known = self.parts_left_out.contains_key(path);
            let name = if known || self.parts_left_out.len() < PARTS_MAX { path } else { "other" };
            *self.parts_left_out.entry(name.to_owned()).or_default() += count;
        }
        self.rejected += other.rejected;
    }
}

//! Refusals that found the queue full: counted by what they were, and written as one row each
//! as soon as there is room. So a flood of refusals can keep none of them out of the audit.

use std::collections::HashMap;

use super::audit::Entry;

/// Who was refused what. There are as many as accounts have permissions to lack.
type Kind = (Option<i64>, String, String, Option<i64>, Option<String>);

/// Refusals by kind.
#[derive(Debug, Default)]
pub(super) struct Folded(HashMap<Kind, Entry>);

impl Folded {
    pub(super) fn add(&mut self, entry: Entry) {
        let seen = &entry.seen;
        let kind = (
            entry.actor_id,
            entry.actor_name.clone(),
            entry.act.clone(),
            seen.id,
            seen.detail.clone(),
        );
        match self.0.get_mut(&kind) {
            Some(first) => {
                // From several addresses is from none that could be named.
                first.address = first.address.filter(|address| Some(*address) == entry.address);
                first.take_in(&entry);
            }
            None => drop(self.0.insert(kind, entry)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One row for each kind, with how many there were.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        let mut rows: Vec<Entry> = self.0.drain().map(|(_, row)| row).collect();
        rows.sort_by_key(|row| row.at);
        rows
    }
}

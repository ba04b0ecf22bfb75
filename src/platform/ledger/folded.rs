//! Refusals that found the queue full: counted by what they were, and written as one row each
//! as soon as there is room. So a flood of refusals can keep none of them out of the audit.

use std::collections::HashMap;

use super::audit::Entry;
use crate::vocab::clock::instant;

/// Who was refused what.
type Kind = (Option<i64>, String, String, Option<i64>, Option<String>);

/// Refusals by kind. There are as many kinds as accounts have permissions to lack.
#[derive(Debug, Default)]
pub(super) struct Folded(HashMap<Kind, Same>);

/// Refusals of one kind.
#[derive(Debug)]
struct Same {
    first: Entry,
    count: u64,
    last_at: i64,
}

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
        let at = entry.at;
        let same = self.0.entry(kind).or_insert(Same { first: entry, count: 0, last_at: at });
        same.count += 1;
        same.last_at = same.last_at.max(at);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One row for each kind, with how many there were in its detail.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        let mut rows: Vec<Entry> = self.0.drain().map(|(_, same)| same.row()).collect();
        rows.sort_by_key(|row| row.at);
        rows
    }
}

impl Same {
    fn row(self) -> Entry {
        let Self { mut first, count, last_at } = self;
        if 1 < count {
            let what = first.seen.detail.take().unwrap_or_default();
            let until = instant(last_at);
            first.seen.detail = Some(format!("{what}, {count} times until {until}"));
        }
        first
    }
}

//! The unit of work that a change is given.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::audit::{self, Entry, Seen};
use crate::platform::events::outbox;
use crate::store::{StoreError, Tx};
use crate::vocab::actor::Call;
use crate::vocab::id::{IdSource, Kind};

/// A record that a unit of work made or changed.
#[derive(Debug, Clone, Copy)]
pub struct Touch {
    /// Its kind.
    pub kind: Kind,
    /// Which.
    pub id: i64,
    /// Whose.
    pub patient: Option<i64>,
    /// What happened, past tense: `created`, `amended`, `entered_in_error`.
    pub event: &'static str,
}

/// One change: the transaction, the time, identities, and a list of what it touches. The
/// ledger turns the list into audit and outbox rows of the same savepoint.
pub struct Work<'a> {
    tx: &'a Tx<'a>,
    call: &'a Call,
    ids: &'a IdSource,
    now: i64,
    zone: TimeZone,
    touched: RefCell<Vec<Touch>>,
}

impl std::fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a> Work<'a> {
    pub(super) fn new(
        tx: &'a Tx<'a>,
        call: &'a Call,
        ids: &'a IdSource,
        (now, zone): (i64, TimeZone),
    ) -> Self {
        Self { tx, call, ids, now, zone, touched: RefCell::default() }
    }

    /// The transaction.
    #[must_use]
    pub fn tx(&self) -> &Tx<'a> {
        self.tx
    }

    /// Who acts.
    #[must_use]
    pub fn call(&self) -> &Call {
        self.call
    }

    /// The present in microseconds since 1970 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The hospital's time zone, in which its days begin.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A new identity.
    #[must_use]
    pub fn new_id(&self) -> i64 {
        self.ids.next()
    }

    /// Notes what was made or changed.
    pub fn touched(&self, touch: Touch) {
        self.touched.borrow_mut().push(touch);
    }

    /// What was touched so far.
    pub(super) fn all_touched(&self) -> Vec<Touch> {
        self.touched.borrow().clone()
    }

    /// Writes audit and outbox rows, one for each touch.
    pub(super) fn record(&self, act: &str) -> Result<(), StoreError> {
        let touched = self.touched.borrow();
        let entries: Vec<Entry> = touched
            .iter()
            .map(|touch| {
                let seen = Seen {
                    kind: touch.kind.name,
                    id: Some(touch.id),
                    patient: touch.patient,
                    detail: Some(touch.event.to_owned()),
                };
                Entry::new(self.call, self.now, act, seen)
            })
            .collect();
        audit::append(self.tx, &entries)?;
        for touch in touched.iter() {
            let what = (touch.event, touch.kind.name);
            outbox::append(self.tx, self.now, what, touch.id, touch.patient)?;
        }
        Ok(())
    }

    /// Writes audit and outbox rows, one for each patient, with counts by kind: a bulk change
    /// touches thousands of records of few people.
    pub(super) fn record_grouped(&self, act: &str) -> Result<(), StoreError> {
        let touched = self.touched.borrow();
        let mut groups: BTreeMap<Option<i64>, BTreeMap<(&str, &str), usize>> = BTreeMap::new();
        for touch in touched.iter() {
            let counts = groups.entry(touch.patient).or_default();
            *counts.entry((touch.kind.name, touch.event)).or_default() += 1;
        }
        let mut entries = Vec::with_capacity(groups.len());
        for (patient, counts) in &groups {
            let told =
                counts.iter().map(|((kind, event), count)| format!("{kind} {event} {count}"));
            let detail = Some(told.collect::<Vec<_>>().join(", "));
            let kind = if patient.is_some() { "patient" } else { "house" };
            let seen = Seen { kind, id: *patient, patient: *patient, detail };
            entries.push(Entry::new(self.call, self.now, act, seen));
            if let Some(id) = patient {
                outbox::append(self.tx, self.now, ("imported", "patient"), *id, Some(*id))?;
            }
        }
        audit::append(self.tx, &entries)
    }
}

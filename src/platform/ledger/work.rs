//! The unit of work that a change is given.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::audit::{self, Entry, Seen};
use super::warden::{Asking, Emergency, Standing};
use super::{OutOfReach, RecordError};
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
    /// Who is asked whose record this is; nobody in bulk work.
    asking: Option<Asking<'a>>,
    /// Whose record may be changed, and under which emergency.
    admitted: RefCell<HashMap<i64, Option<Emergency>>>,
    refused: Cell<Option<i64>>,
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
        let (touched, admitted) = (RefCell::default(), RefCell::default());
        let (asking, refused) = (None, Cell::new(None));
        Self { tx, call, ids, now, zone, touched, asking, admitted, refused }
    }

    /// The same, in which the records of those are changed only whom `asking` admits.
    pub(super) fn guarded(mut self, asking: Asking<'a>) -> Self {
        self.asking = Some(asking);
        self
    }

    /// Refuses unless the caller may see `patient`, as things stand now: to be asked before
    /// anything is written, so that no change can be its own reason.
    ///
    /// # Errors
    /// [`RecordError::OutOfReach`]; what the store says.
    pub fn admit(&self, patient: i64) -> Result<(), RecordError> {
        if self.is_admitted(patient)? { Ok(()) } else { Err(self.refusal().into()) }
    }

    /// The record of `patient` is not opened by this act: another rule, which the room has
    /// asked, allows it to the privacy officer or to whoever breaks the glass.
    pub fn ex_officio(&self, patient: i64) {
        self.admitted.borrow_mut().insert(patient, None);
    }

    /// The same, and the audit says that it was done under `emergency`.
    pub fn ex_officio_under(&self, patient: i64, emergency: Emergency) {
        self.admitted.borrow_mut().insert(patient, Some(emergency));
    }

    /// Under which broken glass the caller may change the record of `patient`; none for whoever
    /// may see it anyway.
    ///
    /// # Errors
    /// [`RecordError::OutOfReach`]; what the store says.
    pub fn emergency(&self, patient: i64) -> Result<Option<i64>, RecordError> {
        self.admit(patient)?;
        let admitted = self.admitted.borrow();
        Ok(admitted.get(&patient).and_then(Option::as_ref).map(|emergency| emergency.id))
    }

    fn is_admitted(&self, patient: i64) -> Result<bool, StoreError> {
        let Some(asking) = &self.asking else { return Ok(true) };
        if self.admitted.borrow().contains_key(&patient) {
            return Ok(true);
        }
        let why = match asking.standings(self.tx, &[patient])?.remove(&patient) {
            Some(Standing::Open) => None,
            Some(Standing::Emergency(emergency)) => Some(emergency),
            _ => {
                self.refused.set(Some(patient));
                return Ok(false);
            }
        };
        self.admitted.borrow_mut().insert(patient, why);
        Ok(true)
    }

    fn refusal(&self) -> OutOfReach {
        let nothing = OutOfReach { may_break_glass: false };
        self.asking.map_or(nothing, |asking| asking.refusal())
    }

    /// Refuses unless every patient touched was admitted, or is now.
    pub(super) fn clear<E: From<StoreError> + From<OutOfReach>>(&self) -> Result<(), E> {
        for patient in self.touched.borrow().iter().filter_map(|touch| touch.patient) {
            if !self.is_admitted(patient)? {
                return Err(self.refusal().into());
            }
        }
        Ok(())
    }

    /// Whose record was refused, if anybody's.
    pub(super) fn refused(&self) -> Option<i64> {
        self.refused.get()
    }

    /// Why a touch was allowed, in an emergency.
    fn why(&self, touch: &Touch) -> Option<String> {
        let admitted = self.admitted.borrow();
        admitted.get(&touch.patient?)?.as_ref().map(|emergency| emergency.why.clone())
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
                Entry::new(self.call, self.now, act, seen).because(self.why(touch))
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

//! Whose record somebody may see: asked here, decided in one place above ([`Warden`]).
//!
//! The desk asks about the patient of every read before the value leaves it, in the transaction
//! of the read; and about the patient of every change before it is made. Lists that belong to no
//! single patient can only be read with a [`Sight`], which says of each row what may be shown.
//! Without a warden nobody with an account sees anybody.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;

use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Actor;

/// What somebody may see of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The record.
    Open,
    /// The record for a while, because they broke the glass.
    Emergency(Emergency),
    /// Who it is, and nothing else.
    Named,
    /// Not even that.
    Hidden,
}

impl Standing {
    /// Whether the record may be seen.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Emergency(_))
    }
}

/// Broken glass under which a record is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Which time that it was broken.
    pub id: i64,
    /// What the audit says of it.
    pub why: String,
}

/// Decides who sees whom.
pub trait Warden: Send + Sync {
    /// What `actor`, who has an account, may see of each of the patients `asked` about, at the time
    /// (microseconds) beside them. Of one who is not in the answer nothing is shown.
    ///
    /// # Errors
    /// What the store says; nothing is shown then.
    fn standings(
        &self,
        tx: &ReadTx<'_>,
        actor: &Actor,
        asked: (i64, &[i64]),
    ) -> Result<HashMap<i64, Standing>, StoreError>;

    /// What `actor` may do about being refused.
    fn refusal(&self, actor: &Actor) -> OutOfReach;
}

/// A patient's record is not the caller's to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfReach {
    /// Whether the caller may break the glass.
    pub may_break_glass: bool,
}

impl From<OutOfReach> for StoreError {
    /// For work whose only failures are the store's and which concerns no patient: that it did
    /// is a fault, and nothing is done.
    fn from(_: OutOfReach) -> Self {
        Self::Statement { detail: "a patient out of reach was touched".to_owned() }
    }
}

/// Who asks whom at what time.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) warden: Option<&'a dyn Warden>,
    pub(super) actor: &'a Actor,
    pub(super) now: i64,
}

impl Asking<'_> {
    /// What may be seen of each of `patients`. The machine, which has no account, sees all.
    pub(super) fn standings(
        &self,
        tx: &ReadTx<'_>,
        patients: &[i64],
    ) -> Result<HashMap<i64, Standing>, StoreError> {
        if self.actor.user_id().is_none() {
            return Ok(patients.iter().map(|id| (*id, Standing::Open)).collect());
        }
        match self.warden {
            Some(warden) => warden.standings(tx, self.actor, (self.now, patients)),
            None => Ok(HashMap::new()),
        }
    }

    pub(super) fn refusal(&self) -> OutOfReach {
        let nothing = OutOfReach { may_break_glass: false };
        self.warden.map_or(nothing, |warden| warden.refusal(self.actor))
    }
}

/// A view of the store by somebody: the transaction, and what they may see of whom.
pub struct Sight<'a> {
    tx: &'a ReadTx<'a>,
    asking: Option<Asking<'a>>,
    /// One moment, one state of the store: what was asked once stays so.
    known: RefCell<HashMap<i64, Standing>>,
}

impl<'a> Sight<'a> {
    pub(super) fn new(tx: &'a ReadTx<'a>, asking: Asking<'a>) -> Self {
        Self { tx, asking: Some(asking), known: RefCell::default() }
    }

    /// A view for what belongs to no patient; of patients it shows nothing.
    #[must_use]
    pub fn of_house(tx: &'a ReadTx<'a>) -> Self {
        Self { tx, asking: None, known: RefCell::default() }
    }

    /// The transaction.
    #[must_use]
    pub fn tx(&self) -> &ReadTx<'a> {
        self.tx
    }

    /// Sees to it that [`standing`](Self::standing) knows all of `patients`, in one question.
    ///
    /// # Errors
    /// What the store says.
    pub fn ask(&self, patients: impl Iterator<Item = i64>) -> Result<(), StoreError> {
        let Some(asking) = &self.asking else { return Ok(()) };
        let mut known = self.known.borrow_mut();
        let mut fresh: Vec<i64> = patients.filter(|id| !known.contains_key(id)).collect();
        fresh.sort_unstable();
        fresh.dedup();
        if !fresh.is_empty() {
            known.extend(asking.standings(self.tx, &fresh)?);
        }
        Ok(())
    }

    /// What may be seen of `patient`, who was asked about; of anybody else nothing.
    #[must_use]
    pub fn standing(&self, patient: i64) -> Standing {
        self.known.borrow().get(&patient).cloned().unwrap_or(Standing::Hidden)
    }
}

impl<'a> Deref for Sight<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        self.tx
    }
}

impl std::fmt::Debug for Sight<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sight").finish_non_exhaustive()
    }
}

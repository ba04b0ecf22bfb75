//! Audit rows: who did what to whom, each carrying a hash over itself and the row before it.

use super::chain::Link;
use crate::store::{StoreError, Tx, Value};
use crate::vocab::actor::Call;

/// What was looked at or changed.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The kind of record, e.g. `encounter`.
    pub kind: &'static str,
    /// The record, if it was one.
    pub id: Option<i64>,
    /// The patient it belongs to, if it was one.
    pub patient: Option<i64>,
    /// More for the auditor: counts and ids, never patient data.
    pub detail: Option<String>,
}

/// One audit row before it has its number and hash.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Microseconds since 1970 UTC.
    pub at: i64,
    /// The account, unless the machine acted.
    pub actor_id: Option<i64>,
    /// Its name at that time.
    pub actor_name: String,
    /// What was done, e.g. `patients.read`.
    pub act: String,
    /// Whether it was refused.
    pub refused: bool,
    /// To whom.
    pub seen: Seen,
    /// The request it belongs to.
    pub request_id: String,
}

impl Entry {
    /// What `call` did at `at`.
    #[must_use]
    pub fn new(call: &Call, at: i64, act: &str, seen: Seen) -> Self {
        Self {
            at,
            actor_id: call.actor.user_id(),
            actor_name: call.actor.name().to_owned(),
            act: act.to_owned(),
            refused: false,
            seen,
            request_id: call.request_id.clone(),
        }
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }
}

/// Appends `entries` to the chain.
///
/// # Errors
/// What the store says.
pub fn append(tx: &Tx<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    append_links(tx, entries.iter().map(link))
}

/// Appends rows, to each of which its number and hash are given.
pub(super) fn append_links<'a>(
    tx: &Tx<'_>,
    links: impl Iterator<Item = Link<'a>>,
) -> Result<(), StoreError> {
    let last = tx.opt("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    let (mut id, mut hash) = last.unwrap_or((0, Vec::new()));
    for mut link in links {
        id += 1;
        link.id = id;
        hash = link.hash(&hash).to_vec();
        let params = [
            id.into(),
            link.at.into(),
            link.actor_id.into(),
            link.actor_name.into(),
            link.act.into(),
            link.outcome.into(),
            link.subject_kind.into(),
            link.subject_id.into(),
            link.patient_id.into(),
            link.request_id.into(),
            (!link.detail.is_empty()).then_some(link.detail).into(),
            Value::Blob(hash.clone()),
        ];
        let sql = "INSERT INTO audit (id, at, actor_id, actor_name, act, outcome, subject_kind, \
            subject_id, patient_id, request_id, detail, hash) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        tx.execute(sql, &params)?;
    }
    Ok(())
}

/// The word in the column `outcome`.
pub(super) fn outcome(refused: bool) -> &'static str {
    if refused { "refused" } else { "done" }
}

/// The row without its number.
fn link(entry: &Entry) -> Link<'_> {
    Link {
        id: 0,
        at: entry.at,
        actor_id: entry.actor_id,
        actor_name: &entry.actor_name,
        act: &entry.act,
        outcome: outcome(entry.refused),
        subject_kind: entry.seen.kind,
        subject_id: entry.seen.id,
        patient_id: entry.seen.patient,
        request_id: &entry.request_id,
        detail: entry.seen.detail.as_deref().unwrap_or_default(),
    }
}

//! Audit rows: who did what to whom, from where and why, each carrying a hash over itself and
//! the row before it.

use std::net::IpAddr;

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

/// What a look has shown: a record or a page and, where that opened the records of several
/// patients, each of these.
#[derive(Debug)]
pub struct Shown {
    pub(super) whole: Seen,
    pub(super) each: Vec<Seen>,
}

impl Shown {
    /// A page that opens the records of those in `each`, who were all within reach.
    #[must_use]
    pub fn several(whole: Seen, each: Vec<Seen>) -> Self {
        Self { whole, each }
    }
}

impl From<Seen> for Shown {
    fn from(whole: Seen) -> Self {
        Self { whole, each: Vec::new() }
    }
}

/// One audit row before it has its number and hash.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Microseconds since 1970 UTC; of the first, where it stands for several.
    pub at: i64,
    /// When the last of several was, in the same unit.
    pub last_at: Option<i64>,
    /// How many times; one unless it stands for several.
    pub count: i64,
    /// The account, unless the machine acted.
    pub actor_id: Option<i64>,
    /// Its name at that time.
    pub actor_name: String,
    /// Its role at that time.
    pub role: String,
    /// The sign-in that was used. It tells repeated views apart and is not stored.
    pub session: Option<i64>,
    /// From where.
    pub address: Option<IpAddr>,
    /// What was done, e.g. `patients.read`.
    pub act: String,
    /// Whether it was refused.
    pub refused: bool,
    /// To whom.
    pub seen: Seen,
    /// Why, where that had to be said.
    pub reason: Option<String>,
    /// The request it belongs to; of the first, where it stands for several.
    pub request_id: String,
}

impl Entry {
    /// What `call` did at `at`.
    #[must_use]
    pub fn new(call: &Call, at: i64, act: &str, seen: Seen) -> Self {
        Self {
            at,
            last_at: None,
            count: 1,
            actor_id: call.actor.user_id(),
            actor_name: call.actor.name().to_owned(),
            role: call.actor.role().to_owned(),
            session: call.actor.session(),
            address: call.address,
            act: act.to_owned(),
            refused: false,
            seen,
            reason: call.reason.clone(),
            request_id: call.request_id.clone(),
        }
    }

    /// The same, allowed for a reason; without one, that of the call stays.
    #[must_use]
    pub(super) fn because(mut self, why: Option<String>) -> Self {
        self.reason = why.or(self.reason);
        self
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// Makes it stand for `other` too, which is the same but for time and request.
    pub(super) fn take_in(&mut self, other: &Self) {
        let latest = self.last_at.unwrap_or(self.at).max(other.last_at.unwrap_or(other.at));
        self.count += other.count;
        self.last_at = Some(latest);
    }
}

/// Appends `entries` to the chain.
///
/// # Errors
/// What the store says.
pub fn append(tx: &Tx<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    let addresses: Vec<_> = entries.iter().map(|entry| shown(entry.address)).collect();
    append_links(tx, entries.iter().zip(&addresses).map(|(entry, at)| link(entry, at.as_deref())))
        .map(|_| ())
}

/// The same for one, and says its number.
///
/// # Errors
/// What the store says.
pub(super) fn append_one(tx: &Tx<'_>, entry: &Entry) -> Result<i64, StoreError> {
    let address = shown(entry.address);
    append_links(tx, std::iter::once(link(entry, address.as_deref())))
}

/// An address as it is stored.
pub(super) fn shown(address: Option<IpAddr>) -> Option<String> {
    address.map(|address| address.to_canonical().to_string())
}

/// Appends rows, to each of which its number and hash are given; the number of the last one.
pub(super) fn append_links<'a>(
    tx: &Tx<'_>,
    links: impl Iterator<Item = Link<'a>>,
) -> Result<i64, StoreError> {
    let last = tx.opt("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    let (mut id, mut hash) = last.unwrap_or((0, Vec::new()));
    for mut link in links {
        id += 1;
        link.id = id;
        hash = link.hash(&hash).to_vec();
        insert(tx, &link, &hash)?;
    }
    Ok(id)
}

/// Writes one row as it is.
///
/// # Errors
/// What the store says.
pub(super) fn insert(tx: &Tx<'_>, link: &Link<'_>, hash: &[u8]) -> Result<(), StoreError> {
    let params = [
        link.id.into(),
        link.form.into(),
        link.at.into(),
        link.last_at.into(),
        link.count.into(),
        link.actor_id.into(),
        link.actor_name.into(),
        link.role.into(),
        link.address.into(),
        link.act.into(),
        link.outcome.into(),
        link.subject_kind.into(),
        link.subject_id.into(),
        link.patient_id.into(),
        link.reason.into(),
        link.request_id.into(),
        link.detail.into(),
        Value::Blob(hash.to_vec()),
    ];
    let sql = "INSERT INTO audit (id, form, at, last_at, count, actor_id, actor_name, role, \
        address, act, outcome, subject_kind, subject_id, patient_id, reason, request_id, detail, \
        hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
        ?17, ?18)";
    tx.execute(sql, &params).map(|_| ())
}

/// The word in the column `outcome`.
pub(super) fn outcome(refused: bool) -> &'static str {
    if refused { "refused" } else { "done" }
}

/// Text that is there only if it says something.
pub(super) fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The row without its number.
fn link<'a>(entry: &'a Entry, address: Option<&'a str>) -> Link<'a> {
    Link {
        id: 0,
        form: super::chain::FORM,
        at: entry.at,
        last_at: entry.last_at,
        count: entry.count,
        actor_id: entry.actor_id,
        actor_name: &entry.actor_name,
        role: said(&entry.role),
        address,
        act: &entry.act,
        outcome: outcome(entry.refused),
        subject_kind: entry.seen.kind,
        subject_id: entry.seen.id,
        patient_id: entry.seen.patient,
        reason: entry.reason.as_deref().and_then(said),
        request_id: Some(&entry.request_id),
        detail: entry.seen.detail.as_deref().and_then(said),
    }
}

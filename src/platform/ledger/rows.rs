//! Audit rows as they are stored and as archives keep them.

use serde::{Deserialize, Serialize};

use super::chain::Link;
use crate::store::{self, ReadTx, StoreError};

/// Every column, in the order of [`AuditRow::of`].
pub(super) const COLUMNS: &str = "id, form, at, last_at, count, actor_id, actor_name, role, \
    address, act, outcome, subject_kind, subject_id, patient_id, reason, request_id, detail, hash";

/// A row of the audit, complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRow {
    /// Its number, counted from 1 without gaps.
    pub id: i64,
    /// The rule of its hash.
    pub form: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// When the last of several was.
    pub last_at: Option<i64>,
    /// How many times.
    pub count: i64,
    /// The account.
    pub actor_id: Option<i64>,
    /// Its name.
    pub actor_name: String,
    /// Its role.
    pub role: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// What was done.
    pub act: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// The kind of what was looked at or changed.
    pub subject_kind: String,
    /// Which.
    pub subject_id: Option<i64>,
    /// Whose.
    pub patient_id: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Counts and ids.
    pub detail: Option<String>,
    /// SHA-256 over the row and the hash of the row before it.
    #[serde(with = "hexadecimal")]
    pub hash: Vec<u8>,
}

impl AuditRow {
    /// Reads a row of [`COLUMNS`].
    ///
    /// # Errors
    /// A column of another type.
    pub(super) fn of(row: &store::Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get(0)?,
            form: row.get(1)?,
            at: row.get(2)?,
            last_at: row.get(3)?,
            count: row.get(4)?,
            actor_id: row.get(5)?,
            actor_name: row.get(6)?,
            role: row.get(7)?,
            address: row.get(8)?,
            act: row.get(9)?,
            outcome: row.get(10)?,
            subject_kind: row.get(11)?,
            subject_id: row.get(12)?,
            patient_id: row.get(13)?,
            reason: row.get(14)?,
            request_id: row.get(15)?,
            detail: row.get(16)?,
            hash: row.get(17)?,
        })
    }

    /// What its hash is made over, as if it had the number `id`.
    pub(super) fn link_as(&self, id: i64) -> Link<'_> {
        Link {
            id,
            form: self.form,
            at: self.at,
            last_at: self.last_at,
            count: self.count,
            actor_id: self.actor_id,
            actor_name: &self.actor_name,
            role: self.role.as_deref(),
            address: self.address.as_deref(),
            act: &self.act,
            outcome: &self.outcome,
            subject_kind: &self.subject_kind,
            subject_id: self.subject_id,
            patient_id: self.patient_id,
            reason: self.reason.as_deref(),
            request_id: self.request_id.as_deref(),
            detail: self.detail.as_deref(),
        }
    }

    /// What its hash is made over.
    pub(super) fn link(&self) -> Link<'_> {
        self.link_as(self.id)
    }
}

/// At most `limit` rows numbered `from..=to`, in order.
///
/// # Errors
/// What the store says.
pub(super) fn between(
    tx: &ReadTx<'_>,
    (from, to): (i64, i64),
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM audit WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3");
    tx.all(&sql, &[from.into(), to.into(), limit.into()], AuditRow::of)
}

/// The number and the hash of the newest row; `None` if there is none.
///
/// # Errors
/// What the store says.
pub fn newest(tx: &ReadTx<'_>) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
    tx.opt(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Bytes as text of hexadecimal digits, two for each.
pub(super) mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::vocab::digest;

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&digest::hex(bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        digest::unhex(&text).ok_or_else(|| D::Error::custom("not hexadecimal"))
    }
}

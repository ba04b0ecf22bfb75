//! The chain of audit rows: each row carries a hash over itself and the hash of the row before
//! it, so that a row that was changed, removed or put in between shows.
//!
//! Rows cut off at the end do not show by the chain alone; a copy of the newest hash kept
//! elsewhere shows them.

use crate::store::{ReadTx, StoreError};
use crate::vocab::digest::sha256;

/// Rows read at a time, so that the memory needed does not grow with the audit.
const PAGE: i64 = 2_000;

/// What the hash of a row is made over, beside the hash of the row before it.
pub(super) struct Link<'a> {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) actor_id: Option<i64>,
    pub(super) actor_name: &'a str,
    pub(super) act: &'a str,
    pub(super) outcome: &'a str,
    pub(super) subject_kind: &'a str,
    pub(super) subject_id: Option<i64>,
    pub(super) patient_id: Option<i64>,
    pub(super) request_id: &'a str,
    pub(super) detail: &'a str,
}

impl Link<'_> {
    /// SHA-256 over the row before it and every column of its own.
    pub(super) fn hash(&self, before: &[u8]) -> [u8; 32] {
        let number =
            |value: Option<i64>| value.map_or_else(Vec::new, |it| it.to_le_bytes().to_vec());
        sha256(&[
            before,
            &self.id.to_le_bytes(),
            &self.at.to_le_bytes(),
            &number(self.actor_id),
            self.actor_name.as_bytes(),
            self.act.as_bytes(),
            self.outcome.as_bytes(),
            self.subject_kind.as_bytes(),
            &number(self.subject_id),
            &number(self.patient_id),
            self.request_id.as_bytes(),
            self.detail.as_bytes(),
        ])
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that hold together, from the first one on.
    pub rows: i64,
    /// The first row that does not fit to the one before it.
    pub broken: Option<i64>,
}

/// Walks the chain from its first row. Takes about a second for a million rows, so give the
/// read the deadline of a report.
///
/// # Errors
/// What the store says.
pub fn verify(tx: &ReadTx<'_>) -> Result<Verdict, StoreError> {
    let (mut rows, mut before) = (0, Vec::new());
    loop {
        let page = page_after(tx, rows)?;
        if page.is_empty() {
            return Ok(Verdict { rows, broken: None });
        }
        for (id, hash, row) in page {
            // Rows are numbered from 1 without gaps, also where a write was undone.
            if id != rows + 1 || row.link(id).hash(&before)[..] != hash {
                return Ok(Verdict { rows, broken: Some(id) });
            }
            (rows, before) = (id, hash);
        }
    }
}

/// A row as it is stored.
struct Row {
    at: i64,
    actor_id: Option<i64>,
    actor_name: String,
    act: String,
    outcome: String,
    subject_kind: String,
    subject_id: Option<i64>,
    patient_id: Option<i64>,
    request_id: Option<String>,
    detail: Option<String>,
}

impl Row {
    fn link(&self, id: i64) -> Link<'_> {
        Link {
            id,
            at: self.at,
            actor_id: self.actor_id,
            actor_name: &self.actor_name,
            act: &self.act,
            outcome: &self.outcome,
            subject_kind: &self.subject_kind,
            subject_id: self.subject_id,
            patient_id: self.patient_id,
            request_id: self.request_id.as_deref().unwrap_or_default(),
            detail: self.detail.as_deref().unwrap_or_default(),
        }
    }
}

fn page_after(tx: &ReadTx<'_>, id: i64) -> Result<Vec<(i64, Vec<u8>, Row)>, StoreError> {
    let sql = "SELECT id, hash, at, actor_id, actor_name, act, outcome, subject_kind, \
        subject_id, patient_id, request_id, detail FROM audit WHERE ?1 < id ORDER BY id LIMIT ?2";
    tx.all(sql, &[id.into(), PAGE.into()], |row| {
        let stored = Row {
            at: row.get(2)?,
            actor_id: row.get(3)?,
            actor_name: row.get(4)?,
            act: row.get(5)?,
            outcome: row.get(6)?,
            subject_kind: row.get(7)?,
            subject_id: row.get(8)?,
            patient_id: row.get(9)?,
            request_id: row.get(10)?,
            detail: row.get(11)?,
        };
        Ok((row.get(0)?, row.get(1)?, stored))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::audit::{Entry, Seen, append};
    use super::*;
    use crate::store::{Class, Store, StoreOptions};
    use crate::vocab::clock::SystemClock;

    fn entry(number: i64) -> Entry {
        Entry {
            at: number,
            actor_id: (number % 2 == 0).then_some(number),
            actor_name: "Ama".to_owned(),
            act: "patients.read".to_owned(),
            refused: number % 3 == 0,
            seen: Seen { kind: "patient", id: Some(number), patient: None, detail: None },
            request_id: "-".to_owned(),
        }
    }

    #[test]
    fn what_was_appended_holds_and_any_change_shows_at_its_row() {
        let folder = std::env::temp_dir().join(format!("healthflow-chain-{}", std::process::id()));
        let store = Store::open(StoreOptions::new(&folder), Arc::new(SystemClock)).unwrap();
        let verdict = || store.read(Duration::from_secs(60), verify).unwrap();
        assert_eq!(verdict(), Verdict { rows: 0, broken: None });
        let most = PAGE + 3;
        let append_all = move |tx: &crate::store::Tx<'_>| {
            append(tx, &[entry(1)])?;
            append(tx, &(2..=most).map(entry).collect::<Vec<_>>())
        };
        store.write_blocking::<_, StoreError>(Class::People, append_all).unwrap();
        assert_eq!(verdict(), Verdict { rows: most, broken: None });
        for (sql, broken) in [
            ("UPDATE audit SET detail = 'x' WHERE id = 2001", 2_001),
            ("UPDATE audit SET patient_id = 1 WHERE id = 900", 900),
            ("UPDATE audit SET actor_name = 'Am', act = 'apatients.read' WHERE id = 80", 80),
            ("DELETE FROM audit WHERE id = 7", 8),
            ("DELETE FROM audit WHERE id = 1", 2),
        ] {
            let change = move |tx: &crate::store::Tx<'_>| tx.execute(sql, &[]);
            store.write_blocking::<_, StoreError>(Class::People, change).unwrap();
            assert_eq!(verdict().broken, Some(broken), "{sql}");
        }
        store.close();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

//! A row of the audit as the API shows it.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use crate::access::roles::ROLE;
use crate::access::sessions::SESSION;
use crate::access::users::USER;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::AuditRow;
use crate::platform::ledger::custody::classes::AuditClass;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Reach};
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;

/// Who a patient is, for those who may know.
#[derive(Debug, Clone)]
pub(super) struct Who {
    mrn: String,
    family: String,
    given: String,
    birth_date: Option<String>,
}

impl Who {
    pub(super) fn json(&self) -> Json {
        let Self { mrn, family, given, birth_date } = self;
        json!({"mrn": mrn, "family": family, "given": given, "birth_date": birth_date})
    }
}

/// Whether `viewer` may know who patients are, whoever they are.
pub(super) fn may_know(viewer: &Actor) -> bool {
    viewer.may(PATIENTS.read) && *viewer.reach() == Reach::Everybody
}

/// Who the patients with these ids are.
pub(super) fn people(
    tx: &ReadTx<'_>,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Who>, StoreError> {
    let ids: BTreeSet<i64> = ids.collect();
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let sql = "SELECT id, mrn, family, given, birth_date FROM patient \
        WHERE id IN (SELECT value FROM json_each(?1))";
    let rows = tx.all(sql, &[ids.into()], |row| {
        let who = Who {
            mrn: row.get(1)?,
            family: row.get(2)?,
            given: row.get(3)?,
            birth_date: row.get(4)?,
        };
        Ok((row.get::<i64>(0)?, who))
    })?;
    Ok(rows.into_iter().collect())
}

/// The kind that rows call `name`.
fn kind_named(name: &str) -> Option<Kind> {
    let declared = crate::domain::ALL.iter().map(|resource| resource.kind);
    declared.chain([USER, SESSION, ROLE]).find(|kind| kind.name == name)
}

/// The row for the API, with who the patient is, if that is known.
pub(super) fn json(row: &AuditRow, who: Option<&Who>) -> Json {
    let subject = row.subject_id.zip(kind_named(&row.subject_kind));
    let time = |at: i64| instant(at).to_string();
    json!({
        "id": row.id.to_string(),
        "at": time(row.at),
        "last_at": row.last_at.map(time),
        "count": row.count,
        "actor_id": row.actor_id.map(|id| USER.show(id)),
        "actor_name": row.actor_name,
        "role": row.role,
        "address": row.address,
        "act": row.act,
        "class": AuditClass::of(&row.act).word(),
        "outcome": row.outcome,
        "subject_kind": row.subject_kind,
        "subject_id": subject.map(|(id, kind)| kind.show(id)),
        "patient_id": row.patient_id.map(|id| PATIENT.show(id)),
        "patient": who.map(Who::json),
        "reason": row.reason,
        "request_id": row.request_id,
        "detail": row.detail,
    })
}

//! A row of the audit as the API shows it.

use serde_json::{Value as Json, json};

use super::known::{Emergency, Known, Who};
use crate::access::break_glass::BREAK_GLASS;
use crate::access::care_team::CARE_TEAM_MEMBER;
use crate::access::passkeys::PASSKEY;
use crate::access::roles::ROLE;
use crate::access::sessions::SESSION;
use crate::access::tokens::API_TOKEN;
use crate::access::users::USER;
use crate::domain::patients::PATIENT;
use crate::platform::ledger::AuditRow;
use crate::platform::ledger::custody::classes::AuditClass;
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;

/// The kind that rows call `name`.
fn kind_named(name: &str) -> Option<Kind> {
    let declared = crate::domain::ALL.iter().map(|resource| resource.kind);
    let others = [USER, SESSION, ROLE, API_TOKEN, BREAK_GLASS, CARE_TEAM_MEMBER, PASSKEY];
    declared.chain(others).find(|kind| kind.name == name)
}

/// What the row is about, as programs name it.
pub(super) fn subject_id(row: &AuditRow) -> Option<String> {
    row.subject_id.zip(kind_named(&row.subject_kind)).map(|(id, kind)| kind.show(id))
}

/// The row for the API, with what it refers to as far as that is known.
pub(super) fn json(row: &AuditRow, known: &Known) -> Json {
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
        "subject_id": subject_id(row),
        "subject_name": known.subject(row),
        "patient_id": row.patient_id.map(|id| PATIENT.show(id)),
        "patient": known.patient(row).map(Who::json),
        "reason": row.reason,
        "emergency": known.emergency(row).map(Emergency::json),
        "request_id": row.request_id,
        "detail": row.detail,
    })
}

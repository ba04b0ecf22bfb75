//! What is done to keep the audit, as the API shows it.

use serde_json::{Value as Json, json};

use crate::platform::ledger::Custodian;
use crate::platform::ledger::custody::anchors::Anchor;
use crate::platform::ledger::custody::classes::{AuditClass, DAY, Retention};
use crate::platform::ledger::custody::stubs::{self, Stub};
use crate::platform::ledger::custody::{Proof, Task};
use crate::platform::ledger::rows;
use crate::store::{Store, StoreError};
use crate::vocab::clock::instant;
use crate::vocab::digest::hex;

/// For the few rows that tell of it.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(5);

/// What is being done, the last proof, the newest anchor, the archives, and how long rows stay.
pub(super) fn all(
    custodian: &Custodian,
    store: &Store,
    retention: &Retention,
) -> Result<Json, StoreError> {
    let (newest, stubs) =
        store.read(DEADLINE, |tx| Ok::<_, StoreError>((rows::newest(tx)?, stubs::all(tx)?)))?;
    let days = AuditClass::ALL.map(|class| {
        let kept = 0 - retention.kept_since(class, 0);
        (class.word().to_owned(), json!(kept / DAY))
    });
    Ok(json!({
        "task": task(&custodian.task()),
        "proof": custodian.proof()?.as_ref().map(proof),
        "anchor": custodian.anchors().newest()?.as_ref().map(anchor),
        "newest": newest.map(|(id, hash)| json!({"row": id.to_string(), "hash": hex(&hash)})),
        "archives": stubs.iter().map(archive).collect::<Vec<_>>(),
        "keep_days": serde_json::Map::from_iter(days),
    }))
}

pub(super) fn task(task: &Task) -> Json {
    json!({
        "number": task.number,
        "kind": task.kind,
        "running": task.running,
        "done": task.done,
        "total": task.total,
        "outcome": task.outcome,
    })
}

fn proof(proof: &Proof) -> Json {
    json!({
        "at": instant(proof.at).to_string(),
        "by": proof.by,
        "whole": proof.whole,
        "row": proof.row.to_string(),
        "hash": proof.hash,
        "archives": proof.archives,
        "anchors": proof.anchors,
        "flaw": proof.flaw,
    })
}

pub(super) fn anchor(anchor: &Anchor) -> Json {
    json!({
        "at": instant(anchor.at).to_string(),
        "row": anchor.id.to_string(),
        "hash": hex(&anchor.hash),
        "line": anchor.line(),
    })
}

fn archive(stub: &Stub) -> Json {
    json!({
        "file": stub.file,
        "state": stub.state.word(),
        "first_row": stub.first_id.to_string(),
        "last_row": stub.last_id.to_string(),
        "first_at": instant(stub.first_at).to_string(),
        "last_at": instant(stub.last_at).to_string(),
        "archived_at": instant(stub.archived_at).to_string(),
    })
}

//! Marking a record as confidential: it is its care team's then, and nobody else's.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;

use crate::domain::patients::resource::CONFIDENTIAL;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::platform::resource::{api as common, history, select};
use crate::web::{Answer, Body, Permission, Permit};

/// May mark records as confidential.
#[derive(Debug)]
pub struct PatientsConfidential;
impl Permission for PatientsConfidential {
    const CODE: &'static str = "patients.confidential";
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// Null takes the mark away. Left out is neither: an empty body must open no record.
    #[serde(deserialize_with = "Option::deserialize")]
    confidential: Option<String>,
}

/// Sets the mark or, with null, takes it away. It needs no reach: whoever looks after the marks
/// does not have to see the record, and is shown nothing of it.
pub(super) async fn post(
    by: Permit<PatientsConfidential>,
    desk: Data<Desk>,
    id: Path<String>,
    Body(mark): Body<Mark>,
) -> Answer {
    let id = common::id_in_path(PATIENT, &id)?;
    let confidential = mark.confidential;
    if confidential.as_deref().is_some_and(|word| !CONFIDENTIAL.contains(&word)) {
        let mend = format!("Allowed here: {}; null takes it away.", CONFIDENTIAL.join(", "));
        return Err(RecordError::field("confidential", mend).into());
    }
    let shown = confidential.clone();
    let version = desk
        .write(&by.call, "patients.confidential", move |work| {
            let before = select::whole(work.tx(), &PATIENTS, id)?
                .ok_or(RecordError::NotFound(PATIENT.name))?;
            work.ex_officio(id);
            let sql = "UPDATE patient SET confidential = ?2, version = version + 1, \
                updated_at = ?3 WHERE id = ?1 AND confidential IS NOT ?2";
            let params = [id.into(), confidential.clone().into(), work.now().into()];
            let changed = work.tx().execute(sql, &params)?;
            if changed == 0 {
                return Ok::<_, RecordError>(before.version);
            }
            let by = (work.now(), work.call().actor.user_id());
            history::keep(work.tx(), &PATIENTS, (id, before.version), &before.body, by)?;
            let event = if confidential.is_some() { "made_confidential" } else { "opened_up" };
            work.touched(Touch { kind: PATIENT, id, patient: Some(id), event });
            Ok(before.version + 1)
        })
        .await?;
    let body = json!({"data": {"id": PATIENT.show(id), "confidential": shown, "version": version}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

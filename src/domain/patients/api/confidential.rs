//! Marking a record as confidential: it is its care team's then, and nobody else's.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;

use crate::access::break_glass::{self, TEXT};
use crate::domain::patients::resource::CONFIDENTIAL;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::platform::resource::{api as common, history, select};
use crate::vocab::text;
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
    /// Why the mark is taken away; told to whoever reviews it.
    #[serde(default)]
    reason: Option<String>,
}

/// The words that must be said when a mark is taken away, and only then.
fn why(taken_away: bool, sent: Option<&str>) -> Result<Option<String>, RecordError> {
    if !taken_away {
        return Ok(None);
    }
    let text = text::line(sent.unwrap_or_default()).unwrap_or_default();
    if TEXT.contains(&text.chars().count()) {
        return Ok(Some(text));
    }
    let mend = format!(
        "Say why the mark is taken away in {} to {} characters. It will be reviewed.",
        TEXT.start(),
        TEXT.end()
    );
    Err(RecordError::field("reason", mend))
}

/// Sets the mark or, with null, takes it away, which is reviewed as an emergency is: else whoever
/// looks after the marks could read any record in between. It needs no reach: they do not have
/// to see the record, and are shown nothing of it. Sent again it changes nothing, so that it needs
/// no version of a record that they may not see.
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
    let reason = why(confidential.is_none(), mark.reason.as_deref())?;
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
            if let Some(reason) = &reason {
                break_glass::unmarked(work, id, reason)?;
            }
            let event = if confidential.is_some() { "made_confidential" } else { "opened_up" };
            work.touched(Touch { kind: PATIENT, id, patient: Some(id), event });
            Ok(before.version + 1)
        })
        .await?;
    let body = json!({"data": {"id": PATIENT.show(id), "confidential": shown, "version": version}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

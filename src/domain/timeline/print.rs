//! What is printed of one patient: everything of the document in one answer, read at one
//! moment, so that no sheet mixes two states of the record. Asking for it is audited as a print.

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Path, ServiceConfig};

use super::series;
use crate::domain::encounters::ENCOUNTERS;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::prescriptions::PRESCRIPTIONS;
use crate::domain::records::{ALLERGIES, CONDITIONS};
use crate::platform::ledger::{Desk, RecordError, Seen};
use crate::platform::resource::query::{Filter, ListQuery};
use crate::platform::resource::{Resource, api as common, select};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::Actor;
use crate::web::permit::demand;
use crate::web::{Answer, Signed, conditional};

/// Rows of one kind on paper; where there are more, the answer's cursor says so, and the sheet.
const ROWS_MAX: usize = 1_000;

/// The kinds of record in a summary. Their order is the page's affair.
static PARTS: [&Resource; 4] = [&ALLERGIES, &CONDITIONS, &PRESCRIPTIONS, &ENCOUNTERS];

/// Mounts the documents.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/patients/{id}/print/patient-summary")
            .route(web::get().to(get_patient_summary)),
    );
}

async fn get_patient_summary(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    for part in PARTS {
        demand(&request, &signed.call, part.read)?;
    }
    let patient = common::id_in_path(PATIENT, &id)?;
    let viewer = signed.call.actor.clone();
    let found = desk
        .read_slow(&signed.call, "patients.print", move |tx| {
            let found = summary(tx, patient, &viewer)?;
            let whose = found.is_some().then_some(patient);
            let detail = Some("patient-summary".to_owned());
            let seen = Seen { kind: PATIENT.name, id: Some(patient), patient: whose, detail };
            Ok::<_, StoreError>((found, seen))
        })
        .await?;
    let body = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    Ok(conditional::hashed(&request, common::data(&body)))
}

/// `{"patient":{…},"allergies":{"data":[…],"meta":{…}},…,"series":[…]}`
fn summary(tx: &ReadTx<'_>, patient: i64, viewer: &Actor) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(one) = select::one(tx, &PATIENTS, patient, viewer)? else { return Ok(None) };
    let mut body = [b"{\"patient\":", one.body.as_slice()].concat();
    for part in PARTS {
        let mut query = ListQuery::plain(part, viewer);
        let (value, shown) = (Value::Int(patient), PATIENT.show(patient));
        query.filters.push(Filter { column: "patient_id", value, shown });
        query.limit = ROWS_MAX;
        body.extend_from_slice(format!(",\"{}\":", part.path).as_bytes());
        body.extend_from_slice(&select::page(tx, part, &query)?.body);
    }
    body.extend_from_slice(b",\"series\":");
    let series = series::of(tx, patient, &[], 1)?;
    body.extend_from_slice(&serde_json::to_vec(&series).unwrap_or_default());
    body.push(b'}');
    Ok(Some(body))
}

//! What is printed of one patient: everything of the document in one answer, read at one
//! moment, so that no sheet mixes two states of the record. Asking for it is audited as a print.

use super::series;
use crate::domain::encounters::ENCOUNTERS;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::prescriptions::PRESCRIPTIONS;
use crate::domain::records::{ALLERGIES, CONDITIONS, IMMUNIZATIONS};
use crate::platform::ledger::Sight;
use crate::platform::resource::query::{Filter, ListQuery};
use crate::platform::resource::seal::Seal;
use crate::platform::resource::{Resource, select};
use crate::store::{StoreError, Value};
use crate::vocab::actor::Actor;

/// Rows of one kind on paper; where there are more, the answer's cursor says so, and the sheet.
pub(super) const ROWS_MAX: usize = 1_000;

/// The kinds of record in a summary. Their order is the page's affair.
pub(super) static PARTS: [&Resource; 5] =
    [&ALLERGIES, &CONDITIONS, &PRESCRIPTIONS, &IMMUNIZATIONS, &ENCOUNTERS];

/// `{"patient":{…},"allergies":{"data":[…],"meta":{…}},…,"series":[…]}`
///
/// # Errors
/// What the store says.
pub(super) fn summary(
    tx: &Sight<'_>,
    patient: i64,
    (viewer, seal): (&Actor, &Seal),
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(one) = select::one(tx, &PATIENTS, patient, viewer)? else { return Ok(None) };
    let mut body = [b"{\"patient\":", one.body.as_slice()].concat();
    for part in PARTS {
        let mut query = ListQuery::plain(part, viewer, seal);
        let (value, shown) = (Value::Int(patient), PATIENT.show(patient));
        query.filters.push(Filter { column: "patient_id", value, shown });
        query.limit = ROWS_MAX;
        body.extend_from_slice(format!(",\"{}\":", part.path).as_bytes());
        body.extend_from_slice(&select::page(tx, &query)?.body);
    }
    body.extend_from_slice(b",\"series\":");
    let series = series::of(tx, patient, &[], 1)?;
    body.extend_from_slice(&serde_json::to_vec(&series).unwrap_or_default());
    body.push(b'}');
    Ok(Some(body))
}

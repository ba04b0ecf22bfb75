//! By which other name a patient was found: whoever looks for a maiden name sees a family name
//! that they did not type, and wants to know why.

use serde_json::{Value as Json, json};

use super::directory;
use crate::platform::resource::list;
use crate::platform::search::{Card, SearchError, telling_names};
use crate::store::{ReadTx, StoreError};

/// For every patient among `ids` whom `text` finds by a name that is not the first of theirs:
/// the id and that name, as `{"name_use":"maiden","family":"…","given":["…"]}`.
///
/// # Errors
/// What the store says, and what is wrong with the text.
pub fn other_names<E>(tx: &ReadTx<'_>, ids: &[i64], text: &str) -> Result<Vec<(i64, Json)>, E>
where
    E: From<StoreError> + From<SearchError>,
{
    let mut several: Vec<Card> = Vec::new();
    for id in ids {
        let sql = "SELECT count(*) FROM patient_name WHERE patient_id = ?1";
        if 1 < tx.one(sql, &[(*id).into()], |row| row.get::<i64>(0))? {
            several.push(directory::card(tx, *id)?);
        }
    }
    let told = telling_names(text, &several)?;
    let mut found = Vec::new();
    for (card, place) in several.iter().zip(told) {
        if let Some(place) = place {
            found.push((card.id, name_at(tx, card.id, place)?));
        }
    }
    Ok(found)
}

fn name_at(tx: &ReadTx<'_>, id: i64, place: usize) -> Result<Json, StoreError> {
    let sql = "SELECT name_use, family, given FROM patient_name WHERE patient_id = ?1 \
        ORDER BY position LIMIT 1 OFFSET ?2";
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    tx.one(sql, &[id.into(), place.into()], |row| {
        let given: Vec<String> = list::split(&row.get::<String>(2)?).collect();
        let (name_use, family) = (row.get::<String>(0)?, row.get::<String>(1)?);
        Ok(json!({"name_use": name_use, "family": family, "given": given}))
    })
}

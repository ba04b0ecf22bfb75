//! In which order patients are shown who were found alike, and by which other name one was found:
//! whoever looks for a maiden name sees a family name that they did not type, and wants to know
//! why.

use serde_json::{Value as Json, json};

use super::directory;
use super::rules::{name_key, value_key};
use crate::platform::resource::list;
use crate::platform::search::{Card, Hit, SearchError, telling_names};
use crate::store::{ReadTx, Row, StoreError};

/// Orders `hits` that answer equally well to `text`: family names that begin with it first, then
/// by name and birth date, as the list of all patients is.
///
/// # Errors
/// What the store says.
pub fn order(tx: &ReadTx<'_>, hits: &mut Vec<Hit>, text: &str) -> Result<(), StoreError> {
    let typed = name_key(text.trim(), "");
    let typed = typed.trim_end_matches(", ");
    let sql = "SELECT name_key, coalesce(birth_date, '') FROM patient WHERE id = ?1";
    let mut keyed = Vec::with_capacity(hits.len());
    let (mut group, mut score) = (0, None);
    for hit in hits.drain(..) {
        group += usize::from(score.is_some_and(|score| score != hit.score.to_bits()));
        score = Some(hit.score.to_bits());
        let row = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
        let (name, born) = tx.opt(sql, &[hit.id.into()], row)?.unwrap_or_default();
        keyed.push(((group, !name.starts_with(typed), name, born, hit.id), hit));
    }
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    hits.extend(keyed.into_iter().map(|(_, hit)| hit));
    Ok(())
}

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

/// Whether the patient `id` has exactly the number `text`: the record number or another one.
///
/// # Errors
/// What the store says.
pub fn has_number(tx: &ReadTx<'_>, id: i64, text: &str) -> Result<bool, StoreError> {
    let key = value_key(text);
    let mrn =
        tx.opt("SELECT mrn FROM patient WHERE id = ?1", &[id.into()], |row| row.get::<String>(0))?;
    if mrn.is_some_and(|mrn| value_key(&mrn) == key) {
        return Ok(true);
    }
    let sql = "SELECT 1 FROM patient_identifier WHERE patient_id = ?1 AND value_key = ?2 LIMIT 1";
    Ok(tx.opt(sql, &[id.into(), key.into()], |_| Ok(()))?.is_some())
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

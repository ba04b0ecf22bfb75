//! What a record was before each change, whole, as this program would have shown it then.

use super::{Resource, render};
use crate::store::{ReadTx, StoreError, Tx, Value};
use crate::vocab::actor::Actor;
use crate::vocab::clock::instant;

/// Earlier versions that one answer holds.
const VERSIONS_MAX: usize = 200;

/// Keeps `body`, the record as it was in `version`, before it is replaced.
///
/// # Errors
/// What the store says.
pub fn keep(
    tx: &Tx<'_>,
    resource: &Resource,
    (id, version): (i64, i64),
    body: &[u8],
    (now, by): (i64, Option<i64>),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO history \
        (subject_kind, subject_id, version, replaced_at, replaced_by, body) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let body = String::from_utf8_lossy(body).into_owned();
    let kind = resource.kind.name;
    let params = [kind.into(), id.into(), version.into(), now.into(), by.into(), Value::Text(body)];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The latest earlier versions of the record `id`, newest first, as `viewer` may see them: each
/// is `{"version","replaced_at","record"}`.
///
/// # Errors
/// What the store says.
pub fn of(
    tx: &ReadTx<'_>,
    resource: &Resource,
    id: i64,
    viewer: &Actor,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT version, replaced_at, body FROM history \
        WHERE subject_kind = ?1 AND subject_id = ?2 ORDER BY version DESC LIMIT ?3";
    let most = Value::Int(i64::try_from(VERSIONS_MAX).unwrap_or(i64::MAX));
    tx.all(sql, &[resource.kind.name.into(), id.into(), most], |row| {
        let (version, at) = (row.get::<i64>(0)?, instant(row.get(1)?));
        let record = shown(resource, viewer, row.get(2)?)?;
        Ok(format!(r#"{{"version":{version},"replaced_at":"{at}","record":{record}}}"#).into())
    })
}

/// `body` without what `viewer` may not see.
fn shown(resource: &Resource, viewer: &Actor, body: String) -> Result<String, StoreError> {
    let secret = |name: &str| resource.column(name).is_some_and(|it| !it.shown_to(viewer));
    if resource.all_columns().all(|column| column.shown_to(viewer) || column.hidden) {
        return Ok(body);
    }
    let mut record = render::parse(body.as_bytes(), resource.kind)?;
    record.retain(|name, _| !secret(name));
    Ok(serde_json::Value::Object(record).to_string())
}

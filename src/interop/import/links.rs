//! What the references of a resource mean: which of our records.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::claims::{self, Number, Scope};
use super::rows::{self, Now, Said};
use crate::domain::{encounters, observations, patients, prescriptions, providers, records};
use crate::interop::fhir::{Kind, Link, Reference};
use crate::platform::ledger::{Touch, Work};
use crate::platform::resource::{Resource, history, render, select};
use crate::store::{ReadTx, StoreError};

/// Links known in this run that are kept in memory; beyond it they are looked up again.
const KNOWN_MAX: usize = 300_000;

/// The resource of ours that a FHIR kind becomes; `None` if it only adds to others.
#[must_use]
pub(super) fn resource_of(kind: Kind) -> Option<&'static Resource> {
    Some(match kind {
        Kind::Organization => &providers::ORGANIZATIONS,
        Kind::Practitioner => &providers::PRACTITIONERS,
        Kind::Location => &providers::LOCATIONS,
        Kind::Patient => &patients::PATIENTS,
        Kind::Encounter => &encounters::ENCOUNTERS,
        Kind::Condition => &records::CONDITIONS,
        Kind::Allergy => &records::ALLERGIES,
        Kind::Observation => &observations::OBSERVATIONS,
        Kind::MedicationRequest => &prescriptions::PRESCRIPTIONS,
        Kind::Immunization => &records::IMMUNIZATIONS,
        Kind::Procedure => &records::PROCEDURES,
        Kind::PractitionerRole | Kind::CareTeam | Kind::Medication => return None,
    })
}

/// The identity of the record `id` that a resource of `kind` became, as our API writes it. A
/// role stands for the practitioner whose it is.
pub(super) fn shown(kind: Kind, id: i64) -> Option<String> {
    let kind = if kind == Kind::PractitionerRole { Kind::Practitioner } else { kind };
    resource_of(kind).map(|resource| resource.kind.show(id))
}

/// Links that are committed, by kind and source id.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<(Kind, String), i64>);

impl Known {
    /// Adds what a transaction has committed.
    pub(super) fn extend(&mut self, fresh: Vec<(Kind, String, i64)>) {
        if KNOWN_MAX < self.0.len() + fresh.len() {
            self.0.clear();
        }
        self.0.extend(fresh.into_iter().map(|(kind, id, record)| ((kind, id), record)));
    }

    /// The record, if it is in memory.
    #[must_use]
    pub(super) fn get(&self, kind: Kind, source_id: &str) -> Option<i64> {
        // The key is made for the look-up: a borrowed pair is no key of a map of owned ones.
        self.0.get(&(kind, source_id.to_owned())).copied()
    }
}

/// What is stored of a link: the record and the fingerprint of what it was made of.
///
/// # Errors
/// What the store says.
pub(super) fn find(
    tx: &ReadTx<'_>,
    source: &str,
    kind: Kind,
    source_id: &str,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT record_id, digest FROM import_link \
        WHERE source = ?1 AND kind = ?2 AND source_id = ?3";
    let params = [source.into(), kind.fhir().into(), source_id.into()];
    tx.opt(sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Keeps what the medication `source_id` is called: the fields of `coded` are those of a
/// request that names it.
///
/// # Errors
/// What the store says.
pub(super) fn keep_medication(
    tx: &crate::store::Tx<'_>,
    source: &str,
    source_id: &str,
    coded: &Map<String, Json>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_medication (source, source_id, code_system, code, code_text) \
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source, source_id) DO UPDATE SET \
        code_system = excluded.code_system, code = excluded.code, code_text = excluded.code_text";
    let text = |field: &str| coded.get(field).and_then(Json::as_str).map(str::to_owned);
    let params = [
        source.into(),
        source_id.into(),
        text("code_system").into(),
        text("code").into(),
        text("code_text").unwrap_or_default().into(),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// What the medication that `link` points to is called, if it has come yet.
///
/// # Errors
/// What the store says.
pub(super) fn medication(
    tx: &ReadTx<'_>,
    source: &str,
    link: &Link,
) -> Result<Option<Map<String, Json>>, StoreError> {
    let Reference::Resource { id, .. } = &link.to else { return Ok(None) };
    let sql = "SELECT code_system, code, code_text FROM import_medication \
        WHERE source = ?1 AND source_id = ?2";
    tx.opt(sql, &[source.into(), id.as_str().into()], |row| {
        let mut coded = Map::new();
        for (index, field) in ["code_system", "code", "code_text"].into_iter().enumerate() {
            coded.insert(field.to_owned(), json!(row.get::<Option<String>>(index)?));
        }
        Ok(coded)
    })
}

/// The record that `link` points to, if it is there yet.
///
/// # Errors
/// What the store says.
pub(super) fn resolve(
    tx: &ReadTx<'_>,
    scope: Scope<'_>,
    known: &dyn Fn(Kind, &str) -> Option<i64>,
    link: &Link,
) -> Result<Option<(Kind, i64)>, StoreError> {
    match &link.to {
        Reference::Resource { kind, id } => {
            let kinds: &[Kind] = kind.as_ref().map_or(link.wants, std::slice::from_ref);
            for &kind in kinds.iter().filter(|kind| link.wants.contains(kind)) {
                if let Some(record) = known(kind, id) {
                    return Ok(Some((kind, record)));
                }
                if let Some((record, _)) = find(tx, scope.source, kind, id)? {
                    return Ok(Some((kind, record)));
                }
            }
            Ok(None)
        }
        Reference::Identified { system, value } => {
            let (system, display) = (system.as_deref(), link.display.as_deref());
            let number = Number { system, value, display };
            for &kind in link.wants {
                if let Some(record) = claims::whom(tx, scope, kind, number)? {
                    return Ok(Some((kind, record)));
                }
            }
            Ok(None)
        }
        Reference::Display => Ok(None),
    }
}

/// Puts `id` at `field` of `body`; a field in a list is written `participants.0.name`.
pub(super) fn put(body: &mut Map<String, Json>, field: &str, id: String) {
    let Some((list, index, inner)) = rows::parts(field) else {
        body.insert(field.to_owned(), Json::String(id));
        return;
    };
    let row = body.get_mut(list).and_then(|list| list.get_mut(index));
    if let Some(Json::Object(row)) = row {
        row.insert(inner.to_owned(), Json::String(id));
    }
}

/// Whether `field` links a row of a list, e.g. `participants.0.practitioner_id`, that has no
/// name of its own.
pub(super) fn is_nameless_row(body: &Map<String, Json>, field: &str) -> bool {
    let row = rows::parts(field).and_then(|(list, index, _)| body.get(list)?.get(index));
    row.is_some_and(|row| row.get("name").is_none_or(Json::is_null))
}

/// Names the row that `field` links.
pub(super) fn name_row(body: &mut Map<String, Json>, field: &str, name: &str) {
    if let Some((row, _)) = field.rsplit_once('.') {
        put(body, &format!("{row}.name"), name.to_owned());
    }
}

/// What the row that `field` links says in the record as it is stored; `None` if the field is
/// one of the record itself.
///
/// # Errors
/// What the store says.
pub(super) fn said(
    tx: &ReadTx<'_>,
    resource: &Resource,
    record: i64,
    field: &str,
) -> Result<Option<Said>, StoreError> {
    let Some((list, index, _)) = rows::parts(field) else { return Ok(None) };
    let Some(one) = select::whole(tx, resource, record)? else { return Ok(None) };
    let body = render::parse(&one.body, resource.kind)?;
    Ok(body.get(list).and_then(Json::as_array).and_then(|list| Said::of(list, index)))
}

/// Writes the record's identity into the column that `field` names, as a new version; in a list
/// into the row that still says what was `said`. What stands there by now stays, and a record
/// of another patient is never pointed to. `false` if the field has no such place.
///
/// # Errors
/// What the store says.
pub(super) fn fill(
    work: &Work<'_>,
    resource: &'static Resource,
    record: i64,
    (field, said): (&str, Option<&Said>),
    (kind, target): (Kind, i64),
) -> Result<bool, StoreError> {
    let tx = work.tx();
    let Some(before) = select::whole(tx, resource, record)? else { return Ok(false) };
    let body = render::parse(&before.body, resource.kind)?;
    let (table, column, place, position) = if let Some((list, index, inner)) = rows::parts(field) {
        let child = resource.children.iter().find(|child| child.name == list);
        let column = child.and_then(|child| child.columns.iter().find(|it| it.name == inner));
        let (Some(child), Some(column), Some(said)) = (child, column, said) else {
            return Ok(false);
        };
        let list = body.get(list).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        match said.find(list, index, column.name) {
            Now::Open(at) => (child.table, column.name, child.owner, i64::try_from(at).ok()),
            Now::Filled => return Ok(true),
            Now::Gone => return Ok(false),
        }
    } else {
        let Some(column) = resource.column(field) else { return Ok(false) };
        if body.get(column.name).is_some_and(|value| !value.is_null()) {
            return Ok(true);
        }
        (resource.table, column.name, "id", None)
    };
    let patient = select::owner(tx, resource, record)?;
    if matches!(kind, Kind::Encounter | Kind::Condition)
        && let Some(pointed) = resource_of(kind)
        && select::owner(tx, pointed, target)? != patient
    {
        return Ok(false);
    }
    let by = work.call().actor.user_id();
    history::keep(tx, resource, (record, before.version), &before.body, (work.now(), by))?;
    let row = if position.is_some() { " AND position = ?3" } else { " AND ?3 IS NULL" };
    let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {place} = ?1{row}");
    tx.execute(&sql, &[record.into(), target.into(), position.into()])?;
    let sql = format!(
        "UPDATE {} SET version = version + 1, updated_at = ?2 WHERE id = ?1",
        resource.table
    );
    tx.execute(&sql, &[record.into(), work.now().into()])?;
    work.touched(Touch { kind: resource.kind, id: record, patient, event: "linked" });
    Ok(true)
}

/// What a link says that makes two resources differ.
#[must_use]
pub(super) fn to_text(link: &Link) -> String {
    let wants: Vec<&str> = link.wants.iter().map(|kind| kind.fhir()).collect();
    json!({"wants": wants, "to": target(&link.to)}).to_string()
}

/// Where a reference points, for keeping.
pub(super) fn target(to: &Reference) -> Json {
    match to {
        Reference::Resource { kind, id } => json!({"kind": kind.map(Kind::fhir), "id": id}),
        Reference::Identified { system, value } => json!({"system": system, "value": value}),
        Reference::Display => Json::Null,
    }
}

/// A field without its place in a list, so that counts come together.
pub(super) fn plain(field: &str) -> String {
    let parts = field.split('.').filter(|part| part.parse::<usize>().is_err());
    parts.collect::<Vec<_>>().join(".")
}

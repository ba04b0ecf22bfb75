//! Reading records, with includes in one query each: one, some, or one page of a list.

use std::collections::HashMap;

use super::include::{IN_LIST, attach_children, attach_parent, attach_related, id_list};
use super::masked;
use super::query::ListQuery;
use super::render;
use super::{Column, Parent, Resource, Subject};
use crate::platform::ledger::Sight;
use crate::store::{ReadTx, Row, StoreError, Value};
use crate::vocab::actor::Actor;

pub use super::page::{Page, list_body, page, statements};

/// A finished record of several.
#[derive(Debug)]
pub struct Item {
    /// Which.
    pub id: i64,
    /// The JSON object.
    pub json: Vec<u8>,
    /// It only says who the patient is.
    pub named: bool,
}

/// One record with all its child lists.
#[derive(Debug)]
pub struct One {
    /// The record as a JSON object.
    pub body: Vec<u8>,
    /// Its version.
    pub version: i64,
}

/// A record whose JSON object is still open.
pub(super) struct Draft {
    pub(super) id: i64,
    /// Whose record it is.
    pub(super) patient: Option<i64>,
    /// Only who the patient is may be shown.
    pub(super) named: bool,
    pub(super) parents: Vec<Option<i64>>,
    /// The value of the column that was read beside those shown.
    pub(super) key: Value,
    pub(super) json: Vec<u8>,
}

/// The record `id` with its child lists as `viewer` may see it, or `None`.
///
/// # Errors
/// What the store says.
pub fn one(
    tx: &ReadTx<'_>,
    resource: &Resource,
    id: i64,
    viewer: &Actor,
) -> Result<Option<One>, StoreError> {
    one_with(tx, resource, id, |column| column.shown_to(viewer))
}

/// The record `id` with all that it holds, for its history and for changing it; not for showing.
///
/// # Errors
/// What the store says.
pub fn whole(tx: &ReadTx<'_>, resource: &Resource, id: i64) -> Result<Option<One>, StoreError> {
    one_with(tx, resource, id, |column| !column.hidden)
}

fn one_with(
    tx: &ReadTx<'_>,
    resource: &Resource,
    id: i64,
    shown: impl Fn(&Column) -> bool,
) -> Result<Option<One>, StoreError> {
    let columns: Vec<_> = resource.all_columns().filter(|column| shown(column)).collect();
    let mut sql = select_list(&columns, &[]);
    sql.push_str(&format!(", version FROM {} WHERE id = ?1", resource.table));
    let found = tx.opt(&sql, &[Value::Int(id)], |row| {
        let mut json = Vec::with_capacity(1024);
        render::open_object(&mut json, resource.kind, &columns, row)?;
        Ok((json, row.get::<i64>(columns.len() + 1)?))
    })?;
    let Some((json, version)) = found else { return Ok(None) };
    let (patient, named, parents, key) = (None, false, Vec::new(), Value::Null);
    let mut drafts = vec![Draft { id, patient, named, parents, key, json }];
    for child in resource.children {
        attach_children(tx, child, &mut drafts)?;
    }
    let mut body = drafts.swap_remove(0).json;
    body.push(b'}');
    Ok(Some(One { body, version }))
}

/// The record `id` with what `query` names of it.
///
/// # Errors
/// What the store says.
pub fn shaped(tx: &ReadTx<'_>, id: i64, query: &ListQuery) -> Result<Option<One>, StoreError> {
    let mut sql = select_list(&query.columns, &query.parents);
    let (owner, table) = (owner_column(query.resource), query.resource.table);
    sql.push_str(&format!(", version{owner} FROM {table} WHERE id = ?1"));
    let Some(found) = tx.opt(&sql, &[id.into()], |row| draft(query, row))? else {
        return Ok(None);
    };
    let version = if let Value::Int(version) = found.key { version } else { 0 };
    let mut drafts = vec![found];
    finish(tx, query, &mut drafts)?;
    Ok(Some(One { body: drafts.swap_remove(0).json, version }))
}

/// The records `ids` in this order, as far as they exist and `sight` shows them, each with what
/// `query` brings along; the rest of the query does not matter. Who is hidden is named all the
/// same if `told` by what was asked.
///
/// # Errors
/// What the store says.
pub fn these(
    sight: &Sight<'_>,
    ids: &[i64],
    query: &ListQuery,
    told: impl Fn(i64) -> bool,
) -> Result<Vec<Item>, StoreError> {
    let mut sql = select_list(&query.columns, &query.parents);
    let (owner, table) = (owner_column(query.resource), query.resource.table);
    sql.push_str(&format!(", id{owner} FROM {table} WHERE id {IN_LIST}"));
    let mut drafts = sight.all(&sql, &[id_list(ids)], |row| draft(query, row))?;
    let place: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    drafts.sort_by_key(|draft| place.get(&draft.id).copied());
    masked::sift(sight, query.resource, &mut drafts, told)?;
    finish(sight, query, &mut drafts)?;
    let item = |Draft { id, json, named, .. }| Item { id, json, named };
    Ok(drafts.into_iter().map(item).collect())
}

/// `SELECT id, columns…, columns that point to parents…`; names come from declarations only.
pub(super) fn select_list(columns: &[&Column], parents: &[&Parent]) -> String {
    let mut sql = "SELECT id".to_owned();
    for name in columns.iter().map(|it| it.name).chain(parents.iter().map(|it| it.column)) {
        sql.push_str(", ");
        sql.push_str(name);
    }
    sql
}

pub(super) fn draft(query: &ListQuery, row: &Row<'_>) -> Result<Draft, StoreError> {
    let mut json = Vec::with_capacity(512);
    let id = render::open_object(&mut json, query.resource.kind, &query.columns, row)?;
    let offset = query.columns.len() + 1;
    let parents =
        (0..query.parents.len()).map(|at| row.get(offset + at)).collect::<Result<_, _>>()?;
    let after = offset + query.parents.len();
    let key = row.value(after).to_value();
    let patient = match query.resource.subject {
        Subject::Patient => Some(id),
        Subject::OfPatient => Some(row.get(after + 1)?),
        Subject::House => None,
    };
    Ok(Draft { id, patient, named: false, parents, key, json })
}

/// What a statement reads last, so that it is known whose row it is.
pub(super) fn owner_column(resource: &Resource) -> &'static str {
    if resource.subject == Subject::OfPatient { ", patient_id" } else { "" }
}

/// Attaches what was asked for and closes every object. To one that only says who somebody is,
/// nothing is attached.
pub(super) fn finish(
    tx: &ReadTx<'_>,
    query: &ListQuery,
    drafts: &mut Vec<Draft>,
) -> Result<(), StoreError> {
    let (places, named) = masked::set_aside(drafts);
    finish_whole(tx, query, drafts)?;
    for (place, draft) in places.into_iter().zip(named) {
        drafts.insert(place, draft);
    }
    Ok(())
}

fn finish_whole(
    tx: &ReadTx<'_>,
    query: &ListQuery,
    drafts: &mut [Draft],
) -> Result<(), StoreError> {
    for child in &query.children {
        attach_children(tx, child, drafts)?;
    }
    for (index, parent) in query.parents.iter().enumerate() {
        attach_parent(tx, &query.viewer, (index, *parent), drafts)?;
    }
    for related in &query.related {
        attach_related(tx, &query.viewer, related, drafts)?;
    }
    for draft in drafts {
        draft.json.push(b'}');
    }
    Ok(())
}

/// The patient that the record `id` belongs to.
///
/// # Errors
/// What the store says.
pub fn owner(tx: &ReadTx<'_>, resource: &Resource, id: i64) -> Result<Option<i64>, StoreError> {
    match resource.subject {
        Subject::Patient => Ok(Some(id)),
        Subject::House => Ok(None),
        Subject::OfPatient => {
            let sql = format!("SELECT patient_id FROM {} WHERE id = ?1", resource.table);
            tx.opt(&sql, &[id.into()], |row| row.get(0))
        }
    }
}

//! Reading: one record, or one page of a list by keyset, with includes in one query each.

use std::collections::HashMap;

use super::cursor::Cursor;
use super::include::{IN_LIST, attach_children, attach_parent, attach_related, id_list};
use super::query::{Filter, ListQuery};
use super::render;
use super::{Column, Parent, Resource, Sort, Subject, VERSIONED};
use crate::store::{ReadTx, Row, StoreError, Value};
use crate::vocab::actor::Actor;

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// `{"data":[…],"meta":{…}}`
    pub body: Vec<u8>,
    /// The records on the page, in order.
    pub ids: Vec<i64>,
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
    pub(super) parents: Vec<Option<i64>>,
    /// The value of the column that was read beside those shown.
    key: Value,
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
    let mut drafts = vec![Draft { id, parents: Vec::new(), key: Value::Null, json }];
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
    sql.push_str(&format!(", version FROM {} WHERE id = ?1", query.resource.table));
    let Some(found) = tx.opt(&sql, &[id.into()], |row| draft(query, row))? else {
        return Ok(None);
    };
    let version = if let Value::Int(version) = found.key { version } else { 0 };
    let mut drafts = vec![found];
    finish(tx, query, &mut drafts)?;
    Ok(Some(One { body: drafts.swap_remove(0).json, version }))
}

/// The records `ids` in this order, as far as they exist, each with what `query` brings along;
/// the rest of the query does not matter.
///
/// # Errors
/// What the store says.
pub fn these(
    tx: &ReadTx<'_>,
    ids: &[i64],
    query: &ListQuery,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut sql = select_list(&query.columns, &query.parents);
    sql.push_str(&format!(", id FROM {} WHERE id {IN_LIST}", query.resource.table));
    let mut drafts = tx.all(&sql, &[id_list(ids)], |row| draft(query, row))?;
    let place: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    drafts.sort_by_key(|draft| place.get(&draft.id).copied());
    finish(tx, query, &mut drafts)?;
    Ok(drafts.into_iter().map(|draft| (draft.id, draft.json)).collect())
}

/// One page of the list that `query` asks for. Every page costs the same, however deep.
///
/// # Errors
/// What the store says.
pub fn page(tx: &ReadTx<'_>, query: &ListQuery) -> Result<Page, StoreError> {
    let mut drafts = rows(tx, query)?;
    let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let more = query.limit < drafts.len();
    drafts.truncate(query.limit);
    if backwards {
        drafts.reverse();
    }
    finish(tx, query, &mut drafts)?;
    let has_next = if backwards { query.cursor.is_some() } else { more };
    let has_prev = if backwards { more } else { query.cursor.is_some() };
    let edge = |draft: Option<&Draft>, there: bool, backwards: bool| {
        let Draft { id, key, .. } = draft.filter(|_| there)?;
        Some(Cursor { id: *id, value: key.clone(), backwards }.show(query))
    };
    let next = edge(drafts.last(), has_next, false);
    let prev = edge(drafts.first(), has_prev, true);
    let items: Vec<&[u8]> = drafts.iter().map(|draft| draft.json.as_slice()).collect();
    let ids = drafts.iter().map(|draft| draft.id).collect();
    Ok(Page { body: list_body(&items, next.as_deref(), prev.as_deref()), ids })
}

/// `{"data":[…],"meta":{"cursor":{…}}}` of finished objects.
#[must_use]
pub fn list_body(items: &[&[u8]], next: Option<&str>, prev: Option<&str>) -> Vec<u8> {
    let size = items.iter().map(|item| item.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(size + 128);
    body.extend_from_slice(b"{\"data\":[");
    for (index, item) in items.iter().enumerate() {
        if 0 < index {
            body.push(b',');
        }
        body.extend_from_slice(item);
    }
    body.extend_from_slice(b"],\"meta\":{\"cursor\":{");
    for (name, cursor) in [("\"next\":", next), (",\"prev\":", prev)] {
        body.extend_from_slice(name.as_bytes());
        match cursor {
            Some(cursor) => render::text(&mut body, cursor),
            None => body.extend_from_slice(b"null"),
        }
    }
    body.extend_from_slice(b"}}}");
    body
}

/// Every statement that a page of this list may run, for the test that reads query plans.
#[must_use]
pub fn statements(query: &ListQuery) -> Vec<String> {
    let order = Order::of(query);
    let stages = order.stages().iter();
    let all = stages.flat_map(|&stage| {
        [false, true].map(|from_edge| statement(query, &order, stage, from_edge).0)
    });
    all.collect()
}

/// Which part of the order a query covers. A row value comparison can use the index, and
/// leaves out NULLs; so NULLs are a stage of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Nulls,
    Values,
}

struct Order {
    sort: Sort,
    /// The way this query walks: the sort's, turned round for a page before the cursor.
    descending: bool,
    nullable: bool,
}

impl Order {
    fn of(query: &ListQuery) -> Self {
        let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let versioned = VERSIONED.iter().any(|column| column.name == query.sort.column);
        let nullable = query.resource.column(query.sort.column).is_some_and(|it| !it.required);
        Self {
            sort: query.sort,
            descending: query.sort.descending != backwards,
            nullable: nullable && !versioned,
        }
    }

    /// NULLs come first going up and last going down.
    fn stages(&self) -> &'static [Stage] {
        match (self.nullable, self.descending) {
            (false, _) => &[Stage::Values],
            (true, false) => &[Stage::Nulls, Stage::Values],
            (true, true) => &[Stage::Values, Stage::Nulls],
        }
    }
}

fn rows(tx: &ReadTx<'_>, query: &ListQuery) -> Result<Vec<Draft>, StoreError> {
    let order = Order::of(query);
    let edge = query.cursor.as_ref();
    let start = match edge.map(|edge| &edge.value) {
        Some(Value::Null) if order.nullable => Stage::Nulls,
        Some(_) => Stage::Values,
        None => order.stages()[0],
    };
    let mut drafts: Vec<Draft> = Vec::new();
    for &stage in order.stages().iter().skip_while(|stage| **stage != start) {
        let edge = edge.filter(|_| stage == start);
        let (sql, mut params) = statement(query, &order, stage, edge.is_some());
        if let Some(edge) = edge {
            if stage == Stage::Values && query.sort.column != "id" {
                params.push(edge.value.clone());
            }
            params.push(Value::Int(edge.id));
        }
        let left = query.limit + 1 - drafts.len();
        params.push(Value::Int(i64::try_from(left).unwrap_or(i64::MAX)));
        drafts.extend(tx.all(&sql, &params, |row| draft(query, row))?);
        if query.limit < drafts.len() {
            break;
        }
    }
    Ok(drafts)
}

fn statement(
    query: &ListQuery,
    order: &Order,
    stage: Stage,
    from_edge: bool,
) -> (String, Vec<Value>) {
    let column = order.sort.column;
    let mut conditions = Vec::new();
    let mut params = Vec::new();
    for Filter { column, value, .. } in &query.filters {
        params.push(value.clone());
        conditions.push(format!("{column} = ?{}", params.len()));
    }
    let next = params.len() + 1;
    let beyond = if order.descending { "<" } else { ">" };
    let mut used = 0;
    match (stage, column) {
        (Stage::Values, "id") if from_edge => {
            conditions.push(format!("id {beyond} ?{next}"));
            used = 1;
        }
        (Stage::Values, "id") => {}
        (Stage::Values, _) if from_edge => {
            conditions.push(format!("({column}, id) {beyond} (?{next}, ?{})", next + 1));
            used = 2;
        }
        (Stage::Values, _) if order.nullable => conditions.push(format!("{column} IS NOT NULL")),
        (Stage::Values, _) => {}
        (Stage::Nulls, _) => {
            conditions.push(format!("{column} IS NULL"));
            if from_edge {
                conditions.push(format!("id {beyond} ?{next}"));
                used = 1;
            }
        }
    }
    let way = if order.descending { "DESC" } else { "ASC" };
    let mut sql = select_list(&query.columns, &query.parents);
    sql.push_str(&format!(", {column} FROM {}", query.resource.table));
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    match column {
        "id" => sql.push_str(&format!(" ORDER BY id {way}")),
        _ => sql.push_str(&format!(" ORDER BY {column} {way}, id {way}")),
    }
    sql.push_str(&format!(" LIMIT ?{}", next + used));
    (sql, params)
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

fn draft(query: &ListQuery, row: &Row<'_>) -> Result<Draft, StoreError> {
    let mut json = Vec::with_capacity(512);
    let id = render::open_object(&mut json, query.resource.kind, &query.columns, row)?;
    let offset = query.columns.len() + 1;
    let parents =
        (0..query.parents.len()).map(|at| row.get(offset + at)).collect::<Result<_, _>>()?;
    let key = row.value(offset + query.parents.len()).to_value();
    Ok(Draft { id, parents, key, json })
}

/// Attaches what was asked for and closes every object.
fn finish(tx: &ReadTx<'_>, query: &ListQuery, drafts: &mut [Draft]) -> Result<(), StoreError> {
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

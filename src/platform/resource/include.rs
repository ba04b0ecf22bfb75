//! What a record brings along: child lists, parents and related records, each in one query for a
//! whole page.

use std::collections::HashMap;

use super::render;
use super::select::{Draft, select_list};
use super::{Child, Column, Parent, RELATED_MOST, Related};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::Actor;

/// The rows whose column is in a JSON list of numbers, given as the first parameter.
pub(super) const IN_LIST: &str = "IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))";

pub(super) fn id_list(ids: &[i64]) -> Value {
    let numbers = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    Value::Text(format!("[{numbers}]"))
}

pub(super) fn attach_children(
    tx: &ReadTx<'_>,
    child: &Child,
    drafts: &mut [Draft],
) -> Result<(), StoreError> {
    let columns: Vec<_> = child.columns.iter().filter(|column| !column.hidden).collect();
    let names = columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    let (owner, table) = (child.owner, child.table);
    let ids: Vec<i64> = drafts.iter().map(|draft| draft.id).collect();
    let (whose, param) = match ids.as_slice() {
        // Most reads are of one record, which needs no list to be taken apart.
        [id] => ("= ?1", Value::Int(*id)),
        ids => (IN_LIST, id_list(ids)),
    };
    let sql = format!(
        "SELECT {owner}, {names} FROM {table} WHERE {owner} {whose} ORDER BY {owner}, position"
    );
    let mut lists: HashMap<i64, Vec<u8>> = HashMap::new();
    tx.each(&sql, &[param], |row| {
        let list = lists.entry(row.get(0)?).or_default();
        if child.plain && !render::is_known(columns[0], row.value(1)) {
            return Ok(());
        }
        list.push(if list.is_empty() { b'[' } else { b',' });
        if child.plain {
            render::value(list, columns[0], row.value(1));
            return Ok(());
        }
        list.push(b'{');
        render::members(list, &columns, row, 1, false);
        list.push(b'}');
        Ok(())
    })?;
    append(child.name, &lists, drafts);
    Ok(())
}

/// Appends the still open `lists` by the records that they belong to.
fn append(name: &str, lists: &HashMap<i64, Vec<u8>>, drafts: &mut [Draft]) {
    for draft in drafts {
        draft.json.extend_from_slice(format!(",\"{name}\":").as_bytes());
        match lists.get(&draft.id) {
            Some(list) if !list.is_empty() => draft.json.extend_from_slice(list),
            _ => draft.json.push(b'['),
        }
        draft.json.push(b']');
    }
}

/// The newest of each record, in the order of their own list.
pub(super) fn attach_related(
    tx: &ReadTx<'_>,
    viewer: &Actor,
    related: &Related,
    drafts: &mut [Draft],
) -> Result<(), StoreError> {
    let resource = related.resource;
    let columns: Vec<_> = resource.all_columns().filter(|column| column.shown_to(viewer)).collect();
    let sql = related_statement(related, &columns);
    let ids: Vec<i64> = drafts.iter().map(|draft| draft.id).collect();
    let mut lists: HashMap<i64, Vec<u8>> = HashMap::new();
    tx.each(&sql, &[id_list(&ids)], |row| {
        let list = lists.entry(row.get(columns.len() + 1)?).or_default();
        list.push(if list.is_empty() { b'[' } else { b',' });
        render::open_object(list, resource.kind, &columns, row)?;
        list.push(b'}');
        Ok(())
    })?;
    append(related.name, &lists, drafts);
    Ok(())
}

/// For each record of the page a short walk on the index of the others.
fn related_statement(related: &Related, columns: &[&Column]) -> String {
    let Related { column: owner, resource, .. } = related;
    let (table, sort) = (resource.table, resource.sort.column);
    let way = if resource.sort.descending { "DESC" } else { "ASC" };
    let names = columns.iter().map(|column| format!(", {table}.{}", column.name));
    let names = names.collect::<String>();
    format!(
        "SELECT {table}.id{names}, {table}.{owner} FROM json_each(?1) AS page \
         JOIN {table} ON {table}.id IN (SELECT id FROM {table} AS own \
         WHERE own.{owner} = CAST(page.value AS INTEGER) \
         ORDER BY own.{sort} {way}, own.id {way} LIMIT {RELATED_MOST}) \
         ORDER BY {table}.{owner}, {table}.{sort} {way}, {table}.id {way}"
    )
}

/// The statement that brings `related` along, for the test that reads query plans.
#[must_use]
pub fn statement(related: &Related) -> String {
    let columns: Vec<_> = related.resource.all_columns().filter(|it| !it.hidden).collect();
    related_statement(related, &columns)
}

pub(super) fn attach_parent(
    tx: &ReadTx<'_>,
    viewer: &Actor,
    (index, parent): (usize, &Parent),
    drafts: &mut [Draft],
) -> Result<(), StoreError> {
    let resource = parent.resource;
    let columns: Vec<_> = resource.all_columns().filter(|column| column.shown_to(viewer)).collect();
    let mut ids: Vec<i64> = drafts.iter().filter_map(|draft| draft.parents[index]).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut sql = select_list(&columns, &[]);
    sql.push_str(&format!(" FROM {} WHERE id {IN_LIST}", resource.table));
    let mut found: HashMap<i64, Vec<u8>> = HashMap::new();
    tx.each(&sql, &[id_list(&ids)], |row| {
        let mut json = Vec::with_capacity(256);
        let id = render::open_object(&mut json, resource.kind, &columns, row)?;
        json.push(b'}');
        found.insert(id, json);
        Ok(())
    })?;
    for draft in drafts {
        draft.json.extend_from_slice(format!(",\"{}\":", parent.name).as_bytes());
        let json = draft.parents[index].and_then(|id| found.get(&id));
        draft.json.extend_from_slice(json.map_or(b"null".as_slice(), |json| json));
    }
    Ok(())
}

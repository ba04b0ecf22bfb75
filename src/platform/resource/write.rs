//! Writing a checked [`Form`] into the store, and keeping what it replaces.

use serde_json::{Map, Value as Json};

use super::form::{ChildRows, Form};
use super::{Holds, Resource};
use crate::store::{StoreError, Tx, Value};

/// Inserts the record `id` at `now` (microseconds).
///
/// # Errors
/// What the store says: a reference that does not exist, a number that is taken.
pub fn insert(
    tx: &Tx<'_>,
    resource: &Resource,
    id: i64,
    form: &Form,
    now: i64,
) -> Result<(), StoreError> {
    let mut names = vec!["id", "created_at", "updated_at"];
    let mut params = vec![Value::Int(id), Value::Int(now), Value::Int(now)];
    for (name, value) in &form.values {
        names.push(name);
        params.push(value.clone());
    }
    tx.execute(&insert_sql(resource.table, &names), &params)?;
    for rows in &form.children {
        insert_children(tx, resource, id, rows)?;
    }
    Ok(())
}

/// Replaces all that callers may write in the record `id`: what `form` does not hold becomes
/// NULL (a yes-or-no keeps its value). The version goes up by one. Child lists that `form`
/// does not hold stay.
///
/// # Errors
/// What the store says.
pub fn update(
    tx: &Tx<'_>,
    resource: &Resource,
    id: i64,
    form: &Form,
    now: i64,
) -> Result<(), StoreError> {
    let mut sets = vec!["version = version + 1".to_owned(), "updated_at = ?2".to_owned()];
    let mut params = vec![Value::Int(id), Value::Int(now)];
    let mut set = |name: &str, value: Value| {
        params.push(value);
        sets.push(format!("{name} = ?{}", params.len()));
    };
    for (name, value) in &form.values {
        set(name, value.clone());
    }
    for column in resource.columns {
        let derived = column.name.strip_suffix("_at").is_some_and(|stem| {
            let recorded = resource.columns.iter().filter(|column| column.writable);
            recorded.into_iter().any(|it| it.name.strip_suffix("_recorded") == Some(stem))
        });
        let replaced = (column.writable && column.holds != Holds::Bool) || derived;
        let sent = form.values.iter().any(|(name, _)| *name == column.name);
        if replaced && !sent {
            set(column.name, Value::Null);
        }
    }
    let sql = format!("UPDATE {} SET {} WHERE id = ?1", resource.table, sets.join(", "));
    tx.execute(&sql, &params)?;
    for rows in &form.children {
        let child = resource.children.iter().find(|child| child.name == rows.name);
        if let Some(child) = child {
            let sql = format!("DELETE FROM {} WHERE {} = ?1", child.table, child.owner);
            tx.execute(&sql, &[Value::Int(id)])?;
        }
        insert_children(tx, resource, id, rows)?;
    }
    Ok(())
}

/// The full body that a PATCH means: `current` with the fields of `patch` in their place, and
/// without what callers cannot write.
#[must_use]
pub fn merge(
    resource: &Resource,
    current: Map<String, Json>,
    patch: &Map<String, Json>,
) -> Map<String, Json> {
    let writable = |name: &str| {
        resource.columns.iter().any(|column| column.writable && column.name == name)
            || resource.children.iter().any(|child| child.name == name)
    };
    let mut body: Map<String, Json> =
        current.into_iter().filter(|(name, _)| writable(name)).collect();
    for (name, value) in patch {
        body.insert(name.clone(), value.clone());
    }
    body
}

fn insert_children(
    tx: &Tx<'_>,
    resource: &Resource,
    id: i64,
    list: &ChildRows,
) -> Result<(), StoreError> {
    let Some(child) = resource.children.iter().find(|child| child.name == list.name) else {
        return Ok(());
    };
    for (position, row) in (0_i64..).zip(&list.rows) {
        let mut names = vec![child.owner, "position"];
        let mut params = vec![Value::Int(id), Value::Int(position)];
        for (name, value) in row {
            names.push(name);
            params.push(value.clone());
        }
        tx.execute(&insert_sql(child.table, &names), &params)?;
    }
    Ok(())
}

fn insert_sql(table: &str, names: &[&str]) -> String {
    let marks: Vec<_> = (1..=names.len()).map(|number| format!("?{number}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", "))
}

//! Writing a checked [`Form`] into the store, and keeping what it replaces.

use serde_json::{Map, Value as Json};

use super::form::{ChildRows, Form};
use super::{Holds, Resource};
use crate::store::{StoreError, Tx, Value};

/// One row to be inserted: the statement and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// With `?1`, `?2`, …
    pub sql: String,
    /// In this order.
    pub params: Vec<Value>,
}

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
    for statement in statements(resource, id, form, now) {
        tx.execute(&statement.sql, &statement.params)?;
    }
    Ok(())
}

/// What [`insert`] runs, in its order: the record's own row, then those of its child lists.
#[must_use]
pub fn statements(resource: &Resource, id: i64, form: &Form, now: i64) -> Vec<Statement> {
    let fixed = [("id", Value::Int(id))];
    let times = [("created_at", Value::Int(now)), ("updated_at", Value::Int(now))];
    let own = row(resource.table, fixed.iter().chain(&times).chain(&form.values));
    let mut statements = vec![own];
    for rows in &form.children {
        child_statements(resource, id, rows, &mut statements);
    }
    statements
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
        let mut statements = Vec::new();
        child_statements(resource, id, rows, &mut statements);
        for statement in statements {
            tx.execute(&statement.sql, &statement.params)?;
        }
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

fn child_statements(resource: &Resource, id: i64, list: &ChildRows, into: &mut Vec<Statement>) {
    let Some(child) = resource.children.iter().find(|child| child.name == list.name) else {
        return;
    };
    for (position, values) in (0_i64..).zip(&list.rows) {
        let fixed = [(child.owner, Value::Int(id)), ("position", Value::Int(position))];
        into.push(row(child.table, fixed.iter().chain(values)));
    }
}

/// `INSERT INTO table (…) VALUES (…)`; the names come from declarations only.
fn row<'a>(
    table: &str,
    values: impl Iterator<Item = &'a (&'static str, Value)> + Clone,
) -> Statement {
    let mut sql = String::with_capacity(400);
    sql.push_str("INSERT INTO ");
    sql.push_str(table);
    let mut params = Vec::with_capacity(values.size_hint().0);
    for (position, (name, value)) in values.clone().enumerate() {
        sql.push_str(if position == 0 { " (" } else { ", " });
        sql.push_str(name);
        params.push(value.clone());
    }
    for number in 1..=params.len() {
        sql.push_str(if number == 1 { ") VALUES (?" } else { ", ?" });
        sql.push_str(&number.to_string());
    }
    sql.push(')');
    Statement { sql, params }
}

//! One page of a list, by keyset.

use super::cursor::Cursor;
use super::masked;
use super::query::{Filter, ListQuery};
use super::render;
use super::select::{Draft, draft, finish, owner_column, select_list};
use super::{Sort, VERSIONED};
use crate::platform::ledger::Sight;
use crate::store::{ReadTx, StoreError, Value};

/// Pages that are looked through for the rows of one, where most are out of reach.
const ROUNDS_MAX: usize = 10;

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// `{"data":[…],"meta":{…}}`
    pub body: Vec<u8>,
    /// The records on the page, in order.
    pub ids: Vec<i64>,
    /// Whose each of these is; nobody's in a list of what is the house's.
    pub owners: Vec<i64>,
    /// The patients on the page of whom only who they are is shown.
    pub named: Vec<i64>,
}

/// One page of the list that `query` asks for, as far as `sight` shows its rows. Every page
/// costs the same, however deep. Where many rows are out of reach it may be short or empty
/// though there is a next one.
///
/// # Errors
/// What the store says.
pub fn page(sight: &Sight<'_>, query: &ListQuery) -> Result<Page, StoreError> {
    let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let Walk { mut drafts, start, end, more } = walk(sight, query)?;
    if backwards {
        drafts.reverse();
    }
    finish(sight, query, &mut drafts)?;
    let edge = |place: Option<(i64, Value)>, there: bool, backwards: bool| {
        let (id, value) = place.filter(|_| there)?;
        Some(Cursor { id, value, backwards }.show(query))
    };
    let came = query.cursor.is_some();
    let (next, prev) = match backwards {
        false => (edge(end, more, false), edge(start, came, true)),
        true => (edge(start, came, false), edge(end, more, true)),
    };
    let items: Vec<&[u8]> = drafts.iter().map(|draft| draft.json.as_slice()).collect();
    let body = list_body(&items, next.as_deref(), prev.as_deref());
    let named = drafts.iter().filter(|draft| draft.named).map(|draft| draft.id).collect();
    let ids = drafts.iter().filter(|draft| !draft.named).map(|draft| draft.id).collect();
    let whole = drafts.iter().filter(|draft| !draft.named);
    let owners = whole.filter_map(|draft| draft.patient).collect();
    Ok(Page { body, ids, owners, named })
}

/// The rows of a page in the order in which they were walked.
struct Walk {
    drafts: Vec<Draft>,
    /// The first row and the last one, also of those that are not shown.
    start: Option<(i64, Value)>,
    end: Option<(i64, Value)>,
    /// There are rows beyond.
    more: bool,
}

fn walk(sight: &Sight<'_>, query: &ListQuery) -> Result<Walk, StoreError> {
    let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let place = |draft: &Draft| (draft.id, draft.key.clone());
    // Whoever has a number in hand may be told whose it is.
    let told = query.filters.iter().any(|filter| filter.column == "mrn");
    let mut walk = Walk { drafts: Vec::new(), start: None, end: None, more: false };
    let mut edge = query.cursor.clone();
    for _ in 0..ROUNDS_MAX {
        let mut batch = rows(sight, query, edge.as_ref())?;
        walk.more = query.limit < batch.len();
        batch.truncate(query.limit);
        walk.start = walk.start.or_else(|| batch.first().map(place));
        walk.end = batch.last().map(place).or(walk.end);
        masked::sift(sight, query.resource, &mut batch, |_| told)?;
        walk.drafts.append(&mut batch);
        if !walk.more || query.limit <= walk.drafts.len() {
            break;
        }
        edge = walk.end.clone().map(|(id, value)| Cursor { id, value, backwards });
    }
    if query.limit < walk.drafts.len() {
        walk.drafts.truncate(query.limit);
        walk.more = true;
        walk.end = walk.drafts.last().map(place);
    }
    Ok(walk)
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

/// The rows of one page and the one after it, from `edge` on.
fn rows(
    tx: &ReadTx<'_>,
    query: &ListQuery,
    edge: Option<&Cursor>,
) -> Result<Vec<Draft>, StoreError> {
    let order = Order::of(query);
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
    let (owner, table) = (owner_column(query.resource), query.resource.table);
    sql.push_str(&format!(", {column}{owner} FROM {table}"));
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

//! Cursors: opaque, bound to the list that gave them, and free of patient data, because they
//! travel in addresses. A cursor names a row; where that row stands is looked up again.

use super::query::{Filter, ListQuery};
use super::{Resource, Sort};
use crate::vocab::digest;

/// A place in a list and the way to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The row at the edge of the page.
    pub id: i64,
    /// Towards the beginning of the list.
    pub backwards: bool,
}

impl Cursor {
    /// The string form for the list of `resource` asked for by `query`.
    #[must_use]
    pub fn show(self, resource: &Resource, query: &ListQuery) -> String {
        let way = if self.backwards { 'p' } else { 'n' };
        format!("{way}{:016x}{}", self.id, check(resource, query.sort, &query.filters))
    }

    /// Reads a cursor of just this list.
    #[must_use]
    pub fn parse(text: &str, resource: &Resource, sort: Sort, filters: &[Filter]) -> Option<Self> {
        let backwards = match text.as_bytes().first()? {
            b'n' => false,
            b'p' => true,
            _ => return None,
        };
        let id = i64::from_str_radix(text.get(1..17)?, 16).ok()?;
        (text.get(17..)? == check(resource, sort, filters)).then_some(Self { id, backwards })
    }
}

/// Ties a cursor to its list, so that one from another list is an error and not a wrong page.
fn check(resource: &Resource, sort: Sort, filters: &[Filter]) -> String {
    let order = if sort.descending { "desc" } else { "asc" };
    let mut parts = vec![resource.path.as_bytes(), sort.column.as_bytes(), order.as_bytes()];
    for filter in filters {
        parts.push(filter.column.as_bytes());
        parts.push(filter.shown.as_bytes());
    }
    digest::hex(&digest::sha256(&parts)[..4])
}

//! The parameters of a list: `cursor`, `limit`, `fields`, `include`, `sort` and filters by
//! column. Whatever is not understood is an error that names what is allowed.

use super::cursor::Cursor;
use super::{Child, Column, Holds, Parent, Resource, Sort};
use crate::store::Value;
use crate::vocab::problem::{FieldError, Findings};

/// Rows on a page when no `limit` is given.
pub const LIMIT_DEFAULT: usize = 50;
/// The most rows on a page.
pub const LIMIT_MAX: usize = 200;

/// A checked list request.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Where the page starts; the beginning if absent.
    pub cursor: Option<Cursor>,
    /// Rows on the page, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// The columns shown, besides `id`.
    pub columns: Vec<&'static Column>,
    /// Child lists brought along.
    pub children: Vec<&'static Child>,
    /// Parents brought along.
    pub parents: Vec<&'static Parent>,
    /// The order.
    pub sort: Sort,
    /// What the list is narrowed to.
    pub filters: Vec<Filter>,
}

/// A column that must have a value.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The column's name.
    pub column: &'static str,
    /// Its value in the store.
    pub value: Value,
    /// Its value as the caller wrote it.
    pub shown: String,
}

impl ListQuery {
    /// The list of `resource` with nothing asked for.
    #[must_use]
    pub fn plain(resource: &'static Resource) -> Self {
        Self {
            cursor: None,
            limit: LIMIT_DEFAULT,
            columns: resource.all_columns().filter(|column| !column.hidden).collect(),
            children: Vec::new(),
            parents: Vec::new(),
            sort: resource.sort,
            filters: Vec::new(),
        }
    }

    /// Reads the decoded query `parameters` of a list of `resource`. Names in `also` are left
    /// to the caller (such as `q`).
    ///
    /// # Errors
    /// Every parameter that is unknown, repeated or malformed, with what is allowed.
    pub fn read(
        resource: &'static Resource,
        parameters: &[(String, String)],
        also: &[&str],
    ) -> Result<Self, Vec<FieldError>> {
        let mut query = Self::plain(resource);
        let mut findings = Findings::new();
        let mut cursor = None;
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in parameters {
            if seen.contains(&name.as_str()) {
                findings.add(name, "Send this parameter once.");
                continue;
            }
            seen.push(name);
            match name.as_str() {
                name if also.contains(&name) => {}
                "cursor" => cursor = Some(value.as_str()),
                "limit" => match value.parse() {
                    Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => query.limit = limit,
                    _ => findings.add("limit", format!("Send a number, 1 to {LIMIT_MAX}.")),
                },
                "fields" => query.columns = read_fields(resource, value, &mut findings),
                "include" => query.read_include(resource, value, &mut findings),
                "sort" => query.read_sort(resource, value, &mut findings),
                _ => query.read_filter(resource, name, value, also, &mut findings),
            }
        }
        query.filters.sort_by_key(|filter| filter.column);
        if let Some(text) = cursor {
            query.cursor = Cursor::parse(text, resource, query.sort, &query.filters);
            let mend = "This cursor is not from this list. Start again without it, and keep \
                 sort and filters the same from page to page.";
            findings.check(query.cursor.is_some(), "cursor", mend);
        }
        findings.verdict()?;
        Ok(query)
    }

    fn read_include(&mut self, resource: &'static Resource, text: &str, findings: &mut Findings) {
        for name in text.split(',').filter(|name| !name.is_empty()) {
            let child = resource.children.iter().find(|child| child.name == name);
            let parent = resource.parents.iter().find(|parent| parent.name == name);
            match (child, parent) {
                (Some(child), _) => self.children.push(child),
                (None, Some(parent)) => self.parents.push(parent),
                (None, None) => {
                    let children = resource.children.iter().map(|child| child.name);
                    let parents = resource.parents.iter().map(|parent| parent.name);
                    findings.add("include", allowed(children.chain(parents)));
                }
            }
        }
        self.children.dedup_by_key(|child| child.name);
        self.parents.dedup_by_key(|parent| parent.name);
    }

    fn read_sort(&mut self, resource: &'static Resource, text: &str, findings: &mut Findings) {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        if let Some(column) = resource.sortable(name) {
            self.sort = Sort { column, descending };
            return;
        }
        let own = resource.all_columns().filter(|column| column.sort).map(|column| column.name);
        findings.add("sort", allowed(own.chain(["id"])) + " Put - before it for the reverse.");
    }

    fn read_filter(
        &mut self,
        resource: &'static Resource,
        name: &str,
        text: &str,
        also: &[&str],
        findings: &mut Findings,
    ) {
        let Some(column) = resource.column(name).filter(|column| column.filter) else {
            let filters = resource.all_columns().filter(|column| column.filter);
            let names = ["cursor", "limit", "fields", "include", "sort"].into_iter();
            let names = names.chain(also.iter().copied());
            findings.add(name, allowed(names.chain(filters.map(|column| column.name))));
            return;
        };
        match filter_value(column, text) {
            Ok(value) => {
                self.filters.push(Filter { column: column.name, value, shown: text.to_owned() });
            }
            Err(mend) => findings.add(name, mend),
        }
    }
}

fn read_fields(
    resource: &'static Resource,
    text: &str,
    findings: &mut Findings,
) -> Vec<&'static Column> {
    let mut columns = Vec::new();
    for name in text.split(',').filter(|name| !name.is_empty() && *name != "id") {
        match resource.column(name).filter(|column| !column.hidden) {
            Some(column) => columns.push(column),
            None => {
                let shown = resource.all_columns().filter(|column| !column.hidden);
                findings.add("fields", allowed(shown.map(|column| column.name)));
                break;
            }
        }
    }
    columns.dedup_by_key(|column| column.name);
    columns
}

fn filter_value(column: &Column, text: &str) -> Result<Value, String> {
    match column.holds {
        Holds::Id(kind) => kind
            .parse(text)
            .map(Value::Int)
            .ok_or_else(|| format!("Send the id of a {}, like {}_….", kind.name, kind.tag)),
        Holds::Words(words) if !words.contains(&text) => Err(allowed(words.iter().copied())),
        Holds::Bool => match text {
            "true" => Ok(Value::Int(1)),
            "false" => Ok(Value::Int(0)),
            _ => Err("Send true or false.".to_owned()),
        },
        Holds::Int(low, high) => {
            let number = text.parse().ok().filter(|number| (low..=high).contains(number));
            number.map(Value::Int).ok_or_else(|| format!("Send a number, {low} to {high}."))
        }
        _ => Ok(Value::Text(text.to_owned())),
    }
}

fn allowed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("Allowed here: {}.", names.collect::<Vec<_>>().join(", "))
}

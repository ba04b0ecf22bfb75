//! The parameters of a list: `cursor`, `limit`, `fields`, `include`, `sort` and filters by
//! column. Whatever is not understood is an error that names what is allowed.

use super::cursor::Cursor;
use super::{Child, Column, Holds, Parent, Resource, Served, Sort};
use crate::store::Value;
use crate::vocab::actor::Actor;
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
    /// Who looks; columns that they may not see are left out.
    pub viewer: Actor,
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
    /// The list of `resource` with nothing asked for, as `viewer` may see it.
    #[must_use]
    pub fn plain(resource: &'static Resource, viewer: &Actor) -> Self {
        Self {
            cursor: None,
            limit: LIMIT_DEFAULT,
            columns: resource.all_columns().filter(|column| column.shown_to(viewer)).collect(),
            children: Vec::new(),
            parents: Vec::new(),
            sort: resource.sort,
            filters: Vec::new(),
            viewer: viewer.clone(),
        }
    }

    /// Reads the decoded query `parameters` of a list of `resource` for `viewer`. Names in
    /// `also` are left to the caller (such as `q`).
    ///
    /// # Errors
    /// Every parameter that is unknown, repeated or malformed, with what is allowed.
    pub fn read(
        resource: &'static Resource,
        viewer: &Actor,
        parameters: &[(String, String)],
        also: &[&str],
    ) -> Result<Self, Vec<FieldError>> {
        let mut query = Self::plain(resource, viewer);
        let mut findings = Findings::new();
        let (mut cursor, mut sort) = (None, None);
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
                "fields" => query.read_fields(resource, value, &mut findings),
                "include" => query.read_include(resource, value, &mut findings),
                "sort" => sort = Some(value.as_str()),
                _ => query.read_filter(resource, name, value, also, &mut findings),
            }
        }
        query.filters.sort_by_key(|filter| filter.column);
        query.check_filters(resource, &mut findings);
        query.read_sort(resource, sort, &mut findings);
        if let Some(text) = cursor {
            query.cursor = Cursor::parse(text, resource, query.sort, &query.filters);
            let mend = "This cursor is not from this list. Start again without it, and keep \
                 sort and filters the same from page to page.";
            findings.check(query.cursor.is_some(), "cursor", mend);
        }
        findings.verdict()?;
        Ok(query)
    }

    /// Whether the list is narrowed to one value of `column`.
    #[must_use]
    pub fn narrowed_to(&self, column: &str) -> bool {
        self.filters.iter().any(|filter| filter.column == column)
    }

    fn serves(&self, served: Served) -> bool {
        match served {
            Served::No => false,
            Served::Always => true,
            Served::Within(column) => self.narrowed_to(column),
        }
    }

    fn read_fields(&mut self, resource: &'static Resource, text: &str, findings: &mut Findings) {
        let mut columns: Vec<&'static Column> = Vec::new();
        for name in text.split(',').filter(|name| !name.is_empty() && *name != "id") {
            let Some(column) = resource.column(name).filter(|column| !column.hidden) else {
                let shown = resource.all_columns().filter(|column| column.shown_to(&self.viewer));
                findings.add("fields", allowed(shown.map(|column| column.name)));
                break;
            };
            // What the viewer may not see is left out, as it is when no fields are named: a
            // screen asks for the same fields whoever sits before it.
            if column.shown_to(&self.viewer) && !columns.iter().any(|it| it.name == name) {
                columns.push(column);
            }
        }
        self.columns = columns;
    }

    fn read_include(&mut self, resource: &'static Resource, text: &str, findings: &mut Findings) {
        for name in text.split(',').filter(|name| !name.is_empty()) {
            let child = resource.children.iter().find(|child| child.name == name);
            let parent = resource.parents.iter().find(|parent| parent.name == name);
            match (child, parent) {
                (Some(child), _) if self.children.iter().any(|it| it.name == child.name) => {}
                (_, Some(parent)) if self.parents.iter().any(|it| it.name == parent.name) => {}
                (Some(child), _) => self.children.push(child),
                (None, Some(parent)) => self.parents.push(parent),
                (None, None) => {
                    let children = resource.children.iter().map(|child| child.name);
                    let parents = resource.parents.iter().map(|parent| parent.name);
                    findings.add("include", allowed(children.chain(parents)));
                }
            }
        }
    }

    /// Takes the order that `text` asks for, or the resource's own; where no index serves that
    /// one, the newest or oldest by identity.
    fn read_sort(
        &mut self,
        resource: &'static Resource,
        text: Option<&str>,
        findings: &mut Findings,
    ) {
        let Some(text) = text else {
            let served = resource.column(self.sort.column).is_none_or(|it| self.serves(it.sort));
            if !served {
                self.sort.column = "id";
            }
            return;
        };
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        if name == "id" {
            self.sort = Sort { column: "id", descending };
            return;
        }
        match resource.column_for(&self.viewer, name) {
            Some(column) if self.serves(column.sort) => {
                self.sort = Sort { column: column.name, descending };
            }
            Some(Column { sort: Served::Within(other), .. }) => {
                findings.add("sort", format!("Sort by {name} together with the filter {other}."));
            }
            _ => {
                let own = resource.all_columns().filter(|column| column.sort != Served::No);
                let own = own.filter(|column| column.shown_to(&self.viewer));
                let names = own.map(|column| column.name).chain(["id"]);
                findings.add("sort", allowed(names) + " Put - before it for the reverse.");
            }
        }
    }

    /// Refuses filters that no index serves without another one.
    fn check_filters(&self, resource: &'static Resource, findings: &mut Findings) {
        for filter in &self.filters {
            let served = resource.column(filter.column).map_or(Served::No, |it| it.filter);
            if let Served::Within(other) = served
                && !self.narrowed_to(other)
            {
                findings.add(filter.column, format!("Send it together with {other}."));
            }
        }
    }

    fn read_filter(
        &mut self,
        resource: &'static Resource,
        name: &str,
        text: &str,
        also: &[&str],
        findings: &mut Findings,
    ) {
        let offered =
            |column: &&'static Column| column.filter != Served::No && column.shown_to(&self.viewer);
        let Some(column) = resource.column(name).filter(offered) else {
            let filters = resource.all_columns().filter(offered);
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

//! Reads the parameters of a list (`cursor`, `limit`, `fields`, `include`, `sort` and filters by
//! column) and of one record (`fields`, `include`). Whatever is not understood is an error that
//! names what is allowed.

use super::cursor::Cursor;
use super::query::{Filter, LIMIT_MAX, ListQuery, RELATED_RECORDS_MAX};
use super::seal::Seal;
use super::{Column, Holds, Related, Resource, Served, Sort};
use crate::store::Value;
use crate::vocab::actor::Actor;
use crate::vocab::moment::PartialDate;
use crate::vocab::problem::{FieldError, Findings};

/// The parameters that every list has beside its filters.
pub const COMMON: [&str; 5] = ["cursor", "limit", "fields", "include", "sort"];

/// What is to be read, and for whom.
#[derive(Debug)]
pub struct Reader<'a> {
    resource: &'static Resource,
    viewer: &'a Actor,
    seal: &'a Seal,
    related: &'static [Related],
    also: &'a [&'a str],
}

impl<'a> Reader<'a> {
    /// Reads for `viewer` what `resource` offers; `seal` opens cursors.
    #[must_use]
    pub fn new(resource: &'static Resource, viewer: &'a Actor, seal: &'a Seal) -> Self {
        Self { resource, viewer, seal, related: &[], also: &[] }
    }

    /// The same with `related` lists on offer.
    #[must_use]
    pub fn bringing(mut self, related: &'static [Related]) -> Self {
        self.related = related;
        self
    }

    /// The same that leaves the names in `also` to the caller (such as `q`).
    #[must_use]
    pub fn leaving(mut self, also: &'a [&'a str]) -> Self {
        self.also = also;
        self
    }

    /// The decoded `parameters` of a list.
    ///
    /// # Errors
    /// Every parameter that is unknown, repeated or malformed, with what is allowed.
    pub fn list(&self, parameters: &[(String, String)]) -> Result<ListQuery, Vec<FieldError>> {
        let mut query = ListQuery::plain(self.resource, self.viewer, self.seal);
        let mut findings = Findings::new();
        let (mut cursor, mut sort, mut limit) = (None, None, None);
        for (name, value) in once(parameters, &mut findings) {
            match name {
                name if self.also.contains(&name) => {}
                "cursor" => cursor = Some(value),
                "limit" => match value.parse() {
                    Ok(wanted) if (1..=LIMIT_MAX).contains(&wanted) => limit = Some(wanted),
                    _ => findings.add("limit", format!("Send a number, 1 to {LIMIT_MAX}.")),
                },
                "fields" => self.fields(&mut query, value, &mut findings),
                "include" => self.include(&mut query, value, &mut findings),
                "sort" => sort = Some(value),
                _ => self.filter(&mut query, name, value, &mut findings),
            }
        }
        bound(&mut query, limit, &mut findings);
        query.filters.sort_by_key(|filter| filter.column);
        self.check_filters(&query, &mut findings);
        self.sort(&mut query, sort, &mut findings);
        if let Some(text) = cursor {
            match Cursor::open(text, self.seal, &query.scope()) {
                Ok(cursor) => query.cursor = Some(cursor),
                Err(misfit) => findings.add("cursor", misfit.mend()),
            }
        }
        findings.verdict()?;
        Ok(query)
    }

    /// The decoded `parameters` of one record. Without any the record has all its child lists;
    /// else it has what is named, and without `fields` all its fields.
    ///
    /// # Errors
    /// Every parameter that is unknown, repeated or malformed, with what is allowed.
    pub fn one(&self, parameters: &[(String, String)]) -> Result<ListQuery, Vec<FieldError>> {
        let mut query = ListQuery::plain(self.resource, self.viewer, self.seal);
        if parameters.is_empty() {
            query.children = self.resource.children.iter().collect();
        }
        let mut findings = Findings::new();
        for (name, value) in once(parameters, &mut findings) {
            match name {
                "fields" => self.fields(&mut query, value, &mut findings),
                "include" => self.include(&mut query, value, &mut findings),
                _ => findings.add(name, allowed(["fields", "include"].into_iter())),
            }
        }
        findings.verdict()?;
        Ok(query)
    }

    fn fields(&self, query: &mut ListQuery, text: &str, findings: &mut Findings) {
        let mut columns: Vec<&'static Column> = Vec::new();
        for name in text.split(',').filter(|name| *name != "id") {
            let Some(column) = self.resource.column(name).filter(|column| !column.hidden) else {
                let all = self.resource.all_columns();
                let shown = all.filter(|column| column.shown_to(self.viewer));
                findings.add("fields", allowed(["id"].into_iter().chain(shown.map(name_of))));
                break;
            };
            // What the viewer may not see is left out, as it is when no fields are named: a
            // screen asks for the same fields whoever sits before it.
            if column.shown_to(self.viewer) && !columns.iter().any(|it| it.name == name) {
                columns.push(column);
            }
        }
        query.columns = columns;
    }

    fn include(&self, query: &mut ListQuery, text: &str, findings: &mut Findings) {
        let Resource { children, parents, .. } = self.resource;
        for name in text.split(',') {
            let child = children.iter().find(|child| child.name == name);
            let parent = parents.iter().find(|parent| parent.name == name);
            let related = self.related.iter().find(|related| related.name == name);
            match (child, parent, related) {
                _ if query.included().contains(&name) => {}
                (Some(child), ..) => query.children.push(child),
                (_, Some(parent), _) => query.parents.push(parent),
                (.., Some(related)) => query.related.push(related),
                (None, None, None) => {
                    findings.add("include", allowed(self.includes()));
                    break;
                }
            }
        }
    }

    fn includes(&self) -> impl Iterator<Item = &'static str> {
        let children = self.resource.children.iter().map(|child| child.name);
        let parents = self.resource.parents.iter().map(|parent| parent.name);
        children.chain(parents).chain(self.related.iter().map(|related| related.name))
    }

    /// Takes the order that `text` asks for, or the resource's own; where no index serves that
    /// one, the newest or oldest by identity.
    fn sort(&self, query: &mut ListQuery, text: Option<&str>, findings: &mut Findings) {
        let Some(text) = text else {
            let own = self.resource.column(query.sort.column);
            if !own.is_none_or(|column| serves(query, column.sort)) {
                query.sort.column = "id";
            }
            return;
        };
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        if name == "id" {
            query.sort = Sort { column: "id", descending };
            return;
        }
        match self.resource.column_for(self.viewer, name) {
            Some(column) if serves(query, column.sort) => {
                query.sort = Sort { column: column.name, descending };
            }
            Some(Column { sort: Served::Within(other), .. }) => {
                findings.add("sort", format!("Sort by {name} together with the filter {other}."));
            }
            _ => {
                let own = self.resource.all_columns().filter(|column| column.sort != Served::No);
                let own = own.filter(|column| column.shown_to(self.viewer));
                let names = own.map(name_of).chain(["id"]);
                findings.add("sort", allowed(names) + " Put - before it for the reverse.");
            }
        }
    }

    /// Refuses filters that no index serves without another one.
    fn check_filters(&self, query: &ListQuery, findings: &mut Findings) {
        for filter in &query.filters {
            let served = self.resource.column(filter.column).map_or(Served::No, |it| it.filter);
            if let Served::Within(other) = served
                && !query.narrowed_to(other)
            {
                findings.add(filter.column, format!("Send it together with {other}."));
            }
        }
    }

    fn filter(&self, query: &mut ListQuery, name: &str, text: &str, findings: &mut Findings) {
        let offered =
            |column: &&'static Column| column.filter != Served::No && column.shown_to(self.viewer);
        let Some(column) = self.resource.column(name).filter(offered) else {
            let filters = self.resource.all_columns().filter(offered).map(name_of);
            let names = COMMON.iter().chain(self.also).copied();
            let names: Vec<&str> = names.chain(filters.map(|name| -> &str { name })).collect();
            findings.add(name, allowed(names.into_iter()));
            return;
        };
        match filter_value(column, text) {
            Ok(value) => {
                query.filters.push(Filter { column: column.name, value, shown: text.to_owned() });
            }
            Err(mend) => findings.add(name, mend),
        }
    }
}

/// The parameters, each of which may stand there once.
fn once<'p>(
    parameters: &'p [(String, String)],
    findings: &mut Findings,
) -> Vec<(&'p str, &'p str)> {
    let mut kept: Vec<(&str, &str)> = Vec::new();
    for (name, value) in parameters {
        if kept.iter().any(|(other, _)| other == name) {
            findings.add(name, "Send this parameter once.");
        } else {
            kept.push((name, value));
        }
    }
    kept
}

/// Sets the `limit`. The more related lists a page brings along, the fewer records it may have.
fn bound(query: &mut ListQuery, limit: Option<usize>, findings: &mut Findings) {
    let lists = query.related.len().max(1);
    let most = (RELATED_RECORDS_MAX / lists).max(1);
    if let Some(limit) = limit
        && most < limit
    {
        let mend = format!("With {lists} related lists in include, send at most {most}.");
        findings.add("limit", mend);
    }
    query.limit = limit.unwrap_or(query.limit.min(most));
}

fn serves(query: &ListQuery, served: Served) -> bool {
    match served {
        Served::No => false,
        Served::Always => true,
        Served::Within(column) => query.narrowed_to(column),
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
        Holds::Date if PartialDate::parse(text).is_none() => Err(PartialDate::MEND.to_owned()),
        Holds::Text(most) if most < text.chars().count() => {
            Err(format!("Send at most {most} characters."))
        }
        _ => Ok(Value::Text(text.to_owned())),
    }
}

fn name_of(column: &Column) -> &'static str {
    column.name
}

fn allowed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names = names.collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        return "Nothing is allowed here: leave it out.".to_owned();
    }
    format!("Allowed here: {names}.")
}

//! What the API's document says of a resource, made from its declaration.

use serde_json::{Value as Json, json};

use super::query::{LIMIT_DEFAULT, LIMIT_MAX, RELATED_RECORDS_MAX};
use super::seal::SEALED_MAX;
pub use super::shape::{date, id, type_name};
use super::shape::{schemas, sent, value};
use super::{RELATED_MOST, Related, Resource, Served, Subject, TEXT_MAX};
use crate::web::openapi::{Document, Operation, schema};

/// Which of the common routes a resource offers beside list, get and history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offers {
    /// Reading only.
    Reads,
    /// Amend; a room makes them in its own way.
    Amend,
    /// Create and amend.
    Changes,
    /// Create, amend and "entered in error".
    ClinicalChanges,
}

/// A resource as it is offered.
#[derive(Debug)]
pub struct Offered {
    /// What is offered.
    pub resource: &'static Resource,
    /// Which common routes it has.
    pub offers: Offers,
    /// What its records may bring along beside children and parents.
    pub related: &'static [Related],
    /// Fields that a create takes beside the columns; `true` for those it needs. Some if the
    /// room has its own create that takes what the common one takes.
    pub creates: Option<Vec<(&'static str, Json, bool)>>,
    /// Parameters of the list beside the common ones, and what they are for.
    pub also: Vec<(&'static str, Json, &'static str)>,
}

impl Offered {
    /// The common routes of `resource` and nothing else.
    #[must_use]
    pub fn new(resource: &'static Resource, offers: Offers) -> Self {
        let creates = matches!(offers, Offers::Changes | Offers::ClinicalChanges).then(Vec::new);
        Self { resource, offers, related: &[], creates, also: Vec::new() }
    }

    /// Adds schemas and only the list, as it lies below a record of `above`, whose column
    /// `by` the address says already.
    pub fn describe_below(self, document: &mut Document, above: &Resource, by: &str) {
        let name = type_name(self.resource.kind);
        schemas(document, self.resource, self.related);
        let below = self.resource.path.rsplit('-').next().unwrap_or_default();
        let path = format!("/api/v1/{}/{{id}}/{below}", above.path);
        let operation = list(&self, &name, &[by]).under(above.path);
        document.add("get", &path, operation.refuses(&[404]));
        document.id(&path, &id(above.kind));
    }

    /// Adds schemas and operations to `document`.
    pub fn describe(self, document: &mut Document) {
        let Self { resource, offers, .. } = self;
        let name = type_name(resource.kind);
        schemas(document, resource, self.related);
        let path = format!("/api/v1/{}", resource.path);
        let one = format!("{path}/{{id}}");
        document.add("get", &path, list(&self, &name, &[]));
        document.add("get", &one, get(&self, &name));
        document.id(&one, &id(resource.kind));
        let past = format!("{one}/history");
        document.add("get", &past, history(resource, &name));
        document.id(&past, &id(resource.kind));
        if let Some(extra) = &self.creates {
            let body = document.schema(&format!("{name}Create"), sent(resource, extra, true));
            document.add("post", &path, create(resource, &name, body));
        }
        if offers != Offers::Reads {
            let body = document.schema(&format!("{name}Amend"), sent(resource, &[], false));
            document.add("patch", &one, amend(resource, &name, body));
        }
        if offers == Offers::ClinicalChanges {
            let path = format!("{one}/entered-in-error");
            document.add("post", &path, entered_in_error(resource, &name));
            document.id(&path, &id(resource.kind));
        }
    }
}

fn shape(operation: Operation, offered: &Offered) -> Operation {
    let Offered { resource, related, .. } = offered;
    let columns = resource.all_columns().filter(|column| !column.hidden);
    let names: Vec<&str> = ["id"].into_iter().chain(columns.map(|column| column.name)).collect();
    let operation = operation.words(
        "fields",
        schema::words(&names),
        "Only these fields, separated by commas; `id` always comes.",
    );
    let children = resource.children.iter().map(|child| child.name);
    let parents = resource.parents.iter().map(|parent| parent.name);
    let others = related.iter().map(|related| related.name);
    let names: Vec<&str> = children.chain(parents).chain(others).collect();
    if names.is_empty() {
        return operation;
    }
    let mut words = "What to bring along, separated by commas.".to_owned();
    if !related.is_empty() {
        let names: Vec<&str> = related.iter().map(|related| related.name).collect();
        words += &format!(
            " Of {} the newest {RELATED_MOST}; with n of these a page has at most \
             {RELATED_RECORDS_MAX} ÷ n records.",
            names.join(", ")
        );
    }
    operation.words("include", schema::words(&names), &words)
}

fn list(offered: &Offered, name: &str, said: &[&str]) -> Operation {
    let Offered { resource, .. } = offered;
    let title = format!("List {}", resource.path.replace('-', " "));
    let mut operation =
        Operation::new(resource.path, format!("list{name}s"), title).needs(resource.read).detail(
            "A page. Go on with `cursor` and the same `sort` and filters until \
             `meta.cursor.next` is null.",
        );
    let mut cursor = schema::text(1, SEALED_MAX);
    cursor["pattern"] = json!("^[0-9A-Za-z_-]+$");
    let mut limit = schema::count(1, LIMIT_MAX);
    limit["default"] = json!(LIMIT_DEFAULT);
    operation = operation
        .query("cursor", cursor, "Where the page starts: `next` or `prev` of another page.")
        .query("limit", limit, "Rows on the page.");
    operation = shape(operation, offered);
    operation = operation.query("sort", sorts(resource), &sort_words(resource));
    let filters = resource.columns.iter().filter(|column| column.filter != Served::No);
    for column in filters.filter(|column| !said.contains(&column.name)) {
        let words = match column.filter {
            Served::Within(other) => format!("Only this value; together with `{other}`."),
            _ => "Only this value.".to_owned(),
        };
        operation = operation.query(column.name, value(column), &words);
    }
    for (name, schema, words) in &offered.also {
        operation = operation.query(name, schema.clone(), words);
    }
    let page = schema::object(vec![
        ("data", schema::list(schema::reference(name), Some(LIMIT_MAX)), true),
        ("meta", schema::reference("Meta"), true),
    ]);
    let example = format!("'/api/v1/{}?limit=10'", resource.path);
    operation.answers(200, "The page", page).tagged().example(example)
}

/// The words of `sort`, e.g. `mrn` and `-mrn`.
fn sorts(resource: &Resource) -> Json {
    let columns = resource.all_columns().filter(|it| it.sort != Served::No && !it.hidden);
    let names = ["id"].into_iter().chain(columns.map(|column| column.name));
    let words: Vec<String> = names.flat_map(|name| [name.to_owned(), format!("-{name}")]).collect();
    json!({"type": "string", "enum": words})
}

fn sort_words(resource: &Resource) -> String {
    let mut words = "The order; `-` in front for the reverse.".to_owned();
    for column in resource.all_columns() {
        if let Served::Within(other) = column.sort {
            words += &format!(" `{}` together with `{other}`.", column.name);
        }
    }
    words
}

fn get(offered: &Offered, name: &str) -> Operation {
    let Offered { resource, .. } = offered;
    let title = format!("Read one of the {}", resource.path.replace('-', " "));
    let operation = Operation::new(resource.path, format!("get{name}"), title)
        .needs(resource.read)
        .detail("Without parameters the record comes with all its own lists; else as asked.");
    let operation = shape(operation, offered);
    let example = format!("'/api/v1/{}/{}'", resource.path, resource.kind.show(1));
    let record = schema::data(schema::reference(name));
    operation.answers(200, "The record", record).tagged().example(example)
}

fn history(resource: &Resource, name: &str) -> Operation {
    let version = schema::object(vec![
        ("version", schema::integer(1, i64::MAX), true),
        ("replaced_at", schema::time(), true),
        ("record", schema::reference(name), true),
    ]);
    let list = schema::object(vec![
        ("data", schema::list(version, None), true),
        ("meta", schema::reference("Meta"), true),
    ]);
    let title = "What a record was before each change, newest first";
    Operation::new(resource.path, format!("get{name}History"), title)
        .needs(resource.read)
        .answers(200, "Earlier versions", list)
        .tagged()
}

fn create(resource: &Resource, name: &str, body: Json) -> Operation {
    let title = format!("Make one of the {}", resource.path.replace('-', " "));
    let mut operation = Operation::new(resource.path, format!("create{name}"), title)
        .needs(resource.write)
        .idempotent()
        .takes(body)
        .answers(201, "It was made", schema::data(schema::reference(name)))
        .refuses(&[409]);
    for header in ["ETag", "Location", "Idempotent-Replayed"] {
        operation = operation.header(201, header);
    }
    operation
}

fn amend(resource: &Resource, name: &str, body: Json) -> Operation {
    let title = format!("Change one of the {}", resource.path.replace('-', " "));
    Operation::new(resource.path, format!("amend{name}"), title)
        .detail("A field that is absent stays, null clears; the result is checked as a whole.")
        .needs(resource.write)
        .if_match()
        .takes(body)
        .answers(200, "The record after the change", schema::data(schema::reference(name)))
        .header(200, "ETag")
        .refuses(&[409])
}

fn entered_in_error(resource: &Resource, name: &str) -> Operation {
    debug_assert!(resource.subject != Subject::House, "only clinical records have this verb");
    let title = "Mark a record as one that should not have been made";
    Operation::new(resource.path, format!("mark{name}EnteredInError"), title)
        .detail("It stays readable, with the status entered_in_error, and can change no more.")
        .needs(resource.write)
        .if_match()
        .takes(schema::body(vec![("reason", schema::text(1, TEXT_MAX), true)]))
        .answers(200, "The record as it stands now", schema::data(schema::reference(name)))
        .header(200, "ETag")
        .refuses(&[409])
}

/// What every resource may be refused with.
pub fn codes(document: &mut Document) {
    for (status, codes) in [
        (404, &["store.no_row"][..]),
        (409, &["record.taken", "record.entered_in_error", "store.unique", "store.foreign_key"]),
        (409, &["store.superseded"]),
        (412, &["web.precondition"]),
        (
            422,
            &["record.invalid", "web.idempotency_key_reused", "store.check", "store.foreign_key"],
        ),
        (500, &["store.fault", "store.damaged", "store.interrupted"]),
        (503, &["store.busy", "store.deadline", "store.disk_full", "store.closed"]),
    ] {
        document.codes(status, codes);
    }
}

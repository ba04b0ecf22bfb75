//! What the API's document says of a resource, made from its declaration.

use serde_json::{Value as Json, json};

use super::query::{LIMIT_DEFAULT, LIMIT_MAX, RELATED_RECORDS_MAX};
use super::seal::SEALED_MAX;
use super::{
    Child, Column, Holds, RELATED_MOST, Related, Resource, Served, Subject, VERSIONED, form,
};
use crate::vocab::decimal::DECIMAL_LENGTH_MAX;
use crate::vocab::id::Kind;
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
    /// A parameter of the list beside the common ones, and what it is for.
    pub searches: Option<(&'static str, Json, &'static str)>,
}

impl Offered {
    /// The common routes of `resource` and nothing else.
    #[must_use]
    pub fn new(resource: &'static Resource, offers: Offers) -> Self {
        let creates = matches!(offers, Offers::Changes | Offers::ClinicalChanges).then(Vec::new);
        Self { resource, offers, related: &[], creates, searches: None }
    }

    /// Adds schemas and only the list, which lies at the address `path`, without the filters
    /// that the address says already.
    pub fn describe_list_at(self, document: &mut Document, path: &str, said: &[&str]) {
        let name = type_name(self.resource.kind);
        schemas(document, self.resource, self.related);
        document.add("get", path, list(&self, &name, said));
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

/// `medication_request` as `MedicationRequest`.
#[must_use]
pub fn type_name(kind: Kind) -> String {
    let words = kind.name.split('_');
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The form of an identity.
#[must_use]
pub fn id(kind: Kind) -> Json {
    schema::pattern(&format!("^{}_[0-9a-hjkmnp-tv-z]{{13}}$", kind.tag))
}

/// A date that may lack its day or month.
#[must_use]
pub fn date() -> Json {
    schema::pattern(DATE)
}

const DATE: &str = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$";
const MOMENT: &str = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.{1,30})?)?)?$";
const DECIMAL: &str = "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$";

/// What a column holds, as it is shown and sent. Bounds of length are those of what callers
/// send; what the server writes has none.
fn value(column: &Column) -> Json {
    match column.holds {
        Holds::Id(kind) => id(kind),
        Holds::Text(most) if column.writable => schema::text(0, most),
        Holds::Text(_) => schema::any_text(),
        Holds::List => schema::list(schema::text(0, form::LIST_TEXT_MAX), Some(form::LIST_MAX)),
        Holds::Json => json!({"type": "object"}),
        Holds::Words(words) => schema::words(words),
        Holds::Time => schema::time(),
        Holds::Recorded => schema::pattern(MOMENT),
        Holds::Date => schema::pattern(DATE),
        Holds::Int(low, high) => schema::integer(low, high),
        Holds::Bool => schema::boolean(),
        Holds::Decimal => {
            let mut decimal = schema::pattern(DECIMAL);
            decimal["maxLength"] = json!(DECIMAL_LENGTH_MAX);
            decimal
        }
    }
}

fn words_for(column: &Column) -> String {
    let mut words: Vec<String> = Vec::new();
    match column.holds {
        Holds::Id(kind) => words.push(format!("The id of a {}.", kind.name.replace('_', " "))),
        Holds::Recorded => words.push(format!(
            "A time as written: a year, a month, a day, or an instant with its offset. It sets \
             {}_at.",
            column.name.trim_end_matches("_recorded")
        )),
        Holds::Date => words.push("A date that may lack its day or month.".to_owned()),
        Holds::Decimal => words.push("The digits as written.".to_owned()),
        _ => {}
    }
    if let Some(permission) = column.needs {
        words.push(format!("Only with the permission {permission}."));
    }
    words.join(" ")
}

fn said(column: &Column, mut schema: Json) -> Json {
    let words = words_for(column);
    if !words.is_empty() {
        schema["description"] = json!(words);
    }
    schema
}

/// A column in an answer.
fn shown(column: &'static Column) -> Json {
    let always = column.required || VERSIONED.iter().any(|own| own.name == column.name);
    let plain = value(column);
    let mut schema = said(column, if always { plain } else { schema::nullable(plain) });
    if !column.writable {
        schema["readOnly"] = json!(true);
    }
    schema
}

/// A column in a body.
fn taken(column: &Column) -> Json {
    let mut plain = value(column);
    if column.holds == Holds::Decimal {
        plain = json!({"anyOf": [plain, {"type": "number"}]});
    }
    said(column, if column.required { plain } else { schema::nullable(plain) })
}

fn child_name(resource: &Resource, child: &Child) -> String {
    let mut words = child.name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    let one = words.by_ref().collect::<String>();
    let one = one
        .strip_suffix("es")
        .filter(|one| one.ends_with("ss"))
        .map_or_else(|| one.strip_suffix('s').unwrap_or(&one).to_owned(), str::to_owned);
    format!("{}{one}", type_name(resource.kind))
}

fn schemas(document: &mut Document, resource: &'static Resource, related: &[Related]) {
    let mut fields = vec![("id", id(resource.kind), true)];
    let columns = resource.all_columns().filter(|column| !column.hidden);
    fields.extend(columns.map(|column| (column.name, shown(column), false)));
    for child in resource.children {
        let name = child_name(resource, child);
        let columns = child.columns.iter().filter(|column| !column.hidden);
        let rows = columns.clone().map(|column| (column.name, shown(column), false)).collect();
        let row = document.schema(&name, schema::object(rows));
        fields.push((child.name, schema::list(row, Some(child.most)), false));
        let columns = columns.filter(|column| column.writable);
        let sent = columns.map(|column| (column.name, taken(column), column.required)).collect();
        document.schema(&format!("{name}Sent"), schema::body(sent));
    }
    for parent in resource.parents {
        let other = schema::reference(&type_name(parent.resource.kind));
        fields.push((parent.name, schema::nullable(other), false));
    }
    for related in related {
        let other = schema::reference(&type_name(related.resource.kind));
        fields.push((related.name, schema::list(other, Some(RELATED_MOST)), false));
    }
    document.schema(&type_name(resource.kind), schema::object(fields));
}

/// The body of a create or, without what is needed, of an amend.
fn sent(resource: &Resource, extra: &[(&'static str, Json, bool)], creates: bool) -> Json {
    let columns = resource.columns.iter().filter(|column| column.writable);
    let mut fields: Vec<_> =
        columns.map(|column| (column.name, taken(column), creates && column.required)).collect();
    for child in resource.children {
        let row = schema::reference(&format!("{}Sent", child_name(resource, child)));
        let rows = schema::nullable(schema::list(row, Some(child.most)));
        let words = "The whole list; it replaces what was there.";
        fields.push((child.name, schema::described(rows, words), false));
    }
    fields.extend(extra.iter().cloned());
    schema::body(fields)
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
    let mut limit = schema::integer(1, i64::try_from(LIMIT_MAX).unwrap_or(i64::MAX));
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
    if let Some((name, schema, words)) = &offered.searches {
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
    Operation::new(resource.path, format!("markErroneous{name}"), title)
        .detail("It stays readable, with the status entered_in_error, and can change no more.")
        .needs(resource.write)
        .if_match()
        .takes(schema::body(vec![("reason", schema::text(1, 400), true)]))
        .answers(200, "The record as it stands now", schema::data(schema::reference(name)))
        .header(200, "ETag")
        .refuses(&[409])
}

/// What every resource may be refused with.
pub fn codes(document: &mut Document) {
    for (status, codes) in [
        (404, &["store.no_row"][..]),
        (409, &["record.taken", "record.entered_in_error", "store.unique", "store.foreign_key"]),
        (412, &["web.precondition"]),
        (
            422,
            &["record.invalid", "web.idempotency_key_reused", "store.check", "store.foreign_key"],
        ),
        (500, &["store.fault", "store.damaged"]),
        (503, &["store.busy", "store.deadline", "store.disk_full", "store.closed"]),
    ] {
        document.codes(status, codes);
    }
}

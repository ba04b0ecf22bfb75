//! The schemas of a resource for the API's document, made from its declaration: as it is shown,
//! and as it is sent.

use serde_json::{Value as Json, json};

use super::{Child, Column, Holds, RELATED_MOST, Related, Resource, VERSIONED, form, verbs};
use crate::vocab::decimal::{DECIMAL_LENGTH_MAX, DIGITS_MAX, WHOLE_MAX};
use crate::vocab::id::Kind;
use crate::web::openapi::{Document, schema};

/// `medication_request` as `MedicationRequest`.
#[must_use]
pub fn type_name(kind: Kind) -> String {
    let words = kind.name.split('_');
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The form of an identity.
#[must_use]
pub fn id(kind: Kind) -> Json {
    schema::pattern(&format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{12}}$", kind.tag))
}

/// A date that may lack its day or month.
#[must_use]
pub fn date() -> Json {
    schema::pattern(DATE)
}

const DATE: &str = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$";
const MOMENT: &str = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T.{1,30})?)?)?$";
const DECIMAL: &str = "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$";

/// What a column holds, as it is shown and sent. Bounds of length are those of what callers
/// send; what the server writes has none.
pub(super) fn value(column: &Column) -> Json {
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
        Holds::Decimal => words.push(format!(
            "The digits as written, at most {DIGITS_MAX}; the number is within 1e{WHOLE_MAX}."
        )),
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
    match column.holds {
        Holds::Decimal => {
            let bound = 10_i64.pow(WHOLE_MAX);
            let number =
                json!({"type": "number", "exclusiveMinimum": -bound, "exclusiveMaximum": bound});
            plain = json!({"anyOf": [plain, number]});
        }
        Holds::Text(most) if column.required => plain = schema::text(1, most),
        Holds::Words(words) => {
            // That has a verb of its own, which asks for the reason.
            let sent = words.iter().copied().filter(|word| *word != verbs::ENTERED_IN_ERROR);
            plain = schema::words(&sent.collect::<Vec<_>>());
        }
        _ => {}
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

/// A list whose rows are single values.
fn plain_list(child: &Child) -> Json {
    let one = child.columns.first().map_or_else(schema::any_text, value);
    schema::list(one, Some(child.most))
}

/// Adds the schemas of `resource` and its child lists, as they are shown and sent.
pub(super) fn schemas(document: &mut Document, resource: &'static Resource, related: &[Related]) {
    let mut fields = vec![("id", id(resource.kind), true)];
    let columns = resource.all_columns().filter(|column| !column.hidden);
    fields.extend(columns.map(|column| (column.name, shown(column), false)));
    for child in resource.children {
        if child.plain {
            fields.push((child.name, plain_list(child), false));
            continue;
        }
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
pub(super) fn sent(
    resource: &Resource,
    extra: &[(&'static str, Json, bool)],
    creates: bool,
) -> Json {
    let columns = resource.columns.iter().filter(|column| column.writable);
    let mut fields: Vec<_> =
        columns.map(|column| (column.name, taken(column), creates && column.required)).collect();
    for child in resource.children {
        let rows = if child.plain {
            plain_list(child)
        } else {
            let row = schema::reference(&format!("{}Sent", child_name(resource, child)));
            schema::list(row, Some(child.most))
        };
        let rows = schema::nullable(rows);
        let words = "The whole list; it replaces what was there.";
        fields.push((child.name, schema::described(rows, words), false));
    }
    fields.extend(extra.iter().cloned());
    schema::body(fields)
}

//! The API's own description, OpenAPI 3.1. Every room describes what it mounts, beside its
//! handlers; `server` puts the parts together. [`schema`] are the forms of values,
//! [`Operation`] is one method of one address, [`Document`] all of them.
mod operation;
pub mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

pub use operation::Operation;

/// The description as it grows.
#[derive(Debug, Default)]
pub struct Document {
    tags: Vec<Json>,
    paths: Map<String, Json>,
    schemas: Map<String, Json>,
    codes: BTreeMap<u16, BTreeSet<&'static str>>,
}

impl Document {
    /// A description of nothing, with what every answer may hold.
    #[must_use]
    pub fn new() -> Self {
        let mut document = Self::default();
        document.schema("Problem", problem());
        document.schema("Meta", meta());
        for (status, codes) in KIT_CODES {
            document.codes(*status, codes);
        }
        document
    }

    /// A heading, in the order in which they come.
    pub fn tag(&mut self, name: &str, description: &str) {
        self.tags.push(json!({"name": name, "description": description}));
    }

    /// Adds a schema under `name` and gives the reference to it.
    pub fn schema(&mut self, name: &str, schema: Json) -> Json {
        self.schemas.insert(name.to_owned(), schema);
        schema::reference(name)
    }

    /// Adds fields that answers may have to the schema `name`.
    pub fn extend(&mut self, name: &str, fields: Vec<(&str, Json)>) {
        for (field, schema) in fields {
            self.schemas[name]["properties"][field] = schema;
        }
    }

    /// Problems with this status may have these codes.
    pub fn codes(&mut self, status: u16, codes: &[&'static str]) {
        self.codes.entry(status).or_default().extend(codes);
    }

    /// Adds `method` (in small letters) of the address `path`, e.g. `/api/v1/patients/{id}`.
    pub fn add(&mut self, method: &str, path: &str, operation: Operation) {
        let address = self.paths.entry(path).or_insert_with(|| json!({}));
        address[method] = operation.finish(path, method);
    }

    /// Says what `{id}` is in the address `path`.
    pub fn id(&mut self, path: &str, schema: &Json) {
        let address = self.paths.entry(path).or_insert_with(|| json!({}));
        address["parameters"] =
            json!([{"name": "id", "in": "path", "required": true, "schema": schema}]);
    }

    /// The whole, as `title` in this version of the program.
    #[must_use]
    pub fn finish(self, title: &str, description: &str) -> Json {
        let Self { tags, paths, schemas, codes } = self;
        let responses: Map<String, Json> = codes
            .iter()
            .map(|(status, codes)| (format!("Problem{status}"), refusal(*status, codes)))
            .collect();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": title, "version": env!("CARGO_PKG_VERSION"), "description": description,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/", "description": "This server"}],
            "tags": tags,
            "paths": paths,
            "components": {
                "schemas": schemas, "responses": responses, "headers": headers(),
                "parameters": parameters(), "securitySchemes": security(),
            },
        })
    }
}

/// Codes that the kit itself gives.
const KIT_CODES: &[(u16, &[&str])] = &[
    (
        400,
        &[
            "web.query",
            "web.json",
            "web.not_utf8",
            "web.body_incomplete",
            "web.if_match",
            "web.idempotency_key",
            "web.request",
        ],
    ),
    (401, &["access.sign_in"]),
    (403, &["access.not_allowed", "access.person_only", "web.csrf"]),
    (404, &["web.not_found"]),
    (421, &["web.host"]),
    (405, &["web.method"]),
    (413, &["web.body_too_large"]),
    (415, &["web.content_type", "web.content_encoding"]),
    (422, &["web.body"]),
    (428, &["web.if_match"]),
    (429, &["web.too_many_requests", "web.too_many_at_once"]),
    (500, &["web.no_gate"]),
    (503, &["web.too_slow", "web.bodies_busy", "server.stopping"]),
];

fn refusal(status: u16, codes: &BTreeSet<&'static str>) -> Json {
    let says = match status {
        400 => "The request cannot be understood.",
        401 => "Nobody is signed in, or the credentials are wrong.",
        403 => "This is not for the caller.",
        404 => "There is no such thing.",
        405 => "The address does not take this method.",
        409 => "It contradicts what is there.",
        412 => "The record has changed since the caller read it.",
        413 => "The body is larger than the bound.",
        415 => "The body is of a type that is not accepted.",
        422 => "Values are well formed and wrong; each is named.",
        428 => "A change needs the header If-Match.",
        429 => "The caller has tried too often. Try again after the seconds in Retry-After.",
        503 => "A bound is reached. Try again after the seconds in Retry-After.",
        _ => "A fault of the server. Nothing was changed.",
    };
    let all = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let code = json!({"properties": {"code": {"enum": codes}, "status": {"const": status}}});
    let schema = json!({"allOf": [schema::reference("Problem"), code]});
    let mut answer = json!({
        "description": format!("{says} Codes: {all}."),
        "content": {"application/problem+json": {"schema": schema}},
    });
    let headers: &[&str] = match status {
        429 => &["Retry-After", "RateLimit", "RateLimit-Policy"],
        503 => &["Retry-After"],
        _ => &[],
    };
    for name in headers {
        answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
    }
    answer
}

/// RFC 9457 with what we add.
fn problem() -> Json {
    let error = schema::object(vec![
        ("field", schema::described(schema::any_text(), "Its path, e.g. names[0].family"), true),
        ("message", schema::described(schema::any_text(), "The mend, in plain words"), true),
    ]);
    let code = schema::described(schema::any_text(), "Stable name of the situation");
    let offers = schema::described(schema::any_text(), "What the caller may do instead");
    schema::object(vec![
        ("type", schema::any_text(), true),
        ("title", schema::any_text(), true),
        ("status", schema::integer(400, 599), true),
        ("detail", schema::described(schema::any_text(), "What is wrong and how to mend it"), true),
        ("code", code, true),
        ("request_id", schema::any_text(), true),
        ("offers", offers, false),
        ("errors", schema::list(error, None), false),
    ])
}

fn meta() -> Json {
    let place = || schema::nullable(schema::any_text());
    let cursor = schema::object(vec![
        ("next", schema::described(place(), "The page after this one; null on the last"), true),
        ("prev", schema::described(place(), "The page before this one; null on the first"), true),
    ]);
    let more = schema::described(schema::boolean(), "A search found more than it gave");
    let rebuilding = schema::described(schema::boolean(), "Rows may be missing from a search");
    schema::object(vec![
        ("cursor", cursor, true),
        ("more", more, false),
        ("rebuilding", rebuilding, false),
    ])
}

fn headers() -> Json {
    let header =
        |schema: Json, description: &str| json!({"schema": schema, "description": description});
    json!({
        "ETag": header(schema::any_text(), "Names this state of the answer; send it in \
            If-None-Match to be told that nothing has changed, in If-Match with a change."),
        "Location": header(schema::any_text(), "The address of what was made"),
        "Retry-After": header(schema::integer(0, i64::MAX), "Seconds to wait"),
        "RateLimit": header(schema::any_text(), "How many requests may follow at once (r), and \
            the seconds until nothing is used up any more (t), of the policy named"),
        "RateLimit-Policy": header(schema::any_text(), "How many requests may come at once (q), \
            and the seconds in which as many come back (w)"),
        "Idempotent-Replayed": header(schema::words(&["true"]), "This answer was given before"),
    })
}

fn parameters() -> Json {
    json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "The ETag of the record as the caller read it",
            "schema": schema::pattern("^(W/)?\"[0-9]{1,18}(-[0-9A-Fa-f]{1,64})?\"$"),
            "example": "\"1\"",
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header",
            "description": "The ETag of what the caller has",
            "schema": schema::any_text(),
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header",
            "description": "The same request under the same key within a day is carried out once",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$",
            },
        },
    })
}

fn security() -> Json {
    json!({
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "The token that POST /api/v1/sessions gives, or one for programs, which \
                POST /api/v1/tokens makes",
        },
        "cookie": {
            "type": "apiKey", "in": "cookie", "name": super::site::SESSION_COOKIE,
            "description": "Set by POST /api/v1/sessions, for pages of this server",
        },
        "client": {
            "type": "apiKey", "in": "header", "name": "X-HealthFlow-Client",
            "description": "Any value; changes by cookie need it, so that no other site's page \
                can make them",
        },
    })
}

//! One method of one address.

use serde_json::{Map, Value as Json, json};

use super::schema;

/// What a method of an address does, takes and answers.
#[derive(Debug, Clone)]
pub struct Operation {
    id: String,
    tag: &'static str,
    summary: String,
    detail: Vec<String>,
    permission: Option<String>,
    is_public: bool,
    parameters: Vec<Json>,
    body: Option<Json>,
    answers: Map<String, Json>,
    refusals: Vec<u16>,
    example: Option<String>,
}

impl Operation {
    /// The operation called `id` (unique, in camel case) under the heading `tag`.
    #[must_use]
    pub fn new(tag: &'static str, id: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            tag,
            summary: summary.into(),
            detail: Vec::new(),
            permission: None,
            is_public: false,
            parameters: Vec::new(),
            body: None,
            answers: Map::new(),
            refusals: vec![400, 429, 500, 503],
            example: None,
        }
    }

    /// The same under another heading.
    #[must_use]
    pub fn under(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// More words, a paragraph.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail.push(text.into());
        self
    }

    /// Nobody needs to sign in for it.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// It needs this permission.
    #[must_use]
    pub fn needs(mut self, permission: &str) -> Self {
        self.permission = Some(permission.to_owned());
        self.refuses(&[403])
    }

    /// It takes `name` after the `?`.
    #[must_use]
    pub fn query(mut self, name: &str, schema: Json, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "schema": schema, "description": description,
        }));
        self
    }

    /// It takes several words under `name`, separated by commas.
    #[must_use]
    pub fn words(mut self, name: &str, items: Json, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "style": "form", "explode": false,
            "schema": {"type": "array", "minItems": 1, "items": items},
            "description": description,
        }));
        self
    }

    /// The last parameter must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        if let Some(last) = self.parameters.last_mut() {
            last["required"] = json!(true);
        }
        self
    }

    /// It takes the version that a change is based on.
    #[must_use]
    pub fn if_match(mut self) -> Self {
        self.parameters.push(json!({"$ref": "#/components/parameters/IfMatch"}));
        self.refuses(&[412, 428])
    }

    /// A repetition under the same key is one.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.parameters.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
        self
    }

    /// It takes a JSON body.
    #[must_use]
    pub fn takes(mut self, schema: Json) -> Self {
        self.body = Some(json!({
            "required": true, "content": {"application/json": {"schema": schema}},
        }));
        self.refuses(&[413, 415, 422])
    }

    /// It takes the bytes of a file.
    #[must_use]
    pub fn takes_file(mut self, description: &str) -> Self {
        self.body = Some(json!({
            "required": true, "description": description,
            "content": {"application/octet-stream": {}},
        }));
        self.refuses(&[413])
    }

    /// It answers with `status` and JSON.
    #[must_use]
    pub fn answers(self, status: u16, description: &str, schema: Json) -> Self {
        let content = json!({"application/json": {"schema": schema}});
        self.answer(status, json!({"description": description, "content": content}))
    }

    /// It answers with `status` and no body.
    #[must_use]
    pub fn ends(self, status: u16, description: &str) -> Self {
        self.answer(status, json!({"description": description}))
    }

    /// It answers with `status` and a body of one of these types.
    #[must_use]
    pub fn answers_as(self, status: u16, description: &str, kinds: &[&str]) -> Self {
        let schema = json!({"schema": schema::any_text()});
        let content: Map<String, Json> =
            kinds.iter().map(|kind| ((*kind).to_owned(), schema.clone())).collect();
        self.answer(status, json!({"description": description, "content": content}))
    }

    fn answer(mut self, status: u16, answer: Json) -> Self {
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// The answer `status` has the header `name`, which is among the document's.
    #[must_use]
    pub fn header(mut self, status: u16, name: &str) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        self
    }

    /// 200 has an ETag, and 304 is the answer to one that the caller has.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        self.parameters.push(json!({"$ref": "#/components/parameters/IfNoneMatch"}));
        self.ends(304, "It is as the caller has it.").header(200, "ETag").header(304, "ETag")
    }

    /// It may be refused with these.
    #[must_use]
    pub fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend_from_slice(statuses);
        self
    }

    /// A call that can be tried: what follows `curl` and the address of the server.
    #[must_use]
    pub fn example(mut self, curl: impl Into<String>) -> Self {
        self.example = Some(curl.into());
        self
    }

    /// The operation as the document has it, for an address with parameters or without.
    pub(super) fn finish(mut self, path: &str, method: &str) -> Json {
        if path.contains('{') {
            self.refusals.push(404);
        }
        if !self.is_public {
            self.refusals.push(401);
            // A change that comes by cookie must show that our own page sent it.
            self.refusals.extend((method != "get").then_some(403));
        }
        for status in self.refusals {
            let answer = json!({"$ref": format!("#/components/responses/Problem{status}")});
            self.answers.entry(status.to_string()).or_insert(answer);
        }
        let mut operation = json!({
            "operationId": self.id, "tags": [self.tag], "summary": self.summary,
            "responses": self.answers,
        });
        if let Some(permission) = &self.permission {
            self.detail.push(format!("Needs the permission `{permission}`."));
            operation["x-permission"] = json!(permission);
        }
        if !self.detail.is_empty() {
            operation["description"] = json!(self.detail.join("\n\n"));
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = Json::Array(self.parameters);
        }
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        if let Some(example) = self.example {
            operation["x-example"] = json!(example);
        }
        operation["security"] = if self.is_public {
            json!([])
        } else if method == "get" {
            json!([{"bearer": []}, {"cookie": []}])
        } else {
            json!([{"bearer": []}, {"cookie": [], "client": []}])
        };
        operation
    }
}

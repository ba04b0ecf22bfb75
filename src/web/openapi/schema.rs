//! JSON Schema as the API's document uses it: a handful of forms, each a function.

use serde_json::{Map, Value as Json, json};

/// Text of `least` to `most` characters.
#[must_use]
pub fn text(least: usize, most: usize) -> Json {
    json!({"type": "string", "minLength": least, "maxLength": most})
}

/// Text of any length.
#[must_use]
pub fn any_text() -> Json {
    json!({"type": "string"})
}

/// Text that `pattern` (ECMA 262) describes.
#[must_use]
pub fn pattern(pattern: &str) -> Json {
    json!({"type": "string", "pattern": pattern})
}

/// One of these words.
#[must_use]
pub fn words(words: &[&str]) -> Json {
    json!({"type": "string", "enum": words})
}

/// An instant in UTC.
#[must_use]
pub fn time() -> Json {
    json!({"type": "string", "format": "date-time"})
}

/// A whole number within `low..=high`. Bounds that only the machine sets are left out.
#[must_use]
pub fn integer(low: i64, high: i64) -> Json {
    let mut schema = json!({"type": "integer", "minimum": low});
    if high < i64::MAX {
        schema["maximum"] = json!(high);
    }
    schema
}

/// How many, within `low..=high`.
#[must_use]
pub fn count(low: i64, high: usize) -> Json {
    integer(low, i64::try_from(high).unwrap_or(i64::MAX))
}

/// True or false.
#[must_use]
pub fn boolean() -> Json {
    json!({"type": "boolean"})
}

/// A list of at most `most` of `items`.
#[must_use]
pub fn list(items: Json, most: Option<usize>) -> Json {
    let mut schema = json!({"type": "array", "items": items});
    if let Some(most) = most {
        schema["maxItems"] = json!(most);
    }
    schema
}

/// The schema called `name` among the document's components.
#[must_use]
pub fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// What `schema` describes, or null.
#[must_use]
pub fn nullable(mut schema: Json) -> Json {
    if let Some(kind) = schema.get("type").and_then(Json::as_str).map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
        if let Some(Json::Array(words)) = schema.get_mut("enum") {
            words.push(Json::Null);
        }
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// What `schema` describes, with words for people.
#[must_use]
pub fn described(mut schema: Json, description: &str) -> Json {
    schema["description"] = json!(description);
    schema
}

/// An object with these fields; `true` for those that are always there.
#[must_use]
pub fn object(fields: Vec<(&str, Json, bool)>) -> Json {
    let needed: Vec<&str> =
        fields.iter().filter(|(.., needed)| *needed).map(|(name, ..)| *name).collect();
    let properties: Map<String, Json> =
        fields.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

/// The same for a body that is sent: other fields are refused.
#[must_use]
pub fn body(fields: Vec<(&str, Json, bool)>) -> Json {
    let mut schema = object(fields);
    schema["additionalProperties"] = json!(false);
    schema
}

/// `{"data":…}`
#[must_use]
pub fn data(of: Json) -> Json {
    object(vec![("data", of, true)])
}

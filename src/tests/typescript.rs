//! The types of the page's scripts, made from the API's description.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::openapi::document;

const PATH: &str = "assets/types/api.d.ts";

/// A schema as a type.
fn type_of(schema: &Json) -> String {
    if let Some(to) = schema["$ref"].as_str() {
        return to.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(choice) = schema["anyOf"].as_array() {
        return choice.iter().map(type_of).collect::<Vec<_>>().join(" | ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(Json::to_string).collect::<Vec<_>>().join(" | ").replace('"', "'");
    }
    let kinds = match &schema["type"] {
        Json::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        kind => vec![kind.as_str().unwrap_or("unknown")],
    };
    let one = |kind: &str| match kind {
        "integer" | "number" => "number".to_owned(),
        "array" => match type_of(&schema["items"]) {
            items if items.contains('|') => format!("({items})[]"),
            items => format!("{items}[]"),
        },
        "object" if schema["properties"].is_object() => inline(schema),
        "object" => "Record<string, unknown>".to_owned(),
        other => other.to_owned(),
    };
    kinds.into_iter().map(one).collect::<Vec<_>>().join(" | ")
}

fn members(schema: &Json) -> Vec<String> {
    let needed = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let fields = schema["properties"].as_object().unwrap();
    let member = |(name, field): (&String, &Json)| {
        let mark = if needed.iter().any(|it| it == name) { "" } else { "?" };
        let name = if name.contains('-') { format!("'{name}'") } else { name.clone() };
        format!("{name}{mark}: {};", type_of(field))
    };
    fields.iter().map(member).collect()
}

fn inline(schema: &Json) -> String {
    format!("{{ {} }}", members(schema).join(" "))
}

fn types() -> String {
    let mut out =
        "// Made from the description of the API by src/tests/typescript.rs; not edited.\n"
            .to_owned();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        write!(out, "\nexport interface {name} {{\n").unwrap();
        for member in members(schema) {
            writeln!(out, "  {member}").unwrap();
        }
        out.push_str("}\n");
    }
    out.push_str("\n/** What `GET` answers at each address below /api/v1. */\n");
    out.push_str("export interface Answers {\n");
    for (path, address) in document()["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        let answer = &address["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        if !answer.is_null() {
            writeln!(out, "  '{path}': {};", type_of(&answer["properties"]["data"])).unwrap();
        }
    }
    out.push_str("}\n");
    out
}

#[test]
fn the_types_of_the_scripts_are_those_of_the_description() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let made = types();
    if kept != made {
        std::fs::write(&path, made).unwrap();
        panic!("{PATH} was out of date and is written anew: look at it and commit it");
    }
}

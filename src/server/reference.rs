//! The page at `/api/`: the guide, then every address as the document describes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use serde_json::{Map, Value as Json};

use super::ui;

/// The guide, whose examples are run by a test.
const GUIDE: &str = include_str!("../API.md");
const STYLES: [&str; 3] = ["css/tokens.css", "css/base.css", "guide/guide.css"];

/// The page, complete.
pub(super) fn page(document: &Json) -> String {
    let mut out = String::with_capacity(512 << 10);
    out.push_str("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.push_str("<title>HealthFlow for programs</title>");
    for style in STYLES {
        put(&mut out, format_args!("<link rel=\"stylesheet\" href=\"{}\">", ui::address(style)));
    }
    out.push_str("</head><body><nav aria-label=\"Contents\"><ul>");
    out.push_str("<li><a href=\"#guide\">Guide</a></li>");
    out.push_str("<li><a href=\"/api/openapi.json\">OpenAPI 3.1</a></li>");
    let tags = list(&document["tags"]);
    for name in tags.iter().map(|tag| text(&tag["name"])) {
        put(&mut out, format_args!("<li><a href=\"#{0}\">{0}</a></li>", escaped(name)));
    }
    out.push_str("<li><a href=\"#schemas\">Schemas</a></li>");
    out.push_str("<li><a href=\"#problems\">Problems</a></li>");
    out.push_str("</ul></nav><main id=\"guide\">");
    out.push_str(&guide());
    let mut shown = BTreeSet::new();
    for tag in tags {
        section(&mut out, document, tag, &mut shown);
    }
    out.push_str("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        if shown.insert(name.as_str()) {
            put(&mut out, format_args!("<h3 id=\"{name}\">{name}</h3>"));
            fields(&mut out, schema);
        }
    }
    out.push_str("</section>");
    problems(&mut out, document);
    out.push_str("</main></body></html>");
    out
}

/// Writing to a string cannot fail.
fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(words);
}

/// The guide as HTML; its headings can be linked to.
fn guide() -> String {
    let mut events: Vec<Event<'_>> = Parser::new_ext(GUIDE, Options::ENABLE_TABLES).collect();
    let mut start = None;
    for place in 0..events.len() {
        match &events[place] {
            Event::Start(Tag::Heading { .. }) => start = Some(place),
            Event::End(TagEnd::Heading(_)) => {
                let Some(start) = start.take() else { continue };
                let words = events[start..place].iter().filter_map(|event| match event {
                    Event::Text(words) | Event::Code(words) => Some(words.to_lowercase()),
                    _ => None,
                });
                let anchor = words.collect::<String>().replace(' ', "-");
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                    *id = Some(anchor.into());
                }
            }
            _ => {}
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text with `code` in it.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (place, part) in escaped(text).split('`').enumerate() {
        match place % 2 {
            0 => out.push_str(part),
            _ => put(&mut out, format_args!("<code>{part}</code>")),
        }
    }
    out.replace("\n\n", "<br>")
}

fn section<'a>(out: &mut String, document: &'a Json, tag: &Json, shown: &mut BTreeSet<&'a str>) {
    let name = escaped(text(&tag["name"]));
    let words = prose(text(&tag["description"]));
    put(out, format_args!("<section id=\"{name}\"><h2>{name}</h2><p>{words}</p>"));
    let mut records = Vec::new();
    for (path, address) in members(&document["paths"]) {
        for (method, operation) in members(address).filter(|(name, _)| *name != "parameters") {
            if operation["tags"][0] == tag["name"] {
                show(out, document, (method, path), operation);
                records.extend(record_of(operation));
            }
        }
    }
    for name in records {
        if !shown.insert(name) {
            continue;
        }
        put(out, format_args!("<h3 id=\"{name}\">Fields of {name}</h3>"));
        fields(out, &document["components"]["schemas"][name]);
    }
    out.push_str("</section>");
}

/// The name of the schema of which a list has rows.
fn record_of(operation: &Json) -> Option<&str> {
    let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    answer["properties"]["data"]["items"]["$ref"].as_str()?.rsplit('/').next()
}

fn show(out: &mut String, document: &Json, (method, path): (&str, &str), operation: &Json) {
    let (verb, title) = (method.to_uppercase(), escaped(text(&operation["summary"])));
    let path = escaped(path);
    let id = escaped(text(&operation["operationId"]));
    put(out, format_args!("<article id=\"{id}\"><h3><b>{verb}</b> <code>{path}</code></h3>"));
    put(out, format_args!("<p>{title}. {}</p>", prose(text(&operation["description"]))));
    let parameters = list(&operation["parameters"]);
    if !parameters.is_empty() {
        out.push_str("<table><thead><tr><th>Parameter</th><th>Type</th><th></th></tr></thead>");
        for parameter in parameters {
            let parameter = found(document, parameter);
            let needed = if parameter["required"] == true { " (needed)" } else { "" };
            let name = escaped(text(&parameter["name"]));
            let form = form(&parameter["schema"]);
            let words = prose(text(&parameter["description"]));
            put(out, format_args!("<tr><td><code>{name}</code>{needed}</td><td>{form}</td>"));
            put(out, format_args!("<td>{words}</td></tr>"));
        }
        out.push_str("</table>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        out.push_str("<details><summary>Body</summary>");
        fields(out, found(document, body));
        out.push_str("</details>");
    }
    let codes: Vec<&str> =
        members(&operation["responses"]).map(|(code, _)| code.as_str()).collect();
    put(out, format_args!("<p>Answers {}.</p>", codes.join(", ")));
    if let Some(example) = operation["x-example"].as_str() {
        let example = escaped(example.trim_matches('\''));
        out.push_str("<pre><code>curl -H \"Authorization: Bearer $TOKEN\" ");
        put(out, format_args!("\"$HEALTHFLOW{example}\"</code></pre>"));
    }
    out.push_str("</article>");
}

/// What a reference leads to, or the thing itself.
fn found<'a>(document: &'a Json, thing: &'a Json) -> &'a Json {
    let to = thing["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    to.and_then(|to| document.pointer(to)).unwrap_or(thing)
}

fn fields(out: &mut String, schema: &Json) {
    let needed = list(&schema["required"]);
    out.push_str("<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead>");
    for (name, field) in members(&schema["properties"]) {
        let mut words = prose(text(&field["description"]));
        if field["readOnly"] == true {
            words = format!("Set by the server. {words}");
        }
        let mark = if needed.iter().any(|it| it == name) { " (always)" } else { "" };
        put(out, format_args!("<tr><td><code>{}</code>{mark}</td>", escaped(name)));
        put(out, format_args!("<td>{}</td><td>{words}</td></tr>", form(field)));
    }
    out.push_str("</table>");
}

/// A schema in a few words.
fn form(schema: &Json) -> String {
    if let Some(to) = schema["$ref"].as_str() {
        let name = escaped(to.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(choice) = schema["anyOf"].as_array() {
        return choice.iter().map(form).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter_map(Json::as_str);
        return words
            .map(|word| format!("<code>{word}</code>", word = escaped(word)))
            .collect::<Vec<_>>()
            .join(" ");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Json::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    let mut words = kinds.join(" or ");
    if kinds.contains(&"array") {
        words = format!("list of {}", form(&schema["items"]));
    }
    for (name, before) in [
        ("format", ""),
        ("pattern", ""),
        ("minimum", "from "),
        ("maximum", "to "),
        ("maxLength", "at most characters: "),
        ("maxItems", "at most "),
        ("default", "default "),
    ] {
        let bound = &schema[name];
        if !bound.is_null() && *bound != 0 {
            let bound = bound.as_str().map_or_else(|| bound.to_string(), str::to_owned);
            put(&mut words, format_args!(", {before}<code>{}</code>", escaped(&bound)));
        }
    }
    words
}

fn problems(out: &mut String, document: &Json) {
    out.push_str("<section id=\"problems\"><h2>Problems</h2><table>");
    out.push_str("<thead><tr><th>Status</th><th></th></tr></thead>");
    for (name, answer) in members(&document["components"]["responses"]) {
        let status = escaped(name.trim_start_matches("Problem"));
        let words = prose(text(&answer["description"]));
        put(out, format_args!("<tr><td>{status}</td><td>{words}</td></tr>"));
    }
    out.push_str("</table></section>");
}

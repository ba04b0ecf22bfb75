//! Which words of a log go into a bundle. A message may name a file, and a file may be named after
//! a patient; so a sentence is told only as far as it stands in [`SENTENCES`], and a field only if
//! its value is one of a known few or a number.

use serde_json::{Value as Json, json};

use crate::server::openapi;

/// How the messages begin that are told, and all that is told of them.
const SENTENCES: [&str; 44] = [
    "A commit failed",
    "A copy could not be removed",
    "A file of the search index was cut short; it will be rebuilt",
    "A group could not be undone",
    "A group was undone; its jobs run one by one",
    "A job was not done",
    "A listener will be asked again",
    "A metric is missing",
    "A refusal was answered before its audit row was written",
    "A schedule never comes: mend its cron expression",
    "A search index that was given up stays on disk",
    "An errand to another machine failed in the middle",
    "An import went wrong",
    "An upload could not be removed",
    "Another certificate is in force",
    "Answered ",
    "Applied migration ",
    "Audit rows are lost at the stop",
    "Audit rows can be put nowhere, so that reads are refused",
    "Audit rows cannot be written and wait in the spool",
    "Audit rows that waited in the spool are written",
    "Built the search index of ",
    "Gave up",
    "HealthFlow does not run",
    "HealthFlow has stopped: all that was acknowledged is in the database",
    "HealthFlow serves at ",
    "How far the audit has come was not noted",
    "Import begins",
    "Import finished",
    "Jobs that were running when the program ended go on",
    "No reader connection",
    "Stopping: running requests are finished, new ones refused",
    "TLS IS OFF",
    "The OpenID provider cannot be used",
    "The audit is not whole",
    "The database can be written again",
    "The database file is damaged; nothing more is written to it",
    "The database has not answered within ",
    "The database is damaged",
    "The disk is full",
    "The hospital's directory cannot be asked",
    "The search index is damaged and will be rebuilt",
    "The write-ahead log cannot be moved into the database",
    "There is no search index yet; it is built from the store",
];
const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The lines of `text` as far as they are allowed, each as JSON, and how many were left out.
pub(super) fn allowed(text: &str) -> String {
    let (mut told, mut dropped) = (String::new(), 0);
    for line in text.lines().filter(|line| !line.is_empty()) {
        match of_json(line).or_else(|| of_plain(line)) {
            Some(safe) => told.push_str(&format!("{safe}\n")),
            None => dropped += 1,
        }
    }
    told.push_str(&format!("{}\n", json!({ "lines_left_out": dropped })));
    told
}

fn of_json(line: &str) -> Option<Json> {
    let line: Json = serde_json::from_str(line).ok()?;
    let text = |name: &str| line[name].as_str();
    let head = (text("timestamp")?, text("level")?, text("target")?);
    let fields = ["status", "ms", "method", "route"].into_iter().filter_map(|name| {
        let value = match &line[name] {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((name, value))
    });
    safe(head, text("message").unwrap_or_default(), fields)
}

/// `2026-03-01T10:00:00Z  WARN healthflow::store::writer: A commit failed: … store.jobs=3`
fn of_plain(line: &str) -> Option<Json> {
    let (time, rest) = line.split_once(' ')?;
    let (level, rest) = rest.trim_start().split_once(' ')?;
    let (target, message) = after_spans(rest).split_once(": ")?;
    let fields = message.split_whitespace().filter_map(|word| word.split_once('='));
    let fields = fields.map(|(name, value)| (name, value.trim_matches('"').to_owned()));
    safe((time, level, target), message, fields)
}

/// What follows `request{method=GET}:job{job.id=1}: `, in which the event happened.
fn after_spans(line: &str) -> &str {
    let mut rest = line;
    while let Some((name, fields)) = rest.split_once('{')
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && let Some((_, after)) = fields.split_once("}:")
    {
        rest = after.trim_start();
    }
    rest
}

fn safe<'a>(
    (time, level, target): (&str, &str, &str),
    message: &str,
    fields: impl Iterator<Item = (&'a str, String)>,
) -> Option<Json> {
    let time: jiff::Timestamp = time.parse().ok()?;
    let is_path = target.split("::").all(|part| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    });
    if !LEVELS.contains(&level) || !is_path || !is_ours(target) {
        return None;
    }
    let sentence = SENTENCES.into_iter().find(|known| message.starts_with(known));
    let mut told = json!({ "at": time.to_string(), "level": level, "in": target });
    told["message"] = json!(sentence.map(str::trim_end));
    for (name, value) in fields.filter(|(name, value)| is_safe(name, value)) {
        told[name] = json!(value);
    }
    Some(told)
}

/// A module of the program; what libraries say is left out as a whole.
fn is_ours(target: &str) -> bool {
    target == "healthflow" || target.starts_with("healthflow::")
}

fn is_safe(name: &str, value: &str) -> bool {
    match name {
        "status" | "ms" => value.parse::<f64>().is_ok_and(|number| (0.0..1e9).contains(&number)),
        "method" => METHODS.contains(&value),
        "route" => openapi::document()["paths"].get(value).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_safe_is_left_out() {
        let json = r#"{"timestamp":"2026-03-01T10:00:00Z","level":"WARN","message":"Answered 500",
            "request.id":"EsiQuaye1","method":"GET","route":"/api/health","status":500,"ms":3.5,
            "target":"healthflow::web::envelope"}"#
            .replace('\n', "");
        let plain = "2026-03-01T10:00:00Z  WARN healthflow::interop: An import went wrong: Quaye \
             status=Quaye route=\"/api/quaye\" method=Esi ms=7";
        let named = "2026-03-01T10:00:00Z ERROR healthflow::interop: Quaye.csv cannot be read";
        let spans = "request{request.id=\"EsiQ\" method=GET}:job{a=1}:";
        let spanned = format!("2026-03-01T10:00:00Z  INFO {spans} healthflow::web: Gave up: Esi");
        let foreign = "2026-03-01T10:00:00Z ERROR tantivy::index: Quaye";
        let odd = "Quaye ERROR healthflow::x: y\n2026-03-01T10:00:00Z Quaye healthflow: y\n\
            2026-03-01T10:00:00Z INFO healthflow::quaye esi: y\nEsi Quaye";
        let told = allowed(&[&json, plain, named, &spanned, foreign, odd].join("\n"));
        let lines: Vec<Json> =
            told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["message"], "Answered");
        assert_eq!(
            (&lines[0]["status"], &lines[0]["route"]),
            (&json!("500"), &json!("/api/health"))
        );
        assert_eq!(lines[1]["message"], "An import went wrong");
        assert_eq!((&lines[1]["ms"], &lines[1]["status"]), (&json!("7"), &Json::Null));
        assert_eq!((&lines[2]["message"], &lines[2]["level"]), (&Json::Null, &json!("ERROR")));
        assert_eq!(lines[3]["message"], "Gave up");
        assert_eq!(lines[4], json!({"lines_left_out": 5}));
        let lower = told.to_lowercase();
        assert!(!lower.contains("quaye") && !lower.contains("esi"), "{told}");
    }
}

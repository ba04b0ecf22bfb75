//! What the API's document says of watching.

use serde_json::Value as Json;

use super::api::{LINES_MAX, LOG_LEVELS, codes};
use super::capacity::What;
use super::resource::{ALERT, ALERT_RULE, ALERT_RULES, ALERT_SILENCES, ALERTS};
use super::rings::{SPANS, WORDS};
use super::series::Unit;
use super::systems::{STATES, SYSTEMS};
use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::resource::describe::{Offered, Offers, id, type_name};
use crate::store::{NAMED_MAX, SLOW_MAX};
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "watch";

/// Describes it.
pub fn describe(document: &mut Document) {
    document.tag(TAG, "How the server does: measured every ten seconds, kept for a month.");
    document.tag(ALERTS.path, "What was wrong, since when, until when, and who knows.");
    document.tag(ALERT_RULES.path, "From where on something is wrong.");
    document.tag(ALERT_SILENCES.path, "Times in which nobody is told.");
    document.codes(409, &["alerts.known"]);
    Offered::new(&ALERTS, Offers::Reads).describe(document);
    Offered::new(&ALERT_RULES, Offers::Amend).describe(document);
    Offered::new(&ALERT_SILENCES, Offers::Changes).describe(document);
    let alert = || schema::data(schema::reference(&type_name(ALERT)));
    let known = Operation::new(ALERTS.path, "acknowledgeAlert", "Say that you know of an alert")
        .needs(WRITE)
        .answers(200, "As it stands now", alert())
        .refuses(&[409]);
    let path = "/api/v1/alerts/{id}/acknowledge";
    document.add("post", path, known);
    document.id(path, &id(ALERT));
    let test = Operation::new(ALERT_RULES.path, "testAlertRule", "Try whether an alert arrives")
        .detail("An alert that is marked as a test goes the way of a real one.")
        .needs(WRITE)
        .answers(200, "The alert that was told", alert());
    let path = "/api/v1/alert-rules/{id}/test";
    document.add("post", path, test);
    document.id(path, &id(ALERT_RULE));
    let state = watch(document);
    document.add("get", "/api/v1/system/watch", state);
    document.add("get", "/api/v1/system/samples", samples());
    document.add("get", "/api/v1/system/slow", slow());
    document.add("get", "/api/v1/system/log", log());
}

fn figure() -> Json {
    serde_json::json!({"type": "number"})
}

fn watch(document: &mut Document) -> Operation {
    let systems: Vec<&str> = SYSTEMS.iter().map(|(system, _)| *system).collect();
    let look = schema::object(vec![
        ("system", schema::words(&systems), true),
        ("state", schema::words(&STATES), true),
        ("because", schema::described(schema::words(codes()), "What speaks for it"), true),
        ("value", schema::nullable(figure()), true),
        ("is_now", schema::described(schema::boolean(), "Else an alert is not over yet"), true),
    ]);
    let fill = schema::object(vec![
        ("what", schema::words(&What::WORDS), true),
        ("used", figure(), true),
        ("limit", schema::described(figure(), "In bytes; of memory, per cent"), true),
        ("outlook", schema::words(&["unknown", "steady", "full"]), true),
        ("days", schema::described(schema::nullable(figure()), "Until it is full, about"), true),
    ]);
    let figures = serde_json::json!({
        "type": "object",
        "additionalProperties": {"type": ["number", "null"]},
    });
    let state = schema::object(vec![
        ("measured_at", schema::nullable(schema::time()), true),
        ("systems", schema::list(look, None), true),
        ("figures", schema::described(figures, "The newest value of every series"), true),
        ("capacity", schema::described(schema::list(fill, None), "What is full first"), true),
        ("open_alerts", schema::integer(0, i64::MAX), true),
        ("silent", schema::described(schema::boolean(), "Whether a silence holds"), true),
    ]);
    let state = document.schema("Watch", state);
    Operation::new(TAG, "getWatch", "How every system is, and what fills up").needs(READ).answers(
        200,
        "The state",
        schema::data(state),
    )
}

fn samples() -> Operation {
    let values = || schema::list(schema::nullable(figure()), None);
    let line = schema::object(vec![
        ("code", schema::words(codes()), true),
        ("unit", schema::words(&Unit::WORDS), true),
        ("mean", values(), true),
        ("min", schema::described(values(), "Not for an hour, where each step is one"), false),
        ("max", values(), false),
    ]);
    let seconds = || schema::integer(0, i64::MAX);
    let all = schema::object(vec![
        ("span", schema::words(&WORDS), true),
        ("step_s", seconds(), true),
        ("at", schema::described(schema::list(seconds(), None), "Seconds since 1970"), true),
        ("series", schema::list(line, None), true),
    ]);
    let steps: Vec<String> = SPANS
        .iter()
        .map(|span| format!("{} in steps of {} s", span.word, span.step / 1_000_000))
        .collect();
    Operation::new(TAG, "getSamples", "What was measured")
        .detail(format!("Kept over a restart: {}.", steps.join(", ")))
        .query("span", schema::words(&WORDS), "How far back; an hour if it is left out")
        .query("series", schema::any_text(), "Words of series with commas between; else all")
        .needs(READ)
        .answers(200, "The steps; what is missing is null", schema::data(all))
}

fn slow() -> Operation {
    let count = || schema::integer(0, i64::MAX);
    let request = schema::object(vec![
        ("ended_at", schema::time(), true),
        ("method", schema::any_text(), true),
        ("route", schema::described(schema::any_text(), "As declared, never the address"), true),
        ("status", count(), true),
        ("took_ms", figure(), true),
        ("request_id", schema::any_text(), true),
    ]);
    let statement = || schema::described(schema::any_text(), "Its text, without values");
    let slow = schema::object(vec![
        ("last_at", schema::time(), true),
        ("statement", statement(), true),
        ("plan", schema::list(schema::any_text(), None), true),
        ("times", count(), true),
        ("longest_ms", figure(), true),
        ("last_ms", figure(), true),
    ]);
    let cost = schema::object(vec![
        ("statement", statement(), true),
        ("calls", count(), true),
        ("total_ms", figure(), true),
        ("mean_ms", figure(), true),
        ("longest_ms", figure(), true),
    ]);
    let all = schema::object(vec![
        ("requests", schema::list(request, Some(crate::observability::pace::SLOW_MAX)), true),
        ("statements", schema::list(slow, Some(SLOW_MAX)), true),
        ("costliest", schema::list(cost, Some(NAMED_MAX)), true),
    ]);
    Operation::new(TAG, "getSlow", "Slow requests and statements since the start")
        .detail("Requests of more than a second; statements of more than 100 ms, with their plan.")
        .needs(READ)
        .answers(200, "The newest first; the costliest first", schema::data(all))
}

fn log() -> Operation {
    let line = schema::object(vec![
        ("number", schema::integer(1, i64::MAX), true),
        ("level", schema::words(&LOG_LEVELS), true),
        ("fields", serde_json::json!({"type": "object"}), true),
    ]);
    let all = schema::object(vec![
        ("lines", schema::list(line, Some(LINES_MAX)), true),
        ("newest", schema::described(schema::integer(0, i64::MAX), "Of all levels"), true),
    ]);
    let after = schema::integer(0, i64::MAX);
    Operation::new(TAG, "getLog", "The last lines of the log")
        .detail("They are in memory; the files have more. No line is of a patient.")
        .query("level", schema::words(&LOG_LEVELS), "This one and graver ones")
        .query("after", after, "Only lines after this number")
        .needs(READ)
        .answers(200, "In their order", schema::data(all))
}

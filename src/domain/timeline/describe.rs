//! What the API's document says of timeline and series.

use std::collections::BTreeSet;

use serde_json::json;

use super::sources::SOURCES;
use super::{print, series};
use crate::domain::encounters::{CLASSES, ENCOUNTER};
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::resource::describe::{id, type_name};
use crate::platform::resource::query::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::platform::resource::seal::SEALED_MAX;
use crate::web::openapi::{Document, Operation, schema};

/// Describes timeline and series.
pub fn describe(document: &mut Document) {
    item(document);
    values(document);
    let timeline = "/api/v1/patients/{id}/timeline";
    document.add("get", timeline, get_timeline());
    document.id(timeline, &id(PATIENT));
    let summary = "/api/v1/patients/{id}/print/patient-summary";
    document.add("get", summary, get_patient_summary());
    document.id(summary, &id(PATIENT));
    let series = "/api/v1/patients/{id}/series";
    document.add("get", series, get_series());
    document.id(series, &id(PATIENT));
}

fn kinds() -> serde_json::Value {
    let names: Vec<&str> = SOURCES.iter().map(|source| source.resource.kind.name).collect();
    schema::words(&names)
}

fn item(document: &mut Document) {
    let text = || schema::nullable(schema::any_text());
    let item = schema::object(vec![
        ("kind", kinds(), true),
        ("id", schema::any_text(), true),
        ("at", schema::nullable(schema::time()), true),
        ("recorded", text(), true),
        ("class", schema::nullable(schema::words(&CLASSES)), true),
        ("title", text(), true),
        ("detail", text(), true),
        ("status", schema::any_text(), true),
        ("encounter_id", schema::nullable(id(ENCOUNTER)), true),
    ]);
    document.schema("TimelineItem", item);
}

fn values(document: &mut Document) {
    let text = || schema::nullable(schema::any_text());
    let comparator = || schema::words(&["<", "<=", ">=", ">"]);
    let point = schema::object(vec![
        ("at", schema::time(), true),
        ("value", schema::any_text(), true),
        ("comparator", comparator(), false),
    ]);
    let last = schema::object(vec![
        ("at", schema::time(), true),
        ("recorded", text(), true),
        ("value", schema::any_text(), true),
        ("comparator", comparator(), false),
    ]);
    let series = schema::object(vec![
        ("system", text(), true),
        ("code", text(), true),
        ("title", schema::any_text(), true),
        ("unit", text(), true),
        ("count", schema::described(schema::integer(0, i64::MAX), "All values"), true),
        ("last", schema::nullable(last), true),
        ("points", schema::list(point, Some(series::POINTS_MAX)), true),
    ]);
    document.schema("Series", series);
}

fn get_timeline() -> Operation {
    let mut limit = schema::count(1, LIMIT_MAX);
    limit["default"] = json!(LIMIT_DEFAULT);
    let page = schema::object(vec![
        ("data", schema::list(schema::reference("TimelineItem"), Some(LIMIT_MAX)), true),
        ("meta", schema::reference("Meta"), true),
    ]);
    Operation::new("patients", "getTimeline", "What happened to a patient, newest first")
        .detail("What has no time comes last. What was entered in error stays and says so.")
        .detail("`class` is the setting of a visit; one without words of its own has no `title`.")
        .needs(PATIENTS.read)
        .query("cursor", schema::text(1, SEALED_MAX), "Where the page starts.")
        .query("limit", limit, "Entries on the page.")
        .words("kinds", kinds(), "Only these kinds, separated by commas.")
        .answers(200, "The page", page)
        .tagged()
}

fn get_series() -> Operation {
    let mut points = schema::count(1, series::POINTS_MAX);
    points["default"] = json!(series::POINTS_DEFAULT);
    let found = schema::data(schema::list(schema::reference("Series"), None));
    Operation::new("patients", "getSeries", "How measured values went, by code and unit")
        .needs(PATIENTS.read)
        .detail("Needs `records.read` too.")
        .words("code", schema::text(1, 200), "Only these codes, separated by commas.")
        .query("points", points, "The latest points of each, oldest first.")
        .answers(200, "Those with the newest values first", found)
        .tagged()
}

fn get_patient_summary() -> Operation {
    let mut parts = vec![("patient", schema::reference(&type_name(PATIENT)), true)];
    for part in print::PARTS {
        let rows = schema::reference(&type_name(part.kind));
        let page = schema::object(vec![
            ("data", schema::list(rows, Some(print::ROWS_MAX)), true),
            ("meta", schema::reference("Meta"), true),
        ]);
        parts.push((part.path, page, true));
    }
    parts.push(("series", schema::list(schema::reference("Series"), None), true));
    let others = print::PARTS.map(|part| format!("`{}`", part.read));
    let others: BTreeSet<String> = others.into_iter().collect();
    let others = others.into_iter().collect::<Vec<_>>().join(", ");
    Operation::new("patients", "printPatientSummary", "What is printed of a patient, in one answer")
        .detail("All of it is read at one moment. The audit says that it was printed.")
        .detail(format!("Needs {others} too."))
        .needs(PATIENTS.read)
        .answers(200, "The summary", schema::data(schema::object(parts)))
        .tagged()
}

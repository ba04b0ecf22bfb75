//! What the API's document says of the audit.

use serde_json::{Value as Json, json};

use super::api::PRINTED_MAX;
use super::asked::{ACT_MAX, OUTCOMES};
use super::export::FORMATS;
use super::story::{GROUPS, NAMED};
use crate::access::break_glass::REVIEWED_FOR;
use crate::access::users::USER;
use crate::domain::patients::PATIENT;
use crate::platform::ledger::custody::classes::AuditClass;
use crate::platform::ledger::custody::stubs::StubState;
use crate::platform::resource::describe::id;
use crate::platform::resource::query::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::platform::resource::seal::SEALED_MAX;
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "audit";

/// Describes the audit.
pub fn describe(document: &mut Document) {
    document.tag(TAG, "Who did and looked at what, from where and why; proven, kept, archived.");
    document.codes(
        409,
        &[
            "audit.busy",
            "audit.archive",
            "audit.not_whole",
            "audit.not_pruned",
            "audit.foreign_archive",
        ],
    );
    document.codes(500, &["audit.file"]);
    document.codes(503, &["audit.stopped"]);
    document.schema("AuditEntry", entry());
    document.schema("AuditGroup", group());
    document.schema("AuditTask", task());
    document.schema("AuditAnchor", anchor());
    document.schema("AuditCustody", custody());
    document.add("get", "/api/v1/audit", get_list());
    document.add("get", "/api/v1/audit/export", get_export());
    document.add("get", "/api/v1/audit/custody", get_custody());
    document.add("post", "/api/v1/audit/anchors", post_anchor());
    document.add("post", "/api/v1/audit/verify", post_verify());
    document.add("post", "/api/v1/audit/prune", post_prune());
    document.add("post", "/api/v1/audit/restore", post_restore());
    let story = "/api/v1/patients/{id}/audit";
    document.add("get", story, get_story());
    document.id(story, &id(PATIENT));
}

fn text() -> Json {
    schema::any_text()
}

fn or_null() -> Json {
    schema::nullable(schema::any_text())
}

fn number() -> Json {
    schema::described(schema::pattern("^[0-9]+$"), "The number of a row, counted from 1")
}

fn classes() -> Json {
    schema::words(&AuditClass::ALL.map(AuditClass::word))
}

fn who() -> Json {
    let who = schema::object(vec![
        ("mrn", text(), true),
        ("family", text(), true),
        ("given", text(), true),
        ("birth_date", or_null(), true),
    ]);
    schema::described(schema::nullable(who), "For those who may know every patient")
}

fn entry() -> Json {
    let last = schema::described(schema::nullable(schema::time()), "Of several: the last");
    let count = schema::described(
        schema::integer(1, i64::MAX),
        "The first view of a page is a row; further ones within a minute are one row together",
    );
    schema::object(vec![
        ("id", number(), true),
        ("at", schema::time(), true),
        ("last_at", last, true),
        ("count", count, true),
        ("actor_id", schema::nullable(id(USER)), true),
        ("actor_name", text(), true),
        ("role", or_null(), true),
        ("address", or_null(), true),
        ("act", text(), true),
        ("class", classes(), true),
        ("outcome", schema::words(&OUTCOMES), true),
        ("subject_kind", text(), true),
        ("subject_id", or_null(), true),
        ("subject_name", or_null(), true),
        ("patient_id", schema::nullable(id(PATIENT)), true),
        ("patient", who(), true),
        ("reason", or_null(), true),
        ("emergency", schema::nullable(emergency()), true),
        ("request_id", or_null(), true),
        ("detail", or_null(), true),
    ])
}

/// Why the glass was broken under which it was done.
fn emergency() -> Json {
    schema::object(vec![("reason", schema::words(&REVIEWED_FOR), true), ("text", text(), true)])
}

fn group() -> Json {
    let some = || schema::list(text(), Some(NAMED));
    let count = || schema::integer(0, i64::MAX);
    let act = schema::object(vec![("act", text(), true), ("count", count(), true)]);
    schema::object(vec![
        ("day", schema::described(text(), "In the hospital's time zone"), true),
        ("actor_id", schema::nullable(id(USER)), true),
        ("actor_name", text(), true),
        ("roles", some(), true),
        ("addresses", some(), true),
        ("reasons", some(), true),
        ("emergencies", schema::list(emergency(), Some(NAMED)), true),
        ("first_at", schema::time(), true),
        ("last_at", schema::time(), true),
        ("views", count(), true),
        ("changes", count(), true),
        ("others", count(), true),
        ("refused", count(), true),
        ("acts", schema::list(act, Some(NAMED)), true),
    ])
}

fn task() -> Json {
    let kinds = schema::nullable(schema::words(&["verify", "prune", "restore"]));
    let outcome = json!({"type": ["object", "null"], "additionalProperties": true});
    let outcome = schema::described(
        outcome,
        "`verified`, `pruned`, `restored` or `failed`, with what came of it",
    );
    schema::object(vec![
        ("number", schema::described(schema::integer(0, i64::MAX), "Counted from the start"), true),
        ("kind", kinds, true),
        ("running", schema::boolean(), true),
        ("done", schema::described(schema::integer(0, i64::MAX), "Rows"), true),
        ("total", schema::described(schema::integer(0, i64::MAX), "Rows, if known"), true),
        ("outcome", outcome, true),
    ])
}

fn anchor() -> Json {
    schema::object(vec![
        ("at", schema::time(), true),
        ("row", number(), true),
        ("hash", text(), true),
        ("line", schema::described(text(), "To print or to mail"), true),
    ])
}

fn custody() -> Json {
    let proof = schema::object(vec![
        ("at", schema::time(), true),
        ("by", text(), true),
        ("whole", schema::boolean(), true),
        ("row", schema::described(number(), "Up to which all holds"), true),
        ("hash", text(), true),
        ("archives", schema::integer(0, i64::MAX), true),
        ("anchors", schema::integer(0, i64::MAX), true),
        ("flaw", schema::described(or_null(), "The first thing that is wrong"), true),
    ]);
    let newest = schema::object(vec![("row", number(), true), ("hash", text(), true)]);
    let states = [StubState::Pruning, StubState::Archived, StubState::Restoring];
    let archive = schema::object(vec![
        ("file", text(), true),
        ("state", schema::words(&states.map(StubState::word)), true),
        ("first_row", number(), true),
        ("last_row", number(), true),
        ("first_at", schema::time(), true),
        ("last_at", schema::time(), true),
        ("archived_at", schema::time(), true),
    ]);
    let days = AuditClass::ALL.map(|class| (class.word(), schema::integer(0, i64::MAX), true));
    schema::object(vec![
        ("task", schema::reference("AuditTask"), true),
        ("proof", schema::nullable(proof), true),
        ("anchor", schema::nullable(schema::reference("AuditAnchor")), true),
        ("newest", schema::nullable(newest), true),
        ("archives", schema::list(archive, None), true),
        ("keep_days", schema::object(days.to_vec()), true),
    ])
}

/// The filters, without the patient where the address says whom.
fn narrowed(operation: Operation, patient: bool) -> Operation {
    let day = "A day of the hospital, or a time.";
    let operation = operation
        .query("from", schema::text(10, 40), &format!("From then on. {day}"))
        .query("to", schema::text(10, 40), &format!("Before then; a day counts as a whole. {day}"))
        .query("actor", id(USER), "What this person did.")
        .query("class", classes(), "Only acts of this class.")
        .query("act", schema::text(1, ACT_MAX), "Only this act, e.g. `patients.read`.")
        .query("outcome", schema::words(&OUTCOMES), "What was done, or what was refused.")
        .query("address", schema::text(2, 45), "From this address.");
    if patient { operation.query("patient", id(PATIENT), "What concerns them.") } else { operation }
}

fn get_list() -> Operation {
    let mut limit = schema::count(1, LIMIT_MAX);
    limit["default"] = json!(LIMIT_DEFAULT);
    let page = schema::object(vec![
        ("data", schema::list(schema::reference("AuditEntry"), Some(LIMIT_MAX)), true),
        ("meta", schema::reference("Meta"), true),
    ]);
    narrowed(Operation::new(TAG, "listAudit", "Who did and looked at what, newest first"), true)
        .detail("Reading it is audited too.")
        .needs("audit.read")
        .query("cursor", schema::text(1, SEALED_MAX), "Where the page starts.")
        .query("limit", limit, "Rows on the page.")
        .answers(200, "The page", page)
        .tagged()
}

fn get_story() -> Operation {
    let data = schema::object(vec![
        ("patient_id", id(PATIENT), true),
        ("patient", who(), true),
        ("groups", schema::list(schema::reference("AuditGroup"), None), true),
    ]);
    let page =
        schema::object(vec![("data", data, true), ("meta", schema::reference("Meta"), true)]);
    let words = format!(
        "By day and person, newest first; a page ends with its day, after {GROUPS} groups or \
         more. Lists and searches in which the name stood among others are not counted."
    );
    narrowed(Operation::new(TAG, "getPatientAudit", "Who looked at a patient, and why"), false)
        .detail(words)
        .needs("audit.read")
        .query("cursor", schema::text(1, SEALED_MAX), "Where the page starts.")
        .answers(200, "The story", page)
        .tagged()
}

fn get_export() -> Operation {
    let mut format = schema::words(&FORMATS);
    format["default"] = json!("csv");
    narrowed(Operation::new(TAG, "exportAudit", "The audit as a file"), true)
        .detail("A table (CSV) in which no cell is a formula, or an object a line (NDJSON).")
        .needs("audit.export")
        .query("format", format, "What the file is.")
        .answers_as(200, "The file, newest first", &["text/csv", "application/x-ndjson"])
}

fn get_custody() -> Operation {
    Operation::new(TAG, "getAuditCustody", "What is being done to the audit, and the last proof")
        .needs("audit.read")
        .answers(200, "How it is kept", schema::data(schema::reference("AuditCustody")))
}

fn post_anchor() -> Operation {
    let words = "The number and hash of the newest row, noted in `audit.anchors`. Kept outside of \
        the machine, the line shows rows cut off at the end and a chain made anew.";
    Operation::new(TAG, "noteAuditAnchor", "Note how far the audit is, for a line to print")
        .detail(words)
        .needs("audit.read")
        .answers(201, "The anchor", schema::data(schema::reference("AuditAnchor")))
}

fn started(operation: Operation) -> Operation {
    let task = schema::data(schema::reference("AuditTask"));
    operation.refuses(&[409]).answers(202, "It was begun; ask how it goes", task)
}

fn post_verify() -> Operation {
    let lines = schema::list(schema::text(1, 200), Some(PRINTED_MAX));
    let body = schema::body(vec![("anchors", lines, false)]);
    let words = "Every row, archive and anchor is compared, in small pieces that hold nobody up. \
        `GET /api/v1/audit/custody` says how it goes and what was found.";
    started(
        Operation::new(TAG, "verifyAudit", "Prove that the audit is whole")
            .detail(words)
            .needs("audit.read")
            .takes(body),
    )
}

fn post_prune() -> Operation {
    let body = schema::body(vec![
        ("before", schema::nullable(schema::text(10, 40)), false),
        ("keep_days", schema::nullable(schema::integer(0, i64::from(u32::MAX))), false),
    ]);
    started(
        Operation::new(TAG, "pruneAudit", "Move old rows into an archive")
            .detail("Nothing goes that its class keeps longer.")
            .detail("Only for the command line of the machine itself.")
            .needs("box.local")
            .takes(body),
    )
}

fn post_restore() -> Operation {
    let body = schema::body(vec![("file", schema::text(1, 4_096), true)]);
    started(
        Operation::new(TAG, "restoreAudit", "Read an archive back")
            .detail("Only for the command line of the machine itself.")
            .needs("box.local")
            .takes(body),
    )
}

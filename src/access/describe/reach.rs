//! What the API's document says of emergencies and care teams.

use serde_json::{Value as Json, json};

use crate::access::break_glass::list::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::access::break_glass::{
    BREAK_GLASS, NOTE_MAX, REASONS, REVIEW, REVIEWED_FOR, TEXT, TOPIC, VERDICTS,
};
use crate::access::care_team::CARE_TEAM_MEMBER;
use crate::access::explain::patient::SEES;
use crate::access::reach::{BREAK_GLASS_USE, PATIENT};
use crate::access::users::USER;
use crate::platform::resource::describe::{date, id};
use crate::platform::resource::seal::SEALED_MAX;
use crate::web::openapi::{Document, Operation, schema};

/// Describes them.
pub(super) fn describe(document: &mut Document) {
    document.tag(TOPIC, "Opening a record out of reach in an emergency, and its review.");
    document.codes(403, &["break_glass.own", "care_team.oneself"]);
    document.codes(403, &["care_team.emergency", "care_team.unreviewed"]);
    document.codes(403, &["access.out_of_reach"]);
    let conflicts = [
        "break_glass.not_needed",
        "break_glass.too_many",
        "break_glass.too_often",
        "break_glass.reviewed",
    ];
    document.codes(409, &conflicts);
    document.codes(409, &["care_team.member"]);
    let glass = document.schema("BreakGlass", glass());
    let here = "/api/v1/break-glass";
    document.add("get", here, list(glass.clone()));
    document.add("post", here, open(glass));
    let one = "/api/v1/break-glass/{id}";
    let end = Operation::new(TOPIC, "endBreakGlass", "End an emergency access")
        .detail(format!("One's own, or with `{REVIEW}` anybody's."));
    document.add("delete", one, end.ends(204, "It has ended"));
    document.id(one, &id(BREAK_GLASS));
    let review = "/api/v1/break-glass/{id}/review";
    document.add("post", review, post_review());
    document.id(review, &id(BREAK_GLASS));
    care_team(document);
}

fn somebody() -> Json {
    schema::object(vec![
        ("id", id(USER), true),
        ("display_name", schema::any_text(), true),
        ("role", schema::any_text(), true),
    ])
}

fn text() -> Json {
    schema::nullable(schema::any_text())
}

fn time() -> Json {
    schema::nullable(schema::time())
}

const VISITS: &str = "Visits written under it. Whoever broke the glass sees the patient by these, \
    as their departments and site do, when the verdict is justified.";

fn glass() -> Json {
    let patient = schema::object(vec![
        ("id", id(PATIENT), true),
        ("mrn", schema::any_text(), true),
        ("family", schema::any_text(), true),
        ("given", schema::list(schema::any_text(), None), true),
        ("prefix", text(), true),
        ("birth_date", schema::nullable(date()), true),
        ("sex", schema::any_text(), true),
    ]);
    let visits = schema::integer(0, i64::MAX);
    let reviewer = schema::object(vec![("id", id(USER), true), ("display_name", text(), true)]);
    schema::object(vec![
        ("id", id(BREAK_GLASS), true),
        ("user", somebody(), true),
        ("patient", patient, true),
        ("reason", schema::words(&REVIEWED_FOR), true),
        ("text", schema::any_text(), true),
        ("opened_at", schema::time(), true),
        ("expires_at", schema::time(), true),
        ("closed_at", schema::described(time(), "When it was ended before its time"), true),
        ("open", schema::boolean(), true),
        ("reviewed_at", time(), true),
        ("reviewed_by", schema::nullable(reviewer), true),
        ("verdict", schema::nullable(schema::words(&VERDICTS)), true),
        ("review_note", text(), true),
        ("visits_recorded", schema::described(visits, VISITS), true),
        ("overdue", schema::described(schema::boolean(), "Waits for more than seven days"), true),
        ("version", schema::integer(1, i64::MAX), true),
    ])
}

fn list(glass: Json) -> Operation {
    let mut limit = schema::count(1, LIMIT_MAX);
    limit["default"] = json!(LIMIT_DEFAULT);
    let count = || schema::integer(0, i64::MAX);
    let cursor = schema::object(vec![("next", text(), true), ("prev", text(), true)]);
    let meta = schema::object(vec![
        ("cursor", cursor, true),
        ("waiting", schema::described(count(), "Not reviewed yet; for reviewers"), false),
        ("overdue", schema::described(count(), "Of these more than seven days old"), false),
    ]);
    let page = schema::object(vec![
        ("data", schema::list(glass, Some(LIMIT_MAX)), true),
        ("meta", meta, true),
    ]);
    Operation::new(TOPIC, "listBreakGlass", "Who opened whose record in an emergency")
        .detail(format!("One's own; with `{REVIEW}` everybody's, and of whom."))
        .detail("Those that wait for a review (`reviewed=false`) come with the oldest first.")
        .query("cursor", schema::text(1, SEALED_MAX), "Where the page starts.")
        .query("limit", limit, "Rows on the page.")
        .query("open", schema::words(&["true"]), "Only those that are open now.")
        .query("patient_id", id(PATIENT), "Only of this patient.")
        .query("reviewed", schema::boolean(), "Only those that were reviewed, or were not.")
        .query("user_id", id(USER), "Only by this person.")
        .answers(200, "The page", page)
        .tagged()
}

fn open(glass: Json) -> Operation {
    let body = schema::body(vec![
        ("patient_id", id(PATIENT), true),
        ("reason", schema::words(&REASONS), true),
        ("text", schema::text(*TEXT.start(), *TEXT.end()), true),
    ]);
    let title = "Open a record out of reach in an emergency";
    Operation::new(TOPIC, "breakGlass", title)
        .detail(
            "For a while; the audit and the list of the reviewers say so. One that is open \
             already stays as it is.",
        )
        .needs(BREAK_GLASS_USE)
        .takes(body)
        .answers(200, "It was open already", schema::data(glass.clone()))
        .answers(201, "The record is open until `expires_at`", schema::data(glass))
        .refuses(&[404, 409])
}

fn post_review() -> Operation {
    let body = schema::body(vec![
        ("verdict", schema::words(&VERDICTS), true),
        ("note", schema::nullable(schema::text(0, NOTE_MAX)), false),
    ]);
    Operation::new(TOPIC, "reviewBreakGlass", "Say whether it was justified")
        .detail("What was not justified needs a note, and is ended if it is still open.")
        .needs(REVIEW)
        .takes(body)
        .ends(204, "It is noted")
        .refuses(&[409])
}

fn sees(document: &mut Document) {
    let sees = schema::object(vec![
        ("user_id", id(USER), true),
        ("display_name", schema::any_text(), true),
        ("sees", schema::words(&SEES), true),
        ("steps", schema::list(super::role_routes::step(), None), true),
    ]);
    let sees = document.schema("Sees", sees);
    let path = "/api/v1/patients/{id}/access";
    let get = Operation::new(
        "patients",
        "explainSight",
        "What somebody sees of a patient, and why",
    )
    .detail(
        "`name` is who the patient is; `number` the same for whoever has a number of theirs. \
             It is in the audit, and opens nothing of the record.",
    )
    .needs("audit.read")
    .query("user_id", id(USER), "Who.")
    .required()
    .answers(200, "The steps of the decision, in order", schema::data(sees));
    document.add("get", path, get);
    document.id(path, &id(PATIENT));
}

fn care_team(document: &mut Document) {
    let member = schema::object(vec![
        ("id", id(CARE_TEAM_MEMBER), true),
        ("user", somebody(), true),
        ("since_at", schema::time(), true),
        ("until_at", time(), true),
        ("added_by", text(), true),
        ("ended_at", time(), true),
        ("current", schema::boolean(), true),
    ]);
    let member = document.schema("CareTeamMember", member);
    let all = schema::object(vec![
        ("data", schema::list(member.clone(), None), true),
        ("meta", schema::object(vec![("confidential", text(), true)]), true),
    ]);
    let team = "/api/v1/patients/{id}/care-team";
    let get = Operation::new("patients", "getCareTeam", "Who looks after a patient")
        .detail("Those who do now come first.")
        .needs("patients.read")
        .answers(200, "The care team, past members among them", all)
        .tagged();
    document.add("get", team, get);
    let body = schema::body(vec![
        ("user_id", id(USER), true),
        ("until_at", schema::nullable(schema::time()), false),
    ]);
    let add = Operation::new("patients", "addToCareTeam", "Let somebody into the care team")
        .needs("patients.write")
        .takes(body)
        .answers(201, "They see the patient from now on", schema::data(member))
        .refuses(&[409]);
    document.add("post", team, add);
    document.id(team, &id(PATIENT));
    sees(document);
    let people = schema::object(vec![
        ("data", schema::list(somebody(), None), true),
        ("meta", json!({"type": "object"}), true),
    ]);
    let find = Operation::new("patients", "findColleagues", "Who could be let in, by name")
        .needs("patients.write")
        .query("q", schema::text(1, 100), "The beginning of a name.")
        .required()
        .answers(200, "Those with an account in use", people)
        .tagged();
    document.add("get", "/api/v1/care-team/people", find);
    let one = "/api/v1/care-team/{id}";
    let end = Operation::new("patients", "leaveCareTeam", "End a membership of a care team")
        .needs("patients.write");
    document.add("delete", one, end.ends(204, "It has ended"));
    document.id(one, &id(CARE_TEAM_MEMBER));
}

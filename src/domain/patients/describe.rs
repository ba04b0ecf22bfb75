//! What the API's document says of patients beyond the declaration.

use serde_json::{Value as Json, json};

use super::api::PatientsConfidential;
use super::matches::{self, SHOWN};
use super::resource::{CONFIDENTIAL, SEXES};
use super::{PATIENT, PATIENTS, browse, shelf};
use crate::access::break_glass::TEXT;
use crate::platform::resource::Related;
use crate::platform::resource::describe::{Offered, Offers, date, id};
use crate::platform::resource::query::LIMIT_MAX;
use crate::platform::search::TEXT_MAX;
use crate::web::Permission as _;
use crate::web::openapi::{Document, Operation, schema};

/// Describes patients, who may bring `related` records along.
pub fn describe(document: &mut Document, related: &'static [Related]) {
    let age = schema::nullable(schema::integer(0, 130));
    let age = schema::described(age, "Instead of birth_date; sets an estimated year of birth.");
    let words = "Searches by name, number, phone, birth date; one ranked page, without cursor and \
         filters. Each patient says in `matched` why.";
    let mut offered = Offered::new(&PATIENTS, Offers::Amend);
    offered.related = related;
    offered.creates =
        Some(vec![("age_years", age, false), ("unknown_person", unknown_person(), false)]);
    let place = "How many patients to pass over from the beginning of the list by name, to open \
         it anywhere; without cursor, sort, filters and q.";
    offered.also = vec![
        ("q", schema::text(0, TEXT_MAX), words),
        ("offset", schema::integer(0, browse::PLACE_MAX), place),
    ];
    offered.describe(document);
    let why = ["name", "identifier", "phone", "birth_date", "sounds_like", "fuzzy"];
    let why = schema::list(schema::words(&why), None);
    let reasons = schema::list(schema::any_text(), None);
    let name = "In a search: the name that matched, where it is not the one shown";
    document.extend(
        "Patient",
        vec![
            ("matched", schema::described(why, "In a search: what of the patient matched")),
            ("matched_name", schema::described(json!({"type": "object"}), name)),
            ("score", schema::described(schema::integer(0, 100), "In matches: how like")),
            ("reasons", schema::described(reasons, "In matches: why, in words")),
            ("restricted", schema::described(schema::boolean(), OUT_OF_REACH)),
        ],
    );
    document.codes(400, &["search.text"]);
    document.codes(503, &["search.unavailable"]);
    document.add("get", "/api/v1/patients/matches", get_matches());
    document.add("post", "/api/v1/patients/matches", post_matches());
    document.add("post", "/api/v1/patients/search", search());
    document.add("get", "/api/v1/patients/shelf", shelf());
    let reviewed = "/api/v1/patients/{id}/allergies-reviewed";
    document.add("post", reviewed, allergies_reviewed());
    document.id(reviewed, &id(PATIENT));
    let confidential = "/api/v1/patients/{id}/confidential";
    document.add("post", confidential, mark_confidential());
    document.id(confidential, &id(PATIENT));
}

const OUT_OF_REACH: &str = "The record is out of reach: this only says who it is";

fn mark_confidential() -> Operation {
    let word = || schema::nullable(schema::words(&CONFIDENTIAL));
    let marked = schema::object(vec![
        ("id", id(PATIENT), true),
        ("confidential", word(), true),
        ("version", schema::integer(1, i64::MAX), true),
    ]);
    let reason = schema::described(
        schema::nullable(schema::text(*TEXT.start(), *TEXT.end())),
        "Why the mark is taken away; needed then",
    );
    Operation::new("patients", "markConfidential", "Keep a record for its care team, or open it")
        .detail(
            "Null takes the mark away, for a reason in words, and is reviewed as an emergency is. \
             Nothing of the record is shown.",
        )
        .needs(PatientsConfidential::CODE)
        .takes(schema::body(vec![("confidential", word(), true), ("reason", reason, false)]))
        .answers(200, "As it stands now", schema::data(marked))
}

fn unknown_person() -> Json {
    let words = "Instead of names, for somebody who cannot say theirs: words such as Unknown male, \
         to which the next free number is added.";
    let mut text = schema::text(1, 60);
    text["pattern"] = json!("^[^0-9]*$");
    schema::described(schema::nullable(text), words)
}

fn shelf() -> Operation {
    let count = || schema::integer(0, i64::MAX);
    let letter = schema::object(vec![
        ("letter", schema::text(1, 1), true),
        ("place", schema::described(count(), "Patients before them; an `offset`"), true),
    ]);
    let letters = schema::list(letter, Some(shelf::LETTERS_MAX));
    let shelf = schema::object(vec![("total", count(), true), ("letters", letters, true)]);
    Operation::new("patients", "getShelf", "How many patients there are and where letters begin")
        .needs(PATIENTS.read)
        .answers(200, "What the list by name holds", schema::data(shelf))
        .tagged()
}

/// A page of patients, at most `most`.
fn found(most: usize) -> Json {
    schema::object(vec![
        ("data", schema::list(schema::reference("Patient"), Some(most)), true),
        ("meta", schema::reference("Meta"), true),
    ])
}

/// What may be known of somebody, and what to say of it.
fn known() -> [(&'static str, Json, &'static str); 5] {
    let typed = || schema::text(0, matches::TYPED_MAX);
    [
        ("family", typed(), "Family name."),
        ("given", typed(), "Given names."),
        ("birth_date", date(), "Birth date, whole or in part."),
        ("sex", schema::words(&SEXES), "Sex."),
        ("phone", typed(), "Phone as written."),
    ]
}

fn get_matches() -> Operation {
    let operation = Operation::new("patients", "matchPatients", "Who may be this person already")
        .detail("For the desk, before somebody is registered: each match has a score and reasons.")
        .needs(PATIENTS.read);
    known()
        .into_iter()
        .fold(operation, |operation, (name, schema, says)| operation.query(name, schema, says))
        .answers(200, "The most alike first", found(SHOWN))
        .tagged()
        .example("'/api/v1/patients/matches?family=Osei&birth_date=1963-05-10'")
}

/// Why a question is a POST.
const IN_BODY: &str = "It changes nothing. What is typed about a patient stands in the body, so \
     that no proxy logs it and no browser keeps it.";

fn post_matches() -> Operation {
    let fields = known().into_iter().map(|(name, schema, says)| {
        (name, schema::nullable(schema::described(schema, says)), false)
    });
    Operation::new("patients", "matchPatientsInBody", "Who may be this person, asked in a body")
        .detail("As GET of the same address.")
        .detail(IN_BODY)
        .needs(PATIENTS.read)
        .takes(schema::body(fields.collect()))
        .answers(200, "The most alike first", found(SHOWN))
}

fn search() -> Operation {
    let limit = schema::nullable(schema::count(1, LIMIT_MAX));
    let names = |says| schema::nullable(schema::described(schema::any_text(), says));
    let body = schema::body(vec![
        ("q", schema::text(1, TEXT_MAX), true),
        ("limit", limit, false),
        ("fields", names("Only these fields, separated by commas."), false),
        ("include", names("What to bring along, separated by commas."), false),
    ]);
    Operation::new("patients", "searchPatients", "Search patients by name, number, phone, birth")
        .detail("One ranked page, as GET /api/v1/patients with q gives it.")
        .detail(IN_BODY)
        .needs(PATIENTS.read)
        .takes(body)
        .answers(200, "The best first; each says in `matched` why", found(LIMIT_MAX))
}

fn allergies_reviewed() -> Operation {
    let title = "Say that the patient was asked and has no known allergies, or take it back";
    Operation::new("patients", "reviewAllergies", title)
        .needs("records.write")
        .if_match()
        .takes(schema::body(vec![("none_known", json!({"type": "boolean"}), true)]))
        .answers(200, "The patient", schema::data(schema::reference("Patient")))
        .header(200, "ETag")
}

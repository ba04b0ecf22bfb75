//! Register, look, amend, and what two people at once do to one record.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::client::person;
use crate::harness::Hospital;

const PATIENTS: &str = "/api/v1/patients";

fn path(patient: &Json) -> String {
    format!("{PATIENTS}/{}", patient["id"].as_str().unwrap())
}

#[test]
fn a_registered_patient_comes_back_as_sent_with_its_place_and_tag() {
    let hospital = Hospital::open();
    let mut sent = person("Sipho Élise", "Bekele-Moreau");
    sent["identifiers"] =
        json!([{"system": "urn:test:id", "value": "AB 12/34", "type_text": "Id"}]);
    sent["telecoms"] = json!([{"system": "phone", "value": "+233 24 555 0199"}]);
    sent["addresses"] = json!([{"city": "Accra", "country": "GH"}]);
    sent["contacts"] = json!([{"relationship": "mother", "name": "Yaa", "phone": "024"}]);
    let made = hospital.admin.post(PATIENTS, &sent);
    made.expect_status(201);
    let patient = made.data();
    assert_eq!(made.header("location"), path(&patient));
    assert_eq!(made.header("etag"), "\"1\"");
    assert!(patient["mrn"].as_str().unwrap().starts_with("MRN-"));
    let read = hospital.admin.get(&path(&patient));
    assert_eq!(read.data(), patient);
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(patient["names"][0]["given"], json!(["Sipho", "Élise"]));
    assert_eq!(patient["identifiers"][0]["value"], "AB 12/34");
    assert_eq!(patient["phone"], "+233 24 555 0199");
    assert_eq!(patient["birth_date"], "1963-05-10");
    insta::assert_json_snapshot!(patient, {
        ".id" => "[id]", ".facility_id" => "[id]", ".created_at" => "[time]",
        ".updated_at" => "[time]",
    });
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Bekele", "Moreau");
    for place in [path(&patient), PATIENTS.to_owned(), format!("{PATIENTS}?q=moreau")] {
        let first = hospital.admin.get(&place);
        first.expect_status(200);
        let tag = first.header("etag");
        let again = hospital.admin.get_with(&place, ("if-none-match", tag));
        again.expect_status(304);
        assert!(again.body.is_empty(), "{place}");
        assert_eq!(again.header("etag"), tag);
        let other = hospital.admin.get_with(&place, ("if-none-match", "\"other\""));
        other.expect_status(200);
    }
    let tag = hospital.admin.get(PATIENTS).header("etag").to_owned();
    hospital.admin.register("Ama", "Osei");
    hospital.admin.get_with(PATIENTS, ("if-none-match", &tag)).expect_status(200);
}

#[test]
fn two_people_cannot_overwrite_each_other() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Bekele", "Moreau");
    let place = path(&patient);
    let json = [("content-type", "application/json")];
    let blind = hospital.admin.send("PATCH", &place, &json, br#"{"sex":"male"}"#);
    blind.expect_problem(428, "web.if_match");
    let first = hospital.admin.patch(&place, 1, &json!({"sex": "male", "gender": null}));
    first.expect_status(200);
    assert_eq!(first.header("etag"), "\"2\"");
    assert_eq!(first.data()["version"], 2);
    let late = hospital.admin.patch(&place, 1, &json!({"sex": "other"}));
    late.expect_problem(412, "web.precondition");
    assert_eq!(hospital.admin.get(&place).data()["sex"], "male");
    // Not sent is kept, null is cleared, a list is replaced whole.
    let named =
        json!({"names": [{"family": "Moreau", "given": ["Bekele"]}, {"family": "Tadesse"}]});
    let now = hospital.admin.patch(&place, 2, &named).data();
    assert_eq!(now["birth_date"], "1963-05-10");
    assert_eq!(now["names"].as_array().unwrap().len(), 2);
    let cleared = hospital.admin.patch(&place, 3, &json!({"birth_date": null})).data();
    assert_eq!(cleared["birth_date"], Json::Null);
    let past = hospital.admin.get(&format!("{place}/history"));
    past.expect_status(200);
    assert_eq!(past.data().as_array().unwrap().len(), 3, "{}", past.text());
}

#[test]
fn changes_at_once_are_one_winner_and_losers_that_know() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Bekele", "Moreau");
    let place = path(&patient);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|number| {
                let (client, place) = (hospital.admin.clone(), place.clone());
                let change = json!({"gender": format!("g{number}")});
                scope.spawn(move || client.patch(&place, 1, &change).status)
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7, "{statuses:?}");
    assert_eq!(hospital.admin.get(&place).data()["version"], 2);
}

#[test]
fn twenty_clicks_with_one_key_make_one_patient() {
    let hospital = Hospital::open();
    let body = person("Bekele", "Moreau");
    let key = ("idempotency-key", "one-intended-patient");
    let answers: Vec<(u16, String, String)> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|_| {
                let (client, body) = (hospital.admin.clone(), &body);
                scope.spawn(move || {
                    let made = client.post_with(PATIENTS, &[key], body);
                    let place = made.header("location").to_owned();
                    (made.status, place, made.text())
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let distinct: BTreeSet<_> = answers.iter().collect();
    assert_eq!(distinct.len(), 1, "{distinct:?}");
    assert_eq!(answers[0].0, 201);
    assert_eq!(hospital.admin.get(PATIENTS).data().as_array().unwrap().len(), 1);
    let later = hospital.admin.post_with(PATIENTS, &[key], &body);
    assert_eq!(later.header("idempotent-replayed"), "true");
    let other = hospital.admin.post_with(PATIENTS, &[key], &person("Ama", "Osei"));
    other.expect_problem(422, "web.idempotency_key_reused");
    // The key is one person's own: somebody else's equal key is another intention.
    let nurse = hospital.sign_in_as("nurse");
    nurse.post_with(PATIENTS, &[key], &person("Ama", "Osei")).expect_status(201);
    let long = "k".repeat(101);
    let too_long = hospital.admin.post_with(PATIENTS, &[("idempotency-key", &long)], &body);
    too_long.expect_problem(400, "web.idempotency_key");
}

#[test]
fn a_refused_create_does_not_spend_its_key() {
    let hospital = Hospital::open();
    let key = ("idempotency-key", "try-and-mend");
    let mut wrong = person("Bekele", "Moreau");
    wrong["birth_date"] = json!("2963-05-10");
    hospital.admin.post_with(PATIENTS, &[key], &wrong).expect_problem(422, "record.invalid");
    hospital.admin.post_with(PATIENTS, &[key], &person("Bekele", "Moreau")).expect_status(201);
}

#[test]
fn wrong_values_are_named_and_nothing_is_half_written() {
    let hospital = Hospital::open();
    let base = || person("Bekele", "Moreau");
    let with = |name: &str, value: Json| {
        let mut body = base();
        body[name] = value;
        body
    };
    let cases = [
        ("birth_date", with("birth_date", json!("2999-01-01"))),
        ("birth_date", with("birth_date", json!("1980-02-30"))),
        ("birth_date", with("birth_date", json!(1980))),
        ("sex", with("sex", json!("f"))),
        ("names", with("names", json!([]))),
        ("names[0].family", with("names", json!([{"family": "", "given": []}]))),
        ("nmaes", with("nmaes", json!([]))),
        ("mrn", with("mrn", json!("MRN-1"))),
        ("name_key", with("name_key", json!("x"))),
        ("age_years", with("age_years", json!(40))),
        ("identifiers[0].value", with("identifiers", json!([{"system": "s"}]))),
        ("telecoms[0].system", with("telecoms", json!([{"system": "pigeon", "value": "1"}]))),
        ("facility_id", with("facility_id", json!("pat_0000000000001"))),
    ];
    for (field, body) in cases {
        let problem = hospital.admin.post(PATIENTS, &body).expect_problem(422, "record.invalid");
        let errors = problem["errors"].as_array().unwrap();
        let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert!(fields.contains(&field), "{field}: {problem}");
        assert!(errors.iter().all(|error| error["message"] != ""));
    }
    let no_such = with("facility_id", json!("fac_0000000000001"));
    let status = hospital.admin.post(PATIENTS, &no_such).status;
    assert_eq!(status, 422, "a reference to nothing");
    let nul = with("gender", json!("a\u{0}b"));
    assert!([400, 422].contains(&hospital.admin.post(PATIENTS, &nul).status), "NUL in a text");
    assert_eq!(hospital.admin.get(PATIENTS).data(), json!([]));
    assert!(hospital.admin.search("moreau").is_empty());
}

#[test]
fn an_identifier_belongs_to_one_patient() {
    let hospital = Hospital::open();
    let mut first = person("Bekele", "Moreau");
    first["identifiers"] = json!([{"system": "urn:test:id", "value": "AB-1234"}]);
    hospital.admin.register_as(&first);
    let mut second = person("Ama", "Osei");
    second["identifiers"] = json!([{"system": "urn:test:id", "value": "ab-12 34"}]);
    let problem = hospital.admin.post(PATIENTS, &second).expect_problem(409, "record.taken");
    assert_eq!(problem["errors"][0]["field"], "identifiers[0].value");
    second["identifiers"][0]["system"] = json!("urn:test:other");
    hospital.admin.register_as(&second);
}

#[test]
fn an_estimated_age_is_a_year_of_birth() {
    let hospital = Hospital::open();
    let body = json!({"names": [{"given": ["Unknown"]}], "age_years": 40, "sex": "unknown"});
    let patient = hospital.admin.register_as(&body);
    assert_eq!(patient["birth_date_estimated"], true);
    assert_eq!(patient["birth_date"].as_str().unwrap().len(), 4, "{patient}");
    assert_eq!(patient["family"], "");
}

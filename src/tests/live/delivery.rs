//! Who gets what.

use std::time::Duration;

use healthflow::access::users::USERS;
use healthflow::domain;
use healthflow::interop::import::IMPORTS;
use serde_json::json;

use super::{Screen, all_told};
use crate::client::Client;
use crate::harness::Hospital;

const QUIET: Duration = Duration::from_millis(400);

/// Records a condition of the patient; its id.
pub(super) fn diagnose(client: &Client, patient: &str) -> String {
    let body = json!({"patient_id": patient, "code_text": "Asthma"});
    let answer = client.post("/api/v1/conditions", &body);
    answer.expect_status(201);
    answer.data()["id"].as_str().unwrap().to_owned()
}

pub(super) fn register(client: &Client, family: &str) -> String {
    client.register("Ada", family)["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_screen_is_told_what_happened_to_its_patient_and_never_what_is_written_there() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let (own, other) = (register(&nurse, "Moreau"), register(&nurse, "Bekele"));
    all_told(&hospital.admin);
    let mut screen = Screen::open(&hospital.server, &nurse);
    let ui = screen.hello["hello"]["ui"].as_str().unwrap().to_owned();
    let page = nurse.get("/").text();
    assert!(!ui.is_empty() && page.contains(&format!("/ui/{ui}/")), "{ui}");
    let topic = format!("patient:{own}");
    screen.follow(&[&topic, "conditions"]);
    diagnose(&nurse, &other);
    let condition = diagnose(&nurse, &own);
    assert_eq!(screen.event().0, "conditions condition created");
    assert_eq!(screen.event(), ("conditions condition created".to_owned(), condition.clone()));
    let message = screen.next();
    assert_eq!(message["event"]["topic"], topic.as_str());
    assert_eq!(message["event"]["id"], condition.as_str());
    let names: Vec<&str> =
        message["event"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["event", "id", "kind", "seq", "topic"]);
    let phone = json!({"telecoms": [{"system": "phone", "value": "0301 234 567"}]});
    nurse.patch(&format!("/api/v1/patients/{own}"), 1, &phone).expect_status(200);
    assert_eq!(screen.event(), (format!("{topic} patient amended"), own));
    screen.send(&json!({"unsubscribe": [topic, "conditions"]}));
    screen.settle();
    diagnose(&nurse, &other);
    screen.expect_silence(QUIET);
}

#[test]
fn every_list_is_a_topic_for_those_who_may_read_it_and_for_no_one_else() {
    let hospital = Hospital::open();
    let patient = register(&hospital.admin, "Moreau");
    let all = domain::ALL.into_iter().chain([&USERS, &IMPORTS]);
    let topics: Vec<(&str, &str)> = all.map(|one| (one.path, one.read)).collect();
    for role in ["administrator", "reception", "clinician", "nurse"] {
        let client = hospital.sign_in_as(role);
        let me = client.get("/api/v1/sessions/current").data();
        let held: Vec<String> = serde_json::from_value(me["permissions"].clone()).unwrap();
        for (topic, permission) in &topics {
            let mut screen = Screen::open(&hospital.server, &client);
            screen.send(&json!({"subscribe": [format!("patient:{patient}"), topic]}));
            if held.iter().any(|own| own == permission) {
                screen.settle();
            } else {
                let problem = screen.next();
                let error = &problem["error"];
                assert_eq!(error["code"], "access.not_allowed", "{role} {topic} {problem}");
                assert!(error["detail"].as_str().unwrap().contains(permission), "{problem}");
            }
        }
    }
}

#[test]
fn reception_hears_of_no_clinical_record() {
    let hospital = Hospital::open();
    let (nurse, reception) = (hospital.sign_in_as("nurse"), hospital.sign_in_as("reception"));
    let patient = register(&reception, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&hospital.admin);
    let mut desk = Screen::open(&hospital.server, &reception);
    desk.follow(&[&topic]);
    let mut ward = Screen::open(&hospital.server, &nurse);
    ward.follow(&[&topic]);
    let before = desk.seq;
    diagnose(&nurse, &patient);
    let phone = json!({"telecoms": [{"system": "phone", "value": "0301 234 567"}]});
    nurse.patch(&format!("/api/v1/patients/{patient}"), 1, &phone).expect_status(200);
    assert_eq!(ward.event().0, format!("{topic} condition created"));
    assert_eq!(ward.event().0, format!("{topic} patient amended"));
    assert_eq!(desk.event().0, format!("{topic} patient amended"), "and not the condition");
    // Nor when it comes back.
    let mut again = Screen::open(&hospital.server, &reception);
    again.resume(&[&topic], before);
    assert_eq!(again.event().0, format!("{topic} patient amended"));
    again.expect_silence(QUIET);
}

#[test]
fn what_was_missed_comes_in_order_and_then_what_is_new() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let patient = register(&nurse, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&hospital.admin);
    let mut screen = Screen::open(&hospital.server, &nurse);
    screen.follow(&[&topic]);
    let first = diagnose(&nurse, &patient);
    assert_eq!(screen.event().1, first);
    let place = screen.seq;
    screen.cut();
    let missed: Vec<String> = (0..5).map(|_| diagnose(&nurse, &patient)).collect();
    let mut screen = Screen::open(&hospital.server, &nurse);
    screen.resume(&[&topic, "conditions"], place);
    let new = diagnose(&nurse, &patient);
    let mut told = Vec::new();
    while told.len() < 12 {
        let (what, id) = screen.event();
        if what.starts_with("patient:") {
            told.push(id.clone());
        } else {
            told.push(id);
        }
    }
    let expected: Vec<&String> = missed.iter().chain([&new]).flat_map(|id| [id, id]).collect();
    assert_eq!(told.iter().collect::<Vec<_>>(), expected, "each under both topics");
    screen.expect_silence(QUIET);
}

#[test]
fn a_place_that_is_not_kept_or_not_known_means_fetch_anew() {
    let hospital = Hospital::open();
    let mut screen = Screen::open(&hospital.server, &hospital.admin);
    screen.resume(&["patients"], screen.seq + 1_000);
    let message = screen.next();
    assert_eq!(message["resync"]["topics"], json!(["patients"]), "{message}");
    register(&hospital.admin, "Moreau");
    assert_eq!(screen.event().0, "patients patient created", "and goes on");
}

//! kill -9 in the middle of an import, and the same import twice.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::power::ask;
use crate::harness::{Hospital, PATIENCE, Scratch, Server, eventually, open_store, run, set_up};

/// Patients in the file; enough that it takes a while.
const COUNT: usize = 1_500;

/// A file of patients, each with a visit and a value that name them, one resource a line.
fn ndjson(folder: &Path) -> PathBuf {
    let mut text = String::new();
    for number in 0..COUNT {
        let patient = json!({
            "resourceType": "Patient", "id": format!("p{number}"),
            "name": [{"family": format!("Family{number}"), "given": ["Given"]}],
            "gender": "female", "birthDate": "1980-01-02",
            "identifier": [{"system": "urn:test", "value": format!("id-{number:05}")}],
        });
        let value = json!({
            "resourceType": "Observation", "id": format!("o{number}"), "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
            "subject": {"reference": format!("Patient/p{number}")},
            "effectiveDateTime": "2020-05-01T10:00:00+02:00",
            "valueQuantity": {"value": 170, "unit": "cm"},
        });
        // The value comes before whom it belongs to.
        text.push_str(&format!("{value}\n{patient}\n"));
    }
    let path = folder.join("people.ndjson");
    std::fs::write(&path, text).unwrap();
    path
}

fn import(data: &Path, file: &Path) -> Json {
    let file = file.to_str().unwrap();
    let ended = run(&["import", "--json", "--source", "elsewhere", file], data, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = ended.json()["data"].clone();
    assert_eq!(told["status"], "completed", "{told}");
    told
}

#[test]
fn an_import_that_was_killed_ends_as_if_it_had_not_been() {
    let scratch = Scratch::new();
    let file = ndjson(scratch.path());
    let server = Server::start(&scratch.data(), &[]);
    let token = set_up(&server).token().to_owned();
    let admin = server.client().with_token(&token);
    let place = "/api/v1/imports?name=people.ndjson&source=elsewhere&format=fhir";
    let bytes = std::fs::read(&file).unwrap();
    let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", "this-import")];
    let ordered = admin.send("POST", place, &headers, &bytes);
    ordered.expect_status(202);
    let here = format!("/api/v1/imports/{}", ordered.data()["id"].as_str().unwrap());
    eventually("something was taken in", || {
        !admin.get("/api/v1/patients?limit=1").data().as_array().unwrap().is_empty()
    });
    server.kill();
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    eventually("the import goes on by itself", || {
        let status = admin.get(&here).data()["status"].clone();
        assert!(["running", "interrupted", "completed"].iter().any(|it| status == *it), "{status}");
        status == "completed"
    });
    let found = admin.get("/api/v1/patients?q=id-00042").data();
    assert_eq!(found[0]["family"], "Family42", "found like everybody: {found}");
    let again = import(&scratch.data(), &file);
    assert_eq!(again["summary"]["stored"], json!({}), "{again}");
    assert_eq!(again["summary"]["unchanged"]["Patient"], COUNT, "{again}");
    server.kill();
    let store = open_store(&scratch.data());
    let patients = ask(&store, "SELECT family FROM patient");
    assert_eq!(patients.len(), COUNT, "each once");
    let whose = "SELECT patient.family FROM observation JOIN patient \
        ON patient.id = observation.patient_id";
    assert_eq!(ask(&store, whose).len(), COUNT, "each with its value");
    expect_whole(&store);
}

#[test]
fn an_interrupted_import_is_told_and_finished_before_the_next_on_the_command_line() {
    let scratch = Scratch::new();
    let file = ndjson(scratch.path());
    let server = Server::start(&scratch.data(), &[]);
    let admin = set_up(&server);
    let place = "/api/v1/imports?name=people.ndjson&source=elsewhere&format=fhir";
    let headers = [("content-type", "application/x-ndjson")];
    admin.send("POST", place, &headers, &std::fs::read(&file).unwrap()).expect_status(202);
    server.kill();
    let next = scratch.path().join("next.ndjson");
    let one = json!({"resourceType": "Patient", "id": "next", "name": [{"family": "Next"}]});
    std::fs::write(&next, one.to_string()).unwrap();
    let next = next.to_str().unwrap();
    let ended = run(&["import", "--json", next], &scratch.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["summary"]["stored"]["Patient"], 1, "{ended:?}");
    let told = ended.stderr.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let told: Vec<Json> = told.filter(|json| json["warning"].is_string()).collect();
    let [killed, earlier] = told.as_slice() else { panic!("{ended:?}") };
    let begins = |one: &Json, start: &str| one["warning"].as_str().unwrap().starts_with(start);
    assert!(begins(killed, "The last run did not end in order"), "{killed}");
    assert!(begins(earlier, "An earlier import, people.ndjson"), "{earlier}");
    let again = run(&["import", next], &scratch.data(), "");
    assert!(!again.stderr.contains("earlier import"), "{again:?}");
    let store = open_store(&scratch.data());
    assert_eq!(ask(&store, "SELECT mrn FROM patient").len(), COUNT + 1, "both are done");
}

fn expect_whole(store: &healthflow::store::Store) {
    assert_eq!(ask(store, "SELECT integrity_check FROM pragma_integrity_check"), ["ok"]);
    let verdict = store.read(PATIENCE, healthflow::platform::ledger::chain::verify).unwrap();
    assert_eq!(verdict.broken, None);
}

#[test]
fn people_go_on_registering_while_an_import_runs() {
    let hospital = Hospital::open();
    let file = ndjson(hospital.scratch.path());
    let (data, done) = (hospital.data(), std::sync::atomic::AtomicBool::new(false));
    let registered = std::thread::scope(|scope| {
        scope.spawn(|| {
            import(&data, &file);
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let mut registered = 0;
        while !done.load(std::sync::atomic::Ordering::Relaxed) && registered < COUNT {
            hospital.admin.register("Given", &format!("Walkin{registered}"));
            registered += 1;
        }
        registered
    });
    assert!(3 < registered, "{registered}");
    let (store, _scratch) = hospital.stop_and_open_store();
    assert_eq!(ask(&store, "SELECT mrn FROM patient").len(), COUNT + registered);
    expect_whole(&store);
}

//! The demo hospital: made, served, told from a real one, and never made over anything.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::harness::{Scratch, Server, eventually, program, run, set_up};

const PASSWORD: &str = "seven patient grey geese";

fn demo(data: &Path, arguments: &[&str]) -> Json {
    let all = [&["demo", "--json", "--as-of", "2026-01-15"], arguments].concat();
    let ended = run(&all, data, &format!("{PASSWORD}\n"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.json()["data"].clone()
}

/// What a failed command tells a program.
fn refused(arguments: &[&str], data: &Path) -> Json {
    let ended = run(&[arguments, &["--json"]].concat(), data, "");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let lines = ended.stderr.lines().rev();
    let mut found = lines.filter_map(|line| serde_json::from_str::<Json>(line).ok());
    found.find(|json| json["code"].is_string()).unwrap_or_else(|| panic!("{ended:?}"))
}

#[test]
fn everybody_of_the_demo_hospital_can_sign_in_and_work() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let made = demo(&data, &["--patients", "200", "--password-stdin"]);
    assert_eq!((made["patients"].as_u64(), made["seed"].as_u64()), (Some(200), Some(1)));
    assert_eq!(made["password"], Json::Null, "who gave it knows it");
    let server = Server::start(&data, &[]);
    assert_eq!(server.setup_link, None);
    let mut signed = Vec::new();
    for account in made["accounts"].as_array().unwrap() {
        let body = json!({"username": account["username"], "password": PASSWORD});
        let answer = server.client().post("/api/v1/sessions", &body);
        answer.expect_status(201);
        let session = answer.json();
        let told = &session["data"];
        assert_eq!(told["user"]["role"], account["role"]);
        assert_eq!(told["hospital"]["name"], "Demo Hospital (invented people)", "{told}");
        signed.push(server.client().with_token(session["token"].as_str().unwrap()));
    }
    assert_eq!(signed.len(), 8, "one for each role that people have");
    let [_admin, reception, _nurse, clinician, ..] = signed.as_slice() else { unreachable!() };
    let page = reception.get("/api/v1/patients?limit=200&include=identifiers").json();
    let patients = page["data"].as_array().unwrap().clone();
    assert_eq!(patients.len(), 200);
    let plain = |it: &&Json| it["family"].as_str().is_some_and(|name| 4 < name.len());
    let found = patients.iter().find(plain).unwrap();
    let ids = reception.search(found["mrn"].as_str().unwrap());
    assert_eq!(ids, [found["id"].as_str().unwrap()], "the search index is there at the start");
    let newcomer = reception.register("Ama", "Newcomer");
    assert_eq!(&newcomer["mrn"].as_str().unwrap()[..12], "MRN-00000201");
    assert!(patients.iter().all(|it| it["id"].as_str() < newcomer["id"].as_str()));
    let id = found["id"].as_str().unwrap();
    clinician.get(&format!("/api/v1/patients/{id}/timeline")).expect_status(200);
}

#[test]
fn records_read_over_http_are_accepted_again_by_the_routes_that_create_them() {
    let scratch = Scratch::new();
    let data = scratch.data();
    demo(&data, &["--patients", "60", "--history", "full", "--password-stdin"]);
    let server = Server::start(&data, &[]);
    let body = json!({"username": "demo-clinician", "password": PASSWORD});
    let token = server.client().post("/api/v1/sessions", &body).json()["token"].clone();
    let clinician = server.client().with_token(token.as_str().unwrap());
    let patients = clinician.get("/api/v1/patients?limit=60").json();
    let mut compared = 0;
    for patient in patients["data"].as_array().unwrap().iter().step_by(6) {
        let whose = patient["id"].as_str().unwrap();
        for path in ["conditions", "observations", "medication-requests", "immunizations"] {
            let list = clinician.get(&format!("/api/v1/{path}?patient_id={whose}&limit=3")).json();
            for record in list["data"].as_array().unwrap() {
                let address = format!("/api/v1/{path}/{}", record["id"].as_str().unwrap());
                let before = clinician.get(&address).data();
                let mut body = without(&before, &SERVERS);
                body.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_at"));
                let made = clinician.post(&format!("/api/v1/{path}"), &body);
                made.expect_status(201);
                assert_eq!(without(&made.data(), &SERVERS), without(&before, &SERVERS));
                compared += 1;
            }
        }
    }
    assert!(30 < compared, "{compared}");
}

/// What the server sets by itself.
const SERVERS: [&str; 5] = ["id", "version", "created_at", "updated_at", "error_reason"];

fn without(record: &Json, names: &[&str]) -> Json {
    let mut record = record.clone();
    record.as_object_mut().unwrap().retain(|name, _| !names.contains(&name.as_str()));
    record
}

#[test]
fn a_hospital_is_never_made_over_another_and_a_password_is_told_once() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let made = demo(&data, &["--patients", "5", "--history", "none"]);
    let password = made["password"].as_str().unwrap();
    assert!(16 <= password.len(), "{password}");
    let again = ["demo", "--patients", "5"];
    assert_eq!(refused(&again, &data)["code"], "demo.not_empty");
    let server = Server::start(&data, &[]);
    assert_eq!(refused(&again, &data)["code"], "demo.not_empty", "not while it serves either");
    let body = json!({"username": "demo-admin", "password": password});
    server.client().post("/api/v1/sessions", &body).expect_status(201);
    server.stop();
    let real = Scratch::new();
    let server = Server::start(&real.data(), &[]);
    let admin = set_up(&server);
    admin.register("Ama", "Mensah");
    server.stop();
    let other = Scratch::new();
    std::fs::create_dir(other.data()).unwrap();
    std::fs::write(other.data().join("letter.txt"), "Dear Ama").unwrap();
    assert_eq!(refused(&again, &other.data())["code"], "demo.not_empty");
    assert_eq!(std::fs::read_dir(other.data()).unwrap().count(), 1);
    let problem = refused(&again, &real.data());
    assert_eq!(problem["code"], "demo.not_empty");
    assert!(problem["detail"].as_str().unwrap().contains("choose an empty or a new"), "{problem}");
}

#[test]
fn what_was_typed_wrong_makes_nothing() {
    let scratch = Scratch::new();
    let data = scratch.data();
    for (arguments, code) in [
        (&["demo", "--patients", "5", "--as-of", "soon"][..], "demo.order"),
        (&["demo", "--patients", "5", "--as-of", "2999-01-01"], "demo.order"),
        (&["demo", "--patients", "5", "--password-stdin"], "record.invalid"),
    ] {
        assert_eq!(refused(arguments, &data)["code"], code, "{arguments:?}");
        assert!(!data.exists(), "{arguments:?}");
    }
    for patients in ["0", "20000001", "many"] {
        let ended = run(&["demo", "--patients", patients], &data, "");
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

#[test]
fn a_demo_that_was_killed_leaves_a_folder_that_nobody_takes_for_a_hospital() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let mut child = program(&["demo", "--json", "--patients", "200000", "--data"])
        .arg(&data)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let log = data.join("healthflow.db-wal");
    let written = || std::fs::metadata(&log).map_or(0, |file| file.len());
    eventually("the first batches are written", || 4_000_000 < written());
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = Server::try_start(&data, &[]).unwrap_err();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("was not finished. Delete the folder"), "{ended:?}");
    let again = refused(&["demo", "--patients", "5"], &data);
    assert_eq!(again["code"], "demo.not_empty");
    assert!(again["detail"].as_str().unwrap().contains("delete the folder"), "{again}");
    assert_eq!(refused(&["user", "list"], &data)["code"], "demo.unfinished");
}

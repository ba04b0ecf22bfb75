//! Every read and every change of a patient leaves a row that nobody can take away unseen.

use std::time::Duration;

use healthflow::domain::patients::PATIENT;
use healthflow::platform::ledger::chain::verify;
use healthflow::store::{Class, ReadTx, Store, StoreError, Tx, Value};
use serde_json::{Value as Json, json};

use crate::client::{Answer, Client, person};
use crate::harness::{Hospital, PASSWORD, open_store};

const DEADLINE: Duration = Duration::from_secs(10);

/// Act, outcome, actor, patient and detail of the rows of one request.
type Row = (String, String, String, Option<i64>, Option<String>);

fn rows_of(store: &Store, request: &str) -> Vec<Row> {
    let sql = "SELECT act, outcome, actor_name, patient_id, detail FROM audit \
        WHERE request_id = ?1 ORDER BY id";
    let read = |tx: &ReadTx<'_>| {
        tx.all(sql, &[request.into()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
    };
    store.read::<_, StoreError>(DEADLINE, read).unwrap()
}

fn ask(client: &Client, id: &str, method: &str, place: &str, body: &Json) -> Answer {
    let headers =
        [("content-type", "application/json"), ("x-request-id", id), ("if-match", "\"1\"")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = client.send(method, place, &headers, body.as_bytes());
    assert_eq!(answer.header("x-request-id"), id);
    answer
}

#[test]
fn every_read_and_change_of_a_patient_is_on_record_and_refusals_too() {
    let hospital = Hospital::open();
    let reception = hospital.sign_in_as("reception");
    let admin = hospital.admin.clone();
    let made = ask(&admin, "made-0001", "POST", "/api/v1/patients", &person("Ada", "Moreau"));
    let id = made.data()["id"].as_str().unwrap().to_owned();
    let one = format!("/api/v1/patients/{id}");
    let allergy = json!({"patient_id": id, "code_text": "Penicillin"});
    let all = "/api/v1/patients";
    let cases = [
        ("read-0001", "GET", one.clone(), Json::Null, "patients.read"),
        ("list-0001", "GET", all.to_owned(), Json::Null, "patients.list"),
        ("find-0001", "GET", format!("{all}?q=moreau"), Json::Null, "patients.search"),
        (
            "same-0001",
            "GET",
            format!("{all}/matches?family=Moreau"),
            Json::Null,
            "patients.matches",
        ),
        ("find-0002", "POST", format!("{all}/search"), json!({"q": "moreau"}), "patients.search"),
        (
            "same-0002",
            "POST",
            format!("{all}/matches"),
            json!({"family": "Moreau"}),
            "patients.matches",
        ),
        ("time-0001", "GET", format!("{one}/timeline"), Json::Null, "patients.timeline"),
        ("past-0001", "GET", format!("{one}/history"), Json::Null, "patients.history"),
        ("amend-001", "PATCH", one.clone(), json!({"sex": "other"}), "patients.amend"),
        ("allergy-1", "POST", "/api/v1/allergies".to_owned(), allergy, "allergies.create"),
        (
            "allergies",
            "GET",
            format!("/api/v1/allergies?patient_id={id}"),
            Json::Null,
            "allergies.list",
        ),
    ];
    for (request, method, place, body, _) in &cases {
        let answer = ask(&admin, request, method, place, body);
        assert!([200, 201].contains(&answer.status), "{place}: {}", answer.text());
    }
    ask(&reception, "refused-1", "GET", "/api/v1/allergies", &Json::Null).expect_status(403);
    ask(&admin, "invalid-1", "POST", all, &json!({"names": []})).expect_status(422);
    ask(&admin, "stale-001", "PATCH", &one, &json!({"sex": "male"})).expect_status(412);
    let wrong = json!({"username": "admin", "password": "not the password"});
    ask(&hospital.server.client(), "wrong-001", "POST", "/api/v1/sessions", &wrong)
        .expect_status(401);
    let (store, _scratch) = hospital.stop_and_open_store();
    let patient = PATIENT.parse(&id).unwrap();
    for (request, _, place, _, act) in &cases {
        let rows = rows_of(&store, request);
        assert_eq!(rows.len(), 1, "{place}: {rows:?}");
        let (did, outcome, who, whose, detail) = &rows[0];
        assert_eq!((did.as_str(), outcome.as_str()), (*act, "done"), "{place}");
        assert_eq!(who, "Ama Admin");
        let named = *whose == Some(patient) || detail.as_deref().unwrap_or("").contains(&id);
        assert!(named, "{place} names nobody: {rows:?}");
    }
    assert_eq!(rows_of(&store, "made-0001")[0].0, "patients.create");
    for request in ["refused-1", "invalid-1", "stale-001", "wrong-001"] {
        let rows = rows_of(&store, request);
        assert!(rows.iter().any(|row| row.1 == "refused"), "{request}: {rows:?}");
    }
    let secrets = store.read::<_, StoreError>(DEADLINE, |tx| {
        let sql = "SELECT count(*) FROM audit WHERE detail LIKE '%oreau%' \
            OR detail LIKE '%password%' OR actor_name LIKE '%password%'";
        tx.one(sql, &[], |row| row.get::<i64>(0))
    });
    assert_eq!(secrets.unwrap(), 0, "names stay out of the audit");
}

#[test]
fn the_chain_holds_and_a_changed_removed_or_added_row_shows() {
    let hospital = Hospital::open();
    for number in 0..20 {
        let patient = hospital.admin.register("Ada", &format!("Moreau{number}"));
        let id = patient["id"].as_str().unwrap();
        hospital.admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
    }
    hospital.sign_in_as("nurse").get("/api/v1/users").expect_status(403);
    let (store, scratch) = hospital.stop_and_open_store();
    let verdict = |store: &Store| store.read(DEADLINE, verify).unwrap();
    let whole = verdict(&store);
    assert_eq!(whole.broken, None);
    assert!(40 <= whole.rows, "{whole:?}");
    for (sql, broken) in [
        ("UPDATE audit SET actor_name = 'Nobody' WHERE id = 7", 7),
        ("UPDATE audit SET at = at + 1 WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 3", 3),
    ] {
        let change = move |tx: &Tx<'_>| tx.execute(sql, &[]);
        store.write_blocking::<_, StoreError>(Class::People, change).unwrap();
        assert_eq!(verdict(&store).broken, Some(broken), "{sql}");
    }
    store.close();
    drop(store);
    let store = open_store(&scratch.data());
    assert_eq!(verdict(&store).broken, Some(3));
}

#[test]
fn the_answer_to_a_repeated_create_is_no_second_record_in_the_audit() {
    let hospital = Hospital::open();
    let body = person("Ada", "Moreau");
    for _ in 0..3 {
        let key = ("idempotency-key", "once");
        hospital.admin.post_with("/api/v1/patients", &[key], &body).expect_status(201);
    }
    let user = json!({
        "username": "nurse.joy", "display_name": "Joy", "role": "nurse", "password": PASSWORD,
    });
    hospital.admin.post("/api/v1/users", &user).expect_status(201);
    let (store, _scratch) = hospital.stop_and_open_store();
    let count = |act: &'static str| {
        let sql = "SELECT count(*) FROM audit WHERE act = ?1 AND subject_kind <> 'refusal'";
        let read = |tx: &ReadTx<'_>| tx.one(sql, &[Value::from(act)], |row| row.get::<i64>(0));
        store.read::<_, StoreError>(DEADLINE, read).unwrap()
    };
    assert_eq!(count("patients.create"), 1);
    assert_eq!(count("users.create"), 1);
    assert_eq!(count("setup"), 3, "the facility, the administrator and their session");
}

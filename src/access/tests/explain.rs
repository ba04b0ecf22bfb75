//! Whose records somebody reaches, and why somebody may or may not do a thing.

use serde_json::{Value as Json, json};

use super::*;
use crate::access::gate::command_line;
use crate::access::standing;
use crate::access::users::{DEPARTMENT, FACILITY, USER, USERS};
use crate::access::{sessions, users};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::verbs;
use crate::vocab::actor::{Call, Reach};

const SITE: i64 = 1_001;
const WARD: i64 = 1_011;

/// Runs `sql` as the command line would.
pub(super) fn run(house: &House, sql: &'static str) {
    let job = move |work: &Work<'_>| work.tx().execute(sql, &[]).map(drop);
    let call = Call::new(command_line(), "test");
    house.desk.write_blocking::<_, StoreError>(&call, "test", job).unwrap();
}

fn hire(house: &House, name: &'static str, fields: Json) -> i64 {
    let job = move |work: &Work<'_>| {
        let mut body = json!({"username": name, "display_name": name});
        for (field, value) in fields.as_object().unwrap() {
            body[field] = value.clone();
        }
        let form = Form::read(&USERS, body.as_object().unwrap(), work.zone())?;
        let id = users::add(work, form, "no password")?;
        let token = format!("session-of-{name}");
        sessions::open(work, id, &token, i64::MAX, &sessions::Seat::default()).unwrap();
        Ok::<_, RecordError>(id)
    };
    let call = Call::new(command_line(), "test");
    house.desk.write_blocking(&call, "test", job).unwrap()
}

fn reach(house: &House, user: i64) -> Reach {
    let standing = house.desk.store().read(SECOND, |tx| standing::of(tx, user));
    standing.map_err(|cause: StoreError| cause).unwrap().unwrap().reach()
}

fn with_site() -> House {
    let house = empty();
    run(
        &house,
        "INSERT INTO facility (id, name, created_at, updated_at) VALUES \
        (1001, 'Korle', 0, 0), (1002, 'Harbour', 0, 0)",
    );
    house
}

const ADD_WARD: &str = "INSERT INTO department (id, facility_id, name, kind, created_at, \
    updated_at) VALUES (1011, 1001, 'Ward 1', 'ward', 0, 0)";

#[actix_web::test]
async fn reach_is_that_of_the_role_as_far_as_there_is_something_to_divide() {
    let house = with_site();
    let here = json!(FACILITY.show(SITE));
    let who = [
        hire(&house, "admin", json!({"role": "administrator", "facility_id": here})),
        hire(&house, "desk", json!({"role": "reception", "facility_id": here})),
        hire(&house, "all", json!({"role": "reception"})),
        hire(&house, "nurse", json!({"role": "nurse", "facility_id": here})),
        hire(&house, "float", json!({"role": "nurse"})),
    ];
    let (own, none) = (Reach::Departments(vec![WARD]), Reach::Departments(Vec::new()));
    let (all, site) = (Reach::Everybody, Reach::Facility);
    let told = |house: &House| who.map(|user| reach(house, user));
    assert_eq!(told(&house), [&all, &site, &all, &site, &all].map(Clone::clone));
    run(&house, ADD_WARD);
    assert_eq!(told(&house), [&all, &site, &all, &none, &none].map(Clone::clone));
    let ward = json!({"departments": [DEPARTMENT.show(WARD)]});
    for user in [who[3], who[4]] {
        let patch = ward.clone();
        let job = move |work: &Work<'_>| {
            verbs::amend(work, &USERS, (user, None), patch.as_object().unwrap()).map(drop)
        };
        let call = Call::new(command_line(), "test");
        house.desk.write_blocking::<_, RecordError>(&call, "test", job).unwrap();
    }
    assert_eq!(told(&house), [&all, &site, &all, &own, &own].map(Clone::clone));
    run(&house, "UPDATE department SET active = 0");
    assert_eq!(told(&house), [&all, &site, &all, &site, &all].map(Clone::clone));
}

#[actix_web::test]
async fn the_session_feels_a_change_of_departments_at_once() {
    let house = with_site();
    hire(&house, "admin", json!({"role": "administrator"}));
    hire(&house, "nurse", json!({"role": "nurse", "facility_id": FACILITY.show(SITE)}));
    let seen = |house: &House| {
        let actor = house.gate.identify("session-of-nurse", None).unwrap().unwrap();
        actor.reach().clone()
    };
    assert_eq!(seen(&house), Reach::Facility);
    assert_eq!(seen(&house), Reach::Facility, "from memory");
    // As the verbs of the room do: the row, and the touch that is told.
    let job = |work: &Work<'_>| {
        work.tx().execute(ADD_WARD, &[])?;
        let touch = crate::platform::ledger::Touch {
            kind: DEPARTMENT,
            id: WARD,
            patient: None,
            event: "created",
        };
        work.touched(touch);
        Ok::<_, StoreError>(())
    };
    let call = Call::new(command_line(), "test");
    house.desk.write_blocking(&call, "test", job).unwrap();
    assert_eq!(seen(&house), Reach::Departments(Vec::new()));
}

#[actix_web::test]
async fn every_step_of_the_decision_is_told_as_a_word_and_as_a_sentence() {
    let house = with_site();
    let here = json!(FACILITY.show(SITE));
    let admin = "session-of-admin";
    hire(&house, "admin", json!({"role": "administrator"}));
    let nurse = USER.show(hire(&house, "nurse", json!({"role": "nurse", "facility_id": here})));
    let desk = USER.show(hire(&house, "desk", json!({"role": "reception"})));
    let ask = async |token: &str, user: &str, permission: &str| {
        house.get(token, &format!("users/{user}/access?permission={permission}")).await
    };
    let codes = |reply: &Reply| -> Vec<String> {
        let steps = reply.body["data"]["steps"].as_array().unwrap().clone();
        assert!(steps.iter().all(|it| it["detail"].as_str().unwrap().ends_with('.')), "{steps:?}");
        let code = |it: &Json| {
            let mark = if it["passes"] == true { "" } else { "!" };
            format!("{mark}{}", it["code"].as_str().unwrap())
        };
        steps.iter().map(code).collect()
    };
    let told = ask(admin, &nurse, "records.read").await.expect(200);
    assert_eq!(told.body["data"]["allowed"], true);
    assert_eq!(codes(&told), ["active", "in_use", "held", "no_departments_here"]);
    let told = ask(admin, &desk, "records.read").await.expect(200);
    assert_eq!(told.body["data"]["allowed"], false);
    assert_eq!(codes(&told), ["active", "in_use", "!not_held", "no_facility"]);
    let holders = told.body["data"]["held_by"].to_string();
    assert!(holders.contains("\"Nurse\"") && !holders.contains("Reception"), "{holders}");
    run(&house, ADD_WARD);
    let told = ask(admin, &nurse, "users.write").await.expect(200);
    assert_eq!(codes(&told), ["active", "in_use", "!not_held", "!in_no_department"]);
    let all = house.get(admin, &format!("users/{nurse}/access")).await.expect(200);
    assert_eq!((&all.body["data"]["allowed"], codes(&all).len()), (&Json::Null, 3));
    let body = json!({"active": false});
    house.patch(admin, &format!("users/{desk}"), &body).await.expect(200);
    let told = ask(admin, &desk, "patients.read").await.expect(200);
    assert_eq!(told.body["data"]["allowed"], false, "who cannot sign in may nothing");
    assert_eq!(codes(&told)[0], "!disabled");
    // Oneself one may always ask about, others not.
    ask("session-of-nurse", &nurse, "records.read").await.expect(200);
    ask("session-of-nurse", &desk, "records.read").await.expect(403);
    ask("session-of-nurse", "usr_0000000000001", "records.read").await.expect(403);
    ask(admin, "usr_0000000000001", "records.read").await.expect(404);
    ask(admin, &nurse, "moon.fly").await.expect(400);
    let catalogue = house.get("session-of-nurse", "permissions").await.expect(200);
    let first = &catalogue.body["data"][0];
    assert_eq!((&first["code"], &first["area"]), (&json!("patients.read"), &json!("patients")));
    house.get("", "permissions").await.expect(401);
}

//! From the empty folder to the first administrator, in and out of the door.

use serde_json::json;

use crate::harness::{Hospital, PASSWORD, Scratch, Server, sign_in};

const CURRENT: &str = "/api/v1/sessions/current";

#[test]
fn the_setup_link_makes_one_hospital_and_is_worth_nothing_afterwards() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let nobody = server.client();
    assert_eq!(nobody.get("/api/v1/setup").data()["needed"], true);
    let body = |token: &str, password: &str| {
        json!({
            "token": token, "hospital_name": "Korle Hospital", "time_zone": "Africa/Accra",
            "username": "ama", "display_name": "Ama Admin", "password": password,
        })
    };
    let wrong = nobody.post("/api/v1/setup", &body("0000", PASSWORD));
    wrong.expect_problem(403, "access.setup_link");
    let link = server.setup_link.clone().unwrap();
    let left = std::fs::read_to_string(scratch.data().join("setup-link.txt")).unwrap();
    assert_eq!(left.trim(), link);
    let token = link.split_once('=').unwrap().1;
    let short = nobody.post("/api/v1/setup", &body(token, "short"));
    assert_eq!(short.expect_problem(422, "record.invalid")["errors"][0]["field"], "password");
    // A refused try does not spend the link.
    let done = nobody.post("/api/v1/setup", &body(token, PASSWORD));
    done.expect_status(201);
    assert_eq!(done.json()["data"]["user"]["role"], "administrator");
    assert_eq!(done.json()["data"]["hospital"]["name"], "Korle Hospital");
    assert_eq!(nobody.get("/api/v1/setup").data()["needed"], false);
    let again = nobody.post("/api/v1/setup", &body(token, PASSWORD));
    again.expect_problem(403, "access.setup_link");
    server.stop();
    let server = Server::start(&scratch.data(), &[]);
    assert_eq!(server.setup_link, None);
    assert!(!scratch.data().join("setup-link.txt").exists());
}

#[test]
fn a_wrong_password_tells_nothing_and_a_right_one_opens() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let try_with = |username: &str, password: &str| {
        nobody.post("/api/v1/sessions", &json!({"username": username, "password": password}))
    };
    let wrong = try_with("admin", "not the password").json()["detail"].clone();
    try_with("admin", "not the password").expect_problem(401, "access.wrong_credentials");
    let unknown = try_with("nobody", PASSWORD);
    assert_eq!(unknown.expect_problem(401, "access.wrong_credentials")["detail"], wrong);
    try_with("admin", &"x".repeat(5_000)).expect_problem(401, "access.wrong_credentials");
    try_with("' OR 1=1 --", PASSWORD).expect_problem(401, "access.wrong_credentials");
    try_with(" ADMIN ", PASSWORD).expect_status(201);
}

#[test]
fn the_cookie_needs_our_header_for_changes_and_programs_use_a_bearer() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let signed =
        nobody.post("/api/v1/sessions", &json!({"username": "admin", "password": PASSWORD}));
    signed.expect_status(201);
    let set = signed.header("set-cookie");
    for attribute in ["hf_session=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    let cookie = set.split(';').next().unwrap();
    let with = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let headers = [&[("cookie", cookie), ("content-type", "application/json")], headers];
        nobody.send(method, path, &headers.concat(), body)
    };
    with("GET", CURRENT, &[], b"").expect_status(200);
    let person = br#"{"names":[{"family":"Moreau"}]}"#;
    with("POST", "/api/v1/patients", &[], person).expect_problem(403, "web.csrf");
    with("DELETE", CURRENT, &[], b"").expect_problem(403, "web.csrf");
    let ui = ("x-healthflow-client", "ui");
    with("POST", "/api/v1/patients", &[ui], person).expect_status(201);
    let out = with("DELETE", CURRENT, &[ui], b"");
    out.expect_status(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    with("GET", CURRENT, &[], b"").expect_problem(401, "access.sign_in");
    // The other session of the same person is another one.
    hospital.admin.get(CURRENT).expect_status(200);
}

#[test]
fn signing_out_ends_the_session_for_ever_also_over_a_restart() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let me = nurse.get(CURRENT).data();
    assert_eq!(me["user"]["role"], "nurse");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("records.write")));
    nurse.send("DELETE", CURRENT, &[], b"").expect_status(204);
    nurse.get(CURRENT).expect_problem(401, "access.sign_in");
    let Hospital { server, admin, scratch } = hospital;
    server.kill();
    let server = Server::start(&scratch.data(), &[]);
    server.client().with_token(nurse.token()).get(CURRENT).expect_problem(401, "access.sign_in");
    // A session that was not ended outlives the power failure.
    server.client().with_token(admin.token()).get(CURRENT).expect_status(200);
}

#[test]
fn a_disabled_user_is_out_at_once_and_old_sessions_stay_dead() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let user = nurse.get(CURRENT).data()["user"].clone();
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    nurse.get("/api/v1/patients").expect_status(200);
    let version = hospital.admin.get(&path).data()["version"].as_i64().unwrap();
    hospital.admin.patch(&path, version, &json!({"active": false})).expect_status(200);
    nurse.get("/api/v1/patients").expect_problem(401, "access.sign_in");
    let username = user["username"].as_str().unwrap();
    let try_in = hospital
        .server
        .client()
        .post("/api/v1/sessions", &json!({"username": username, "password": PASSWORD}));
    try_in.expect_problem(401, "access.wrong_credentials");
    hospital.admin.patch(&path, version + 1, &json!({"active": true})).expect_status(200);
    // Whoever held the old session may be the reason for the disabling.
    nurse.get("/api/v1/patients").expect_problem(401, "access.sign_in");
    sign_in(&hospital.server, username).get("/api/v1/patients").expect_status(200);
}

#[test]
fn a_new_password_ends_the_sessions_and_a_new_role_holds_at_once() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let id = nurse.get(CURRENT).data()["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/{id}");
    let version = || hospital.admin.get(&path).data()["version"].as_i64().unwrap();
    nurse.get("/api/v1/conditions").expect_status(200);
    hospital.admin.patch(&path, version(), &json!({"role": "reception"})).expect_status(200);
    nurse.get("/api/v1/conditions").expect_problem(403, "access.not_allowed");
    let new = json!({"password": "nine loud red kites"});
    hospital.admin.post(&format!("{path}/password"), &new).expect_status(204);
    nurse.get("/api/v1/patients").expect_problem(401, "access.sign_in");
}

#[test]
fn the_last_administrator_cannot_be_shut_out() {
    let hospital = Hospital::open();
    let id = hospital.admin.get(CURRENT).data()["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/{id}");
    let version = hospital.admin.get(&path).data()["version"].as_i64().unwrap();
    for change in [json!({"active": false}), json!({"role": "nurse"})] {
        hospital.admin.patch(&path, version, &change).expect_problem(422, "record.invalid");
    }
    hospital.admin.get("/api/v1/users").expect_status(200);
}

#[test]
fn two_setups_at_once_make_one_hospital() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let token = server.setup_link.clone().unwrap().split_once('=').unwrap().1.to_owned();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|number| {
                let (client, token) = (server.client(), token.clone());
                scope.spawn(move || {
                    let body = json!({
                        "token": token, "hospital_name": "Korle", "time_zone": "UTC",
                        "username": format!("ama{number}"), "password": PASSWORD,
                    });
                    client.post("/api/v1/setup", &body).status
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let made = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(made, 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 403, 409].contains(status)), "{statuses:?}");
}

//! Tokens for programs from end to end: made on the command line, used, stolen, revoked; and
//! nowhere in what the server writes.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::harness::{Hospital, run};

fn well(arguments: &[&str], data: &Path) -> Json {
    let ended = run(&[arguments, &["--json"]].concat(), data, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.json()["data"].clone()
}

const ADD: [&str; 8] =
    ["token", "add", "admin", "Lab link", "--scope", "patients.read", "--days", "30"];

#[test]
fn the_command_line_makes_lists_and_revokes_tokens_and_a_revoked_one_is_dead_at_once() {
    let hospital = Hospital::open();
    let data = hospital.data();
    let made = well(&ADD, &data);
    let secret = made["token"].as_str().unwrap().to_owned();
    let program = hospital.server.client().with_token(&secret);
    program.get("/api/v1/patients").expect_status(200);
    program.get("/api/v1/conditions").expect_problem(403, "access.not_allowed");
    program.post("/api/v1/patients", &json!({})).expect_status(403);
    program.get("/api/v1/users").expect_status(403);
    let all = well(&["token", "list"], &data);
    assert_eq!(all[0]["name"], "Lab link");
    assert!(!all.to_string().contains(&secret[8..]), "{all}");
    let table = run(&["token", "list"], &data, "").stdout;
    assert!(table.contains("Lab link") && table.contains("active"), "{table}");
    let id = made["data"]["id"].as_str().unwrap();
    well(&["token", "revoke", id], &data);
    program.get("/api/v1/patients").expect_problem(401, "access.token_revoked");
    for (wrong, code) in [
        (&["token", "revoke", id][..], 1),
        (&["token", "revoke", "tok_nothing"], 1),
        (&["token", "add", "nobody", "x", "--scope", "patients.read"], 1),
        (&["token", "add", "admin", "x", "--scope", "everything"], 1),
        (&["token", "add", "admin", "x"], 2),
        (&["token", "add", "admin", "x", "--scope", "patients.read", "--days", "366"], 2),
    ] {
        let ended = run(wrong, &data, "");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended:?}");
    }
}

#[test]
fn a_token_is_nowhere_in_what_the_server_writes() {
    let hospital = Hospital::open_with(&["--log-level", "trace"]);
    let data = hospital.data();
    let made = well(&ADD, &data);
    let secret = made["token"].as_str().unwrap().to_owned();
    let program = hospital.server.client().with_token(&secret);
    program.get("/api/v1/patients").expect_status(200);
    program.get("/api/v1/users").expect_status(403);
    let typed = format!("{}x", &secret[..secret.len() - 1]);
    let mistyped = hospital.server.client().with_token(&typed).get("/api/v1/patients");
    mistyped.expect_problem(401, "access.token_mistyped");
    let query = format!("/api/v1/patients?token={secret}");
    hospital.server.client().get(&query).expect_status(401);
    let told = hospital.server.stderr();
    hospital.server.stop();
    let part = &secret[8..24];
    assert!(!told.contains(part), "in what it says");
    let mut looked_at = 0;
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(part.len()).any(|window| window == part.as_bytes());
            assert!(!found, "{}", entry.path().display());
            looked_at += 1;
        }
    }
    assert!(2 < looked_at, "{looked_at}");
}

#[test]
fn forged_and_replayed_secrets_get_nowhere_and_cost_little() {
    let hospital = Hospital::open();
    let (good, _) = (hospital.admin.token().to_owned(), ());
    let client = |token: &str| hospital.server.client().with_token(token);
    for forged in [
        "",
        "hft_",
        "hfs_",
        "Bearer",
        &good.to_uppercase(),
        &good[..good.len() - 1],
        &format!("{good}0"),
        &good.replace("hfs_", "hft_"),
        &"a".repeat(8_000),
        "' OR 1=1 --",
    ] {
        let answer = client(forged).get("/api/v1/patients");
        assert_eq!(answer.status, 401, "{forged}: {}", answer.text());
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let basic = hospital.server.client().get_with("/api/v1/patients", ("authorization", "Basic x"));
    basic.expect_status(401);
    client(&good).send("DELETE", "/api/v1/sessions/current", &[], b"").expect_status(204);
    client(&good).get("/api/v1/patients").expect_problem(401, "access.sign_in");
}

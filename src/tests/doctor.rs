//! What is found wrong, from outside and by the server itself, and that it is the same.

use std::collections::BTreeSet;

use healthflow::store::{Class, StoreError};
use serde_json::Value as Json;

use crate::client::Client;
use crate::harness::{Hospital, Server, run};

fn checks(told: &Json) -> Vec<Json> {
    told["checks"].as_array().unwrap().clone()
}

fn asked(client: &Client) -> Vec<Json> {
    let answer = client.get("/api/v1/system/doctor");
    answer.expect_status(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    checks(&answer.data())
}

fn typed(data: &std::path::Path) -> Vec<Json> {
    checks(&run(&["doctor", "--json"], data, "").json()["data"])
}

fn of(checks: &[Json], name: &str) -> Json {
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:?}")).clone()
}

fn names(checks: &[Json]) -> BTreeSet<String> {
    checks.iter().map(|check| check["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_server_looks_at_itself_and_the_command_line_tells_both_views() {
    let hospital = Hospital::open();
    let inside = asked(&hospital.admin);
    for name in ["database", "free space", "search index", "jobs", "clock", "administrator"] {
        assert_ne!(of(&inside, name)["state"], "fail", "{inside:?}");
    }
    assert!(of(&inside, "clock")["detail"].as_str().unwrap().contains("Africa/Accra"));
    assert_eq!(of(&inside, "administrator")["state"], "ok");
    let all = typed(&hospital.data());
    assert!(names(&inside).is_subset(&names(&all)), "{inside:?} {all:?}");
    assert_eq!(of(&all, "database"), of(&inside, "database"));
    hospital.admin.get("/api/v1/system/doctor?all=1").expect_status(400);
    let nurse = hospital.sign_in_as("nurse");
    nurse.get("/api/v1/system/doctor").expect_status(403);
}

#[test]
fn a_job_that_came_to_nothing_is_told_with_and_without_a_server() {
    let hospital = Hospital::open();
    let token = hospital.admin.token().to_owned();
    let (store, scratch) = hospital.stop_and_open_store();
    let write = store.write_blocking(Class::People, |tx| {
        tx.execute(
            "INSERT INTO job (id, version, created_at, updated_at, kind, payload, priority, state, \
             run_at, tries, tries_max, cancelling, ended_at) \
             VALUES (1, 1, 1, 1, 'audit_prune', 'null', 0, 'dead', 1, 3, 3, 0, 1)",
            &[],
        )?;
        tx.execute("UPDATE outbox SET at = at", &[])?;
        Ok::<_, StoreError>(())
    });
    write.unwrap();
    store.close();
    drop(store);
    let expect = |checks: &[Json]| {
        let jobs = of(checks, "jobs");
        assert_eq!(jobs["state"], "warn", "{jobs}");
        assert!(jobs["detail"].as_str().unwrap().contains("audit_prune"), "{jobs}");
        assert!(jobs["mend"].as_str().unwrap().contains("Jobs"), "{jobs}");
    };
    expect(&typed(&scratch.data()));
    let server = Server::start(&scratch.data(), &[]);
    expect(&asked(&server.client().with_token(&token)));
    expect(&typed(&scratch.data()));
}

#[test]
fn a_log_that_cannot_be_written_is_told() {
    let hospital = Hospital::open_with(&["--log-folder", "off"]);
    let told = of(&asked(&hospital.admin), "log files");
    assert_eq!(told["state"], "warn", "{told}");
    let file = hospital.scratch.path().join("in-the-way");
    std::fs::write(&file, "").unwrap();
    let line = ["doctor", "--json", "--log-folder", file.to_str().unwrap()];
    let ended = run(&line, &hospital.data(), "");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = of(&checks(&ended.json()["data"]), "log files");
    assert_eq!(told["state"], "fail", "{told}");
    assert!(told["mend"].as_str().unwrap().contains("--log-folder"), "{told}");
}

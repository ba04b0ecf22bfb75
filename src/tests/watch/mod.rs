//! The dashboard and the alerts over the real executable: what is measured is true and comes back
//! after a restart, what is wrong is raised once, and whoever may not look does not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::client::{Answer, Client};
use crate::harness::{Hospital, PATIENCE, Server, eventually};

fn data(client: &Client, path: &str) -> Json {
    let answer = client.get(path);
    answer.expect_status(200);
    answer.data().clone()
}

fn rule(client: &Client, code: &str) -> Json {
    let all = data(client, "/api/v1/alert-rules?limit=100");
    all.as_array().unwrap().iter().find(|rule| rule["code"] == code).unwrap().clone()
}

fn patch(client: &Client, path: &str, of: &Json, body: &Json) -> Answer {
    let tag = format!("\"{}\"", of["version"]);
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let path = format!("/api/v1/{path}/{}", of["id"].as_str().unwrap());
    client.send("PATCH", &path, &headers, body.to_string().as_bytes())
}

fn alerts(client: &Client) -> Vec<Json> {
    data(client, "/api/v1/alerts?limit=100").as_array().unwrap().clone()
}

fn count_of(client: &Client, span: &str) -> usize {
    let path = format!("/api/v1/system/samples?span={span}&series=machine_memory_percent");
    let all = data(client, &path);
    let values = all["series"][0]["mean"].as_array().unwrap();
    assert_eq!(values.len(), all["at"].as_array().unwrap().len());
    values.iter().filter(|value| value.is_number()).count()
}

#[test]
fn an_alert_is_raised_once_over_a_kill_and_a_restart_and_what_was_measured_is_still_there() {
    let hospital = Hospital::open();
    let Hospital { server, scratch, admin, .. } = hospital;
    let token = admin.token().to_owned();
    // Some memory is always taken.
    let memory = rule(&admin, "memory");
    assert_eq!((&memory["warning"], &memory["for_s"]), (&json!("85"), &json!(300)));
    let wish = json!({"warning": "0.1", "critical": null, "clear": null, "for_s": 0});
    patch(&admin, "alert-rules", &memory, &wish).expect_status(200);
    eventually("the alert is raised", || !alerts(&admin).is_empty());
    let raised = alerts(&admin)[0].clone();
    assert_eq!((&raised["level"], &raised["threshold"]), (&json!("warning"), &json!("0.1")));
    assert_eq!(raised["rule_id"], memory["id"]);
    assert!(raised["told_at"].is_string() && raised["recovered_at"].is_null(), "{raised}");
    let state = data(&admin, "/api/v1/system/watch");
    assert_eq!(state["open_alerts"], 1);
    let machine = state["systems"].as_array().unwrap().iter().find(|it| it["system"] == "machine");
    assert_eq!(machine.unwrap()["state"], "warning", "{state}");
    assert!(server.stderr().contains("An alert"), "{}", server.stderr());

    let known = format!("/api/v1/alerts/{}/acknowledge", raised["id"].as_str().unwrap());
    let answer = admin.post(&known, &json!({}));
    answer.expect_status(200);
    assert!(answer.data()["acknowledged_at"].is_string());
    assert!(answer.data()["acknowledged_name"].is_string(), "{}", answer.text());
    admin.post(&known, &json!({})).expect_problem(409, "alerts.known");

    server.kill();
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    eventually("it is measured again", || {
        data(&admin, "/api/v1/system/watch")["measured_at"].is_string()
    });
    assert_eq!(alerts(&admin).len(), 1, "it is not raised again");
    let before = count_of(&admin, "hour");
    assert!(0 < before);
    // One that stops in order writes what it has.
    server.stop();
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    assert!(before <= count_of(&admin, "hour"), "{before}");
    assert!(0 < count_of(&admin, "month"));

    patch(&admin, "alert-rules", &rule(&admin, "memory"), &json!({"enabled": false}))
        .expect_status(200);
    eventually("it is over", || alerts(&admin)[0]["recovered_at"].is_string());
    assert_eq!(alerts(&admin).len(), 1);
    let rows = data(&admin, "/api/v1/audit?limit=100");
    let acts: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["act"].as_str().unwrap()).collect();
    let count = |act: &str| acts.iter().filter(|known| **known == act).count();
    assert_eq!([count("alerts.raise"), count("alerts.recover")], [1, 1], "{acts:?}");
    assert_eq!([count("alert-rules.amend"), count("alerts.acknowledge")], [2, 2], "{acts:?}");
}

#[test]
fn rules_and_silences_are_changed_with_the_mend_of_what_is_wrong() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let slow = rule(admin, "slow");
    let told = [&slow["warning"], &slow["critical"], &slow["clear"]];
    assert_eq!(told, [&json!("500"), &json!("1000"), &json!("400")]);
    for (wrong, field) in [
        (json!({"warning": "2000"}), "critical"),
        (json!({"clear": "600"}), "clear"),
        (json!({"warning": null, "critical": null}), "warning"),
        (json!({"warning": "much"}), "warning"),
        (json!({"for_s": 90_000}), "for_s"),
        (json!({"series": "database_up"}), "series"),
    ] {
        let refused = patch(admin, "alert-rules", &slow, &wrong);
        let problem = refused.expect_problem(422, "record.invalid");
        assert_eq!(problem["errors"][0]["field"], field, "{wrong}");
    }
    let silence = |body: &Json| admin.post("/api/v1/alert-silences", body);
    let refused = silence(&json!({"minutes": 0, "reason": "an upgrade"}));
    assert_eq!(refused.expect_problem(422, "record.invalid")["errors"][0]["field"], "minutes");
    silence(&json!({"minutes": 20_000, "reason": "for ever"})).expect_status(422);
    silence(&json!({"minutes": 5})).expect_status(422);
    let made = silence(&json!({"minutes": 5, "reason": "an upgrade", "rule_id": slow["id"]}));
    made.expect_status(201);
    let made = made.data().clone();
    assert!(made["ordered_by"].is_string() && made["until_at"].is_string(), "{made}");
    assert_eq!(data(admin, "/api/v1/system/watch")["silent"], true);
    patch(admin, "alert-silences", &made, &json!({"minutes": 0})).expect_status(200);
    assert_eq!(data(admin, "/api/v1/system/watch")["silent"], false);
}

#[test]
fn a_test_goes_the_way_of_an_alert_and_says_that_it_is_one() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let slow = rule(admin, "slow");
    let path = format!("/api/v1/alert-rules/{}/test", slow["id"].as_str().unwrap());
    let told = admin.post(&path, &json!({}));
    told.expect_status(200);
    let told = told.data().clone();
    assert_eq!((&told["is_test"], &told["level"]), (&json!(true), &json!("critical")));
    assert!(told["told_at"].is_string() && told["recovered_at"].is_string(), "{told}");
    assert!(hospital.server.stderr().contains("This is a test of an alert"));
    assert_eq!(data(admin, "/api/v1/system/watch")["open_alerts"], 0);
    admin.post("/api/v1/alert-rules/rul_0000000000001/test", &json!({})).expect_status(404);
}

#[test]
fn what_is_slow_is_kept_by_its_route_and_its_text_and_never_by_what_was_asked() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    admin.register("Ada", "Zanzibarova");
    admin.get("/api/v1/patients?q=Zanzibarova").expect_status(200);
    let slow = data(admin, "/api/v1/system/slow");
    let costliest = slow["costliest"].as_array().unwrap();
    assert!(
        costliest.len() <= 50
            && costliest.iter().any(|one| {
                let text = one["statement"].as_str().unwrap();
                text.contains("patient") && 0 < one["calls"].as_u64().unwrap()
            }),
        "{slow}"
    );
    assert!(!slow.to_string().contains("Zanzibarova"));
    admin.get("/api/metrics").expect_status(200);
    admin.get("/api/v1/patients?limit=3").expect_status(200);
    let text = admin.get("/api/metrics").text();
    let named = text.lines().filter(|line| line.starts_with("database_statements_total{"));
    let named: Vec<&str> = named.collect();
    assert!((2..=51).contains(&named.len()), "{text}");
    assert!(named.iter().any(|line| line.contains("statement=\"other\"")), "{named:#?}");
    assert!(text.contains("database_statement_seconds_total{"));
    assert!(!text.contains("Zanzibarova"));
}

#[test]
fn a_request_that_took_long_is_kept_by_its_route_and_its_id_without_what_was_asked() {
    let hospital = Hospital::open();
    let mut slow = TcpStream::connect(hospital.server.address()).unwrap();
    let head = format!(
        "POST /api/v1/imports?name=Zanzibarova.ndjson&source=old HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\nx-request-id: slow-upload-1\r\ncontent-length: 4\r\n\
         connection: close\r\n\r\n{{}}",
        hospital.admin.token()
    );
    slow.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(1_300));
    slow.write_all(b"\n\n").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    let told = data(&hospital.admin, "/api/v1/system/slow");
    let kept = told["requests"].as_array().unwrap();
    let kept = kept.iter().find(|one| one["request_id"] == "slow-upload-1").unwrap();
    assert_eq!((&kept["method"], &kept["route"]), (&json!("POST"), &json!("/api/v1/imports")));
    assert!(1_200.0 < kept["took_ms"].as_f64().unwrap(), "{kept}");
    assert!(!told.to_string().contains("Zanzibarova"));
}

#[test]
fn the_log_is_read_while_the_server_runs_by_level_and_from_where_one_has_it() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    admin.register("Ada", "Zanzibarova");
    let all = data(admin, "/api/v1/system/log");
    let lines = all["lines"].as_array().unwrap();
    let says = |line: &Json| line["fields"]["message"].to_string().contains("HealthFlow serves at");
    assert!(lines.iter().any(says), "{all}");
    assert!(!all.to_string().contains("Zanzibarova"));
    let newest = all["newest"].as_u64().unwrap();
    let none = data(admin, &format!("/api/v1/system/log?after={newest}"));
    assert!(none["lines"].as_array().unwrap().is_empty(), "{none}");
    let grave = data(admin, "/api/v1/system/log?level=error");
    assert!(grave["lines"].as_array().unwrap().iter().all(|line| line["level"] == "error"));
    for wrong in ["level=loud", "after=x", "after=1&after=2", "lines=3"] {
        admin.get(&format!("/api/v1/system/log?{wrong}")).expect_status(400);
    }
}

#[test]
fn only_who_sees_how_the_server_does_is_shown_it_and_bad_questions_are_named() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    for path in ["watch", "samples", "slow", "log"] {
        let path = format!("/api/v1/system/{path}");
        nurse.get(&path).expect_status(403);
        hospital.server.client().get(&path).expect_status(401);
    }
    for path in ["alerts", "alert-rules", "alert-silences"] {
        nurse.get(&format!("/api/v1/{path}")).expect_status(403);
    }
    nurse.post("/api/v1/alert-silences", &json!({"minutes": 5, "reason": "x"})).expect_status(403);
    let admin = &hospital.admin;
    for wrong in ["span=year", "series=nothing", "series=", "span=day&span=day"] {
        admin.get(&format!("/api/v1/system/samples?{wrong}")).expect_status(400);
    }
    assert!(Duration::from_secs(30) < PATIENCE, "the first sample comes after ten seconds");
    eventually("there is a sample", || count_of(admin, "hour") != 0);
    let figures = data(admin, "/api/v1/system/watch")["figures"].clone();
    for (code, least) in
        [("process_memory_bytes", 1e6), ("database_bytes", 4_096.0), ("database_up", 1.0)]
    {
        assert!(least <= figures[code].as_f64().unwrap(), "{code}: {figures}");
    }
    assert!(figures["backup_age_hours"].is_null(), "what is not there is missing, and not zero");
}

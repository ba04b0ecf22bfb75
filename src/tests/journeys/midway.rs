//! What happens to a request in the middle of which something changes, or which never ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::json;

use crate::client::{Client, person, raw};
use crate::harness::{Hospital, PATIENCE, eventually};

/// Sends the head of a request and gives the connection, on which the server waits for more.
fn begin(hospital: &Hospital, somebody: &Client, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(hospital.server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let token = somebody.token();
    let head = format!("{head} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// The first bytes of the answer.
fn status(stream: &mut TcpStream) -> String {
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    String::from_utf8_lossy(&start).into_owned()
}

/// Changes the account of `somebody` and waits until the server knows of it.
fn change(hospital: &Hospital, somebody: &Client, fields: &serde_json::Value, seen: u16) {
    let session = somebody.get("/api/v1/sessions/current").data();
    let user = format!("/api/v1/users/{}", session["user"]["id"].as_str().unwrap());
    let version = hospital.admin.get(&user).data()["version"].as_i64().unwrap();
    hospital.admin.patch(&user, version, fields).expect_status(200);
    let probe = "/api/v1/users";
    eventually("the change is known", || somebody.get(probe).status == seen);
}

#[test]
fn a_body_that_is_finished_after_its_sender_was_disabled_demoted_or_signed_out_writes_nothing() {
    let hospital = Hospital::open();
    let body = person("Ada", "Midway").to_string();
    let (first, rest) = body.split_at(20);
    for (fields, probe, refused) in [
        (json!({"active": false}), 401, "HTTP/1.1 401"),
        (json!({"role": "nurse"}), 403, "HTTP/1.1 403"),
    ] {
        let clerk = hospital.sign_in_as("administrator");
        let mut stream = begin(&hospital, &clerk, "POST /api/v1/patients");
        let head = format!(
            "content-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        change(&hospital, &clerk, &fields, probe);
        stream.write_all(rest.as_bytes()).unwrap();
        assert_eq!(status(&mut stream), refused, "{fields}");
    }
    let clerk = hospital.sign_in_as("administrator");
    let head =
        format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{first}", body.len());
    let mut stream = begin(&hospital, &clerk, "POST /api/v1/patients");
    stream.write_all(head.as_bytes()).unwrap();
    let current = "/api/v1/sessions/current";
    clerk.send("DELETE", current, &[], b"").expect_status(204);
    eventually("the session has ended", || clerk.get(current).status == 401);
    stream.write_all(rest.as_bytes()).unwrap();
    assert_eq!(status(&mut stream), "HTTP/1.1 401", "signed out");
    assert!(hospital.admin.search("Midway").is_empty());
}

#[test]
fn an_upload_ends_when_its_sender_is_disabled() {
    let hospital = Hospital::open();
    let sender = hospital.sign_in_as("administrator");
    let mut stream = begin(&hospital, &sender, "POST /api/v1/imports?name=people.ndjson");
    stream.write_all(b"transfer-encoding: chunked\r\n\r\n3\r\n{\"r\r\n").unwrap();
    change(&hospital, &sender, &json!({"active": false}), 401);
    // Without an end of the file: it is not waited for.
    assert_eq!(status(&mut stream), "HTTP/1.1 401");
    let imports = hospital.admin.get("/api/v1/imports");
    assert_eq!(imports.data().as_array().map(Vec::len), Some(0));
}

#[test]
fn who_leaves_large_bodies_unfinished_is_sent_away_and_the_others_go_on() {
    // A largest body is then a quarter of what all together may ever hold, or more.
    let hospital = Hospital::open_with(&["--max-body-mib", "16"]);
    let clerk = hospital.sign_in_as("reception");
    let half = "x".repeat(10 << 20);
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut stream = begin(&hospital, &clerk, "POST /api/v1/patients");
        let head = format!(
            "content-type: application/json\r\ncontent-length: {}\r\n\r\n{{\"x\":\"",
            15 << 20
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The server may answer before it has taken all of it.
        let _ = stream.write_all(half.as_bytes());
        slow.push(stream);
    }
    assert_eq!(status(slow.last_mut().unwrap()), "HTTP/1.1 503");
    hospital.admin.register("Ada", "Goeson");
    drop(slow);
    eventually("there is room again", || {
        let body = format!("{{\"x\":\"{half}\"}}");
        let headers = [("content-type", "application/json")];
        clerk.send("POST", "/api/v1/patients", &headers, body.as_bytes()).status == 422
    });
}

#[test]
fn nothing_large_is_gathered_for_strangers() {
    let hospital = Hospital::open();
    for place in ["/api/v1/sessions", "/api/v1/setup", "/api/v1/patients"] {
        let head = format!(
            "POST {place} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n\
             content-length: 1000000\r\n\r\n{{\"username\":\""
        );
        let begun = Instant::now();
        let mut stream = TcpStream::connect(hospital.server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let told = status(&mut stream);
        let right = if place.ends_with("patients") { "HTTP/1.1 401" } else { "HTTP/1.1 413" };
        assert_eq!(told, right, "{place}");
        assert!(begun.elapsed().as_secs() < 20, "{place} waited for the body");
    }
    // Sent whole, before the answer is looked at: it is there all the same.
    let text = format!("{{\"username\":\"{}\"}}", "x".repeat(1 << 20));
    for _ in 0..5 {
        let headers = [("content-type", "application/json")];
        let nobody = hospital.server.client();
        let answer = nobody.send("POST", "/api/v1/sessions", &headers, text.as_bytes());
        answer.expect_problem(413, "web.body_too_large");
    }
    let chunks = format!("2001\r\n{}\r\n", "x".repeat(0x2001));
    let head = "POST /api/v1/sessions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n";
    let wait = std::time::Duration::from_secs(5);
    let (told, _) = raw(hospital.server.address(), format!("{head}{chunks}").as_bytes(), wait);
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");
}

#[test]
fn a_body_with_a_field_twice_is_refused_by_name() {
    let hospital = Hospital::open();
    let send = |body: &str| {
        let headers = [("content-type", "application/json")];
        hospital.admin.send("POST", "/api/v1/patients", &headers, body.as_bytes())
    };
    let twice = r#"{"names":[{"family":"Twice","family":"Other"}],"sex":"female"}"#;
    let problem = send(twice).expect_problem(422, "web.body");
    assert_eq!(problem["errors"][0]["field"], "names[0].family");
    let disguised =
        r#"{"names":[{"family":"A"}],"birth_date":{"$serde_json::private::Number":"3"}}"#;
    send(disguised).expect_problem(422, "web.body");
    assert!(hospital.admin.search("Twice").is_empty());
}

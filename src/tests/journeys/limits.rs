//! What is too large, too slow or not HTTP at all is cut off in words, and nothing else suffers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::client::{person, raw};
use crate::harness::{Hospital, PATIENCE, Server};

const PATIENTS: &str = "/api/v1/patients";
const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn bodies_that_are_not_what_they_should_be_are_named() {
    let hospital = Hospital::open();
    let send = |headers: &[(&str, &str)], body: &[u8]| {
        hospital.admin.send("POST", PATIENTS, headers, body)
    };
    let cases: [(&[u8], u16, &str); 9] = [
        (b"", 400, "web.json"),
        (b"{", 400, "web.json"),
        (b"{\"names\":[}", 400, "web.json"),
        (b"[]", 422, "web.body"),
        (b"null", 422, "web.body"),
        (b"\"text\"", 422, "web.body"),
        (b"{\"names\":\"\xff\xfe\"}", 400, "web.not_utf8"),
        (b"{} {}", 400, "web.json"),
        (b"\x00\x00", 400, "web.json"),
    ];
    for (body, status, code) in cases {
        send(&[JSON], body).expect_problem(status, code);
    }
    let deep = [b"{\"names\":".as_slice(), &b"[".repeat(100_000)].concat();
    send(&[JSON], &deep).expect_problem(400, "web.json");
    send(&[], b"{}").expect_problem(415, "web.content_type");
    send(&[("content-type", "text/plain")], b"{}").expect_problem(415, "web.content_type");
    let packed = [JSON, ("content-encoding", "gzip")];
    send(&packed, b"\x1f\x8b").expect_problem(415, "web.content_encoding");
    send(&[("content-type", "Application/JSON; charset=utf-8")], b"{}").expect_status(422);
}

#[test]
fn a_body_larger_than_allowed_is_refused_and_the_server_goes_on() {
    let hospital = Hospital::open_with(&["--max-body-mib", "1"]);
    let mut large = person("Ada", "Moreau");
    large["gender"] = json!("x".repeat(2 << 20));
    let text = large.to_string();
    // The server may answer and close before it has taken all of it.
    if let Ok(answer) = hospital.admin.try_send("POST", PATIENTS, &[JSON], text.as_bytes()) {
        answer.expect_problem(413, "web.body_too_large");
    }
    let head = format!(
        "POST {PATIENTS} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        hospital.admin.token()
    );
    let mut bytes = head.into_bytes();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    bytes.extend(chunk.repeat(20).bytes());
    let (answer, _) = raw(hospital.server.address(), &bytes, Duration::from_secs(5));
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    hospital.admin.register("Ada", "Moreau");
}

#[test]
fn a_million_mistakes_get_a_short_answer_and_hold_up_nobody() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Ada", "Moreau");
    let one = format!("{PATIENTS}/{}", patient["id"].as_str().unwrap());
    let fields: Vec<String> = (0..50_000).map(|number| format!("\"{number:x}\":1")).collect();
    let many = format!("{{{}}}", fields.join(","));
    let name = r#"{"family":7,"nickname":1,"other":2}"#;
    let rows = format!("{{\"names\":[{}]}}", [name; 20].join(","));
    for body in [&many, &rows] {
        for (method, place) in [("POST", PATIENTS), ("PATCH", one.as_str())] {
            let headers = [JSON, ("if-match", "\"1\"")];
            let answer = hospital.admin.send(method, place, &headers, body.as_bytes());
            let problem = answer.expect_problem(422, "record.invalid");
            let errors = problem["errors"].as_array().unwrap();
            assert!((50..=51).contains(&errors.len()), "{}", errors.len());
            assert_eq!(errors[50]["field"], "more");
            assert!(answer.body.len() < 16 << 10, "{} bytes", answer.body.len());
        }
    }
    // What is wrong in itself is told before the record is looked for, so outside of the writer.
    let nobody = format!("{PATIENTS}/{}", healthflow::domain::patients::PATIENT.show(1));
    let body = json!({"sex": 7});
    hospital.admin.patch(&nobody, 1, &body).expect_problem(422, "record.invalid");
    let query = vec!["a=1"; 65].join("&");
    hospital.admin.get(&format!("{PATIENTS}?{query}")).expect_problem(400, "web.query");
    hospital.admin.get(&format!("{one}/timeline?{query}")).expect_problem(400, "web.query");
}

#[test]
fn numbers_and_text_are_taken_as_they_were_written_or_refused() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Ada", "Moreau");
    let id = patient["id"].as_str().unwrap();
    let send = |number: &str| {
        let body = format!(
            "{{\"patient_id\":\"{id}\",\"code_text\":\"Pulse\",\"status\":\"final\",\
             \"value_decimal\":{number}}}"
        );
        hospital.admin.send("POST", "/api/v1/observations", &[JSON], body.as_bytes())
    };
    for kept in ["6.80", "1E5", "2.50e3", "1e-7", "999999999999999"] {
        let answer = send(kept);
        answer.expect_status(201);
        assert_eq!(answer.data()["value_decimal"], kept);
    }
    for wrong in ["1e400", "1e999999999999999999999", "1000000000000000", "0.1e-31"] {
        let problem = send(wrong).expect_problem(422, "record.invalid");
        assert_eq!(problem["errors"][0]["field"], "value_decimal", "{wrong}");
    }
    send(r#"{"$serde_json::private::Number":"3"}"#).expect_problem(422, "web.body");
    let name = |family: &str| hospital.admin.post(PATIENTS, &person("Ada", family));
    assert_eq!(name("Mo\u{ad}re\u{2028}au\n").data()["family"], "More au");
    for hidden in ["Mor\u{202e}eau", "Moreau\u{e0041}", "Mo\u{0}reau"] {
        let problem = name(hidden).expect_problem(422, "record.invalid");
        assert_eq!(problem["errors"][0]["field"], "names[0].family");
    }
}

#[test]
fn lines_that_are_not_http_are_refused() {
    let server = Hospital::open();
    let address = server.server.address().to_owned();
    let many = format!("GET / HTTP/1.1\r\nhost: h\r\n{}\r\n", "a: b\r\n".repeat(2_000));
    let long = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "a".repeat(1 << 20));
    let cases: [&[u8]; 8] = [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nhost: h\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\
          content-length: 6\r\n\r\nhello",
        many.as_bytes(),
        long.as_bytes(),
    ];
    for bytes in cases {
        let (answer, closed) = raw(&address, bytes, Duration::from_secs(30));
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(closed, "{start:?} keeps its connection");
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(refused, "{start:?}: {answer}");
    }
    server.server.client().get("/api/health/live").expect_status(200);
}

#[test]
fn an_upload_is_taken_whole_whatever_its_lines_say() {
    let hospital = Hospital::open();
    let lines = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n".repeat(20_000);
    let place = "/api/v1/imports?name=notes.ndjson&source=elsewhere&format=fhir";
    let headers = [("content-type", "application/octet-stream")];
    hospital.admin.send("POST", place, &headers, &lines).expect_status(202);
    let piece = format!("{:x}\r\n{}\r\n", lines.len(), String::from_utf8(lines).unwrap());
    let upload = format!(
        "POST {place} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
         content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\
         connection: close\r\n\r\n{piece}{piece}0\r\n\r\n",
        hospital.admin.token()
    );
    let (answer, closed) = raw(hospital.server.address(), upload.as_bytes(), PATIENCE);
    assert!(closed && answer.starts_with("HTTP/1.1 202"), "{answer}");
}

#[test]
fn a_client_that_dribbles_its_headers_is_cut_off_and_others_are_served() {
    let scratch = crate::harness::Scratch::new();
    let server = Server::start(&scratch.data(), &["--client-header-timeout-s", "1"]);
    let mut slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(b"GET /api/health HTTP/1.1\r\nhost: h\r\nx-slow: ").unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream
        })
        .collect();
    server.client().get("/api/health").expect_status(200);
    for stream in &mut slow {
        let mut answer = Vec::new();
        // Reset or closed: either way the server has let go of it.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[test]
fn a_client_that_dribbles_its_body_is_cut_off() {
    let hospital = Hospital::open_with(&["--request-timeout-s", "1"]);
    let head = format!(
        "POST {PATIENTS} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{\"na",
        hospital.admin.token()
    );
    let (answer, _) = raw(hospital.server.address(), head.as_bytes(), Duration::from_secs(10));
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("web.too_slow"), "{answer}");
    hospital.admin.register("Ada", "Moreau");
}

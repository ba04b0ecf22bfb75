//! What travels: compression, headers, caching, request ids.

use std::io::Read;

use serde_json::json;

use crate::client::raw;
use crate::harness::Hospital;

const SAFE_HEADERS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "SAMEORIGIN"),
];

#[test]
fn every_answer_is_protected_whatever_it_is() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    for (place, status) in [
        ("/", 200),
        ("/no/such/page", 404),
        ("/api/health", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/patients", 401),
        ("/api/v1/setup", 200),
        ("/favicon.ico", 200),
    ] {
        let answer = nobody.get(place);
        answer.expect_status(status);
        for (name, value) in SAFE_HEADERS {
            assert_eq!(answer.header(name), value, "{place} {name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{place}: {policy}");
        assert!(!policy.contains("unsafe"), "{place}: {policy}");
        assert_eq!(answer.header("server"), "", "{place} tells nobody what runs here");
    }
}

#[test]
fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let hospital = Hospital::open();
    for (method, place) in [
        ("PUT", "/api/v1/patients"),
        ("DELETE", "/api/v1/patients"),
        ("POST", "/api/health"),
        ("TRACE", "/api/v1/setup"),
        ("DELETE", "/api/v1/patients/pat_0000000000001"),
    ] {
        let answer = hospital.admin.send(method, place, &[], b"");
        answer.expect_problem(405, "web.method");
        assert!(answer.header("allow").contains("GET"), "{method} {place}");
    }
    let page = hospital.server.client().send("POST", "/", &[], b"");
    page.expect_status(405);
    for place in ["/api/health", "/api/health/live", "/api/health/ready"] {
        let head = hospital.server.client().send("HEAD", place, &[], b"");
        head.expect_status(200);
        assert!(head.body.is_empty());
    }
}

#[test]
fn long_answers_are_compressed_for_those_who_take_it() {
    let hospital = Hospital::open();
    for number in 0..20 {
        hospital.admin.register("Ada", &format!("Moreau{number}"));
    }
    let place = "/api/v1/patients?limit=200";
    let plain = hospital.admin.get(place);
    assert_eq!(plain.header("content-encoding"), "");
    let packed = hospital.admin.get_with(place, ("accept-encoding", "gzip"));
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").to_lowercase().contains("accept-encoding"));
    assert!(packed.body.len() * 3 < plain.body.len(), "{}", packed.body.len());
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    let tag = packed.header("etag");
    let again = [("accept-encoding", "gzip"), ("if-none-match", tag)];
    hospital.admin.send("GET", place, &again, b"").expect_status(304);
}

#[test]
fn an_answer_that_is_known_already_ends_with_its_head() {
    let hospital = Hospital::open();
    hospital.admin.register("Ada", "Moreau");
    let places = ["/api/v1/patients?limit=200", "/api/openapi.json"];
    for (place, coding) in places.into_iter().flat_map(|it| [(it, "identity"), (it, "gzip")]) {
        let tag = hospital.admin.get_with(place, ("accept-encoding", coding));
        let head = format!(
            "GET {place} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
             accept-encoding: {coding}\r\n",
            hospital.admin.token()
        );
        let tag = tag.header("etag");
        let both = format!(
            "{head}if-none-match: {tag}\r\n\r\nGET /api/health/live HTTP/1.1\r\nhost: h\r\n\
             connection: close\r\n\r\n"
        );
        let wait = std::time::Duration::from_secs(10);
        let (answers, closed) = raw(hospital.server.address(), both.as_bytes(), wait);
        assert!(closed && answers.starts_with("HTTP/1.1 304"), "{answers}");
        let (_, next) = answers.split_once("\r\n\r\n").unwrap();
        assert!(
            next.starts_with("HTTP/1.1 200"),
            "{place} {coding}: a body follows the 304: {next}"
        );
    }
}

#[test]
fn files_of_the_page_are_kept_for_ever_and_the_page_never() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let page = nobody.get("/");
    assert_eq!(page.header("cache-control"), "no-cache");
    let html = page.text();
    let start = html.find("/ui/").unwrap();
    let file: String = html[start..].chars().take_while(|letter| *letter != '"').collect();
    let kept = nobody.get(&file);
    kept.expect_status(200);
    assert!(kept.header("cache-control").contains("immutable"), "{file}");
    let packed = nobody.get_with(&file, ("accept-encoding", "br, gzip"));
    assert_eq!(packed.header("content-encoding"), "br");
    let old = file.replacen("/ui/", "/ui/0", 1);
    nobody.get(&old).expect_problem(404, "web.not_found");
    for escape in ["/ui/../Cargo.toml", "/ui/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd"] {
        assert_eq!(nobody.get(escape).status, 404, "{escape}");
    }
}

#[test]
fn a_request_keeps_its_id_and_strange_ids_are_replaced() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let with = |id: &str| {
        let answer = nobody.get_with("/api/v1/patients", ("x-request-id", id));
        assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(with("trace-4711.a_b"), "trace-4711.a_b");
    for strange in ["short", "with blank", "<script>alert(1)</script>", &"x".repeat(65)] {
        let id = with(strange);
        assert_ne!(id, strange);
        assert_eq!(id.len(), 16, "{id}");
    }
    assert_ne!(nobody.get("/").header("x-request-id"), nobody.get("/").header("x-request-id"));
}

#[test]
fn health_says_what_programs_rely_on_and_nothing_about_people() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let healthy = json!({"status": "healthy", "services":
        {"database": "ok", "cache": "ok", "queue": "ok", "queue_size": 0, "events": "ok",
            "audit": "ok", "search": "ok", "disk": "ok", "clock": "ok"}});
    crate::harness::eventually("the queue is empty", || {
        nobody.get("/api/health").json() == healthy
    });
    nobody.get("/api/health/live").expect_status(200);
    nobody.get("/api/health/ready").expect_status(200);
    nobody.get("/api/v1/system").expect_problem(401, "access.sign_in");
    let system = hospital.admin.get("/api/v1/system");
    system.expect_status(200);
    let system = system.data();
    assert_eq!(system["listeners"][0]["name"], "search", "{system}");
    assert_eq!(system["store"]["missing"], json!(null), "{system}");
    assert!(1 <= system["cache"]["sessions"]["entries"].as_i64().unwrap(), "{system}");
}

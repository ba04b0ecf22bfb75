//! Bytes that hide one request in another, heads beyond the bounds, addresses that leave the
//! files of the page, headers that want to be two.

use std::time::Duration;

use crate::client::raw;
use crate::harness::{Hospital, Scratch, Server};

/// What a smuggler wants to have answered as a request of its own.
const HIDDEN: &str = "GET /api/health/live HTTP/1.1\r\nhost: h\r\n\r\n";
const POST: &str =
    "POST /api/v1/sessions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n";
const GET: &str = "GET /api/health/live HTTP/1.1\r\nhost: h\r\n";
/// Long enough for an answer, short enough for many cases.
const WAIT: Duration = Duration::from_secs(20);

/// The statuses of all answers in `text`.
fn statuses(text: &str) -> Vec<&str> {
    text.match_indices("HTTP/1.1 ").map(|(at, mark)| &text[at + mark.len()..][..3]).collect()
}

#[test]
fn a_request_that_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_heard() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let empty = "0\r\n\r\n";
    let piece = |body: &str| format!("{POST}transfer-encoding: chunked\r\n\r\n{body}");
    let head = |lines: &str, body: &str| format!("{POST}{lines}\r\n\r\n{body}");
    let get = |lines: &str| format!("{GET}{lines}\r\n\r\n");
    let both = "content-length: 6\r\ntransfer-encoding: chunked";
    let cases = [
        ("both lengths", head(both, empty)),
        ("both, turned", head("transfer-encoding: chunked\r\ncontent-length: 6", empty)),
        ("two lengths", head("content-length: 0\r\ncontent-length: 44", "")),
        ("two same lengths", head("content-length: 2\r\ncontent-length: 2", "{}")),
        ("a list of lengths", head("content-length: 2, 2", "{}")),
        ("a signed length", head("content-length: +2", "{}")),
        ("a hexadecimal length", head("content-length: 0x2", "{}")),
        ("a negative length", head("content-length: -1", "{}")),
        ("no length", head("content-length: ", "{}")),
        ("a length beyond numbers", head("content-length: 99999999999999999999", "{}")),
        ("another coding", head("transfer-encoding: xchunked", empty)),
        ("identity first", head("transfer-encoding: identity, chunked", empty)),
        ("chunked first", head("transfer-encoding: chunked, identity", empty)),
        ("compressed", head("transfer-encoding: gzip, chunked", empty)),
        ("twice", head("transfer-encoding: chunked\r\ntransfer-encoding: chunked", empty)),
        ("two codings", head("transfer-encoding: chunked\r\ntransfer-encoding: identity", empty)),
        ("a blank before the colon", head("transfer-encoding : chunked", empty)),
        ("a vertical tab", head("transfer-encoding:\u{b}chunked", empty)),
        ("quoted", head("transfer-encoding: \"chunked\"", empty)),
        ("a folded line", get("x-a: b\r\n c")),
        ("a folded coding", head("transfer-encoding:\r\n chunked", empty)),
        ("a folded first header", "GET / HTTP/1.1\r\n host: h\r\n\r\n".to_owned()),
        ("bare line feeds", "GET /api/health/live HTTP/1.1\nhost: h\n\n".to_owned()),
        ("one bare line feed", get("x: a\ntransfer-encoding: chunked")),
        ("a bare end", format!("{GET}x: a\r\n\n")),
        ("a bare carriage return", get("x: a\rcontent-length: 44")),
        ("a zero", get("x: a\0b")),
        ("a control character in a name", get("x\u{1}y: a")),
        ("a header without a colon", get("xy")),
        ("a bare line feed behind a size", piece("2\n{}\r\n0\r\n\r\n")),
        ("a bare line feed in an extension", piece("2;a\nb\r\n{}\r\n0\r\n\r\n")),
        ("a size with a mark", piece("0x2\r\n{}\r\n0\r\n\r\n")),
        ("a size beyond numbers", piece("fffffffffffffffff\r\n{}\r\n0\r\n\r\n")),
        ("a negative size", piece("-2\r\n{}\r\n0\r\n\r\n")),
        ("a piece without its end", piece("2\r\n{}0\r\n\r\n")),
        ("pieces in HTTP/1.0", piece(empty).replace("HTTP/1.1", "HTTP/1.0")),
        ("two hosts", get("host: g")),
        ("no host", "GET /api/health/live HTTP/1.1\r\n\r\n".to_owned()),
        ("no version", "GET /api/health/live\r\n\r\n".to_owned()),
        ("a blank in the address", "GET /api/health /live HTTP/1.1\r\nhost: h\r\n\r\n".to_owned()),
        ("tabs", "GET\t/api/health/live\tHTTP/1.1\r\nhost: h\r\n\r\n".to_owned()),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
    ];
    for (what, bytes) in cases {
        let (answer, closed) = raw(server.address(), format!("{bytes}{HIDDEN}").as_bytes(), WAIT);
        assert_eq!(statuses(&answer), ["400"], "{what}: {answer}");
        assert!(closed, "{what} keeps its connection");
    }
    // What is allowed is understood in one way, and what follows is a request of its own.
    for (what, bytes, status) in [
        ("blanks around a length", head("content-length:\t2 ", "{}"), "422"),
        ("a tab before the coding", head("transfer-encoding:\tchunked", empty), "400"),
        ("no upgrade to HTTP/2", get("connection: upgrade\r\nupgrade: h2c"), "200"),
    ] {
        let end = format!("{}connection: close\r\n\r\n", HIDDEN.trim_end_matches("\r\n"));
        let end = end.replace("host: hconnection", "host: h\r\nconnection");
        let (answer, _) = raw(server.address(), format!("{bytes}{end}").as_bytes(), WAIT);
        assert_eq!(statuses(&answer), [status, "200"], "{what}: {answer}");
    }
    server.client().get("/api/health/live").expect_status(200);
}

#[test]
fn a_head_beyond_its_bounds_is_refused_at_once() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let long = format!("{GET}x: {}\r\n\r\n", "a".repeat(200_000));
    let many: String = (0..500).map(|number| format!("x{number}: a\r\n")).collect();
    let address = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "a".repeat(70_000));
    let cookie = format!("{GET}cookie: {}\r\n\r\n", "a=b; ".repeat(40_000));
    for bytes in [long, format!("{GET}{many}\r\n"), address, cookie] {
        let (answer, closed) = raw(server.address(), bytes.as_bytes(), WAIT);
        let told = answer.get(..12).unwrap_or_default();
        assert!(closed && ["", "HTTP/1.1 431", "HTTP/1.1 400"].contains(&told), "{answer}");
    }
    server.client().get("/api/health/live").expect_status(200);
}

#[test]
fn no_address_leaves_the_files_of_the_page() {
    let hospital = Hospital::open();
    let page = hospital.server.client().get("/").text();
    let base = page.split("/ui/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let secret = std::fs::read_to_string(hospital.data().join("server.json")).unwrap();
    for path in [
        "../../server.json",
        "..%2f..%2fserver.json",
        "%2e%2e/%2e%2e/server.json",
        "..\\..\\server.json",
        "..%5c..%5cserver.json",
        "....//....//server.json",
        "%252e%252e%252fserver.json",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "app/main.js%00.css",
        "app/./../../../server.json",
        "file:///etc/passwd",
    ] {
        for place in [format!("/ui/{base}/{path}"), format!("/{path}")] {
            let asked = format!("GET {place} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
            let (answer, _) = raw(hospital.server.address(), asked.as_bytes(), WAIT);
            assert!(["400", "404"].contains(&statuses(&answer)[0]), "{place}: {answer}");
            assert!(!answer.contains(&secret) && !answer.contains("root:"), "{place}");
        }
    }
}

#[test]
fn nothing_that_is_sent_becomes_a_header_of_the_answer() {
    let hospital = Hospital::open();
    let token = hospital.admin.token().to_owned();
    let crlf = "%0d%0aset-cookie:%20hf_session=forged%0d%0ax:%20";
    for (place, header) in [
        (format!("/api/v1/patients/{crlf}"), String::new()),
        (format!("/api/v1/patients?sort={crlf}"), String::new()),
        (format!("/sign-in?to={crlf}"), String::new()),
        ("/api/v1/setup".to_owned(), "x-request-id: abcdefgh\u{e9}ijk\r\n".to_owned()),
        ("/api/v1/setup".to_owned(), format!("x-request-id: abcdefgh{crlf}\r\n")),
        ("/".to_owned(), format!("accept-language: {crlf}\r\n")),
        ("/".to_owned(), format!("cookie: hf_language={crlf}\r\n")),
        ("/api/v1/setup".to_owned(), format!("origin: http://evil{crlf}\r\n")),
        ("/api/v1/setup".to_owned(), "host: evil\r\n".to_owned()),
    ] {
        let host = if header.starts_with("host") { "" } else { "host: h\r\n" };
        let asked = format!(
            "GET {place} HTTP/1.1\r\n{host}{header}authorization: Bearer {token}\r\n\
             connection: close\r\n\r\n"
        );
        let (answer, _) = raw(hospital.server.address(), asked.as_bytes(), WAIT);
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert_eq!(statuses(&answer).len(), 1, "{place} {header}: {answer}");
        for word in ["set-cookie", "forged", "evil", "access-control"] {
            assert!(!head.contains(word), "{place} {header}: {head}");
        }
    }
}

//! What whoever speaks plainly gets at an encrypted port.

use std::time::Duration;

use super::client::{Secure, first_of};
use crate::client::raw;
use crate::harness::{Scratch, Server};

fn told(server: &Server, request: &str) -> String {
    let (answer, closed) = raw(server.address(), request.as_bytes(), Duration::from_secs(15));
    assert!(closed, "{request}: {answer}");
    answer
}

#[test]
fn typing_the_address_without_https_leads_there_and_nothing_is_said_in_clear() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on"]);
    let host = server.address().replace("127.0.0.1", "localhost");
    for path in ["/", "/patients?x=1", "/api/health", "/api/v1/setup", "/api/openapi.json"] {
        let answer = told(&server, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
        assert!(answer.contains(&format!("location: https://{host}{path}\r\n")), "{answer}");
    }
    let stranger = told(&server, "GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n");
    assert!(stranger.contains(&format!("location: https://{}/\r\n", server.address())));
    for sent in [
        "POST /api/v1/sessions HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "\r\n\r\n",
    ] {
        let answer = told(&server, sent);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{sent}: {answer}");
        assert!(answer.contains("server.not_encrypted"), "{sent}: {answer}");
    }
    let endless = format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000));
    assert!(!told(&server, &endless).contains("200 OK"));
    server.stop();
}

#[test]
fn the_root_is_to_be_had_in_clear_and_encrypted_and_is_the_one_in_the_folder() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on"]);
    let kept = scratch.data().join("tls/root.crt");
    let client = Secure::of(&server, &scratch.data());
    let encrypted = client.get("/ca.crt", &[]);
    assert_eq!(encrypted.header("content-type"), "application/x-x509-ca-cert");
    let in_clear = told(&server, "GET /ca.crt HTTP/1.1\r\nhost: h\r\n\r\n");
    for text in [&encrypted.body, in_clear.split_once("\r\n\r\n").unwrap().1] {
        std::fs::write(scratch.path().join("got.crt"), text).unwrap();
        assert_eq!(first_of(&scratch.path().join("got.crt")), first_of(&kept));
    }
    assert!(!encrypted.body.contains("PRIVATE KEY"));
    for path in ["/ca.key", "/tls/root.key", "/ca.crt/../root.key"] {
        assert_eq!(client.get(path, &[]).status, 404, "{path}");
    }
}

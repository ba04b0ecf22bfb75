//! Which handshakes come about, and what those that do not may cost.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustls::HandshakeKind;

use super::client::{BOTH, Secure, Told, first_of, trusting};
use crate::harness::{Scratch, Server};

const ON: [&str; 2] = ["--tls", "on"];
/// How a client begins that knows nothing newer than `minor` of version 3: ciphers old and new,
/// P-256, ECDSA.
fn hello(minor: u8) -> Vec<u8> {
    let ciphers = [0, 6, 0xc0, 0x2b, 0xc0, 0x09, 0xc0, 0x13];
    let groups = [0, 10, 0, 4, 0, 2, 0, 23];
    let points = [0, 11, 0, 2, 1, 0];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3];
    let more = [&groups[..], &points, &signatures].concat();
    let count = [0, u8::try_from(more.len()).unwrap()];
    let body = [&[3, minor][..], &[7; 32], &[0], &ciphers, &[1, 0], &count, &more].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

#[test]
fn the_versions_1_2_and_1_3_are_spoken_and_older_ones_refused() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let mut client = Secure::of(&server, &scratch.data());
    for (versions, spoken) in [
        (&[&rustls::version::TLS12][..], rustls::ProtocolVersion::TLSv1_2),
        (&[&rustls::version::TLS13], rustls::ProtocolVersion::TLSv1_3),
        (BOTH, rustls::ProtocolVersion::TLSv1_3),
    ] {
        client.config = trusting(first_of(&scratch.data().join("tls/root.crt")), versions);
        let stream = client.connect().unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(spoken));
        assert_eq!(client.get("/api/health/live", &[]).status, 200);
    }
    // What follows is nothing but a fatal alert, and for the same client with 1.2 the handshake.
    for (minor, kind) in [(1, 21), (2, 21), (3, 22)] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(&hello(minor)).unwrap();
        let mut first = [0; 7];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(first[0], kind, "TLS 1.{}: {first:?}", minor - 1);
        if kind == 21 {
            assert_eq!(stream.read(&mut [0; 100]).unwrap(), 0, "and it ends");
        }
    }
    server.stop();
}

#[test]
fn only_who_trusts_the_root_and_asks_for_its_name_is_served() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let client = Secure::of(&server, &scratch.data());
    for (name, fits) in [("localhost", true), ("127.0.0.1", true), ("bank.example", false)] {
        let asked = Secure { name: name.to_owned(), ..client.clone() };
        assert_eq!(asked.connect().is_ok(), fits, "{name}");
    }
    let other = Scratch::new();
    let stranger = Server::start(&other.data(), &ON);
    let mistaken = Secure { address: stranger.address().to_owned(), ..client };
    let refused = mistaken.connect().unwrap_err().to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
}

#[test]
fn a_second_connection_goes_on_with_the_first_ones_session() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let client = Secure::of(&server, &scratch.data());
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let config = trusting(first_of(&scratch.data().join("tls/root.crt")), versions);
        let client = Secure { config, ..client.clone() };
        let kinds: Vec<_> = [(); 2]
            .map(|()| {
                let mut stream = client.connect().unwrap();
                // The ticket comes behind the handshake.
                let ask = b"GET /api/health/live HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
                stream.write_all(ask).unwrap();
                assert_eq!(Told::read(&mut stream).status, 200);
                stream.conn.handshake_kind().unwrap()
            })
            .into();
        assert_ne!(kinds[0], HandshakeKind::Resumed, "{versions:?}");
        assert_eq!(kinds[1], HandshakeKind::Resumed, "{versions:?}");
    }
}

#[test]
fn half_a_handshake_is_let_go_and_nothing_at_all_too() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let whole = hello(3);
    std::thread::scope(|scope| {
        for sent in [&[][..], &whole[..1], &whole[..20], b"GET / HTTP/1.1\r\nhost: "] {
            let address = server.address();
            scope.spawn(move || {
                let begun = Instant::now();
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                stream.write_all(sent).unwrap();
                // Closed in order or not, and without a word.
                assert!(matches!(stream.read(&mut [0; 100]), Ok(0) | Err(_)), "{sent:?}");
                let waited = begun.elapsed();
                assert!((8..20).contains(&waited.as_secs()), "{sent:?}: {waited:?}");
            });
        }
    });
}

#[test]
fn a_flood_of_handshakes_leaves_others_their_time() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let client = Secure::of(&server, &scratch.data());
    let answers_in = |while_: Duration| {
        let mut stream = client.connect().unwrap();
        let (begun, mut count) = (Instant::now(), 0);
        let mut taken = [0; 4096];
        while begun.elapsed() < while_ {
            stream.write_all(b"GET /api/health/live HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
            assert!(0 < stream.read(&mut taken).unwrap() && taken.starts_with(b"HTTP/1.1 200"));
            count += 1;
        }
        count
    };
    let while_ = Duration::from_millis(1_500);
    let (ends, handshakes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let stormy = std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let root = first_of(&scratch.data().join("tls/root.crt"));
                while !ends.load(Ordering::Relaxed) {
                    // Another one each time, so that no session goes on.
                    let config = trusting(root.clone(), BOTH);
                    let stranger = Secure { config, ..client.clone() };
                    if stranger.connect().is_ok() {
                        handshakes.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        let stormy = answers_in(while_);
        ends.store(true, Ordering::Relaxed);
        stormy
    });
    let handshakes = handshakes.into_inner();
    assert!(20 < handshakes, "there was a flood: {handshakes}");
    // Both in one time: whatever else the machine does takes from the one as from the other.
    assert!(handshakes < stormy * 20, "{stormy} answers beside {handshakes} handshakes");
}

#[test]
fn a_server_that_stops_ends_encrypted_connections_in_order() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &ON);
    let client = Secure::of(&server, &scratch.data());
    let mut idle = client.connect().unwrap();
    idle.write_all(b"GET /api/health/live HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    assert!(0 < idle.read(&mut [0; 4096]).unwrap());
    let mut half = TcpStream::connect(server.address()).unwrap();
    half.write_all(&hello(3)[..20]).unwrap();
    let silent = TcpStream::connect(server.address()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let mut rest = Vec::new();
    // With the farewell of TLS, or this is an error.
    idle.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
    drop(silent);
}

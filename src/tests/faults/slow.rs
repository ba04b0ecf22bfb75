//! Those who ask and do not read.

use std::io::Write;
use std::net::TcpStream;

use crate::harness::{Scratch, Server, eventually};

/// Connections of the server, and whatever else it has open that is a socket.
fn sockets(server: &Server) -> usize {
    let folder = format!("/proc/{}/fd", server.pid());
    let links = std::fs::read_dir(folder).unwrap().flatten();
    let links = links.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}

fn resident_kib(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn whoever_asks_and_does_not_read_holds_little_and_is_let_go() {
    const MANY: usize = 40;
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let html = server.client().get("/").text();
    let (_, hash) = html.split_once("/ui/").unwrap();
    let hash = hash.split('/').next().unwrap();
    let large = format!("/ui/{hash}/i18n/ar.json");
    server.client().get(&large).expect_status(200);
    let (before, memory) = (sockets(&server), resident_kib(&server));
    let ask = format!("GET {large} HTTP/1.1\r\nhost: h\r\n\r\n").repeat(200);
    let readers: Vec<TcpStream> = (0..MANY)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(ask.as_bytes()).unwrap();
            stream
        })
        .collect();
    eventually("all are connected", || before + MANY <= sockets(&server));
    std::thread::sleep(std::time::Duration::from_secs(3));
    let each = resident_kib(&server).saturating_sub(memory) / MANY;
    assert!(each <= 256, "{each} KiB for each of those who do not read");
    eventually("those who do not read are let go", || sockets(&server) <= before);
    drop(readers);
    server.client().get("/api/health/live").expect_status(200);
    server.stop();
}

//! Those who ask and do not read.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::harness::{PATIENCE, Scratch, Server, eventually};

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

/// The address of a file of the page, tens of kilobytes long.
fn large(server: &Server) -> String {
    let html = server.client().get("/").text();
    let (_, hash) = html.split_once("/ui/").unwrap();
    let place = format!("/ui/{}/i18n/ar.json", hash.split('/').next().unwrap());
    server.client().get(&place).expect_status(200);
    place
}

/// Sends `ask` on a connection whose own system takes little.
fn ask(server: &Server, ask: &str) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let address: std::net::SocketAddr = server.address().parse().unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.write_all(ask.as_bytes()).unwrap();
    stream
}

#[test]
fn whoever_asks_and_does_not_read_holds_little_and_is_let_go() {
    const MANY: usize = 200;
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let place = large(&server);
    let many = format!("GET {place} HTTP/1.1\r\nhost: h\r\n\r\n").repeat(16);
    let (before, memory) = (sockets(&server), resident_kib(&server));
    let readers: Vec<TcpStream> = (0..MANY).map(|_| ask(&server, &many)).collect();
    // The client that asked for the page may have closed its own.
    eventually("all are connected", || MANY + before <= sockets(&server) + 4);
    std::thread::sleep(Duration::from_secs(8));
    let each = resident_kib(&server).saturating_sub(memory) / MANY;
    assert!(each <= 256, "{each} KiB for each of those who do not read");
    eventually("those who do not read are let go", || sockets(&server) <= before);
    drop(readers);
    server.client().get("/api/health/live").expect_status(200);
    server.stop();
}

#[test]
fn whoever_asks_on_and_on_without_waiting_is_let_go_at_once() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let one = "GET /api/health HTTP/1.1\r\nhost: h\r\n\r\n";
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The server closes in the middle of it.
    let _ = stream.write_all(one.repeat(10_000).as_bytes());
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers);
    let told = String::from_utf8_lossy(&answers).matches("HTTP/1.1 200").count();
    assert!(told < 10_000, "all are answered");
    server.client().get("/api/health/live").expect_status(200);
    server.stop();
}

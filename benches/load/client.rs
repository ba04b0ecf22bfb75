//! A load client: so many keep-alive connections to 127.0.0.1, each with one request on its
//! way, for a bounded time and number of requests.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// The most requests of one measurement.
const REQUESTS_MAX: u64 = 2_000_000;
/// The longest answer.
const ANSWER_MAX: usize = 8 << 20;

/// What one measurement found.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Answers as they should be.
    pub(crate) requests: usize,
    /// Answers with any other status.
    pub(crate) refused: usize,
    pub(crate) elapsed: Duration,
    /// Microseconds, rising.
    latencies: Vec<u32>,
}

impl Measured {
    /// What came of so many `times`, each of one answer as it should be.
    pub(crate) fn new(times: &[Duration], refused: usize, elapsed: Duration) -> Self {
        let micros = |time: &Duration| u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        let mut latencies = times.iter().map(micros).collect::<Vec<_>>();
        latencies.sort_unstable();
        Self { requests: latencies.len(), refused, elapsed, latencies }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64().max(1e-6)
    }

    /// The time within which so many of a hundred answers came, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.latencies.len() * percent / 100).min(self.latencies.len().max(1) - 1);
        f64::from(self.latencies.get(at).copied().unwrap_or(0)) / 1_000.0
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(64 << 10) }
    }

    /// Sends `request` and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await;
        };
        let text = std::str::from_utf8(&self.buffer[..head]).unwrap().to_ascii_lowercase();
        let status = text.get(9..12).and_then(|code| code.parse().ok()).unwrap();
        let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.map_or(0, |number| number.trim().parse().unwrap());
        assert!(length < ANSWER_MAX, "an answer of {length} bytes");
        while self.buffer.len() < head + length {
            self.read_more().await;
        }
        Answer { status, body: self.buffer[head..head + length].to_vec() }
    }

    async fn read_more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
        assert!(0 < read, "the server closed the connection");
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// `GET path` as whoever has `token`.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// `POST path` with a JSON body.
pub(crate) fn post(path: &str, token: &str, body: &serde_json::Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends what `request` makes of each number from 0, over `connections` at once, until
/// `seconds` are over; answers with another status than `expected` are counted apart.
pub(crate) async fn load(
    port: u16,
    (connections, seconds): (usize, Duration),
    expected: u16,
    request: impl Fn(u64) -> Vec<u8> + 'static,
) -> Measured {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(port).await);
    }
    let (next, refused) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(0)));
    let times = Rc::new(RefCell::new(Vec::new()));
    let request = Rc::new(request);
    let began = Instant::now();
    let local = LocalSet::new();
    for mut connection in open {
        let (next, refused) = (Rc::clone(&next), Rc::clone(&refused));
        let (times, request) = (Rc::clone(&times), Rc::clone(&request));
        local.spawn_local(async move {
            while began.elapsed() < seconds && next.get() < REQUESTS_MAX {
                let number = next.replace(next.get() + 1);
                let bytes = request(number);
                let sent = Instant::now();
                let answer = connection.ask(&bytes).await;
                if answer.status == expected {
                    times.borrow_mut().push(sent.elapsed());
                } else {
                    refused.set(refused.get() + 1);
                }
            }
        });
    }
    local.await;
    Measured::new(&times.take(), refused.get(), began.elapsed())
}

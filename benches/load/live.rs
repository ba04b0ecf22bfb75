//! A thousand open screens beside somebody who works: what each costs, how soon the last of them
//! is told, and how much gets through to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::client::{Connection, Measured, post};
use super::hospital::Hospital;
use super::scenes::{Scene, person};
use super::table::{Ceiling, Table};

const SCREENS: usize = 1_000;
/// A session may have 32 open.
const OF_SESSION: usize = 25;
/// Changes whose way to the last screen is timed.
const CHANGES: u64 = 60;
/// Connections that register while messages are counted.
const WORKERS: usize = 8;
/// The time after which memory has settled.
const SETTLE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// What the screens have seen.
#[derive(Default)]
struct Seen {
    following: AtomicUsize,
    events: AtomicUsize,
    resyncs: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

impl Seen {
    fn events(&self) -> usize {
        self.events.load(Ordering::Relaxed)
    }
}

/// Opens the screens, measures, and closes them.
pub(crate) async fn measure(house: &Hospital, table: &mut Table, seconds: Duration) {
    if !table.wants("live") {
        return;
    }
    table.heading(&format!("The live channel: {SCREENS} screens that follow the patients"));
    let before = house.memory();
    let seen = Arc::new(Seen::default());
    let first = Screens::open(house, &seen, SCREENS / 2).await;
    // What the sign-ins left free is used up by the first ones.
    let half = house.memory();
    let second = Screens::open(house, &seen, SCREENS / 2).await;
    let each = (house.memory() - half) * 1024.0 / (SCREENS / 2) as f64;
    table.fact("live: memory of a screen", &format!("{each:.1} KiB"));
    let told = one_by_one(house, &seen).await;
    table.row("live: answer of a change to the last screen", &told, Ceiling::Unknown);
    busy(house, &seen, table, seconds).await;
    let grown = house.memory() - before;
    table.fact("live: memory of all screens after that", &format!("{grown:.0} MiB"));
    first.close();
    second.close();
}

/// The times from the answer of a registration to the last screen that hears of it.
async fn one_by_one(house: &Hospital, seen: &Seen) -> Measured {
    let mut connection = Connection::open(house.port).await;
    let (began, mut latencies) = (Instant::now(), Vec::new());
    for number in 0..CHANGES {
        let all = seen.events() + SCREENS;
        let request = post("/api/v1/patients", &house.token, &person("live", number));
        assert_eq!(connection.ask(&request).await.status, 201);
        let answered = Instant::now();
        until("all screens are told", || all <= seen.events()).await;
        let last = seen.last.lock().unwrap().unwrap();
        latencies.push(last.saturating_duration_since(answered));
    }
    Measured::new(&latencies, 0, began.elapsed())
}

/// What gets through while many work at once.
async fn busy(house: &Hospital, seen: &Seen, table: &mut Table, seconds: Duration) {
    let (events, began) = (seen.events(), Instant::now());
    let mut scene = Scene::new(house, table, seconds);
    let what = format!("live: registrations beside them, {WORKERS} connections");
    scene.register(&what, WORKERS, Ceiling::Unknown).await;
    // Screens that were told to fetch anew hear no more of that: wait for quiet, not for a number.
    let mut before = None;
    while before != Some(seen.events()) && began.elapsed() < seconds + PATIENCE {
        before = Some(seen.events());
        sleep(Duration::from_millis(500)).await;
    }
    let last = seen.last.lock().unwrap().unwrap();
    let rate = (seen.events() - events) as f64 / last.duration_since(began).as_secs_f64();
    table.fact("live: messages to screens in a second", &format!("{rate:.0}"));
    let resyncs = seen.resyncs.load(Ordering::Relaxed);
    table.fact("live: orders to fetch anew instead", &resyncs.to_string());
}

/// Open screens, on a thread of their own so that no other client delays them.
struct Screens {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Screens {
    /// Opens `count` more, and returns when they follow and memory has settled.
    async fn open(house: &Hospital, seen: &Arc<Seen>, count: usize) -> Self {
        let tokens = (0..count / OF_SESSION).map(|_| house.sign_in()).collect::<Vec<_>>();
        let all = seen.following.load(Ordering::Relaxed) + count;
        let (stop, stopped) = oneshot::channel();
        let (theirs, port) = (Arc::clone(seen), house.port);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                for token in tokens.iter().flat_map(|token| [token; OF_SESSION]) {
                    tokio::spawn(watch(follow(port, token).await, Arc::clone(&theirs)));
                    theirs.following.fetch_add(1, Ordering::Relaxed);
                }
                // Dropped is as good as sent.
                let _ = stopped.await;
            });
        });
        until("the screens follow", || all <= seen.following.load(Ordering::Relaxed)).await;
        sleep(SETTLE).await;
        Self { stop, thread }
    }

    fn close(self) {
        // It waits for nothing else.
        let _ = self.stop.send(());
        self.thread.join().unwrap();
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn follow(port: u16, token: &str) -> Socket {
    let address = format!("ws://127.0.0.1:{port}/api/v1/live");
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let wish = json!({"subscribe": ["patients"], "since": null}).to_string();
    socket.send(Message::text(wish)).await.unwrap();
    socket
}

/// Counts what the screen is told until it is closed.
async fn watch(mut socket: Socket, seen: Arc<Seen>) {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        if text.starts_with("{\"event\"") {
            *seen.last.lock().unwrap() = Some(Instant::now());
            seen.events.fetch_add(1, Ordering::Relaxed);
        } else if text.starts_with("{\"resync\"") {
            seen.resyncs.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(1)).await;
    }
}

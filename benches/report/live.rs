//! A thousand open screens beside somebody who works.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{House, row};

const SCREENS: usize = 1_000;
/// As many as one session may have open.
const OF_SESSION: usize = 25;
const ONE_BY_ONE: usize = 60;
const BUSY: Duration = Duration::from_secs(10);
/// How long the screens wait when half of them are there.
const SETTLE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

/// What the screens have seen.
#[derive(Default)]
struct Seen {
    following: AtomicUsize,
    events: AtomicUsize,
    resyncs: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

/// Adds its rows to the table.
pub(super) fn report(house: &House) {
    let before = house.memory();
    let tokens: Vec<String> = (0..SCREENS / OF_SESSION).map(|_| house.sign_in()).collect();
    let seen = Arc::new(Seen::default());
    let (screens, base) = (Arc::clone(&seen), house.base.replace("http", "ws"));
    // Ends with the process.
    thread::spawn(move || open_all(&base, &tokens, &screens));
    let follow = |count| {
        until("screens follow", || count <= seen.following.load(Ordering::Relaxed));
        // They wait in the middle.
        thread::sleep(SETTLE / 2);
        house.memory()
    };
    // What the sign-ins left free is used up by the first ones.
    let half = follow(SCREENS / 2);
    let each = (follow(SCREENS) - half) * 1024.0 / (SCREENS / 2) as f64;
    row("memory of one open screen", &format!("{each:.1} KiB"));
    let mut delays: Vec<f64> = (0..ONE_BY_ONE).map(|_| one(house, &seen)).collect();
    delays.sort_by(f64::total_cmp);
    let of = |part: usize| delays[(delays.len() * part / 100).min(delays.len() - 1)];
    let figure = format!("{:.0} ms, p95 {:.0} ms", of(50), of(95));
    row("answer of a change to the last of 1,000 screens, p50", &figure);
    busy(house, &seen);
    let grown = house.memory() - before;
    row("memory of 1,000 screens after that", &format!("{grown:.0} MiB"));
}

fn one(house: &House, seen: &Seen) -> f64 {
    let all = seen.events.load(Ordering::Relaxed) + SCREENS;
    house.creates(1, 1);
    let answered = Instant::now();
    until("all are told", || all <= seen.events.load(Ordering::Relaxed));
    let last = seen.last.lock().unwrap().unwrap();
    last.saturating_duration_since(answered).as_secs_f64() * 1e3
}

/// What gets through while many work at once.
fn busy(house: &House, seen: &Seen) {
    let (events, begun) = (seen.events.load(Ordering::Relaxed), Instant::now());
    let mut created = 0;
    while begun.elapsed() < BUSY {
        house.creates(8, 10);
        created += 80;
    }
    let worked = begun.elapsed().as_secs_f64();
    let expected = events + created * SCREENS;
    // Those that were told to fetch anew are told nothing else of that.
    let mut quiet = seen.events.load(Ordering::Relaxed);
    loop {
        thread::sleep(Duration::from_millis(500));
        let now = seen.events.load(Ordering::Relaxed);
        if expected <= now || now == quiet {
            break;
        }
        quiet = now;
    }
    let told = (seen.events.load(Ordering::Relaxed) - events) as f64;
    let took = seen.last.lock().unwrap().unwrap().duration_since(begun).as_secs_f64();
    row("changes beside 1,000 screens", &format!("{:.0}/s", created as f64 / worked));
    row("messages to screens", &format!("{:.0}/s", told / took));
    let resyncs = seen.resyncs.load(Ordering::Relaxed);
    row("orders to fetch anew instead", &resyncs.to_string());
}

fn open_all(base: &str, tokens: &[String], seen: &Arc<Seen>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut screens = Vec::new();
        for token in tokens {
            for _ in 0..OF_SESSION {
                let seen = Arc::clone(seen);
                let mut request = format!("{base}/api/v1/live").into_client_request().unwrap();
                let bearer = format!("Bearer {token}").parse().unwrap();
                request.headers_mut().insert("authorization", bearer);
                let (mut socket, _) = connect_async(request).await.unwrap();
                let wish = json!({"subscribe": ["patients"], "since": null}).to_string();
                socket.send(Message::text(wish)).await.unwrap();
                if seen.following.fetch_add(1, Ordering::Relaxed) + 1 == SCREENS / 2 {
                    tokio::time::sleep(SETTLE).await;
                }
                screens.push(tokio::spawn(async move {
                    while let Some(Ok(message)) = socket.next().await {
                        let Message::Text(text) = message else { continue };
                        if text.starts_with("{\"event\"") {
                            seen.events.fetch_add(1, Ordering::Relaxed);
                            *seen.last.lock().unwrap() = Some(Instant::now());
                        } else if text.starts_with("{\"resync\"") {
                            seen.resyncs.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }));
            }
        }
        for screen in screens {
            let _ = screen.await;
        }
    });
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

//! How reads fare while somebody guesses passwords as fast as a thousand times a second.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};

use super::client::{Connection, Measured, get, post};
use super::hospital::Hospital;
use super::table::{Ceiling, Table};

/// Readers, and how often each asks: 500 reads a second, whatever the answers take.
const READERS: usize = 16;
const READ_EVERY: Duration = Duration::from_millis(32);
/// Those who guess, and how often each tries: 1,000 tries a second.
const GUESSERS: usize = 64;
const GUESS_EVERY: Duration = Duration::from_millis(64);

/// Reads a list page at a steady pace, in peace and during the storm.
pub(crate) async fn measure(house: &Hospital, table: &mut Table, seconds: Duration) {
    let [calm, storm] =
        ["reads at 500 a second, in peace", "the same beside 1,000 wrong passwords"];
    if !table.wants(calm) && !table.wants(storm) {
        return;
    }
    table.heading("A sign-in storm");
    let (in_peace, _) = run(house, seconds, 0).await;
    table.row(calm, &in_peace, Ceiling::Unknown);
    let (beside, guesses) = run(house, seconds, GUESSERS).await;
    table.row(storm, &beside, Ceiling::Unknown);
    let rate = guesses as f64 / seconds.as_secs_f64();
    table.fact("wrong passwords answered a second", &format!("{rate:.0}"));
    let ratio = beside.percentile(99) / in_peace.percentile(99).max(1e-3);
    table.fact("p99 of reads, storm against peace", &format!("{ratio:.1} ×"));
}

/// Answers to reads, and how many guesses were refused meanwhile.
async fn run(house: &Hospital, seconds: Duration, guessers: usize) -> (Measured, usize) {
    let tasks = LocalSet::new();
    let until = Instant::now() + seconds;
    let (times, refused) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(0)));
    let guesses = Rc::new(RefCell::new(0));
    for _ in 0..READERS {
        let request = get("/api/v1/patients?limit=50", &house.token);
        let (port, times, refused) = (house.port, Rc::clone(&times), Rc::clone(&refused));
        tasks.spawn_local(async move {
            let mut connection = Connection::open(port).await;
            let mut pace = interval(READ_EVERY);
            // Late answers do not make fewer questions.
            pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
            while Instant::now() < until {
                let asked = pace.tick().await.into_std();
                match connection.ask(&request).await.status {
                    200 => times.borrow_mut().push(asked.elapsed()),
                    _ => *refused.borrow_mut() += 1,
                }
            }
        });
    }
    for guesser in 0..guessers {
        let (port, guesses) = (house.port, Rc::clone(&guesses));
        tasks.spawn_local(async move {
            let mut connection = Connection::open(port).await;
            let mut pace = interval(GUESS_EVERY);
            let mut number = 0;
            while Instant::now() < until {
                pace.tick().await;
                let name =
                    if number % 4 == 0 { "demo-clinician".into() } else { format!("n{number}") };
                let body =
                    json!({"username": name, "password": format!("guess {guesser} {number}")});
                let answer = connection.ask(&post("/api/v1/sessions", "", &body)).await;
                assert!([401, 429, 503].contains(&answer.status), "{}", answer.status);
                *guesses.borrow_mut() += 1;
                number += 1;
            }
        });
    }
    tasks.await;
    let guessed = *guesses.borrow();
    let measured = Measured::new(&times.borrow(), *refused.borrow(), seconds);
    (measured, guessed)
}

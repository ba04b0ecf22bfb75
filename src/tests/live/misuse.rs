//! Clients that send garbage, too much, or take nothing.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use healthflow::web::live::line::QUEUE_MAX;
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::Message;

use super::delivery::{diagnose, register};
use super::{Screen, all_told};
use crate::harness::{Hospital, PATIENCE, eventually};

const MISBEHAVED: u16 = 1008;
const TOO_SLOW: u16 = 4408;

fn code(message: &Json) -> &str {
    message["error"]["code"].as_str().unwrap_or_default()
}

#[test]
fn a_bad_message_is_explained_and_the_fourth_ends_the_connection() {
    let hospital = Hospital::open();
    let mut screen = Screen::open(&hospital.server, &hospital.admin);
    screen.send_text("{\"subscribe\":");
    let problem = screen.next();
    assert_eq!(code(&problem), "live.message");
    assert_eq!(
        (&problem["error"]["status"], &problem["error"]["type"]),
        (&json!(400), &json!("/problems/live.message"))
    );
    screen.send(&json!({"subscribe": ["wards", "patient:con_1"]}));
    assert_eq!(code(&screen.next()), "live.topic");
    screen.socket().send(Message::binary(vec![0, 159, 146, 150])).unwrap();
    assert_eq!(code(&screen.next()), "live.message");
    screen.follow(&["patients"]);
    register(&hospital.admin, "Moreau");
    assert_eq!(screen.event().0, "patients patient created", "it goes on");
    let many: Vec<String> = (0..65).map(|n| format!("patient:{}", id(n))).collect();
    screen.send(&json!({"subscribe": many}));
    assert_eq!(code(&screen.next()), "live.topics");
    assert_eq!(screen.expect_close(), MISBEHAVED);
}

fn id(number: i64) -> String {
    healthflow::domain::patients::PATIENT.show(number + 1)
}

#[test]
fn garbage_on_the_wire_and_messages_without_end_are_cut_off() {
    let hospital = Hospital::open();
    let frames: [&[u8]; 3] = [
        // No mask, which a client must use.
        b"\x81\x05hello",
        // A frame that says it is 4 GiB long.
        b"\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00\x01\x02\x03\x04",
        &[0xff; 64],
    ];
    for frame in frames {
        let mut screen = Screen::open(&hospital.server, &hospital.admin);
        screen.socket().get_mut().write_all(frame).unwrap();
        let begun = Instant::now();
        // Bytes of the message without end, until the server has had enough.
        while screen.socket().get_mut().write_all(&[0; 1024]).is_ok()
            && begun.elapsed() < Duration::from_millis(300)
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        eventually("the connection ends", || screen.socket().read().is_err());
    }
    let mut screen = Screen::open(&hospital.server, &hospital.admin);
    screen.send_text(&"x".repeat(9 * 1024));
    assert_eq!(screen.expect_close(), MISBEHAVED);
    expect_well(&hospital);
}

#[test]
fn who_sends_without_pause_is_ended() {
    let hospital = Hospital::open();
    let mut screen = Screen::open(&hospital.server, &hospital.admin);
    for _ in 0..200 {
        let message = json!({"unsubscribe": ["patients"]}).to_string();
        if screen.socket().send(Message::text(message)).is_err() {
            break;
        }
    }
    assert_eq!(code(&screen.next()), "live.rate");
    assert_eq!(screen.expect_close(), MISBEHAVED);
    expect_well(&hospital);
}

/// A screen that takes nothing is dropped, and nobody else notices.
#[test]
fn a_screen_that_takes_nothing_is_ended_while_others_get_everything() {
    let hospital = Hospital::open();
    let patient = register(&hospital.admin, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&hospital.admin);
    let mut slow = Screen::open(&hospital.server, &hospital.admin);
    slow.follow(&[&topic]);
    let mut good = Screen::open(&hospital.server, &hospital.admin);
    good.follow(&[&topic]);
    let connected = || hospital.admin.get("/api/v1/system").data()["live"]["connections"].clone();
    assert_eq!(connected(), 2);
    let stop = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    diagnose(&hospital.admin, &patient);
                }
            });
        }
        // The slow one takes nothing, the good one everything.
        let begun = Instant::now();
        let mut told = 0;
        while told % 50 != 0 || told == 0 || connected() == 2 {
            let message = good.next();
            assert!(message["event"].is_object() || message["resync"].is_object(), "{message}");
            told += 1;
            assert!(begun.elapsed() < PATIENCE, "the slow one stays: {told}");
        }
        stop.store(true, Ordering::Relaxed);
        told
    });
    assert!(QUEUE_MAX < told, "{told}");
    // What was sent before is in the system's buffers; then comes the end.
    assert_eq!(slow.expect_close(), TOO_SLOW);
    expect_well(&hospital);
}

fn expect_well(hospital: &Hospital) {
    let mut screen = Screen::open(&hospital.server, &hospital.admin);
    screen.follow(&["patients"]);
    register(&hospital.admin, "Bekele");
    assert_eq!(screen.event().0, "patients patient created");
}

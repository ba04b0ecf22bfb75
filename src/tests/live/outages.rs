//! Restarts, power failures, storms of those who come back.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use healthflow::platform::events::outbox;
use healthflow::store::{Class, StoreError, Tx};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::delivery::{diagnose, register};
use super::{Screen, all_told};
use crate::client::Client;
use crate::harness::{Hospital, Scratch, Server, open_store, sign_in};

const GOING_AWAY: u16 = 1001;

#[test]
fn stopping_says_goodbye_to_every_screen_and_waits_for_none() {
    let hospital = Hospital::open();
    let mut screens: Vec<Screen> =
        (0..20).map(|_| Screen::open(&hospital.server, &hospital.admin)).collect();
    let silent: Vec<Screen> =
        (0..10).map(|_| Screen::open(&hospital.server, &hospital.admin)).collect();
    let begun = Instant::now();
    hospital.server.ask_to_stop();
    for screen in &mut screens {
        assert_eq!(screen.expect_close(), GOING_AWAY);
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "said at once: {:?}", begun.elapsed());
    // The others never answer.
    assert_eq!(hospital.server.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    drop(silent);
}

#[test]
fn a_screen_resumes_over_a_power_failure_without_missing_anything() {
    let Hospital { mut server, admin, scratch } = Hospital::open();
    let token = admin.token().to_owned();
    let patient = register(&admin, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&admin);
    let mut screen = Screen::open(&server, &admin);
    screen.follow(&[&topic]);
    let mut place = screen.seq;
    let mut told = BTreeSet::new();
    let mut made = BTreeSet::new();
    for round in 0..4 {
        let client = server.client().with_token(&token);
        // Some that are told and some that are not any more.
        let first = diagnose(&client, &patient);
        made.insert(first);
        if round % 2 == 0 {
            told.insert(screen.event().1);
        }
        made.extend((0..5).map(|_| diagnose(&client, &patient)));
        place = place.max(screen.seq);
        server.kill();
        server = Server::start(&scratch.data(), &[]);
        let client = server.client().with_token(&token);
        screen = Screen::open(&server, &client);
        let newest = screen.seq;
        screen.resume(&[&topic], place);
        screen.seq = place;
        while screen.seq < newest {
            told.insert(screen.event().1);
        }
        assert_eq!(told, made, "round {round}");
    }
}

#[test]
fn who_missed_more_than_can_be_told_fetches_anew_and_goes_on() {
    let Hospital { server, admin, scratch } = Hospital::open();
    let patient = register(&admin, "Moreau");
    all_told(&admin);
    let place = Screen::open(&server, &admin).seq;
    server.stop();
    let store = open_store(&scratch.data());
    let many = |count: i64| {
        move |tx: &Tx<'_>| {
            let all = 0..count;
            all.into_iter()
                .try_for_each(|_| outbox::append(tx, 0, ("imported", "patient"), 1, Some(1)))
        }
    };
    store.write_blocking::<_, StoreError>(Class::Bulk, many(1_000)).unwrap();
    store.close();
    drop(store);
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    let mut screen = Screen::open(&server, &client);
    screen.resume(&["patients"], place);
    for _ in 0..1_000 {
        assert_eq!(screen.event().0, "patients patient imported");
    }
    screen.cut();
    server.stop();
    let store = open_store(&scratch.data());
    store.write_blocking::<_, StoreError>(Class::Bulk, many(1)).unwrap();
    store.close();
    drop(store);
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    let mut screen = Screen::open(&server, &client);
    screen.resume(&["patients", &format!("patient:{patient}")], place);
    let message = screen.next();
    assert_eq!(message["resync"]["topics"][0], "patients", "{message}");
    assert_eq!(message["resync"]["seq"], screen.hello["hello"]["seq"], "from now on");
    diagnose(&client, &patient);
    assert_eq!(screen.event().0, format!("patient:{patient} condition created"));
}

/// Few enough to be told one by one, also with the sign-ins that come after them.
const MANY: usize = 990;

/// A server whose screens have missed [`MANY`] events since the place that is given.
fn with_many_missed() -> (Server, Scratch, Client, i64) {
    let Hospital { server, admin, scratch } = Hospital::open();
    all_told(&admin);
    let place = Screen::open(&server, &admin).seq;
    server.stop();
    let store = open_store(&scratch.data());
    let many = |tx: &Tx<'_>| {
        (0..MANY).try_for_each(|_| outbox::append(tx, 0, ("imported", "patient"), 1, Some(1)))
    };
    store.write_blocking::<_, StoreError>(Class::Bulk, many).unwrap();
    store.close();
    drop(store);
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    (server, scratch, client, place)
}

#[test]
fn only_one_answer_waits_for_a_screen_and_no_other_message_passes_it() {
    let (server, _scratch, client, place) = with_many_missed();
    let mut screen = Screen::open(&server, &client);
    // All are sent before the screen takes anything.
    for topic in ["patients", "conditions", "users"] {
        screen.resume(&[topic], place);
    }
    let (mut told, mut anew) = (0, Vec::new());
    let mut newest = place;
    while told < MANY || anew.len() < 2 {
        let message = screen.next();
        if let Some(resync) = message.get("resync") {
            anew.push(resync["topics"][0].clone());
            assert!(super::client::place(resync) <= newest, "{message} after {newest}");
        } else {
            newest = super::client::place(&message["event"]);
            told += 1;
        }
    }
    assert_eq!((told, anew), (MANY, vec![json!("conditions"), json!("users")]));
    screen.expect_silence(Duration::from_millis(300));
}

#[test]
fn what_was_missed_is_told_no_further_once_the_session_has_ended() {
    let (server, _scratch, admin, place) = with_many_missed();
    let other = sign_in(&server, "admin");
    let mut screen = Screen::open(&server, &other);
    screen.resume(&["patients"], place);
    // What comes after waits until the screen takes more.
    screen.event();
    other.send("DELETE", "/api/v1/sessions/current", &[], b"").expect_status(204);
    all_told(&admin);
    let mut told = 0;
    let code = loop {
        match screen.socket().read().unwrap() {
            Message::Text(_) => told += 1,
            Message::Close(frame) => break u16::from(frame.unwrap().code),
            _ => {}
        }
    };
    assert_eq!(code, 4401);
    assert!(told < 500, "{told} of {MANY} were told, though only some were on their way");
}

#[test]
fn a_storm_of_screens_that_come_back_is_served_and_everybody_is_told() {
    const SCREENS: usize = 300;
    let hospital = Hospital::open();
    let roles = ["nurse", "clinician", "administrator"];
    let people: Vec<_> = (0..SCREENS / 25).map(|n| hospital.sign_in_as(roles[n % 3])).collect();
    let patient = register(&hospital.admin, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&hospital.admin);
    let place = Screen::open(&hospital.server, &hospital.admin).seq;
    let missed: Vec<String> = (0..20).map(|_| diagnose(&hospital.admin, &patient)).collect();
    let begun = Instant::now();
    let screens = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for person in &people {
            scope.spawn(|| {
                for _ in 0..25 {
                    let mut screen = Screen::open(&hospital.server, person);
                    screen.resume(&[&topic], place);
                    for id in &missed {
                        assert_eq!(screen.event().1, *id);
                    }
                    screens.lock().unwrap().push(screen);
                }
            });
        }
    });
    let mut screens = screens.into_inner().unwrap();
    assert_eq!(screens.len(), SCREENS);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let new = diagnose(&hospital.admin, &patient);
    for screen in &mut screens {
        assert_eq!(screen.event().1, new);
    }
    let status = hospital.admin.get("/api/v1/system").data();
    assert_eq!(status["live"]["connections"], json!(SCREENS), "{status}");
}

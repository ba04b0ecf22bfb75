//! Told to stop in the middle of work: what runs is finished, what is new is refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::power::expect_sound;
use super::writers::{Writers, expect_all_there};
use crate::client::person;
use crate::harness::{Hospital, PATIENCE, Scratch, Server, open_store};

#[test]
fn stopping_under_load_loses_nothing_and_folds_the_log_in() {
    let Hospital { server, admin, scratch } = Hospital::open();
    let writers = Writers::start(&admin, 0, 6);
    std::thread::sleep(Duration::from_millis(500));
    server.ask_to_stop();
    let done = writers.join();
    assert_eq!(server.wait().code(), Some(0));
    for (status, text) in &done.refusals {
        assert_eq!(*status, 503, "{text}");
        assert!(text.contains("server.stopping") || text.contains("store.closed"), "{text}");
    }
    let log = scratch.data().join("healthflow.db-wal");
    let left = std::fs::metadata(&log).map_or(0, |found| found.len());
    assert_eq!(left, 0, "the log is in the database");
    for name in ["server.json", "healthflow.running"] {
        assert!(!scratch.data().join(name).exists(), "{name}");
    }
    let store = open_store(&scratch.data());
    expect_sound(&store);
    drop(store);
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(admin.token());
    assert!(!done.acknowledged.is_empty());
    expect_all_there(&admin, &done.acknowledged);
}

#[test]
fn a_request_that_runs_is_finished_and_a_new_one_is_refused() {
    let hospital = Hospital::open();
    let body = person("Late", "Moreau").to_string();
    let (first, rest) = body.split_at(10);
    let mut running = TcpStream::connect(hospital.server.address()).unwrap();
    running.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        running,
        "POST /api/v1/patients HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
        hospital.admin.token(),
        body.len()
    )
    .unwrap();
    // Until the request is being served.
    std::thread::sleep(Duration::from_millis(300));
    hospital.server.ask_to_stop();
    std::thread::sleep(Duration::from_millis(300));
    let new = hospital.admin.try_send("GET", "/api/v1/patients", &[], b"");
    assert!(new.is_err() || new.unwrap().status == 503, "new requests are refused");
    running.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = running.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(hospital.server.wait().code(), Some(0));
}

#[test]
fn ctrl_c_is_as_good_as_a_termination() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    let pid = Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(server.wait().code(), Some(0));
}

//! Told to stop in the middle of work: what runs is finished, what is new is refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::power::expect_sound;
use super::writers::{Writers, expect_all_there};
use crate::client::person;
use crate::harness::{Hospital, PATIENCE, Scratch, Server, eventually, open_store, run};

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

#[test]
fn an_upload_that_cannot_finish_does_not_hold_up_the_stop_and_leaves_nothing() {
    let hospital = Hospital::open();
    let mut upload = TcpStream::connect(hospital.server.address()).unwrap();
    upload.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        upload,
        "POST /api/v1/imports?name=a.ndjson HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\n\
         content-type: application/x-ndjson\r\ncontent-length: 1000000000\r\n\r\n{{}}",
        hospital.admin.token(),
    )
    .unwrap();
    let uploads = || std::fs::read_dir(hospital.data().join("imports")).unwrap().count();
    eventually("the upload has begun", || uploads() == 1);
    let begun = Instant::now();
    hospital.server.ask_to_stop();
    let mut answer = String::new();
    let _ = upload.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("server.stopping") && answer.contains("send the file again"));
    let Hospital { server, scratch, .. } = hospital;
    assert_eq!(server.wait().code(), Some(0));
    // Running requests have 30 seconds; this one never ends.
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    let left = std::fs::read_dir(scratch.data().join("imports")).unwrap().count();
    assert_eq!(left, 0, "nothing of it stays");
}

/// A file of so many patients.
fn people(scratch: &Scratch, count: usize) -> PathBuf {
    let patients = (0..count).map(|number| {
        let name = json!([{"family": format!("Family{number}")}]);
        json!({"resourceType": "Patient", "id": format!("p{number}"), "name": name}).to_string()
    });
    let path = scratch.path().join("people.ndjson");
    std::fs::write(&path, patients.collect::<Vec<_>>().join("\n")).unwrap();
    path
}

#[test]
fn an_import_that_is_stopped_says_so_and_goes_on_at_the_next_start() {
    let hospital = Hospital::open();
    let file = people(&hospital.scratch, 4_000);
    let data = hospital.data();
    let import = ["import", "--json", file.to_str().unwrap()];
    let (stopped, token) = std::thread::scope(|scope| {
        let importing = scope.spawn(|| run(&import, &data, ""));
        eventually("something was taken in", || {
            !hospital.admin.get("/api/v1/patients?limit=1").data().as_array().unwrap().is_empty()
        });
        hospital.server.ask_to_stop();
        (importing.join().unwrap(), hospital.admin.token().to_owned())
    });
    let Hospital { server, scratch, .. } = hospital;
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert!(stopped.stderr.contains("goes on by itself"), "{stopped:?}");
    assert!(!scratch.data().join("healthflow.running").exists());
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    eventually("the import goes on by itself", || {
        admin.get("/api/v1/imports").data()[0]["status"] == "completed"
    });
    eventually("the last one is found", || admin.search("family3999").len() == 1);
}

#[test]
fn a_search_index_that_is_being_built_is_given_up_at_the_stop_and_built_at_the_next_start() {
    let hospital = Hospital::open();
    let file = people(&hospital.scratch, 6_000);
    let imported = run(&["import", file.to_str().unwrap()], &hospital.data(), "");
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let token = hospital.admin.token().to_owned();
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let search = scratch.data().join("search");
    std::fs::remove_dir_all(&search).unwrap();
    let server = Server::start(&scratch.data(), &[]);
    server.stop();
    assert!(!scratch.data().join("healthflow.running").exists());
    let generations = || {
        let names = std::fs::read_dir(&search).into_iter().flatten().flatten();
        names.filter(|entry| entry.path().is_dir()).count()
    };
    assert!(generations() <= 1, "what was given up is gone");
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    eventually("the last one is found", || admin.search("family5999").len() == 1);
    eventually("one index is left", || generations() == 1);
}

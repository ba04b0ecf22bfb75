//! More people than the machine can serve at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::harness::{Hospital, PASSWORD};

/// How many reads come through in a while.
fn reads_in(client: &Client, while_: Duration) -> usize {
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let begun = Instant::now();
                while begun.elapsed() < while_ {
                    client.get("/api/v1/patients?limit=5").expect_status(200);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    count.into_inner()
}

#[test]
fn a_storm_of_sign_ins_does_not_starve_those_who_work() {
    let hospital = Hospital::open();
    hospital.admin.register("Ada", "Moreau");
    let while_ = Duration::from_millis(1_500);
    let calm = reads_in(&hospital.admin, while_);
    let storm_ends = AtomicBool::new(false);
    let statuses = Mutex::new(Vec::new());
    // Right ones, and from their usual place: guesses are slowed before anything is hashed.
    let sign_in = |number: usize| json!({"username": format!("n{number}"), "password": PASSWORD});
    for number in 0..20 {
        let mut account = sign_in(number);
        account["display_name"] = "A nurse".into();
        account["role"] = "nurse".into();
        hospital.admin.post("/api/v1/users", &account).expect_status(201);
        hospital.server.client().post("/api/v1/sessions", &sign_in(number)).expect_status(201);
    }
    let stormy = std::thread::scope(|scope| {
        for number in 0..60 {
            let (hospital, storm_ends, statuses) = (&hospital, &storm_ends, &statuses);
            scope.spawn(move || {
                let nurse = hospital.server.client();
                while !storm_ends.load(Ordering::Relaxed) {
                    let status = nurse.post("/api/v1/sessions", &sign_in(number % 20)).status;
                    statuses.lock().unwrap().push(status);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        let stormy = reads_in(&hospital.admin, while_);
        storm_ends.store(true, Ordering::Relaxed);
        stormy
    });
    let statuses = statuses.into_inner().unwrap();
    assert!(statuses.iter().all(|status| [201, 503].contains(status)), "{statuses:?}");
    assert!(20 < statuses.len(), "there was a storm: {}", statuses.len());
    // Hashing on the threads that serve would leave a hundredth.
    assert!(calm < stormy * 20, "{calm} reads in calm, {stormy} in the storm");
}

/// A patient who takes the writer a while.
fn heavy(number: usize) -> Json {
    let rows = |count: usize, make: &dyn Fn(usize) -> Json| (0..count).map(make).collect::<Json>();
    json!({
        "names": rows(20, &|row| json!({"family": format!("F{number}x{row}"), "given": ["G"]})),
        "identifiers":
            rows(50, &|row| json!({"system": "urn:test", "value": format!("{number:04}-{row:04}")})),
        "telecoms": rows(20, &|row| json!({"system": "phone", "value": format!("{number}{row}")})),
        "contacts": rows(20, &|_| json!({"name": "Somebody"})),
        "sex": "unknown",
    })
}

#[test]
fn a_full_queue_says_when_to_come_again_and_loses_nothing() {
    let hospital = Hospital::open_with(&["--write-queue", "64"]);
    const CROWD: usize = 300;
    let (begin, made, busy) = (Barrier::new(CROWD), Mutex::new(Vec::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for number in 0..CROWD {
            let (admin, begin, made, busy) = (&hospital.admin, &begin, &made, &busy);
            scope.spawn(move || {
                let body = heavy(number);
                begin.wait();
                let answer = admin.post("/api/v1/patients", &body);
                if answer.status == 201 {
                    made.lock().unwrap().push(answer.data()["id"].as_str().unwrap().to_owned());
                    return;
                }
                answer.expect_problem(503, "store.busy");
                let wait: u32 = answer.header("retry-after").parse().unwrap();
                assert!((1..=60).contains(&wait), "{wait}");
                busy.fetch_add(1, Ordering::Relaxed);
            });
        }
        for _ in 0..20 {
            hospital.admin.get("/api/v1/patients?limit=1").expect_status(200);
        }
    });
    let made = made.into_inner().unwrap();
    assert_eq!(made.len() + busy.load(Ordering::Relaxed), CROWD);
    assert!(0 < busy.load(Ordering::Relaxed), "the queue was never full");
    assert!(64 <= made.len(), "what fitted was done: {}", made.len());
    let mut seen = 0;
    let mut place = "/api/v1/patients?limit=200".to_owned();
    loop {
        let page = hospital.admin.get(&place).json();
        seen += page["data"].as_array().unwrap().len();
        let Some(next) = page["meta"]["cursor"]["next"].as_str() else { break };
        place = format!("/api/v1/patients?limit=200&cursor={next}");
    }
    assert_eq!(seen, made.len(), "exactly what was acknowledged");
}

//! kill -9 under load, again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use healthflow::platform::ledger::chain;
use healthflow::store::{ReadTx, Store, StoreError};
use serde_json::json;

use super::writers::{Acknowledged, Writers, expect_all_there, register};
use crate::client::Client;
use crate::harness::{Hospital, Scratch, Server, eventually, nonce, open_store, set_up};

const ROUNDS: usize = 9;
const WRITERS: usize = 4;
/// Patients of each round that are also searched for.
const SEARCHED: usize = 60;
const LONG: Duration = Duration::from_secs(60);

#[test]
fn who_was_refused_is_in_the_audit_though_the_program_ends_at_that_moment() {
    let hospital = Hospital::open();
    let guest = hospital.server.client();
    let body = json!({"username": "admin", "password": "not the one"}).to_string();
    let json = [("content-type", "application/json")];
    guest.send("POST", "/api/v1/sessions", &json, body.as_bytes()).expect_status(401);
    let nurse = hospital.sign_in_as("nurse");
    for _ in 0..20 {
        nurse.get("/api/v1/users").expect_status(403);
    }
    let Hospital { server, scratch, .. } = hospital;
    server.kill();
    let sql = "SELECT detail FROM audit WHERE act = 'access.refused' ORDER BY id";
    let seen = ask(&open_store(&scratch.data()), sql);
    assert_eq!(seen.len(), 21, "{seen:?}");
    assert_eq!([&seen[0], &seen[20]], ["sessions.create", "users.read"]);
}

#[test]
fn what_was_acknowledged_survives_every_power_failure() {
    let scratch = Scratch::new();
    let mut server = Server::start(&scratch.data(), &[]);
    let token = set_up(&server).token().to_owned();
    let mut all = Acknowledged::new();
    for round in 0..ROUNDS {
        let writers = Writers::start(&server.client().with_token(&token), round, WRITERS);
        // Sometimes before the first commit of the round, sometimes amid checkpoints.
        std::thread::sleep(Duration::from_millis(40 + u64::from(nonce()[0]) * 3));
        server.kill();
        let done = writers.join();
        assert!(done.refusals.is_empty(), "{:?}", done.refusals);
        server = Server::start(&scratch.data(), &[]);
        let client = server.client().with_token(&token);
        expect_all_there(&client, &done.acknowledged);
        expect_found(&client, &done.acknowledged);
        all.extend(done.acknowledged);
        for family in done.unanswered {
            // Whether it was written or not, the retry makes it exactly one.
            let answer = register(&client, &family).unwrap();
            answer.expect_status(201);
            all.insert(family, answer.data()["id"].as_str().unwrap().to_owned());
        }
    }
    assert!(ROUNDS < all.len(), "there was load: {}", all.len());
    expect_all_there(&server.client().with_token(&token), &all);
    server.kill();
    let store = open_store(&scratch.data());
    expect_sound(&store);
    let stored = ask(&store, "SELECT family FROM patient ORDER BY family");
    assert_eq!(stored, all.keys().cloned().collect::<Vec<_>>(), "exactly these, each once");
}

fn expect_found(client: &Client, acknowledged: &Acknowledged) {
    for (family, id) in acknowledged.iter().rev().take(SEARCHED) {
        eventually("found after the power failure", || client.search(family).first() == Some(id));
    }
}

/// The file, its references, the audit's chain and the record numbers are whole.
pub(crate) fn expect_sound(store: &Store) {
    assert_eq!(ask(store, "SELECT integrity_check FROM pragma_integrity_check"), ["ok"]);
    let broken = "SELECT \"table\" FROM pragma_foreign_key_check";
    assert_eq!(ask(store, broken), Vec::<String>::new());
    let verdict = store.read(LONG, chain::verify).unwrap();
    assert_eq!(verdict.broken, None, "{verdict:?}");
    let numbers = ask(store, "SELECT mrn FROM patient");
    assert_eq!(BTreeSet::from_iter(&numbers).len(), numbers.len(), "no record number twice");
    let silent = "SELECT mrn FROM patient WHERE NOT EXISTS \
        (SELECT 1 FROM audit WHERE audit.patient_id = patient.id AND act = 'patients.create')";
    assert_eq!(ask(store, silent), Vec::<String>::new(), "each has its audit row");
}

/// The texts that `sql` gives.
pub(crate) fn ask(store: &Store, sql: &'static str) -> Vec<String> {
    let read = |tx: &ReadTx<'_>| tx.all(sql, &[], |row| row.get::<String>(0));
    store.read::<_, StoreError>(LONG, read).unwrap()
}

//! A standby follows within seconds, takes the place of a hospital that is lost, and keeps the old
//! one out from then on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use healthflow::store::StoreError;
use serde_json::Value as Json;

use super::moments::{begun, shipped};
use super::storage::{BUCKET, KEY, PREFIX, SECRET, Storage};
use super::{Backed, bucket, plan};
use crate::client::{Client, person};
use crate::faults::writers::{Acknowledged, Writers, expect_all_there, family};
use crate::harness::{
    Ended, Hospital, Scratch, Server, eventually, nonce, open_store, program, run, sign_in,
};

/// A standby that runs. Dropping it kills it.
struct Standby {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Standby {
    fn start(target: &Path, key: &Path, data: &Path) -> Self {
        Self::start_from(&[target.to_str().unwrap()], key, data)
    }

    fn start_from(from: &[&str], key: &Path, data: &Path) -> Self {
        let mut command = program(&["standby", "--json", "--from"]);
        command.args(from).arg("--key-file").arg(key).arg("--data").arg(data);
        command.env("AWS_SECRET_ACCESS_KEY", SECRET);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (from, into) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in from.lines().map_while(Result::ok) {
                into.lock().unwrap().push(line);
            }
        });
        Self { child, lines }
    }

    /// What it said last.
    fn last(&self) -> Json {
        let lines = self.lines.lock().unwrap();
        lines.last().map_or(Json::Null, |line| serde_json::from_str(line).unwrap())
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn state(data: &Path) -> Json {
    let text = std::fs::read(data.join("standby.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or(Json::Null)
}

fn micros(at: &Json) -> i64 {
    let at: jiff::Timestamp = at.as_str().unwrap().parse().unwrap();
    at.as_microsecond()
}

/// Waits until the standby in `data` has all that is written by now.
fn followed(admin: &Client, data: &Path) {
    shipped(admin);
    let at = micros(&plan(admin)["log"]["shipped_at"]);
    eventually("the standby follows", || at < state(data)["checked_at"].as_i64().unwrap_or(0));
}

fn promote(target: &Path, key: &Path, data: &Path, more: &[&str], input: &str) -> Ended {
    let (target, key) = (target.to_str().unwrap(), key.to_str().unwrap());
    let arguments = ["promote", "--json", "--from", target, "--key-file", key];
    run(&[&arguments[..], more].concat(), data, input)
}

fn well(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Registers a few and gives them back with their ids.
fn register(admin: &Client, round: usize, count: usize) -> Acknowledged {
    let one = |number| {
        let name = family(round, 0, number);
        let id = admin.register("Test", &name)["id"].as_str().unwrap().to_owned();
        (name, id)
    };
    (0..count).map(one).collect()
}

/// Everybody of `acknowledged` is in the hospital of `data`, and its audit holds.
fn all_there(data: &Path, acknowledged: &Acknowledged) {
    let server = Server::start(data, &[]);
    expect_all_there(&sign_in(&server, "admin"), acknowledged);
    server.stop();
    well(&run(&["audit", "verify"], data, ""));
}

fn database(server: &Server) -> String {
    let health = server.client().get("/api/health");
    health.json()["services"]["database"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_standby_takes_the_place_of_a_lost_hospital() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let standby = Standby::start(&backed.target, &key, &there.data());
    let early = register(backed.admin(), 7, 5);
    followed(backed.admin(), &there.data());
    let late = register(backed.admin(), 8, 5);
    followed(backed.admin(), &there.data());
    assert!(standby.last()["data"]["trouble"].is_null(), "{}", standby.last());
    let refused = Server::try_start(&there.data(), &[]).expect_err("a standby is no hospital");
    assert!(refused.stderr.contains("healthflow promote"), "{refused:?}");
    let refused = run(&["backup", "list"], &there.data(), "");
    assert!(refused.stderr.contains("it is a standby"), "{refused:?}");
    let busy = promote(&backed.target, &key, &there.data(), &["--yes"], "");
    assert!(busy.stderr.contains("is in use by another"), "{busy:?}");
    let told = run(&["doctor", "--json"], &there.data(), "").stdout;
    assert!(told.contains("it has all that was at"), "{told}");

    let writers = Writers::start(backed.admin(), 1, 4);
    std::thread::sleep(Duration::from_secs(3));
    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch: _scratch, .. } = hospital;
    server.kill();
    writers.join();
    standby.kill();
    let elsewhere = Scratch::new();
    let arguments = ["restore", "--json", "--from", target.to_str().unwrap(), "--key-file"];
    let arguments = [&arguments[..], &[key.to_str().unwrap()]].concat();
    let restored = run(&arguments, &elsewhere.data(), "");
    well(&restored);
    let wrong = promote(&target, &key, &there.data(), &[], "Another Hospital\n");
    assert!(wrong.stderr.contains("not its name"), "{wrong:?}");
    let ended = promote(&target, &key, &there.data(), &[], "Korle Hospital\n");
    well(&ended);
    assert_eq!(ended.json()["data"]["epoch"], 1);
    assert!(!there.data().join("standby.json").exists());
    assert!(!there.data().join("standby").exists());
    all_there(&there.data(), &early);
    all_there(&there.data(), &late);
    // All that was shipped is there: as much as a restore brings back.
    let server = Server::start(&there.data(), &[]);
    let client = sign_in(&server, "admin");
    let rows = client.get("/api/v1/audit?act=backup.promote&limit=2").data();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    begun(&client);
    server.stop();
    assert_eq!(patients(&there.data()), restored.json()["data"]["patients"]);
}

/// How many patients there are in the store of a server that has ended.
fn patients(data: &Path) -> i64 {
    let store = open_store(data);
    let sql = "SELECT count(*) FROM patient";
    let count = store.read(Duration::from_secs(5), |tx| tx.one(sql, &[], |row| row.get(0)));
    store.close();
    count.map_err(|cause: StoreError| cause).unwrap()
}

#[test]
fn the_old_hospital_takes_nothing_more_once_a_standby_was_promoted() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let standby = Standby::start(&backed.target, &key, &there.data());
    let known = register(backed.admin(), 7, 3);
    followed(backed.admin(), &there.data());
    standby.kill();
    well(&promote(&backed.target, &key, &there.data(), &["--yes"], ""));
    let admin = backed.admin();
    eventually("it gives way", || database(&backed.hospital.server) == "superseded");
    let refused = admin.post("/api/v1/patients", &person("Efua", "Qlate"));
    refused.expect_problem(409, "store.superseded");
    expect_all_there(admin, &known);
    let trouble = plan(admin)["log"]["trouble"].as_str().unwrap_or_default().to_owned();
    assert!(trouble.contains("was promoted at 20"), "{trouble}");
    let now = Server::start(&there.data(), &[]);
    let client = sign_in(&now, "admin");
    begun(&client);

    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch, .. } = hospital;
    server.kill();
    let refused = Server::try_start(&scratch.data(), &[]).expect_err("it is the old one");
    assert!(refused.stderr.contains("was promoted at 20"), "{refused:?}");
    assert!(refused.stderr.contains("--take-back"), "{refused:?}");
    // A target that is gone keeps no hospital closed.
    let away = target.with_extension("away");
    std::fs::rename(&target, &away).unwrap();
    Server::start(&scratch.data(), &[]).stop();
    std::fs::rename(&away, &target).unwrap();
    // It was the right one after all: from then on the promoted one is the old one.
    let back = Server::start(&scratch.data(), &["--take-back"]);
    let admin = sign_in(&back, "admin");
    eventually("the other one gives way", || database(&now) == "superseded");
    admin.register("Efua", "Qback");
    shipped(&admin);
    now.stop();
    back.stop();
    Server::start(&scratch.data(), &[]).stop();
}

#[test]
fn a_standby_that_is_killed_at_any_moment_goes_on_rightly() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let writers = Writers::start(backed.admin(), 1, 2);
    for round in 0..5 {
        let standby = Standby::start(&backed.target, &key, &there.data());
        let wait = 300 + u64::from(nonce()[0]) * 20 + round * 200;
        std::thread::sleep(Duration::from_millis(wait));
        standby.kill();
    }
    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch, admin } = hospital;
    server.kill();
    let written = writers.join().acknowledged;
    assert!(!written.is_empty());
    // What was not shipped at the kill is, when the machine comes back.
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    shipped(&client);
    let standby = Standby::start(&target, &key, &there.data());
    followed(&client, &there.data());
    standby.kill();
    server.stop();
    well(&promote(&target, &key, &there.data(), &["--yes"], ""));
    all_there(&there.data(), &written);
}

#[test]
fn a_standby_follows_a_bucket_too() {
    let storage = Storage::start();
    let (hospital, sheet) = bucket::backed(&storage.endpoint());
    begun(&hospital.admin);
    let there = Scratch::new();
    let key = there.path().join("sheet.txt");
    std::fs::write(&key, &sheet).unwrap();
    let (place, endpoint) = (format!("s3://{BUCKET}/{PREFIX}"), storage.endpoint());
    let from = [&place, "--endpoint", &endpoint, "--access-key", KEY];
    let standby = Standby::start_from(&from, &key, &there.data());
    let mut known = register(&hospital.admin, 7, 3);
    followed(&hospital.admin, &there.data());
    known.extend(register(&hospital.admin, 8, 3));
    followed(&hospital.admin, &there.data());
    standby.kill();
    let arguments = [&["promote", "--yes", "--json", "--from"][..], &from].concat();
    well(&run(&arguments, &there.data(), &format!("{SECRET}\n{sheet}\n")));
    eventually("the old one gives way", || database(&hospital.server) == "superseded");
    all_there(&there.data(), &known);
}

#[test]
fn a_replay_that_was_cut_off_is_done_again() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let follow = |round| {
        let known = register(backed.admin(), round, 8);
        shipped(backed.admin());
        let standby = Standby::start(&backed.target, &key, &there.data());
        followed(backed.admin(), &there.data());
        // The engine rests after a replay; a new run replays at once.
        standby.kill();
        let standby = Standby::start(&backed.target, &key, &there.data());
        eventually("all is replayed", || {
            let state = state(&there.data());
            !standby.last().is_null() && state["replayed"] == state["end"]
        });
        standby.kill();
        known
    };
    let database = there.data().join("standby/1/healthflow.db");
    let mut all = follow(7);
    let (before, at) = (std::fs::read(&database).unwrap(), state(&there.data())["end"].clone());
    all.extend(follow(8));
    let (after, end) = (std::fs::read(&database).unwrap(), state(&there.data())["end"].clone());
    assert_eq!(at["generation"], end["generation"]);
    assert!(at["offset"].as_u64() < end["offset"].as_u64());
    // A power cut in the middle: every other page is still as it was before.
    let mut torn = after.clone();
    for (number, page) in before.chunks_exact(4096).enumerate().filter(|(at, _)| at % 2 == 0) {
        torn[number * 4096..][..4096].copy_from_slice(page);
    }
    assert_ne!(torn, after);
    std::fs::write(&database, &torn).unwrap();
    // And of the copy of the log only a part.
    let copy = there.data().join(format!("standby/1/log-{}.replay", end["generation"]));
    std::fs::write(copy, b"half").unwrap();
    well(&promote(&backed.target, &key, &there.data(), &["--yes"], ""));
    all_there(&there.data(), &all);
}

#[test]
fn a_new_chain_is_laid_anew_and_a_gap_or_a_target_that_is_gone_is_told() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let standby = Standby::start(&backed.target, &key, &there.data());
    let known = register(backed.admin(), 7, 3);
    followed(backed.admin(), &there.data());
    let away = backed.target.with_extension("away");
    std::fs::rename(&backed.target, &away).unwrap();
    eventually("it is told", || standby.last()["data"]["trouble"].is_string());
    std::fs::rename(&away, &backed.target).unwrap();
    eventually("it goes on", || standby.last()["data"]["trouble"].is_null());
    standby.kill();
    // The hospital begins its log anew, because what it had shipped is damaged.
    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch, admin } = hospital;
    server.stop();
    let chain = state(&there.data())["log"]["chain"].as_str().unwrap().to_owned();
    let folder = target.join("log").join(&chain);
    let newest = std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).max().unwrap();
    let mut bytes = std::fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, bytes).unwrap();
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    let more = register(&client, 8, 3);
    let standby = Standby::start(&target, &key, &there.data());
    eventually("it lays the backup of the new chain", || {
        state(&there.data())["log"]["chain"].as_str().is_some_and(|it| it != chain)
    });
    followed(&client, &there.data());
    standby.kill();
    let laid = std::fs::read_dir(there.data().join("standby")).unwrap().count();
    assert_eq!(laid, 1, "what was laid before is gone");
    server.stop();
    well(&promote(&target, &key, &there.data(), &["--yes"], ""));
    all_there(&there.data(), &known);
    all_there(&there.data(), &more);
}

#[test]
fn a_target_that_is_gone_does_not_keep_a_standby_from_being_promoted() {
    let backed = Backed::open();
    begun(backed.admin());
    let (key, there) = (backed.key_file(), Scratch::new());
    let wrong = there.path().join("wrong.txt");
    let other = healthflow::backup::sealing::SecretKey::generate();
    std::fs::write(&wrong, other.reveal()).unwrap();
    let from = backed.target.to_str().unwrap();
    let arguments = ["standby", "--json", "--from", from, "--key-file", wrong.to_str().unwrap()];
    let ended = run(&arguments, &there.data(), "");
    assert!(ended.stderr.contains("backup.wrong_key"), "{ended:?}");
    let busy = ["standby", "--json", "--from", from, "--key-file", key.to_str().unwrap()];
    let busy = run(&busy, &backed.hospital.data(), "");
    assert!(busy.stderr.contains("is in use by another"), "{busy:?}");
    let standby = Standby::start(&backed.target, &key, &there.data());
    let known = register(backed.admin(), 7, 3);
    followed(backed.admin(), &there.data());
    standby.kill();
    let away = backed.target.with_extension("away");
    std::fs::rename(&backed.target, &away).unwrap();
    let gone = promote(&backed.target, &key, &there.data(), &["--yes"], "");
    assert!(gone.stderr.contains("--as-it-is"), "{gone:?}");
    well(&promote(&backed.target, &key, &there.data(), &["--yes", "--as-it-is"], ""));
    all_there(&there.data(), &known);
    // When it comes back, the promoted one takes it, and the old one gives way.
    let now = Server::start(&there.data(), &[]);
    std::fs::rename(&away, &backed.target).unwrap();
    eventually("the old one gives way", || database(&backed.hospital.server) == "superseded");
    begun(&sign_in(&now, "admin"));
    now.stop();
}

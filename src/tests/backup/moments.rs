//! Any moment of the last days: what was committed is at the target within a second, however the
//! server ended.

use std::time::{Duration, Instant};

use healthflow::vocab::clock::{Clock, SystemClock};
use serde_json::Value as Json;

use super::{Backed, finds, plan};
use crate::client::Client;
use crate::faults::writers::{Acknowledged, Writers};
use crate::harness::{Ended, Hospital, Scratch, Server, eventually, run, sign_in};

fn log(admin: &Client) -> Json {
    plan(admin)["log"].clone()
}

/// Waits until the chain has its backup.
pub(super) fn begun(admin: &Client) {
    eventually("the chain begins with a backup", || {
        let jobs = admin.get("/api/v1/jobs?limit=20").data();
        let is = |job: &Json| job["kind"] == "backup" && job["state"] == "done";
        log(admin)["shipped_at"].is_string()
            && plan(admin)["newest"].is_object()
            && jobs.as_array().unwrap().iter().any(is)
    });
}

/// Waits until what was written by now is at the target.
pub(super) fn shipped(admin: &Client) {
    // The second look began after this one ended.
    for _ in 0..2 {
        let seen = log(admin)["shipped_at"].clone();
        eventually("the log is at the target", || log(admin)["shipped_at"] != seen);
    }
}

fn restore(backed: &Backed, flags: &[&str], into: &Scratch) -> Ended {
    let (from, key) = (backed.target.to_str().unwrap(), backed.key_file());
    let arguments = ["restore", "--json", "--from", from, "--key-file", key.to_str().unwrap()];
    run(&[&arguments[..], flags].concat(), &into.data(), "")
}

/// Who of `acknowledged` is not in the hospital of `data`.
fn missing(into: &Scratch, acknowledged: &Acknowledged) -> usize {
    let server = Server::start(&into.data(), &[]);
    let client = sign_in(&server, "admin");
    let is_there = |id: &String| {
        let answer = client.get(&format!("/api/v1/patients/{id}"));
        assert!([200, 404].contains(&answer.status), "{}", answer.text());
        answer.status == 200
    };
    let missing = acknowledged.values().filter(|id| !is_there(id)).count();
    server.stop();
    missing
}

#[test]
fn the_hospital_comes_back_to_the_last_second_and_to_any_moment_before() {
    let backed = Backed::open();
    let admin = backed.admin();
    begun(admin);
    admin.register("Abena", "Qfirst");
    shipped(admin);
    let between = SystemClock.now();
    admin.register("Kofi", "Qsecond");
    shipped(admin);
    let all = Scratch::new();
    let ended = restore(&backed, &[], &all);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["patients"], 2);
    let then = Scratch::new();
    let at = between.to_string();
    let ended = restore(&backed, &["--at", &at], &then);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["patients"], 1);
    assert!(ended.json()["data"]["reached"].as_str().unwrap() <= at.as_str());
    let server = Server::start(&then.data(), &[]);
    let client = sign_in(&server, "admin");
    finds(&client, "Qfirst");
    assert!(client.search("Qsecond").is_empty());
    server.stop();
    let verdict = run(&["audit", "verify"], &then.data(), "");
    assert_eq!(verdict.code, Some(0), "{verdict:?}");
    let early = restore(&backed, &["--at", "2020-01-01T00:00:00Z"], &Scratch::new());
    assert!(early.stderr.contains("backup.too_early"), "{early:?}");
}

#[test]
fn a_machine_that_is_lost_while_people_write_loses_the_last_second_at_most() {
    let backed = Backed::open();
    begun(backed.admin());
    let writers = Writers::start(backed.admin(), 1, 4);
    std::thread::sleep(Duration::from_secs(3));
    let early = Instant::now();
    std::thread::sleep(Duration::from_millis(1_500));
    let Backed { hospital, target, key } = backed;
    let Hospital { server, scratch, admin } = hospital;
    server.kill();
    let lost_at = Instant::now();
    let written = writers.join();
    let elsewhere = Scratch::new();
    let file = scratch.path().join("sheet.txt");
    std::fs::write(&file, &key).unwrap();
    let arguments = ["restore", "--json", "--from", target.to_str().unwrap(), "--key-file"];
    let arguments = [&arguments[..], &[file.to_str().unwrap()]].concat();
    let ended = run(&arguments, &elsewhere.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let missing = missing(&elsewhere, &written.acknowledged);
    // What was written evenly over 4.5 seconds is there but for the last one and a half.
    let (all, span) = (written.acknowledged.len(), lost_at - early + Duration::from_secs(3));
    let most = all as f64 * 1.5 / span.as_secs_f64();
    assert!((missing as f64) <= most, "{missing} of {all} are missing");
    // On the machine itself nothing is, and the chain goes on from there without a gap.
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    eventually("the rest is shipped", || log(&client)["behind_bytes"] == 0);
    shipped(&client);
    server.stop();
    let again = Scratch::new();
    let ended = run(&arguments, &again.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["log_is_broken"], false);
    assert_eq!(self::missing(&again, &written.acknowledged), 0);
}

#[test]
fn while_the_target_is_gone_the_log_waits_and_is_all_there_afterwards() {
    let backed = Backed::open();
    let admin = backed.admin();
    begun(admin);
    let away = backed.target.with_extension("away");
    std::fs::rename(&backed.target, &away).unwrap();
    eventually("it is told", || log(admin)["trouble"].is_string());
    admin.register("Abena", "Qmeanwhile");
    assert!(0 < log(admin)["behind_bytes"].as_u64().unwrap() || log(admin)["trouble"].is_string());
    std::fs::rename(&away, &backed.target).unwrap();
    eventually("it goes on", || log(admin)["trouble"].is_null());
    shipped(admin);
    let all = Scratch::new();
    let ended = restore(&backed, &[], &all);
    assert_eq!(ended.json()["data"]["patients"], 1, "{ended:?}");
}

#[test]
fn commands_without_a_server_are_in_the_chain_too_and_a_damaged_record_ends_it_openly() {
    let backed = Backed::open();
    begun(backed.admin());
    let file = backed.key_file();
    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch, admin } = hospital;
    server.stop();
    let added = ["user", "add", "Efua", "--role", "nurse", "--password-stdin"];
    let added = run(&added, &scratch.data(), "four calm green herons\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    shipped(&client);
    let order = ["restore", "--json", "--from", target.to_str().unwrap(), "--key-file"];
    let order = [&order[..], &[file.to_str().unwrap()]].concat();
    let elsewhere = Scratch::new();
    let ended = run(&order, &elsewhere.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let there = Server::start(&elsewhere.data(), &[]);
    sign_in(&there, "Efua");
    there.stop();
    // A record in the middle is changed: what is before it comes back, and that is said.
    let chain = std::fs::read_dir(target.join("log")).unwrap().next().unwrap().unwrap().path();
    let first = chain.join("00000001.hfl");
    let mut bytes = std::fs::read(&first).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    let cut = Scratch::new();
    let ended = run(&order, &cut.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["log_is_broken"], true);
    assert!(ended.stderr.contains("has a gap"), "{ended:?}");
    server.stop();
}

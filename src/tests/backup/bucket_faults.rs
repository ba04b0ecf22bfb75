//! Storage that dies, fails, says nothing or something else, and a way to it that breaks: nothing
//! of it is taken for a backup, nor for a damaged one.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use healthflow::backup::target::{Target, TargetError, Trouble};
use healthflow::vocab::clock::{Clock, SystemClock};
use serde_json::json;

use super::bucket::{backed, restore, set_bucket};
use super::storage::{Deed, SECRET, Storage, Way, address, bucket, claim};
use super::{backups, done, finds, new_key, plan, prove, put_plan, standing, work};
use crate::harness::{Hospital, PASSWORD, Scratch, Server, eventually, sign_in};

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// What is wrong with the storage, if it is that.
fn trouble(outcome: Result<(), TargetError>) -> Trouble {
    match outcome {
        Err(TargetError::Storage { trouble, .. }) => trouble,
        other => panic!("{other:?}"),
    }
}

#[test]
fn storage_that_dies_in_the_middle_of_a_file_has_none_of_it_and_takes_it_later() {
    let mut storage = Storage::start();
    let target = storage.target();
    let bytes = random(50 << 20);
    let outcome = target.put("files/large", &mut |file| {
        file.write_all(&bytes[..40 << 20])?;
        storage.kill();
        file.write_all(&bytes[40 << 20..])
    });
    assert!(matches!(trouble(outcome), Trouble::Unreachable(_) | Trouble::Cut(_)));
    storage.run();
    assert!(target.open("files/large").unwrap().is_none());
    assert_eq!(target.list("files").unwrap(), Vec::<String>::new());
    target.put("files/large", &mut |file| file.write_all(&bytes)).unwrap();
    assert_eq!(target.get("files/large", 64 << 20).unwrap().unwrap().len(), bytes.len());
}

#[test]
fn a_part_that_fails_is_sent_again_twice_and_then_the_file_fails() {
    let storage = Storage::start();
    let way = Way::to(&storage);
    let target = Target::bucket(&address(&way.endpoint()), SECRET);
    let bytes = random(33 << 20);
    let asked = Arc::new(AtomicUsize::new(0));
    for (fails, is_there) in [(2, true), (3, false)] {
        asked.store(0, Ordering::Relaxed);
        let count = Arc::clone(&asked);
        way.set(move |line| {
            let is_part = line.starts_with("PUT") && line.contains("partNumber=2");
            let failed = is_part && count.fetch_add(1, Ordering::Relaxed) < fails;
            if failed { Deed::Refuse(500, "InternalError") } else { Deed::Pass }
        });
        let outcome = target.put("files/large", &mut |file| file.write_all(&bytes));
        assert_eq!(outcome.is_ok(), is_there, "{outcome:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 3);
        assert_eq!(target.open("files/large").unwrap().is_some(), is_there);
        target.remove("files/large").unwrap();
    }
    // What arrives as something else is refused: the storage compares.
    way.set(|line| if line.starts_with("PUT") { Deed::Spoil } else { Deed::Pass });
    let spoilt = trouble(target.put("files/small", &mut |file| file.write_all(&bytes[..1_000])));
    assert!(matches!(spoilt, Trouble::Refused { .. }), "{spoilt}");
    // Put together, and nobody hears it: that it is there is found, and not taken for granted.
    way.set(|line| {
        if line.contains("POST") && line.contains("uploadId") { Deed::Lost } else { Deed::Pass }
    });
    assert!(matches!(
        trouble(target.put("files/large", &mut |file| file.write_all(&bytes))),
        Trouble::Cut(_) | Trouble::NoStorage(_)
    ));
}

#[test]
fn a_way_that_breaks_is_no_damage_and_what_changed_is() {
    let storage = Storage::start();
    let way = Way::to(&storage);
    let (hospital, key) = backed(&way.endpoint());
    let admin = &hospital.admin;
    done(admin, "backup");
    done(admin, "backup_drill");
    let is_file = |line: &str| line.starts_with("GET") && line.contains("database.zst.age");
    for deed in [Deed::Cut(4_000), Deed::Cut(0), Deed::Refuse(500, "InternalError"), Deed::Garbage]
    {
        way.set(move |line| if is_file(line) { deed } else { Deed::Pass });
        let elsewhere = Scratch::new();
        let refused = restore(&way.endpoint(), &key, &[], &elsewhere);
        assert!(refused.stderr.contains("backup.target"), "{deed:?}: {refused:?}");
        assert!(!elsewhere.data().join("healthflow.db").exists());
    }
    let job = work(admin, "backup_drill");
    assert_eq!(job["error_code"], "backup.target", "{job}");
    assert_eq!(standing(admin), "ok", "nothing is known of the backup");
    for deed in [Deed::Refuse(503, "SlowDown"), Deed::Garbage, Deed::Lost] {
        way.set(move |line| if line.starts_with("PUT") { deed } else { Deed::Pass });
        let count = backups(admin).len();
        let job = work(admin, "backup");
        assert_eq!(job["state"], "dead", "{deed:?}: {job}");
        assert_eq!(backups(admin).len(), count);
    }
    way.set(|_| Deed::Pass);
    assert!(done(admin, "backup").contains("is whole"));
    done(admin, "backup_drill");
    let name = backups(admin)[0]["name"].as_str().unwrap().to_owned();
    let file = storage.file(&format!("backups/{name}/database.zst.age"));
    let mut bytes = Vec::new();
    std::fs::File::open(&file).unwrap().read_to_end(&mut bytes).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let job = work(admin, "backup_drill");
    assert_eq!(job["error_code"], "backup.differs", "{job}");
    assert_eq!(standing(admin), "broken");
    let elsewhere = Scratch::new();
    let refused = restore(&way.endpoint(), &key, &["--backup", &name], &elsewhere);
    assert!(refused.stderr.contains("backup.differs"), "{refused:?}");
    assert!(!elsewhere.data().join("healthflow.db").exists());
}

#[test]
fn storage_that_says_nothing_is_given_up_in_time() {
    let storage = Storage::start();
    let way = Way::to(&storage);
    let target = Target::bucket(&address(&way.endpoint()), SECRET);
    target.claim(&claim("one", "first")).unwrap();
    way.set(|_| Deed::Silence);
    let begun = std::time::Instant::now();
    assert_eq!(trouble(target.demand(&claim("one", "first"))), Trouble::Slow);
    assert!(begun.elapsed().as_secs() < 40);
}

#[test]
fn what_storage_does_not_allow_is_told_with_its_field_when_it_is_set_and_by_the_job_after() {
    let storage = Storage::start();
    let way = Way::to(&storage);
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    for (method, status, code, field, part) in [
        ("PUT", 403, "AccessDenied", "bucket.access_key", "may not write"),
        ("GET", 403, "AccessDenied", "bucket.access_key", "may not read"),
        ("PUT", 403, "QuotaExceeded", "bucket.name", "no room"),
        ("GET", 403, "RequestTimeTooSkewed", "bucket.endpoint", "clock"),
        ("GET", 301, "PermanentRedirect", "bucket.region", "another region"),
        ("GET", 503, "SlowDown", "bucket.endpoint", "503 SlowDown"),
    ] {
        way.set(move |line| match line.starts_with(method) {
            true => Deed::Refuse(status, code),
            false => Deed::Pass,
        });
        let problem = set_bucket(admin, &way.endpoint()).expect_problem(422, "record.invalid");
        let one = &problem["errors"][0];
        assert_eq!(one["field"], field, "{code}: {problem}");
        assert!(one["message"].as_str().unwrap().contains(part), "{code}: {problem}");
    }
    way.set(|_| Deed::Pass);
    set_bucket(admin, &way.endpoint()).expect_status(200);
    let key = new_key(admin);
    prove(admin, &key).expect_status(200);
    done(admin, "backup");
    way.set(|line| match line.starts_with("PUT") {
        true => Deed::Refuse(507, "XMinioStorageFull"),
        false => Deed::Pass,
    });
    let job = work(admin, "backup");
    assert!(job["error_detail"].as_str().unwrap().contains("no room"), "{job}");
    assert_eq!(backups(admin).len(), 1, "what is there stays");
}

#[test]
fn storage_is_trusted_by_the_authority_that_was_named_and_by_nothing_else() {
    let storage = Storage::start();
    let way = Way::encrypted_to(&storage);
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let problem = set_bucket(admin, &way.endpoint()).expect_problem(422, "record.invalid");
    assert_eq!(problem["errors"][0]["field"], "bucket.ca_pem", "{problem}");
    let mut bucket = bucket(&way.endpoint());
    bucket["ca_pem"] = json!(Way::encrypted_to(&storage).ca);
    let mut body = json!({
        "bucket": bucket, "secret_key": SECRET, "current_password": PASSWORD,
    });
    let other = put_plan(admin, &plan(admin), &body).expect_problem(422, "record.invalid");
    assert!(other["errors"][0]["message"].as_str().unwrap().contains("not trusted"), "{other}");
    body["bucket"]["ca_pem"] = json!(way.ca);
    put_plan(admin, &plan(admin), &body).expect_status(200);
}

fn shipped(hospital: &Hospital) {
    for _ in 0..2 {
        let seen = plan(&hospital.admin)["log"]["shipped_at"].clone();
        eventually("the log is in the bucket", || {
            plan(&hospital.admin)["log"]["shipped_at"] != seen
        });
    }
}

#[test]
fn the_last_second_comes_back_from_a_bucket_whatever_the_way_did_to_the_log() {
    let storage = Storage::start();
    let way = Way::to(&storage);
    let (hospital, key) = backed(&way.endpoint());
    let admin = &hospital.admin;
    eventually("the chain begins with a backup", || {
        plan(admin)["newest"].is_object() && plan(admin)["log"]["shipped_at"].is_string()
    });
    admin.register("Abena", "Qfirst");
    shipped(&hospital);
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    let between = SystemClock.now().to_string();
    // Every third record arrives and nobody hears it, or does not arrive.
    let asked = AtomicUsize::new(0);
    way.set(move |line| {
        if !line.starts_with("PUT") || !line.contains("/log/") {
            return Deed::Pass;
        }
        match asked.fetch_add(1, Ordering::Relaxed) % 6 {
            2 => Deed::Lost,
            5 => Deed::Refuse(500, "InternalError"),
            _ => Deed::Pass,
        }
    });
    for number in 0..40 {
        admin.register("Kofi", &format!("Q{}", "abcdefghij".repeat(1 + number % 3)));
        std::thread::sleep(std::time::Duration::from_millis(150));
    }
    way.set(|_| Deed::Pass);
    eventually("it goes on", || plan(admin)["log"]["trouble"].is_null());
    shipped(&hospital);
    admin.register("Efua", "Qlast");
    shipped(&hospital);
    let Hospital { server, admin: _, scratch: _kept } = hospital;
    server.kill();
    let all = Scratch::new();
    let ended = restore(&way.endpoint(), &key, &[], &all);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["log_is_broken"], false, "{ended:?}");
    let first = Scratch::new();
    let before = restore(&way.endpoint(), &key, &["--at", &between], &first);
    assert_eq!(before.json()["data"]["patients"], 1, "{before:?}");
    assert_eq!(ended.json()["data"]["patients"], 42, "{ended:?}");
    let server = Server::start(&all.data(), &[]);
    finds(&sign_in(&server, "admin"), "Qlast");
    server.stop();
}

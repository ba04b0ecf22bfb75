//! Files that are missing, cut short or hold bytes that nobody wrote.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use healthflow::store::{Class, StoreError, Tx};
use serde_json::Value as Json;

use crate::client::person;
use crate::harness::{Ended, Hospital, Scratch, Server, eventually, nonce, open_store, run};

const PAGE: u64 = 4_096;

/// A hospital with patients, stopped in order; ids with family names, and the token.
fn stopped_hospital(count: usize) -> (Scratch, Vec<(String, String)>, String) {
    let Hospital { server, admin, scratch } = Hospital::open();
    let known = (0..count)
        .map(|number| {
            let family = super::writers::family(0, 0, number);
            let patient = admin.register_as(&person("Test", &family));
            (patient["id"].as_str().unwrap().to_owned(), family)
        })
        .collect();
    server.stop();
    (scratch, known, admin.token().to_owned())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// Turns every bit of the byte at `at`.
fn flip(file: &Path, at: u64) {
    let mut file = OpenOptions::new().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[!byte[0]]).unwrap();
}

#[test]
fn a_search_index_that_is_gone_or_damaged_is_built_again_while_serving() {
    let (scratch, known, token) = stopped_hospital(40);
    let index = scratch.data().join("search");
    let wounds: [fn(&Path); 4] = [
        |index| std::fs::remove_dir_all(index).unwrap(),
        |index| {
            for file in files_below(index) {
                std::fs::write(file, b"not what was written").unwrap();
            }
        },
        |index| {
            for file in files_below(index) {
                let length = std::fs::metadata(&file).unwrap().len();
                OpenOptions::new().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
            }
        },
        |index| {
            for file in files_below(index) {
                let length = std::fs::metadata(&file).unwrap().len();
                (0..length).step_by(97).for_each(|at| flip(&file, at));
            }
        },
    ];
    for (number, wound) in wounds.iter().enumerate() {
        wound(&index);
        let server = Server::start(&scratch.data(), &[]);
        let admin = server.client().with_token(&token);
        let (id, _) = &known[0];
        admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
        let fresh = admin.register("Fresh", &format!("Newcomer{number}"));
        let found = admin.search(&format!("newcomer{number}"));
        assert_eq!(found.first().map(String::as_str), fresh["id"].as_str(), "wound {number}");
        for (id, family) in &known {
            eventually("the index is built again", || admin.search(family).first() == Some(id));
        }
        server.stop();
    }
}

#[test]
fn search_files_that_are_cut_under_a_running_server_are_built_again_while_it_serves() {
    let (scratch, known, token) = stopped_hospital(40);
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    for left in [0, 2, 1] {
        for (id, family) in &known {
            eventually("somebody is found", || admin.search(family).first() == Some(id));
        }
        for file in files_below(&scratch.data().join("search")) {
            let length = std::fs::metadata(&file).map(|about| about.len()).unwrap_or(0);
            if let Ok(file) = OpenOptions::new().write(true).open(&file) {
                file.set_len(length * left / 3).unwrap();
            }
        }
        for (id, family) in &known {
            admin.search(family);
            admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
        }
    }
    for (id, family) in &known {
        eventually("the index is built again", || admin.search(family).first() == Some(id));
    }
    let health = || admin.get("/api/health").json()["services"]["search"] == "ok";
    eventually("health says so", health);
    server.stop();
}

fn expect_named(ended: &Ended, data: &Path, what: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{what}: {ended:?}");
    let file = data.join("healthflow.db");
    assert!(ended.stderr.contains(&file.display().to_string()), "{what}: {ended:?}");
    assert!(ended.stderr.contains("store.damaged"), "{what}: {ended:?}");
    assert!(ended.stderr.contains("restore"), "{what} names no mend: {ended:?}");
}

#[test]
fn a_database_with_flipped_bytes_is_named_and_never_served() {
    let (scratch, _, _) = stopped_hospital(30);
    let file = scratch.data().join("healthflow.db");
    let whole = std::fs::read(&file).unwrap();
    let length = whole.len() as u64;
    let random = u64::from_le_bytes(nonce()[..8].try_into().unwrap());
    let places = [20, PAGE - 1, PAGE + 100, length / 2, length - 20, random % length];
    for at in places {
        flip(&file, at);
        let damaged = std::fs::read(&file).unwrap();
        let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
        expect_named(&ended, &scratch.data(), &format!("byte {at} of {length}"));
        let doctor = run(&["doctor"], &scratch.data(), "");
        assert_eq!(doctor.code, Some(1), "{doctor:?}");
        assert!(doctor.stdout.contains("healthflow.db is damaged"), "{doctor:?}");
        assert!(std::fs::read(&file).unwrap() == damaged, "the evidence is left as it is: {at}");
        flip(&file, at);
    }
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
    expect_named(&ended, &scratch.data(), "cut in half");
    std::fs::write(&file, &whole).unwrap();
    // The mended file is a good one again: nothing was marked or moved.
    Server::start(&scratch.data(), &[]).stop();
}

#[test]
fn damage_under_a_running_server_gives_the_truth_or_a_refusal() {
    let (scratch, known, token) = stopped_hospital(60);
    let server = Server::start(&scratch.data(), &[]);
    let file = scratch.data().join("healthflow.db");
    let length = std::fs::metadata(&file).unwrap().len();
    for page in 1..length / PAGE {
        flip(&file, page * PAGE + 2_000);
    }
    let nobody = server.client();
    let admin = nobody.clone().with_token(&token);
    let mut refused = 0;
    for (id, family) in &known {
        let answer = admin.get(&format!("/api/v1/patients/{id}"));
        if answer.status == 200 {
            assert_eq!(answer.data()["family"], Json::from(family.as_str()));
        } else {
            answer.expect_problem(500, "store.damaged");
            assert!(!answer.text().contains(family));
            refused += 1;
        }
    }
    assert!(0 < refused, "the damage was met");
    let health = nobody.get("/api/health");
    assert_eq!((health.status, health.json()["status"].as_str()), (503, Some("unhealthy")));
    nobody.get("/api/health/ready").expect_status(503);
    let write = admin.post("/api/v1/patients", &person("Ada", "Moreau"));
    write.expect_problem(500, "store.damaged");
    server.kill();
    let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
    expect_named(&ended, &scratch.data(), "after damage while serving");
}

#[test]
fn a_database_that_vanished_is_not_begun_anew() {
    let hospital = Hospital::open();
    hospital.admin.register("Ada", "Moreau");
    let Hospital { server, scratch, .. } = hospital;
    server.kill();
    for name in ["healthflow.db", "healthflow.db-wal", "healthflow.db-shm"] {
        std::fs::remove_file(scratch.data().join(name)).unwrap();
    }
    let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("missing"), "{ended:?}");
    let doctor = run(&["doctor"], &scratch.data(), "");
    assert!(doctor.stdout.contains("was in use and is missing"), "{doctor:?}");
}

#[test]
fn a_database_that_vanishes_under_a_running_server_takes_nothing_more_and_is_not_begun_anew() {
    let hospital = Hospital::open();
    let Hospital { server, admin, scratch } = hospital;
    std::fs::remove_file(scratch.data().join("healthflow.db")).unwrap();
    let nobody = server.client();
    eventually("health tells it", || nobody.get("/api/health/ready").status == 503);
    let write = || admin.post("/api/v1/patients", &person("Ada", "Moreau"));
    eventually("nothing more is taken", || write().status == 500);
    write().expect_problem(500, "store.damaged");
    assert_ne!(nobody.get("/api/health").json()["services"]["database"], "ok");
    let doctor = run(&["doctor"], &scratch.data(), "");
    assert!(doctor.stdout.contains("the server says of it"), "{doctor:?}");
    server.ask_to_stop();
    server.wait();
    let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
    assert!(ended.stderr.contains("missing"), "{ended:?}");
}

#[test]
fn a_database_of_a_newer_program_or_of_another_one_is_refused() {
    let (scratch, _, _) = stopped_hospital(1);
    let store = open_store(&scratch.data());
    let newer = |tx: &Tx<'_>| {
        let sql = "INSERT INTO schema_migration (version, name, checksum, applied_at) \
            VALUES (999, '0999_future', 'x', 0)";
        tx.execute(sql, &[])
    };
    store.write_blocking::<_, StoreError>(Class::People, newer).unwrap();
    drop(store);
    let ended = Server::try_start(&scratch.data(), &[]).unwrap_err();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("schema 999"), "{ended:?}");
    assert!(ended.stderr.contains("newer program"), "{ended:?}");
    let other = Scratch::new();
    std::fs::create_dir(other.data()).unwrap();
    std::fs::write(other.data().join("healthflow.db"), "a letter, not a database\n".repeat(400))
        .unwrap();
    let ended = Server::try_start(&other.data(), &[]).unwrap_err();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("healthflow.db"), "{ended:?}");
}

#[test]
fn a_search_index_that_is_removed_while_serving_is_built_again_and_health_says_so() {
    let hospital = Hospital::open();
    let known = hospital.admin.register("Ada", "Moreau");
    let search = hospital.data().join("search");
    let state = || hospital.server.client().get("/api/health").json()["services"]["search"].clone();
    eventually("there is an index", || state() == "ok" && search.join("current.json").exists());
    std::fs::remove_dir_all(&search).unwrap();
    eventually("it is there again", || search.join("current.json").exists());
    eventually("health says so", || state() == "ok");
    assert_eq!(hospital.admin.search("moreau"), [known["id"].as_str().unwrap()]);
    let fresh = hospital.admin.register("Ada", "Bekele");
    assert_eq!(hospital.admin.search("bekele"), [fresh["id"].as_str().unwrap()]);
}

#[test]
fn a_log_that_was_deleted_after_a_kill_is_told_until_somebody_has_seen_to_it() {
    expect_told(|log| std::fs::remove_file(log).unwrap());
}

#[test]
fn a_log_that_was_cut_off_after_a_kill_is_told_until_somebody_has_seen_to_it() {
    expect_told(|log| {
        let file = OpenOptions::new().write(true).open(log).unwrap();
        file.set_len(file.metadata().unwrap().len() / 3).unwrap();
    });
}

/// Kills a server, has `wound` take changes from its log, and sees what is said of it.
fn expect_told(wound: fn(&Path)) {
    let (scratch, _, token) = stopped_hospital(1);
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    for number in 0..20 {
        admin.register("Ada", &super::writers::family(1, 0, number));
    }
    let marker = scratch.data().join("healthflow.running");
    let noted = || std::fs::read_to_string(&marker).unwrap().lines().nth(1).map(str::to_owned);
    let before = noted();
    eventually("it is noted how far it has come", || noted() != before);
    server.kill();
    wound(&scratch.data().join("healthflow.db-wal"));
    const TOLD: &str = "Changes are missing";
    if !scratch.data().join("healthflow.db-wal").exists() {
        let doctor = run(&["doctor"], &scratch.data(), "");
        assert!(doctor.stdout.contains(TOLD), "before any start: {doctor:?}");
    }
    for _ in 0..2 {
        let server = Server::start(&scratch.data(), &[]);
        eventually("it is told", || server.stderr().contains(TOLD));
        let admin = server.client().with_token(&token);
        let missing = admin.get("/api/v1/system").data()["store"]["missing"].clone();
        assert!(missing["found"].as_i64() < missing["known"].as_i64(), "{missing}");
        server.stop();
    }
    let doctor = run(&["doctor"], &scratch.data(), "");
    assert!(doctor.stdout.contains(TOLD), "{doctor:?}");
    std::fs::remove_file(scratch.data().join("healthflow.missing")).unwrap();
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(&token);
    assert!(admin.get("/api/v1/system").data()["store"]["missing"].is_null());
    assert!(!server.stderr().contains(TOLD));
    server.stop();
}

//! Targets that vanish, fill up and forget, bytes that flip, and ends at any moment.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::{Backed, backups, database_of, done, ended, finds, new_key, order, standing, work};
use crate::faults::full_disk::{fill, small_disk};
use crate::harness::{Hospital, Scratch, Server, eventually, nonce, program, run, sign_in};

fn random(below: u64) -> u64 {
    let bytes = nonce();
    u64::from_le_bytes(bytes[..8].try_into().unwrap()) % below
}

/// Changes a byte of the file at `path`, wherever; where that was.
fn flip(path: &Path) -> u64 {
    let mut file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let at = random(file.metadata().unwrap().len());
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    byte[0] ^= 1 << random(8);
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&byte).unwrap();
    at
}

#[test]
fn a_byte_that_was_changed_anywhere_is_found_by_the_drill_and_by_a_restore() {
    let backed = Backed::open();
    let admin = backed.admin();
    done(admin, "backup");
    done(admin, "backup_drill");
    let database = database_of(&backed.target);
    let whole = std::fs::read(&database).unwrap();
    let key = backed.key_file();
    for round in 0..8 {
        let at = flip(&database);
        if round == 0 {
            let job = work(admin, "backup_drill");
            assert_eq!(job["error_code"], "backup.differs", "byte {at}: {job}");
            assert_eq!(standing(admin), "broken");
            assert_eq!(backups(admin)[0]["state"], "broken");
        }
        let elsewhere = Scratch::new();
        let from = backed.target.to_str().unwrap();
        let refused = run(
            &["restore", "--from", from, "--json", "--key-file", key.to_str().unwrap()],
            &elsewhere.data(),
            "",
        );
        assert_eq!(refused.code, Some(1), "byte {at}: {refused:?}");
        assert!(!elsewhere.data().join("healthflow.db").exists(), "nothing was put in place");
        std::fs::write(&database, &whole).unwrap();
    }
    // Another one makes it good, also while the first is no longer relied on.
    done(admin, "backup");
    done(admin, "backup_drill");
    assert_eq!(standing(admin), "ok");
}

#[test]
fn a_share_that_is_not_mounted_is_no_empty_folder() {
    let backed = Backed::open();
    let admin = backed.admin();
    done(admin, "backup");
    let away = backed.target.with_extension("away");
    std::fs::rename(&backed.target, &away).unwrap();
    for make in [false, true] {
        if make {
            std::fs::create_dir(&backed.target).unwrap();
        }
        let job = work(admin, "backup");
        assert_eq!((&job["state"], &job["error_code"]), (&json!("dead"), &json!("backup.target")));
        assert!(job["error_detail"].as_str().unwrap().contains("not mounted"), "{job}");
    }
    assert_eq!(std::fs::read_dir(&backed.target).unwrap().count(), 0, "nothing was written");
    assert_eq!(backups(admin)[0]["state"], "verified", "what is not seen is not gone");
    std::fs::remove_dir(&backed.target).unwrap();
    std::fs::rename(&away, &backed.target).unwrap();
    done(admin, "backup");
    // Another hospital's folder is not taken either.
    let other = Hospital::open();
    let refused = super::set_plan(&other.admin, &backed.target);
    let problem = refused.expect_problem(422, "record.invalid");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("another hospital"));
}

#[test]
fn a_target_without_room_keeps_what_it_has() {
    let backed = Backed::open();
    let admin = backed.admin();
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 4) else { return };
    let small = volume.path().join("target");
    std::fs::create_dir(&small).unwrap();
    super::set_plan(admin, &small).expect_status(200);
    done(admin, "backup");
    fill(&volume.path().join("filler"));
    let job = work(admin, "backup");
    assert_eq!((&job["state"], &job["error_code"]), (&json!("dead"), &json!("backup.target")));
    assert_eq!(backups(admin).len(), 1);
    std::fs::remove_file(volume.path().join("filler")).unwrap();
    done(admin, "backup_drill");
    done(admin, "backup");
    assert_eq!(standing(admin), "ok");
}

#[test]
fn another_sheet_opens_nothing_and_both_open_their_own() {
    let backed = Backed::open();
    let admin = backed.admin();
    done(admin, "backup");
    let first = backups(admin)[0]["name"].as_str().unwrap().to_owned();
    let second_key = new_key(admin);
    super::prove(admin, &second_key).expect_status(200);
    done(admin, "backup");
    let newest = backups(admin)[0]["name"].as_str().unwrap().to_owned();
    let from = backed.target.to_str().unwrap();
    for (name, key, opens) in [
        (&first, &backed.key, true),
        (&first, &second_key, false),
        (&newest, &backed.key, false),
        (&newest, &second_key, true),
    ] {
        let elsewhere = Scratch::new();
        let arguments = ["restore", "--from", from, "--backup", name, "--json"];
        let ended = run(&arguments, &elsewhere.data(), &format!("{key}\n"));
        assert_eq!(ended.code, Some(if opens { 0 } else { 1 }), "{ended:?}");
        assert!(opens || ended.stderr.contains("backup.wrong_key"), "{ended:?}");
    }
}

#[test]
fn no_end_of_the_server_leaves_half_a_backup() {
    let backed = Backed::open();
    for number in 0..40 {
        backed.admin().register("Abena", &format!("Q{}", "abcdefghij".repeat(1 + number % 3)));
    }
    let key = backed.key_file();
    let Backed { hospital, target, .. } = backed;
    let Hospital { mut server, scratch, admin } = hospital;
    let (mut client, token) = (admin.clone(), admin.token().to_owned());
    for _ in 0..6 {
        order(&client, "backup");
        std::thread::sleep(Duration::from_millis(random(250)));
        server.kill();
        server = Server::start(&scratch.data(), &[]);
        client = server.client().with_token(&token);
        eventually("what was begun comes to its end", || {
            let jobs = client.get("/api/v1/jobs?limit=20").data();
            let open = |job: &serde_json::Value| {
                job["kind"] == "backup" && (job["state"] == "waiting" || job["state"] == "running")
            };
            !jobs.as_array().unwrap().iter().any(open)
        });
    }
    done(&client, "backup");
    assert!(!scratch.data().join("backup-scratch").exists(), "no copy in clear is left");
    let names: Vec<String> =
        backups(&client).iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    server.stop();
    for name in names {
        let elsewhere = Scratch::new();
        let arguments =
            ["restore", "--from", target.to_str().unwrap(), "--backup", &name, "--key-file"];
        let arguments = [&arguments[..], &[key.to_str().unwrap()]].concat();
        let ended = run(&arguments, &elsewhere.data(), "");
        assert_eq!(ended.code, Some(0), "{name}: {ended:?}");
    }
}

#[test]
fn a_restore_that_was_killed_anywhere_leaves_the_old_or_the_new_hospital_or_says_so() {
    let backed = Backed::open();
    backed.admin().register("Abena", "Qbefore");
    done(backed.admin(), "backup");
    let (key, scratch) = (backed.key_file(), Scratch::new());
    let id = order(backed.admin(), "backup_drill");
    ended(backed.admin(), &id);
    let from = backed.target.to_str().unwrap().to_owned();
    let data = scratch.data();
    let arguments = ["restore", "--from", &from, "--replace", "--key-file", key.to_str().unwrap()];
    for _ in 0..12 {
        let mut child = program(&arguments).arg("--data").arg(&data).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random(400)));
        let _ = child.kill();
        let _ = child.wait();
        if data.join("healthflow.db").exists() {
            // Whatever stands there is a whole hospital.
            let server = Server::start(&data, &[]);
            finds(&sign_in(&server, "admin"), "Qbefore");
            server.stop();
        } else if data.join("healthflow.running").exists() {
            let refused = Server::try_start(&data, &[]).map(|_| ()).unwrap_err();
            let told = ["missing or empty", "was interrupted"];
            assert!(told.iter().any(|it| refused.stderr.contains(it)), "{refused:?}");
        }
    }
    let ended = run(&arguments, &data, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let server = Server::start(&data, &[]);
    finds(&sign_in(&server, "admin"), "Qbefore");
    server.stop();
}

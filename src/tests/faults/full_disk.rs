//! A disk without a free byte: reading goes on, writing says so, and space mends it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::power::{ask, expect_sound};
use super::writers::{Acknowledged, expect_all_there, register};
use crate::harness::{Scratch, Server, eventually, open_store, set_up};

/// A small file system in memory, unmounted when dropped.
pub(crate) struct Volume(pub(super) PathBuf);

impl Volume {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// `None` where this machine does not let us mount.
    fn mount(path: PathBuf, mib: u32) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let size = format!("size={mib}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "healthflow-test"]).arg(&path);
        let done = mount.output().is_ok_and(|done| done.status.success());
        done.then_some(Self(path))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// A volume of so many MiB; `None`, and said so, where this machine does not let us mount.
pub(crate) fn small_disk(scratch: &Scratch, mib: u32) -> Option<Volume> {
    let volume = Volume::mount(scratch.path().join("volume"), mib);
    if volume.is_none() {
        skipped("this test needs the right to mount a small file system");
    }
    volume
}

/// Takes every byte that is left.
pub(crate) fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    let mut size = 1 << 16;
    while 0 < size {
        if file.write_all(&vec![0xAA; size]).is_err() {
            size /= 2;
        }
    }
}

#[test]
fn a_full_disk_stops_writing_and_nothing_else_and_space_mends_it() {
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 24) else { return };
    let data = volume.0.join("data");
    let server = Server::start(&data, &["--log-folder", "off"]);
    let admin = set_up(&server);
    let mut known = Acknowledged::new();
    for family in ["Qaaaaaaaa", "Qbbbbbbbb", "Qcccccccc"] {
        let made = register(&admin, family).unwrap();
        made.expect_status(201);
        known.insert(family.to_owned(), made.data()["id"].as_str().unwrap().to_owned());
    }
    let ballast = volume.0.join("ballast");
    fill(&ballast);
    let mut refused = 0;
    for number in 0..200 {
        // What still fits into the log's file is written; then it is told.
        let family = format!("Full{number}");
        let answer = register(&admin, &family).unwrap();
        if answer.status == 201 {
            known.insert(family, answer.data()["id"].as_str().unwrap().to_owned());
            continue;
        }
        answer.expect_problem(503, "store.disk_full");
        assert_ne!(answer.header("retry-after"), "");
        refused += 1;
        if 5 < refused {
            break;
        }
    }
    assert!(5 < refused, "the disk was full");
    expect_all_there(&admin, &known);
    assert_eq!(admin.search("qbbbbbbbb").len(), 1, "searching goes on");
    admin.get("/api/health/live").expect_status(200);
    let health = || server.client().get("/api/health").json();
    let told = health();
    assert_eq!(told["status"], "degraded", "{told}");
    assert_eq!(told["services"]["database"], "disk_full", "{told}");
    let ready = server.client().get("/api/health/ready");
    ready.expect_status(503);
    assert_eq!(ready.json(), json!({"status": "not ready", "reason": "disk_full"}));
    std::fs::remove_file(&ballast).unwrap();
    eventually("writing works again", || {
        register(&admin, "Qdddddddd").is_ok_and(|answer| answer.status == 201)
    });
    expect_all_there(&admin, &known);
    eventually("health says so", || health()["status"] == "healthy");
    server.client().get("/api/health/ready").expect_status(200);
    server.stop();
    let store = open_store(&data);
    expect_sound(&store);
    let seen = "SELECT DISTINCT family FROM patient JOIN audit ON audit.patient_id = patient.id \
        WHERE act = 'patients.read' ORDER BY family";
    let seen = ask(&store, seen);
    assert_eq!(seen, known.keys().cloned().collect::<Vec<_>>(), "reads meanwhile are on record");
    let all = ask(&store, "SELECT family FROM patient");
    assert_eq!(all.len(), known.len() + 1, "nothing half-written: {all:?}");
}

#[test]
fn a_server_that_starts_on_a_full_disk_shows_what_is_there() {
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 24) else { return };
    let data = volume.0.join("data");
    let server = Server::start(&data, &["--log-folder", "off"]);
    let token = set_up(&server).token().to_owned();
    let admin = server.client().with_token(&token);
    let made = register(&admin, "Qaaaaaaaa").unwrap().data()["id"].as_str().unwrap().to_owned();
    server.stop();
    fill(&volume.0.join("ballast"));
    let server = Server::start(&data, &["--log-folder", "off"]);
    eventually("it is told", || server.stderr().contains("The disk is full"));
    let admin = server.client().with_token(&token);
    admin.get("/api/v1/sessions/current").expect_status(200);
    assert_eq!(admin.search("qaaaaaaaa"), [made]);
    assert!(!data.join("server.new").exists());
    server.stop();
}

#[test]
fn what_was_shown_on_a_full_disk_is_audited_however_the_server_ends() {
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 24) else { return };
    let data = volume.0.join("data");
    let mut server = Server::start(&data, &["--log-folder", "off"]);
    let token = set_up(&server).token().to_owned();
    let admin = server.client().with_token(&token);
    let id = register(&admin, "Qaaaaaaaa").unwrap().data()["id"].as_str().unwrap().to_owned();
    let ballast = volume.0.join("ballast");
    let mut shown = 0;
    for is_killed in [false, true] {
        fill(&ballast);
        let admin = server.client().with_token(&token);
        eventually("the disk is full", || {
            shown += 1;
            admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
            server.client().get("/api/health").json()["services"]["audit"] == "waiting"
        });
        for _ in 0..60 {
            shown += 1;
            admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
        }
        if is_killed {
            // Rows gather for ten milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(300));
            server.kill();
        } else {
            server.stop();
        }
        std::fs::remove_file(&ballast).unwrap();
        server = Server::start(&data, &["--log-folder", "off"]);
    }
    server.stop();
    let store = open_store(&data);
    expect_sound(&store);
    let seen = ask(&store, "SELECT CAST(count AS TEXT) FROM audit WHERE act = 'patients.read'");
    let seen = seen.iter().map(|count| count.parse::<usize>().unwrap());
    assert_eq!(seen.sum::<usize>(), shown);
}

#[test]
fn a_disk_that_is_full_at_the_start_is_named() {
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 4) else { return };
    fill(&volume.0.join("ballast"));
    let ended = Server::try_start(&volume.0.join("data"), &[]).unwrap_err();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.to_lowercase().contains("full"), "{ended:?}");
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests should know what did not run")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

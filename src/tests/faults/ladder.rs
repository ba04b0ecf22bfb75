//! A disk that fills up slowly: what can wait is left off in order, and charting goes on to the
//! last.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::full_disk::{Volume, small_disk};
use super::writers::register;
use crate::client::{Answer, Client};
use crate::harness::{Scratch, Server, eventually, set_up};

const MIB: u32 = 64;
/// Long enough for anything that is not held back to be done.
const A_WHILE: Duration = Duration::from_millis(1_500);

/// Free bytes on the disk of `volume`.
fn free(volume: &Volume) -> u64 {
    let found = rustix::fs::statvfs(&volume.0).unwrap();
    found.f_bavail * found.f_frsize
}

/// Takes room until so many KiB are left.
fn leave(volume: &Volume, kib: u64) {
    let path = volume.0.join("others");
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    while kib << 10 < free(volume) {
        file.write_all(&[0xAA; 16 << 10]).unwrap();
    }
}

fn upload(admin: &Client, name: &str) -> Answer {
    let place = format!("/api/v1/imports?name={name}.ndjson&source=elsewhere&format=fhir");
    let patient = json!({"resourceType": "Patient", "id": name, "name": [{"family": name}]});
    let headers = [("content-type", "application/x-ndjson")];
    admin.send("POST", &place, &headers, patient.to_string().as_bytes())
}

fn jobs(admin: &Client, kind: &str) -> Vec<Json> {
    let all = admin.get("/api/v1/jobs?limit=50").data();
    all.as_array().unwrap().iter().filter(|job| job["kind"] == kind).cloned().collect()
}

/// The present size of the ballast; `None` if it is gone.
fn ballast(data: &Path) -> Option<u64> {
    std::fs::metadata(data.join("healthflow.ballast")).ok().map(|found| found.len())
}

#[test]
fn a_disk_that_fills_up_stops_one_thing_after_the_other_and_charting_last() {
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, MIB) else { return };
    let data = volume.0.join("data");
    let server = Server::start(&data, &["--log-folder", "off"]);
    let admin = set_up(&server);
    let health = || server.client().get("/api/health").json();
    let stands = |word: &str| {
        eventually(word, || health()["services"]["disk"] == word);
    };
    let charts = |family: &str| register(&admin, family).unwrap().expect_status(201);
    stands("ok");
    eventually("there is a ballast", || ballast(&data).is_some());
    let whole = ballast(&data).unwrap();
    assert!(100 << 10 < whole, "{whole}");

    leave(&volume, 5_200);
    stands("imports_paused");
    assert_eq!(health()["status"], "healthy", "a warning");
    let ordered = upload(&admin, "paused");
    ordered.expect_status(202);
    let import = format!("/api/v1/imports/{}", ordered.data()["id"].as_str().unwrap());
    std::thread::sleep(A_WHILE);
    assert_ne!(admin.get(&import).data()["status"], "completed", "it waits");
    charts("Qaaaaaaaa");
    assert_eq!(jobs(&admin, "audit_prune"), [Json::Null; 0]);

    leave(&volume, 3_300);
    stands("pruning_early");
    for kind in ["clear_away", "audit_prune"] {
        eventually(kind, || jobs(&admin, kind).iter().any(|job| job["state"] == "done"));
    }

    leave(&volume, 2_100);
    stands("uploads_stopped");
    assert_eq!(health()["status"], "degraded");
    let refused = upload(&admin, "refused");
    refused.expect_problem(503, "imports.no_room");
    assert_eq!(refused.header("retry-after"), "600");
    charts("Qbbbbbbbb");

    leave(&volume, 1_000);
    stands("charting_only");
    let schedules = admin.get("/api/v1/schedules").data();
    let mut schedules = schedules.as_array().unwrap().iter();
    let check = schedules.find(|one| one["kind"] == "database_check").unwrap();
    let run = format!("/api/v1/schedules/{}/run", check["id"].as_str().unwrap());
    admin.post(&run, &json!({})).expect_status(202);
    std::thread::sleep(A_WHILE);
    assert_eq!(jobs(&admin, "database_check")[0]["state"], "waiting", "it makes no room");
    charts("Qcccccccc");
    assert!(ballast(&data).is_some(), "it goes last");

    leave(&volume, 300);
    eventually("the ballast is let go", || ballast(&data).is_none());
    eventually("it is told", || server.stderr().contains("the ballast is let go"));
    assert!(whole <= free(&volume), "there is room again");
    charts("Qdddddddd");
    charts("Qeeeeeeee");

    std::fs::remove_file(volume.0.join("others")).unwrap();
    stands("ok");
    eventually("the ballast is there again", || ballast(&data) == Some(whole));
    eventually("the import goes on", || admin.get(&import).data()["status"] == "completed");
    eventually("what waited is done", || jobs(&admin, "database_check")[0]["state"] == "done");
    upload(&admin, "again").expect_status(202);
    eventually("all is well", || health()["status"] == "healthy");
    server.stop();
}

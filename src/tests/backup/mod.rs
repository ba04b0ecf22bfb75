//! Backups, from their setting to the worst day: the hospital comes back, and whatever is wrong
//! with a backup is found before it is needed.

mod bucket;
mod bucket_faults;
mod faults;
mod moments;
mod restoring;
mod standby;
mod storage;
mod strangers;
mod turning;

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::client::{Answer, Client};
use crate::harness::{Hospital, PASSWORD, eventually};

/// A hospital whose backups go to a folder beside it.
struct Backed {
    hospital: Hospital,
    target: PathBuf,
    /// What stands on the recovery sheet.
    key: String,
}

impl Backed {
    fn open() -> Self {
        let hospital = Hospital::open();
        let target = hospital.scratch.path().join("target");
        std::fs::create_dir(&target).unwrap();
        set_plan(&hospital.admin, &target).expect_status(200);
        let key = new_key(&hospital.admin);
        prove(&hospital.admin, &key).expect_status(200);
        Self { hospital, target, key }
    }

    fn admin(&self) -> &Client {
        &self.hospital.admin
    }

    /// The key in a file, as somebody types it for a restore.
    fn key_file(&self) -> PathBuf {
        let file = self.hospital.scratch.path().join("sheet.txt");
        std::fs::write(&file, format!("{}\n", self.key)).unwrap();
        file
    }
}

fn set_plan(admin: &Client, folder: &Path) -> Answer {
    let before = plan(admin);
    let body = json!({"folder": folder, "current_password": PASSWORD});
    put_plan(admin, &before, &body)
}

fn put_plan(admin: &Client, before: &Json, body: &Json) -> Answer {
    let tag = format!("\"{}\"", before["version"]);
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    admin.send("PUT", "/api/v1/backup", &headers, body.to_string().as_bytes())
}

fn plan(admin: &Client) -> Json {
    let answer = admin.get("/api/v1/backup");
    answer.expect_status(200);
    answer.data()
}

fn new_key(admin: &Client) -> String {
    let made = admin.post("/api/v1/backup/key", &json!({"current_password": PASSWORD}));
    made.expect_status(201);
    made.data()["recovery_key"].as_str().unwrap().to_owned()
}

fn prove(admin: &Client, key: &str) -> Answer {
    admin.post("/api/v1/backup/key/proof", &json!({"recovery_key": key}))
}

/// Orders a job of `kind` and waits for its end.
fn work(admin: &Client, kind: &str) -> Json {
    let id = order(admin, kind);
    ended(admin, &id)
}

fn order(admin: &Client, kind: &str) -> String {
    let all = admin.get("/api/v1/schedules").data();
    let all = all.as_array().unwrap().clone();
    let one = all.iter().find(|one| one["kind"] == kind).unwrap();
    let path = format!("/api/v1/schedules/{}/run", one["id"].as_str().unwrap());
    let mut id = String::new();
    // The one that a new chain begins with may be at work.
    eventually("it is ordered", || {
        let ordered = admin.post(&path, &json!({}));
        if ordered.status == 409 {
            return false;
        }
        ordered.expect_status(202);
        ordered.data()["id"].as_str().unwrap().clone_into(&mut id);
        true
    });
    id
}

fn ended(admin: &Client, id: &str) -> Json {
    let mut job = Json::Null;
    eventually("the job ends", || {
        job = admin.get(&format!("/api/v1/jobs/{id}")).data();
        job["state"] == "done" || job["state"] == "dead"
    });
    job
}

fn done(admin: &Client, kind: &str) -> String {
    let job = work(admin, kind);
    assert_eq!(job["state"], "done", "{job}");
    job["result"].as_str().unwrap().to_owned()
}

fn backups(admin: &Client) -> Vec<Json> {
    let mut all = admin.get("/api/v1/backups").data().as_array().unwrap().clone();
    all.retain(|one| one["state"] != "gone");
    all
}

fn standing(admin: &Client) -> String {
    admin.get("/api/v1/system").data()["backup"]["state"].as_str().unwrap().to_owned()
}

/// The file with the database of the only backup in `target`.
fn database_of(target: &Path) -> PathBuf {
    let mut all = std::fs::read_dir(target.join("backups")).unwrap();
    all.next().unwrap().unwrap().path().join("database.zst.age")
}

/// That a search finds somebody called `family`: the index of what was restored is made anew.
fn finds(client: &Client, family: &str) {
    eventually("the search finds them", || !client.search(family).is_empty());
}

//! Whoever looks after the system hears of what goes wrong and of its end: on screen, by mail over
//! a real mail server, and by a webhook; whatever the other end does, nothing is lost.

mod channels;
mod mail;

use serde_json::{Value as Json, json};

use crate::client::{Answer, Client};
use crate::harness::{Hospital, PASSWORD, eventually};

/// Changes what lies at `path`.
fn put(admin: &Client, path: &str, body: &Json) -> Answer {
    let before = admin.get(path);
    before.expect_status(200);
    let tag = format!("\"{}\"", before.data()["version"]);
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    admin.send("PUT", path, &headers, body.to_string().as_bytes())
}

/// Has backups go to a folder, so that they fail once it is gone.
fn backups_into(hospital: &Hospital) -> std::path::PathBuf {
    let (admin, folder) = (&hospital.admin, hospital.scratch.path().join("target"));
    std::fs::create_dir(&folder).unwrap();
    let plan = json!({"folder": folder, "current_password": PASSWORD});
    put(admin, "/api/v1/backup", &plan).expect_status(200);
    let made = admin.post("/api/v1/backup/key", &json!({"current_password": PASSWORD}));
    let proof = json!({"recovery_key": made.data()["recovery_key"]});
    admin.post("/api/v1/backup/key/proof", &proof).expect_status(200);
    folder
}

/// Orders a backup.
fn order_backup(admin: &Client) {
    order(admin, "backup");
}

/// Orders what comes by the clock as `kind`.
fn order(admin: &Client, kind: &str) {
    let all = admin.get("/api/v1/schedules").data();
    let one = all.as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone();
    let path = format!("/api/v1/schedules/{}/run", one["id"].as_str().unwrap());
    eventually("it is ordered", || admin.post(&path, &json!({})).status == 202);
}

fn notifications(admin: &Client) -> Vec<Json> {
    let answer = admin.get("/api/v1/notifications?include=deliveries");
    answer.expect_status(200);
    answer.data().as_array().unwrap().clone()
}

/// The newest about `subject`.
fn about(admin: &Client, subject: &str) -> Option<Json> {
    notifications(admin).into_iter().find(|one| one["subject"] == subject)
}

fn is(admin: &Client, subject: &str, state: &str) -> bool {
    about(admin, subject).is_some_and(|one| one["state"] == state)
}

fn mail_to_admin(admin: &Client) {
    let body = json!({"email": "ama@hospital.example", "level": "all", "language": "fr",
        "digest": "daily"});
    put(admin, "/api/v1/users/current/notifications", &body).expect_status(200);
}

#[test]
fn a_backup_that_fails_rings_the_bell_until_one_succeeds() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let folder = backups_into(&hospital);
    let aside = folder.with_extension("aside");
    std::fs::rename(&folder, &aside).unwrap();
    order_backup(admin);
    eventually("it is told", || is(admin, "job:backup", "open"));
    let told = about(admin, "job:backup").unwrap();
    assert_eq!(told["severity"], "critical");
    assert_eq!(told["facts"]["kind"], "backup");
    let own = admin.get("/api/v1/users/current/notifications").data();
    assert_eq!(own["unseen"], 1, "{own}");
    let seen = json!({"until": told["told_at"]});
    let own = admin.post("/api/v1/users/current/notifications/seen", &seen).data();
    assert_eq!(own["unseen"], 0, "{own}");
    std::fs::rename(&aside, &folder).unwrap();
    order_backup(admin);
    eventually("it is over", || is(admin, "job:backup", "over"));
    let own = admin.get("/api/v1/users/current/notifications").data();
    assert_eq!(own["unseen"], 1, "that it is over is new: {own}");
    assert_eq!(notifications(admin).len(), 1);
}

#[test]
fn what_the_check_up_finds_is_told_until_it_finds_it_no_more() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    order(admin, "check_up");
    eventually("it is told", || is(admin, "doctor:backups", "open"));
    let told = about(admin, "doctor:backups").unwrap();
    assert_eq!(told["severity"], "warning", "{told}");
    assert!(told["facts"]["mend"].as_str().unwrap().contains("Open Backups"), "{told}");
    assert_eq!(about(admin, "doctor:jobs"), None);
    backups_into(&hospital);
    order_backup(admin);
    eventually("there is a backup", || {
        let all = admin.get("/api/v1/backups").data();
        all.as_array().unwrap().iter().any(|one| one["state"] == "verified")
    });
    order(admin, "backup_drill");
    eventually("it is proven", || admin.get("/api/v1/system").data()["backup"]["state"] == "ok");
    order(admin, "check_up");
    eventually("it is over", || is(admin, "doctor:backups", "over"));
}

#[test]
fn what_is_typed_wrongly_is_told_by_field_and_nothing_is_kept() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let fields = |answer: Answer| -> Vec<String> {
        let problem = answer.expect_problem(422, "record.invalid");
        let errors = problem["errors"].as_array().unwrap().clone();
        errors.iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
    };
    let wrong = json!({"settings": {"enabled": true, "host": "a b", "port": 0, "from": "x"}});
    assert_eq!(fields(put(admin, "/api/v1/mail", &wrong)), ["host", "port", "from"]);
    let clear = json!({"settings": {"enabled": true, "host": "mail", "port": 25, "security": "none",
        "from": "a@b.example", "username": "u"}, "password": "p"});
    assert_eq!(fields(put(admin, "/api/v1/mail", &clear)), ["username"]);
    let missing = json!({"settings": {"enabled": true, "host": "mail", "port": 25,
        "security": "none", "from": "a@b.example"}, "current_password": "wrong"});
    assert_eq!(put(admin, "/api/v1/mail", &missing).status, 422);
    assert_eq!(admin.get("/api/v1/mail").data()["enabled"], false);
    let channel = |url: &str| {
        json!({"channels": [{"name": "x", "sort": "slack", "level": "all", "language": "en",
            "url": url}], "current_password": PASSWORD})
    };
    let path = "/api/v1/notification-channels";
    assert_eq!(fields(put(admin, path, &channel("http://a.example/"))), ["channels[0].url"]);
    let ours = "/api/v1/users/current/notifications";
    let quiet = json!({"email": "nobody", "level": "all", "language": "xx",
        "digest": "hourly", "quiet_from": "25:00"});
    assert_eq!(fields(put(admin, ours, &quiet)), ["quiet_from", "email", "digest", "language"]);
    let half = json!({"level": "all", "language": "en", "digest": "none", "quiet_from": "22:00"});
    assert_eq!(fields(put(admin, ours, &half)), ["quiet_until"]);
}

//! Bringing the hospital back while its server runs, and taking that back.

use healthflow::vocab::clock::{Clock, SystemClock};
use serde_json::{Value as Json, json};

use super::moments::restore;
use super::{Backed, ended, finds};
use crate::client::Client;
use crate::harness::{PASSWORD, Scratch, eventually};

fn moments(admin: &Client) -> Json {
    admin.get("/api/v1/backup/moments").data()
}

/// Waits until the server has turned: another folder with what was there is kept than `before`.
fn turned(admin: &Client, before: Option<&str>) -> String {
    let mut kept = String::new();
    eventually("the server has turned", || {
        // In between nobody answers.
        let answer = admin.try_send("GET", "/api/v1/backup/moments", &[], b"");
        let Ok(answer) = answer else { return false };
        let newest = answer.json()["data"]["kept"][0].as_str().unwrap_or_default().to_owned();
        kept = newest;
        !kept.is_empty() && Some(kept.as_str()) != before
    });
    kept
}

#[test]
fn a_moment_is_laid_beside_turned_to_and_taken_back() {
    let backed = Backed::open();
    let (admin, data) = (backed.admin().clone(), backed.hospital.data());
    eventually("the chain has its backup", || moments(&admin)["from"].is_string());
    admin.register("Abena", "Qfirst");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let between = SystemClock.now();
    admin.register("Kofi", "Qsecond");
    let at = between.to_string();
    let lost = admin.post("/api/v1/backup/lost", &json!({"at": at})).data();
    assert!(
        lost["changes"].as_array().unwrap().contains(&json!({
            "act": "patients.create", "count": 1
        })),
        "{lost}"
    );
    let early = json!({"current_password": PASSWORD});
    admin.post("/api/v1/backup/restore/begin", &early).expect_problem(409, "backup.nothing_ready");
    let unsaid = admin.post("/api/v1/backup/restore", &json!({"at": at}));
    unsaid.expect_problem(422, "record.invalid");
    let order = json!({"at": at, "current_password": PASSWORD});
    let ordered = admin.post("/api/v1/backup/restore", &order);
    ordered.expect_status(202);
    let job = ended(&admin, ordered.data()["id"].as_str().unwrap());
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(moments(&admin)["ready"]["patients"], 1);

    admin.post("/api/v1/backup/restore/begin", &early).expect_status(202);
    let kept = turned(&admin, None);
    let client = &admin;
    finds(client, "Qfirst");
    assert!(client.search("Qsecond").is_empty());
    let rows = client.get("/api/v1/audit?act=backup.restore&limit=5").data();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert!(!data.join("restore-ready").exists(), "nothing in clear is left");

    let undo = json!({"name": kept, "current_password": PASSWORD});
    client.post("/api/v1/backup/restore/undo", &undo).expect_status(202);
    turned(&admin, Some(&kept));
    finds(client, "Qsecond");
    finds(client, "Qfirst");
    // The newest backup is of the hospital that lives, and not of the one that was given up.
    let chains = || std::fs::read_dir(backed.target.join("log")).unwrap().count();
    eventually("another chain has begun", || chains() == 3);
    let newest = || {
        let folders = std::fs::read_dir(backed.target.join("backups")).unwrap();
        let newest = folders.map(|one| one.unwrap().path()).max().unwrap();
        std::fs::read_to_string(newest.join("manifest.json")).unwrap_or_default()
    };
    let chain = || {
        let folders = std::fs::read_dir(backed.target.join("log")).unwrap();
        folders.map(|one| one.unwrap().file_name().into_string().unwrap()).max().unwrap()
    };
    eventually("it has its backup", || newest().contains(&chain()));
    let again = restore(&backed, &[], &Scratch::new());
    assert_eq!(again.json()["data"]["patients"], 2, "{again:?}");
    let wrong = json!({"name": "before-restore-never", "current_password": PASSWORD});
    let wrong = client.post("/api/v1/backup/restore/undo", &wrong);
    wrong.expect_problem(409, "backup.not_kept");
}

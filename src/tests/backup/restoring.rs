//! Setting backups up, making them, proving them, and bringing the hospital back.

use serde_json::json;

use super::{
    Backed, backups, done, finds, new_key, plan, prove, put_plan, set_plan, standing, work,
};
use crate::harness::{Hospital, PASSWORD, Scratch, Server, run, sign_in};

#[test]
fn a_hospital_comes_back_on_a_new_machine_from_the_backups_and_the_sheet() {
    let backed = Backed::open();
    let admin = backed.admin();
    let kept = admin.register("Abena", "Qbefore");
    assert_eq!(standing(admin), "none");
    let told = done(admin, "backup");
    assert!(told.contains("was read back and is whole"), "{told}");
    assert_eq!(standing(admin), "unproven");
    let told = done(admin, "backup_drill");
    assert!(told.contains("is whole"), "{told}");
    assert_eq!(standing(admin), "ok");
    let [backup] = &backups(admin)[..] else { panic!("one backup") };
    let is = (&backup["state"], &backup["drill_outcome"], &backup["patients"]);
    assert_eq!(is, (&json!("verified"), &json!("passed"), &json!(1)));
    admin.register("Kofi", "Qafter");

    let elsewhere = Scratch::new();
    let from = backed.target.to_str().unwrap();
    let arguments = ["restore", "--from", from, "--key-file"];
    let file = backed.key_file();
    let arguments = [&arguments[..], &[file.to_str().unwrap(), "--json"]].concat();
    let ended = run(&arguments, &elsewhere.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["backup"], backup["name"]);
    assert_eq!(ended.json()["data"]["kept"], json!(null));
    let again = run(&arguments, &elsewhere.data(), "");
    assert!(again.stderr.contains("there is a hospital in it"), "{again:?}");

    let server = Server::start(&elsewhere.data(), &[]);
    let client = sign_in(&server, "admin");
    finds(&client, "Qbefore");
    assert_eq!(client.search("Qbefore"), [kept["id"].as_str().unwrap()]);
    assert_eq!(client.search("Qafter"), Vec::<String>::new());
    let rows = client.get("/api/v1/audit?act=backup.restore&limit=2").data();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    // What only the key file of the data folder opens came along.
    assert_eq!(plan(&client)["not_ready"], json!(null));
    // Two copies of a hospital never write to the same backups: the new one takes over when
    // somebody says so, and the old one is kept out from then on.
    let job = work(&client, "backup");
    assert!(job["error_detail"].as_str().unwrap().contains("another copy"), "{job}");
    assert!(done(admin, "backup").contains("is whole"));
    set_plan(&client, &backed.target).expect_status(200);
    assert!(done(&client, "backup").contains("is whole"), "it goes on where the old one was");
    let job = work(admin, "backup");
    assert!(job["error_detail"].as_str().unwrap().contains("another copy"), "{job}");
    server.stop();
    let verdict = run(&["audit", "verify"], &elsewhere.data(), "");
    assert_eq!(verdict.code, Some(0), "{verdict:?}");
}

#[test]
fn what_was_there_is_put_aside_only_when_somebody_says_so() {
    let backed = Backed::open();
    backed.admin().register("Abena", "Qbefore");
    done(backed.admin(), "backup");
    backed.admin().register("Kofi", "Qafter");
    let file = backed.key_file();
    let Backed { hospital, target, .. } = backed;
    let arguments = ["restore", "--from", target.to_str().unwrap(), "--replace", "--key-file"];
    let arguments = [&arguments[..], &[file.to_str().unwrap(), "--json"]].concat();
    let busy = run(&arguments, &hospital.data(), "");
    assert!(busy.stderr.contains("is in use by another"), "a server runs on it: {busy:?}");
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let ended = run(&arguments, &scratch.data(), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let kept = ended.json()["data"]["kept"].as_str().unwrap().to_owned();
    let server = Server::start(&scratch.data(), &[]);
    let client = sign_in(&server, "admin");
    finds(&client, "Qbefore");
    assert_eq!(client.search("Qafter").len(), 0);
    server.stop();
    // The way back: what was put aside is a whole data folder of its own.
    let server = Server::start(std::path::Path::new(&kept), &[]);
    finds(&sign_in(&server, "admin"), "Qafter");
    server.stop();
}

#[test]
fn nothing_counts_before_somebody_has_shown_the_sheet() {
    let hospital = Hospital::open();
    let (admin, target) = (&hospital.admin, hospital.scratch.path().join("target"));
    assert_eq!(standing(admin), "unset");
    assert!(done(admin, "backup").contains("not set up"));
    let refused = set_plan(admin, &target);
    let problem = refused.expect_problem(422, "record.invalid");
    assert_eq!(problem["errors"][0]["field"], "folder", "it is not there");
    std::fs::create_dir(&target).unwrap();
    let before = plan(admin);
    let unsaid = put_plan(admin, &before, &json!({"folder": target}));
    unsaid.expect_problem(422, "record.invalid");
    let inside = set_plan(admin, &hospital.data().join("logs"));
    inside.expect_problem(422, "record.invalid");
    let nowhere = hospital.scratch.path().join("nowhere");
    let to = ["backup", "to", nowhere.to_str().unwrap(), "--json"];
    let refused = run(&to, &hospital.data(), "");
    assert!(refused.stderr.contains("make the folder first"), "{refused:?}");
    set_plan(admin, &target).expect_status(200);
    let first = new_key(admin);
    let early = run(&["backup", "now", "--json"], &hospital.data(), "");
    assert!(early.code == Some(1) && early.stderr.contains("backup.not_ready"), "{early:?}");
    assert!(done(admin, "backup").contains("shown the recovery sheet"));
    assert!(!target.join("backups").exists());
    let second = new_key(admin);
    let wrong = prove(admin, &first).expect_problem(422, "record.invalid");
    assert_eq!(wrong["errors"][0]["field"], "recovery_key");
    let typed = second.to_lowercase().replace('1', "1 ");
    prove(admin, &typed).expect_status(200);
    assert!(done(admin, "backup").contains("is whole"));
    let nurse = hospital.sign_in_as("nurse");
    nurse.get("/api/v1/backup").expect_status(403);
    nurse.post("/api/v1/backup/key", &json!({"current_password": PASSWORD})).expect_status(403);
    // Neither half that opens anything is told, logged or kept in clear.
    let told = plan(admin).to_string();
    assert!(!told.contains("SECRET"), "{told}");
    let log = hospital.server.stderr();
    assert!(!log.contains("AGE-SECRET-KEY"));
    let (_, scratch) = hospital.stop_and_open_store();
    let bytes = std::fs::read(scratch.data().join("healthflow.db")).unwrap();
    assert!(!bytes.windows(15).any(|window| window == b"AGE-SECRET-KEY-"));
}

#[test]
fn each_file_is_stored_once_and_the_next_backup_names_the_one_before() {
    let backed = Backed::open();
    let admin = backed.admin();
    done(admin, "backup");
    let files = || std::fs::read_dir(backed.target.join("files")).unwrap().count();
    let first = files();
    assert!(0 < first);
    done(admin, "backup");
    // The anchors of the audit may have grown; the key file has not.
    assert!(files() <= first + 1);
    let names: Vec<String> =
        backups(admin).iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    let manifest = backed.target.join("backups").join(&names[0]).join("manifest.json");
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["previous"]["name"], names[1].as_str());
    let job = work(admin, "backup_drill");
    assert!(job["result"].as_str().unwrap().contains(&names[0]), "the newest: {job}");
}

//! The audit is proven, archived and restored from the command line, beside a server and without.

use std::path::Path;

use healthflow::platform::ledger::custody::archive::FOLDER;
use healthflow::store::{Class, StoreError, Tx};
use serde_json::{Value as Json, json};

use crate::harness::{Ended, Hospital, Server, eventually, open_store, run, sign_in};

/// A command on the audit that ends with `code`; what it prints for a program.
fn told(data: &Path, arguments: &[&str], code: i32) -> Json {
    let ended = asked(data, arguments);
    assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
    if ended.stdout.is_empty() {
        return serde_json::from_str(ended.stderr.lines().last().unwrap()).unwrap();
    }
    ended.json()["data"].clone()
}

fn asked(data: &Path, arguments: &[&str]) -> Ended {
    run(&[&["audit"], arguments, &["--json"]].concat(), data, "")
}

/// Changes the store of a server that has ended, as nobody should.
fn changed(data: &Path, sql: &'static str) {
    let store = open_store(data);
    let job = move |tx: &Tx<'_>| tx.execute(sql, &[]).map(|_| ());
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    store.close();
}

fn filled() -> Hospital {
    let hospital = Hospital::open();
    for number in 0..10 {
        let patient = hospital.admin.register("Ada", &format!("Moreau{number}"));
        let id = patient["id"].as_str().unwrap().to_owned();
        hospital.admin.get(&format!("/api/v1/patients/{id}")).expect_status(200);
    }
    hospital
}

#[test]
fn verify_ends_with_0_only_when_all_is_whole_and_names_what_is_not() {
    let hospital = filled();
    let data = hospital.data();
    let line = told(&data, &["anchor"], 0)["line"].as_str().unwrap().to_owned();
    assert!(line.starts_with("healthflow-audit 20"), "{line}");
    let whole = told(&data, &["verify", "--anchor", &line], 0);
    assert_eq!(whole["flaw"], Json::Null);
    assert!(20 < whole["rows"].as_i64().unwrap() && 1 < whole["anchors"].as_i64().unwrap());
    let wrong = told(&data, &["verify", "--anchor", "healthflow-audit"], 1);
    assert_eq!(wrong["errors"][0]["field"], "anchors[0]");
    let custody = hospital.admin.get("/api/v1/audit/custody").data();
    assert_eq!(custody["proof"]["whole"], true);
    assert_eq!(custody["proof"]["by"], "command line");
    assert_eq!(custody["anchor"]["line"], line.as_str());
    assert_eq!(custody["keep_days"]["reads"], 2_192);
    hospital.server.stop();
    let printed = run(&["audit", "verify"], &data, "");
    assert!(printed.stdout.starts_with("The audit is whole: "), "{printed:?}");
    changed(&data, "UPDATE audit SET actor_name = 'Nobody' WHERE id = 7");
    let flaw = &told(&data, &["verify"], 1)["flaw"];
    assert_eq!((&flaw["kind"], &flaw["row"]), (&json!("changed"), &json!(7)));
    changed(&data, "UPDATE audit SET actor_name = 'Ama Admin' WHERE id = 7");
    told(&data, &["verify"], 0);
    // Stopping in order has noted how far the audit was.
    changed(&data, "DELETE FROM audit WHERE id > 15");
    let flaw = &told(&data, &["verify"], 1)["flaw"];
    assert_eq!((&flaw["kind"], &flaw["row"]), (&json!("cut_off"), &json!(16)));
}

#[test]
fn a_row_that_another_program_has_changed_is_named_although_its_page_has_lost_its_seal() {
    let hospital = filled();
    let data = hospital.data();
    let rows = hospital.admin.get("/api/v1/audit?class=changes&limit=1").data();
    let number: i64 = rows[0]["id"].as_str().unwrap().parse().unwrap();
    let request = rows[0]["request_id"].as_str().unwrap().to_owned();
    hospital.server.stop();
    told(&data, &["verify"], 0);
    let file = data.join("healthflow.db");
    let whole = std::fs::read(&file).unwrap();
    let found = |bytes: &[u8]| bytes == request.as_bytes();
    let at = whole.windows(request.len()).position(found).unwrap();
    let mut changed = whole.clone();
    changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
    std::fs::write(&file, &changed).unwrap();
    let flaw = &told(&data, &["verify"], 1)["flaw"];
    assert_eq!((&flaw["kind"], &flaw["row"]), (&json!("changed"), &json!(number)));
    assert!(flaw["told"].as_str().unwrap().contains("do not match their seals"), "{flaw}");
    let refused = asked(&data, &["export"]);
    assert!(refused.stderr.contains("store.damaged"), "nothing is served: {refused:?}");
    // The seal alone: the rows are as they were, and it is not whole all the same.
    let mut unsealed = whole.clone();
    unsealed[at / 4096 * 4096 + 4095] ^= 1;
    std::fs::write(&file, &unsealed).unwrap();
    let flaw = &told(&data, &["verify"], 1)["flaw"];
    assert_eq!((&flaw["kind"], &flaw["row"]), (&json!("damaged"), &Json::Null));
    std::fs::write(&file, &whole).unwrap();
    told(&data, &["verify"], 0);
}

#[test]
fn the_verification_of_the_browser_runs_in_the_background_and_is_on_record() {
    let hospital = filled();
    let officer = hospital.sign_in_as("privacy_officer");
    let task = officer.post("/api/v1/audit/verify", &json!({}));
    task.expect_status(202);
    assert_eq!((&task.data()["number"], &task.data()["kind"]), (&json!(1), &json!("verify")));
    let mut custody = Json::Null;
    eventually("the verification ends", || {
        custody = officer.get("/api/v1/audit/custody").data();
        custody["task"]["running"] == false
    });
    assert_eq!(custody["proof"]["whole"], true, "{custody}");
    assert_eq!(custody["proof"]["by"], "A privacy_officer");
    let found = officer.get("/api/v1/audit?act=audit.verify").data();
    assert!(found[0]["detail"].as_str().unwrap().starts_with("whole, up to row "), "{found}");
    for path in ["prune", "restore"] {
        let refused = officer.post(&format!("/api/v1/audit/{path}"), &json!({}));
        refused.expect_problem(403, "access.not_allowed");
    }
    let nurse = hospital.sign_in_as("nurse");
    nurse.post("/api/v1/audit/verify", &json!({})).expect_problem(403, "access.not_allowed");
    nurse.get("/api/v1/audit/custody").expect_problem(403, "access.not_allowed");
}

#[test]
fn rows_are_pruned_and_restored_beside_a_server_and_what_is_kept_is_said() {
    let hospital = filled();
    let data = hospital.data();
    let kept = told(&data, &["prune", "--keep", "0"], 0);
    assert_eq!((&kept["rows"], &kept["file"]), (&json!(0), &Json::Null));
    assert_eq!(kept["kept"], json!([1, "administration"]), "all of it is younger than six years");
    let words = run(&["audit", "prune"], &data, "").stdout;
    assert!(words.contains("audit_administration_days"), "{words}");
    assert_eq!(told(&data, &["prune", "--before", "soon"], 1)["errors"][0]["field"], "before");
    let missing = told(&data, &["restore", "audit-1-5.ndjson.zst"], 1);
    assert_eq!(missing["code"], "audit.archive");
    assert!(missing["detail"].as_str().unwrap().contains("is missing"), "{missing}");
    hospital.server.stop();
    aged(&data, 40);
    let server = Server::start(&data, &[]);
    let admin = sign_in(&server, "admin");
    told(&data, &["verify"], 0);
    let pruned = told(&data, &["prune"], 0);
    assert_eq!(pruned["rows"], 40, "{pruned}");
    let file = pruned["file"].as_str().unwrap();
    assert!(data.join(FOLDER).join(file).exists());
    let whole = told(&data, &["verify"], 0);
    assert_eq!(whole["archives"], 1);
    let old = admin.get("/api/v1/audit?act=test.old").data();
    assert_eq!(old, json!([]), "they are in the archive only");
    server.stop();
    let back = told(&data, &["restore", file], 0);
    assert_eq!(back, json!({"rows": 40, "span": [1, 40]}));
    told(&data, &["verify"], 0);
    let export = asked(&data, &["export", "--to", "2019-01-01"]);
    assert_eq!(export.stdout.lines().count(), 40, "{export:?}");
    let export = asked(&data, &["export", "--from", "2019-01-01", "--user", "admin"]);
    let rows = export.stdout.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let names: Vec<Json> = rows.map(|mut row| row["actor_name"].take()).collect();
    let own = |name: &Json| ["Ama Admin", "admin"].iter().any(|known| name == known);
    assert!(!names.is_empty() && names.iter().all(own), "{names:?}");
}

/// Gives the hospital so many rows of 2015, in place of those that it has.
fn aged(data: &Path, count: i64) {
    use healthflow::platform::ledger::audit::{Entry, Seen, append};
    use healthflow::vocab::actor::{Actor, Call};
    let store = open_store(data);
    let job = move |tx: &Tx<'_>| {
        tx.execute("DELETE FROM audit", &[])?;
        let call = Call::new(Actor::machine("test", Vec::new()), "r-1");
        let rows: Vec<Entry> = (1..=count)
            .map(|number| {
                let seen = Seen { kind: "patient", id: None, patient: Some(number), detail: None };
                Entry::new(&call, 1_430_000_000_000_000 + number, "test.old", seen)
            })
            .collect();
        append(tx, &rows)
    };
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    store.close();
    std::fs::remove_file(data.join("audit.anchors")).unwrap();
}

#[test]
fn a_prune_that_is_killed_anywhere_loses_nothing() {
    use std::process::Stdio;
    use std::time::Duration;

    let hospital = filled();
    let data = hospital.data();
    hospital.server.stop();
    aged(&data, 4_000);
    let reached = data.join("server.json");
    let mut rows = told(&data, &["verify"], 0)["rows"].as_i64().unwrap();
    for round in 0..8 {
        let _ = std::fs::remove_file(&reached);
        let mut child = crate::harness::program(&["audit", "prune", "--data"])
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // One that has nothing left to do has ended before anybody could look.
        eventually("it can be reached", || {
            reached.exists() || child.try_wait().is_ok_and(|ended| ended.is_some())
        });
        std::thread::sleep(Duration::from_millis(20 + 30 * round));
        let _ = child.kill();
        child.wait().unwrap();
        let whole = told(&data, &["verify"], 0);
        let now = whole["rows"].as_i64().unwrap();
        assert!(rows <= now, "no row is lost: {whole}");
        rows = now;
    }
    told(&data, &["prune"], 0);
    assert_eq!(told(&data, &["verify"], 0)["archives"], 1);
    let archives = std::fs::read_dir(data.join(FOLDER)).unwrap().count();
    assert_eq!(archives, 1, "one archive, and nothing unfinished beside it");
    let back = told(&data, &["restore", "audit-1-4000.ndjson.zst"], 0);
    assert_eq!(back["rows"], 4_000);
    told(&data, &["verify"], 0);
}

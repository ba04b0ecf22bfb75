//! What the server does in the background, as an administrator sees it; and that no way of ending
//! the program loses a job or leaves one running.

use std::time::Duration;

use healthflow::store::{ReadTx, StoreError};
use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::harness::{Hospital, Server, eventually, nonce, open_store};

fn schedules(client: &Client) -> Vec<Json> {
    let answer = client.get("/api/v1/schedules");
    answer.expect_status(200);
    answer.data().as_array().unwrap().clone()
}

fn schedule(client: &Client, kind: &str) -> Json {
    schedules(client).into_iter().find(|one| one["kind"] == kind).unwrap()
}

fn run(client: &Client, kind: &str) -> String {
    let id = schedule(client, kind)["id"].as_str().unwrap().to_owned();
    let answer = client.post(&format!("/api/v1/schedules/{id}/run"), &json!({}));
    answer.expect_status(202);
    let job = answer.data()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{job}"));
    job
}

fn job(client: &Client, id: &str) -> Json {
    let answer = client.get(&format!("/api/v1/jobs/{id}"));
    answer.expect_status(200);
    answer.data().clone()
}

#[test]
fn what_comes_by_the_clock_runs_now_and_says_what_came_of_it() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let kinds = ["clear_away", "audit_anchor", "audit_prune", "database_tidy", "database_check"];
    let all = schedules(admin);
    assert_eq!(
        all.len(),
        kinds.len() + 4,
        "backup, drill, check-up and letter have tests of their own"
    );
    for (kind, told) in kinds.into_iter().zip([
        "What has served its time is gone.",
        "How far the audit has come is noted.",
        "No entry of the audit is old enough to leave it.",
        "0 pages were given back",
        "tables are whole.",
    ]) {
        eventually("the clock was read", || schedule(admin, kind)["next_at"].is_string());
        let id = run(admin, kind);
        eventually("the job is done", || job(admin, &id)["state"] == "done");
        let done = job(admin, &id);
        assert!(done["result"].as_str().unwrap().contains(told), "{done}");
        assert_eq!((&done["tries"], &done["attempts"][0]["outcome"]), (&json!(1), &json!("done")));
        assert_eq!(schedule(admin, kind)["last_job_id"], id.as_str());
        let again = admin.post(&format!("/api/v1/jobs/{id}/retry"), &json!({}));
        again.expect_problem(409, "jobs.not_ended");
        let late = admin.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({}));
        late.expect_problem(409, "jobs.ended");
    }
    let of_state = admin.get("/api/v1/jobs?state=done&limit=3");
    assert_eq!(of_state.data().as_array().unwrap().len(), 3);
    admin.post("/api/v1/jobs/job_0000000000001/retry", &json!({})).expect_status(404);
    let nurse = hospital.sign_in_as("nurse");
    nurse.get("/api/v1/jobs").expect_status(403);
    nurse.post("/api/v1/jobs/job_0000000000001/cancel", &json!({})).expect_status(403);
    let rows = admin.get("/api/v1/audit?act=schedules.run&limit=10");
    assert_eq!(
        rows.data().as_array().unwrap().iter().filter(|row| row["subject_kind"] == "job").count(),
        5
    );
}

#[test]
fn when_something_comes_is_changed_with_the_mend_of_what_is_wrong() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    eventually("the clock was read", || schedule(admin, "database_check")["next_at"].is_string());
    let before = schedule(admin, "database_check");
    let path = format!("/api/v1/schedules/{}", before["id"].as_str().unwrap());
    let patch = |version: &Json, body: &Json| {
        let tag = format!("\"{version}\"");
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        admin.send("PATCH", &path, &headers, body.to_string().as_bytes())
    };
    for wrong in ["", "* * * *", "61 * * * *", "0 0 31 2 *"] {
        let refused = patch(&before["version"], &json!({"cron": wrong}));
        let problem = refused.expect_problem(422, "record.invalid");
        assert_eq!(problem["errors"][0]["field"], "cron", "{wrong}");
    }
    let changed = patch(&before["version"], &json!({"cron": "0 5 * * 1", "active": false}));
    changed.expect_status(200);
    let now = schedule(admin, "database_check");
    assert_eq!((&now["cron"], &now["active"]), (&json!("0 5 * * 1"), &json!(false)));
    assert_ne!(now["next_at"], before["next_at"]);
    patch(&before["version"], &json!({"active": true})).expect_status(412);
}

#[test]
fn no_job_is_lost_or_left_running_however_the_program_ends() {
    let hospital = Hospital::open();
    let kinds = ["clear_away", "database_tidy", "database_check", "audit_prune"];
    let Hospital { mut server, scratch, admin, .. } = hospital;
    let mut client = admin;
    let token = client.token().to_owned();
    let mut ordered = Vec::new();
    for round in 0..6 {
        for kind in kinds {
            let id = schedule(&client, kind)["id"].as_str().unwrap().to_owned();
            let answer = client.post(&format!("/api/v1/schedules/{id}/run"), &json!({}));
            if answer.status == 202 {
                ordered.push(answer.data()["id"].as_str().unwrap().to_owned());
            } else {
                answer.expect_problem(409, "jobs.at_work");
            }
        }
        std::thread::sleep(Duration::from_millis(u64::from(nonce()[0]) / 4));
        match round % 3 {
            2 => server.stop(),
            _ => server.kill(),
        }
        server = Server::start(&scratch.data(), &[]);
        client = server.client().with_token(&token);
    }
    assert!(kinds.len() < ordered.len());
    for id in &ordered {
        eventually("every job that was ordered ends", || {
            let job = job(&client, id);
            assert_ne!(job["state"], "cancelled");
            // One that was killed three times in a row is dead and says why.
            job["state"] == "done" || job["error_code"] == "jobs.interrupted"
        });
    }
    server.stop();
    let store = open_store(&scratch.data());
    let open = store.read(Duration::from_secs(5), |tx: &ReadTx<'_>| {
        let sql = "SELECT count(*) FROM job_attempt WHERE ended_at IS NULL OR outcome IS NULL";
        tx.one(sql, &[], |row| row.get::<i64>(0))
    });
    assert_eq!(open.map_err(|cause: StoreError| cause).unwrap(), 0);
}

//! What a line of the log says of where it happened: in which request, group of writes or job,
//! with bounded fields and nothing of a patient.

use serde_json::Value as Json;

use crate::client::encoded;
use crate::harness::{Hospital, eventually};

/// The lines of the log that happened in a span called `name`.
fn lines_in(hospital: &Hospital, name: &str) -> Vec<Json> {
    let said = hospital.server.stderr();
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    lines.filter(|line| line["span"]["name"] == name).collect()
}

#[test]
fn lines_say_in_which_request_group_and_job_they_were_written_and_nothing_of_patients() {
    let hospital = Hospital::open_with(&["--log-level", "trace", "--log-format", "json"]);
    let admin = &hospital.admin;
    admin.register("Esi", "Zanzibarova");
    let place = format!("/api/v1/patients?q={}", encoded("Zanzibarova"));
    admin.send("GET", &place, &[("x-request-id", "my-request-1")], b"").expect_status(200);
    let _ = admin.send("BREW-Zanzibarova", "/api/health", &[], b"");
    let schedules = admin.get("/api/v1/schedules").data();
    let tidy = schedules.as_array().unwrap().iter().find(|one| one["kind"] == "database_check");
    let run = format!("/api/v1/schedules/{}/run", tidy.unwrap()["id"].as_str().unwrap());
    admin.post(&run, &serde_json::json!({})).expect_status(202);

    eventually("the request is told", || {
        lines_in(&hospital, "request").iter().any(|line| {
            line["span"]["request.id"] == "my-request-1"
                && line["span"]["method"] == "GET"
                && line["span"]["route"] == "/api/v1/patients"
                && line["span"]["status"] == 200
        })
    });
    eventually("a group is told", || {
        let groups = lines_in(&hospital, "write_group");
        groups.iter().any(|line| line["span"]["store.jobs"].as_u64().is_some_and(|jobs| 0 < jobs))
    });
    eventually("an unknown method is told without its name", || {
        lines_in(&hospital, "request").iter().any(|line| line["span"]["method"] == "other")
    });
    let fields = [
        ("request", &["name", "request.id", "method", "route", "status"][..]),
        ("write_group", &["name", "store.jobs"]),
        ("job", &["name", "job.kind", "job.id"]),
    ];
    for (span, allowed) in fields {
        for line in lines_in(&hospital, span) {
            let held = line["span"].as_object().unwrap();
            assert!(held.keys().all(|name| allowed.contains(&name.as_str())), "{line}");
            let text = line["span"].to_string();
            assert!(text.len() < 400 && !text.contains("Zanzibarova"), "{text}");
        }
    }
}

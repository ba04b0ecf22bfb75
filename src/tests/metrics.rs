//! What monitors scrape: the names that they know, in a form that they read, and nothing of
//! patients.

use std::collections::BTreeSet;

use crate::harness::Hospital;

/// The names of requirement D4.
const KNOWN: [&str; 6] = [
    "http_requests_total",
    "http_request_duration_milliseconds",
    "database_connections",
    "cache_hit_ratio",
    "queue_jobs_pending",
    "memory_usage_bytes",
];

fn scrape(hospital: &Hospital) -> String {
    let answer = hospital.admin.get("/api/metrics");
    answer.expect_status(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.text()
}

fn series(text: &str) -> BTreeSet<String> {
    // Which statements cost most changes; how many are named does not.
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter(|line| !line.starts_with("database_statement"));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|it| it.0 == series));
    line.unwrap_or_else(|| panic!("{series}\n{text}")).rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[test]
fn monitors_find_the_names_they_know_and_numbers_that_are_true() {
    let hospital = Hospital::open();
    let record = hospital.admin.register("Ada", "Zanzibarova");
    let place = format!("/api/v1/patients/{}", record["id"].as_str().unwrap());
    for _ in 0..5 {
        hospital.admin.get(&place).expect_status(200);
    }
    let text = scrape(&hospital);
    for name in KNOWN {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}\n{text}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
    let read = "http_requests_total{method=\"GET\",route=\"/api/v1/patients/{id}\",status=\"200\"}";
    assert!((value(&text, read) - 5.0).abs() < 0.1);
    let timed = "http_request_duration_milliseconds_count\
        {method=\"GET\",route=\"/api/v1/patients/{id}\"}";
    assert!((value(&text, timed) - 5.0).abs() < 0.1);
    for (series, least) in [
        ("memory_usage_bytes", 1e6),
        ("machine_memory_bytes", 1e8),
        ("disk_free_bytes", 1e6),
        ("database_commits_total", 1.0),
        ("database_up", 1.0),
        ("process_cpu_seconds_total", 0.0),
    ] {
        assert!(least <= value(&text, series), "{series} {}", value(&text, series));
    }
    assert!(!text.contains("Zanzibarova") && !text.contains(record["id"].as_str().unwrap()));
    let commits = value(&text, "database_commits_total");
    hospital.admin.register("Ada", "Okafor");
    assert!(commits < value(&scrape(&hospital), "database_commits_total"));
}

#[test]
fn whatever_is_asked_for_makes_no_more_series() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let strange = |round: usize| {
        nobody.get(&format!("/no/such/page/{round}"));
        hospital.admin.get(&format!("/api/v1/patients/pat_{round:013}"));
        hospital.admin.get(&format!("/api/v1/patients?limit={round}"));
        nobody.send(&format!("BREW{round}"), "/api/v1/patients", &[], b"");
        nobody.get(&format!("/ui/{round}.js"));
    };
    strange(1);
    scrape(&hospital);
    let before = series(&scrape(&hospital));
    (2..40).for_each(strange);
    let text = scrape(&hospital);
    assert_eq!(series(&text), before);
    let named = text.lines().filter(|line| line.starts_with("database_statements_total{")).count();
    assert!((10..=51).contains(&named), "{named}");
}

#[test]
fn only_who_sees_how_the_server_does_is_told() {
    let hospital = Hospital::open();
    hospital.server.client().get("/api/metrics").expect_status(401);
    hospital.sign_in_as("nurse").get("/api/metrics").expect_status(403);
    hospital.admin.get("/api/metrics?x=1").expect_status(400);
}

#[test]
fn the_dashboard_and_the_rules_that_are_shipped_ask_for_what_there_is() {
    let hospital = Hospital::open();
    hospital.admin.get("/api/v1/patients").expect_status(200);
    let text = scrape(&hospital);
    // What a hospital without backups has not.
    let later = ["backup_age_seconds", "backup_proven_seconds", "backup_lag_seconds"];
    let dashboard = include_str!("../../assets/monitoring/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().unwrap();
            for (at, _) in query.match_indices('{') {
                let is_word = |c: &char| c.is_ascii_lowercase() || *c == '_';
                let name: String = query[..at].chars().rev().take_while(is_word).collect();
                asked.insert(name.chars().rev().collect::<String>());
            }
        }
    }
    assert!(25 < asked.len(), "{asked:?}");
    for name in &asked {
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let known = text.contains(&format!("# TYPE {} ", family.unwrap_or(name)));
        assert!(known || later.contains(&name.as_str()), "{name}\n{text}");
    }
}

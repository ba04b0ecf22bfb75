//! What this machine makes of HealthFlow, as one table: `cargo bench --bench report`.
//!
//! Starts the executable on an empty folder, signs in, and measures with a client beside it on
//! the same cores: time to the first answer, memory at rest, durable audited creates one by one
//! and from 64 connections at once, their ratio, a thousand open screens, the import of generated
//! records, or of the path in `HEALTHFLOW_IMPORT`, and the look-up of a session. Everything is bounded in count and ends by itself.
#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot measure has nothing to say")]

#[path = "report/door.rs"]
mod door;
#[path = "report/live.rs"]
mod live;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

const ONE_BY_ONE: usize = 300;
const CONNECTIONS: usize = 64;
const EACH: usize = 60;
const GENERATED: usize = 5_000;

fn main() {
    let folder = std::env::temp_dir().join(format!("healthflow-report-{}", std::process::id()));
    let house = House::start(&folder);
    println!("| what | figure |\n|---|---|");
    row("size of the executable", &format!("{:.1} MiB", megabytes(house.size())));
    row("start to the first 200", &format!("{} ms", house.first_answer.as_millis()));
    row("memory at rest", &format!("{:.0} MiB", house.memory()));
    let single = house.creates(1, ONE_BY_ONE);
    row("durable creates with audit, one by one", &format!("{single:.0}/s"));
    let grouped = house.creates(CONNECTIONS, EACH);
    row("the same from 64 connections", &format!("{grouped:.0}/s"));
    row("ratio of group commit to single commits", &format!("{:.1}", grouped / single));
    live::report(&house);
    let import = house.import(&folder);
    let speed = import["summary"]["resources_per_second"].as_f64().unwrap_or(0.0);
    row("import", &format!("{speed:.0} resources/s"));
    row("rejected by the import", &import["summary"]["rejected"].to_string());
    row("memory after the import", &format!("{:.0} MiB", house.memory()));
    let token = house.token.clone();
    drop(house);
    door::report(&folder.join("data"), &token);
    fs::remove_dir_all(&folder).unwrap();
}

fn row(what: &str, figure: &str) {
    println!("| {what} | {figure} |");
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// A running server that ends with this value.
struct House {
    process: Child,
    base: String,
    token: String,
    first_answer: Duration,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl House {
    fn start(folder: &Path) -> Self {
        let started = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_healthflow"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Json = serde_json::from_str(&line).unwrap();
        let base = ready["data"]["url"].as_str().unwrap().replace("localhost", "127.0.0.1");
        ureq::get(format!("{base}/api/health")).call().unwrap();
        let first_answer = started.elapsed();
        let link = ready["data"]["setup_link"].as_str().unwrap();
        let body = json!({
            "token": link.rsplit("token=").next().unwrap(), "hospital_name": "Report",
            "time_zone": "UTC", "username": "report", "password": "a password for the report",
        });
        let mut answer = ureq::post(format!("{base}/api/v1/setup")).send_json(&body).unwrap();
        let session: Json = answer.body_mut().read_json().unwrap();
        let token = session["token"].as_str().unwrap().to_owned();
        Self { process, base, token, first_answer }
    }

    /// Another session of the same person; its token.
    fn sign_in(&self) -> String {
        let body = json!({"username": "report", "password": "a password for the report"});
        let place = format!("{}/api/v1/sessions", self.base);
        let mut answer = ureq::post(place).send_json(&body).unwrap();
        let session: Json = answer.body_mut().read_json().unwrap();
        session["token"].as_str().unwrap().to_owned()
    }

    fn size(&self) -> u64 {
        fs::metadata(env!("CARGO_BIN_EXE_healthflow")).map_or(0, |file| file.len())
    }

    /// Resident memory in MiB, where the system tells.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    }

    /// Patients registered in each second by so many connections, each doing so many.
    fn creates(&self, connections: usize, each: usize) -> f64 {
        let started = Instant::now();
        thread::scope(|scope| {
            for connection in 0..connections {
                scope.spawn(move || {
                    let agent = ureq::Agent::new_with_defaults();
                    for number in 0..each {
                        let name = format!("Person{connection}x{number}");
                        let body = json!({
                            "names": [{"family": name, "given": ["Ama"]}],
                            "birth_date": "1980-01-02", "sex": "female",
                        });
                        let answer = agent
                            .post(format!("{}/api/v1/patients", self.base))
                            .header("authorization", format!("Bearer {}", self.token))
                            .send_json(&body)
                            .unwrap();
                        assert_eq!(answer.status(), 201);
                    }
                });
            }
        });
        (connections * each) as f64 / started.elapsed().as_secs_f64()
    }

    fn import(&self, folder: &Path) -> Json {
        let path = match std::env::var_os("HEALTHFLOW_IMPORT") {
            Some(path) => PathBuf::from(path),
            None => generate(folder),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_healthflow"))
            .args(["import", "--json", "--data"])
            .arg(folder.join("data"))
            .arg(path)
            .stderr(Stdio::null())
            .output()
            .unwrap();
        let result: Json = serde_json::from_slice(&output.stdout).unwrap();
        result["data"].clone()
    }
}

/// Patients with one visit and two measurements each, as NDJSON.
fn generate(folder: &Path) -> PathBuf {
    let path = folder.join("generated.ndjson");
    let mut file = fs::File::create(&path).unwrap();
    for number in 0..GENERATED {
        let patient = json!({"reference": format!("Patient/p{number}")});
        let visit = json!({"reference": format!("Encounter/e{number}")});
        let weight = |day: usize| {
            json!({
                "resourceType": "Observation", "id": format!("o{number}-{day}"),
                "status": "final", "code": {"text": "Body weight"}, "subject": patient,
                "encounter": visit, "effectiveDateTime": format!("2020-01-0{day}"),
                "valueQuantity": {"value": 70.5, "unit": "kg"},
            })
        };
        let resources = [
            json!({
                "resourceType": "Patient", "id": format!("p{number}"), "gender": "female",
                "name": [{"family": format!("Generated{number}"), "given": ["Ama"]}],
                "birthDate": "1980-01-02",
            }),
            json!({
                "resourceType": "Encounter", "id": format!("e{number}"), "status": "finished",
                "class": {"code": "AMB"}, "subject": patient,
                "period": {"start": "2020-01-01T10:00:00Z"},
            }),
            weight(1),
            weight(2),
        ];
        for resource in resources {
            writeln!(file, "{resource}").unwrap();
        }
    }
    path
}

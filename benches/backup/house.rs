//! The executable, on a demo hospital of its own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use ureq::http::Request;

const PROGRAM: &str = env!("CARGO_BIN_EXE_healthflow");
const PASSWORD: &str = "backup bench, quite alone";
const JOB_MAX: Duration = Duration::from_secs(600);

pub(crate) struct House {
    child: Child,
    agent: ureq::Agent,
    url: String,
    /// Of the administrator, and of somebody who registers people.
    token: String,
    clerk: String,
    /// Of the recovery sheet.
    pub(crate) key: String,
    registered: AtomicUsize,
}

/// Makes the hospital.
pub(crate) fn make(data: &Path, patients: u64) {
    let mut command = Command::new(PROGRAM);
    command.args(["demo", "--json", "--password-stdin", "--as-of", "2026-01-01", "--patients"]);
    command.arg(patients.to_string()).arg("--data").arg(data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(child.wait().unwrap().success(), "healthflow demo failed");
}

/// How long it takes to bring it back from `target` into `data`.
pub(crate) fn restore(target: &Path, key: &str, data: &Path) -> Duration {
    let begun = Instant::now();
    let mut command = Command::new(PROGRAM);
    command.args(["restore", "--json", "--from"]).arg(target).arg("--data").arg(data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{key}").unwrap();
    assert!(child.wait().unwrap().success(), "healthflow restore failed");
    begun.elapsed()
}

impl House {
    pub(crate) fn open(data: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Json = serde_json::from_str(&line).unwrap();
        let url = told["data"]["url"].as_str().unwrap().to_owned();
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build().new_agent();
        let [token, clerk, key] = [const { String::new() }; 3];
        let registered = AtomicUsize::new(0);
        let mut house = Self { child, agent, url, token, clerk, key, registered };
        house.clerk = house.sign_in("demo-clinician");
        house.token = house.sign_in("demo-admin");
        house
    }

    fn sign_in(&self, username: &str) -> String {
        let body = json!({"username": username, "password": PASSWORD});
        let session = self.ask("POST", "/api/v1/sessions", &[], &body);
        session["token"].as_str().unwrap().to_owned()
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Json) -> Json {
        self.ask_as(&self.token, (method, path), headers, body)
    }

    fn ask_as(
        &self,
        token: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &Json,
    ) -> Json {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        request = request.header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match method {
            "GET" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body.to_string()).unwrap()),
        };
        let mut answer = answer.unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn get(&self, path: &str) -> Json {
        self.ask("GET", path, &[], &Json::Null)["data"].take()
    }

    fn post(&self, path: &str, body: &Json) -> Json {
        self.ask("POST", path, &[], body)["data"].take()
    }

    /// Somebody registers somebody.
    pub(crate) fn register(&self) {
        let number = self.registered.fetch_add(1, Ordering::Relaxed);
        let letter = |at: usize| char::from(b'a' + u8::try_from(number / at % 26).unwrap());
        let family: String = [1, 26, 676, 17_576].map(letter).iter().collect();
        let name = json!({"family": format!("Q{family}"), "given": ["Test"]});
        let body = json!({"names": [name], "sex": "female", "birth_date": "1990-02-03"});
        self.ask_as(&self.clerk, ("POST", "/api/v1/patients"), &[], &body);
    }

    /// Has backups go to `target`, with a sheet.
    pub(crate) fn set_target(&mut self, target: &Path) {
        let version = format!("\"{}\"", self.get("/api/v1/backup")["version"]);
        let body = json!({"folder": target, "current_password": PASSWORD});
        self.ask("PUT", "/api/v1/backup", &[("if-match", &version)], &body);
        let made = self.post("/api/v1/backup/key", &json!({"current_password": PASSWORD}));
        made["recovery_key"].as_str().unwrap().clone_into(&mut self.key);
        self.post("/api/v1/backup/key/proof", &json!({"recovery_key": self.key}));
    }

    /// The one that the shipped log begins with.
    pub(crate) fn until_first_backup(&self) {
        self.until(|house| {
            let plan = house.get("/api/v1/backup");
            plan["newest"].is_object() && plan["log"]["shipped_at"].is_string()
        });
    }

    /// Bytes of the database in it.
    pub(crate) fn bytes_of_newest(&self) -> u64 {
        self.get("/api/v1/backups?limit=1")[0]["database_bytes"].as_u64().unwrap()
    }

    fn until(&self, mut holds: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < JOB_MAX, "waited in vain");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Does the job `kind` now; how long it took.
    pub(crate) fn work(&self, kind: &str) -> Duration {
        let schedules = self.get("/api/v1/schedules?limit=100");
        let is = |one: &&Json| one["kind"] == kind;
        let one = schedules.as_array().unwrap().iter().find(is).unwrap();
        let path = format!("/api/v1/schedules/{}/run", one["id"].as_str().unwrap());
        let begun = Instant::now();
        let id = self.post(&path, &json!({}))["id"].as_str().unwrap().to_owned();
        self.until(|house| {
            let job = house.get(&format!("/api/v1/jobs/{id}"));
            assert_ne!(job["state"], "dead", "{job}");
            job["state"] == "done"
        });
        begun.elapsed()
    }

    /// Lets the peak of memory begin anew; MiB that are used now.
    pub(crate) fn forget_peak(&self) -> f64 {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
        self.status("VmRSS:")
    }

    /// The peak since then, MiB.
    pub(crate) fn peak(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The hospital that is measured: made once, copied for each run, served by the executable.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

/// The executable as cargo has just built it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_healthflow");
const PASSWORD: &str = "load bench, quite alone";
/// The same hospital whenever the bench runs.
const AS_OF: &str = "2026-01-01";

/// A demo hospital of so many patients in a cache folder of this user; made if it is not there.
pub(crate) fn cached(patients: u64) -> PathBuf {
    let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let folder = home.unwrap_or_else(std::env::temp_dir).join("healthflow-load");
    // One of an older schema would be migrated at every start.
    let schema = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().count();
    let data = folder.join(format!("schema-{schema}-{AS_OF}-{patients}"));
    if data.join("made.json").exists() {
        return data;
    }
    let _ = fs::remove_dir_all(&data);
    eprintln!("Making the demo hospital of {patients} patients in {}", data.display());
    let mut command = Command::new(PROGRAM);
    command.args(["demo", "--json", "--password-stdin", "--as-of", AS_OF, "--patients"]);
    command.arg(patients.to_string()).arg("--data").arg(&data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "healthflow demo failed");
    eprintln!("{}", String::from_utf8_lossy(&output.stdout).trim());
    fs::write(data.join("made.json"), output.stdout).unwrap();
    data
}

fn memory_of(process: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id()));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// A copy that a run may change.
pub(crate) fn copy(data: &Path) -> PathBuf {
    let copy = data.with_extension(format!("run-{}", std::process::id()));
    copy_folder(data, &copy);
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Bytes of all files in `folder`.
pub(crate) fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.file_type().unwrap().is_dir() {
            true => bytes(&entry.path()),
            false => entry.metadata().unwrap().len(),
        })
        .sum()
}

/// A server that runs on a copy, and people signed in. Dropping it kills it.
pub(crate) struct Hospital {
    process: Child,
    pub(crate) port: u16,
    pub(crate) first_answer: Duration,
    /// In MiB, before anybody signs in.
    pub(crate) memory_at_rest: f64,
    /// A clinician.
    pub(crate) token: String,
}

impl Drop for Hospital {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Hospital {
    /// Starts the executable on `data` and signs a clinician in.
    pub(crate) fn open(data: &Path) -> Self {
        let began = Instant::now();
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Json = serde_json::from_str(&line).unwrap();
        let url = ready["data"]["url"].as_str().unwrap();
        let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
        ureq::get(format!("http://127.0.0.1:{port}/api/health")).call().unwrap();
        let first_answer = began.elapsed();
        let memory_at_rest = memory_of(&process);
        let mut house = Self { process, port, first_answer, memory_at_rest, token: String::new() };
        house.token = house.sign_in();
        house
    }

    /// Another session of the clinician; its token.
    pub(crate) fn sign_in(&self) -> String {
        let body = json!({"username": "demo-clinician", "password": PASSWORD});
        let place = format!("http://127.0.0.1:{}/api/v1/sessions", self.port);
        let mut answer = ureq::post(place).send_json(&body).unwrap();
        let session: Json = answer.body_mut().read_json().unwrap();
        session["token"].as_str().unwrap().to_owned()
    }

    /// Resident memory in MiB, where the system tells.
    pub(crate) fn memory(&self) -> f64 {
        memory_of(&self.process)
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        let pid = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.unwrap(), rustix::process::Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

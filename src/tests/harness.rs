//! Starts the real executable on a data folder and ends it in every way it can end.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use healthflow::store::{Store, StoreOptions};
use healthflow::vocab::clock::SystemClock;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use super::client::Client;

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "four calm green herons";
/// How long anything is waited for that comes within a second on a quiet machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of one test, gone when the test ends.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("healthflow-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A left-over of a process that had the same number.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// The data folder in it, which the program makes itself.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The executable with `arguments`, deaf to the settings of whoever runs the tests.
pub(crate) fn program<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthflow"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEALTHFLOW_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The only line of standard output, which is JSON.
    pub(crate) fn json(&self) -> Json {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}

/// Runs a command to its end with `input` as its standard input.
pub(crate) fn run(arguments: &[&str], data: &Path, input: &str) -> Ended {
    let mut child = program(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it, which is no fault.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A server that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) setup_link: Option<String>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts on `data`, which must succeed.
    pub(crate) fn start(data: &Path, flags: &[&str]) -> Self {
        Self::try_start(data, flags).unwrap_or_else(|ended| panic!("did not start: {ended:?}"))
    }

    /// Starts on `data`; how it ended, if it did not stay.
    pub(crate) fn try_start(data: &Path, flags: &[&str]) -> Result<Self, Ended> {
        let mut command = program(&["serve", "--json", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(data).args(["--time-zone", "Africa/Accra"]).args(flags);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = Arc::new(Mutex::new(String::new()));
        let mut from = child.stderr.take().unwrap();
        let into = Arc::clone(&stderr);
        // Read all the time: a full pipe would hold the server up.
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let mut results = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        results.read_line(&mut line).unwrap();
        let Ok(told) = serde_json::from_str::<Json>(&line) else {
            let code = child.wait().unwrap().code();
            reader.join().unwrap();
            let stderr = stderr.lock().unwrap().clone();
            return Err(Ended { code, stdout: line, stderr });
        };
        let rest = std::thread::spawn(move || {
            let mut rest = String::new();
            let _ = results.read_to_string(&mut rest);
            assert_eq!(rest, "", "standard output carries the result and nothing else");
        });
        let text = |name: &str| told["data"][name].as_str().map(str::to_owned);
        let url = text("url").unwrap().replace("localhost", "127.0.0.1");
        let setup_link = text("setup_link");
        Ok(Self { child, url, setup_link, stderr, readers: vec![reader, rest] })
    }

    /// A client that is not signed in.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://").trim_start_matches("https://")
    }

    /// What it said to people so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Ends it as a power failure would: kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and goes on.
    pub(crate) fn ask_to_stop(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                for reader in self.readers.drain(..) {
                    reader.join().unwrap();
                }
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.stderr());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to stop and sees it end in order.
    pub(crate) fn stop(self) {
        self.ask_to_stop();
        assert_eq!(self.wait().code(), Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A hospital that is set up and serves, with its administrator signed in.
#[derive(Debug)]
pub(crate) struct Hospital {
    pub(crate) server: Server,
    pub(crate) admin: Client,
    pub(crate) scratch: Scratch,
}

impl Hospital {
    pub(crate) fn open() -> Self {
        Self::open_with(&[])
    }

    pub(crate) fn open_with(flags: &[&str]) -> Self {
        let scratch = Scratch::new();
        let server = Server::start(&scratch.data(), flags);
        let admin = set_up(&server);
        Self { server, admin, scratch }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.scratch.data()
    }

    /// A new account of this role, signed in.
    pub(crate) fn sign_in_as(&self, role: &str) -> Client {
        let username = format!("{role}.{}", healthflow::vocab::digest::hex(&nonce()[..4]));
        let account = json!({
            "username": username, "display_name": format!("A {role}"), "role": role,
            "password": PASSWORD,
        });
        self.admin.post("/api/v1/users", &account).expect_status(201);
        sign_in(&self.server, &username)
    }

    /// Ends the server in order and opens its store.
    pub(crate) fn stop_and_open_store(self) -> (Store, Scratch) {
        self.server.stop();
        (open_store(&self.scratch.data()), self.scratch)
    }
}

/// Bytes that no other test has.
pub(crate) fn nonce() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Sets the hospital up with the one-time link; its administrator, signed in.
pub(crate) fn set_up(server: &Server) -> Client {
    let link = server.setup_link.as_deref().expect("a fresh data folder has a set-up link");
    let (_, token) = link.split_once("#token=").unwrap();
    let body = json!({
        "token": token, "hospital_name": "Korle Hospital", "time_zone": "Africa/Accra",
        "username": "admin", "display_name": "Ama Admin", "password": PASSWORD,
    });
    let answer = server.client().post("/api/v1/setup", &body);
    answer.expect_status(201);
    server.client().with_token(answer.json()["token"].as_str().unwrap())
}

/// Signs in; the client that carries the token.
pub(crate) fn sign_in(server: &Server, username: &str) -> Client {
    let body = json!({"username": username, "password": PASSWORD});
    let answer = server.client().post("/api/v1/sessions", &body);
    answer.expect_status(201);
    server.client().with_token(answer.json()["token"].as_str().unwrap())
}

/// The store of a server that has ended.
pub(crate) fn open_store(data: &Path) -> Store {
    Store::open(StoreOptions::new(data), Arc::new(SystemClock)).unwrap()
}

/// Waits until `holds`, which takes a moment at most.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

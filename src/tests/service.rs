//! What systemd is told, over a real socket: ready when it serves, alive while the store answers,
//! stopping when it stops, in that order.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{PATIENCE, Scratch, program};

/// A service manager of one process.
struct Manager {
    socket: UnixDatagram,
    heard: Vec<String>,
}

impl Manager {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        Self { socket, heard: Vec::new() }
    }

    /// Takes what has been said.
    fn listen(&mut self) {
        let mut bytes = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut bytes) {
            let text = std::str::from_utf8(&bytes[..length]).unwrap();
            self.heard.extend(text.lines().map(str::to_owned));
        }
    }

    fn position(&self, line: &str) -> Option<usize> {
        self.heard.iter().position(|heard| heard == line)
    }

    fn count(&self, line: &str) -> usize {
        self.heard.iter().filter(|heard| *heard == line).count()
    }

    fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}: {:?}", self.heard);
            self.listen();
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

fn serve(scratch: &Scratch, socket: &Path, watchdog_us: u32) -> Child {
    let mut command = program(&["serve", "--json", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(scratch.data()).env("NOTIFY_SOCKET", socket);
    command.env("WATCHDOG_USEC", watchdog_us.to_string()).env_remove("WATCHDOG_PID");
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn systemd_hears_when_it_serves_that_it_lives_and_when_it_stops() {
    let scratch = Scratch::new();
    let socket = scratch.path().join("notify");
    let mut manager = Manager::at(&socket);
    let mut child = serve(&scratch, &socket, 2_000_000);
    manager.wait("ready", |manager| manager.position("READY=1").is_some());
    manager.wait("alive", |manager| 3 <= manager.count("WATCHDOG=1"));
    // A process that stands still says nothing.
    signal(&child, Signal::STOP);
    manager.listen();
    let alive = manager.count("WATCHDOG=1");
    std::thread::sleep(Duration::from_secs(3));
    manager.listen();
    assert_eq!(manager.count("WATCHDOG=1"), alive, "{:?}", manager.heard);
    signal(&child, Signal::CONT);
    manager.wait("alive again", |manager| alive < manager.count("WATCHDOG=1"));
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    manager.listen();
    let place = |line: &str| manager.position(line).unwrap_or_else(|| panic!("{line}"));
    let opening = place("STATUS=Opening the database");
    let (ready, alive) = (place("READY=1"), place("WATCHDOG=1"));
    let (stopping, closing) = (place("STOPPING=1"), place("STATUS=Writing what waits"));
    let order = [opening, ready, alive, stopping, closing];
    assert!(order.is_sorted(), "{order:?}: {:?}", manager.heard);
    assert!(manager.heard[opening + 1].starts_with("EXTEND_TIMEOUT_USEC="));
    assert!(manager.heard[ready + 1].starts_with("STATUS=Serves at http"));
    assert_eq!((manager.count("READY=1"), manager.count("STOPPING=1")), (1, 1));
}

#[test]
fn a_command_that_serves_itself_for_a_moment_is_no_service() {
    let scratch = Scratch::new();
    let socket = scratch.path().join("notify");
    let mut manager = Manager::at(&socket);
    let data = scratch.data();
    let mut command = program(&["init", "--json", "--data"]);
    let done = command.arg(&data).env("NOTIFY_SOCKET", &socket).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let mut command = program(&["user", "list", "--json", "--data"]);
    let done = command.arg(&data).env("NOTIFY_SOCKET", &socket).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    manager.listen();
    assert_eq!(manager.heard, [""; 0]);
}

//! Mail over a real mail server that wants STARTTLS and a password.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use super::{about, backups_into, is, mail_to_admin, order, order_backup, put};
use crate::client::{Answer, Client};
use crate::harness::{Hospital, PASSWORD, eventually};

/// A mail server. Dropping it ends it.
struct MailServer {
    folder: PathBuf,
    port: u16,
    authority: String,
    child: Option<Child>,
}

impl MailServer {
    fn open(scratch: &Path) -> Self {
        let folder = scratch.join("mail");
        std::fs::create_dir(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let authority = made.cert.pem();
        std::fs::write(folder.join("cert.pem"), &authority).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { folder, port, authority, child: None };
        server.start();
        server
    }

    fn start(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/notify/mail_server.py");
        // The one of the system has the package that .ci/run installs.
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(&self.folder)
            .arg(self.port.to_string())
            .args(["cert.pem", "key.pem"].map(|name| self.folder.join(name)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said.trim(), "ready");
        self.child = Some(child);
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn busy(&self, is_busy: bool) {
        let flag = self.folder.join("busy");
        if is_busy { std::fs::write(flag, "") } else { std::fs::remove_file(flag) }.unwrap();
    }

    /// The letters, in the order in which they came.
    fn letters(&self) -> Vec<String> {
        let all = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<PathBuf> =
            all.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
        all.sort();
        all.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    fn settings(&self) -> Json {
        json!({
            "enabled": true, "host": "localhost", "port": self.port, "security": "starttls",
            "username": "healthflow", "from": "healthflow@hospital.example",
            "ca_pem": self.authority,
        })
    }

    fn set(&self, admin: &Client, password: &str) -> Answer {
        let body = json!({
            "settings": self.settings(), "password": password, "current_password": PASSWORD,
        });
        put(admin, "/api/v1/mail", &body)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn test(admin: &Client, to: &str) -> Answer {
    admin.post("/api/v1/mail/test", &json!({"to": to}))
}

#[test]
fn a_letter_arrives_and_what_is_wrong_is_told_at_once() {
    let hospital = Hospital::open();
    let (admin, mut server) = (&hospital.admin, MailServer::open(hospital.scratch.path()));
    test(admin, "ama@hospital.example").expect_problem(409, "notify.settings");
    server.set(admin, "mail secret").expect_status(200);
    let kept = admin.get("/api/v1/mail");
    assert!(kept.data()["has_password"].as_bool().unwrap());
    assert!(!kept.text().contains("mail secret"));
    test(admin, "ama@hospital.example").expect_status(200);
    let letters = server.letters();
    assert!(letters[0].contains("To: ama@hospital.example"), "{letters:?}");
    assert!(letters[0].contains("Message-ID: <healthflow-test-"), "{letters:?}");
    test(admin, "nobody@hospital.example").expect_problem(409, "notify.refused");
    server.set(admin, "wrong").expect_status(200);
    let problem = test(admin, "ama@hospital.example").expect_problem(409, "notify.mail");
    assert!(!problem.to_string().contains("wrong"), "{problem}");
    // Another host does not get the password that is kept.
    let mut elsewhere = server.settings();
    elsewhere["host"] = json!("elsewhere.example");
    let body = json!({"settings": elsewhere, "current_password": PASSWORD});
    put(admin, "/api/v1/mail", &body).expect_problem(422, "record.invalid");
    // A server that is not the one that was trusted is told nothing.
    let mut untrusted = server.settings();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    untrusted["ca_pem"] = json!(other.cert.pem());
    let body =
        json!({"settings": untrusted, "password": "mail secret", "current_password": PASSWORD});
    put(admin, "/api/v1/mail", &body).expect_status(200);
    test(admin, "ama@hospital.example").expect_problem(409, "notify.mail");
    server.stop();
    test(admin, "ama@hospital.example").expect_problem(409, "notify.mail");
    assert_eq!(server.letters().len(), 1);
}

#[test]
fn an_outage_of_the_mail_server_loses_nothing_and_all_comes_in_one_letter() {
    let hospital = Hospital::open();
    let (admin, mut server) = (&hospital.admin, MailServer::open(hospital.scratch.path()));
    server.set(admin, "mail secret").expect_status(200);
    mail_to_admin(admin);
    let folder = backups_into(&hospital);
    server.stop();
    let aside = folder.with_extension("aside");
    std::fs::rename(&folder, &aside).unwrap();
    order_backup(admin);
    eventually("it is told on screen", || is(admin, "job:backup", "open"));
    std::fs::rename(&aside, &folder).unwrap();
    order_backup(admin);
    eventually("it is over on screen", || is(admin, "job:backup", "over"));
    // The server comes back, first busy.
    server.busy(true);
    server.start();
    std::thread::sleep(std::time::Duration::from_secs(1));
    server.busy(false);
    eventually("the letter comes", || !server.letters().is_empty());
    eventually("all was sent", || {
        let told = about(admin, "job:backup").unwrap();
        told["deliveries"].as_array().unwrap().iter().all(|one| one["outcome"] == "sent")
    });
    let letters = server.letters();
    assert!(letters[0].contains("Korle Hospital"), "{letters:?}");
    let told = about(admin, "job:backup").unwrap();
    assert_eq!(told["deliveries"][0]["name"], "Ama Admin");
}

#[test]
fn a_kill_while_mail_waits_loses_nothing() {
    let hospital = Hospital::open();
    let mut server = MailServer::open(hospital.scratch.path());
    server.set(&hospital.admin, "mail secret").expect_status(200);
    mail_to_admin(&hospital.admin);
    server.stop();
    hospital.admin.post("/api/v1/users/current/notifications/test", &json!({})).expect_status(202);
    let Hospital { server: program, scratch, .. } = hospital;
    program.kill();
    server.start();
    let again = crate::harness::Server::start(&scratch.data(), &[]);
    eventually("the letter comes", || server.letters().len() == 1);
    let letters = server.letters();
    assert!(letters[0].contains("Essai: Les messages arrivent"), "in French: {letters:?}");
    again.stop();
}

#[test]
fn who_wants_a_letter_gets_one_also_when_nothing_is_wrong() {
    let hospital = Hospital::open();
    let (admin, server) = (&hospital.admin, MailServer::open(hospital.scratch.path()));
    server.set(admin, "mail secret").expect_status(200);
    order(admin, "digest");
    eventually("nobody has one written", || {
        let all = admin.get("/api/v1/jobs?kind=digest&state=done").data();
        all.as_array().is_some_and(|all| !all.is_empty())
    });
    mail_to_admin(admin);
    order(admin, "digest");
    eventually("the letter comes", || !server.letters().is_empty());
    let letters = server.letters();
    assert_eq!(letters.len(), 1, "whoever has not said where gets none: {letters:?}");
    assert!(letters[0].contains("Comment va le serveur"), "{letters:?}");
    assert!(letters[0].contains("Rien ne va mal"), "{letters:?}");
}

#[test]
fn an_address_that_is_refused_is_told_of_alone_until_it_was_mended() {
    let hospital = Hospital::open();
    let (admin, server) = (&hospital.admin, MailServer::open(hospital.scratch.path()));
    server.set(admin, "mail secret").expect_status(200);
    let ours = "/api/v1/users/current/notifications";
    let to =
        |email: &str| json!({"email": email, "level": "all", "language": "en", "digest": "none"});
    put(admin, ours, &to("nobody@hospital.example")).expect_status(200);
    admin.post(&format!("{ours}/test"), &json!({})).expect_status(202);
    admin.post(&format!("{ours}/test"), &json!({})).expect_status(503);
    let refused = || {
        let all = super::notifications(admin);
        all.into_iter().find(|one| one["words"] == "no_address")
    };
    eventually("it is told", || refused().is_some());
    assert_eq!(about(admin, "notify:mail"), None, "mail itself goes out");
    put(admin, ours, &to("ama@hospital.example")).expect_status(200);
    let folder = backups_into(&hospital);
    std::fs::rename(&folder, folder.with_extension("gone")).unwrap();
    order_backup(admin);
    eventually("the letter comes", || !server.letters().is_empty());
    eventually("it is over", || refused().unwrap()["state"] == "over");
    for email in ["ämä@hospital.example", "ama@[127.0.0.1]", "\"a b\"@hospital.example", "ama"] {
        put(admin, ours, &to(email)).expect_problem(422, "record.invalid");
    }
}

#[test]
fn a_mail_server_that_says_nothing_holds_up_one_hand_and_is_left_alone() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    // Connections wait here, and nobody greets them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = json!({
        "enabled": true, "host": "127.0.0.1", "port": silent.local_addr().unwrap().port(),
        "security": "none", "from": "healthflow@hospital.example",
    });
    let body = json!({"settings": settings, "current_password": PASSWORD});
    put(admin, "/api/v1/mail", &body).expect_status(200);
    let others = [(); 3].map(|()| hospital.sign_in_as("administrator"));
    for client in others.iter().chain([admin]) {
        mail_to_admin(client);
        let path = "/api/v1/users/current/notifications/test";
        client.post(path, &json!({})).expect_status(202);
    }
    let running = || {
        let all = admin.get("/api/v1/jobs?kind=notify_mail&state=running").data();
        all.as_array().unwrap().len()
    };
    eventually("one is under way", || running() == 1);
    order(admin, "check_up");
    eventually("other work is done meanwhile", || {
        assert!(running() <= 1, "one at a time");
        is(admin, "doctor:backups", "open")
    });
    // The others find out from the first one, and the way is told as interrupted.
    eventually("it is told", || is(admin, "notify:mail", "open"));
    let off = json!({"settings": {"enabled": false}, "current_password": PASSWORD});
    put(admin, "/api/v1/mail", &off).expect_status(200);
    assert!(is(admin, "notify:mail", "over"), "there is no way any more");
}

//! Certificates that come from elsewhere, change while the server runs, or cannot be used.

use std::path::Path;

use rcgen::{CertificateParams, CertificateSigningRequestParams, Issuer, KeyPair};

use super::client::{BOTH, Secure, Told, first_of, trusting};
use crate::harness::{Hospital, Scratch, Server, eventually, run};

/// An authority of somebody else.
struct Elsewhere(Issuer<'static, KeyPair>, rcgen::Certificate);

impl Elsewhere {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self(Issuer::new(params, key), certificate)
    }

    /// Writes a certificate for localhost until `year` and its key.
    fn put(&self, folder: &Path, year: i32) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        std::fs::write(folder.join("c.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("k.pem"), key.serialize_pem()).unwrap();
    }
}

fn flags(folder: &Path) -> [String; 4] {
    let path = |name: &str| folder.join(name).display().to_string();
    ["--tls-certificate".into(), path("c.pem"), "--tls-key".into(), path("k.pem")]
}

#[test]
fn files_that_change_are_shown_without_a_restart_and_bad_ones_are_not() {
    let (scratch, elsewhere) = (Scratch::new(), Elsewhere::new());
    elsewhere.put(scratch.path(), 2090);
    let flags = flags(scratch.path());
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let server = Server::start(&scratch.data(), &flags);
    let client = Secure {
        config: trusting(elsewhere.1.der().clone(), BOTH),
        address: server.address().to_owned(),
        name: "localhost".to_owned(),
    };
    let first = client.shown();
    assert_eq!(client.get("/ca.crt", &[]).status, 404, "there is no root of ours");
    // A connection that is open goes on.
    let mut open = client.connect().unwrap();
    elsewhere.put(scratch.path(), 2091);
    eventually("the renewed certificate is shown", || client.shown() != first);
    let second = client.shown();
    let admin = client.set_up(&server).json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {admin}");
    let state = || client.get("/api/v1/system/tls", &[("authorization", &bearer)]).json();
    assert_eq!(state()["data"]["origin"], "files");
    assert_eq!(state()["data"]["certificate"]["fingerprint_sha256"], second);
    std::fs::write(scratch.path().join("k.pem"), KeyPair::generate().unwrap().serialize_pem())
        .unwrap();
    eventually("the wrong key is told of", || {
        state()["data"]["warnings"].to_string().contains("does not belong")
    });
    assert_eq!(client.shown(), second, "the old one goes on");
    let ask = b"GET /api/health/live HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    std::io::Write::write_all(&mut open, ask).unwrap();
    assert_eq!(Told::read(&mut open).status, 200);
    server.stop();
}

#[test]
fn files_that_cannot_be_used_are_refused_at_the_start_and_leave_nothing_behind() {
    let (scratch, elsewhere) = (Scratch::new(), Elsewhere::new());
    let flags = flags(scratch.path());
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let refused = |flags: &[&str]| Server::try_start(&scratch.data(), flags).unwrap_err().stderr;
    assert!(refused(&flags).contains("c.pem cannot be read"), "{}", refused(&flags));
    elsewhere.put(scratch.path(), 2020);
    let told = refused(&flags);
    assert!(told.contains("tls.expired") && told.contains("2020-01-01"), "{told}");
    let told = refused(&flags[..2]);
    assert!(told.contains("tls_key") && told.contains("config.invalid"), "{told}");
    assert!(!scratch.data().exists(), "no new hospital was made");
}

#[test]
fn a_request_goes_to_the_hospitals_authority_and_its_answer_into_force() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let server = Server::start(&data, &["--tls", "on"]);
    let own = Secure::of(&server, &data);
    let first = own.shown();
    let elsewhere = Elsewhere::new();
    let unasked = scratch.path().join("c.pem");
    elsewhere.put(scratch.path(), 2090);
    let install = |path: &Path| {
        let text = path.display().to_string();
        run(&["tls", "install", &text, "--json"], &data, "")
    };
    assert!(install(&unasked).stderr.contains("tls.not_asked"));
    let asked =
        run(&["tls", "request", "--name", "his.korle.example", "--name", "localhost"], &data, "");
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let mut request = CertificateSigningRequestParams::from_pem(&asked.stdout).unwrap();
    assert!(install(&unasked).stderr.contains("tls.unfit"));
    request.params.not_after = rcgen::date_time_ymd(2090, 1, 1);
    let signed = request.signed_by(&elsewhere.0).unwrap();
    let answer = scratch.path().join("answer.pem");
    std::fs::write(&answer, signed.pem()).unwrap();
    let installed = install(&answer).json();
    assert_eq!(installed["data"]["names"][0], "his.korle.example", "{installed}");
    let config = trusting(elsewhere.1.der().clone(), BOTH);
    let client = Secure { config, name: "his.korle.example".into(), ..own.clone() };
    eventually("the installed one is shown", || client.connect().is_ok());
    let shown = run(&["tls", "show", "--json", "--tls-unknown"], &data, "");
    assert_eq!(shown.code, Some(2), "{shown:?}");
    let shown = run(&["tls", "show"], &data, "").stdout;
    for part in ["installed: ", "his.korle.example", "own: ", "root: ", "2090-01-01", &first] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Its name is one by which pages are shown.
    assert_eq!(client.get("/", &[]).status, 200);
    assert_eq!(run(&["tls", "remove"], &data, "").code, Some(0));
    eventually("it goes back to its own", || own.connect().is_ok());
    server.stop();
}

#[test]
fn another_root_comes_into_force_while_the_server_runs() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let server = Server::start(&data, &["--tls", "on"]);
    let before = Secure::of(&server, &data);
    assert!(before.connect().is_ok());
    let made = run(&["tls", "new-root", "--json"], &data, "").json();
    let root = first_of(&data.join("tls/root.crt"));
    eventually("the old root no longer vouches", || before.connect().is_err());
    let after = Secure { config: trusting(root, BOTH), ..before };
    assert!(after.connect().is_ok());
    let told = made["data"]["fingerprint_sha256"].as_str().unwrap().to_owned();
    let shown = run(&["tls", "show"], &data, "").stdout;
    assert!(shown.contains(&told), "{shown}");
}

#[test]
fn what_must_stay_secret_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on"]);
    let asked = run(&["tls", "request"], &scratch.data(), "");
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let folder = scratch.data().join("tls");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
        names.push(path.file_name().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["request.key", "root.crt", "root.key", "server.pem"]);
    assert!(!server.stderr().contains("PRIVATE KEY") && !asked.stdout.contains("PRIVATE KEY"));
}

#[test]
fn a_server_in_clear_says_so_to_its_administrator() {
    let hospital = Hospital::open();
    let told = hospital.admin.get("/api/v1/system/tls");
    told.expect_status(200);
    assert_eq!(told.data()["encrypted"], false);
    hospital.sign_in_as("nurse").get("/api/v1/system/tls").expect_status(403);
    hospital.server.client().get("/ca.crt").expect_problem(404, "server.no_root");
    let scratch = Scratch::new();
    let open = Server::start(&scratch.data(), &["--tls", "off"]);
    assert!(!open.stderr().contains("TLS IS OFF"), "this machine alone reaches it");
    let doctor = run(&["doctor", "--listen", "0.0.0.0:8475", "--tls", "off"], &scratch.data(), "");
    assert!(doctor.stdout.contains("TLS IS OFF"), "{}", doctor.stdout);
}

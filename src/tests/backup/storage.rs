//! Real S3-compatible storage for a test: s3s-fs on a loopback port, which checks signatures and
//! keeps each object as a file of a folder. A way to it that breaks on purpose.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use healthflow::access::trust;
use healthflow::backup::target::{Address, Claim, Target};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value as Json, json};

use crate::harness::{Scratch, eventually};

/// The access key, its secret, and the bucket.
pub(super) const KEY: &str = "AKHOSPITAL";
pub(super) const SECRET: &str = "six+quiet/blue=whales0123456789";
pub(super) const BUCKET: &str = "backups";
/// Below it lies everything.
pub(super) const PREFIX: &str = "korle/main";

/// Storage while the test lives.
#[derive(Debug)]
pub(super) struct Storage {
    child: Option<Child>,
    folder: Scratch,
    port: u16,
}

fn program() -> Command {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or(home.join(".cargo"), PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([cargo.join("bin")]);
    let found = places.map(|place| place.join("s3s-fs")).find(|path| path.exists());
    Command::new(found.expect("s3s-fs is missing: run .ci/run, or see there how it is installed"))
}

impl Storage {
    pub(super) fn start() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let folder = Scratch::new();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut storage = Self { child: None, folder, port };
        storage.run();
        storage
    }

    /// Starts it again where it was.
    pub(super) fn run(&mut self) {
        let child = program()
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--access-key", KEY, "--secret-key", SECRET])
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        eventually("the storage answers", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
        });
    }

    /// Ends it as a power failure would.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn address(&self) -> Address {
        address(&self.endpoint())
    }

    pub(super) fn target(&self) -> Target {
        Target::bucket(&self.address(), SECRET)
    }

    /// The file with the object `name`, or the folder of those whose names begin with it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(PREFIX).join(name)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The bucket behind `endpoint`.
pub(super) fn address(endpoint: &str) -> Address {
    Address {
        endpoint: endpoint.to_owned(),
        name: BUCKET.to_owned(),
        prefix: PREFIX.to_owned(),
        access_key: KEY.to_owned(),
        ..Address::default()
    }
}

/// The same as the API takes it.
pub(super) fn bucket(endpoint: &str) -> Json {
    json!(address(endpoint))
}

/// What becomes of a question on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Pass,
    /// This status and code, as storage refuses.
    Refuse(u16, &'static str),
    /// An answer that is none.
    Garbage,
    /// No answer.
    Silence,
    /// So many bytes of the answer, and then nothing more.
    Cut(usize),
    /// It is passed on and answered, and nobody hears it.
    Lost,
    /// A bit of what is sent flips on the way.
    Spoil,
}

type Rule = Box<dyn FnMut(&str) -> Deed + Send>;

/// A way to the storage that does what a test says, question by question.
pub(super) struct Way {
    port: u16,
    rule: Arc<Mutex<Rule>>,
    /// The certificate of its authority, where it is encrypted.
    pub(super) ca: Option<String>,
}

impl Way {
    pub(super) fn to(storage: &Storage) -> Self {
        Self::with(storage, None)
    }

    /// The same over TLS, with a certificate of an authority that nobody trusts yet.
    pub(super) fn encrypted_to(storage: &Storage) -> Self {
        Self::with(storage, Some(certificate()))
    }

    fn with(storage: &Storage, tls: Option<(String, Arc<ServerConfig>)>) -> Self {
        let (ca, tls) = tls.unzip();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let pass: Rule = Box::new(|_| Deed::Pass);
        let rule = Arc::new(Mutex::new(pass));
        let (shared, there) = (Arc::clone(&rule), storage.port());
        std::thread::spawn(move || {
            for asked in listener.incoming().flatten() {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                std::thread::spawn(move || serve(asked, there, &shared, tls));
            }
        });
        Self { port, rule, ca }
    }

    pub(super) fn endpoint(&self) -> String {
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// From now on `rule` says what becomes of a question, by its first line.
    pub(super) fn set(&self, rule: impl FnMut(&str) -> Deed + Send + 'static) {
        *self.rule.lock().unwrap() = Box::new(rule);
    }
}

/// An authority, and a certificate of it for this machine.
fn certificate() -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&own, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(trust::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    (ca, Arc::new(config.unwrap()))
}

fn serve(mut asked: TcpStream, there: u16, rule: &Mutex<Rule>, tls: Option<Arc<ServerConfig>>) {
    // Whoever is not trusted, or goes away, ends it.
    let _ = match tls {
        None => pass_on(&mut asked, there, rule),
        Some(config) => {
            let session = ServerConnection::new(config).unwrap();
            let mut asked = StreamOwned::new(session, asked);
            let passed = pass_on(&mut asked, there, rule);
            asked.conn.send_close_notify();
            passed.and_then(|()| asked.flush())
        }
    };
}

/// Takes one question, does with it what the rule says, and closes.
fn pass_on(asked: &mut (impl Read + Write), there: u16, rule: &Mutex<Rule>) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        asked.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let line = head.lines().next().unwrap_or_default().to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    asked.read_exact(&mut body)?;
    let deed = (rule.lock().unwrap())(&line);
    let answer = match deed {
        Deed::Silence => {
            std::thread::sleep(Duration::from_secs(90));
            return Ok(());
        }
        Deed::Garbage => b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<html>hm>".to_vec(),
        Deed::Refuse(status, code) => {
            let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
            format!("HTTP/1.1 {status} No\r\ncontent-length: {}\r\n\r\n{text}", text.len()).into()
        }
        Deed::Pass | Deed::Cut(_) | Deed::Lost | Deed::Spoil => {
            if deed == Deed::Spoil {
                let middle = body.len() / 2;
                body[middle] ^= 1;
            }
            let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, there))?;
            let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            upstream.write_all(head.as_bytes())?;
            upstream.write_all(&body)?;
            let mut answer = Vec::new();
            upstream.read_to_end(&mut answer)?;
            match deed {
                Deed::Cut(length) => answer.truncate(length),
                Deed::Lost => answer.clear(),
                _ => {}
            }
            answer
        }
    };
    asked.write_all(&answer)?;
    asked.flush()
}

/// Who has never seen a promotion.
pub(super) fn claim(hospital: &str, writer: &str) -> Claim {
    Claim { hospital: hospital.to_owned(), writer: writer.to_owned(), epoch: 0 }
}

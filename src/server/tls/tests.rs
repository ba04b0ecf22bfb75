//! Certificates through the years, with a clock that is moved.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rcgen::{CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::authority::Authority;
use super::folder::TlsFolder;
use super::keeper::{Origin, renew_root};
use super::names::Names;
use super::pair::{Pair, provider};
use super::{Tls, TlsError, certificate, report, request};
use crate::config::{Config, Flags, Key};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::web::hosts::Hosts;

const NOW: &str = "2031-03-01T12:00:00Z";

/// A data folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("healthflow-tls-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn config(&self, more: &[(Key, &str)]) -> Config {
        let mut values = vec![(Key::Data, self.0.clone().into_os_string())];
        values.push((Key::Listen, "0.0.0.0:8475".into()));
        values.extend(more.iter().map(|(key, text)| (*key, text.into())));
        Config::load(Flags { file: None, values }).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(config: &Config, clock: &FrozenClock) -> Result<Tls, TlsError> {
    let hosts = Arc::new(Hosts::default());
    Tls::open(config, hosts, Arc::new(clock.clone())).map(|tls| tls.unwrap())
}

fn names(given: &[&str]) -> Names {
    Names::read(&given.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
}

/// Whether a client that trusts `root` takes `leaf` for `name`.
fn is_taken(root: &[u8], leaf: &CertificateDer<'_>, name: &str, clock: &FrozenClock) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(certificate::chain(root).unwrap().remove(0)).unwrap();
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider()));
    let at = UnixTime::since_unix_epoch(Duration::from_secs(
        u64::try_from(clock.now().as_second()).unwrap(),
    ));
    let name = ServerName::try_from(name).unwrap();
    verifier.build().unwrap().verify_server_cert(leaf, &[], &name, &[], at).is_ok()
}

#[test]
fn the_first_start_makes_an_authority_and_a_certificate_that_clients_take() {
    let (folder, clock) = (Folder::new(), FrozenClock::at(NOW));
    let config = folder.config(&[(Key::HostNames, "his.korle.example")]);
    let tls = open(&config, &clock).unwrap();
    let standing = tls.standing();
    assert_eq!(standing.origin, Origin::Own);
    assert_eq!(report::warnings(&standing, clock.now()), Vec::<String>::new());
    assert!((150..=397).contains(&standing.about.days_left(clock.now())));
    let root = standing.root.as_ref().unwrap();
    assert!((3_600..3_660).contains(&root.days_left(clock.now())));
    let kept = TlsFolder::of(&config.data);
    let (root, server) =
        (kept.root().unwrap().unwrap().certificate, kept.server().unwrap().unwrap());
    let leaf = CertificateDer::from_pem_slice(&server).unwrap();
    for name in ["his.korle.example", "localhost", "127.0.0.1"] {
        assert!(is_taken(&root, &leaf, name, &clock), "{name}");
    }
    assert!(!is_taken(&root, &leaf, "other.korle.example", &clock));
    // Another start finds the same.
    let again = open(&config, &clock).unwrap().standing();
    assert_eq!(again.about.fingerprint, standing.about.fingerprint);
    #[cfg(unix)]
    for (file, mode) in [("", 0o700), ("root.key", 0o600), ("server.pem", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(config.data.join("tls").join(file)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, mode, "{file}");
    }
}

#[test]
fn the_certificate_renews_itself_and_follows_the_names() {
    let (folder, clock) = (Folder::new(), FrozenClock::at(NOW));
    let config = folder.config(&[]);
    let tls = open(&config, &clock).unwrap();
    let first = tls.standing().about;
    clock.set("2031-07-20T12:00:00Z");
    tls.look();
    assert_eq!(tls.standing().about, first, "39 days are left");
    clock.set("2031-08-01T12:00:00Z");
    tls.look();
    let second = tls.standing().about;
    assert!(first.ends_at < second.ends_at && first.fingerprint != second.fingerprint);
    // A name that the root may vouch for comes in at the next start, another one is told of.
    let more = folder.config(&[(Key::HostNames, "records.lan,bank.example")]);
    let tls = open(&more, &clock).unwrap();
    let third = tls.standing();
    assert!(third.about.names.hosts.contains("records.lan"), "{:?}", third.about.names);
    assert_eq!(third.left_out, ["bank.example"]);
    let told = report::warnings(&third, clock.now()).concat();
    assert!(told.contains("bank.example") && told.contains("new-root"), "{told}");
    // Another root may.
    renew_root(&more, clock.now()).unwrap();
    tls.look();
    let fourth = tls.standing();
    assert!(fourth.left_out.is_empty() && fourth.about.names.hosts.contains("bank.example"));
    assert_ne!(third.root.unwrap().fingerprint, fourth.root.unwrap().fingerprint);
}

#[test]
fn a_root_that_is_over_is_made_anew_and_one_that_ends_is_told_of() {
    let (folder, clock) = (Folder::new(), FrozenClock::at(NOW));
    let config = folder.config(&[]);
    let tls = open(&config, &clock).unwrap();
    let first = tls.standing().root.unwrap();
    clock.set("2040-06-01T00:00:00Z");
    tls.look();
    let told = report::warnings(&tls.standing(), clock.now()).concat();
    assert!(told.contains("root ends in 273 days"), "{told}");
    clock.set("2041-06-01T00:00:00Z");
    tls.look();
    assert_ne!(tls.standing().root.unwrap().fingerprint, first.fingerprint);
    assert!(0 < tls.standing().about.days_left(clock.now()));
}

#[test]
fn a_stolen_root_key_opens_nothing_outside_of_the_house() {
    let clock = FrozenClock::at(NOW);
    let made = Authority::make(&names(&["his", "his.korle.example", "10.0.0.5"]), clock.now());
    let made = made.unwrap();
    let key = KeyPair::from_pem(&made.key).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&made.certificate, key).unwrap();
    for (name, expected) in [
        ("his", true),
        ("his.korle.example", true),
        ("192.168.1.1", true),
        ("printer.lan", true),
        ("bank.example", false),
        ("korle.example", false),
        ("8.8.8.8", false),
        ("2001:db8::1", false),
    ] {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        (params.not_before, params.not_after) =
            (rcgen::date_time_ymd(2031, 1, 1), rcgen::date_time_ymd(2031, 12, 1));
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let taken = is_taken(made.certificate.as_bytes(), leaf.der(), name, &clock);
        assert_eq!(taken, expected, "{name}");
    }
}

/// A certificate of some other authority for `name`, until the first of `month`, and its key.
fn foreign(name: &str, month: u8) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2031, 1, 1);
    params.not_after = rcgen::date_time_ymd(2031, month, 1);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let (clock, (certificate, key)) = (FrozenClock::at(NOW), foreign("his", 12));
    let authority = Authority::make(&names(&["his"]), clock.now()).unwrap();
    let (over, early) = (foreign("his", 2), FrozenClock::at("2030-01-01T00:00:00Z"));
    let nameless = {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    };
    let read = |chain: &str, key: &str, clock: &FrozenClock| {
        use crate::vocab::problem::Explain;
        let read = Pair::read(chain.as_bytes(), key.as_bytes(), clock.now());
        read.map_or_else(|cause| cause.code(), |_| "fine")
    };
    assert_eq!(read(&certificate, &key, &clock), "fine");
    assert_eq!(read(&certificate, &foreign("his", 12).1, &clock), "tls.unfit");
    assert_eq!(read(&over.0, &over.1, &clock), "tls.expired");
    assert_eq!(read(&certificate, &key, &early), "tls.early");
    assert_eq!(read("", &key, &clock), "tls.no_certificate");
    assert_eq!(read("-----BEGIN CERTIFICATE-----\nAAAA\n", &key, &clock), "tls.no_certificate");
    assert_eq!(read(&key, &key, &clock), "tls.no_certificate");
    assert_eq!(read(&certificate, &certificate, &clock), "tls.no_key");
    assert_eq!(read(&authority.certificate, &authority.key, &clock), "tls.of_authority");
    assert_eq!(read(&nameless.0, &nameless.1, &clock), "tls.nameless");
}

#[test]
fn files_are_taken_when_they_change_and_what_cannot_be_used_is_not() {
    let (folder, clock) = (Folder::new(), FrozenClock::at(NOW));
    let (at, key_at) = (folder.0.join("c.pem"), folder.0.join("k.pem"));
    let put = |(certificate, key): (String, String)| {
        std::fs::write(&at, certificate).unwrap();
        std::fs::write(&key_at, key).unwrap();
    };
    put(foreign("his", 6));
    let (at_text, key_text) = (at.display().to_string(), key_at.display().to_string());
    let config = folder.config(&[(Key::TlsCertificate, &at_text), (Key::TlsKey, &key_text)]);
    let tls = open(&config, &clock).unwrap();
    let first = tls.standing();
    assert_eq!(first.origin, Origin::Files);
    assert!(first.root.is_none() && report::warnings(&first, clock.now()).is_empty());
    for (bad, words) in [
        (("nothing".to_owned(), foreign("his", 6).1), "no certificate"),
        ((foreign("his", 6).0, foreign("his", 6).1), "does not belong"),
        (foreign("his", 2), "has expired, on 2031-02-01"),
    ] {
        put(bad);
        tls.look();
        let now = tls.standing();
        assert_eq!(now.about, first.about, "the old one goes on");
        let told = report::warnings(&now, clock.now()).concat();
        assert!(told.contains(words), "{told}");
    }
    std::fs::remove_file(&at).unwrap();
    tls.look();
    assert_eq!(tls.standing().about, first.about);
    put(foreign("his", 12));
    tls.look();
    assert_ne!(tls.standing().about, first.about);
    assert!(report::warnings(&tls.standing(), clock.now()).is_empty());
    clock.set("2031-11-10T00:00:00Z");
    let told = report::warnings(&tls.standing(), clock.now()).concat();
    assert!(told.contains("ends in 21 days"), "{told}");
    // At a start there is no old one to go on with.
    clock.set("2032-01-01T00:00:00Z");
    assert!(matches!(open(&config, &clock).unwrap_err(), TlsError::Expired { .. }));
}

#[test]
fn a_request_is_answered_by_another_authority_and_renewed_with_the_same_key() {
    let (folder, clock) = (Folder::new(), FrozenClock::at(NOW));
    let config = folder.config(&[]);
    let kept = TlsFolder::of(&config.data);
    let tls = open(&config, &clock).unwrap();
    let own = tls.standing();
    let (other, _) = foreign("his", 12);
    let refused = request::install(&kept, other.as_bytes(), clock.now()).unwrap_err();
    assert!(matches!(refused, TlsError::NotAsked), "{refused}");
    let asked = request::make(&kept, &names(&["his.korle.example", "10.0.0.5"]), Some("Korle"));
    let asked = asked.unwrap();
    assert!(asked.contains("BEGIN CERTIFICATE REQUEST"), "{asked}");
    let refused = request::install(&kept, other.as_bytes(), clock.now()).unwrap_err();
    assert!(matches!(refused, TlsError::Unfit), "{refused}");
    // A house of its own signs, with an authority in between.
    let (root_key, between_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name = super::authority::common_name(name.to_owned());
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params
    };
    let root = authority("Root").self_signed(&root_key).unwrap();
    let issuer = Issuer::new(authority("Root"), root_key);
    let between = authority("Between").signed_by(&between_key, &issuer).unwrap();
    let issuer = Issuer::new(authority("Between"), between_key);
    let sign = |month: u8| {
        let mut params = rcgen::CertificateSigningRequestParams::from_pem(&asked).unwrap();
        params.params.not_before = rcgen::date_time_ymd(2031, 1, 1);
        params.params.not_after = rcgen::date_time_ymd(2031, month, 1);
        params.signed_by(&issuer).unwrap()
    };
    let answer = format!("{}{}{}", root.pem(), between.pem(), sign(6).pem());
    let about = request::install(&kept, answer.as_bytes(), clock.now()).unwrap();
    assert_eq!(about.names, names(&["his.korle.example", "10.0.0.5"]));
    tls.look();
    let now = tls.standing();
    assert_eq!((now.origin, &now.about), (Origin::Installed, &about));
    let chain = Pair::read(answer.as_bytes(), &kept.installed().unwrap().unwrap(), clock.now());
    let chain = chain.unwrap().certified.cert.clone();
    assert_eq!(chain.len(), 2, "the server's own, then the one above, without the root");
    let leaf = sign(6);
    assert!(!is_taken(root.pem().as_bytes(), leaf.der(), "other", &clock));
    // Renewed, as DER, with another request begun meanwhile.
    request::make(&kept, &names(&["elsewhere"]), None).unwrap();
    request::install(&kept, sign(12).der(), clock.now()).unwrap();
    tls.look();
    assert!(about.ends_at < tls.standing().about.ends_at);
    // Expired, it is no reason to stand still: a start goes back to our own.
    clock.set("2032-01-01T00:00:00Z");
    let fallen_back = open(&config, &clock).unwrap().standing();
    assert_eq!(fallen_back.origin, Origin::Own);
    assert!(fallen_back.refused.unwrap().contains("has expired"));
    assert_eq!(fallen_back.root.unwrap().fingerprint, own.root.unwrap().fingerprint);
    assert!(kept.remove_installed().unwrap() && !kept.remove_installed().unwrap());
}

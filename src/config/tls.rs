//! How connections are protected: what the settings about encryption add up to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, Finding};
use super::keys::Key;
use super::sources::Gathered;
use super::value::Value;

/// Days for which a browser keeps to encryption where it is the host's only service.
const HSTS_DAYS: u64 = 365;
/// Days where other programs of the host may still be plain, or the certificate is one of our own
/// that could be made anew: what goes wrong has healed by the next day.
const HSTS_DAYS_CAUTIOUS: u64 = 1;
/// The port of HTTPS.
const HTTPS: u16 = 443;

/// From where the certificate comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsSource {
    /// No encryption.
    Off,
    /// The data folder: what the hospital's authority signed, else our own authority.
    Folder,
    /// Two files that somebody else keeps.
    Files {
        /// The certificate with its chain, PEM.
        certificate: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
}

impl TlsSource {
    /// The word for it in the settings.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Folder => "on",
            Self::Files { .. } => "files",
        }
    }
}

/// What the settings about encryption add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOptions {
    /// From where the certificate comes.
    pub source: TlsSource,
    /// Names of the server beside the machine's own, in small letters.
    pub host_names: Vec<String>,
    hsts_days: Option<u64>,
    port: u16,
}

impl TlsOptions {
    /// Days for which browsers keep to encryption; 0 tells them nothing. `foreign` says that the
    /// certificate is not of our own authority.
    #[must_use]
    pub fn hsts_days(&self, foreign: bool) -> u64 {
        let usual = foreign && self.port == HTTPS;
        self.hsts_days.unwrap_or(if usual { HSTS_DAYS } else { HSTS_DAYS_CAUTIOUS })
    }

    /// The same in seconds.
    #[must_use]
    pub fn hsts_s(&self, foreign: bool) -> u64 {
        self.hsts_days(foreign) * 24 * 3_600
    }

    /// Whether connections are encrypted.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.source != TlsSource::Off
    }
}

/// What `said` says for a server at `listen`, and what in it looks like a mistake.
///
/// # Errors
/// One of two files that go together is missing.
pub(super) fn options(
    said: &Gathered,
    listen: SocketAddr,
) -> Result<(TlsOptions, Vec<String>), ConfigError> {
    let file = |key: Key| match &said.get(key).value {
        Value::Folder(path) => Some(path.clone()),
        _ => None,
    };
    let (certificate, key) = (file(Key::TlsCertificate), file(Key::TlsKey));
    let word = match said.get(Key::Tls).value {
        Value::Word(word) => word,
        _ => "auto",
    };
    let mut odd = Vec::new();
    let source = match (word, certificate, key) {
        ("off", None, None) => TlsSource::Off,
        ("off", ..) => {
            odd.push("tls is off, so tls_certificate and tls_key are not used.".to_owned());
            TlsSource::Off
        }
        (_, Some(certificate), Some(key)) => TlsSource::Files { certificate, key },
        (_, None, Some(key)) => {
            let what = format!("The certificate of the key {} is missing", shown(&key));
            return Err(incomplete(said, Key::TlsCertificate, &what));
        }
        (_, Some(certificate), None) => {
            let what = format!("The key of the certificate {} is missing", shown(&certificate));
            return Err(incomplete(said, Key::TlsKey, &what));
        }
        ("files", None, None) => {
            let what = "tls is files, and no certificate is named";
            return Err(incomplete(said, Key::TlsCertificate, what));
        }
        ("auto", None, None) if listen.ip().to_canonical().is_loopback() => TlsSource::Off,
        (_, None, None) => TlsSource::Folder,
    };
    let host_names = match &said.get(Key::HostNames).value {
        Value::Names(names) => names.clone(),
        _ => Vec::new(),
    };
    let hsts_days = match said.get(Key::TlsHstsDays).value {
        Value::Number(days) => Some(days),
        _ => None,
    };
    Ok((TlsOptions { source, host_names, hsts_days, port: listen.port() }, odd))
}

fn incomplete(said: &Gathered, key: Key, what: &str) -> ConfigError {
    let spec = key.spec();
    let message = format!("{what}. Use {}, or --tls auto without either.", spec.allowed.words());
    let place = said.get(key).origin.to_string();
    ConfigError::new(vec![Finding { key: Some(spec.name.into()), place, message }])
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

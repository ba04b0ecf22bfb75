//! Asks the storage over HTTP: no redirects, no proxy, bounded in time and in size.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use ureq::http::Request;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

use super::trouble::Trouble;
use crate::access::trust;

/// How long the way there may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long nothing may come or go.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// Asks one storage. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Wire(Agent);

/// One question.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) method: &'static str,
    /// With the signature in it, so that it is never told.
    pub(super) url: String,
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: Option<&'a [u8]>,
    /// The longest answer, bytes.
    pub(super) answer_max: u64,
    /// The longest time for all of it.
    pub(super) time_max: Duration,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    /// Which part of a file it is.
    pub(super) range: Option<String>,
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

impl Wire {
    /// Trusts the authorities in `pem`, or those of this machine.
    pub(super) fn new(pem: Option<&str>) -> Result<Self, Trouble> {
        // Storage on this machine itself needs no certificates.
        let roots = match (trust::authorities(pem), pem) {
            (Ok(roots), _) => roots,
            (Err(_), None) => Vec::new(),
            (Err(mend), Some(_)) => return Err(Trouble::Address(mend)),
        };
        let roots: Vec<Certificate<'static>> =
            roots.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(trust::provider())
            .root_certs(RootCerts::new_with_certs(&roots))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_resolve(Some(CONNECT_MAX))
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_per_read(Some(SILENCE_MAX))
            .timeout_per_write(Some(SILENCE_MAX))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent("HealthFlow")
            .build()
            .new_agent();
        Ok(Self(agent))
    }

    pub(super) fn ask(&self, question: &Question<'_>) -> Result<Answer, Trouble> {
        let Question { method, url, headers, body, answer_max, time_max } = question;
        let mut request = Request::builder().method(*method).uri(url);
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        let wrong = |_| Trouble::Address("its address cannot be asked".to_owned());
        let answer = match body {
            Some(body) => {
                let request = request.body(*body).map_err(wrong)?;
                let timed = self.0.configure_request(request).timeout_global(Some(*time_max));
                self.0.run(timed.build())
            }
            None => {
                let request = request.body(()).map_err(wrong)?;
                let timed = self.0.configure_request(request).timeout_global(Some(*time_max));
                self.0.run(timed.build())
            }
        };
        let (parts, mut body) = answer.map_err(told)?.into_parts();
        let bytes = body.with_config().limit(*answer_max).read_to_vec().map_err(told)?;
        let of = |name: &str| {
            let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let date = of("date").and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
        Ok(Answer {
            status: parts.status.as_u16(),
            etag: of("etag"),
            range: of("content-range"),
            date: date.map(|date| date.timestamp()),
            body: bytes,
        })
    }
}

/// What went wrong on the way. The address is not in it: there is a signature in that.
fn told(cause: ureq::Error) -> Trouble {
    match cause {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Trouble::Unreachable("no answer in time".to_owned())
        }
        ureq::Error::Timeout(_) => Trouble::Slow,
        ureq::Error::HostNotFound => Trouble::Unreachable("its name is not known".to_owned()),
        ureq::Error::ConnectionFailed => Trouble::Unreachable("no connection".to_owned()),
        ureq::Error::Rustls(cause) => of_tls(&cause),
        ureq::Error::Io(cause) => of_io(&cause),
        ureq::Error::BodyExceedsLimit(_) => Trouble::NoStorage("it says too much".to_owned()),
        _ => Trouble::NoStorage("it does not speak HTTP".to_owned()),
    }
}

fn of_io(cause: &io::Error) -> Trouble {
    if let Some(cause) = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(cause);
    }
    match cause.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => Trouble::Unreachable(cause.kind().to_string()),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Trouble::Slow,
        kind => Trouble::Cut(kind.to_string()),
    }
}

fn of_tls(cause: &rustls::Error) -> Trouble {
    match cause {
        rustls::Error::InvalidCertificate(cause) => Trouble::Untrusted(cause.to_string()),
        _ => Trouble::NoStorage("TLS does not come about".to_owned()),
    }
}

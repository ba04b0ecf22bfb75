//! Mail by SMTP (RFC 5321), over the hospital's own mail server.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{SmtpTransport, Transport};
use serde::{Deserialize, Serialize};
use sysinfo::System;

use super::error::NotifyError;
use crate::access::connections::Place;
use crate::access::trust;
use crate::vocab::problem::Findings;

/// Where the store has the settings; the secret is the password.
pub const KEPT: Place<Settings> = Place::new("mail", "mail_password");
/// The longest that one step of the talk with the server may take.
const STEP_MAX: Duration = Duration::from_secs(10);
/// Characters of a name or an address.
pub const TEXT_MAX: usize = 254;

/// How the talk with the mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS after the greeting, and nothing without it; usually port 587.
    #[default]
    Starttls,
    /// TLS from the first byte; usually port 465.
    Tls,
    /// None: for a relay in the same room that asks for no password; usually port 25.
    None,
}

/// The words of `security`.
pub const SECURITIES: [&str; 3] = ["starttls", "tls", "none"];

/// How mail goes out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether it does.
    pub enabled: bool,
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the talk is kept secret.
    pub security: Security,
    /// With which account, if the server wants one.
    pub username: Option<String>,
    /// From which address.
    pub from: String,
    /// Authorities to trust, PEM; those of this machine if none.
    pub ca_pem: Option<String>,
}

impl Settings {
    /// Whether the password may be said to the server of `before`: where that changed, whoever
    /// changes it types the password again, or it could be sent to a server of their choice.
    #[must_use]
    pub fn keeps_password_of(&self, before: &Self) -> bool {
        (&self.host, self.port, self.security, &self.username, &self.ca_pem)
            == (&before.host, before.port, before.security, &before.username, &before.ca_pem)
    }

    /// Trims what was typed and notes what is wrong with it.
    pub fn check(&mut self, findings: &mut Findings) {
        for text in [&mut self.host, &mut self.from] {
            text.trim().to_owned().clone_into(text);
        }
        for text in [&mut self.username, &mut self.ca_pem] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|it| !it.is_empty());
        }
        let fits = |text: &str| {
            (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        };
        let is_host = fits(&self.host) && !self.host.contains(['/', '@', ' ']);
        let mend = "Write the name of the mail server, such as mail.hospital.example.";
        findings.check(!self.enabled || is_host, "host", mend);
        let mend = "Write the port: usually 587, 465 or 25.";
        findings.check(!self.enabled || self.port != 0, "port", mend);
        let mend = "Write the address that mail comes from, such as healthflow@hospital.example.";
        findings.check(!self.enabled || is_address(&self.from), "from", mend);
        if let Some(username) = &self.username {
            findings.check(fits(username), "username", "Write the account's name.");
            let mend = "A password is not sent without encryption. Choose STARTTLS or TLS, or \
                 leave the account out.";
            findings.check(self.security != Security::None, "username", mend);
        }
        if let Some(pem) = &self.ca_pem {
            match pem.len() <= trust::PEM_MAX {
                true => {
                    if let Err(mend) = trust::certificates(pem) {
                        findings.add("ca_pem", mend);
                    }
                }
                false => findings.add("ca_pem", "Paste fewer certificates."),
            }
        }
    }
}

/// Whether `text` is the address of a mailbox.
#[must_use]
pub fn is_address(text: &str) -> bool {
    // What lettre parses and no mail server without SMTPUTF8 takes: other letters, quoted names,
    // numbers of machines.
    let is_plain = text.is_ascii() && !text.contains(['"', '[', ' ']);
    is_plain && text.len() <= TEXT_MAX && text.parse::<lettre::Address>().is_ok()
}

/// That no person wrote it, so that nobody's "out of office" answers (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A letter.
#[derive(Debug)]
pub struct Letter<'a> {
    /// To which address.
    pub to: &'a str,
    /// By what it is known when it is sent twice.
    pub key: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// It.
    pub text: String,
}

/// Sends `letter`; `password` goes with the account, if there is one. Blocks for up to a minute.
///
/// # Errors
/// What the mail server says, or what is wrong with the settings.
pub fn send(
    settings: &Settings,
    password: Option<String>,
    letter: Letter<'_>,
) -> Result<(), NotifyError> {
    let wrong = |cause: &dyn std::fmt::Display| NotifyError::Settings(cause.to_string());
    let from: Mailbox = settings.from.parse().map_err(|cause| wrong(&cause))?;
    let to: Mailbox = letter.to.parse().map_err(|cause| wrong(&cause))?;
    let message = lettre::Message::builder()
        .message_id(Some(format!("<{}@{}>", letter.key, from.email.domain())))
        .from(Mailbox::new(Some("HealthFlow".to_owned()), from.email))
        .to(to)
        .subject(letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .header(AutoSubmitted)
        .body(letter.text)
        .map_err(|cause| wrong(&cause))?;
    let transport = transport(settings, password)?;
    transport.send(&message).map(|_| ()).map_err(|cause| {
        let told = told(&cause);
        if cause.is_permanent() && !told.contains("auth") {
            NotifyError::Refused(told)
        } else {
            NotifyError::Mail(told)
        }
    })
}

fn transport(settings: &Settings, password: Option<String>) -> Result<SmtpTransport, NotifyError> {
    let hello = System::host_name().map_or_else(|_| ClientId::default(), ClientId::Domain);
    let tls = match settings.security {
        Security::None => Tls::None,
        Security::Starttls => Tls::Required(trusted(settings)?),
        Security::Tls => Tls::Wrapper(trusted(settings)?),
    };
    let mut builder = SmtpTransport::builder_dangerous(&settings.host)
        .port(settings.port)
        .hello_name(hello)
        .timeout(Some(STEP_MAX))
        .tls(tls);
    if let Some((username, password)) = settings.username.clone().zip(password) {
        builder = builder.credentials(Credentials::new(username, password));
    }
    Ok(builder.build())
}

fn trusted(settings: &Settings) -> Result<TlsParameters, NotifyError> {
    let roots = trust::authorities(settings.ca_pem.as_deref()).map_err(NotifyError::Settings)?;
    let mut builder =
        TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::None);
    for root in roots {
        // One of hundreds that is not understood is one that nothing is signed by.
        if let Ok(root) = Certificate::from_der(root.to_vec()) {
            builder = builder.add_root_certificate(root);
        }
    }
    builder.build_rustls().map_err(|cause| NotifyError::Settings(cause.to_string()))
}

/// What `cause` says, with all that is behind it.
fn told(cause: &lettre::transport::smtp::Error) -> String {
    let mut told = cause.to_string();
    let mut next = std::error::Error::source(cause);
    while let Some(inner) = next {
        let text = inner.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        next = inner.source();
    }
    told.trim_end_matches('.').to_owned()
}

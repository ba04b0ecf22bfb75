//! What a certificate says.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::TlsError;
use super::names::Names;

/// What one certificate says, as far as people and the renewal go by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// For which names and addresses.
    pub names: Names,
    /// From when.
    pub begins_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// SHA-256 over all of it, as browsers and systems show it: `AB:CD:…`.
    pub fingerprint: String,
    /// Whether it may sign others.
    pub is_authority: bool,
}

impl About {
    /// What `der` says.
    ///
    /// # Errors
    /// It is no certificate.
    pub fn of(der: &[u8]) -> Result<Self, TlsError> {
        let certificate = parse(der)?;
        let instant = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let validity = certificate.validity();
        Ok(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            names: names(&certificate),
            begins_at: instant(validity.not_before.timestamp()),
            ends_at: instant(validity.not_after.timestamp()),
            fingerprint: fingerprint(der),
            is_authority: certificate.is_ca(),
        })
    }

    /// Whole days from `now` until its end; below 0 once it is over.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.ends_at.duration_since(now).as_secs().div_euclid(24 * 3_600)
    }

    /// Refuses what does not hold at `now`.
    ///
    /// # Errors
    /// It has expired, or its time has not come.
    pub fn demand_valid(&self, now: Timestamp) -> Result<(), TlsError> {
        if self.ends_at <= now {
            return Err(TlsError::Expired { ended: day(self.ends_at).to_string() });
        }
        if now < self.begins_at {
            return Err(TlsError::Early { begins: day(self.begins_at).to_string() });
        }
        Ok(())
    }
}

/// The day of an instant, in UTC.
#[must_use]
pub fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, TlsError> {
    match x509_parser::parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(TlsError::NoCertificate),
    }
}

/// The certificates in `bytes`, which are PEM or, of a single one, DER.
///
/// # Errors
/// There is none.
pub fn chain(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    match found {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => {
            parse(bytes)?;
            Ok(vec![CertificateDer::from(bytes.to_vec())])
        }
    }
}

fn names(certificate: &X509Certificate<'_>) -> Names {
    let mut names = Names::default();
    let Ok(Some(listed)) = certificate.subject_alternative_name() else { return names };
    for name in &listed.value.general_names {
        match name {
            GeneralName::DNSName(host) => {
                names.hosts.insert(host.to_ascii_lowercase());
            }
            GeneralName::IPAddress(bytes) => names.addresses.extend(address(bytes)),
            _ => {}
        }
    }
    names
}

pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn fingerprint(der: &[u8]) -> String {
    let bytes = Sha256::digest(der);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

//! Whom the server trusts when it speaks to another machine over TLS: the authorities that the
//! hospital named for it, else those of the operating system. There is no way to trust everybody.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// The longest text with certificates, in bytes.
pub const PEM_MAX: usize = 64 << 10;

/// The cryptography of all TLS of this server.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificates in `pem`.
///
/// # Errors
/// What is wrong with it, and the mend.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = read.map_err(|_| MEND.to_owned())?;
    let mut store = RootCertStore::empty();
    let whole = found.iter().all(|one| store.add(one.clone()).is_ok());
    if found.is_empty() || !whole {
        return Err(MEND.to_owned());
    }
    Ok(found)
}

const MEND: &str = "Paste the certificate of the authority as text that begins with \
     -----BEGIN CERTIFICATE-----, or leave it out to trust the authorities of this machine.";

/// The authorities in `pem`, or those of the operating system.
///
/// # Errors
/// `pem` holds no certificate, or the machine has no authorities.
pub fn authorities(pem: Option<&str>) -> Result<Vec<CertificateDer<'static>>, String> {
    if let Some(pem) = pem {
        return certificates(pem);
    }
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err("This machine has no list of certificate authorities. Paste the certificate \
             of the one that is to be trusted."
            .to_owned());
    }
    Ok(found)
}

/// TLS to a machine that shows a certificate of one of [`authorities`].
///
/// # Errors
/// As [`authorities`].
pub fn client(pem: Option<&str>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities(pem)?);
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Asks over HTTP, within `time_max` for each question: no redirects, no proxy, an answer whatever
/// its status. Trusts the authorities in `pem`, or those of this machine.
///
/// # Errors
/// `pem` holds no certificate.
pub fn agent(pem: Option<&str>, time_max: Duration) -> Result<ureq::Agent, String> {
    // Whoever is on this machine itself needs no certificates.
    let roots = match (authorities(pem), pem) {
        (Ok(roots), _) => roots,
        (Err(_), None) => Vec::new(),
        (Err(mend), Some(_)) => return Err(mend),
    };
    let roots: Vec<Certificate<'static>> =
        roots.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider())
        .root_certs(RootCerts::new_with_certs(&roots))
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(time_max))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent("HealthFlow");
    Ok(config.build().new_agent())
}

//! Whom the server trusts when it speaks to another machine over TLS: the authorities that the
//! hospital named for it, else those of the operating system. There is no way to trust everybody.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

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

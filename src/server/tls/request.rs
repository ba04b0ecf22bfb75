//! Asking the hospital's own authority: a signing request, and taking its answer.

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::TlsError;
use super::authority::{alternative, common_name};
use super::certificate::{self, About};
use super::folder::TlsFolder;
use super::names::Names;
use super::pair::Pair;

/// A signing request (PKCS #10, PEM) for a server with `names`; the private key is made anew and
/// stays in `folder`. What was installed goes on until the answer is installed.
///
/// # Errors
/// The key cannot be kept.
pub fn make(
    folder: &TlsFolder,
    names: &Names,
    organization: Option<&str>,
) -> Result<String, TlsError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(names.best().unwrap_or_default());
    if let Some(organization) = organization {
        params.distinguished_name.push(DnType::OrganizationName, organization);
    }
    params.subject_alt_names = alternative(names)?;
    let request = params.serialize_request(&key)?.pem()?;
    folder.keep_request_key(&key.serialize_pem())?;
    Ok(request)
}

/// Takes the answer, PEM or DER, after checking that it belongs to a request made here: the one
/// under way, or that of the certificate which is there already, of which it may be the renewal.
///
/// # Errors
/// It does not fit, has expired, or is not for a server; nothing is changed then.
pub fn install(folder: &TlsFolder, answer: &[u8], now: Timestamp) -> Result<About, TlsError> {
    let chain = certificate::chain(answer)?;
    let keys = [folder.request_key()?, folder.installed()?];
    let mut refused = TlsError::NotAsked;
    for key in keys.iter().flatten() {
        match Pair::read(answer, key, now) {
            Ok(pair) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
                let mut both = pem("PRIVATE KEY", key.secret_der());
                both.extend(chain.iter().map(|one| pem("CERTIFICATE", one)));
                folder.keep_installed(&both)?;
                return Ok(pair.about);
            }
            Err(cause) => refused = cause,
        }
    }
    Err(refused)
}

/// `der` as PEM (RFC 7468).
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    let lines: Vec<String> = lines.collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

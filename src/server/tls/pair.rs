//! A certificate with its chain and its private key.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::certificate::{self, About};

/// What a server needs to show who it is.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What its certificate says.
    pub about: About,
    /// What connections use.
    pub certified: Arc<CertifiedKey>,
}

impl Pair {
    /// The certificates in `chain` (PEM) with the private key in `key` (PEM). The server's own
    /// may stand anywhere among them: it is the one that the key fits.
    ///
    /// # Errors
    /// Something is missing, does not fit, is over at `now`, or is not for a server.
    pub fn read(chain: &[u8], key: &[u8], now: Timestamp) -> Result<Self, TlsError> {
        let chain = certificate::chain(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
        let pair = Self::of(chain, key)?;
        pair.demand_usable(now)?;
        Ok(pair)
    }

    fn of(
        mut chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        let key = provider().key_provider.load_private_key(key).map_err(|_| TlsError::NoKey)?;
        let fits = |certificate: &CertificateDer<'static>| {
            let one = CertifiedKey::new(vec![certificate.clone()], Arc::clone(&key));
            one.keys_match().is_ok()
        };
        let own = chain.iter().position(fits).ok_or(TlsError::Unfit)?;
        let own = chain.remove(own);
        let about = About::of(&own)?;
        let chain = above(own, chain);
        Ok(Self { about, certified: Arc::new(CertifiedKey::new(chain, key)) })
    }

    /// # Errors
    /// It is over, not yet good, or not for a server.
    fn demand_usable(&self, now: Timestamp) -> Result<(), TlsError> {
        self.about.demand_valid(now)?;
        if self.about.is_authority {
            return Err(TlsError::OfAuthority);
        }
        if self.about.names.listed().is_empty() {
            return Err(TlsError::Nameless);
        }
        Ok(())
    }
}

/// `own` and of `others` those above it, each behind the one that it has signed; the one at the
/// top, which signed itself, is left out, because whoever trusts it has it.
fn above(
    own: CertificateDer<'static>,
    mut others: Vec<CertificateDer<'static>>,
) -> Vec<CertificateDer<'static>> {
    let parties = |der: &CertificateDer<'_>| {
        let about = About::of(der).ok()?;
        Some((about.subject, about.issuer))
    };
    let mut wanted = parties(&own).map(|(_, issuer)| issuer);
    let mut chain = vec![own];
    while let Some(issuer) = wanted.take() {
        let next = others.iter().position(|one| {
            parties(one).is_some_and(|(subject, above)| subject == issuer && above != subject)
        });
        if let Some(next) = next {
            let next = others.remove(next);
            wanted = parties(&next).map(|(_, issuer)| issuer);
            chain.push(next);
        }
    }
    chain
}

/// The cryptography of all connections.
#[must_use]
pub fn provider() -> CryptoProvider {
    ring::default_provider()
}

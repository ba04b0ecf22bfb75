//! Asks the provider over HTTP: no redirects, no proxy, bounded in time and size, to safe
//! addresses only, whatever the provider's own description names.

use std::time::Duration;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse};

use super::settings::is_safe_way;
use crate::access::trust;

/// The longest that one question may take.
const TIME_MAX: Duration = Duration::from_secs(5);
/// The longest answer, bytes: a description, keys, a token.
const ANSWER_MAX: u64 = 512 << 10;

/// Why the provider was not heard.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is none to which anything may be sent.
    #[error("{0} is not reached over https, and nothing was sent there")]
    Unsafe(String),
    /// The way there.
    #[error(transparent)]
    Way(Box<ureq::Error>),
    /// The certificates.
    #[error("{0}")]
    Trust(String),
}

impl From<ureq::Error> for HttpError {
    fn from(cause: ureq::Error) -> Self {
        Self::Way(Box::new(cause))
    }
}

/// Asks one provider. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http(ureq::Agent);

impl Http {
    /// Trusts the authorities in `pem`, or those of this machine.
    ///
    /// # Errors
    /// There is no certificate.
    pub fn new(pem: Option<&str>) -> Result<Self, HttpError> {
        trust::agent(pem, TIME_MAX).map(Self).map_err(HttpError::Trust)
    }

    /// Sends `request` and reads the answer, whatever its status.
    ///
    /// # Errors
    /// The address is not safe, nobody answers in time, or the answer is too long.
    pub fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let address = request.uri().to_string();
        if !Url::parse(&address).is_ok_and(|url| is_safe_way(&url)) {
            return Err(HttpError::Unsafe(address));
        }
        let (parts, mut body) = self.0.run(request)?.into_parts();
        let bytes = body.with_config().limit(ANSWER_MAX).read_to_vec()?;
        Ok(HttpResponse::from_parts(parts, bytes))
    }
}

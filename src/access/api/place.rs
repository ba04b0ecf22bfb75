//! From where somebody signs in: the browser of a workstation, or a program.

use actix_web::HttpRequest;

use crate::access::error::AccessError;
use crate::access::sessions::{Factor, Seat};
use crate::access::workstations::{self, Workstation};
use crate::web::permit::CLIENT_HEADER;
use crate::web::{origin, site};

/// Characters of the browser's name that are kept.
const USER_AGENT_MAX: usize = 300;

/// From where somebody signs in.
pub(in crate::access) struct Place {
    user_agent: Option<String>,
    address: Option<String>,
    /// What the browser of the workstation keeps; programs have none.
    pub(super) secret: Option<String>,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

impl Place {
    /// From where `request` comes, as far as it says. A page's browser gets a secret of its own
    /// if it has none.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, AccessError> {
        match is_page(request) {
            true => Self::of_browser(request),
            false => Ok(Self::without_browser(request)),
        }
    }

    /// The place of a browser that is sent here by another site, and so without the header of our
    /// pages.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(in crate::access) fn of_browser(request: &HttpRequest) -> Result<Self, AccessError> {
        let secret = match kept_secret(request) {
            Some(secret) => secret,
            None => workstations::new_secret()?,
        };
        Ok(Self { secret: Some(secret), ..Self::without_browser(request) })
    }

    fn without_browser(request: &HttpRequest) -> Self {
        let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
        Self {
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: origin::address(request).map(|address| address.to_string()),
            secret: None,
        }
    }

    /// The place, taken by somebody who has shown `factor`.
    pub(super) fn seat(&self, factor: Factor) -> Seat {
        Seat {
            factor,
            workstation: self.secret.as_deref().map(workstations::of_secret),
            user_agent: self.user_agent.clone(),
            address: self.address.clone(),
        }
    }
}

/// Whether a page of ours asks, which no foreign page can claim.
pub(super) fn is_page(request: &HttpRequest) -> bool {
    request.headers().contains_key(CLIENT_HEADER)
}

fn kept_secret(request: &HttpRequest) -> Option<String> {
    site::workstation_in_cookie(request).filter(|kept| {
        let hex = kept.strip_prefix("hfp_").unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The workstation at which `request` was made.
pub(super) fn workstation(request: &HttpRequest) -> Option<Workstation> {
    kept_secret(request).as_deref().map(workstations::of_secret)
}

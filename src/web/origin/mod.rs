//! From where a request comes: the address of the other end or, where that is a proxy that the
//! hospital trusts, of whoever the proxy speaks for.

mod behind;
mod forwarded;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use ipnet::IpNet;

use behind::{Behind, Held};
pub use forwarded::Header;

use super::Failure;
use crate::vocab::network::network;

/// How often it is logged of one address that what it says of others is not believed.
const TOLD_EVERY: Duration = Duration::from_secs(3_600);
/// Addresses of which that is remembered; of more it is counted and not logged.
const TOLD_MAX: usize = 1_000;

/// Whose word is taken for where requests come from.
#[derive(Debug)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    header: Header,
    /// Requests that said where they came from and were not believed.
    ignored: AtomicU64,
    told: Mutex<HashMap<IpAddr, Instant>>,
    behind: Arc<Behind>,
}

impl Default for Proxies {
    fn default() -> Self {
        Self::new(Vec::new(), Header::default(), usize::MAX)
    }
}

impl Proxies {
    /// Those in `trusted`, which write `header`. One address behind them may have `at_once`
    /// requests under way.
    #[must_use]
    pub fn new(trusted: Vec<IpNet>, header: Header, at_once: usize) -> Self {
        let (ignored, told) = (AtomicU64::new(0), Mutex::default());
        Self { trusted, header, ignored, told, behind: Behind::new(at_once) }
    }

    /// Whether the word of `address` is taken.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// Requests that said where they came from and were not believed, since the start.
    #[must_use]
    pub fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }

    /// Where a request from `peer` with `headers` comes from.
    fn trace(&self, peer: IpAddr, headers: &HeaderMap) -> Origin {
        let mut origin = Origin { address: peer.to_canonical(), is_secure: None };
        if self.trusted.is_empty() || !self.trusts(peer) {
            return origin;
        }
        for hop in forwarded::hops(headers, self.header) {
            // The scheme that counts is the browser's, which the outermost proxy sees.
            origin.is_secure = hop.is_secure;
            // What stands behind a hop that is not understood may be anybody's.
            let Some(address) = hop.address else { break };
            origin.address = address;
            if !self.trusts(address) {
                break;
            }
        }
        origin
    }

    /// Counts a request that claims to come from elsewhere and is not believed, and says so in
    /// the log once an hour for each address.
    fn note_ignored(&self, peer: IpAddr, now: Instant) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &Instant| now.saturating_duration_since(*at) < TOLD_EVERY;
        let place = network(Some(peer));
        if told.get(&place).is_some_and(recent) {
            return;
        }
        if TOLD_MAX <= told.len() {
            told.retain(|_, at| recent(at));
        }
        if told.len() < TOLD_MAX {
            told.insert(place, now);
            tracing::warn!(
                "{peer} says in a header that it speaks for somebody else, and is not believed. \
                 If it is your proxy, name it in the setting trusted_proxies."
            );
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Origin {
    address: IpAddr,
    /// As the proxy says, if it says.
    is_secure: Option<bool>,
}

/// The address of whoever sent `request`, behind the proxies that are trusted; none on a line
/// that has no address.
#[must_use]
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    origin(request).map(|origin| origin.address)
}

/// Whether the browser came with encryption, as a trusted proxy says; none where no such proxy says
/// anything of it. What follows from it is [`site`](super::site)'s to say.
pub(super) fn said_encrypted(request: &HttpRequest) -> Option<bool> {
    origin(request).and_then(|origin| origin.is_secure)
}

fn origin(request: &HttpRequest) -> Option<Origin> {
    let peer = request.peer_addr()?.ip();
    let bare = Origin { address: peer, is_secure: None };
    let proxies = request.app_data::<Data<Proxies>>();
    Some(proxies.map_or(bare, |proxies| proxies.trace(peer, request.headers())))
}

/// How a request has come, for what counts requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    /// From where.
    pub(super) address: Option<IpAddr>,
    /// The program that sent it runs on this machine and speaks for itself.
    pub(super) is_local: bool,
    /// The address is that of a proxy, and so of everybody behind it.
    pub(super) is_shared: bool,
}

/// How `request` has come. What it says of others without being trusted is noted: to be asked
/// once for each request.
pub(super) fn arrival(request: &ServiceRequest) -> Arrival {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip()) else {
        return Arrival { address: None, is_local: false, is_shared: false };
    };
    let Some(proxies) = request.app_data::<Data<Proxies>>() else {
        let is_local = peer.to_canonical().is_loopback();
        return Arrival { address: Some(peer), is_local, is_shared: false };
    };
    let origin = proxies.trace(peer, request.headers());
    let claims = claims(request.headers());
    let is_ignored = claims && !proxies.trusts(peer);
    if is_ignored {
        proxies.note_ignored(peer, Instant::now());
    }
    let is_loopback = origin.address.is_loopback();
    Arrival {
        address: Some(origin.address),
        is_local: is_loopback && !claims,
        is_shared: (is_loopback && is_ignored) || proxies.trusts(origin.address),
    }
}

/// A place among the requests under way for `request`, if a proxy speaks for whoever sent it.
///
/// # Errors
/// `web.too_many_at_once`.
pub(super) fn hold(request: &ServiceRequest) -> Result<Option<Held>, Failure> {
    let proxies = request.app_data::<Data<Proxies>>().filter(|all| !all.trusted.is_empty());
    let (Some(proxies), Some(peer)) = (proxies, request.peer_addr()) else { return Ok(None) };
    let address = proxies.trace(peer.ip(), request.headers()).address;
    if !proxies.trusts(peer.ip()) || proxies.trusts(address) {
        return Ok(None);
    }
    proxies.behind.enter(network(Some(address))).map(Some)
}

/// Whether the headers say that the request was sent by somebody else.
fn claims(headers: &HeaderMap) -> bool {
    [forwarded::X_FORWARDED_FOR, forwarded::FORWARDED, forwarded::X_FORWARDED_PROTO]
        .iter()
        .any(|name| headers.contains_key(*name))
}

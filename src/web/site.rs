//! Which page asks, and over which sort of connection.
//!
//! A cookie comes with a request whoever's page made it. Two things must speak for our own page
//! before a change is made with one: a header that other pages cannot send, and what the browser
//! says of the page (`Sec-Fetch-Site`; the page's origin, where an older browser or one on an
//! unencrypted network does not say that).

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::{self, HeaderMap};

use super::{Failure, origin};
use crate::vocab::problem::ProblemKind;

/// The cookie that carries a session.
pub const SESSION_COOKIE: &str = "hf_session";
/// The cookie that tells one workstation from another; it opens nothing by itself.
pub const WORKSTATION_COOKIE: &str = "hf_workstation";
/// The cookie that ties the way back from the OpenID provider to the browser that was sent there.
const WAY_BACK_COOKIE: &str = "hf_openid";
/// What stands before the name of a cookie over an encrypted connection: a browser takes it from
/// this host alone, by an encrypted connection alone (RFC 6265bis, 4.1.3), so that no neighbour can
/// put another in its place.
const ENCRYPTED: &str = "__Host-";

/// Lies beside each connection: how it came up to here.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    /// Nobody between the other end and this server can read it.
    pub is_encrypted: bool,
    /// Seconds for which browsers that come encrypted are told to keep to it; 0 tells them nothing.
    pub hsts_s: u64,
}

/// Whether the browser or program behind `request` came with encryption, as far as this server can
/// know: what a trusted proxy says of it, or else this connection itself.
#[must_use]
pub fn is_encrypted(request: &HttpRequest) -> bool {
    let here = || request.conn_data::<Wire>().is_some_and(|wire| wire.is_encrypted);
    origin::said_encrypted(request).unwrap_or_else(here)
}

/// Seconds for which the browser behind `request` is told to come with encryption only. In clear
/// nothing is told, since there anybody could have said it (RFC 6797, 7.2).
pub(super) fn hsts_s(request: &HttpRequest) -> u64 {
    let told = request.conn_data::<Wire>().map_or(0, |wire| wire.hsts_s);
    if is_encrypted(request) { told } else { 0 }
}

/// Whether `request` was sent to the host and port of `url`, an address of this server.
#[must_use]
pub fn is_at(request: &HttpRequest, url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or_default();
        names_host(request, scheme, authority)
    })
}

/// Whether `authority` in an address with `scheme` is the host and port that `request` asks for.
fn names_host(request: &HttpRequest, scheme: &str, authority: &str) -> bool {
    let port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |authority: &str| {
        let authority = authority.to_ascii_lowercase();
        authority.strip_suffix(port).map_or(authority.clone(), str::to_owned)
    };
    let host = text(request.headers(), header::HOST.as_str());
    host.is_some_and(|host| !host.is_empty() && bare(host) == bare(authority))
}

/// The session that the cookies of `request` carry.
#[must_use]
pub fn session_in_cookie(request: &HttpRequest) -> Option<String> {
    kept(request, SESSION_COOKIE)
}

/// What the browser behind `request` keeps to be known as one workstation.
#[must_use]
pub fn workstation_in_cookie(request: &HttpRequest) -> Option<String> {
    kept(request, WORKSTATION_COOKIE)
}

/// What the browser behind `request` was given on its way to the OpenID provider.
#[must_use]
pub fn way_back_in_cookie(request: &HttpRequest) -> Option<String> {
    kept(request, WAY_BACK_COOKIE)
}

fn kept(request: &HttpRequest, name: &str) -> Option<String> {
    let cookie = request.cookie(&cookie_name(request, name))?;
    Some(cookie.value().to_owned())
}

/// The cookie that gives the browser behind `request` the session `token`. It never comes along
/// from a page of another site.
#[must_use]
pub fn session_cookie(request: &HttpRequest, token: String) -> Cookie<'static> {
    cookie(request, SESSION_COOKIE, token, SameSite::Strict)
}

/// The cookie by which the browser behind `request` is known as one workstation for `lasts`
/// microseconds. It comes along on the way back from the OpenID provider, or the workstation would
/// be another one after it.
#[must_use]
pub fn workstation_cookie(request: &HttpRequest, secret: String, lasts: i64) -> Cookie<'static> {
    let mut kept = cookie(request, WORKSTATION_COOKIE, secret, SameSite::Lax);
    kept.set_max_age(Duration::microseconds(lasts));
    kept
}

/// The cookie that the browser behind `request` takes to the OpenID provider and brings back within
/// `lasts` microseconds; without any, the one that takes it away again.
#[must_use]
pub fn way_back_cookie(request: &HttpRequest, kept: Option<(String, i64)>) -> Cookie<'static> {
    let (value, lasts) = kept.unwrap_or_default();
    let mut way_back = cookie(request, WAY_BACK_COOKIE, value, SameSite::Lax);
    match lasts {
        0 => way_back.make_removal(),
        lasts => way_back.set_max_age(Duration::microseconds(lasts)),
    }
    way_back
}

fn cookie(request: &HttpRequest, name: &str, value: String, site: SameSite) -> Cookie<'static> {
    Cookie::build(cookie_name(request, name), value)
        .path("/")
        .http_only(true)
        .secure(is_encrypted(request))
        .same_site(site)
        .finish()
}

/// The cookie that takes the session away again.
#[must_use]
pub fn no_session_cookie(request: &HttpRequest) -> Cookie<'static> {
    let mut gone = session_cookie(request, String::new());
    gone.make_removal();
    gone
}

fn cookie_name(request: &HttpRequest, name: &str) -> String {
    if is_encrypted(request) { format!("{ENCRYPTED}{name}") } else { name.to_owned() }
}

/// Whether the page that asks, if one says that it does, is of this server.
#[must_use]
pub fn is_own_origin(request: &HttpRequest) -> Option<bool> {
    let origin = text(request.headers(), header::ORIGIN.as_str())?;
    let Some((scheme, authority)) = origin.split_once("://") else { return Some(false) };
    // Without encryption here there may be some before: the scheme is not ours to know then.
    let scheme_fits = scheme == "https" || (scheme == "http" && !is_encrypted(request));
    Some(scheme_fits && names_host(request, scheme, authority))
}

/// Refuses what another page has made a browser send with our cookie.
///
/// # Errors
/// `web.csrf`.
pub fn demand_own_page(request: &HttpRequest, changes: bool) -> Result<(), Failure> {
    let foreign = match text(request.headers(), "sec-fetch-site") {
        // The browser has compared already, also where a proxy has written another host since.
        Some(site) => !matches!(site, "same-origin" | "none"),
        None => changes && is_own_origin(request) == Some(false),
    };
    if !foreign {
        return Ok(());
    }
    let detail = "Another page has sent this with your session. Only pages of this server may.";
    Err(Failure::new("web.csrf", ProblemKind::NotAllowed, detail))
}

fn text<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    // What is no text is there all the same, and fits nothing.
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

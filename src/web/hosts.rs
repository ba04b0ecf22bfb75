//! By which names the server may be called.
//!
//! A page of somebody else can have its own name point to this server (DNS rebinding) and would
//! then be of the same origin as the server under that name. So names that anybody can register
//! are answered only if the server knows them. Addresses, names without a dot and names that no
//! public name server gives out cannot be had by such a page; health is asked by balancers under
//! any name; and who sends a bearer token has a secret that no such page knows, where one is asked
//! for.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{PoisonError, RwLock};

use actix_web::dev::ServiceRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::Failure;
use crate::vocab::problem::ProblemKind;

/// Endings that no public name server gives out.
const INNER: [&str; 8] =
    [".localhost", ".local", ".lan", ".internal", ".home.arpa", ".home", ".corp", ".test"];

/// Where nobody has to be signed in, so that a bearer token proves nothing.
const OPEN_TO_ALL: [&str; 3] = ["/api/v1/sessions", "/api/v1/setup", "/api/v1/workstations"];

/// The names that are known.
#[derive(Debug, Default)]
pub struct Hosts {
    known: RwLock<BTreeSet<String>>,
}

impl Hosts {
    /// Knows `names`, in small letters; `*.hospital.example` stands for all that are one step
    /// below.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self { known: RwLock::new(names.into_iter().collect()) }
    }

    /// Knows `names` as well.
    pub fn also(&self, names: &[String]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(names.iter().cloned());
    }

    /// Whether the server may be called `authority`, a host with or without a port.
    #[must_use]
    pub fn knows(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else { return false };
        if host.parse::<IpAddr>().is_ok() || !host.contains('.') {
            return true;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let above = host.split_once('.').map(|(_, above)| format!("*.{above}"));
        INNER.iter().any(|ending| host.ends_with(ending))
            || known.contains(&host)
            || above.is_some_and(|above| known.contains(&above))
    }
}

/// The host in `authority`, in small letters; `None` if there is none that could be one.
fn host_of(authority: &str) -> Option<String> {
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let fine = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return host.parse::<Ipv6Addr>().ok().filter(|_| fine).map(|host| host.to_string());
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (is_port(port) && !host.is_empty() && host.bytes().all(fine)).then_some(host)
}

/// Whether the server that answers `request` may be called by the host in `url`, if there is one.
#[must_use]
pub fn knows_host_of(request: &HttpRequest, url: &str) -> bool {
    let Some(hosts) = request.app_data::<Data<Hosts>>() else { return true };
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    authority.is_none_or(|authority| authority.is_empty() || hosts.knows(authority))
}

/// Whether `request` carries a bearer token and is answered only if that holds.
fn needs_its_token(request: &ServiceRequest) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION);
    let is_bearer = sent.is_some_and(|it| it.as_bytes().starts_with(b"Bearer "));
    let path = request.path();
    is_bearer
        && path.starts_with("/api/v1/")
        && !OPEN_TO_ALL.iter().any(|open| path.starts_with(open))
}

/// The answer to a request that calls the server by a name which it does not know.
pub(super) fn refusal(request: &ServiceRequest) -> Option<HttpResponse> {
    let hosts = request.app_data::<Data<Hosts>>()?;
    let headers = request.headers();
    if request.path().starts_with("/api/health") || needs_its_token(request) {
        return None;
    }
    // A request in the form for proxies names the host once more.
    let named = request.uri().authority().map(|authority| authority.as_str());
    let sent = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let stranger = [named, sent].into_iter().flatten().find(|host| !hosts.knows(host))?;
    let name = host_of(stranger).unwrap_or_default();
    tracing::debug!("Called by a name that is not known");
    let detail = format!(
        "This server does not know itself by the name \"{name}\". Use its address or another name \
         of it, or have its administrator add the name to host_names in healthflow.toml."
    );
    let failure = Failure::new("web.host", ProblemKind::Misdirected, &detail);
    let wants_page = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if !wants_page.is_some_and(|accepted| accepted.contains("text/html")) {
        return Some(failure.error_response());
    }
    // Its letters are those of a host name, so nothing in it can be a tag.
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <title>Unknown name – HealthFlow</title><h1>Unknown name</h1><p>{}</p></html>",
        detail.replace('"', "&quot;")
    );
    let mut answer = HttpResponse::build(StatusCode::MISDIRECTED_REQUEST);
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    Some(answer.content_type("text/html; charset=utf-8").body(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_anybody_can_register_must_be_known() {
        let hosts = Hosts::new(["his.korle.example", "*.wards.korle.example"].map(str::to_owned));
        for known in [
            "127.0.0.1",
            "127.0.0.1:8475",
            "[::1]:8475",
            "[2001:db8::1]",
            "localhost:8475",
            "his",
            "HIS:8475",
            "his.local",
            "his.korle.example",
            "HIS.Korle.Example.:443",
            "a.wards.korle.example",
            "x.localhost",
            "records.home.arpa:1",
        ] {
            assert!(hosts.knows(known), "{known}");
        }
        for stranger in [
            "evil.example",
            "evil.example:8475",
            "xhis.korle.example",
            "his.korle.example.evil.net",
            "a.b.wards.korle.example",
            "wards.korle.example",
            "",
            ":8475",
            "[evil]",
            "[::1]x",
            "his:port",
            "his:123456",
            "his@evil.example",
            "his evil",
            "127.0.0.1.evil.example",
            "his/evil",
            "local",
        ] {
            assert_eq!(hosts.knows(stranger), stranger == "local", "{stranger}");
        }
    }
}

//! From where a request comes.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address of whoever sent `request`; none on a line that has no address.
#[must_use]
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip())
}

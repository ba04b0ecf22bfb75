//! ETag, If-None-Match, If-Match and Idempotency-Key.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::Failure;
use crate::vocab::digest;
use crate::vocab::problem::ProblemKind;

/// The version that a change is based on, from `If-Match: "7"`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if_match(request.headers()))
    }
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, Failure> {
    let Some(tag) = headers.get(header::IF_MATCH) else {
        let detail =
            "Send the version that you changed in the header If-Match, e.g. If-Match: \"3\".";
        return Err(Failure::new("web.if_match", ProblemKind::PreconditionRequired, detail));
    };
    version_in(tag.as_bytes()).map(IfMatch).ok_or_else(|| {
        let detail = "The header If-Match is not one strong version. Send the ETag that you got as \
             it is, quotes and all: If-Match: \"3\".";
        Failure::new("web.if_match", ProblemKind::Malformed, detail)
    })
}

/// The version in a strong tag as we write it: `"3"`. RFC 9110 (13.1.1) lets no weak tag pass
/// here, and another spelling of the number is not a tag that we gave.
fn version_in(tag: &[u8]) -> Option<i64> {
    let digits = tag.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let version: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (version.to_string().as_bytes() == digits).then_some(version)
}

/// The key that makes a repeated create one create, from `Idempotency-Key`.
#[derive(Debug, Clone, Default)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(key) = request.headers().get("idempotency-key") else {
            return ready(Ok(Self(None)));
        };
        let key = key.to_str().ok().filter(|key| (1..=100).contains(&key.len()));
        ready(key.map(|key| Self(Some(key.to_owned()))).ok_or_else(|| {
            let detail = "The header Idempotency-Key must have 1 to 100 ASCII characters.";
            Failure::new("web.idempotency_key", ProblemKind::Malformed, detail)
        }))
    }
}

/// A JSON answer with the ETag of `version`; 304 if the caller has it already.
#[must_use]
pub fn versioned(request: &HttpRequest, version: i64, body: Vec<u8>) -> HttpResponse {
    tagged(request, &format!("\"{version}\""), body)
}

/// A JSON answer with an ETag made from its bytes; 304 if the caller has it already.
#[must_use]
pub fn hashed(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let tag = digest::hex(&digest::sha256(&[&body])[..12]);
    tagged(request, &format!("\"{tag}\""), body)
}

fn tagged(request: &HttpRequest, tag: &str, body: Vec<u8>) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = |known: &str| known.trim().trim_start_matches("W/") == tag;
    let has_it = known.is_some_and(|tags| tags.split(',').any(same));
    let mut answer = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag));
    // Patient data may be kept by nobody but asked for again cheaply by the page that has it.
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache, no-store"));
    if has_it {
        // A 304 ends with its head (RFC 9110, 15.4.5): what followed would be taken for the next
        // answer on the connection.
        return answer.body(actix_web::body::None::new());
    }
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    answer.body(body)
}

/// 201 with the place of what was made, its ETag and its JSON.
#[must_use]
pub fn created(location: &str, version: i64, body: String, replayed: bool) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, location));
    answer.insert_header((header::ETAG, format!("\"{version}\"")));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    if replayed {
        answer.insert_header(("Idempotent-Replayed", "true"));
    }
    answer.body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tag_as_it_was_given_names_a_version() {
        assert_eq!(version_in(b"\"1\""), Some(1));
        assert_eq!(version_in(b"\"1764000000000000\""), Some(1_764_000_000_000_000));
        let wrong =
            ["1", "\"1", "W/\"1\"", "W/W/W/\"1\"", "\"+1\"", "\"01\"", "\"\"1\"\"", "\"\"", "*"];
        for tag in wrong {
            assert_eq!(version_in(tag.as_bytes()), None, "{tag}");
        }
        assert_eq!(version_in(b"\"1\", \"2\""), None, "a list");
        assert_eq!(version_in(b"\xff"), None);
    }
}

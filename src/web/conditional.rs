//! ETag, If-None-Match, If-Match and Idempotency-Key.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
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
    tag.to_str().ok().and_then(version_in).map(IfMatch).ok_or_else(|| {
        let detail = "The header If-Match is not a version. Send the ETag that you got, with its \
             quotation marks.";
        Failure::new("web.if_match", ProblemKind::Malformed, detail)
    })
}

/// The version in `"7"`, or in `"7-c0ffee"`, which also names what else was on the answer; see
/// [`versioned_with`].
fn version_in(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let named = tag.strip_prefix('"')?.strip_suffix('"')?;
    let (version, sum) = named.split_once('-').unwrap_or((named, "0"));
    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let hex = !sum.is_empty() && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
    version.parse().ok().filter(|_| digits && hex)
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
        let fits = |key: &&str| {
            (1..=100).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = key.to_str().ok().filter(fits);
        ready(key.map(|key| Self(Some(key.to_owned()))).ok_or_else(|| {
            let detail = "The header Idempotency-Key must have 1 to 100 ASCII characters, without \
                 spaces.";
            Failure::new("web.idempotency_key", ProblemKind::Malformed, detail)
        }))
    }
}

/// A JSON answer with the ETag of `version`; 304 if the caller has it already.
#[must_use]
pub fn versioned(request: &HttpRequest, version: i64, body: Vec<u8>) -> HttpResponse {
    tagged(request, &format!("\"{version}\""), body)
}

/// A JSON answer that also holds records which may change while `version` stays: its ETag names
/// the version and the bytes. As `If-Match` it counts as the version.
#[must_use]
pub fn versioned_with(request: &HttpRequest, version: i64, body: Vec<u8>) -> HttpResponse {
    let sum = digest::hex(&digest::sha256(&[&body])[..12]);
    tagged(request, &format!("\"{version}-{sum}\""), body)
}

/// A JSON answer with an ETag made from its bytes; 304 if the caller has it already.
#[must_use]
pub fn hashed(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let tag = digest::hex(&digest::sha256(&[&body])[..12]);
    tagged(request, &format!("\"{tag}\""), body)
}

fn tagged(request: &HttpRequest, tag: &str, body: Vec<u8>) -> HttpResponse {
    // Patient data may be kept by nobody but asked for again cheaply by the page that has it.
    let kept = (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache, no-store"));
    answer(request, tag, &[kept], ("application/json", body.into()))
}

/// What is the same for everybody until the program changes, of the type `kind`, with an ETag made
/// from its bytes and the headers `also`; 304 if the caller has it already.
#[must_use]
pub fn fixed(
    request: &HttpRequest,
    also: &[(HeaderName, HeaderValue)],
    (kind, body): (&'static str, Bytes),
) -> HttpResponse {
    let tag = format!("\"{}\"", digest::hex(&digest::sha256(&[&body])[..12]));
    answer(request, &tag, also, (kind, body))
}

fn answer(
    request: &HttpRequest,
    tag: &str,
    also: &[(HeaderName, HeaderValue)],
    (kind, body): (&'static str, Bytes),
) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = |known: &str| known.trim().trim_start_matches("W/") == tag;
    // A question that came as a POST has no 304 (RFC 9110, 13.1.2).
    let may_know = matches!(*request.method(), Method::GET | Method::HEAD);
    let has_it = may_know && known.is_some_and(|tags| tags.split(',').any(same));
    let mut answer = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag));
    for (name, value) in also {
        answer.insert_header((name, value));
    }
    if has_it {
        // A 304 ends with its head (RFC 9110, 15.4.5): what followed would be taken for the next
        // answer on the connection.
        return answer.body(actix_web::body::None::new());
    }
    answer.insert_header((header::CONTENT_TYPE, kind));
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
    fn a_version_is_read_from_the_tags_that_answers_have_and_from_no_other_text() {
        for (tag, version) in [("\"7\"", 7), ("W/\"7\"", 7), ("\"12-c0ffee\"", 12)] {
            assert_eq!(version_in(tag), Some(version), "{tag}");
        }
        for tag in ["", "7", "\"", "\"\"", "\"+7\"", "\"-7\"", "\"7-\"", "\"7-x\"", "\"7", "*"] {
            assert_eq!(version_in(tag), None, "{tag}");
        }
        assert_eq!(version_in("\"99999999999999999999\""), None);
    }
}

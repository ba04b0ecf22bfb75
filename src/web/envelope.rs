//! What surrounds every request: an id, a time limit, refusal while draining, the security
//! headers and one log line that holds the route's pattern, never the address itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use tracing::Instrument as _;

use super::gathered::Gathered;
use super::permit::Gate;
use super::{Failure, hosts, limits, origin, pieces, site};
use crate::observability::metrics::Metrics;
use crate::vocab::digest;
use crate::vocab::problem::ProblemKind;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that is being served, or `-` outside of one.
#[must_use]
pub fn request_id() -> String {
    REQUEST_ID.try_with(String::clone).unwrap_or_else(|_| "-".to_owned())
}

/// The server's bounds and its state, shared by all workers.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The longest that a request may take.
    pub request_time: Duration,
    /// Set while the server finishes what runs and refuses what is new.
    pub draining: Arc<AtomicBool>,
    /// Requests that are being served.
    pub in_flight: Arc<AtomicUsize>,
    /// Connections that are open.
    pub connected: Arc<AtomicUsize>,
    /// Bytes of bodies that are being gathered or parsed.
    pub gathered: Arc<Gathered>,
    /// The most of them, unless one alone may be larger. One sender may have a quarter of it.
    pub gathered_max: usize,
}

impl Bounds {
    /// Bounds with the given time limit and no other, not draining.
    #[must_use]
    pub fn new(request_time: Duration) -> Self {
        Self {
            request_time,
            draining: Arc::default(),
            in_flight: Arc::default(),
            connected: Arc::default(),
            gathered: Arc::default(),
            gathered_max: usize::MAX,
        }
    }

    /// The same with at most so many bytes of bodies together.
    #[must_use]
    pub fn gathering(mut self, bytes: u64) -> Self {
        self.gathered_max = usize::try_from(bytes).unwrap_or(usize::MAX);
        self
    }
}

/// Counts a request or a connection for as long as it lives, also when the client goes away in
/// the middle.
#[derive(Debug)]
pub struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    /// Counts one more.
    #[must_use]
    pub fn enter(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The outermost middleware.
///
/// # Errors
/// The request took too long; the problem that says so.
pub async fn wrap<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = incoming_id(request.headers()).unwrap_or_else(fresh_id);
    let span = tracing::info_span!(
        "request",
        request.id = id,
        method = known(request.method()),
        route = tracing::field::Empty,
        status = tracing::field::Empty,
    );
    REQUEST_ID.scope(id.clone(), serve(request, next, id)).instrument(span).await
}

/// The method, of which anybody may send another; its name is in every line of the request.
fn known(method: &Method) -> &'static str {
    let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH];
    let all = all.iter().chain([&Method::DELETE, &Method::OPTIONS]);
    let mut names = all.zip(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
    names.find(|(known, _)| *known == method).map_or("other", |(_, name)| name)
}

async fn serve<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    id: String,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let bounds = request.app_data::<Data<Bounds>>().cloned();
    let counted = bounds.as_ref().map(|bounds| InFlight::enter(&bounds.in_flight));
    // The request itself must not be cloned here: the router needs it for itself alone.
    let method = request.method().clone();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let count = |status: u16| {
        if let Some(metrics) = &metrics {
            metrics.request(&id, (method.as_str(), &route), status, started.elapsed());
        }
    };
    let bound = bounds.as_ref().map(|bounds| bounds.get_ref());
    let outcome = match hosts::refusal(&request) {
        Some(refusal) => Ok(request.into_response(refusal)),
        None => within_bounds(request, next, bound).await,
    };
    if let Ok(answer) = &outcome
        && answer.status() == StatusCode::FORBIDDEN
        && let Some(gate) = answer.request().app_data::<Data<Arc<dyn Gate>>>()
    {
        gate.settled().await;
    }
    drop(counted);
    let mut answer = outcome.inspect_err(|cause| {
        // The slowest of all, and an answer as well.
        count(cause.as_response_error().status_code().as_u16());
        tracing::warn!(request.id = id, %method, route, "Gave up: {cause}");
    })?;
    if answer.status().is_client_error() && !answer.headers().contains_key(header::CONTENT_TYPE) {
        answer = put_in_words(answer);
    }
    limits::tell(&mut answer);
    let status = answer.status().as_u16();
    tracing::Span::current().record("route", &route).record("status", status);
    count(status);
    let ms = started.elapsed().as_secs_f64() * 1e3;
    if 500 <= status {
        tracing::warn!(request.id = id, %method, route, status, ms, "Answered {status}");
    } else {
        tracing::debug!(request.id = id, %method, route, status, ms, "Answered {status}");
    }
    let hsts_s = site::hsts_s(answer.request());
    protect(answer.headers_mut(), &id);
    keep_encrypted(answer.headers_mut(), hsts_s);
    Ok(answer.map_body(|_, body| pieces::cut(body)))
}

/// The router and the server itself refuse without a word: a method that an address does not
/// take, a request that cannot be read.
fn put_in_words(answer: ServiceResponse) -> ServiceResponse {
    if !answer.request().path().starts_with("/api/") {
        return answer;
    }
    let (request, bare) = answer.into_parts();
    let failure = match bare.status() {
        StatusCode::METHOD_NOT_ALLOWED => Failure::wrong_method(),
        StatusCode::NOT_FOUND => Failure::not_found(),
        _ => {
            let detail = "The request cannot be read. Check its address and its headers.";
            Failure::new("web.request", ProblemKind::Malformed, detail)
        }
    };
    let mut told = failure.error_response();
    if let Some(allowed) = bare.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    ServiceResponse::new(request, told)
}

async fn within_bounds<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    bounds: Option<&Bounds>,
) -> Result<ServiceResponse, Error> {
    let Some(bounds) = bounds else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    if bounds.draining.load(Ordering::Relaxed) && !request.path().starts_with("/api/health") {
        let kind = ProblemKind::Busy { retry_after_s: 5 };
        let detail = "HealthFlow is stopping. Try again in a few seconds.";
        let answer = Failure::new("server.stopping", kind, detail).error_response();
        return Ok(request.into_response(answer));
    }
    let held = limits::enter(&request).and_then(|()| origin::hold(&request));
    let _held = match held {
        Ok(held) => held,
        Err(refused) => return Ok(request.into_response(refused.error_response())),
    };
    // An upload lives as long as its bytes keep coming; its own handler bounds it.
    if request.method() == Method::POST && request.path() == "/api/v1/imports" {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    match tokio::time::timeout(bounds.request_time, next.call(request)).await {
        Ok(outcome) => outcome.map(ServiceResponse::map_into_boxed_body),
        Err(_) => {
            let kind = ProblemKind::Busy { retry_after_s: 1 };
            let detail = "The answer took too long and was given up. Look whether it was done, \
                 then try again.";
            Err(Failure::new("web.too_slow", kind, detail).into())
        }
    }
}

fn incoming_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((8..=64).contains(&id.len()) && id.bytes().all(fine)).then(|| id.to_owned())
}

fn fresh_id() -> String {
    let mut bytes = [0; 8];
    // Without randomness the id is not unique, which costs a trace and not a request.
    let _ = getrandom::fill(&mut bytes);
    digest::hex(&bytes)
}

/// Tells browsers to come with encryption only for `hsts_s` seconds; 0 tells them nothing.
fn keep_encrypted(headers: &mut HeaderMap, hsts_s: u64) {
    if hsts_s == 0 {
        return;
    }
    if let Ok(told) = HeaderValue::from_str(&format!("max-age={hsts_s}")) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, told);
    }
}

/// The headers that no answer goes without.
pub(super) fn protect(headers: &mut HeaderMap, id: &str) {
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "SAMEORIGIN"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        // Pages bring their own policy; anything else must never act as a page.
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

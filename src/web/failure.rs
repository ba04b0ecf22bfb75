//! Every failure leaves the server as problem+json (RFC 9457) with a stable code.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::envelope;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// What a handler gives back.
pub type Answer = Result<HttpResponse, Failure>;

/// A failure on its way to the caller.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    kind: ProblemKind,
    detail: String,
    fields: Vec<FieldError>,
    more: Map<String, Json>,
    request_id: String,
}

impl Failure {
    /// A failure that the kit itself finds, outside any room.
    pub fn new(code: &'static str, kind: ProblemKind, detail: impl Into<String>) -> Self {
        let request_id = envelope::request_id();
        let (fields, more) = (Vec::new(), Map::new());
        Self { code, kind, detail: detail.into(), fields, more, request_id }
    }

    /// The same with a further member, by which a program goes on (RFC 9457, 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: Json) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// The same with single values named.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.fields = fields;
        self
    }

    /// There is nothing under this address, or nothing that the caller may know of.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new("web.not_found", ProblemKind::NotFound, "There is nothing at this address.")
    }

    /// The address is there and cannot be asked in this way.
    #[must_use]
    pub fn wrong_method() -> Self {
        let detail = "This address does not take this method.";
        Self::new("web.method", ProblemKind::Method, detail)
    }

    /// Stable name of the situation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The same, told under another request id than that of the present request.
    #[must_use]
    pub fn under(mut self, request_id: &str) -> Self {
        request_id.clone_into(&mut self.request_id);
        self
    }

    /// The problem as it is told to the caller, RFC 9457.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.body()).unwrap_or_default()
    }

    /// The status that this failure is sent with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.kind {
            ProblemKind::Malformed => StatusCode::BAD_REQUEST,
            ProblemKind::SignIn => StatusCode::UNAUTHORIZED,
            ProblemKind::NotAllowed => StatusCode::FORBIDDEN,
            ProblemKind::NotFound => StatusCode::NOT_FOUND,
            ProblemKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            ProblemKind::Conflict => StatusCode::CONFLICT,
            ProblemKind::Precondition => StatusCode::PRECONDITION_FAILED,
            ProblemKind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ProblemKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ProblemKind::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            ProblemKind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            ProblemKind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            ProblemKind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> ProblemBody<'_> {
        let detail = match self.kind {
            ProblemKind::Fault => {
                "Something went wrong on our side. Nothing was changed. \
                 Give the request id to your IT department."
            }
            _ => &self.detail,
        };
        ProblemBody {
            r#type: format!("/problems/{}", self.code),
            title: self.status().canonical_reason().unwrap_or("Problem"),
            status: self.status().as_u16(),
            detail,
            code: self.code,
            request_id: &self.request_id,
            errors: &self.fields,
            more: &self.more,
        }
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(cause: E) -> Self {
        if cause.kind() == ProblemKind::Fault {
            // The one place where a fault is logged; the caller gets only the request id.
            tracing::error!(code = cause.code(), request.id = envelope::request_id(), "{cause}");
        }
        let mut failure = Self::new(cause.code(), cause.kind(), cause.to_string());
        failure.fields = cause.fields();
        match cause.offers() {
            Some(offers) => failure.with("offers", Json::from(offers)),
            None => failure,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    more: &'a Map<String, Json>,
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        answer.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if let ProblemKind::Busy { retry_after_s } | ProblemKind::TooMany { retry_after_s } =
            self.kind
        {
            answer.insert_header((header::RETRY_AFTER, retry_after_s.to_string()));
        }
        if self.kind == ProblemKind::SignIn {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let mut answer = answer.body(serde_json::to_vec(&self.body()).unwrap_or_default());
        // Here too: a request that was given up leaves past the envelope.
        envelope::protect(answer.headers_mut(), &self.request_id);
        answer
    }
}

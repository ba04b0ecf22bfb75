//! Where the command line of this machine comes in while everybody else comes encrypted: a port on
//! the loopback address, in clear, that answers nobody but whoever can read `server.json`.
//!
//! It saves the command line from certificates, which may not name this machine's own address, and
//! opens nothing: without the owner-only secret every request is refused, also of a page that got
//! a browser of this machine to ask.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use subtle::ConstantTimeEq;

use crate::vocab::problem::ProblemKind;
use crate::web::Failure;
use crate::web::openapi::Document;

/// The secret, beside an application that answers only whoever has it.
#[derive(Debug, Clone)]
pub(super) struct Secret(pub(super) String);

/// Refuses whoever does not send the secret, where there is one.
pub(super) async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(secret) = request.app_data::<Data<Secret>>() {
        let sent = request.headers().get(header::AUTHORIZATION);
        let sent = sent.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        let fits = sent.is_some_and(|sent| sent.as_bytes().ct_eq(secret.0.as_bytes()).into());
        if !fits {
            let detail = "Only the command line of this machine is answered here.";
            let refusal = Failure::new("server.counter", ProblemKind::NotAllowed, detail);
            return Ok(request.into_response(refusal.error_response()));
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Describes the refusal.
pub(super) fn describe(document: &mut Document) {
    document.codes(403, &["server.counter"]);
}

//! The API's description, for programs and for people. Public: it says nothing of any patient.

use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::{openapi, reference};
use crate::web::openapi::{Document, Operation};
use crate::web::{Answer, conditional, query};

/// What the page may do: be read, in our own style.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Mounts the document and the page.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/openapi.json").route(web::get().to(get_document)))
        .service(web::resource("/api/").route(web::get().to(get_page)))
        .service(web::redirect("/api", "/api/"));
}

/// Describes them.
pub fn describe(document: &mut Document) {
    document.tag("documentation", "What you are reading.");
    let json = Operation::new("documentation", "getDocument", "This API as OpenAPI 3.1");
    let schema = serde_json::json!({"type": "object"});
    let json = json.public().answers(200, "The document", schema).tagged();
    document.add("get", "/api/openapi.json", json);
    let page = Operation::new("documentation", "getPage", "The guide and the reference, to read");
    let page = page.public().answers_as(200, "The page", &["text/html"]).tagged();
    document.add("get", "/api/", page);
}

async fn get_document(request: HttpRequest) -> Answer {
    query::none(&request)?;
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| openapi::document().to_string().into());
    Ok(send(&request, "application/json", text))
}

async fn get_page(request: HttpRequest) -> Answer {
    query::none(&request)?;
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| reference::page(openapi::document()).into());
    Ok(send(&request, "text/html; charset=utf-8", text))
}

fn send(request: &HttpRequest, kind: &'static str, text: &Bytes) -> HttpResponse {
    let also = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    conditional::fixed(request, &also, (kind, text.clone()))
}

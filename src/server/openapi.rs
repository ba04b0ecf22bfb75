//! The description of the whole API, put together of what every room says of its routes.

use std::sync::OnceLock;

use serde_json::Value as Json;

use super::bundle::api as bundle;
use super::doctor::api as doctor;
use super::{counter, documentation, entrance, health, live, metrics, trust};
use crate::platform::jobs;
use crate::web::openapi::Document;
use crate::{access, backup, domain, interop, notify, watch};

const TITLE: &str = "HealthFlow";
const DESCRIPTION: &str = "A hospital's record: patients and what happens to them. Read the guide \
    at /api/ first.";

/// The OpenAPI 3.1 document. It is made once and never changes while the program runs.
#[must_use]
pub fn document() -> &'static Json {
    static DOCUMENT: OnceLock<Json> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = Document::new();
        domain::describe(&mut document);
        access::describe::describe(&mut document);
        interop::import::describe(&mut document);
        jobs::describe(&mut document);
        notify::describe(&mut document);
        backup::describe(&mut document);
        watch::describe(&mut document);
        live::describe(&mut document);
        health::describe(&mut document);
        metrics::describe(&mut document);
        doctor::describe(&mut document);
        bundle::describe(&mut document);
        documentation::describe(&mut document);
        trust::describe(&mut document);
        counter::describe(&mut document);
        entrance::describe(&mut document);
        document.finish(TITLE, DESCRIPTION)
    })
}

/// The document as text with line breaks.
#[must_use]
pub fn pretty() -> String {
    serde_json::to_string_pretty(document()).unwrap_or_default()
}

//! What people need to trust the server: the root of its own authority, and for administrators
//! what is in force.

use std::sync::OnceLock;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value as Json, json};

use super::tls::{Tls, report, request::pem};
use crate::platform::jobs::api::SystemRead;
use crate::platform::ledger::Desk;
use crate::vocab::problem::ProblemKind;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::{Answer, Failure, Permission, Permit, query, site};

/// How the file of a root is called by its type.
const ROOT_TYPE: &str = "application/x-x509-ca-cert";

/// Whether other machines can reach the server.
#[derive(Debug, Clone, Copy)]
pub struct Exposed(pub bool);

/// Mounts them.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/ca.crt").route(web::get().to(get_pem)))
        .service(web::resource("/ca.der").route(web::get().to(get_der)))
        .service(web::resource("/api/v1/system/tls").route(web::get().to(get_tls)));
}

/// Describes what of it is of the API.
pub fn describe(document: &mut Document) {
    let text = schema::any_text;
    let certificate = schema::object(vec![
        ("subject", text(), true),
        ("issuer", text(), true),
        ("names", schema::list(text(), None), true),
        ("begins_at", schema::time(), true),
        ("ends_at", schema::time(), true),
        ("fingerprint_sha256", schema::described(text(), "Like `AB:CD:…`"), true),
    ]);
    let certificate = document.schema("Certificate", certificate);
    let origin = schema::words(&["own", "installed", "files"]);
    let root = schema::described(schema::nullable(certificate.clone()), "To be had at `/ca.crt`");
    let tls = schema::object(vec![
        ("encrypted", schema::boolean(), true),
        ("this_connection", schema::boolean(), true),
        ("exposed", schema::described(schema::boolean(), "To a network"), true),
        ("origin", schema::nullable(origin), true),
        ("certificate", schema::nullable(certificate), true),
        ("root", root, true),
        ("hsts_s", schema::integer(0, i64::MAX), true),
        ("warnings", schema::list(text(), None), true),
    ]);
    let operation = Operation::new("health", "getTls", "Encryption: whose certificate, until when")
        .needs(SystemRead::CODE)
        .answers(200, "What is in force", schema::data(tls))
        .tagged();
    document.add("get", "/api/v1/system/tls", operation);
    // At the addresses of the root, which are files for people.
    document.codes(404, &["server.no_root"]);
}

async fn get_pem(request: HttpRequest, tls: Data<OnceLock<Tls>>) -> Answer {
    query::none(&request)?;
    Ok(file("healthflow-ca.crt", pem("CERTIFICATE", &root(&tls)?).into_bytes()))
}

async fn get_der(request: HttpRequest, tls: Data<OnceLock<Tls>>) -> Answer {
    query::none(&request)?;
    Ok(file("healthflow-ca.der", root(&tls)?))
}

fn root(tls: &OnceLock<Tls>) -> Result<Vec<u8>, Failure> {
    tls.get().and_then(|tls| tls.standing().root_der).ok_or_else(|| {
        let detail = "This server has no authority of its own: its certificate, if it has one, is \
             signed by another.";
        Failure::new("server.no_root", ProblemKind::NotFound, detail)
    })
}

fn file(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", ROOT_TYPE))
        .insert_header(("content-disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("cache-control", "no-store"))
        .body(bytes)
}

async fn get_tls(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    tls: Data<OnceLock<Tls>>,
    exposed: Data<Exposed>,
) -> Answer {
    query::none(&request)?;
    let mut told = match tls.get() {
        Some(tls) => report::whole(&tls.standing(), tls.hsts_s(), desk.clock().now()),
        None => none(),
    };
    told["exposed"] = exposed.0.into();
    told["this_connection"] = site::is_encrypted(&request).into();
    let body = json!({"data": told});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

fn none() -> Json {
    json!({
        "encrypted": false, "origin": null, "certificate": null, "root": null, "hsts_s": 0,
        "warnings": [],
    })
}

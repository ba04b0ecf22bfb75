//! The checklist over HTTP: the running server looks at itself.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Inside, Scene, is_well, walk};
use crate::config::Config;
use crate::domain::patients::Directory;
use crate::platform::jobs::api::SystemRead;
use crate::platform::ledger::Desk;
use crate::server::lateness::Lateness;
use crate::store::StoreError;
use crate::vocab::problem::ProblemKind;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::{Answer, Failure, Permission as _, Permit, query};

/// How many may look at once: each look reads folders and asks the store.
const LOOKS_MAX: usize = 2;

/// What the looks share.
#[derive(Debug)]
pub struct Looks {
    config: Config,
    places: Semaphore,
}

impl Looks {
    /// At a server that runs with `config`.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self { config: config.clone(), places: Semaphore::new(LOOKS_MAX) }
    }

    /// How the server runs.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A place to look from, given back when it is dropped.
    ///
    /// # Errors
    /// Enough others look just now.
    pub fn place(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.places.try_acquire().map_err(|_| {
            let kind = ProblemKind::Busy { retry_after_s: 2 };
            let detail = "The machine is being checked just now. Try again in a moment.";
            Failure::new("doctor.busy", kind, detail)
        })
    }
}

/// Mounts it.
pub fn mount(config: &mut ServiceConfig) {
    config.service(web::resource("/api/v1/system/doctor").route(web::get().to(get_doctor)));
}

/// Describes it.
pub fn describe(document: &mut Document) {
    document.codes(503, &["doctor.busy"]);
    let words = |text: &str| schema::described(schema::any_text(), text);
    let finding = schema::object(vec![
        ("name", words("What was looked at"), true),
        ("state", schema::words(&["ok", "warn", "fail"]), true),
        ("detail", words("What was found"), true),
        ("mend", schema::nullable(words("What to do about it")), true),
    ]);
    let told = schema::object(vec![
        ("ok", schema::described(schema::boolean(), "Nothing fails"), true),
        ("checked_at", schema::any_text(), true),
        ("checks", schema::list(finding, None), true),
    ]);
    let operation = Operation::new("health", "getDoctor", "What is wrong here, and how to mend it")
        .detail("The checklist of `healthflow doctor`, walked by the server itself.")
        .needs(SystemRead::CODE)
        .answers(200, "What was found", schema::data(told));
    document.add("get", "/api/v1/system/doctor", operation);
}

async fn get_doctor(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    (looks, lateness): (Data<Looks>, Data<Lateness>),
    (desk, directory): (Data<Desk>, Data<Directory>),
) -> Answer {
    query::none(&request)?;
    let shared = looks.clone();
    let _place = looks.place()?;
    let told = web::block(move || {
        let now = desk.clock().now();
        let inside = Inside {
            desk: desk.get_ref().clone(),
            directory: directory.get_ref().clone(),
            latest: lateness.latest(),
        };
        let scene = Scene { config: &shared.config, now, inside: Some(&inside) };
        let checks = walk(&scene);
        json!({"data": {"ok": is_well(&checks), "checked_at": now.to_string(), "checks": checks}})
    });
    // It fails only when the server ends.
    let told = told.await.map_err(|_| StoreError::Closed)?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(told))
}

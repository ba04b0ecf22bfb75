//! The bundle over HTTP: looked at first, then saved exactly as it was shown.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::{Entry, gather, of_tx, zipped};
use crate::access::gate::Known;
use crate::access::passwords::secret;
use crate::backup::Shipping;
use crate::domain::patients::{Directory, Shelves};
use crate::observability::metrics::Metrics;
use crate::platform::events::Listeners;
use crate::platform::jobs::api::SystemRead;
use crate::platform::ledger::Desk;
use crate::server::doctor::api::Looks;
use crate::server::doctor::{Inside, Scene, walk};
use crate::server::lateness::Lateness;
use crate::server::metrics::{self, Machine};
use crate::store::StoreError;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::envelope::Bounds;
use crate::web::limits::Limiter;
use crate::web::live::Hub;
use crate::web::openapi::{Document, Operation, schema};
use crate::web::{Answer, Failure, Permission as _, Permit, query};

/// Bundles that were shown and can still be saved; the oldest goes first.
const SHOWN_MAX: usize = 4;
/// For all questions to the store.
const DEADLINE: Duration = Duration::from_secs(10);
/// What metrics may take.
const METRICS_MAX: usize = 1 << 20;

/// The bundles that were shown.
#[derive(Debug, Default)]
pub struct Bundles(Mutex<VecDeque<(String, Arc<Vec<Entry>>)>>);

impl Bundles {
    fn keep(&self, entries: Vec<Entry>) -> Result<(String, Arc<Vec<Entry>>), Failure> {
        let (id, entries) = (secret(16)?, Arc::new(entries));
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.truncate(SHOWN_MAX - 1);
        shown.push_front((id.clone(), Arc::clone(&entries)));
        Ok((id, entries))
    }

    fn of(&self, id: &str) -> Option<Arc<Vec<Entry>>> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|(known, _)| known == id).map(|(_, entries)| Arc::clone(entries))
    }
}

/// Mounts it.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/system/support-bundle").route(web::get().to(get_bundle)))
        .service(
            web::resource("/api/v1/system/support-bundle/file").route(web::get().to(get_file)),
        );
}

/// Describes it.
pub fn describe(document: &mut Document) {
    document.codes(404, &["bundle.gone"]);
    document.codes(500, &["bundle.failed"]);
    let entry = schema::object(vec![
        ("name", schema::any_text(), true),
        ("bytes", schema::integer(0, i64::MAX), true),
        ("text", schema::any_text(), true),
    ]);
    let id = schema::described(schema::any_text(), "With it this very bundle is saved");
    let told = schema::object(vec![("id", id, true), ("entries", schema::list(entry, None), true)]);
    let look = Operation::new("health", "getSupportBundle", "What would go to whoever helps")
        .detail(
            "Version, settings, the checklist, metrics, numbers of rows, jobs that failed, and of \
             the log what is known to be safe. Nothing is of a patient, and nothing is secret.",
        )
        .needs(SystemRead::CODE)
        .answers(200, "Each file with its text", schema::data(told));
    document.add("get", "/api/v1/system/support-bundle", look);
    let file = Operation::new("health", "getSupportBundleFile", "A bundle as it was shown")
        .detail("Only the last four that were shown are kept, until the server stops.")
        .needs(SystemRead::CODE)
        .query("of", schema::any_text(), "The `id` of what was shown")
        .answers_as(200, "The bundle", &["application/zip"]);
    document.add("get", "/api/v1/system/support-bundle/file", file);
}

type Counts = (Data<Known>, Data<Shelves>, Data<Listeners>);
type Traffic = (Data<Bounds>, Data<Limiter>, Data<Hub>, Data<Shipping>);

async fn get_bundle(
    by: Permit<SystemRead>,
    request: HttpRequest,
    (looks, bundles, lateness): (Data<Looks>, Data<Bundles>, Data<Lateness>),
    directory: Data<Directory>,
    (desk, counted, machine): (Data<Desk>, Data<Metrics>, Data<Machine>),
    counts: Counts,
    traffic: Traffic,
) -> Answer {
    query::none(&request)?;
    let shared = looks.clone();
    let _place = looks.place()?;
    let asked = (desk.clone(), counted, machine);
    let metrics = metrics::get_metrics(by, request, asked, counts, traffic).await?;
    let metrics = to_bytes_within(metrics).await;
    let entries = web::block(move || {
        let now = desk.clock().now();
        let inside = Inside {
            desk: desk.get_ref().clone(),
            directory: directory.get_ref().clone(),
            latest: lateness.latest(),
        };
        let findings = walk(&Scene { config: shared.config(), now, inside: Some(&inside) });
        // A database that cannot be asked is a reason for a bundle, and none against it.
        let records = desk.store().read(DEADLINE, of_tx).ok();
        gather((shared.config(), now), &findings, records.as_ref(), metrics.as_deref())
    });
    // It fails only when the server ends.
    let (id, entries) = bundles.keep(entries.await.map_err(|_| StoreError::Closed)?)?;
    let entries: Vec<_> = entries
        .iter()
        .map(|Entry { name, text }| json!({ "name": name, "bytes": text.len(), "text": text }))
        .collect();
    let body = json!({"data": { "id": id, "entries": entries }});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

async fn to_bytes_within(answer: HttpResponse) -> Option<String> {
    let bytes = to_bytes(answer.into_body()).await.ok()?;
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    (text.len() <= METRICS_MAX).then_some(text)
}

async fn get_file(_by: Permit<SystemRead>, request: HttpRequest, bundles: Data<Bundles>) -> Answer {
    let mut findings = Findings::new();
    let given = query::once_each(&request, &["of"], &mut findings)?;
    findings.check(!given.is_empty(), "of", "Say which bundle: the id of what was shown.");
    findings.verdict().map_err(query::bad_query)?;
    let wanted = given.first().map(|(_, id)| id.as_str()).unwrap_or_default();
    let entries = bundles.of(wanted).ok_or_else(|| {
        let detail = "This bundle is gone. Look at it again, then save it.";
        Failure::new("bundle.gone", ProblemKind::NotFound, detail)
    })?;
    let zipped = web::block(move || zipped(&entries)).await.map_err(|_| StoreError::Closed)?;
    let bytes = zipped.map_err(|cause| {
        Failure::new("bundle.failed", ProblemKind::Fault, format!("It was not made: {cause}."))
    })?;
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .insert_header(("content-disposition", "attachment; filename=\"healthflow-support.zip\""))
        .content_type("application/zip")
        .body(bytes))
}

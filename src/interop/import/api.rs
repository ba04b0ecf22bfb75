//! Imports over HTTP: order by upload, or by path from the machine itself; watch; cancel.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::office::Imports;
use super::plan::{Format, Plan, SOURCE_DEFAULT, is_source_name};
use super::refusal::ImportError;
use super::resource::{IMPORT, IMPORTS, REJECTS};
use super::upload;
use crate::access::gate::BOX_LOCAL;
use crate::platform::ledger::{Created, Desk, RecordError};
use crate::platform::resource::reader::Reader;
use crate::platform::resource::{api as common, select};
use crate::vocab::actor::{Call, Reach};
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::conditional::IdempotencyKey;
use crate::web::envelope::Bounds;
use crate::web::{Answer, Body, Failure, Permission, Permit, permit};

/// May take files in.
#[derive(Debug)]
pub struct ImportsRun;
impl Permission for ImportsRun {
    const CODE: &'static str = "imports.run";
}

/// Is the machine that the data lies on.
#[derive(Debug)]
struct BoxLocal;
impl Permission for BoxLocal {
    const CODE: &'static str = BOX_LOCAL;
}

/// How often an upload looks whether the server stops.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long an upload goes on when it does.
const STOP_GRACE: Duration = Duration::from_secs(3);
/// How often it is asked whether the sender of an upload may still send it.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// Text of a mapping in the address, in bytes.
const MAPPING_MAX: usize = 4_096;

/// Mounts the routes of imports.
pub fn mount(config: &mut ServiceConfig) {
    let own = common::Own { create: Some(web::post().to(post_upload)), ..Default::default() };
    config
        .service(web::resource("/api/v1/imports/local").route(web::post().to(post_local)))
        .service(web::resource("/api/v1/imports/{id}/rejects").route(web::get().to(get_rejects)))
        .service(web::resource("/api/v1/imports/{id}/cancel").route(web::post().to(post_cancel)));
    common::mount_with(config, &IMPORTS, common::Offers::Reads, own);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    name: String,
    source: Option<String>,
    format: Option<Format>,
    mapping: Option<String>,
}

/// A file says where anybody is: whoever sees only some would let themselves in by it.
fn demand_reach(call: &Call) -> Result<(), Failure> {
    if *call.actor.reach() == Reach::Everybody {
        return Ok(());
    }
    let detail = "Only whoever sees every patient takes files in: they may hold anybody's records.";
    Err(Failure::new("access.elsewhere", ProblemKind::NotAllowed, detail))
}

async fn post_upload(
    by: Permit<ImportsRun>,
    request: HttpRequest,
    office: Data<Imports>,
    (key, bounds): (IdempotencyKey, Data<Bounds>),
    payload: Payload,
) -> Answer {
    demand_reach(&by.call)?;
    let asked = web::Query::<Upload>::from_query(request.query_string()).map_err(|_| {
        common::bad_query(vec![crate::vocab::problem::FieldError::new(
            "name",
            "Send name (the file's name); allowed besides: source, format (fhir or csv), mapping.",
        )])
    })?;
    let Upload { name, source, format, mapping } = asked.into_inner();
    let mapping = mapping.as_deref().map(mapping_of).transpose()?;
    let looks_csv = std::path::Path::new(&name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let guess = if looks_csv { Format::Csv } else { Format::Fhir };
    let plan = Plan {
        source: source.unwrap_or_else(|| SOURCE_DEFAULT.to_owned()),
        label: name,
        format: format.unwrap_or(guess),
        mapping,
        paths: Vec::new(),
        staged: false,
    };
    check(&plan)?;
    let declared = request.headers().get("content-length").and_then(|it| it.to_str().ok());
    if declared.and_then(|it| it.parse::<u64>().ok()).is_some_and(|it| office.bytes_max() < it) {
        return Err(ImportError::TooLarge { max: office.bytes_max() }.into());
    }
    let slot = office.upload_slot()?;
    let received = upload::receive(office.folder(), office.bytes_max(), upload::PACE, payload);
    let (staged, digest) = tokio::select! {
        received = received => received?,
        () = stopping(&bounds) => return Err(ImportError::Stopping.into()),
        refused = revoked(&request) => return Err(refused),
    };
    drop(slot);
    permit::still(&request)?;
    let asked = plan.request(&digest);
    let order = (key.0.as_deref(), asked.as_slice());
    let ordered = office.order(&by.call, plan, Some(staged), order).await?;
    Ok(accepted(&ordered))
}

/// Comes a little after the server was told to stop: an upload that is nearly there gets there,
/// and a long one does not hold up the stop for nothing.
async fn stopping(bounds: &Bounds) {
    while !bounds.draining.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    tokio::time::sleep(STOP_GRACE).await;
}

/// Comes when whoever sends the file may not any more.
async fn revoked(request: &HttpRequest) -> Failure {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        if let Err(refused) = permit::still(request) {
            return refused;
        }
    }
}

fn mapping_of(text: &str) -> Result<BTreeMap<String, String>, RecordError> {
    if MAPPING_MAX < text.len() {
        let mend = format!("Use at most {MAPPING_MAX} bytes.");
        return Err(RecordError::field("mapping", mend));
    }
    serde_json::from_str(text).map_err(|_| {
        RecordError::field("mapping", "Send a JSON object of text, like {\"family\":\"LAST\"}.")
    })
}

fn check(plan: &Plan) -> Result<(), RecordError> {
    let mut findings = Findings::new();
    let mend = "Use 1 to 60 letters, digits and . _ -";
    findings.check(is_source_name(&plan.source), "source", mend);
    let length = plan.label.chars().count();
    let plain = !plan.label.chars().any(char::is_control);
    findings.check((1..=200).contains(&length) && plain, "name", "Use 1 to 200 characters.");
    findings.verdict()?;
    Ok(())
}

fn accepted(ordered: &Created) -> HttpResponse {
    let mut answer = HttpResponse::Accepted();
    answer.insert_header(("location", IMPORTS.location(ordered.id)));
    answer.insert_header(("cache-control", "no-store"));
    if ordered.replayed {
        answer.insert_header(("idempotent-replayed", "true"));
    }
    answer.content_type("application/json").body(ordered.body.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Local {
    paths: Vec<PathBuf>,
    source: Option<String>,
    format: Option<Format>,
    mapping: Option<BTreeMap<String, String>>,
}

/// Only for the command line of the machine, which can read the files anyway.
async fn post_local(
    by: Permit<BoxLocal>,
    office: Data<Imports>,
    key: IdempotencyKey,
    Body(body): Body<Local>,
) -> Answer {
    let mut findings = Findings::new();
    findings.check(!body.paths.is_empty(), "paths", "Name at least one file or folder.");
    for (index, path) in body.paths.iter().enumerate() {
        let there = path.is_absolute() && path.exists();
        let mend = "The server cannot see this path. Give its whole path, and let the account \
             that HealthFlow runs as read it.";
        findings.check(there, &format!("paths[{index}]"), mend);
    }
    findings.verdict().map_err(RecordError::from)?;
    let csv = |path: &PathBuf| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
    let guess = if body.paths.iter().all(csv) { Format::Csv } else { Format::Fhir };
    let names = body.paths.iter().filter_map(|path| path.file_name());
    let label = names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join(", ");
    let plan = Plan {
        source: body.source.unwrap_or_else(|| SOURCE_DEFAULT.to_owned()),
        label: label.chars().take(200).collect(),
        format: body.format.unwrap_or(guess),
        mapping: body.mapping,
        paths: body.paths,
        staged: false,
    };
    check(&plan)?;
    let request = serde_json::to_vec(&plan).unwrap_or_default();
    let ordered = office.order(&by.call, plan, None, (key.0.as_deref(), &request)).await?;
    Ok(accepted(&ordered))
}

async fn get_rejects(
    by: Permit<ImportsRun>,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let shown = id.into_inner();
    let id = common::id_in_path(IMPORT, &shown)?;
    let mut parameters = common::parameters(&request)?;
    parameters.push(("run_id".to_owned(), shown));
    let actor = &by.call.actor;
    let known =
        desk.store().read(desk.screen_deadline(), |tx| select::one(tx, &IMPORTS, id, actor))?;
    known.ok_or(RecordError::NotFound(IMPORT.name))?;
    let reader = Reader::new(&REJECTS, actor, desk.seal()?);
    let query = reader.list(&parameters).map_err(common::bad_query)?;
    common::list(&by.call, &request, &desk, &query).await
}

async fn post_cancel(
    by: Permit<ImportsRun>,
    office: Data<Imports>,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let id = common::id_in_path(IMPORT, &id)?;
    let actor = &by.call.actor;
    let one = desk.store().read(desk.screen_deadline(), |tx| {
        crate::platform::resource::select::one(tx, &IMPORTS, id, actor)
    })?;
    if one.is_none() {
        return Err(RecordError::NotFound(IMPORT.name).into());
    }
    let office = office.clone();
    web::block(move || office.cancel(id)).await.map_err(|_| ImportError::Incomplete)??;
    Ok(HttpResponse::Accepted().insert_header(("cache-control", "no-store")).finish())
}

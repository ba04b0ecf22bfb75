//! Imports over HTTP: order by upload, or by path from the machine itself; watch; cancel.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use actix_web::web::{self, Bytes, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::office::{ImportError, Imports};
use super::plan::{Format, Plan, SOURCE_DEFAULT, is_source_name};
use super::resource::{IMPORT, IMPORTS, REJECTS};
use crate::access::gate::BOX_LOCAL;
use crate::platform::ledger::{Created, Desk, RecordError};
use crate::platform::resource::query::{Filter, ListQuery};
use crate::platform::resource::{api as common, select};
use crate::store::Value;
use crate::vocab::problem::Findings;
use crate::web::conditional::IdempotencyKey;
use crate::web::{Answer, Body, Permission, Permit};

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

/// Pieces of an upload that wait for the disk.
const CHUNKS_WAITING: usize = 32;
/// Text of a mapping in the address, in bytes.
const MAPPING_MAX: usize = 4_096;

/// Mounts the routes of imports.
pub fn mount(config: &mut ServiceConfig) {
    let own = common::Own { create: Some(web::post().to(post_upload)), list: None };
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

async fn post_upload(
    by: Permit<ImportsRun>,
    request: HttpRequest,
    office: Data<Imports>,
    key: IdempotencyKey,
    payload: Payload,
) -> Answer {
    let asked = web::Query::<Upload>::from_query(request.query_string()).map_err(|_| {
        common::bad_query(vec![crate::vocab::problem::FieldError::new(
            "name",
            "Send name (the file's name); allowed besides: source, format (fhir or csv), mapping.",
        )])
    })?;
    let Upload { name, source, format, mapping } = asked.into_inner();
    let mapping = match mapping.filter(|text| text.len() <= MAPPING_MAX) {
        Some(text) => {
            Some(serde_json::from_str::<BTreeMap<String, String>>(&text).map_err(|_| {
                RecordError::field(
                    "mapping",
                    "Send a JSON object of text, like {\"family\":\"LAST\"}.",
                )
            })?)
        }
        None => None,
    };
    let looks_csv = std::path::Path::new(&name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let guess = if looks_csv { Format::Csv } else { Format::Fhir };
    let mut plan = Plan {
        source: source.unwrap_or_else(|| SOURCE_DEFAULT.to_owned()),
        label: name,
        format: format.unwrap_or(guess),
        mapping,
        paths: Vec::new(),
        staged: true,
    };
    check(&plan)?;
    let declared = request.headers().get("content-length").and_then(|it| it.to_str().ok());
    if declared.and_then(|it| it.parse::<u64>().ok()).is_some_and(|it| office.bytes_max() < it) {
        return Err(ImportError::TooLarge { max: office.bytes_max() }.into());
    }
    let (path, digest) = receive(&office, payload).await?;
    plan.paths.push(path);
    let ordered = office.order(&by.call, plan, (key.0.as_deref(), &digest)).await?;
    Ok(accepted(&ordered))
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

/// Writes the upload into the office's folder on a thread of its own: a slow disk holds up
/// this upload and no other request.
async fn receive(
    office: &Imports,
    mut payload: Payload,
) -> Result<(PathBuf, Vec<u8>), ImportError> {
    let name = crate::access::passwords::secret(12)
        .map_err(|cause| ImportError::Disk(std::io::Error::other(cause.to_string())))?;
    let path = office.folder().join(format!("{name}.upload"));
    let (chunks, arriving) = mpsc::channel::<Bytes>(CHUNKS_WAITING);
    let (told, written) = oneshot::channel();
    let (file, max) = (path.clone(), office.bytes_max());
    std::thread::Builder::new()
        .name("upload".to_owned())
        .spawn(move || {
            // Whoever waited may have gone; the file is removed then.
            let _ = told.send(write(&file, arriving, max));
        })
        .map_err(ImportError::Disk)?;
    let mut complete = true;
    while let Some(chunk) = payload.next().await {
        let Ok(chunk) = chunk else {
            complete = false;
            break;
        };
        if chunks.send(chunk).await.is_err() {
            break;
        }
    }
    drop(chunks);
    let written = written.await.map_err(|_| ImportError::Incomplete)?;
    match written {
        Ok(digest) if complete => Ok((path, digest)),
        outcome => {
            let _ = std::fs::remove_file(&path);
            Err(outcome.err().unwrap_or(ImportError::Incomplete))
        }
    }
}

fn write(
    path: &std::path::Path,
    mut arriving: mpsc::Receiver<Bytes>,
    max: u64,
) -> Result<Vec<u8>, ImportError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(ImportError::Disk)?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0_u64);
    while let Some(chunk) = arriving.blocking_recv() {
        bytes += chunk.len() as u64;
        if max < bytes {
            return Err(ImportError::TooLarge { max });
        }
        hasher.update(&chunk);
        file.write_all(&chunk).map_err(ImportError::Disk)?;
    }
    file.sync_all().map_err(ImportError::Disk)?;
    Ok(hasher.finalize().to_vec())
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
    let ordered = office.order(&by.call, plan, (key.0.as_deref(), &request)).await?;
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
    parameters.retain(|(name, _)| name != "run_id");
    parameters.push(("run_id".to_owned(), shown.clone()));
    let actor = &by.call.actor;
    let known =
        desk.store().read(desk.screen_deadline(), |tx| select::one(tx, &IMPORTS, id, actor))?;
    known.ok_or(RecordError::NotFound(IMPORT.name))?;
    let mut query =
        ListQuery::read(&REJECTS, actor, &parameters, &[]).map_err(common::bad_query)?;
    query.filters = vec![Filter { column: "run_id", value: Value::Int(id), shown }];
    common::list(&REJECTS, &by.call, &request, &desk, &query).await
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

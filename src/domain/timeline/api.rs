//! Timeline and series over HTTP.

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Path, ServiceConfig};

use super::items::{self, Asked};
use super::print;
use super::series;
use super::sources::{SOURCES, Source};
use crate::domain::observations::OBSERVATIONS;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{Desk, RecordError, Seen};
use crate::platform::resource::cursor::{Cursor, Misfit};
use crate::platform::resource::query::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::platform::resource::seal::Seal;
use crate::platform::resource::{api as common, select};
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::problem::{FieldError, Findings};
use crate::web::permit::demand;
use crate::web::{Answer, Failure, Signed, conditional, query};

/// Mounts the routes of timeline and series.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/patients/{id}/timeline").route(web::get().to(get_timeline)))
        .service(web::resource("/api/v1/patients/{id}/series").route(web::get().to(get_series)))
        .service(
            web::resource("/api/v1/patients/{id}/print/patient-summary")
                .route(web::get().to(get_patient_summary)),
        );
}

async fn get_timeline(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    let patient = common::id_in_path(PATIENT, &id)?;
    let asked = read_timeline(&request, &signed.call, (patient, desk.seal()?))?;
    let found = desk
        .read(&signed.call, "patients.timeline", |tx| {
            let known = is_known(tx, patient)?;
            Ok::<_, RecordError>((
                known.then(|| items::page(tx, &asked)).transpose()?,
                seen(patient),
            ))
        })
        .await?;
    let (items, next) = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    let scope = asked.scope(&signed.call.actor);
    let seal = desk.seal()?;
    let next = next.map(|cursor| cursor.seal(seal, &scope));
    let items: Vec<Vec<u8>> = items.iter().map(items::Item::json).collect();
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    Ok(conditional::hashed(&request, select::list_body(&items, next.as_deref(), None)))
}

async fn get_series(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    demand(&request, &signed.call, OBSERVATIONS.read)?;
    let patient = common::id_in_path(PATIENT, &id)?;
    let (codes, points) = read_series(&request)?;
    let found = desk
        .read_slow(&signed.call, "patients.series", move |tx| {
            let known = is_known(tx, patient)?;
            let found = known.then(|| series::of(tx, patient, &codes, points)).transpose()?;
            Ok::<_, RecordError>((found, seen(patient)))
        })
        .await?;
    let found = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    let body = serde_json::to_vec(&found).unwrap_or_default();
    Ok(conditional::hashed(&request, common::data(&body)))
}

/// Everything of the document at once; asking for it is audited as a print.
async fn get_patient_summary(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    for part in print::PARTS {
        demand(&request, &signed.call, part.read)?;
    }
    let patient = common::id_in_path(PATIENT, &id)?;
    query::none(&request)?;
    let (viewer, seal) = (signed.call.actor.clone(), desk.seal()?.clone());
    let found = desk
        .read_slow(&signed.call, "patients.print", move |tx| {
            let found = print::summary(tx, patient, (&viewer, &seal))?;
            let whose = found.is_some().then_some(patient);
            let detail = Some("patient-summary".to_owned());
            let seen = Seen { kind: PATIENT.name, id: Some(patient), patient: whose, detail };
            Ok::<_, RecordError>((found, seen))
        })
        .await?;
    let body = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    Ok(conditional::hashed(&request, common::data(&body)))
}

fn seen(patient: i64) -> Seen {
    Seen { kind: PATIENT.name, id: Some(patient), patient: Some(patient), detail: None }
}

fn is_known(tx: &ReadTx<'_>, patient: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM patient WHERE id = ?1";
    Ok(tx.opt(sql, &[patient.into()], |_| Ok(()))?.is_some())
}

/// Reads `cursor`, `limit` and `kinds`. Without `kinds` the timeline has those that the caller
/// may read; a kind that is named must be one of them.
fn read_timeline(
    request: &HttpRequest,
    call: &Call,
    (patient, seal): (i64, &Seal),
) -> Result<Asked, Failure> {
    let mut findings = Findings::new();
    let (mut cursor, mut kinds, mut limit) = (None, None, LIMIT_DEFAULT);
    for (name, value) in &query::once_each(request, &["cursor", "limit", "kinds"], &mut findings)? {
        match name.as_str() {
            "cursor" => cursor = Some(value.clone()),
            "kinds" => kinds = Some(value.clone()),
            _ => match value.parse() {
                Ok(wanted) if (1..=LIMIT_MAX).contains(&wanted) => limit = wanted,
                _ => findings.add("limit", format!("Send a number, 1 to {LIMIT_MAX}.")),
            },
        }
    }
    let may = |source: &&'static Source| call.actor.may(source.resource.read);
    let sources: Vec<&'static Source> = match &kinds {
        None => SOURCES.iter().filter(may).collect(),
        Some(kinds) => named(kinds, &mut findings),
    };
    findings.verdict().map_err(common::bad_query)?;
    for source in &sources {
        demand(request, call, source.resource.read)?;
    }
    if sources.is_empty() {
        demand(request, call, OBSERVATIONS.read)?;
    }
    let clinical = call.actor.may(OBSERVATIONS.read);
    let mut asked = Asked { patient, sources, after: None, limit, clinical };
    if let Some(text) = cursor {
        let opened = Cursor::open(&text, seal, &asked.scope(&call.actor));
        let field = |misfit: Misfit| vec![FieldError::new("cursor", misfit.mend())];
        asked.after = Some(opened.map_err(field).map_err(common::bad_query)?);
    }
    Ok(asked)
}

/// The sources named in `kinds`, each once, in their own order.
fn named(kinds: &str, findings: &mut Findings) -> Vec<&'static Source> {
    let kinds: Vec<&str> = kinds.split(',').collect();
    let known = |kind: &str| SOURCES.iter().any(|source| source.resource.kind.name == kind);
    if !kinds.iter().all(|kind| known(kind)) {
        let names: Vec<_> = SOURCES.iter().map(|source| source.resource.kind.name).collect();
        findings.add("kinds", format!("Allowed here: {}.", names.join(", ")));
    }
    SOURCES.iter().filter(|source| kinds.contains(&source.resource.kind.name)).collect()
}

/// Reads `code` (one or several, separated by commas) and `points`.
fn read_series(request: &HttpRequest) -> Result<(Vec<String>, usize), Failure> {
    let mut findings = Findings::new();
    let (mut codes, mut points) = (Vec::new(), series::POINTS_DEFAULT);
    for (name, value) in &query::once_each(request, &["code", "points"], &mut findings)? {
        if name == "code" {
            codes = value.split(',').map(str::to_owned).collect();
            let fine = codes.len() <= series::CODES_MAX && codes.iter().all(|it| !it.is_empty());
            let mend = format!("Send 1 to {} codes.", series::CODES_MAX);
            findings.check(fine, "code", &mend);
            continue;
        }
        match value.parse() {
            Ok(wanted) if (1..=series::POINTS_MAX).contains(&wanted) => points = wanted,
            _ => findings.add("points", format!("Send a number, 1 to {}.", series::POINTS_MAX)),
        }
    }
    findings.verdict().map_err(common::bad_query)?;
    Ok((codes, points))
}

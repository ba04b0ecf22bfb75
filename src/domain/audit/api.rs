//! The audit over HTTP.

use std::path::PathBuf;
use std::rc::Rc;

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::asked::{Asked, FILTERS, moment};
use super::export::{self, Format};
use super::known::{self, Known, Who};
use super::{entry, keeping, story};
use crate::access::gate::BOX_LOCAL;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::browse::{self, Narrowed, Place};
use crate::platform::ledger::custody::anchors::Anchor;
use crate::platform::ledger::custody::classes::{DAY, Retention};
use crate::platform::ledger::custody::prune::Order;
use crate::platform::ledger::custody::{CustodyError, Task};
use crate::platform::ledger::{Custodian, Desk, RecordError, Seen};
use crate::platform::resource::cursor::Cursor;
use crate::platform::resource::{api as common, select};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::Call;
use crate::vocab::problem::{FieldError, Findings};
use crate::web::{Answer, Body, Failure, Permission, Permit, conditional, permit, query};

/// May see who did and looked at what.
#[derive(Debug)]
pub(super) struct AuditRead;
impl Permission for AuditRead {
    const CODE: &'static str = "audit.read";
}

/// May take the audit along.
#[derive(Debug)]
pub(super) struct AuditExport;
impl Permission for AuditExport {
    const CODE: &'static str = "audit.export";
}

/// Is the machine that the data lies on.
#[derive(Debug)]
struct BoxLocal;
impl Permission for BoxLocal {
    const CODE: &'static str = BOX_LOCAL;
}

/// The lines on paper that one verification takes.
pub(super) const PRINTED_MAX: usize = 50;

/// Mounts the routes of the audit.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/audit").route(web::get().to(get_list)))
        .service(web::resource("/api/v1/audit/export").route(web::get().to(get_export)))
        .service(web::resource("/api/v1/audit/custody").route(web::get().to(get_custody)))
        .service(web::resource("/api/v1/audit/anchors").route(web::post().to(post_anchor)))
        .service(web::resource("/api/v1/audit/verify").route(web::post().to(post_verify)))
        .service(web::resource("/api/v1/audit/prune").route(web::post().to(post_prune)))
        .service(web::resource("/api/v1/audit/restore").route(web::post().to(post_restore)))
        .service(web::resource("/api/v1/patients/{id}/audit").route(web::get().to(get_story)));
}

/// Reads the query: the filters, and `also`.
fn asked(
    request: &HttpRequest,
    (call, desk): (&Call, &Desk),
    also: &[&str],
) -> Result<(Asked, Vec<(String, String)>), Failure> {
    let mut findings = Findings::new();
    let allowed: Vec<&str> = FILTERS.iter().chain(also).copied().collect();
    let sent = query::once_each(request, &allowed, &mut findings)?;
    findings.verdict().map_err(common::bad_query)?;
    let place = ["cursor", "limit"];
    let is_own = |name: &str| FILTERS.contains(&name) || place.contains(&name);
    let (own, rest): (Vec<_>, Vec<_>) = sent.into_iter().partition(|(name, _)| is_own(name));
    let asked = Asked::read(&own, (&call.actor, desk.seal()?, &desk.zone()));
    Ok((asked.map_err(common::bad_query)?, rest))
}

fn seen(patient: Option<i64>, detail: Option<String>) -> Seen {
    Seen { kind: "audit", id: None, patient, detail }
}

fn sealed(
    desk: &Desk,
    (call, asked): (&Call, &Asked),
    next: Option<Place>,
) -> Result<Option<String>, StoreError> {
    let seal = desk.seal()?;
    Ok(next.map(|(at, id)| {
        let cursor = Cursor { id, value: Value::Int(at), backwards: false };
        cursor.seal(seal, &asked.scope(&call.actor))
    }))
}

fn listed(request: &HttpRequest, items: &[Json], next: Option<&str>) -> HttpResponse {
    let items: Vec<Vec<u8>> =
        items.iter().map(|item| serde_json::to_vec(item).unwrap_or_default()).collect();
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    conditional::hashed(request, select::list_body(&items, next, None))
}

async fn get_list(by: Permit<AuditRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    let (asked, _) = asked(&request, (&by.call, &desk), &["cursor", "limit"])?;
    let (wanted, named) = (asked.clone(), known::may_know(&by.call.actor));
    let detail = seen(asked.narrowed.patient, asked.told());
    let (items, next) = desk
        .read_slow_ex_officio(&by.call, "audit.list", move |tx| {
            let rows = browse::page(tx, &wanted.narrowed, wanted.after, wanted.limit + 1)?;
            let more = wanted.limit < rows.len();
            let rows = &rows[..rows.len().min(wanted.limit)];
            let next = rows.last().filter(|_| more).map(|row| (row.at, row.id));
            let known = Known::of(tx, rows, named)?;
            let items: Vec<Json> = rows.iter().map(|row| entry::json(row, &known)).collect();
            Ok::<_, StoreError>(((items, next), detail))
        })
        .await?;
    let next = sealed(&desk, (&by.call, &asked), next)?;
    Ok(listed(&request, &items, next.as_deref()))
}

/// Who looked at one patient: who they are comes along, so that their record is not read for it.
async fn get_story(
    by: Permit<AuditRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let patient = common::id_in_path(PATIENT, &id)?;
    let (mut asked, _) = asked(&request, (&by.call, &desk), &["cursor"])?;
    if asked.narrowed.patient.is_some() {
        let fields = vec![FieldError::new("patient", "The address says whose story it is.")];
        return Err(common::bad_query(fields));
    }
    asked.narrowed.patient = Some(patient);
    let (wanted, zone) = (asked.clone(), desk.zone());
    let named = known::may_know(&by.call.actor);
    let found = desk
        .read_slow_ex_officio(&by.call, "audit.story", move |tx| {
            let known = is_known(tx, patient)?;
            let detail = seen(known.then_some(patient), wanted.told());
            if !known {
                return Ok::<_, StoreError>((None, detail));
            }
            let told = story::read(tx, &wanted, &zone)?;
            let people = known::people(tx, Some(patient).filter(|_| named).into_iter())?;
            Ok((Some((told, people.get(&patient).map(Who::json))), detail))
        })
        .await?;
    let (told, who) = found.ok_or(RecordError::NotFound(PATIENTS.kind.name))?;
    let next = sealed(&desk, (&by.call, &asked), told.next)?;
    let body = json!({
        "data": {"patient_id": PATIENT.show(patient), "patient": who, "groups": told.items()},
        "meta": {"cursor": {"next": next, "prev": null}},
    });
    Ok(conditional::hashed(&request, serde_json::to_vec(&body).unwrap_or_default()))
}

fn is_known(tx: &ReadTx<'_>, patient: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM patient WHERE id = ?1";
    Ok(tx.opt(sql, &[patient.into()], |_| Ok(()))?.is_some())
}

/// What is left to send.
struct Sending {
    desk: Data<Desk>,
    request: HttpRequest,
    how: Rc<(Narrowed, Format, bool)>,
    /// A finished piece that goes first.
    ready: Option<Vec<u8>>,
    /// Where the next one begins; the outer nothing is the end.
    next: Option<Place>,
}

/// Sent as it is read, piece by piece, as fast as it is taken.
async fn get_export(by: Permit<AuditExport>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    let (asked, rest) = asked(&request, (&by.call, &desk), &["format"])?;
    let format = rest.first().map_or(Some(Format::Csv), |(_, name)| Format::named(name));
    let format = format
        .ok_or_else(|| common::bad_query(vec![FieldError::new("format", "Send csv or ndjson.")]))?;
    let named = known::may_know(&by.call.actor);
    let how = (asked.narrowed.clone(), format, named);
    let detail = seen(asked.narrowed.patient, asked.told());
    let first = how.clone();
    let (text, next) = desk
        .read_slow_ex_officio(&by.call, "audit.export", move |tx| {
            let (narrowed, format, named) = &first;
            let piece = export::piece(tx, (narrowed, *format, *named), None)?;
            Ok::<_, StoreError>((piece, detail))
        })
        .await?;
    let ready = Some([format.head(), text].concat());
    let sending = Sending { desk, request, how: Rc::new(how), ready, next };
    let name = format!("attachment; filename=\"{}\"", format.file());
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", format.kind()))
        .insert_header(("content-disposition", name))
        .insert_header(("cache-control", "no-store"))
        .streaming(stream::try_unfold(sending, send)))
}

/// The next piece. Once the answer has begun, a failure can only end it.
async fn send(sending: Sending) -> Result<Option<(Bytes, Sending)>, String> {
    piece(sending).await.map_err(|cause| cause.to_string())
}

async fn piece(mut sending: Sending) -> Result<Option<(Bytes, Sending)>, Failure> {
    if let Some(ready) = sending.ready.take() {
        return Ok(Some((ready.into(), sending)));
    }
    let Some(after) = sending.next.take() else { return Ok(None) };
    // Whoever was signed out meanwhile gets no more.
    permit::still(&sending.request)?;
    let (narrowed, format, named) = sending.how.as_ref().clone();
    let deadline = sending.desk.screen_deadline();
    let store = sending.desk.store();
    let look = move |tx: &ReadTx<'_>| export::piece(tx, (&narrowed, format, named), Some(after));
    let (text, next) = store.read_slow::<_, StoreError>(deadline, look).await?;
    sending.next = next;
    Ok(Some((text.into(), sending)))
}

async fn get_custody(
    _: Permit<AuditRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    custodian: Data<Custodian>,
    retention: Data<Retention>,
) -> Answer {
    query::none(&request)?;
    let data = keeping::all(&custodian, desk.store(), &retention)?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(json!({"data": data})))
}

async fn post_anchor(_: Permit<AuditRead>, custodian: Data<Custodian>) -> Answer {
    let noted = web::block(move || custodian.anchor()).await;
    let noted = noted.map_err(|_| CustodyError::Stopped)??;
    let noted = noted.ok_or(RecordError::NotFound("audit"))?;
    Ok(HttpResponse::Created()
        .insert_header(("cache-control", "no-store"))
        .json(json!({"data": keeping::anchor(&noted)})))
}

fn accepted(task: &Task) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header(("cache-control", "no-store"))
        .json(json!({"data": keeping::task(task)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    /// Anchors that were printed or mailed.
    #[serde(default)]
    anchors: Vec<String>,
}

async fn post_verify(
    by: Permit<AuditRead>,
    custodian: Data<Custodian>,
    Body(body): Body<Verify>,
) -> Answer {
    let mut findings = Findings::new();
    let few = body.anchors.len() <= PRINTED_MAX;
    findings.check(few, "anchors", &format!("Send at most {PRINTED_MAX} lines."));
    let mut printed = Vec::new();
    for (place, line) in body.anchors.iter().take(PRINTED_MAX).enumerate() {
        match Anchor::parse(line) {
            Some(anchor) => printed.push(anchor),
            None => findings.add(format!("anchors[{place}]"), "Send the whole line, as printed."),
        }
    }
    findings.verdict().map_err(RecordError::from)?;
    Ok(accepted(&custodian.start_verify(printed, by.call)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prune {
    before: Option<String>,
    keep_days: Option<u32>,
}

/// Only for the command line of the machine: files in the data folder are its owner's.
async fn post_prune(
    by: Permit<BoxLocal>,
    desk: Data<Desk>,
    custodian: Data<Custodian>,
    retention: Data<Retention>,
    Body(body): Body<Prune>,
) -> Answer {
    let mut before = desk.now();
    if let Some(text) = &body.before {
        let mend = "Send a day like 2020-01-01, or a time like 2020-01-01T00:00:00Z.";
        before =
            moment(text, &desk.zone(), false).ok_or_else(|| RecordError::field("before", mend))?;
    }
    if let Some(days) = body.keep_days {
        before = before.min(desk.now() - i64::from(days) * DAY);
    }
    let order = Order { before, retention: *retention.get_ref(), call: by.call };
    Ok(accepted(&custodian.start_prune(order)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restore {
    file: PathBuf,
}

async fn post_restore(
    by: Permit<BoxLocal>,
    custodian: Data<Custodian>,
    Body(body): Body<Restore>,
) -> Answer {
    // A name alone is one of the folder of archives.
    let path = match body.file.components().count() {
        1 => custodian.archives().path(&body.file.to_string_lossy()),
        _ => body.file,
    };
    let mend = "Give the whole path of the archive, or the name of one in audit-archive.";
    if !path.is_absolute() {
        return Err(RecordError::field("file", mend).into());
    }
    Ok(accepted(&custodian.start_restore(path, by.call)?))
}

//! The same routes for every resource: list, get, create, amend, entered in error, history.

use std::collections::BTreeMap;

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

pub use super::describe::{Offered, Offers};
use super::query::ListQuery;
use super::reader::Reader;
use super::{Related, Resource, Subject, TEXT_MAX, history, render, select, verbs};
use crate::platform::ledger::{Desk, RecordError, Seen, Shown, Sight, Work};
use crate::store::{ReadTx, Value};
use crate::vocab::actor::Call;
use crate::vocab::id::Kind;
use crate::vocab::problem::ProblemKind;
use crate::vocab::text;
use crate::web::conditional::{self, IdempotencyKey, IfMatch};
use crate::web::permit::demand;
pub use crate::web::query::{bad_query, parameters};
use crate::web::{Answer, Body, Failure, Signed, query};

/// Mounts the common routes of `resource` under `/api/v1`.
pub fn mount(config: &mut ServiceConfig, resource: &'static Resource, offers: Offers) {
    mount_with(config, resource, offers, Own::default());
}

/// A room's own way of doing what the common routes do.
#[derive(Default)]
pub struct Own {
    /// Instead of the common list.
    pub list: Option<Route>,
    /// Instead of the common create.
    pub create: Option<Route>,
    /// What its records may bring along beside children and parents.
    pub related: &'static [Related],
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive()
    }
}

/// The same, with a room's `own` routes in place of common ones.
pub fn mount_with(
    config: &mut ServiceConfig,
    resource: &'static Resource,
    offers: Offers,
    own: Own,
) {
    let list = move |signed: Signed, request: HttpRequest, desk: Data<Desk>| {
        get_list((resource, own.related), signed, request, desk)
    };
    let get = move |signed: Signed, request: HttpRequest, desk: Data<Desk>, id: Path<String>| {
        get_one((resource, own.related), signed, request, desk, id)
    };
    let past = move |signed: Signed, request: HttpRequest, desk: Data<Desk>, id: Path<String>| {
        get_history(resource, signed, request, desk, id)
    };
    let list = own.list.unwrap_or_else(|| web::get().to(list));
    let mut all = web::resource(format!("/api/v1/{}", resource.path)).route(list);
    let mut one =
        web::resource(format!("/api/v1/{}/{{id}}", resource.path)).route(web::get().to(get));
    if let Some(create) = own.create {
        all = all.route(create);
    } else if matches!(offers, Offers::Changes | Offers::ClinicalChanges) {
        all = all.route(web::post().to(
            move |signed: Signed, request: HttpRequest, desk: Data<Desk>, key, body| {
                post(resource, (signed, request, desk), key, body)
            },
        ));
    }
    if offers != Offers::Reads {
        one = one.route(web::patch().to(
            move |signed: Signed, request: HttpRequest, desk: Data<Desk>, id, version, body| {
                patch(resource, (signed, request, desk), id, version, body)
            },
        ));
    }
    if offers == Offers::ClinicalChanges {
        let path = format!("/api/v1/{}/{{id}}/entered-in-error", resource.path);
        config.service(web::resource(path).route(web::post().to(
            move |signed: Signed, request: HttpRequest, desk: Data<Desk>, id, version, body| {
                post_entered_in_error(resource, (signed, request, desk), id, version, body)
            },
        )));
    }
    let history = web::resource(format!("/api/v1/{}/{{id}}/history", resource.path));
    config.service(history.route(web::get().to(past))).service(all).service(one);
}

/// The identity in an address; what is not one of this kind is not there.
///
/// # Errors
/// `web.not_found`
pub fn id_in_path(kind: Kind, text: &str) -> Result<i64, Failure> {
    kind.parse(text).ok_or_else(|| {
        let detail =
            format!("This is not the id of a {}, which looks like {}_….", kind.name, kind.tag);
        Failure::new("web.not_found", ProblemKind::NotFound, detail)
    })
}

/// Refuses includes that the caller may not read.
///
/// # Errors
/// `access.not_allowed`
pub fn demand_includes(
    request: &HttpRequest,
    call: &Call,
    query: &ListQuery,
) -> Result<(), Failure> {
    query.permissions().try_for_each(|permission| demand(request, call, permission))
}

/// A resource and what its records may bring along.
type Bringing = (&'static Resource, &'static [Related]);

async fn get_list(
    (resource, related): Bringing,
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
) -> Answer {
    demand(&request, &signed.call, resource.read)?;
    let parameters = parameters(&request)?;
    let reader = Reader::new(resource, &signed.call.actor, desk.seal()?).bringing(related);
    let query = reader.list(&parameters).map_err(bad_query)?;
    list(&signed.call, &request, &desk, &query).await
}

/// The page that `query` asks for; the caller has checked the permission.
///
/// # Errors
/// Includes that the caller may not read; what the store says.
pub async fn list(call: &Call, request: &HttpRequest, desk: &Desk, query: &ListQuery) -> Answer {
    demand_includes(request, call, query)?;
    let resource = query.resource;
    let body = if resource.subject == Subject::House {
        let house = |tx: &ReadTx<'_>| select::page(&Sight::of_house(tx), query);
        desk.store().read(desk.screen_deadline(), house)?.body
    } else {
        let act = format!("{}.list", resource.path);
        desk.read(call, &act, |tx| {
            let page = select::page(tx, query)?;
            let shown = shown_on_page(query, (&page.ids, &page.owners), &page.named);
            Ok::<_, RecordError>((page.body, shown))
        })
        .await?
    };
    Ok(conditional::hashed(request, body))
}

/// What the audit says of a page, and of each patient whose record it opens: the records `ids`,
/// whose `owners` stand in the same order, and the patients of whom only who they are was shown.
#[must_use]
pub fn shown_on_page(query: &ListQuery, (ids, owners): (&[i64], &[i64]), named: &[i64]) -> Shown {
    let whole = seen_on_page(query, ids, named);
    if whole.patient.is_some() || !query.opens_records() {
        return whole.into();
    }
    let kind = query.resource.kind;
    let mut records: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (owner, id) in owners.iter().zip(ids) {
        records.entry(*owner).or_default().push(kind.show(*id));
    }
    let along = brought_along(query).unwrap_or_default();
    let each = records.into_iter().map(|(patient, ids)| {
        let detail = Some(ids.join(" ") + &along);
        Seen { kind: kind.name, id: None, patient: Some(patient), detail }
    });
    Shown::several(whole, each.collect())
}

/// What the audit says of a page: one of one patient's records names the patient, one of many
/// names each record, and those of whom only who they are was shown.
#[must_use]
fn seen_on_page(query: &ListQuery, ids: &[i64], named: &[i64]) -> Seen {
    let kind = query.resource.kind;
    let patient = query.filters.iter().find(|filter| filter.column == "patient_id");
    let patient = patient.and_then(|filter| match filter.value {
        Value::Int(id) => Some(id),
        _ => None,
    });
    let all = |ids: &[i64]| ids.iter().map(|id| kind.show(*id)).collect::<Vec<_>>().join(" ");
    let mut detail = match patient {
        Some(_) => format!("{} shown", ids.len()),
        None => all(ids),
    };
    if !named.is_empty() {
        detail += &format!(" named only: {}", all(named));
    }
    let detail = detail + &brought_along(query).unwrap_or_default();
    Seen { kind: kind.name, id: None, patient, detail: Some(detail) }
}

/// What else was shown, in the words of the audit.
fn brought_along(query: &ListQuery) -> Option<String> {
    let names = query.included();
    (!names.is_empty()).then(|| format!(" with {}", names.join(", ")))
}

async fn get_one(
    (resource, related): Bringing,
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, resource.read)?;
    let id = id_in_path(resource.kind, &id)?;
    let parameters = parameters(&request)?;
    let reader = Reader::new(resource, &signed.call.actor, desk.seal()?).bringing(related);
    let query = reader.one(&parameters).map_err(bad_query)?;
    demand_includes(&request, &signed.call, &query)?;
    let found = if resource.subject == Subject::House {
        desk.store().read(desk.screen_deadline(), |tx| select::shaped(tx, id, &query))?
    } else {
        let act = format!("{}.read", resource.path);
        // Without parameters it is the record itself, child lists and all.
        let detail = brought_along(&query).filter(|_| !parameters.is_empty());
        desk.read(&signed.call, &act, |tx| {
            let found = select::shaped(tx, id, &query)?;
            let patient = select::owner(tx, resource, id)?;
            let detail = detail.map(|detail| detail.trim_start().to_owned());
            let seen = Seen { kind: resource.kind.name, id: Some(id), patient, detail };
            Ok::<_, RecordError>((found, seen))
        })
        .await?
    };
    let one = found.ok_or(RecordError::NotFound(resource.kind.name))?;
    if query.brings_others() {
        return Ok(conditional::versioned_with(&request, one.version, data(&one.body)));
    }
    Ok(conditional::versioned(&request, one.version, data(&one.body)))
}

async fn get_history(
    resource: &'static Resource,
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, resource.read)?;
    let id = id_in_path(resource.kind, &id)?;
    query::none(&request)?;
    let act = format!("{}.history", resource.path);
    let viewer = &signed.call.actor;
    let found = desk
        .read(&signed.call, &act, |tx| {
            let versions = match select::whole(tx, resource, id)? {
                Some(_) => Some(history::of(tx, resource, id, viewer)?),
                None => None,
            };
            let patient = select::owner(tx, resource, id)?;
            let seen = Seen { kind: resource.kind.name, id: Some(id), patient, detail: None };
            Ok::<_, RecordError>((versions, seen))
        })
        .await?;
    let items = found.ok_or(RecordError::NotFound(resource.kind.name))?;
    Ok(whole_list(&request, &items))
}

type Asked = (Signed, HttpRequest, Data<Desk>);

async fn post(
    resource: &'static Resource,
    (signed, request, desk): Asked,
    key: IdempotencyKey,
    Body(body): Body<Map<String, Json>>,
) -> Answer {
    demand(&request, &signed.call, resource.write)?;
    let sent = serde_json::to_vec(&body).unwrap_or_default();
    // Before the writer is asked: what is malformed must not hold up the changes of others.
    let form = verbs::read((&signed.call.actor, &desk.zone()), resource, &body)?;
    let job = move |work: &Work<'_>| verbs::create_form(work, resource, form.clone());
    let created = desk.create(&signed.call, resource, (key.0.as_deref(), &sent), job).await?;
    let location = resource.location(created.id);
    Ok(conditional::created(&location, created.version, created.body, created.replayed))
}

async fn patch(
    resource: &'static Resource,
    (signed, request, desk): Asked,
    id: Path<String>,
    IfMatch(version): IfMatch,
    Body(patch): Body<Map<String, Json>>,
) -> Answer {
    demand(&request, &signed.call, resource.write)?;
    let id = id_in_path(resource.kind, &id)?;
    verbs::read_patch(&signed.call.actor, resource, &patch)?;
    let act = format!("{}.amend", resource.path);
    let one = desk
        .write(&signed.call, &act, move |work| {
            verbs::amend(work, resource, (id, Some(version)), &patch)
        })
        .await?;
    Ok(changed(&one))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnteredInError {
    /// Its absence is told after the permission is known to be there.
    #[serde(default)]
    reason: String,
}

async fn post_entered_in_error(
    resource: &'static Resource,
    (signed, request, desk): Asked,
    id: Path<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<EnteredInError>,
) -> Answer {
    demand(&request, &signed.call, resource.write)?;
    let id = id_in_path(resource.kind, &id)?;
    let reason = text::line(&body.reason).unwrap_or_default();
    if !(1..=TEXT_MAX).contains(&reason.chars().count()) {
        let mend = format!("Say why in 1 to {TEXT_MAX} characters.");
        return Err(RecordError::field("reason", mend).into());
    }
    let act = format!("{}.entered_in_error", resource.path);
    let one = desk
        .write(&signed.call, &act, move |work| {
            verbs::mark_entered_in_error(work, resource, (id, Some(version)), &reason)
        })
        .await?;
    Ok(changed(&one))
}

/// The record after a change, with its new ETag.
#[must_use]
pub fn changed(one: &select::One) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("etag", format!("\"{}\"", one.version)))
        .insert_header(("cache-control", "no-store"))
        .content_type("application/json")
        .body(data(&one.body))
}

/// `{"data":…}`
#[must_use]
pub fn data(body: &[u8]) -> Vec<u8> {
    [b"{\"data\":", body, b"}"].concat()
}

/// A list of finished objects without pages.
#[must_use]
pub fn whole_list(request: &HttpRequest, items: &[Vec<u8>]) -> HttpResponse {
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    conditional::hashed(request, select::list_body(&items, None, None))
}

/// A JSON string of `text`.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    render::text(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

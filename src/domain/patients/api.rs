//! Patients over HTTP: what is theirs beside the common routes.

mod asked;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::browse;
use super::directory::{Directory, DirectoryError};
use super::found_by;
use super::matches::{self, Person};
use super::{PATIENT, PATIENTS, review};
use crate::platform::ledger::{Desk, RecordError, Seen, Touch, Work};
use crate::platform::resource::cursor::Cursor;
use crate::platform::resource::query::ListQuery;
use crate::platform::resource::{api as common, select, verbs};
use crate::platform::search::{Hit, Matched};
use crate::store::StoreError;
use crate::vocab::actor::Call;
use crate::vocab::moment;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::conditional::{self, IdempotencyKey, IfMatch};
use crate::web::permit::demand;
use crate::web::{Answer, Body, Failure, Permission, Permit, Signed};

/// May see who is a patient.
#[derive(Debug)]
pub struct PatientsRead;
impl Permission for PatientsRead {
    const CODE: &'static str = "patients.read";
}

/// May register and amend patients.
#[derive(Debug)]
pub struct PatientsWrite;
impl Permission for PatientsWrite {
    const CODE: &'static str = "patients.write";
}

/// May write clinical records.
#[derive(Debug)]
pub struct RecordsWrite;
impl Permission for RecordsWrite {
    const CODE: &'static str = "records.write";
}

/// Mounts the routes of patients.
pub fn mount(config: &mut ServiceConfig) {
    let own = common::Own {
        list: Some(web::get().to(get_patients)),
        create: Some(web::post().to(post_patient)),
    };
    config
        .service(
            web::resource("/api/v1/patients/matches")
                .route(web::get().to(get_matches))
                .route(web::post().to(asked::post_matches)),
        )
        .service(web::resource("/api/v1/patients/search").route(web::post().to(asked::post_search)))
        .service(web::resource("/api/v1/patients/shelf").route(web::get().to(get_shelf)))
        .service(
            web::resource("/api/v1/patients/{id}/allergies-reviewed")
                .route(web::post().to(post_allergies_reviewed)),
        );
    common::mount_with(config, &PATIENTS, common::Offers::Amend, own);
}

async fn get_patients(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    let parameters = common::parameters(&request)?;
    let text = parameters.iter().find(|(name, _)| name == "q").map(|(_, text)| text.clone());
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let rest: Vec<_> = parameters.into_iter().filter(|(name, _)| name != "q").collect();
        let query = ListQuery::read(&PATIENTS, &signed.call.actor, &rest, &["q", "offset"])
            .map_err(common::bad_query)?;
        let offset = rest.iter().find(|(name, _)| name == "offset").map(|(_, text)| text.as_str());
        let query = at_offset(&desk, query, offset).await?;
        return common::list(&PATIENTS, &signed.call, &request, &desk, &query).await;
    };
    let query = ListQuery::read(&PATIENTS, &signed.call.actor, &parameters, &["q"])
        .map_err(common::bad_query)?;
    if query.cursor.is_some() || !query.filters.is_empty() {
        let detail = "A search with q is ranked and has one page: leave out cursor and filters, \
             or make q more exact.";
        return Err(Failure::new("web.query", ProblemKind::Malformed, detail));
    }
    search((&signed.call, &request), &desk, directory, text, query).await
}

/// Those whom `text` finds, the best first; the caller has checked the permission.
async fn search(
    (call, request): (&Call, &HttpRequest),
    desk: &Desk,
    directory: Data<Directory>,
    text: String,
    query: ListQuery,
) -> Answer {
    let body = desk
        .read_slow(call, "patients.search", move |tx| {
            let answer = directory.query(&text, query.limit)?;
            let ids: Vec<i64> = answer.hits.iter().map(|hit| hit.id).collect();
            let mut found = select::these(tx, &PATIENTS, &ids, &query)?;
            let others = found_by::other_names::<DirectoryError>(tx, &ids, &text)?;
            for (id, json) in &mut found {
                if let Some(hit) = answer.hits.iter().find(|hit| hit.id == *id) {
                    say_why(json, hit, others.iter().find(|(other, _)| other == id));
                }
            }
            let items: Vec<&[u8]> = found.iter().map(|(_, json)| json.as_slice()).collect();
            let body = search_body(&items, answer.more, answer.rebuilding);
            let shown = ids.iter().map(|id| PATIENT.show(*id)).collect::<Vec<_>>().join(" ");
            let seen = Seen { kind: PATIENT.name, id: None, patient: None, detail: Some(shown) };
            Ok::<_, DirectoryError>((body, seen))
        })
        .await?;
    Ok(conditional::hashed(request, body))
}

/// The list from a place of it on. Beyond its end it is the last patient's end: an empty page.
async fn at_offset(
    desk: &Desk,
    mut query: ListQuery,
    offset: Option<&str>,
) -> Result<ListQuery, Failure> {
    let Some(text) = offset else { return Ok(query) };
    let mut findings = Findings::new();
    let place = text.parse().ok().filter(|place| (0..=1 << 40).contains(place));
    findings.check(place.is_some(), "offset", "Send how many patients to pass over, 0 or more.");
    let plain = query.cursor.is_none() && query.filters.is_empty() && query.sort == PATIENTS.sort;
    let mend =
        "It counts from the beginning of the list by name: leave out cursor, sort and filters.";
    findings.check(plain, "offset", mend);
    findings.verdict().map_err(common::bad_query)?;
    if let Some(place) = place.filter(|place| 0 < *place) {
        let last = "SELECT id FROM patient ORDER BY name_key DESC, id DESC LIMIT 1";
        let found = desk
            .store()
            .read_slow(desk.screen_deadline(), move |tx| match browse::before(tx, place)? {
                Some(id) => Ok::<_, StoreError>(Some(id)),
                None => tx.opt(last, &[], |row| row.get(0)),
            })
            .await?;
        query.cursor = found.map(|id| Cursor { id, backwards: false });
    }
    Ok(query)
}

/// How many patients there are and where each letter begins; names nobody.
async fn get_shelf(_by: Permit<PatientsRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    let shelf = desk.store().read_slow(desk.screen_deadline(), browse::shelf).await?;
    let body = serde_json::to_vec(&shelf).unwrap_or_default();
    Ok(conditional::hashed(&request, common::data(&body)))
}

/// Adds `"matched":[…]` to the finished object, and `"matched_name":{…}` when it was a name that
/// is not shown.
fn say_why(json: &mut Vec<u8>, hit: &Hit, other: Option<&(i64, Json)>) {
    let words: Vec<_> = hit.matched.iter().map(|matched| word(*matched)).collect();
    json.pop();
    json.extend_from_slice(format!(",\"matched\":[\"{}\"]", words.join("\",\"")).as_bytes());
    if let Some((_, name)) = other {
        json.extend_from_slice(format!(",\"matched_name\":{name}").as_bytes());
    }
    json.push(b'}');
}

fn word(matched: Matched) -> &'static str {
    match matched {
        Matched::Name => "name",
        Matched::Identifier => "identifier",
        Matched::Phone => "phone",
        Matched::BirthDate => "birth_date",
        Matched::SoundsLike => "sounds_like",
        Matched::Fuzzy => "fuzzy",
    }
}

fn search_body(items: &[&[u8]], more: bool, rebuilding: bool) -> Vec<u8> {
    let mut body = select::list_body(items, None, None);
    body.truncate(body.len() - 2);
    body.extend_from_slice(format!(",\"more\":{more},\"rebuilding\":{rebuilding}}}}}").as_bytes());
    body
}

async fn post_patient(
    by: Permit<PatientsWrite>,
    desk: Data<Desk>,
    directory: Data<Directory>,
    key: IdempotencyKey,
    Body(mut body): Body<Map<String, Json>>,
) -> Answer {
    let sent = serde_json::to_vec(&body).unwrap_or_default();
    age_to_birth_date(&desk, &mut body)?;
    let unknown = unknown_person(&mut body)?;
    // Before the writer is asked: what is malformed must not hold up the changes of others.
    let form = verbs::read(&by.call.actor, &PATIENTS, &body)?;
    let job = move |work: &Work<'_>| {
        let Some(words) = &unknown else {
            return verbs::create_form(work, &PATIENTS, form.clone());
        };
        let family = browse::temporary_name(work.tx(), words)?;
        let mut body = body.clone();
        body.insert("names".to_owned(), json!([{"name_use": "temporary", "family": family}]));
        verbs::create(work, &PATIENTS, &body)
    };
    let created = desk.create(&by.call, &PATIENTS, (key.0.as_deref(), &sent), job).await?;
    if !created.replayed
        && let Err(cause) = directory.show(created.id)
    {
        // It is registered: the directory finds it by itself, a moment later.
        tracing::warn!("A patient just registered is not in the search yet: {cause}");
    }
    let location = PATIENTS.location(created.id);
    Ok(conditional::created(&location, created.version, created.body, created.replayed))
}

/// `age_years` means a year of birth that is estimated.
fn age_to_birth_date(desk: &Desk, body: &mut Map<String, Json>) -> Result<(), Failure> {
    let Some(age) = body.remove("age_years").filter(|age| !age.is_null()) else { return Ok(()) };
    let age = age.as_i64().filter(|age| (0..=130).contains(age));
    let Some(age) = age.and_then(|age| i16::try_from(age).ok()) else {
        return Err(RecordError::field("age_years", "Send a whole number, 0 to 130.").into());
    };
    if body.get("birth_date").is_some_and(|date| !date.is_null()) {
        let mend = "Send either the birth date or the age, not both.";
        return Err(RecordError::field("age_years", mend).into());
    }
    let year = moment::today(desk.clock().now(), &desk.zone()).year() - age;
    body.insert("birth_date".to_owned(), Json::String(format!("{year:04}")));
    body.insert("birth_date_estimated".to_owned(), Json::Bool(true));
    Ok(())
}

/// `unknown_person` stands for a name: words such as `Unknown male`, to which the next free
/// number is added, so that two unconscious people are not taken for one another.
fn unknown_person(body: &mut Map<String, Json>) -> Result<Option<String>, Failure> {
    let Some(words) = body.remove("unknown_person").filter(|words| !words.is_null()) else {
        return Ok(None);
    };
    let refuse = |mend: &str| Err(RecordError::field("unknown_person", mend).into());
    let words = words.as_str().map(str::trim).unwrap_or_default().to_owned();
    let plain = !words.chars().any(|letter| letter.is_numeric() || letter.is_control());
    if words.is_empty() || 60 < words.chars().count() || !plain {
        return refuse("Send words without digits, 1 to 60 characters, such as Unknown male.");
    }
    if body.get("names").and_then(Json::as_array).is_some_and(|names| !names.is_empty()) {
        return refuse("Send either names or unknown_person, not both.");
    }
    Ok(Some(words))
}

async fn get_matches(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    let known = web::Query::<asked::Known>::from_query(request.query_string()).map_err(|_| {
        let detail = "Allowed here: family, given, birth_date, sex, phone, each once.";
        Failure::new("web.query", ProblemKind::Malformed, detail)
    })?;
    matching((&by.call, &request), &desk, directory, known.into_inner().into()).await
}

/// Those who may be `person`; the caller has checked the permission.
async fn matching(
    (call, request): (&Call, &HttpRequest),
    desk: &Desk,
    directory: Data<Directory>,
    person: Person,
) -> Answer {
    let plain = ListQuery::plain(&PATIENTS, &call.actor);
    let items = desk
        .read_slow(call, "patients.matches", move |tx| {
            let ids = matches::candidates(&directory, &person)?;
            let found = matches::compare(tx, &person, &ids)?;
            let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
            let mut items = select::these(tx, &PATIENTS, &ids, &plain)?;
            for (id, json) in &mut items {
                let Some(found) = found.iter().find(|found| found.id == *id) else { continue };
                let reasons = found.reasons.join("\",\"");
                let reasons =
                    if reasons.is_empty() { String::new() } else { format!("\"{reasons}\"") };
                json.pop();
                let score = found.score;
                json.extend_from_slice(
                    format!(",\"score\":{score},\"reasons\":[{reasons}]}}").as_bytes(),
                );
            }
            let shown = ids.iter().map(|id| PATIENT.show(*id)).collect::<Vec<_>>().join(" ");
            let seen = Seen { kind: PATIENT.name, id: None, patient: None, detail: Some(shown) };
            Ok::<_, DirectoryError>((items, seen))
        })
        .await?;
    let items: Vec<Vec<u8>> = items.into_iter().map(|(_, json)| json).collect();
    Ok(common::whole_list(request, &items))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllergiesReviewed {
    none_known: bool,
}

/// Records that somebody asked and the patient has no known allergies.
async fn post_allergies_reviewed(
    by: Permit<RecordsWrite>,
    desk: Data<Desk>,
    id: Path<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<AllergiesReviewed>,
) -> Answer {
    let id = common::id_in_path(PATIENT, &id)?;
    let by_user = by.call.actor.user_id();
    let one = desk
        .write(&by.call, "patients.allergies_reviewed", move |work| {
            let before = select::whole(work.tx(), &PATIENTS, id)?
                .ok_or(RecordError::NotFound(PATIENT.name))?;
            if before.version != version {
                return Err(RecordError::Stale(PATIENT.name));
            }
            let by = (work.now(), by_user);
            review::note(work.tx(), (id, &before), body.none_known, by)?;
            let touch = Touch { kind: PATIENT, id, patient: Some(id), event: "allergies_reviewed" };
            work.touched(touch);
            select::one(work.tx(), &PATIENTS, id, &work.call().actor)?
                .ok_or(RecordError::NotFound(PATIENT.name))
        })
        .await?;
    Ok(common::changed(&one))
}

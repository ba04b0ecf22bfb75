//! Patients over HTTP: what is theirs beside the common routes.

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::directory::Directory;
use super::matches::{self, Person};
use super::resource::SEXES;
use super::{PATIENT, PATIENTS};
use crate::platform::ledger::{Desk, RecordError, Seen, Touch, Work};
use crate::platform::resource::query::ListQuery;
use crate::platform::resource::reader::Reader;
use crate::platform::resource::{Related, api as common, history, select, verbs};
use crate::platform::search::{Hit, Matched, SearchError};
use crate::store::StoreError;
use crate::vocab::moment::{self, PartialDate};
use crate::vocab::problem::{Explain, Findings, ProblemKind};
use crate::web::conditional::{self, IdempotencyKey, IfMatch};
use crate::web::permit::demand;
use crate::web::{Answer, Body, Failure, Permission, Permit, Signed, query};

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

impl Explain for SearchError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooManyWords { .. } => "search.text",
            _ => "search.unavailable",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::TooLong { .. } | Self::TooManyWords { .. } => ProblemKind::Malformed,
            _ => ProblemKind::Busy { retry_after_s: 5 },
        }
    }
}

/// Mounts the routes of patients, who may bring `related` records along.
pub fn mount(config: &mut ServiceConfig, related: &'static [Related]) {
    let list = move |signed: Signed, request: HttpRequest, desk: Data<Desk>, directory| {
        get_patients(related, (signed, request), desk, directory)
    };
    let own = common::Own {
        list: Some(web::get().to(list)),
        create: Some(web::post().to(post_patient)),
        related,
    };
    config
        .service(web::resource("/api/v1/patients/matches").route(web::get().to(get_matches)))
        .service(
            web::resource("/api/v1/patients/{id}/allergies-reviewed")
                .route(web::post().to(post_allergies_reviewed)),
        );
    common::mount_with(config, &PATIENTS, common::Offers::Amend, own);
}

async fn get_patients(
    related: &'static [Related],
    (signed, request): (Signed, HttpRequest),
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    let parameters = common::parameters(&request)?;
    let text = parameters.iter().find(|(name, _)| name == "q").map(|(_, text)| text.clone());
    let reader = Reader::new(&PATIENTS, &signed.call.actor, desk.seal()?);
    let query = reader.bringing(related).leaving(&["q"]).list(&parameters);
    let query = query.map_err(common::bad_query)?;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return common::list(&signed.call, &request, &desk, &query).await;
    };
    if query.cursor.is_some() || !query.filters.is_empty() {
        let detail = "A search with q is ranked and has one page: leave out cursor and filters, \
             or make q more exact.";
        return Err(Failure::new("web.query", ProblemKind::Malformed, detail));
    }
    common::demand_includes(&request, &signed.call, &query)?;
    let body = desk
        .read_slow(&signed.call, "patients.search", move |tx| {
            let answer = directory.query(&text, query.limit)?;
            let ids: Vec<i64> = answer.hits.iter().map(|hit| hit.id).collect();
            let mut found = select::these(tx, &ids, &query)?;
            for (id, json) in &mut found {
                if let Some(hit) = answer.hits.iter().find(|hit| hit.id == *id) {
                    say_why(json, hit);
                }
            }
            let items: Vec<&[u8]> = found.iter().map(|(_, json)| json.as_slice()).collect();
            let body = search_body(&items, answer.more, answer.rebuilding);
            let shown = common::seen_on_page(&query, &ids);
            Ok::<_, SearchFailure>((body, shown))
        })
        .await?;
    Ok(conditional::hashed(&request, body))
}

/// A search asks both the index and the store.
#[derive(Debug, thiserror::Error)]
enum SearchFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl Explain for SearchFailure {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(cause) => cause.code(),
            Self::Search(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Store(cause) => cause.kind(),
            Self::Search(cause) => cause.kind(),
        }
    }
}

/// Adds `"matched":[…]` to the finished object.
fn say_why(json: &mut Vec<u8>, hit: &Hit) {
    let words: Vec<_> = hit.matched.iter().map(|matched| word(*matched)).collect();
    json.pop();
    json.extend_from_slice(format!(",\"matched\":[\"{}\"]}}", words.join("\",\"")).as_bytes());
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
    let job = move |work: &Work<'_>| verbs::create(work, &PATIENTS, &body);
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

/// Characters of what is typed to find who may be the same.
pub(super) const TYPED_MAX: usize = 200;

/// The parameters that say what is known of somebody.
const KNOWN: [&str; 5] = ["family", "given", "birth_date", "sex", "phone"];

/// What is known of the person at the desk.
fn read_person(request: &HttpRequest) -> Result<Person, Failure> {
    let mut findings = Findings::new();
    let mut person = Person::default();
    for (name, value) in query::once_each(request, &KNOWN, &mut findings)? {
        let length = value.chars().count();
        findings.check(
            length <= TYPED_MAX,
            &name,
            &format!("Send at most {TYPED_MAX} characters."),
        );
        match name.as_str() {
            "family" => person.family = value,
            "given" => person.given = value,
            "birth_date" => {
                let fine = PartialDate::parse(&value).is_some();
                findings.check(fine, "birth_date", "Send a date like 1963-05-10, 1963-05 or 1963.");
                person.birth_date = value;
            }
            "sex" => {
                let mend = format!("Allowed here: {}.", SEXES.join(", "));
                findings.check(SEXES.contains(&value.as_str()), "sex", &mend);
                person.sex = value;
            }
            _ => person.phone = value,
        }
    }
    findings.verdict().map_err(common::bad_query)?;
    Ok(person)
}

async fn get_matches(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    let person = read_person(&request)?;
    let plain = ListQuery::plain(&PATIENTS, &by.call.actor, desk.seal()?);
    let items = desk
        .read_slow(&by.call, "patients.matches", move |tx| {
            let ids = matches::candidates(&directory, &person)?;
            let found = matches::compare(tx, &person, &ids)?;
            let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
            let mut items = select::these(tx, &ids, &plain)?;
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
            Ok::<_, SearchFailure>((items, seen))
        })
        .await?;
    let items: Vec<Vec<u8>> = items.into_iter().map(|(_, json)| json).collect();
    Ok(common::whole_list(&request, &items))
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
            let kept = (work.now(), by_user);
            history::keep(work.tx(), &PATIENTS, (id, version), &before.body, kept)?;
            let (at, who) =
                if body.none_known { (Some(work.now()), by_user) } else { (None, None) };
            let sql = "UPDATE patient SET allergies_reviewed_at = ?2, allergies_reviewed_by = ?3, \
                version = version + 1, updated_at = ?4 WHERE id = ?1";
            work.tx().execute(sql, &[id.into(), at.into(), who.into(), work.now().into()])?;
            let touch = Touch { kind: PATIENT, id, patient: Some(id), event: "allergies_reviewed" };
            work.touched(touch);
            select::one(work.tx(), &PATIENTS, id, &work.call().actor)?
                .ok_or(RecordError::NotFound(PATIENT.name))
        })
        .await?;
    Ok(common::changed(&one))
}

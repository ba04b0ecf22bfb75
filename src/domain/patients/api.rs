//! Patients over HTTP: what is theirs beside the common routes.

mod asked;
mod confidential;
mod find_routes;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::directory::Directory;
use super::{PATIENT, PATIENTS, browse, review};
use crate::platform::ledger::{Desk, RecordError, Touch, Work};
use crate::platform::resource::{Related, api as common, select, verbs};
use crate::vocab::moment;
use crate::web::conditional::{self, IdempotencyKey, IfMatch};
use crate::web::{Answer, Body, Failure, Permission, Permit, Signed};
pub use confidential::PatientsConfidential;
use find_routes::{get_matches, get_patients, get_shelf};

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

/// Mounts the routes of patients, who may bring `related` records along.
pub fn mount(config: &mut ServiceConfig, related: &'static [Related]) {
    let list = move |signed: Signed, request: HttpRequest, desk: Data<Desk>, directory| {
        get_patients(related, (signed, request), desk, directory)
    };
    let search = move |by, request: HttpRequest, desk: Data<Desk>, directory, body| {
        asked::post_search(related, (by, request), desk, directory, body)
    };
    let own = common::Own {
        list: Some(web::get().to(list)),
        create: Some(web::post().to(post_patient)),
        related,
    };
    config
        .service(
            web::resource("/api/v1/patients/matches")
                .route(web::get().to(get_matches))
                .route(web::post().to(asked::post_matches)),
        )
        .service(web::resource("/api/v1/patients/search").route(web::post().to(search)))
        .service(web::resource("/api/v1/patients/shelf").route(web::get().to(get_shelf)))
        .service(
            web::resource("/api/v1/patients/{id}/allergies-reviewed")
                .route(web::post().to(post_allergies_reviewed)),
        )
        .service(
            web::resource("/api/v1/patients/{id}/confidential")
                .route(web::post().to(confidential::post)),
        );
    common::mount_with(config, &PATIENTS, common::Offers::Amend, own);
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
    let form = verbs::read((&by.call.actor, &desk.zone()), &PATIENTS, &body)?;
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
            work.admit(id)?;
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

//! Care teams over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::access::care_team::{self, CARE_TEAM_MEMBER, Member};
use crate::access::explain;
use crate::access::reach::{CONFIDENTIAL, PATIENT, PATIENTS_READ};
use crate::access::users::USER;
use crate::platform::ledger::{Desk, RecordError, Seen};
use crate::platform::resource::api as common;
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;
use crate::vocab::problem::Findings;
use crate::web::permit::demand;
use crate::web::{Answer, Body, Failure, Signed, conditional, query};

/// What asking who may see somebody needs, as the room of the audit declares it too.
const AUDIT_READ: &str = "audit.read";
/// What amending them needs.
const PATIENTS_WRITE: &str = "patients.write";
/// Characters of a name that is looked for.
const TYPED_MAX: usize = 100;

/// Who may say who looks after a patient: whoever amends patients, and whoever looks after the
/// marks of confidentiality.
fn may_write(request: &HttpRequest, signed: &Signed) -> Result<(), Failure> {
    if signed.call.actor.may(CONFIDENTIAL) {
        return Ok(());
    }
    demand(request, &signed.call, PATIENTS_WRITE)
}

/// Mounts care teams.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/patients/{id}/care-team")
                .route(web::get().to(get_team))
                .route(web::post().to(post_member)),
        )
        .service(web::resource("/api/v1/patients/{id}/access").route(web::get().to(get_access)))
        .service(web::resource("/api/v1/care-team/people").route(web::get().to(get_people)))
        .service(web::resource("/api/v1/care-team/{id}").route(web::delete().to(delete_member)));
}

/// What somebody sees of a patient, and why. It opens nothing: whoever reads the audit may ask it
/// about anybody.
async fn get_access(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, AUDIT_READ)?;
    let patient = common::id_in_path(PATIENT, &id)?;
    let mut findings = Findings::new();
    let sent = query::once_each(&request, &["user_id"], &mut findings)?;
    let user = sent.first().and_then(|(_, id)| USER.parse(id));
    findings.check(user.is_some(), "user_id", "Send the id of a user, like usr_….");
    findings.verdict().map_err(query::bad_query)?;
    let (now, user) = (desk.now(), user.unwrap_or_default());
    let look = |tx: &ReadTx<'_>| {
        let found = explain::patient::sees(tx, (user, patient), now)?;
        let whose = found.is_some().then_some(patient);
        let detail = found.is_some().then(|| USER.show(user));
        Ok((found, Seen { kind: PATIENT.name, id: Some(patient), patient: whose, detail }))
    };
    let found =
        desk.read_ex_officio::<_, StoreError>(&signed.call, "patients.access", look).await?;
    let data = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    let answer = json!({"data": data});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(answer))
}

type Team = Option<(Option<String>, Vec<Member>)>;

fn team(tx: &ReadTx<'_>, patient: i64, now: i64) -> Result<(Team, Seen), StoreError> {
    let team = match care_team::confidential(tx, patient)? {
        Some(confidential) => Some((confidential, care_team::of(tx, patient, now)?)),
        None => None,
    };
    let whose = team.is_some().then_some(patient);
    let seen = Seen { kind: PATIENT.name, id: Some(patient), patient: whose, detail: None };
    Ok((team, seen))
}

async fn get_team(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS_READ)?;
    let patient = common::id_in_path(PATIENT, &id)?;
    query::none(&request)?;
    let (now, act) = (desk.now(), "patients.care_team");
    // Whoever looks after the marks needs to see who is in a team, and not the record.
    let found = if signed.call.actor.may(CONFIDENTIAL) {
        let look = |tx: &ReadTx<'_>| team(tx, patient, now);
        desk.read_ex_officio::<_, StoreError>(&signed.call, act, look).await?
    } else {
        let look = |tx: &crate::platform::ledger::Sight<'_>| Ok(team(tx, patient, now)?);
        desk.read::<_, _, RecordError>(&signed.call, act, look).await?
    };
    let (confidential, members) = found.ok_or(RecordError::NotFound(PATIENT.name))?;
    let data: Vec<Json> = members.iter().map(|member| shown(member, now)).collect();
    let body = json!({"data": data, "meta": {"confidential": confidential}});
    Ok(conditional::hashed(&request, body.to_string().into_bytes()))
}

fn shown(member: &Member, now: i64) -> Json {
    let time = |at: Option<i64>| at.map(|at| instant(at).to_string());
    let over = member.ended_at.is_some() || member.until_at.is_some_and(|until| until <= now);
    json!({
        "id": CARE_TEAM_MEMBER.show(member.id),
        "user": {
            "id": USER.show(member.user),
            "display_name": member.name,
            "role": member.role,
        },
        "since_at": time(Some(member.since_at)),
        "until_at": time(member.until_at),
        "added_by": member.added_by,
        "ended_at": time(member.ended_at),
        "current": !over,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    until_at: Option<String>,
}

async fn post_member(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
    Body(sent): Body<Sent>,
) -> Answer {
    may_write(&request, &signed)?;
    let patient = common::id_in_path(PATIENT, &id)?;
    let mut findings = Findings::new();
    let user = USER.parse(&sent.user_id);
    findings.check(user.is_some(), "user_id", "Send the id of a user, like usr_….");
    let until = sent.until_at.map(|text| text.parse::<Timestamp>().map(Timestamp::as_microsecond));
    let fits = until.as_ref().is_none_or(|at| at.as_ref().is_ok_and(|at| desk.now() < *at));
    findings.check(fits, "until_at", "Send an instant to come, like 2030-05-01T12:00:00Z.");
    findings.verdict().map_err(RecordError::from)?;
    let (user, until) = (user.unwrap_or_default(), until.and_then(Result::ok));
    let member = desk
        .write(&signed.call, "care_team.add", move |work| {
            let id = care_team::add(work, patient, (user, until))?;
            let all = care_team::of(work.tx(), patient, work.now())?;
            let added = all.into_iter().find(|member| member.id == id);
            added.ok_or_else(|| RecordError::NotFound(CARE_TEAM_MEMBER.name).into())
        })
        .await
        .map_err(|cause: care_team::TeamError| cause)?;
    let body = json!({"data": shown(&member, desk.now())});
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(body))
}

async fn delete_member(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    may_write(&request, &signed)?;
    let id = common::id_in_path(CARE_TEAM_MEMBER, &id)?;
    desk.write(&signed.call, "care_team.end", move |work| care_team::end(work, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Colleagues by name, so that whoever lets somebody in finds them.
async fn get_people(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    may_write(&request, &signed)?;
    let mut findings = Findings::new();
    let sent = query::once_each(&request, &["q"], &mut findings)?;
    let text = sent.into_iter().next().map(|(_, text)| text).unwrap_or_default();
    let fits = (1..=TYPED_MAX).contains(&text.trim().chars().count());
    findings.check(fits, "q", &format!("Send 1 to {TYPED_MAX} characters of a name."));
    findings.verdict().map_err(common::bad_query)?;
    let look = move |tx: &ReadTx<'_>| care_team::colleagues(tx, &text);
    let found = desk.store().read_slow(desk.screen_deadline(), look).await?;
    let data: Vec<Json> = found
        .iter()
        .map(|one| json!({"id": USER.show(one.id), "display_name": one.name, "role": one.role}))
        .collect();
    let body = json!({"data": data, "meta": {}});
    Ok(conditional::hashed(&request, body.to_string().into_bytes()))
}

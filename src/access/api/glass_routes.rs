//! Breaking the glass over HTTP, ending it, and the reviewers' list.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::access::break_glass::list::{self, LIMIT_DEFAULT, LIMIT_MAX, Line, Narrowed};
use crate::access::break_glass::{
    self, BREAK_GLASS, NOTE_MAX, REASONS, REVIEW, Review, TEXT, TOPIC, VERDICTS, Wanted,
};
use crate::access::reach::PATIENT;
use crate::access::users::USER;
use crate::platform::ledger::{Desk, RecordError, Seen};
use crate::platform::resource::api as common;
use crate::platform::resource::cursor::{Cursor, Misfit, Scope};
use crate::store::{StoreError, Value};
use crate::vocab::actor::Actor;
use crate::vocab::problem::{FieldError, Findings};
use crate::vocab::text;
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permission, Permit, Signed, conditional, query};

/// May open a record out of reach in an emergency.
#[derive(Debug)]
pub(super) struct BreakGlassUse;
impl Permission for BreakGlassUse {
    const CODE: &'static str = "break_glass.use";
}

/// May look at what others opened in an emergency.
#[derive(Debug)]
pub(super) struct BreakGlassReview;
impl Permission for BreakGlassReview {
    const CODE: &'static str = "break_glass.review";
}

/// Mounts emergencies.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/break-glass")
                .route(web::get().to(get_many))
                .route(web::post().to(post_one)),
        )
        .service(web::resource("/api/v1/break-glass/{id}").route(web::delete().to(delete_one)))
        .service(
            web::resource("/api/v1/break-glass/{id}/review").route(web::post().to(post_review)),
        );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    patient_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    text: String,
}

async fn post_one(by: Permit<BreakGlassUse>, desk: Data<Desk>, Body(sent): Body<Sent>) -> Answer {
    demand_person(&by.call)?;
    let mut findings = Findings::new();
    let patient = PATIENT.parse(&sent.patient_id);
    findings.check(patient.is_some(), "patient_id", "Send the id of a patient, like pat_….");
    let known = REASONS.contains(&sent.reason.as_str());
    findings.check(known, "reason", &format!("Allowed here: {}.", REASONS.join(", ")));
    let text = text::line(&sent.text).unwrap_or_default();
    let mend = format!("Say why in {} to {} characters.", TEXT.start(), TEXT.end());
    findings.check(TEXT.contains(&text.chars().count()), "text", &mend);
    findings.verdict().map_err(RecordError::from)?;
    let wanted = Wanted { patient: patient.unwrap_or_default(), reason: sent.reason, text };
    let broken =
        desk.write(&by.call, "break_glass.open", move |work| break_glass::open(work, &wanted));
    let broken = broken.await?;
    let own = Narrowed { id: Some(broken.id), ..Narrowed::default() };
    let now = desk.now();
    let lines =
        desk.store().read(desk.screen_deadline(), |tx| list::page(tx, &own, None, (now, 1)))?;
    let shown = lines.into_iter().next().map(|line| line.json);
    let mut answer = if broken.before { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(answer.insert_header(("cache-control", "no-store")).json(json!({"data": shown})))
}

async fn delete_one(signed: Signed, desk: Data<Desk>, id: Path<String>) -> Answer {
    let id = common::id_in_path(BREAK_GLASS, &id)?;
    let others = signed.call.actor.may(REVIEW);
    desk.write(&signed.call, "break_glass.close", move |work| break_glass::close(work, id, others))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentReview {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    note: Option<String>,
}

async fn post_review(
    by: Permit<BreakGlassReview>,
    desk: Data<Desk>,
    id: Path<String>,
    Body(sent): Body<SentReview>,
) -> Answer {
    let id = common::id_in_path(BREAK_GLASS, &id)?;
    let mut findings = Findings::new();
    let known = VERDICTS.contains(&sent.verdict.as_str());
    findings.check(known, "verdict", &format!("Allowed here: {}.", VERDICTS.join(", ")));
    let note = sent.note.as_deref().map(|note| text::lines(note).unwrap_or_default());
    let note = note.filter(|note| !note.is_empty());
    let length = note.as_deref().map_or(0, |note| note.chars().count());
    let mend = format!("Use at most {NOTE_MAX} characters.");
    findings.check(length <= NOTE_MAX, "note", &mend);
    let said = sent.verdict != VERDICTS[1] || *TEXT.start() <= length;
    let mend = format!("Say in at least {} characters what was not right.", TEXT.start());
    findings.check(said, "note", &mend);
    findings.verdict().map_err(RecordError::from)?;
    let review = Review { verdict: sent.verdict, note };
    desk.write(&by.call, "break_glass.review", move |work| break_glass::review(work, id, &review))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What is asked for.
struct Asked {
    narrowed: Narrowed,
    limit: usize,
    after: Option<(i64, i64)>,
    scope: Scope,
}

/// One's own, or for reviewers all.
async fn get_many(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    let actor = &signed.call.actor;
    let reviews = actor.may(REVIEW);
    let asked = read(&request, &desk, actor)?;
    let now = desk.now();
    let (lines, waiting) = desk
        .read_ex_officio(&signed.call, "break_glass.list", |tx| {
            let (limit, after) = (asked.limit + 1, asked.after);
            let lines = list::page(tx, &asked.narrowed, after, (now, limit))?;
            let waiting = if reviews { Some(list::waiting(tx, now)?) } else { None };
            let shown = lines.iter().take(asked.limit).map(|line| BREAK_GLASS.show(line.id));
            let detail = Some(shown.collect::<Vec<_>>().join(" "));
            let seen = Seen { kind: BREAK_GLASS.name, id: None, patient: None, detail };
            Ok::<_, StoreError>(((lines, waiting), seen))
        })
        .await?;
    let more = asked.limit < lines.len();
    let lines: Vec<Line> = lines.into_iter().take(asked.limit).collect();
    let next = match lines.last().filter(|_| more) {
        Some(Line { id, opened_at, .. }) => {
            let cursor = Cursor { id: *id, value: (*opened_at).into(), backwards: false };
            Some(cursor.seal(desk.seal()?, &asked.scope))
        }
        None => None,
    };
    let data: Vec<_> = lines.into_iter().map(|line| line.json).collect();
    let mut meta = json!({"cursor": {"next": next, "prev": null}});
    if let Some((waiting, overdue)) = waiting {
        meta["waiting"] = json!(waiting);
        meta["overdue"] = json!(overdue);
    }
    let body = json!({"data": data, "meta": meta}).to_string().into_bytes();
    Ok(conditional::hashed(&request, body))
}

const PARAMETERS: [&str; 6] = ["cursor", "limit", "open", "patient_id", "reviewed", "user_id"];

fn read(request: &HttpRequest, desk: &Desk, actor: &Actor) -> Result<Asked, Failure> {
    let mut findings = Findings::new();
    let mut sent = query::once_each(request, &PARAMETERS, &mut findings)?;
    sent.sort();
    let mut narrowed = Narrowed::default();
    let (mut limit, mut cursor) = (LIMIT_DEFAULT, None);
    for (name, value) in &sent {
        let truth = match value.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        match name.as_str() {
            "cursor" => cursor = Some(value.clone()),
            "limit" => match value.parse() {
                Ok(wanted) if (1..=LIMIT_MAX).contains(&wanted) => limit = wanted,
                _ => findings.add("limit", format!("Send a number, 1 to {LIMIT_MAX}.")),
            },
            "open" => {
                findings.check(truth == Some(true), "open", "Send true, or leave it out.");
                narrowed.open = true;
            }
            "reviewed" => {
                findings.check(truth.is_some(), "reviewed", "Send true or false.");
                narrowed.reviewed = truth;
            }
            "patient_id" => {
                narrowed.patient = PATIENT.parse(value);
                let mend = "Send the id of a patient, like pat_….";
                findings.check(narrowed.patient.is_some(), "patient_id", mend);
            }
            _ => {
                narrowed.user = USER.parse(value);
                let mend = "Send the id of a user, like usr_….";
                findings.check(narrowed.user.is_some(), "user_id", mend);
            }
        }
    }
    findings.verdict().map_err(common::bad_query)?;
    if !actor.may(REVIEW) {
        // The machine has none of its own: nobody has the number 0.
        narrowed.user = Some(actor.user_id().unwrap_or(0));
    }
    let filters: Vec<(&str, &str)> = sent
        .iter()
        .filter(|(name, _)| !["cursor", "limit"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let scope = Scope::new(TOPIC, actor, "opened_at", &filters);
    let field = |misfit: Misfit| vec![FieldError::new("cursor", misfit.mend())];
    let after = match cursor {
        Some(text) => {
            let opened = Cursor::open(&text, desk.seal()?, &scope);
            let opened = opened.map_err(field).map_err(common::bad_query)?;
            if let Value::Int(at) = opened.value { Some((at, opened.id)) } else { None }
        }
        None => None,
    };
    Ok(Asked { narrowed, limit, after, scope })
}

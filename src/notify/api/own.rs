//! How whoever asks wants to be told, and what they have seen.

use std::slice;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::access::users::USER;
use crate::notify::channel::Level;
use crate::notify::error::NotifyError;
use crate::notify::preference::{self, Preference};
use crate::notify::recipients::{self, To};
use crate::notify::resource::NOTIFICATION;
use crate::notify::{mail, raise};
use crate::platform::jobs::api::SystemRead;
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::store::{Class, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::clock::instant;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permit, query};

/// Unseen ones are counted so far.
const UNSEEN_MAX: i64 = 100;

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/users/current/notifications")
                .route(web::get().to(get_preference))
                .route(web::put().to(put_preference)),
        )
        .service(
            web::resource("/api/v1/users/current/notifications/seen")
                .route(web::post().to(post_seen)),
        )
        .service(
            web::resource("/api/v1/users/current/notifications/test")
                .route(web::post().to(post_test)),
        );
}

/// The account of whoever asks; programs have none.
fn person(call: &Call) -> Result<i64, Failure> {
    demand_person(call)?;
    call.actor.user_id().ok_or_else(|| {
        let detail = "Only somebody with an account is told. Sign in with a name and a password.";
        Failure::new("access.person_only", ProblemKind::NotAllowed, detail)
    })
}

async fn get_preference(by: Permit<SystemRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    show(&request, &desk, person(&by.call)?)
}

fn show(request: &HttpRequest, desk: &Desk, user: i64) -> Answer {
    let (said, unseen, is_set) = desk.store().read(desk.screen_deadline(), |tx| {
        let said = preference::of(tx, user)?;
        let unseen = preference::unseen(tx, said.seen_at, UNSEEN_MAX)?;
        let is_set = mail::KEPT.find(tx)?.is_some_and(|kept| kept.settings.enabled);
        Ok::<_, StoreError>((said, unseen, is_set))
    })?;
    let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let version = said.version;
    let body = json!({"data": {
        "email": said.email,
        "level": said.level,
        "quiet_from": said.quiet.map(|quiet| time(quiet.0)),
        "quiet_until": said.quiet.map(|quiet| time(quiet.1)),
        "language": said.language,
        "digest": said.digest,
        "seen_at": instant(said.seen_at).to_string(),
        "unseen": unseen,
        "mail_is_set": is_set,
        "version": version,
    }});
    Ok(conditional::versioned_with(request, version, body.to_string().into_bytes()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    email: Option<String>,
    level: Level,
    #[serde(default)]
    quiet_from: Option<String>,
    #[serde(default)]
    quiet_until: Option<String>,
    language: String,
    digest: String,
}

/// Minutes of the day; nothing if `text` is no time of it.
fn minutes(text: &str) -> Option<i64> {
    let time: jiff::civil::Time = Some(text).filter(|text| text.len() == 5)?.parse().ok()?;
    Some(i64::from(time.hour()) * 60 + i64::from(time.minute()))
}

async fn put_preference(
    by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    let user = person(&by.call)?;
    let mut findings = Findings::new();
    let mut time = |field: &str, text: Option<&str>| {
        let read = text.filter(|text| !text.is_empty()).map(minutes);
        let mend = "Write a time of the day such as 22:00.";
        findings.check(read != Some(None), field, mend);
        read.flatten()
    };
    let from = time("quiet_from", sent.quiet_from.as_deref());
    let until = time("quiet_until", sent.quiet_until.as_deref());
    let mend = "Say both when the quiet begins and when it ends, or neither.";
    findings.check(from.is_some() == until.is_some(), "quiet_until", mend);
    let Sent { email, level, language, digest, .. } = sent;
    let quiet = from.zip(until);
    let mut said = Preference { email, level, quiet, language, digest, ..Preference::default() };
    said.check(&mut findings);
    findings.verdict().map_err(RecordError::from)?;
    desk.write(&by.call, "notification_preference.amend", move |work| {
        if preference::of(work.tx(), user)?.version != version {
            return Err(RecordError::Stale("notification_preference"));
        }
        preference::save(work.tx(), user, &said, work.now())?;
        work.touched(Touch { kind: USER, id: user, patient: None, event: "preferred" });
        Ok(())
    })
    .await?;
    show(&request, &desk, user)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// When the newest that was seen was told.
    until: String,
}

/// What a person has looked at is nobody else's business, so that it is not in the audit.
async fn post_seen(
    by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    Body(Seen { until }): Body<Seen>,
) -> Answer {
    let user = person(&by.call)?;
    let until: Timestamp = until.parse().map_err(|_| {
        let mend = "Send the instant of the newest that was seen, such as 2026-11-27T08:00:00Z.";
        RecordError::field("until", mend)
    })?;
    let (until, now) = (until.as_microsecond(), desk.now());
    let saw = desk.store().write(Class::People, move |tx| preference::saw(tx, user, until, now));
    saw.await?;
    show(&request, &desk, user)
}

/// Sends whoever asks a message by the way that every other one takes.
async fn post_test(by: Permit<SystemRead>, desk: Data<Desk>) -> Answer {
    let user = person(&by.call)?;
    let recipient = desk.store().read(desk.screen_deadline(), |tx| {
        let is_set = mail::KEPT.find(tx)?.is_some_and(|kept| kept.settings.enabled);
        let found = recipients::find(tx, &To::Person(user))?;
        Ok::<_, StoreError>(found.filter(|_| is_set))
    })?;
    let unset = "Mail is not set up, or you have not said where yours goes";
    let recipient = recipient.ok_or_else(|| NotifyError::Settings(unset.to_owned()))?;
    let teller = desk.get_ref().clone();
    let id = desk
        .write(&by.call, "notification.test", move |work| {
            let id =
                raise::test(work.tx(), &teller, (&recipient.name, slice::from_ref(&recipient)))?;
            work.touched(Touch { kind: NOTIFICATION, id, patient: None, event: "tested" });
            Ok::<_, RecordError>(id)
        })
        .await?;
    Ok(HttpResponse::Accepted().json(json!({"data": {"id": NOTIFICATION.show(id)}})))
}

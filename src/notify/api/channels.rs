//! The channels of the house.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::touch;
use crate::access::api::{Access, confirm_or_fresh};
use crate::access::error::AccessError;
use crate::access::hospital;
use crate::notify::channel::{
    self, CHANNELS_MAX, Channel, Channels, KEPT, Level, NAME_MAX, Sort, URL_MAX, Way, Ways,
};
use crate::notify::error::NotifyError;
use crate::notify::message::{Line, Message};
use crate::notify::over;
use crate::notify::recipients::To;
use crate::notify::words::LANGUAGES;
use crate::platform::jobs::api::{SystemRead, SystemWrite};
use crate::platform::ledger::{Desk, RecordError};
use crate::store::{Class, StoreError};
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permit, query};

/// Of channels, in audit rows.
const CHANNELS: i64 = 2;

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/notification-channels")
                .route(web::get().to(get_channels))
                .route(web::put().to(put_channels)),
        )
        .service(
            web::resource("/api/v1/notification-channels/test").route(web::post().to(post_test)),
        );
}

async fn get_channels(_by: Permit<SystemRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    show(&request, &desk, &[])
}

/// `made` are secrets to sign with that are shown once.
fn show(request: &HttpRequest, desk: &Desk, made: &[(String, String)]) -> Answer {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let version = kept.as_ref().map_or(0, |kept| kept.version);
    let channels = kept.map(|kept| kept.settings.channels).unwrap_or_default();
    let channels: Vec<Json> = channels
        .iter()
        .map(|channel| {
            let mut shown = serde_json::to_value(channel).unwrap_or(Json::Null);
            let secret = made.iter().find(|one| one.0 == channel.key).map(|one| &one.1);
            shown["signing_secret"] = json!(secret);
            shown
        })
        .collect();
    let body = json!({"data": {"channels": channels, "version": version}});
    Ok(conditional::versioned_with(request, version, body.to_string().into_bytes()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    /// None for a new one.
    #[serde(default)]
    key: Option<String>,
    name: String,
    sort: Sort,
    level: Level,
    language: String,
    /// None to keep what is kept.
    #[serde(default)]
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    channels: Vec<Typed>,
    #[serde(default)]
    current_password: Option<String>,
}

/// What was typed, as it is kept: channels, where they lead, and new secrets with their keys.
struct Wanted {
    channels: Channels,
    ways: Ways,
    made: Vec<(String, String)>,
}

async fn put_channels(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    demand_person(&by.call)?;
    let Sent { channels, current_password } = sent;
    let wanted = wanted(channels, &ways(&desk, &access)?, &desk)?;
    if by.call.actor.user_id().is_some() {
        let asked = (current_password, "notification_channels.amend");
        confirm_or_fresh(&request, &desk, &access, &by.call, asked).await?;
    }
    let Wanted { channels, ways, made } = wanted;
    let plain = serde_json::to_string(&ways).unwrap_or_default();
    let sealed = KEPT.seal(&access.secrets, &plain)?;
    let teller = desk.get_ref().clone();
    desk.write(&by.call, "notification_channels.amend", move |work| {
        if KEPT.find(work.tx())?.map_or(0, |kept| kept.version) != version {
            return Err(RecordError::Stale("notification_channels"));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        let before = KEPT.find(work.tx())?.map(|kept| kept.settings).unwrap_or_default();
        KEPT.save(work.tx(), &channels, Some(&sealed), work.now().max(version + 1))?;
        let stays = |key: &str| channels.channels.iter().any(|one| one.key == key);
        for gone in before.channels.iter().filter(|one| !stays(&one.key)) {
            over(work.tx(), &teller, &To::Channel(gone.key.clone()).way())?;
        }
        work.touched(touch(CHANNELS, "amended"));
        Ok(())
    })
    .await?;
    show(&request, &desk, &made)
}

/// Where the channels lead that are kept.
fn ways(desk: &Desk, access: &Access) -> Result<Ways, Failure> {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let Some(kept) = kept else { return Ok(Ways::new()) };
    let plain = kept.secret(&access.secrets).map_err(NotifyError::Settings)?;
    Ok(serde_json::from_str(&plain).unwrap_or_default())
}

fn wanted(typed: Vec<Typed>, kept: &Ways, desk: &Desk) -> Result<Wanted, Failure> {
    let mut findings = Findings::new();
    let mend = format!("There can be {CHANNELS_MAX} channels.");
    findings.check(typed.len() <= CHANNELS_MAX, "channels", &mend);
    let mut wanted = Wanted { channels: Channels::default(), ways: Ways::new(), made: Vec::new() };
    for (at, typed) in typed.into_iter().take(CHANNELS_MAX).enumerate() {
        let field = |name: &str| format!("channels[{at}].{name}");
        let name = typed.name.trim().to_owned();
        let fits = (1..=NAME_MAX).contains(&name.chars().count())
            && !name.chars().any(|letter| letter.is_control() || is_turning(letter));
        findings.check(fits, &field("name"), &format!("Write 1 to {NAME_MAX} characters."));
        let mend = format!("Send one of {}.", LANGUAGES.join(", "));
        let known = LANGUAGES.contains(&typed.language.as_str());
        findings.check(known, &field("language"), &mend);
        let before = typed.key.as_ref().and_then(|key| kept.get(key));
        let is_known = typed.key.is_none() || before.is_some();
        findings.check(is_known, &field("key"), "There is no such channel; leave the key out.");
        let is_twice = typed.key.as_ref().is_some_and(|key| wanted.ways.contains_key(key));
        findings.check(!is_twice, &field("key"), "This channel stands here twice.");
        let url = typed.url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        let url = url.or_else(|| before.map(|before| before.url.clone())).unwrap_or_default();
        let Some(host) = channel::host_of(&url, typed.sort) else {
            let mend = format!(
                "Paste the address of the other end: it begins with https:// and has at most \
                 {URL_MAX} characters."
            );
            findings.add(field("url"), mend);
            continue;
        };
        let key = typed.key.unwrap_or_else(|| format!("{:x}", desk.ids().next()));
        let signing_secret = match (typed.sort, before.and_then(|it| it.signing_secret.clone())) {
            (Sort::Webhook, Some(secret)) => Some(secret),
            (Sort::Webhook, None) => {
                let failed = |cause: getrandom::Error| AccessError::Randomness(cause.to_string());
                let secret = channel::new_secret().map_err(failed)?;
                wanted.made.push((key.clone(), secret.clone()));
                Some(secret)
            }
            _ => None,
        };
        wanted.ways.insert(key.clone(), Way { url, signing_secret });
        let Typed { sort, level, language, .. } = typed;
        wanted.channels.channels.push(Channel { key, name, sort, level, language, host });
    }
    findings.verdict().map_err(RecordError::from)?;
    Ok(wanted)
}

/// Whether it turns the way in which others are written round, so that a name looks like another.
fn is_turning(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    key: String,
}

/// Sends a message now, as it is set, and says what came of it.
async fn post_test(
    by: Permit<SystemWrite>,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(Test { key }): Body<Test>,
) -> Answer {
    demand_person(&by.call)?;
    let (kept, house) = desk.store().read(desk.screen_deadline(), |tx| {
        Ok::<_, StoreError>((KEPT.find(tx)?, hospital::find(tx)?))
    })?;
    let channels = kept.map(|kept| kept.settings.channels).unwrap_or_default();
    let unknown = || RecordError::field("key", "There is no such channel.");
    let channel = channels.into_iter().find(|channel| channel.key == key).ok_or_else(unknown)?;
    let way = ways(&desk, &access)?.remove(&key).ok_or_else(unknown)?;
    let tested = key.clone();
    desk.write(&by.call, "notification_channels.test", |work| {
        work.touched(touch(CHANNELS, "tested"));
        Ok::<_, RecordError>(())
    })
    .await?;
    let (now, zone, id) = (desk.now(), desk.zone(), desk.ids().next());
    let hospital = house.map(|house| house.name).unwrap_or_default();
    let sent = web::block(move || {
        let lines = [Line::test(&channel.name, now)];
        let language = &channel.language;
        let message = Message { hospital: &hospital, language, zone: &zone, lines: &lines };
        let key = format!("healthflow-test-{id}");
        channel::send((channel.sort, &way), &message, (&key, now))
    });
    sent.await.map_err(|_| RecordError::from(StoreError::Closed))??;
    let (teller, way) = (desk.get_ref().clone(), To::Channel(tested).way());
    desk.store().write(Class::People, move |tx| over(tx, &teller, &way)).await?;
    Ok(HttpResponse::Ok().json(json!({"data": {"sent": true}})))
}

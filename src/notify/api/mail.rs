//! How mail goes out.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::touch;
use crate::access::api::{Access, confirm_or_fresh};
use crate::access::directory::settings::PASSWORD_MAX;
use crate::access::hospital;
use crate::notify::error::NotifyError;
use crate::notify::mail::{self, KEPT, Letter, Settings};
use crate::notify::message::subject;
use crate::notify::over;
use crate::notify::recipients::MAIL_WAY;
use crate::notify::ways::password;
use crate::notify::words::{LANGUAGES, say};
use crate::platform::jobs::api::{SystemRead, SystemWrite};
use crate::platform::ledger::{Desk, RecordError};
use crate::store::{Class, StoreError};
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Permit, query};

/// Of mail, in audit rows.
const MAIL: i64 = 1;

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/mail")
                .route(web::get().to(get_settings))
                .route(web::put().to(put_settings)),
        )
        .service(web::resource("/api/v1/mail/test").route(web::post().to(post_test)));
}

async fn get_settings(_by: Permit<SystemRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    show(&request, &desk)
}

fn show(request: &HttpRequest, desk: &Desk) -> Answer {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let version = kept.as_ref().map_or(0, |kept| kept.version);
    let has_password = kept.as_ref().is_some_and(|kept| kept.has_secret());
    let fresh = || Settings { port: 587, ..Settings::default() };
    let settings = kept.map_or_else(fresh, |kept| kept.settings);
    let mut data = serde_json::to_value(settings).unwrap_or(Json::Null);
    data["has_password"] = json!(has_password);
    data["version"] = json!(version);
    let body = json!({"data": data}).to_string().into_bytes();
    Ok(conditional::versioned_with(request, version, body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    settings: Settings,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    current_password: Option<String>,
}

/// Whoever says where messages go says their password once more: what is wrong in the house would
/// be told to somebody else, and not to those who look after it.
async fn put_settings(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    demand_person(&by.call)?;
    let Sent { mut settings, password, current_password } = sent;
    let mut findings = Findings::new();
    settings.check(&mut findings);
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    if settings.username.is_some() {
        let (is_there, mend) = match &password {
            Some(text) => ((1..=PASSWORD_MAX).contains(&text.len()), "Type the password."),
            None => {
                let held = kept.filter(|kept| kept.has_secret());
                let mend = "Type the password again: it is kept for the server, the account and \
                     the authority that it was typed for.";
                (held.is_some_and(|kept| settings.keeps_password_of(&kept.settings)), mend)
            }
        };
        findings.check(is_there, "password", mend);
    }
    findings.verdict().map_err(RecordError::from)?;
    if by.call.actor.user_id().is_some() {
        let asked = (current_password, "mail.amend");
        confirm_or_fresh(&request, &desk, &access, &by.call, asked).await?;
    }
    let sealed = password.map(|password| KEPT.seal(&access.secrets, &password)).transpose()?;
    let teller = desk.get_ref().clone();
    desk.write(&by.call, "mail.amend", move |work| {
        if KEPT.find(work.tx())?.map_or(0, |kept| kept.version) != version {
            return Err(RecordError::Stale("mail"));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        KEPT.save(work.tx(), &settings, sealed.as_deref(), work.now().max(version + 1))?;
        if !settings.enabled {
            over(work.tx(), &teller, MAIL_WAY)?;
        }
        work.touched(touch(MAIL, "amended"));
        Ok(())
    })
    .await?;
    show(&request, &desk)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    to: String,
    #[serde(default)]
    language: Option<String>,
}

/// Sends a letter now, as it is set, and says what came of it.
async fn post_test(
    by: Permit<SystemWrite>,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(sent): Body<Test>,
) -> Answer {
    demand_person(&by.call)?;
    let Test { to, language } = sent;
    let mut findings = Findings::new();
    let mend = "Write an address such as ama@hospital.example.";
    findings.check(mail::is_address(&to), "to", mend);
    findings.verdict().map_err(RecordError::from)?;
    let (kept, house) = desk.store().read(desk.screen_deadline(), |tx| {
        Ok::<_, StoreError>((KEPT.find(tx)?, hospital::find(tx)?))
    })?;
    let unset = || NotifyError::Settings("Mail is not set up yet".to_owned());
    let kept = kept.filter(|kept| kept.settings.enabled).ok_or_else(unset)?;
    let password = password(&kept, &access.secrets)?;
    desk.write(&by.call, "mail.test", |work| {
        work.touched(touch(MAIL, "tested"));
        Ok::<_, RecordError>(())
    })
    .await?;
    let language = language.unwrap_or_else(|| LANGUAGES[0].to_owned());
    let key = format!("healthflow-test-{}", desk.ids().next());
    let hospital = house.map(|house| house.name).unwrap_or_default();
    let sent = web::block(move || {
        let facts = Map::from_iter([("hospital".to_owned(), json!(hospital))]);
        let title = say(&language, "notify.test_title", &facts);
        let subject = subject(&hospital, &title);
        let text = say(&language, "notify.test_text", &facts);
        let letter = Letter { to: &to, key: &key, subject: &subject, text };
        mail::send(&kept.settings, password, letter)
    });
    sent.await.map_err(|_| RecordError::from(StoreError::Closed))??;
    let teller = desk.get_ref().clone();
    desk.store().write(Class::People, move |tx| over(tx, &teller, MAIL_WAY)).await?;
    Ok(HttpResponse::Ok().json(json!({"data": {"sent": true}})))
}

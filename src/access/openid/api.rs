//! The OpenID provider over HTTP: its settings, trying them out, and signing in with it.

use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::link::Refused;
use super::pending::LASTS;
use super::provider::{Provider, Trouble};
use super::settings::{KEPT, SECRET_MAX, Settings};
use crate::access::api::{
    Access, Comer, Place, SettingsWrite, UsersWrite, admit_as, called_by, cookies, network_of,
    open, signed_in_guest,
};
use crate::access::connections::Kept;
use crate::access::directory::api::check_mapping;
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::sessions::Opened;
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::id::Kind;
use crate::vocab::problem::{Explain, Findings};
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::{demand, demand_person};
use crate::web::{Answer, Body, Failure, Permission, Permit, hosts, query, site};

/// The provider in audit rows; there is one.
const OPENID: Kind = Kind::new("openid", "oid");
const THE_ONE: i64 = 1;
/// Where the way to the provider begins.
const BEGINS_AT: &str = "/api/v1/sessions/openid";
/// Where people end, with a word of how it went that is in no address that a server sees.
const SIGN_IN_PAGE: &str = "/sign-in#openid=";

/// Mounts the settings of the provider, and signing in with it.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/openid")
                .route(web::get().to(get_settings))
                .route(web::put().to(put_settings)),
        )
        .service(web::resource("/api/v1/openid/test").route(web::post().to(post_test)))
        .service(web::resource("/api/v1/sessions/ways").route(web::get().to(get_ways)))
        .service(web::resource("/api/v1/sessions/openid").route(web::get().to(get_begin)))
        .service(
            web::resource("/api/v1/sessions/openid/callback").route(web::get().to(get_callback)),
        );
}

/// In which ways people sign in, for the page where they do.
async fn get_ways(request: HttpRequest, access: Data<Access>) -> Answer {
    query::none(&request)?;
    let openid = access.openid.current();
    let openid = openid.map(|ready| json!({"name": ready.settings.name}));
    let body = json!({"data": {"directory": access.directory.is_on(), "openid": openid}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// Sends the browser to the provider, first to the address to which the provider sends it back:
/// only there what the browser keeps comes along again.
async fn get_begin(request: HttpRequest, desk: Data<Desk>, access: Data<Access>) -> Answer {
    let mut findings = Findings::new();
    let sent = query::once_each(&request, &["here"], &mut findings)?;
    let here = sent.first().map(|(_, value)| value.as_str());
    findings.check(here.is_none_or(|it| it == "true"), "here", "Send true or leave it out.");
    findings.verdict().map_err(query::bad_query)?;
    let own = access.openid.current().map(|ready| ready.settings.own_url.clone());
    // Once only: a proxy may pass on another host than the browser's.
    if let Some(own) = own.filter(|own| here.is_none() && !site::is_at(&request, own)) {
        return Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{own}{BEGINS_AT}?here=true")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish());
    }
    let guest = Guest { network: network_of(&request), usual: false };
    Ok(match access.openid.begin(guest, desk.now()).await {
        Ok((door, kept)) => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, door))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .cookie(site::way_back_cookie(&request, Some((kept, LASTS))))
            .finish(),
        Err(refused) => ends(&request, told(&refused), None),
    })
}

/// Whoever comes back from the provider.
async fn get_callback(request: HttpRequest, desk: Data<Desk>, access: Data<Access>) -> Answer {
    let somebody = called_by(Actor::nobody(), &request);
    let place = Place::of_browser(&request)?;
    let come = come_back(&request, &desk, &access, (&somebody, &place)).await;
    Ok(match come {
        Ok(opened) => ends(&request, "done", Some((&opened, &place))),
        Err(refused) => {
            let word = told(&refused);
            // Who has not begun here has tried nothing; anybody could fill the audit with it.
            if !matches!(refused, Refused::Off | Refused::Over) {
                let how = format!("sessions.openid.{word}");
                desk.note_failed_sign_in(&somebody, None, &how).await;
            }
            ends(&request, word, None)
        }
    })
}

async fn come_back(
    request: &HttpRequest,
    desk: &Desk,
    access: &Access,
    (somebody, place): (&Call, &Place),
) -> Result<Opened, Refused> {
    let sent = query::parameters(request).map_err(|_| Refused::Over)?;
    // Twice the same is as good as none: nobody says which of them is meant.
    let one = |name: &str| {
        let mut found = sent.iter().filter(|(known, _)| known == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.clone())
    };
    let kept = site::way_back_in_cookie(request);
    let (Some(kept), Some(state)) = (kept, one("state")) else { return Err(Refused::Over) };
    let issuer = access.openid.current().map(|ready| ready.settings.issuer.clone());
    // RFC 9207: an answer of another provider that was slipped in.
    let mixed = one("iss").is_some_and(|said| Some(said) != issuer);
    let (Some(code), false, false) = (one("code"), mixed, one("error").is_some()) else {
        if !access.openid.gives_up(&kept, &state, desk.now()) {
            return Err(Refused::Over);
        }
        let why = if mixed { "another provider answered" } else { "it refused the person" };
        return Err(Refused::Provider(Trouble::NoProof(why.to_owned())));
    };
    let guest = Guest { network: network_of(request), usual: false };
    let (comer, factor) = access.openid.end(guest, (kept, state, code), desk.now()).await?;
    let come = Comer::from(admit_as(desk, somebody, comer).await?);
    Ok(open(request, desk, access, (come, place), move |_, _| Ok(factor)).await?)
}

/// The word for the page of how it went; what it is in detail is in the log.
fn told(refused: &Refused) -> &'static str {
    match refused {
        Refused::Off => "off",
        Refused::Over => "over",
        Refused::Provider(trouble) => {
            tracing::warn!("Nobody was signed in: {trouble}");
            match trouble {
                Trouble::Silent(_) => "silent",
                Trouble::UnknownKey | Trouble::NoProof(_) => "failed",
            }
        }
        Refused::NoGroup => "no_group",
        Refused::Here(cause) => {
            tracing::warn!(code = cause.code(), "Nobody was signed in: {cause}");
            match cause {
                AccessError::WrongCredentials => "disabled",
                AccessError::NameTaken => "name_taken",
                AccessError::AccountUnfit => "account_unfit",
                AccessError::SecondFactorElsewhere => "second_factor",
                AccessError::ErrandsBusy => "busy",
                _ => "failed",
            }
        }
    }
}

/// Sends the browser to the page where people sign in; what it kept is used up.
fn ends(request: &HttpRequest, word: &str, opened: Option<(&Opened, &Place)>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer
        .insert_header((header::LOCATION, format!("{SIGN_IN_PAGE}{word}")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .cookie(site::way_back_cookie(request, None));
    if let Some((opened, place)) = opened {
        for cookie in cookies(request, opened, place) {
            answer.cookie(cookie);
        }
    }
    answer.finish()
}

async fn get_settings(
    _by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
) -> Answer {
    query::none(&request)?;
    show(&request, &desk, &access)
}

fn show(request: &HttpRequest, desk: &Desk, access: &Access) -> Answer {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let version = kept.as_ref().map_or(0, |kept| kept.version);
    let has_secret = kept.as_ref().is_some_and(Kept::has_secret);
    let settings = kept.map(|kept| kept.settings).unwrap_or_default();
    let mut data = serde_json::to_value(settings).unwrap_or(Json::Null);
    data["has_secret"] = json!(has_secret);
    data["version"] = json!(version);
    data["trouble"] = json!(access.openid.trouble());
    let body = json!({"data": data}).to_string().into_bytes();
    Ok(conditional::versioned_with(request, version, body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    client_secret: Option<String>,
    settings: Settings,
}

async fn put_settings(
    by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    // The rules give roles to people.
    demand(&request, &by.call, UsersWrite::CODE)?;
    demand_person(&by.call)?;
    let Sent { client_secret, settings } = checked(&request, (&desk, &by.call.actor), sent)?;
    let secrets = access.openid.secrets();
    let sealed = client_secret.map(|secret| KEPT.seal(secrets, &secret)).transpose()?;
    desk.write(&by.call, "openid.amend", move |work| {
        if KEPT.find(work.tx())?.map_or(0, |kept| kept.version) != version {
            return Err(RecordError::Stale("openid"));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        KEPT.save(work.tx(), &settings, sealed.as_deref(), work.now().max(version + 1))?;
        work.touched(Touch { kind: OPENID, id: THE_ONE, patient: None, event: "amended" });
        Ok(())
    })
    .await?;
    access.openid.set_as_kept(&desk)?;
    show(&request, &desk, &access)
}

/// What was `sent`, unless something in it is wrong or a secret would be said to somebody it was
/// not typed for.
fn checked(
    request: &HttpRequest,
    (desk, actor): (&Desk, &Actor),
    sent: Sent,
) -> Result<Sent, Failure> {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let Sent { client_secret, mut settings } = sent;
    let mut findings = Findings::new();
    settings.check(&mut findings);
    let mend = "This server does not know itself by this name, and would refuse whoever comes \
         back. Add it to the setting host_names, start the server again, then set this.";
    findings.check(hosts::knows_host_of(request, &settings.own_url), "own_url", mend);
    check_mapping(desk, actor, &settings.mapping, &mut findings)?;
    match client_secret.as_deref() {
        Some(text) => {
            let fits = (1..=SECRET_MAX).contains(&text.len());
            findings.check(fits, "client_secret", "Type the client secret.");
        }
        None => {
            let held = kept.as_ref().filter(|kept| kept.has_secret());
            let same = held.is_some_and(|kept| settings.keeps_secret_of(&kept.settings));
            let mend = "Type the client secret again: it is kept for the provider, the client id \
                 and the authority that it was typed for.";
            findings.check(same, "client_secret", mend);
        }
    }
    findings.verdict().map_err(RecordError::from)?;
    Ok(Sent { client_secret, settings })
}

/// Tries settings out: whether the provider describes itself and shows its keys. Whether it
/// knows the secret shows only when somebody signs in.
async fn post_test(
    by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    Body(sent): Body<Sent>,
    access: Data<Access>,
) -> Answer {
    let settings = checked(&request, (&desk, &by.call.actor), sent)?.settings;
    desk.write(&by.call, "openid.test", |work| {
        work.touched(Touch { kind: OPENID, id: THE_ONE, patient: None, event: "tested" });
        Ok::<_, RecordError>(())
    })
    .await?;
    let job = move |_: &tokio::runtime::Runtime| Provider::discover(&settings, "").err();
    let trouble = access.openid.errands().run(signed_in_guest(&request), job).await?;
    let detail = trouble.as_ref().map_or_else(
        || "The provider describes itself and shows its keys.".to_owned(),
        ToString::to_string,
    );
    let body = json!({"data": {"works": trouble.is_none(), "detail": detail}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

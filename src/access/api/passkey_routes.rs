//! Passkeys over HTTP: signing in with one, and one's own.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::place::Place;
use super::sign_in::{self, Comer};
use super::step_up::{self, Confirmed, Current};
use super::{Access, called_by, elsewhere, network_of};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::passkeys::{self, NAME_MAX, PASSKEY, Shown, Site};
use crate::access::recovery;
use crate::access::second_factor;
use crate::access::sessions::{self, Factor};
use crate::access::users;
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::api::id_in_path;
use crate::store::StoreError;
use crate::vocab::actor::Actor;
use crate::vocab::text;
use crate::web::{Answer, Body, Held, Signed, Small};

/// What tries with a passkey that nobody has are counted under; no account is called so.
const NOBODY: &str = "(a passkey)";

/// Mounts passkeys.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/sessions/passkey/options").route(web::post().to(post_using)),
        )
        .service(web::resource("/api/v1/sessions/passkey").route(web::post().to(post_used)))
        .service(
            web::resource("/api/v1/users/current/passkeys/options")
                .route(web::post().to(post_making)),
        )
        .service(web::resource("/api/v1/users/current/passkeys").route(web::post().to(post_made)))
        .service(
            web::resource("/api/v1/users/current/passkeys/{id}/rename")
                .route(web::post().to(post_rename)),
        )
        .service(
            web::resource("/api/v1/users/current/passkeys/{id}/remove")
                .route(web::post().to(post_remove)),
        );
}

/// The name under which the hospital is asked.
///
/// # Errors
/// [`AccessError::NoSiteName`] for a bare address.
pub(super) fn site(request: &HttpRequest) -> Result<Site, AccessError> {
    let header = request.headers().get("host").and_then(|host| host.to_str().ok());
    let host = header.or_else(|| request.uri().authority().map(|host| host.as_str()));
    host.and_then(Site::of_host).ok_or(AccessError::NoSiteName)
}

async fn post_using(request: HttpRequest, desk: Data<Desk>, access: Data<Access>) -> Answer {
    let (using, options) = passkeys::begin_using(site(&request)?)?;
    let token = access.begun.using.begin(using, network_of(&request), desk.now())?;
    Ok(begun(&token, &options))
}

/// What the browser needs to go on.
fn begun(token: &str, options: &Json) -> HttpResponse {
    let body = json!({"data": {"ceremony": token, "options": options}});
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    ceremony: String,
    credential: Json,
}

async fn post_used(
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Used>,
) -> Answer {
    let shown = Shown::read(&body.credential)?;
    let network = network_of(&request);
    let found = desk.store().read(desk.screen_deadline(), |tx| {
        let Some(kept) = passkeys::find(tx, &shown)? else { return Ok(None) };
        let usual = sessions::is_usual(tx, kept.user_id, network)?;
        let user = users::find_by_name(tx, &kept.username)?;
        Ok::<_, StoreError>(user.map(|user| (kept, user, usual)))
    })?;
    let usual = found.as_ref().is_some_and(|(_, _, usual)| *usual);
    let name = found.as_ref().map_or(NOBODY, |(_, user, _)| elsewhere::counted(user)).to_owned();
    let guest = Guest { network, usual };
    let account = found.as_ref().map(|(kept, ..)| kept.user_id);
    let tried = match access.slowing.enter(&name, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            let somebody = called_by(Actor::nobody(), &request);
            return Err(step_up::told_to_wait(&desk, &somebody, account, slowed).await.into());
        }
    };
    let using = access.begun.using.take(&body.ceremony, desk.now());
    let using = using.ok_or(AccessError::ChallengeOver)?.item;
    let right = found.and_then(|(kept, user, _)| {
        let changing = passkeys::end_using(using, &shown, &kept)?;
        Some((kept, user, changing))
    });
    let Some((kept, user, changing)) = right else {
        tried.failed(desk.now());
        let somebody = called_by(Actor::nobody(), &request);
        desk.note_failed_sign_in(&somebody, account, "sessions.passkey").await;
        return Err(AccessError::WrongPasskey.into());
    };
    let somebody = called_by(Actor::nobody(), &request);
    let still = elsewhere::still_there(&desk, &access, &somebody, (guest, &user)).await;
    if let Err(AccessError::WrongCredentials | AccessError::NoGroup) = &still {
        desk.note_failed_sign_in(&somebody, account, "sessions.passkey").await;
    }
    still?;
    tried.succeeded();
    let place = Place::of(&request)?;
    let come = Comer::from(user);
    let opened = sign_in::open(&request, &desk, &access, (come, &place), move |work, _| {
        passkeys::note_use(work, &kept, &changing)?;
        Ok(Factor::Passkey)
    })
    .await?;
    sign_in::signed_in(&request, &desk, &opened, &place)
}

async fn post_making(
    held: Held,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Current>,
) -> Answer {
    let held = held.with_own_password()?;
    let site = site(&request)?;
    let current = (body.current_password, "users.own_passkey_add");
    let confirmed = step_up::confirm(&request, &desk, &access, &held.call, current).await?;
    let user = confirmed.user;
    let (making, options) = desk.store().read(desk.screen_deadline(), |tx| {
        let of = (user.id, user.username.as_str(), held.call.actor.name());
        passkeys::begin_making(tx, site, of)
    })?;
    let token = access.begun.making.begin(making, network_of(&request), desk.now())?;
    Ok(begun(&token, &options))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    ceremony: String,
    name: String,
    credential: Json,
}

async fn post_made(
    held: Held,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(body): Body<Made>,
) -> Answer {
    let held = held.with_own_password()?;
    let id = step_up::own_person(&held.call)?;
    let name = name(&body.name)?;
    let making = access.begun.making.take(&body.ceremony, desk.now());
    let making = making.map(|taken| taken.item).filter(|making| making.user_id == id);
    let made = passkeys::end_making(making.ok_or(AccessError::ChallengeOver)?, &body.credential)?;
    let (session, codes) = (held.call.actor.session(), recovery::new_codes()?);
    let kept = codes.clone();
    let (passkey, first) = desk
        .write(&held.call, "users.own_passkey_add", move |work| {
            let first = !second_factor::enrolled(work.tx(), id)?.any();
            let passkey = passkeys::keep(work, id, &name, &made, session)?;
            if first {
                second_factor::set_recovery_codes(work, id, &kept)?;
            }
            Ok::<_, AccessError>((passkey, first))
        })
        .await?;
    let codes = if first { codes } else { Vec::new() };
    let body = json!({"data": {"id": PASSKEY.show(passkey), "recovery_codes": codes}});
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(body))
}

fn name(typed: &str) -> Result<String, RecordError> {
    let name = text::line(typed).unwrap_or_default();
    if (1..=NAME_MAX).contains(&name.chars().count()) {
        return Ok(name);
    }
    let mend = format!("Give it a name, at most {NAME_MAX} characters.");
    Err(RecordError::field("name", mend))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

async fn post_rename(
    signed: Signed,
    desk: Data<Desk>,
    id: Path<String>,
    Small(body): Small<Name>,
) -> Answer {
    let (id, user) = (id_in_path(PASSKEY, &id)?, step_up::own_person(&signed.call)?);
    let name = name(&body.name)?;
    desk.write(&signed.call, "users.own_passkey_rename", move |work| {
        passkeys::rename(work, user, id, &name)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn post_remove(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    id: Path<String>,
    Small(body): Small<Current>,
) -> Answer {
    let id = id_in_path(PASSKEY, &id)?;
    let current = (body.current_password, "users.own_passkey_remove");
    let confirmed = step_up::confirm(&request, &desk, &access, &signed.call, current).await?;
    let Confirmed { user, is_long, .. } = confirmed;
    let session = signed.call.actor.session();
    desk.write(&signed.call, "users.own_passkey_remove", move |work| {
        step_up::still(work, &user)?;
        passkeys::remove(work, user.id, id, session)?;
        second_factor::demand_beside(work.tx(), user.id, !is_long)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

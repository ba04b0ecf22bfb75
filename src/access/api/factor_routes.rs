//! One's own second factor over HTTP: what is set up, codes of an app, recovery codes.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::step_up::{self, Confirmed, Current};
use super::{Access, network_of, passkey_routes};
use crate::access::error::AccessError;
use crate::access::passkeys::{self, PASSKEY, Passkey};
use crate::access::password_rules::{LENGTH_MIN, LENGTH_MIN_WITH_SECOND_FACTOR};
use crate::access::pins;
use crate::access::recovery;
use crate::access::second_factor;
use crate::access::sign_in_rules;
use crate::access::totp::{self, SECRET_BYTES};
use crate::access::users::{self, Credentials};
use crate::platform::ledger::{Desk, RecordError};
use crate::store::StoreError;
use crate::vocab::clock::instant;
use crate::web::{Answer, Held, Small, query};

/// Codes that may be tried before the app has to be set up anew.
const TRIES_MAX: u8 = 5;

/// A secret that was offered to an app and waits for its first code.
pub(super) struct TotpOffer {
    user: Credentials,
    secret: [u8; SECRET_BYTES],
    tries_left: u8,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpOffer").finish_non_exhaustive()
    }
}

/// Mounts what is one's own.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/users/current/security").route(web::get().to(get_own)))
        .service(web::resource("/api/v1/users/current/totp").route(web::post().to(post_totp)))
        .service(
            web::resource("/api/v1/users/current/totp/confirm").route(web::post().to(post_confirm)),
        )
        .service(
            web::resource("/api/v1/users/current/totp/remove").route(web::post().to(post_remove)),
        )
        .service(
            web::resource("/api/v1/users/current/recovery-codes").route(web::post().to(post_codes)),
        );
}

async fn get_own(held: Held, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    let held = held.with_own_password()?;
    let id = step_up::own_person(&held.call)?;
    let (enrolled, passkeys, pin, user, rules) =
        desk.store().read(desk.screen_deadline(), |tx| {
            let enrolled = second_factor::enrolled(tx, id)?;
            let (passkeys, pin) = (passkeys::of_user(tx, id)?, pins::find(tx, id)?);
            let user = users::find(tx, id)?;
            Ok::<_, StoreError>((enrolled, passkeys, pin, user, sign_in_rules::find(tx)?.0))
        })?;
    let least = if enrolled.any() { LENGTH_MIN_WITH_SECOND_FACTOR } else { LENGTH_MIN };
    let body = json!({"data": {
        "totp_since": enrolled.totp_since.map(|at| instant(at).to_string()),
        "recovery_codes": enrolled.recovery_codes,
        "passkeys": passkeys.iter().map(shown).collect::<Vec<Json>>(),
        "passkeys_work_here": passkey_routes::site(&request).is_ok(),
        "pin": pin.is_some(),
        "origin": user.map(|user| user.origin),
        "second_factor_required": rules.asks_second_factor_of(held.call.actor.role()),
        "password_length_min": least,
    }});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// A passkey as its person sees it.
pub(super) fn shown(passkey: &Passkey) -> Json {
    json!({
        "id": PASSKEY.show(passkey.id),
        "name": passkey.name,
        "site": passkey.site,
        "created_at": instant(passkey.created_at).to_string(),
        "last_used_at": passkey.last_used_at.map(|at| instant(at).to_string()),
    })
}

/// Offers a secret for an app. Nothing holds until the app has shown a code of it.
async fn post_totp(
    held: Held,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Current>,
) -> Answer {
    let held = held.with_own_password()?;
    let current = (body.current_password, "users.own_totp_add");
    let confirmed = step_up::confirm(&request, &desk, &access, &held.call, current).await?;
    let user = confirmed.user;
    let secret = totp::new_secret()?;
    let offer = totp::offer(secret, &super::hospital_name(&desk)?, &user.username);
    let waiting = TotpOffer { user, secret, tries_left: TRIES_MAX };
    let token = access.begun.offers.begin(waiting, network_of(&request), desk.now())?;
    let body = json!({"data": {
        "offer": token, "key": offer.key, "uri": offer.uri, "picture": offer.picture,
    }});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    offer: String,
    code: String,
}

/// The app has taken the secret in: it is asked for from now on.
async fn post_confirm(
    held: Held,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Confirm>,
) -> Answer {
    let held = held.with_own_password()?;
    let id = step_up::own_person(&held.call)?;
    let taken = access.begun.offers.take(&body.offer, desk.now());
    let taken = taken.filter(|taken| taken.item.user.id == id);
    let mut taken = taken.ok_or(AccessError::ChallengeOver)?;
    let secret = taken.item.secret;
    let step = totp::code(&body.code).and_then(|code| totp::step_of(secret, &code, desk.now()));
    let Some(step) = step else {
        taken.item.tries_left -= 1;
        if 0 < taken.item.tries_left {
            access.begun.offers.put_back(&body.offer, taken);
        }
        let mend = "This is not the code that the app shows now. Is the clock of the phone right?";
        return Err(RecordError::field("code", mend).into());
    };
    let (user, secrets) = (taken.item.user, access.secrets.clone());
    let (session, codes) = (held.call.actor.session(), recovery::new_codes()?);
    let kept = codes.clone();
    let first = desk
        .write(&held.call, "users.own_totp_add", move |work| {
            step_up::still(work, &user)?;
            let first = !second_factor::enrolled(work.tx(), id)?.any();
            second_factor::add_totp(work, &secrets, id, (secret, step), session)?;
            if first {
                second_factor::set_recovery_codes(work, id, &kept)?;
            }
            Ok::<_, AccessError>(first)
        })
        .await?;
    Ok(told_codes(if first { codes } else { Vec::new() }))
}

/// The only time that recovery codes are shown.
fn told_codes(codes: Vec<String>) -> HttpResponse {
    let body = json!({"data": {"recovery_codes": codes}});
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body)
}

async fn post_remove(
    held: Held,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Current>,
) -> Answer {
    let held = held.with_own_password()?;
    let current = (body.current_password, "users.own_totp_remove");
    let confirmed = step_up::confirm(&request, &desk, &access, &held.call, current).await?;
    let Confirmed { user, is_long, .. } = confirmed;
    let session = held.call.actor.session();
    desk.write(&held.call, "users.own_totp_remove", move |work| {
        step_up::still(work, &user)?;
        second_factor::remove_totp(work, user.id, session)?;
        second_factor::demand_beside(work.tx(), user.id, !is_long)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn post_codes(
    held: Held,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Current>,
) -> Answer {
    let held = held.with_own_password()?;
    let current = (body.current_password, "users.own_recovery_codes");
    let confirmed = step_up::confirm(&request, &desk, &access, &held.call, current).await?;
    let (user, codes) = (confirmed.user, recovery::new_codes()?);
    let kept = codes.clone();
    desk.write(&held.call, "users.own_recovery_codes", move |work| {
        step_up::still(work, &user)?;
        if !second_factor::enrolled(work.tx(), user.id)?.any() {
            return Err(AccessError::NoSuchFactor);
        }
        second_factor::set_recovery_codes(work, user.id, &kept)
    })
    .await?;
    Ok(told_codes(codes))
}

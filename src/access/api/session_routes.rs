//! Seeing and ending sessions, and changing one's own password, over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Access, UsersWrite};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::passwords;
use crate::access::sessions::{self, SESSION, Seat};
use crate::access::users::{self, Credentials, USER, USERS};
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::api as resource_api;
use crate::vocab::clock::instant;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::permit::{demand, demand_person};
use crate::web::{Answer, Failure, Permission, Signed, Small, origin, query};

/// Characters of the browser's name that are kept.
const USER_AGENT_MAX: usize = 300;

/// Mounts what [`super::mount`] does not.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/sessions/{id}").route(web::delete().to(delete_one)))
        .service(
            web::resource("/api/v1/users/current/password")
                .route(web::post().to(post_own_password)),
        );
}

/// From where `request` comes, as far as it says.
pub(in crate::access) fn seat(request: &HttpRequest) -> Seat {
    let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
    Seat {
        user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
        address: origin::address(request).map(|address| address.to_string()),
    }
}

/// The sessions that still hold: one's own, or those of `user_id`.
pub(super) async fn get_many(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    demand_person(&signed.call)?;
    let actor = &signed.call.actor;
    let user = match asked_user(&request)? {
        Some(user) => user,
        None => own_id(&signed)?,
    };
    if actor.user_id() != Some(user) {
        demand(&request, &signed.call, USERS.read)?;
    }
    let now = desk.now();
    let open = desk.store().read(desk.screen_deadline(), |tx| sessions::of_user(tx, user, now))?;
    let shown = |one: &sessions::OpenSession| {
        json!({
            "id": SESSION.show(one.id),
            "user_id": USER.show(user),
            "created_at": instant(one.created_at).to_string(),
            "last_used_at": instant(one.last_used_at).to_string(),
            "expires_at": instant(one.expires_at).to_string(),
            "user_agent": one.seat.user_agent,
            "address": one.seat.address,
            "current": actor.session() == Some(one.id),
        })
    };
    let data: Vec<Json> = open.iter().map(shown).collect();
    let body = json!({"data": data, "meta": {}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// Ends every session of `user_id` but the one that asks.
pub(super) async fn delete_many(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    demand_person(&signed.call)?;
    let Some(user) = asked_user(&request)? else {
        let detail = "Say whose sessions end: ?user_id=usr_….";
        return Err(Failure::new("web.query", ProblemKind::Malformed, detail));
    };
    if signed.call.actor.user_id() != Some(user) {
        demand(&request, &signed.call, UsersWrite::CODE)?;
    }
    let keep = signed.call.actor.session();
    let ended = desk
        .write(&signed.call, "sessions.end_others", move |work| {
            if users::name_of(work.tx(), user)?.is_none() {
                return Err(RecordError::NotFound(USER.name));
            }
            Ok(sessions::end_others(work, user, keep)?)
        })
        .await?;
    Ok(HttpResponse::Ok().json(json!({"data": {"ended": ended}})))
}

/// Ends one session: one's own, or with `users.write` anybody's.
async fn delete_one(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    demand_person(&signed.call)?;
    let id = resource_api::id_in_path(SESSION, &id)?;
    let now = desk.now();
    let owner = desk.store().read(desk.screen_deadline(), |tx| sessions::owner(tx, id, now))?;
    if owner.is_none() || owner != signed.call.actor.user_id() {
        // Also where there is no such session: who may not end it does not learn that either.
        demand(&request, &signed.call, UsersWrite::CODE)?;
    }
    if owner.is_none() {
        return Err(RecordError::NotFound(SESSION.name).into());
    }
    desk.write(&signed.call, "sessions.end", move |work| sessions::end(work, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    current_password: String,
    password: String,
}

/// Whoever knows the present password chooses another; their other sessions end.
async fn post_own_password(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<OwnPassword>,
) -> Answer {
    demand_person(&signed.call)?;
    let id = own_id(&signed)?;
    let network = super::network_of(&request);
    let known = desk.store().read(desk.screen_deadline(), |tx| {
        let name = users::name_of(tx, id)?.unwrap_or_default();
        let usual = sessions::is_usual(tx, id, network)?;
        users::find_by_name(tx, &name).map(|known| known.map(|known| (known, usual)))
    })?;
    if let Some((known, _)) = &known {
        known.must_be_local()?;
    }
    let Some((Credentials { username, password_hash: hash, .. }, usual)) = known else {
        return Err(wrong_password().into());
    };
    // The same places and the same slowing as at the door: a stolen session is no way to guess.
    let guest = Guest { network, usual };
    let tried = access.slowing.enter(&username, guest, desk.now()).map_err(AccessError::from)?;
    let long = passwords::LENGTH_MAX * 4 < body.current_password.len();
    let same = body.current_password == body.password;
    if long || !access.passwords.verify(guest, body.current_password, Some(hash.clone())).await? {
        tried.failed(desk.now());
        desk.note_failed_sign_in(&signed.call, Some(id), "users.own_password").await;
        return Err(wrong_password().into());
    }
    tried.succeeded();
    let mut findings = Findings::new();
    passwords::check(&mut findings, &body.password, &username);
    findings.check(!same, "password", "Choose a password that is not the present one.");
    findings.verdict().map_err(RecordError::from)?;
    let new_hash = access.passwords.hash(guest, body.password).await?;
    let keep = signed.call.actor.session();
    desk.write(&signed.call, "users.own_password", move |work| {
        // A reset that came meanwhile counts, not the password that was checked before it.
        let now = users::find_by_name(work.tx(), &username)?;
        if now.is_none_or(|now| now.password_hash != hash) {
            return Err(AccessError::from(wrong_password()));
        }
        users::change_password(work, id, &new_hash, keep)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wrong_password() -> RecordError {
    RecordError::field("current_password", "This is not your present password.")
}

/// The account behind the call; the command line has none.
pub(super) fn own_id(signed: &Signed) -> Result<i64, Failure> {
    signed.call.actor.user_id().ok_or_else(|| {
        let detail = "The command line has no account. Name one with ?user_id=usr_….";
        Failure::new("access.no_account", ProblemKind::NotAllowed, detail)
    })
}

/// The one parameter that sessions and tokens know.
pub(super) fn asked_user(request: &HttpRequest) -> Result<Option<i64>, Failure> {
    let mut findings = Findings::new();
    let sent = query::once_each(request, &["user_id"], &mut findings)?;
    let user = sent.first().map(|(_, id)| USER.parse(id));
    findings.check(user != Some(None), "user_id", "Send the id of a user, like usr_….");
    findings.verdict().map_err(query::bad_query)?;
    Ok(user.flatten())
}

//! Seeing and ending sessions, and changing one's own password, over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::step_up::{self, Confirmed};
use super::{Access, UsersWrite, elsewhere, place};
use crate::access::error::AccessError;
use crate::access::password_rules::{self, For};
use crate::access::second_factor;
use crate::access::sessions::{self, SESSION};
use crate::access::sign_in_rules;
use crate::access::users::{self, USER, USERS};
use crate::access::workstations;
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::api as resource_api;
use crate::store::StoreError;
use crate::vocab::clock::instant;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::permit::{demand, demand_person};
use crate::web::{Answer, Failure, Held, Permission, Signed, Small, query};

/// Mounts what [`super::mount`] does not.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/sessions/{id}").route(web::delete().to(delete_one)))
        .service(
            web::resource("/api/v1/users/current/password")
                .route(web::post().to(post_own_password)),
        );
}

/// The sessions that still hold: one's own, or those of `user_id`.
pub(super) async fn get_many(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    demand_person(&signed.call)?;
    let actor = &signed.call.actor;
    let user = match asked_user(&request)? {
        Some(user) => user,
        None => step_up::own_id(&signed.call)?,
    };
    if actor.user_id() != Some(user) {
        demand(&request, &signed.call, USERS.read)?;
    }
    let now = desk.now();
    let (open, role, rules) = desk.store().read(desk.screen_deadline(), |tx| {
        let role = users::find(tx, user)?.map(|user| user.role).unwrap_or_default();
        Ok::<_, StoreError>((sessions::of_user(tx, user, now)?, role, sign_in_rules::find(tx)?.0))
    })?;
    let is_idle = |one: &sessions::OpenSession| {
        let used = (one.last_used_at, now);
        one.workstation.is_some() && workstations::is_idle(&rules, &role, used)
    };
    let here = place::workstation(&request);
    let shown = |one: &sessions::OpenSession| {
        json!({
            "id": SESSION.show(one.id),
            "user_id": USER.show(user),
            "created_at": instant(one.created_at).to_string(),
            "last_used_at": instant(one.last_used_at).to_string(),
            "expires_at": instant(one.expires_at).to_string(),
            "user_agent": one.user_agent,
            "address": one.address,
            "factor": one.factor,
            "locked": one.locked || is_idle(one),
            "here": here.is_some() && one.workstation == here,
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
                return Err(RecordError::NotFound(USER.name).into());
            }
            demand_own_or_lesser(work, user)?;
            Ok::<_, AccessError>(sessions::end_others(work, user, keep)?)
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
    let owner = owner.ok_or(RecordError::NotFound(SESSION.name))?;
    desk.write(&signed.call, "sessions.end", move |work| {
        demand_own_or_lesser(work, owner)?;
        Ok::<_, AccessError>(sessions::end(work, id)?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whoever may do less than somebody does not put them out either.
///
/// # Errors
/// [`AccessError::Outranked`], [`AccessError::Elsewhere`]; what the store says.
pub(super) fn demand_own_or_lesser(work: &Work<'_>, owner: i64) -> Result<(), AccessError> {
    let actor = &work.call().actor;
    match actor.user_id() == Some(owner) {
        true => Ok(()),
        false => users::demand_to_decide(work.tx(), actor, owner),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    current_password: String,
    password: String,
}

/// Whoever knows the present password chooses another; their other sessions end.
async fn post_own_password(
    held: Held,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<OwnPassword>,
) -> Answer {
    let signed = held.present()?;
    let id = step_up::own_person(&signed.call)?;
    desk.store().read(desk.screen_deadline(), |tx| elsewhere::local_name(tx, id))??;
    let mut findings = Findings::new();
    let same = body.current_password == body.password;
    let current = (body.current_password, "users.own_password");
    let confirmed = step_up::confirm(&request, &desk, &access, &signed.call, current).await?;
    let Confirmed { user, guest, enrolled, .. } = confirmed;
    let words = vec![signed.call.actor.name().to_owned(), super::hospital_name(&desk)?];
    let is_short = password_rules::is_too_short_alone(&body.password);
    let of = For { username: &user.username, words, second_factor: enrolled.any() };
    password_rules::check(&mut findings, &body.password, &of);
    findings.check(!same, "password", "Choose a password that is not the present one.");
    findings.verdict().map_err(RecordError::from)?;
    let new_hash = access.passwords.hash(guest, body.password).await?;
    let keep = signed.call.actor.session();
    desk.write(&signed.call, "users.own_password", move |work| {
        // A reset that came meanwhile counts, not the password that was checked before it.
        step_up::still(work, &user)?;
        second_factor::demand_beside(work.tx(), user.id, is_short)?;
        users::change_password(work, user.id, &new_hash, keep)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
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

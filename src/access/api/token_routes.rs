//! Tokens for programs, over HTTP. The secret is in one answer and nowhere else.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::session_routes::{asked_user, demand_own_or_lesser};
use super::step_up::{self, own_id};
use super::{Access, UsersWrite};
use crate::access::error::AccessError;
use crate::access::roles::PERMISSIONS;
use crate::access::tokens::{self, API_TOKEN, Asked, Listed, NewToken};
use crate::access::users::USER;
use crate::platform::ledger::{Created, Desk, KeyedRequest, RecordError};
use crate::platform::resource::api as resource_api;
use crate::vocab::actor::Actor;
use crate::vocab::clock::instant;
use crate::vocab::problem::Findings;
use crate::vocab::text;
use crate::web::conditional::IdempotencyKey;
use crate::web::permit::{demand, demand_person};
use crate::web::{Answer, Body, Failure, Permission, Permit, Signed};

/// May see tokens for programs.
#[derive(Debug)]
pub(in crate::access) struct TokensRead;
impl Permission for TokensRead {
    const CODE: &'static str = "tokens.read";
}

/// May make and revoke tokens for programs.
#[derive(Debug)]
pub(in crate::access) struct TokensWrite;
impl Permission for TokensWrite {
    const CODE: &'static str = "tokens.write";
}

/// Mounts tokens.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/tokens")
                .route(web::get().to(get_many))
                .route(web::post().to(post_one)),
        )
        .service(
            web::resource("/api/v1/tokens/{id}")
                .route(web::get().to(get_one))
                .route(web::delete().to(delete_one)),
        );
}

fn no_store(data: &Json) -> Answer {
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(data))
}

/// One's own tokens, those of `user_id`, or with `users.write` everybody's.
async fn get_many(by: Permit<TokensRead>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    let actor = &by.call.actor;
    let asked = match asked_user(&request)? {
        Some(user) => Asked::Of(user),
        None if actor.may(UsersWrite::CODE) => Asked::All,
        None => Asked::Of(own_id(&by.call)?),
    };
    if let Asked::Of(user) = asked
        && actor.user_id() != Some(user)
    {
        demand(&request, &by.call, UsersWrite::CODE)?;
    }
    let data: Vec<Json> = list(&desk, asked)?.iter().map(|one| shown(&desk, one)).collect();
    no_store(&json!({"data": data, "meta": {}}))
}

fn list(desk: &Desk, asked: Asked) -> Result<Vec<Listed>, Failure> {
    let now = desk.now();
    Ok(desk.store().read(desk.screen_deadline(), |tx| tokens::list(tx, asked, now))?)
}

/// The one called `id`, if the caller may see it; who may not does not learn whether it is there.
fn find(request: &HttpRequest, desk: &Desk, by: &Signed, id: i64) -> Result<Listed, Failure> {
    let found = list(desk, Asked::One(id))?.pop();
    let is_own = |one: &Listed| Some(one.user_id) == by.call.actor.user_id();
    if !found.as_ref().is_some_and(is_own) {
        demand(request, &by.call, UsersWrite::CODE)?;
    }
    found.ok_or_else(|| RecordError::NotFound(API_TOKEN.name).into())
}

async fn get_one(
    by: Permit<TokensRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let id = resource_api::id_in_path(API_TOKEN, &id)?;
    let one = find(&request, &desk, &Signed { call: by.call }, id)?;
    no_store(&json!({"data": shown(&desk, &one)}))
}

fn shown(desk: &Desk, one: &Listed) -> Json {
    let time = |at: Option<i64>| at.map(|at| instant(at).to_string());
    let state = match one.revoked_at {
        Some(_) => "revoked",
        None if one.expires_at <= desk.now() => "expired",
        None => "active",
    };
    json!({
        "id": API_TOKEN.show(one.id),
        "user_id": USER.show(one.user_id),
        "user_name": one.user_name,
        "name": one.name,
        "scopes": one.scopes,
        "starts_with": one.starts_with,
        "state": state,
        "created_by": one.created_by.map(|id| USER.show(id)),
        "created_at": time(Some(one.created_at)),
        "expires_at": time(Some(one.expires_at)),
        "revoked_at": time(one.revoked_at),
        "last_used_at": time(one.last_used_at),
        "last_used_from": one.last_used_from,
    })
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    scopes: Vec<String>,
    #[serde(default)]
    lasts_days: Option<i64>,
    #[serde(default)]
    user_id: Option<String>,
    /// Left out of what tells a repeated request from another one.
    #[serde(default, skip_serializing)]
    current_password: Option<String>,
}

/// From which likeness on a permission is taken for one that was mistyped (0 to 1).
const LIKE: f64 = 0.8;

/// Says which permission was meant, if that can be guessed.
fn unknown(asked: &str) -> String {
    let likeness = |code: &&str| strsim::jaro_winkler(code, asked);
    let nearest = PERMISSIONS.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = nearest.filter(|code| LIKE <= likeness(code));
    let meant = meant.map(|code| format!(" Is it {code}?")).unwrap_or_default();
    format!("There is no such permission.{meant} The list of roles in the browser has them all.")
}

/// What is wanted, checked as far as that goes without the store.
fn read(actor: &Actor, wanted: &Wanted) -> Result<NewToken, Failure> {
    let mut findings = Findings::new();
    let name = text::line(&wanted.name).unwrap_or_default();
    let mend = format!("Say what it is for, in at most {} characters.", tokens::NAME_MAX);
    findings.check((1..=tokens::NAME_MAX).contains(&name.chars().count()), "name", &mend);
    let days = wanted.lasts_days.unwrap_or(tokens::DAYS);
    let mend = format!("Give a number of days from 1 to {}.", tokens::DAYS_MAX);
    findings.check((1..=tokens::DAYS_MAX).contains(&days), "lasts_days", &mend);
    let mut scopes: Vec<&'static str> = Vec::new();
    for (place, asked) in wanted.scopes.iter().enumerate() {
        let field = format!("scopes[{place}]");
        match PERMISSIONS.iter().find(|known| *known == asked) {
            None => findings.add(field, unknown(asked)),
            Some(code) if !actor.may(code) => {
                findings.add(field, format!("You do not hold {code}: nobody gives more away."));
            }
            Some(code) if !scopes.contains(code) => scopes.push(code),
            Some(_) => {}
        }
    }
    findings.check(!wanted.scopes.is_empty(), "scopes", "Choose at least one permission.");
    let user = wanted.user_id.as_deref().map(|id| USER.parse(id));
    findings.check(user != Some(None), "user_id", "Send the id of a user, like usr_….");
    let user_id = user.flatten().or(actor.user_id());
    let mend = "The command line has no account. Say for whom the token acts.";
    findings.check(user == Some(None) || user_id.is_some(), "user_id", mend);
    findings.verdict().map_err(RecordError::from)?;
    Ok(NewToken { user_id: user_id.unwrap_or_default(), name, scopes, days })
}

async fn post_one(
    by: Permit<TokensWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    key: IdempotencyKey,
    Body(mut wanted): Body<Wanted>,
) -> Answer {
    demand_person(&by.call)?;
    let actor = &by.call.actor;
    let new = read(actor, &wanted)?;
    if actor.user_id() != Some(new.user_id) {
        demand(&request, &by.call, UsersWrite::CODE)?;
    }
    if actor.user_id().is_some() {
        let password = wanted.current_password.take();
        step_up::confirm_or_fresh(&request, &desk, &access, &by.call, (password, "tokens.create"))
            .await?;
    }
    let sent = serde_json::to_vec(&wanted).unwrap_or_default();
    let keyed = key.0.map(|key| KeyedRequest::new(actor, "tokens", &key, &sent));
    let token = tokens::new_token()?;
    let secret = token.clone();
    let id = desk
        .write(&by.call, "tokens.create", move |work| {
            // Whoever acts for somebody could be that person.
            demand_own_or_lesser(work, new.user_id)?;
            if let Some(keyed) = &keyed
                && let Some(before) = keyed.replay(work)?
            {
                return Err(AccessError::TokenShown { id: API_TOKEN.show(before.id) });
            }
            let id = tokens::add(work, &new, &secret)?;
            if let Some(keyed) = &keyed {
                // Without the secret: it is stored nowhere, and so cannot be given again.
                let body = String::new();
                keyed.keep(work, &Created { id, version: 1, body, replayed: false })?;
            }
            Ok(id)
        })
        .await?;
    let data = list(&desk, Asked::One(id))?.first().map(|one| shown(&desk, one));
    Ok(HttpResponse::Created()
        .insert_header(("location", format!("/api/v1/tokens/{}", API_TOKEN.show(id))))
        .insert_header(("cache-control", "no-store"))
        .json(json!({"token": token, "data": data})))
}

/// Revokes a token: one's own with `tokens.write`, others' with `users.write`. A program may
/// always give its own back.
async fn delete_one(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let id = resource_api::id_in_path(API_TOKEN, &id)?;
    let is_own = signed.call.actor.token() == Some(id);
    let owner = if is_own {
        None
    } else {
        demand(&request, &signed.call, TokensWrite::CODE)?;
        demand_person(&signed.call)?;
        Some(find(&request, &desk, &signed, id)?.user_id)
    };
    desk.write(&signed.call, "tokens.revoke", move |work| {
        owner.map_or(Ok(()), |owner| demand_own_or_lesser(work, owner))?;
        Ok::<_, AccessError>(tokens::revoke(work, id)?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

//! Accounts and their passwords over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Access, UsersWrite, elsewhere, signed_in_guest};
use crate::access::hospital::Hospital;
use crate::access::passwords;
use crate::access::setup;
use crate::access::users::{self, USER, USERS};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::api as resource_api;
use crate::platform::resource::form::Form;
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IdempotencyKey};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Permit, Small};

/// Mounts accounts.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/users/{id}/password").route(web::post().to(post_password)));
    let own = resource_api::Own { create: Some(web::post().to(post_user)), ..Default::default() };
    resource_api::mount_with(config, &USERS, resource_api::Offers::Amend, own);
}

async fn post_user(
    by: Permit<UsersWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    key: IdempotencyKey,
    Body(mut body): Body<Map<String, Json>>,
) -> Answer {
    let password = body.remove("password").and_then(|it| it.as_str().map(str::to_owned));
    let password = password.unwrap_or_default();
    // Without the password: a fast hash of it must lie nowhere.
    let sent = serde_json::to_vec(&body).unwrap_or_default();
    let mut findings = Findings::new();
    let username = body.get("username").and_then(Json::as_str).unwrap_or_default();
    passwords::check(&mut findings, &password, username);
    let form = match (Form::read(&USERS, &body, &desk.zone()), findings.verdict()) {
        (Ok(form), Ok(())) => form,
        (form, check) => {
            let mut wrong = form.err().unwrap_or_default();
            wrong.extend(check.err().unwrap_or_default());
            return Err(RecordError::Invalid(wrong).into());
        }
    };
    let hash = access.passwords.hash(signed_in_guest(&request), password).await?;
    let zone = desk.zone().iana_name().unwrap_or("UTC").to_owned();
    let job = move |work: &Work<'_>| {
        // Somebody added before the set-up works in a hospital that gets its name later.
        let hospital = Hospital { name: setup::UNNAMED.to_owned(), time_zone: zone.clone() };
        setup::first_facility(work, &hospital)?;
        users::add(work, form.clone(), &hash)
    };
    let created = desk.create(&by.call, &USERS, (key.0.as_deref(), &sent), job).await?;
    if desk.store().read(desk.screen_deadline(), users::has_administrator)? {
        access.end_setup();
    }
    let location = USERS.location(created.id);
    Ok(conditional::created(&location, created.version, created.body, created.replayed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
}

async fn post_password(
    by: Permit<UsersWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    id: Path<String>,
    Small(body): Small<NewPassword>,
) -> Answer {
    demand_person(&by.call)?;
    let id = resource_api::id_in_path(USER, &id)?;
    let name = desk.store().read(desk.screen_deadline(), |tx| elsewhere::local_name(tx, id))??;
    let actor = by.call.actor.clone();
    let mut findings = Findings::new();
    passwords::check(&mut findings, &body.password, name.as_deref().unwrap_or_default());
    findings.verdict().map_err(RecordError::from)?;
    let hash = access.passwords.hash(signed_in_guest(&request), body.password).await?;
    desk.write(&by.call, "users.password", move |work| {
        users::demand_to_decide(work.tx(), &actor, id)?;
        users::set_password(work, id, &hash)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

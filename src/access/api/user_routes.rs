//! Accounts and their passwords over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Access, UsersWrite, elsewhere, hospital_name, signed_in_guest};
use crate::access::error::AccessError;
use crate::access::hospital::Hospital;
use crate::access::password_rules::{self, For};
use crate::access::second_factor;
use crate::access::sessions;
use crate::access::setup;
use crate::access::users::{self, USER, USERS};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::api as resource_api;
use crate::platform::resource::form::Form;
use crate::store::StoreError;
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
    demand_person(&by.call)?;
    let password = body.remove("password").and_then(|it| it.as_str().map(str::to_owned));
    let password = password.unwrap_or_default();
    let temporary = match body.remove("temporary") {
        None => false,
        Some(Json::Bool(temporary)) => temporary,
        Some(_) => return Err(RecordError::field("temporary", "Send true or false.").into()),
    };
    // Without the password: a fast hash of it must lie nowhere.
    let sent = serde_json::to_vec(&(&body, temporary)).unwrap_or_default();
    let mut findings = Findings::new();
    let told = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default();
    let words = vec![told("display_name").to_owned(), hospital_name(&desk)?];
    let of = For { username: told("username"), words, second_factor: false };
    password_rules::check(&mut findings, &password, &of);
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
        let id = users::add(work, form.clone(), &hash)?;
        if temporary {
            users::make_temporary(work, id)?;
        }
        Ok(id)
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
    /// Only accounts from elsewhere go without.
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    remove_second_factor: bool,
    /// They choose another before anything else.
    #[serde(default)]
    temporary: bool,
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
    if by.call.actor.user_id() == Some(id) {
        return Err(AccessError::OwnAccount.into());
    }
    let (actor, remove) = (by.call.actor.clone(), body.remove_second_factor);
    let temporary = body.temporary;
    let (local, user, enrolled) = desk.store().read(desk.screen_deadline(), |tx| {
        let (local, user) = (elsewhere::local_name(tx, id)?, users::find(tx, id)?);
        Ok::<_, StoreError>((local, user, second_factor::enrolled(tx, id)?))
    })?;
    let mut is_short = false;
    let hash = match (local, body.password) {
        (Err(AccessError::PasswordElsewhere(_)), None) if remove && temporary => {
            let mend = "The password lies elsewhere. Leave this out.";
            return Err(RecordError::field("temporary", mend).into());
        }
        (Err(AccessError::PasswordElsewhere(_)), None) if remove => None,
        (local, password) => {
            let username = local?.unwrap_or_default();
            let display_name = user.map(|user| user.display_name).unwrap_or_default();
            let words = vec![display_name, hospital_name(&desk)?];
            let password = password.unwrap_or_default();
            let mut findings = Findings::new();
            let second_factor = enrolled.any() && !remove;
            let of = For { username: &username, words, second_factor };
            password_rules::check(&mut findings, &password, &of);
            findings.verdict().map_err(RecordError::from)?;
            is_short = password_rules::is_too_short_alone(&password);
            Some(access.passwords.hash(signed_in_guest(&request), password).await?)
        }
    };
    let act = if hash.is_some() { "users.password" } else { "users.second_factor" };
    desk.write(&by.call, act, move |work| {
        users::demand_to_decide(work.tx(), &actor, id)?;
        match &hash {
            Some(hash) => users::set_password(work, id, hash, temporary)?,
            None => sessions::end_all(work, id)?,
        }
        if remove {
            second_factor::remove_all(work, id)?;
        }
        second_factor::demand_beside(work.tx(), id, is_short)?;
        Ok::<_, AccessError>(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

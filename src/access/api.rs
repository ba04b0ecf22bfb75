//! Set-up, sessions and users over HTTP.

mod factor_routes;
mod hospital_routes;
mod passkey_routes;
mod rules_routes;
mod session_routes;
mod sign_in;
mod step_up;
mod workstation_routes;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::error::AccessError;
use super::gate::BOX_LOCAL;
use super::guests::Guest;
use super::hospital::{self, Hospital};
use super::passkeys::{Making, Using};
use super::password_rules::{self, For};
use super::passwords::Passwords;
use super::pending::Pending;
use super::second_factor;
use super::secrets::Secrets;
use super::sessions::{self, Factor};
use super::setup::{self, SetupKey};
use super::sign_in_rules;
use super::slowing::Slowing;
use super::users::{self, USER, USERS};
use crate::platform::events::outbox;
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::api as resource_api;
use crate::platform::resource::form::Form;
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::instant;
use crate::vocab::network::network;
use crate::vocab::problem::Findings;
use crate::vocab::text;
use crate::web::conditional::{self, IdempotencyKey};
use crate::web::{Answer, Body, Permission, Permit, Signed, Small, envelope, origin};

/// The permission to change what the whole hospital goes by.
pub(super) const SETTINGS_WRITE: &str = hospital_routes::SettingsWrite::CODE;

/// May make and change accounts.
#[derive(Debug)]
pub struct UsersWrite;
impl Permission for UsersWrite {
    const CODE: &'static str = "users.write";
}

/// What the door needs beside the desk.
#[derive(Debug)]
pub struct Access {
    /// The hashing slots.
    pub passwords: Passwords,
    /// Who has to wait before the next try.
    pub slowing: Slowing,
    /// The set-up link.
    pub setup: SetupKey,
    /// The file with the set-up link, which goes when the link is spent.
    pub setup_file: PathBuf,
    /// How long a session lasts.
    pub session_time: Duration,
    /// What must be read again.
    pub secrets: Secrets,
    /// What was begun and waits for its second step.
    pub begun: Begun,
}

/// What was begun at the door and waits for its second step.
#[derive(Debug, Default)]
pub struct Begun {
    challenges: Pending<sign_in::Challenge>,
    offers: Pending<factor_routes::TotpOffer>,
    making: Pending<Making>,
    using: Pending<Using>,
}

impl Access {
    /// Makes the set-up link worthless and takes its file away.
    fn end_setup(&self) {
        self.setup.spend();
        if let Err(cause) = std::fs::remove_file(&self.setup_file) {
            tracing::debug!("No file with a set-up link was taken away: {cause}");
        }
    }
}

/// Mounts set-up, sessions and users.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/setup")
                .route(web::get().to(get_setup))
                .route(web::post().to(post_setup)),
        )
        .service(
            web::resource("/api/v1/sessions")
                .route(web::get().to(session_routes::get_many))
                .route(web::post().to(sign_in::post_session))
                .route(web::delete().to(session_routes::delete_many)),
        )
        .service(
            web::resource("/api/v1/sessions/current")
                .route(web::get().to(sign_in::get_session))
                .route(web::delete().to(sign_in::delete_session)),
        )
        .configure(sign_in::mount)
        .configure(workstation_routes::mount)
        .configure(factor_routes::mount)
        .configure(passkey_routes::mount)
        .configure(rules_routes::mount)
        .configure(session_routes::mount)
        .configure(hospital_routes::mount)
        .service(web::resource("/api/v1/users/{id}/password").route(web::post().to(post_password)));
    let own = resource_api::Own { create: Some(web::post().to(post_user)), ..Default::default() };
    resource_api::mount_with(config, &USERS, resource_api::Offers::Amend, own);
}

async fn get_setup(desk: Data<Desk>) -> Answer {
    let (needed, accounts) = desk.store().read(desk.screen_deadline(), |tx| {
        Ok::<_, StoreError>((!users::has_administrator(tx)?, users::any(tx)?))
    })?;
    let body = json!({"data": {"needed": needed, "accounts": accounts}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUp {
    #[serde(default)]
    token: String,
    hospital_name: String,
    time_zone: String,
    username: String,
    #[serde(default)]
    display_name: Option<String>,
    password: String,
}

/// Whoever has the one-time link, or the command line of the machine itself.
async fn post_setup(
    signed: Option<Signed>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<SetUp>,
) -> Answer {
    let local = signed.is_some_and(|signed| signed.call.actor.may(BOX_LOCAL));
    if !local && !access.setup.fits(&body.token) {
        return Err(AccessError::SetupLink.into());
    }
    let mut findings = Findings::new();
    let name = text::line(&body.hospital_name).unwrap_or_default();
    findings.check(
        hospital::NAME.contains(&name.chars().count()),
        "hospital_name",
        &format!("Give the name of the hospital, at most {} characters.", hospital::NAME.end()),
    );
    let zone = TimeZone::get(&body.time_zone);
    findings.check(zone.is_ok(), "time_zone", "Choose a time zone like Africa/Accra or UTC.");
    let display_name = body.display_name.unwrap_or_else(|| body.username.clone());
    let words = vec![name.clone(), display_name.clone()];
    let of = For { username: &body.username, words, second_factor: false };
    password_rules::check(&mut findings, &body.password, &of);
    findings.verdict().map_err(RecordError::from)?;
    let hospital = Hospital { name, time_zone: body.time_zone };
    let administrator = account(&body.username, &display_name, "administrator")?;
    let guest = Guest { network: network_of(&request), usual: false };
    let hash = access.passwords.hash(guest, body.password).await?;
    let call = called_by(Actor::machine("set-up link", Vec::new()), &request);
    let (token, expires_at) = (sessions::new_token()?, expiry(&desk, &access));
    let place = sign_in::Place::of(&request)?;
    let seat = place.seat(Factor::Password);
    let opened = desk
        .write(&call, "setup", move |work| {
            let id = setup::set_up(work, &hospital, administrator.clone(), &hash)?;
            sessions::open(work, id, &token, expires_at, &seat)
        })
        .await?;
    access.end_setup();
    if let Ok(zone) = zone {
        desk.set_zone(zone);
    }
    sign_in::signed_in(&desk, &opened, &place)
}

fn account(username: &str, display_name: &str, role: &str) -> Result<Form, RecordError> {
    let fields = json!({"username": username, "display_name": display_name, "role": role});
    let Json::Object(fields) = fields else { return Ok(Form::default()) };
    Ok(Form::read(&USERS, &fields, &TimeZone::UTC)?)
}

fn expiry(desk: &Desk, access: &Access) -> i64 {
    let micros = i64::try_from(access.session_time.as_micros()).unwrap_or(i64::MAX / 2);
    desk.now().saturating_add(micros)
}

/// Whoever is signed in has been let in before.
fn signed_in_guest(request: &HttpRequest) -> Guest {
    Guest { network: network_of(request), usual: true }
}

fn called_by(actor: Actor, request: &HttpRequest) -> Call {
    Call::new(actor, envelope::request_id()).sent_from(origin::address(request))
}

/// From where `request` comes, as it is counted at the door.
fn network_of(request: &HttpRequest) -> IpAddr {
    network(origin::address(request))
}

#[derive(Serialize)]
struct SessionView<'a> {
    user: Json,
    permissions: &'a [&'static str],
    hospital: Json,
    expires_at: Option<String>,
    /// `enrolling` while only a second factor may be set up.
    standing: &'static str,
    /// What was shown to open it.
    factor: Option<String>,
    /// Minutes without anybody until the page locks.
    lock_minutes: i64,
    server_time: String,
    /// The place in the row of events, so that a page can be told all that comes after.
    event_seq: String,
    version: &'static str,
}

fn describe(desk: &Desk, actor: &Actor, expires_at: Option<i64>) -> Result<Json, StoreError> {
    let (hospital, username, event_seq) = desk.store().read(desk.screen_deadline(), |tx| {
        let username = match actor.user_id() {
            Some(id) => users::name_of(tx, id)?,
            None => None,
        };
        Ok::<_, StoreError>((hospital::find(tx)?, username, outbox::head(tx)?))
    })?;
    let (factor, rules) = desk.store().read(desk.screen_deadline(), |tx| {
        let factor = match actor.session() {
            Some(id) => sessions::factor_of(tx, id)?,
            None => None,
        };
        Ok::<_, StoreError>((factor, sign_in_rules::find(tx)?.0))
    })?;
    let alone = factor.as_deref() == Some(Factor::Password.word());
    let enrolling = alone && rules.asks_second_factor_of(actor.role());
    let hospital =
        hospital.map(|hospital| json!({"name": hospital.name, "time_zone": hospital.time_zone}));
    let view = SessionView {
        user: json!({
            "id": actor.user_id().map(|id| USER.show(id)),
            "username": username,
            "display_name": actor.name(),
            "role": actor.role(),
        }),
        permissions: actor.permissions(),
        hospital: hospital.unwrap_or(Json::Null),
        expires_at: expires_at.map(|at| instant(at).to_string()),
        standing: if enrolling { "enrolling" } else { "open" },
        factor,
        lock_minutes: rules.lock_minutes_of(actor.role()),
        server_time: desk.clock().now().to_string(),
        event_seq: event_seq.to_string(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(serde_json::to_value(view).unwrap_or(Json::Null))
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
    let is_administrator = form.text("role") == Some("administrator");
    let hash = access.passwords.hash(signed_in_guest(&request), password).await?;
    let zone = desk.zone().iana_name().unwrap_or("UTC").to_owned();
    let job = move |work: &Work<'_>| {
        // Somebody added before the set-up works in a hospital that gets its name later.
        let hospital = Hospital { name: setup::UNNAMED.to_owned(), time_zone: zone.clone() };
        setup::first_facility(work, &hospital)?;
        users::add(work, form.clone(), &hash)
    };
    let created = desk.create(&by.call, &USERS, (key.0.as_deref(), &sent), job).await?;
    if is_administrator {
        access.end_setup();
    }
    let location = USERS.location(created.id);
    Ok(conditional::created(&location, created.version, created.body, created.replayed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
    #[serde(default)]
    remove_second_factor: bool,
}

async fn post_password(
    by: Permit<UsersWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    id: Path<String>,
    Small(body): Small<NewPassword>,
) -> Answer {
    let id = resource_api::id_in_path(USER, &id)?;
    let (name, enrolled) = desk.store().read(desk.screen_deadline(), |tx| {
        Ok::<_, StoreError>((users::name_of(tx, id)?, second_factor::enrolled(tx, id)?))
    })?;
    let remove = body.remove_second_factor;
    let mut findings = Findings::new();
    let username = name.as_deref().unwrap_or_default();
    let second_factor = enrolled.any() && !remove;
    let of = For { username, words: vec![hospital_name(&desk)?], second_factor };
    password_rules::check(&mut findings, &body.password, &of);
    findings.verdict().map_err(RecordError::from)?;
    let hash = access.passwords.hash(signed_in_guest(&request), body.password).await?;
    desk.write(&by.call, "users.password", move |work| {
        users::set_password(work, id, &hash)?;
        if remove {
            second_factor::remove_all(work, id)?;
        }
        Ok::<_, AccessError>(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The hospital's name, which is no part of a good password.
fn hospital_name(desk: &Desk) -> Result<String, StoreError> {
    let hospital = desk.store().read(desk.screen_deadline(), hospital::find)?;
    Ok(hospital.map(|hospital| hospital.name).unwrap_or_default())
}

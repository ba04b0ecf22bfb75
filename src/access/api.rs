//! Set-up, sessions and users over HTTP.

mod hospital_routes;
mod session_routes;

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
use super::passwords::{self, Passwords};
use super::sessions::{self, Opened};
use super::setup::{self, SetupKey};
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
use crate::web::{Answer, Body, Permission, Permit, Signed, Small, envelope, origin, site};

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
                .route(web::post().to(post_session))
                .route(web::delete().to(session_routes::delete_many)),
        )
        .service(
            web::resource("/api/v1/sessions/current")
                .route(web::get().to(get_session))
                .route(web::delete().to(delete_session)),
        )
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
    passwords::check(&mut findings, &body.password, &body.username);
    findings.verdict().map_err(RecordError::from)?;
    let hospital = Hospital { name, time_zone: body.time_zone };
    let display_name = body.display_name.unwrap_or_else(|| body.username.clone());
    let administrator = account(&body.username, &display_name, "administrator")?;
    let guest = Guest { network: network_of(&request), usual: false };
    let hash = access.passwords.hash(guest, body.password).await?;
    let call = called_by(Actor::machine("set-up link", Vec::new()), &request);
    let (token, expires_at) = (sessions::new_token()?, expiry(&desk, &access));
    let seat = session_routes::seat(&request);
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
    signed_in(&request, &desk, &opened)
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    password: String,
}

async fn post_session(
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<SignIn>,
) -> Answer {
    let typed = body.username;
    if users::NAME_MAX < typed.trim().chars().count() {
        let mend = format!("A user name has at most {} characters.", users::NAME_MAX);
        return Err(RecordError::field("username", mend).into());
    }
    let network = network_of(&request);
    let (known, usual) = desk.store().read(desk.screen_deadline(), |tx| {
        let known = users::find_by_name(tx, &typed)?.filter(|user| user.active);
        let usual = match &known {
            Some(user) => sessions::is_usual(tx, user.id, network)?,
            None => false,
        };
        Ok::<_, StoreError>((known, usual))
    })?;
    let guest = Guest { network, usual };
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let account = known.as_ref().map(|user| user.id);
    let somebody = || called_by(Actor::machine("somebody", Vec::new()), &request);
    let tried = match access.slowing.enter(&typed, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            if slowed.first {
                desk.note_failed_sign_in(&somebody(), account, "sessions.slowed").await;
            }
            return Err(AccessError::from(slowed).into());
        }
    };
    let long = passwords::LENGTH_MAX * 4 < body.password.len();
    let right = !long && access.passwords.verify(guest, body.password, hash).await?;
    let Some(user) = known.filter(|_| right) else {
        tried.failed(desk.now());
        desk.note_failed_sign_in(&somebody(), account, "sessions.create").await;
        return Err(AccessError::WrongCredentials.into());
    };
    tried.succeeded();
    let actor = Actor::user(user.id, &user.username, "", None, None, Vec::new());
    let call = called_by(actor, &request);
    let (token, expires_at) = (sessions::new_token()?, expiry(&desk, &access));
    let seat = session_routes::seat(&request);
    let opened = desk
        .write(&call, "sessions.create", move |work| {
            // A reset that came while the password was checked ends this sign-in too.
            let now = users::find_by_name(work.tx(), &user.username)?;
            if !now.is_some_and(|now| now.active && now.password_hash == user.password_hash) {
                return Err(AccessError::WrongCredentials);
            }
            sessions::open(work, user.id, &token, expires_at, &seat)
        })
        .await?;
    signed_in(&request, &desk, &opened)
}

fn signed_in(request: &HttpRequest, desk: &Desk, opened: &Opened) -> Answer {
    let session = describe(desk, &opened.actor, Some(opened.expires_at))?;
    let cookie = site::session_cookie(request, opened.token.clone());
    let body = json!({"token": opened.token, "data": session});
    Ok(HttpResponse::Created()
        .insert_header(("location", "/api/v1/sessions/current"))
        .insert_header(("cache-control", "no-store"))
        .cookie(cookie)
        .json(body))
}

#[derive(Serialize)]
struct SessionView<'a> {
    user: Json,
    permissions: &'a [&'static str],
    hospital: Json,
    expires_at: Option<String>,
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
        server_time: desk.clock().now().to_string(),
        event_seq: event_seq.to_string(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(serde_json::to_value(view).unwrap_or(Json::Null))
}

async fn get_session(signed: Signed, desk: Data<Desk>) -> Answer {
    let actor = &signed.call.actor;
    let expires_at = match actor.session() {
        Some(id) => desk.store().read(desk.screen_deadline(), |tx| {
            let sql = "SELECT expires_at FROM session WHERE id = ?1";
            tx.opt(sql, &[id.into()], |row| row.get::<i64>(0))
        })?,
        None => None,
    };
    let body = json!({"data": describe(&desk, actor, expires_at)?});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

async fn delete_session(signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    if let Some(id) = signed.call.actor.session() {
        desk.write(&signed.call, "sessions.end", move |work| sessions::end(work, id)).await?;
    }
    Ok(HttpResponse::NoContent().cookie(site::no_session_cookie(&request)).finish())
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
    let name = desk.store().read(desk.screen_deadline(), |tx| users::name_of(tx, id))?;
    let mut findings = Findings::new();
    passwords::check(&mut findings, &body.password, name.as_deref().unwrap_or_default());
    findings.verdict().map_err(RecordError::from)?;
    let hash = access.passwords.hash(signed_in_guest(&request), body.password).await?;
    desk.write(&by.call, "users.password", move |work| users::set_password(work, id, &hash))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

//! Set-up, sessions, users and roles over HTTP.

mod elsewhere;
mod glass_routes;
mod hospital_routes;
mod limit_routes;
mod role_routes;
mod session_routes;
mod team_routes;
mod token_routes;
mod user_routes;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::directory::link::DirectoryLink;
use super::directory::names;
use super::error::AccessError;
use super::gate::BOX_LOCAL;
use super::guests::Guest;
use super::hospital::{self, Hospital};
use super::openid::link::OpenidLink;
use super::passwords::{self, Passwords};
use super::roles::{self, PERMISSIONS};
use super::sessions::{self, Opened};
use super::setup::{self, SetupKey};
use super::slowing::Slowing;
use super::users::{self, USER, USERS};
use crate::platform::events::outbox;
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::form::Form;
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::instant;
use crate::vocab::network::network;
use crate::vocab::problem::Findings;
use crate::vocab::text;
use crate::web::permit::demand_person;
use crate::web::{Answer, Permission, Signed, Small, envelope, origin, site};

pub(super) use elsewhere::{admit_as, open};
pub(super) use hospital_routes::SettingsWrite;
pub(super) use limit_routes::SecurityWrite;
pub(super) use token_routes::{TokensRead, TokensWrite};

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
    /// The hospital's directory.
    pub directory: DirectoryLink,
    /// Its OpenID provider.
    pub openid: OpenidLink,
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
        .configure(elsewhere::mount)
        .configure(session_routes::mount)
        .configure(hospital_routes::mount)
        .configure(glass_routes::mount)
        .configure(team_routes::mount)
        .configure(role_routes::mount)
        .configure(user_routes::mount);
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
    let call = called_by(Actor::machine("set-up link", PERMISSIONS.to_vec()), &request);
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
pub(super) fn signed_in_guest(request: &HttpRequest) -> Guest {
    Guest { network: network_of(request), usual: true }
}

pub(super) fn called_by(actor: Actor, request: &HttpRequest) -> Call {
    Call::new(actor, envelope::request_id()).sent_from(origin::address(request))
}

/// From where `request` comes, as it is counted at the door.
pub(super) fn network_of(request: &HttpRequest) -> IpAddr {
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
        let known = users::find_by_name(tx, &typed)?;
        let usual = match &known {
            Some(user) => sessions::is_usual(tx, user.id, network)?,
            None => false,
        };
        Ok::<_, StoreError>((known, usual))
    })?;
    let guest = Guest { network, usual };
    let elsewhere = elsewhere::is_asked(&access, known.as_ref());
    let known = known.filter(|user| user.active);
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let account = known.as_ref().map(|user| user.id);
    let somebody = || called_by(Actor::machine("somebody", Vec::new()), &request);
    let counted = if elsewhere { names::bare(&typed) } else { &typed };
    let tried = match access.slowing.enter(counted, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            if slowed.first {
                desk.note_failed_sign_in(&somebody(), account, "sessions.slowed").await;
            }
            return Err(AccessError::from(slowed).into());
        }
    };
    let long = passwords::LENGTH_MAX * 4 < body.password.len();
    let known = if elsewhere {
        let said = (typed, body.password);
        elsewhere::admit(&desk, &access, (&somebody(), account), guest, said).await?
    } else {
        let right = !long && access.passwords.verify(guest, body.password, hash).await?;
        known.filter(|_| right)
    };
    let Some(user) = known else {
        tried.failed(desk.now());
        desk.note_failed_sign_in(&somebody(), account, "sessions.create").await;
        return Err(AccessError::WrongCredentials.into());
    };
    tried.succeeded();
    let opened = elsewhere::open(&request, &desk, &access, user).await?;
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
    let (hospital, username, role, event_seq) =
        desk.store().read(desk.screen_deadline(), |tx| {
            let username = match actor.user_id() {
                Some(id) => users::name_of(tx, id)?,
                None => None,
            };
            let role = roles::by_code(tx, actor.role())?.map(|role| role.name);
            Ok::<_, StoreError>((hospital::find(tx)?, username, role, outbox::head(tx)?))
        })?;
    let hospital =
        hospital.map(|hospital| json!({"name": hospital.name, "time_zone": hospital.time_zone}));
    let view = SessionView {
        user: json!({
            "id": actor.user_id().map(|id| USER.show(id)),
            "username": username,
            "display_name": actor.name(),
            "role": actor.role(),
            "role_name": role,
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
    demand_person(&signed.call)?;
    if let Some(id) = signed.call.actor.session() {
        desk.write(&signed.call, "sessions.end", move |work| sessions::end(work, id)).await?;
    }
    Ok(HttpResponse::NoContent().cookie(site::no_session_cookie(&request)).finish())
}

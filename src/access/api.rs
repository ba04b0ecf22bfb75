//! Set-up, sessions, users and roles over HTTP.

mod elsewhere;
mod factor_routes;
mod glass_routes;
mod hospital_routes;
mod limit_routes;
mod passkey_routes;
mod place;
mod role_routes;
mod rules_routes;
mod session_routes;
mod sign_in;
mod step_up;
mod team_routes;
mod token_routes;
mod user_routes;
mod workstation_routes;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::directory::link::DirectoryLink;
use super::error::AccessError;
use super::gate::BOX_LOCAL;
use super::guests::Guest;
use super::hospital::{self, Hospital};
use super::openid::link::OpenidLink;
use super::passkeys::{Making, Using};
use super::password_rules::{self, For};
use super::passwords::Passwords;
use super::pending::Pending;
use super::roles::{self, PERMISSIONS};
use super::secrets::Secrets;
use super::sessions::{self, Factor};
use super::setup::{self, SetupKey};
use super::sign_in_rules;
use super::slowing::Slowing;
use super::users::{self, DEPARTMENT, USER, USERS};
use crate::platform::events::outbox;
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::form::Form;
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call, Reach};
use crate::vocab::clock::instant;
use crate::vocab::network::network;
use crate::vocab::problem::Findings;
use crate::vocab::text;
use crate::web::{Answer, Permission, Signed, Small, envelope, origin};

pub(super) use elsewhere::admit_as;
pub(super) use hospital_routes::SettingsWrite;
pub(super) use limit_routes::SecurityWrite;
pub(super) use place::Place;
pub(super) use sign_in::{Comer, cookies, open};
pub use step_up::confirm_or_fresh;
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
        .configure(elsewhere::mount)
        .configure(sign_in::mount)
        .configure(workstation_routes::mount)
        .configure(factor_routes::mount)
        .configure(passkey_routes::mount)
        .configure(rules_routes::mount)
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
    let display_name = body.display_name.unwrap_or_else(|| body.username.clone());
    let words = vec![name.clone(), display_name.clone()];
    let of = For { username: &body.username, words, second_factor: false };
    password_rules::check(&mut findings, &body.password, &of);
    findings.verdict().map_err(RecordError::from)?;
    let hospital = Hospital { name, time_zone: body.time_zone };
    let administrator = account(&body.username, &display_name, "administrator")?;
    let guest = Guest { network: network_of(&request), usual: false };
    let hash = access.passwords.hash(guest, body.password).await?;
    let call = called_by(Actor::machine("set-up link", PERMISSIONS.to_vec()), &request);
    let (token, expires_at) = (sessions::new_token()?, expiry(&desk, &access));
    let place = Place::of(&request)?;
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
    sign_in::signed_in(&request, &desk, &opened, &place)
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

#[derive(Serialize)]
struct SessionView<'a> {
    user: Json,
    permissions: &'a [&'static str],
    hospital: Json,
    expires_at: Option<String>,
    /// `new_password` while only a password may be chosen, `enrolling` while only a second factor
    /// may be set up.
    state: &'static str,
    /// What was shown to open it.
    factor: Option<&'static str>,
    /// Minutes without anybody until the page locks.
    lock_minutes: i64,
    /// Whose patients the person sees; null where no department bounds it.
    departments: Option<Vec<String>>,
    server_time: String,
    /// The place in the row of events, so that a page can be told all that comes after.
    event_seq: String,
    version: &'static str,
}

fn describe(desk: &Desk, actor: &Actor, expires_at: Option<i64>) -> Result<Json, StoreError> {
    let (hospital, user, role, event_seq) = desk.store().read(desk.screen_deadline(), |tx| {
        let user = match actor.user_id() {
            Some(id) => users::find(tx, id)?,
            None => None,
        };
        let role = roles::by_code(tx, actor.role())?.map(|role| role.name);
        Ok::<_, StoreError>((hospital::find(tx)?, user, role, outbox::head(tx)?))
    })?;
    let ((factor, is_temporary), rules) = desk.store().read(desk.screen_deadline(), |tx| {
        let factor = match actor.session() {
            Some(id) => sessions::factor_of(tx, id)?,
            None => None,
        };
        // A program does not sign in with a password, and so never has to choose one.
        let is_temporary = match actor.user_id().filter(|_| actor.session().is_some()) {
            Some(id) => users::is_temporary(tx, id)?,
            None => false,
        };
        Ok::<_, StoreError>(((factor, is_temporary), sign_in_rules::find(tx)?.0))
    })?;
    let alone = factor == Some(Factor::Password);
    let enrolling = alone && rules.asks_second_factor_of(actor.role());
    let hospital =
        hospital.map(|hospital| json!({"name": hospital.name, "time_zone": hospital.time_zone}));
    let view = SessionView {
        user: json!({
            "id": actor.user_id().map(|id| USER.show(id)),
            "username": user.as_ref().map(|user| &user.username),
            "origin": user.as_ref().map(|user| &user.origin),
            "display_name": actor.name(),
            "role": actor.role(),
            "role_name": role,
        }),
        permissions: actor.permissions(),
        hospital: hospital.unwrap_or(Json::Null),
        expires_at: expires_at.map(|at| instant(at).to_string()),
        state: match (is_temporary, enrolling) {
            (true, _) => "new_password",
            (false, true) => "enrolling",
            (false, false) => "open",
        },
        factor: factor.map(Factor::word),
        lock_minutes: rules.lock_minutes_of(actor.role()),
        departments: departments_of(actor),
        server_time: desk.clock().now().to_string(),
        event_seq: event_seq.to_string(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(serde_json::to_value(view).unwrap_or(Json::Null))
}

fn departments_of(actor: &Actor) -> Option<Vec<String>> {
    match actor.reach() {
        Reach::Departments(ids) => Some(ids.iter().map(|id| DEPARTMENT.show(*id)).collect()),
        Reach::Everybody | Reach::Facility => None,
    }
}

/// The hospital's name, which is no part of a good password.
fn hospital_name(desk: &Desk) -> Result<String, StoreError> {
    let hospital = desk.store().read(desk.screen_deadline(), hospital::find)?;
    Ok(hospital.map(|hospital| hospital.name).unwrap_or_default())
}

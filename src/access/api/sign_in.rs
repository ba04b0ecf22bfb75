//! The door itself: a password, a second step where one is set up, and the session that opens.

use std::net::IpAddr;

use actix_web::cookie::Cookie;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::place::Place;
use super::{Access, called_by, elsewhere, expiry, network_of, step_up};
use crate::access::directory::names;
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::password_rules;
use crate::access::passwords;
use crate::access::second_factor::{self, Code, Enrolled};
use crate::access::sessions::{self, Factor, Opened, Seat};
use crate::access::sign_in_rules;
use crate::access::users::{self, Credentials};
use crate::access::workstations;
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::StoreError;
use crate::vocab::actor::Actor;
use crate::web::permit::demand_person;
use crate::web::{Answer, Failure, Held, Small, site};

/// Codes that may be tried after one password.
const TRIES_MAX: u8 = 5;

/// A password that was right and waits for a code.
#[derive(Debug)]
pub(super) struct Challenge {
    come: Comer,
    /// The name under which tries are counted.
    counted: String,
    tries_left: u8,
}

/// Mounts the second step.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/sessions/second-factor").route(web::post().to(post_second_factor)),
    );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    username: String,
    password: String,
}

/// Whoever has shown a password, here or in the directory.
#[derive(Clone)]
pub(in crate::access) struct Comer {
    pub(in crate::access) user: Credentials,
    /// The same password hashed with what is asked for now, if it was hashed with less.
    pub(in crate::access) fresh_hash: Option<String>,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for Comer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Comer").finish_non_exhaustive()
    }
}

impl From<Credentials> for Comer {
    fn from(user: Credentials) -> Self {
        Self { user, fresh_hash: None }
    }
}

pub(super) async fn post_session(
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
    let account = known.as_ref().map(|user| user.id);
    let somebody = called_by(Actor::nobody(), &request);
    let counted = if elsewhere { names::bare(&typed) } else { &typed }.to_owned();
    let tried = match access.slowing.enter(&counted, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            return Err(step_up::told_to_wait(&desk, &somebody, account, slowed).await.into());
        }
    };
    let come = if elsewhere {
        let said = (typed, body.password);
        let user = elsewhere::admit(&desk, &access, (&somebody, account), guest, said).await?;
        user.map(Comer::from)
    } else {
        verify(&access, guest, known, body.password).await?
    };
    let Some(come) = come else {
        tried.failed(desk.now());
        desk.note_failed_sign_in(&somebody, account, "sessions.create").await;
        return Err(AccessError::WrongCredentials.into());
    };
    let id = come.user.id;
    let enrolled =
        desk.store().read(desk.screen_deadline(), |tx| second_factor::enrolled(tx, id))?;
    if enrolled.any() {
        // Taken back, not right: wrong codes go on counting from where wrong passwords ended.
        drop(tried);
        let challenge = Challenge { come, counted, tries_left: TRIES_MAX };
        return Err(ask_second_factor(&access, challenge, enrolled, (network, desk.now()))?);
    }
    tried.succeeded();
    let place = Place::of(&request)?;
    let opened = open(&request, &desk, &access, (come, &place), |work, user| {
        // One that was set up meanwhile is asked for.
        match second_factor::enrolled(work.tx(), user.id)?.any() {
            true => Err(AccessError::ChallengeOver),
            false => Ok(Factor::Password),
        }
    })
    .await?;
    signed_in(&request, &desk, &opened, &place)
}

/// Whether `password` is that of the local account `known`. Without one it takes as long.
async fn verify(
    access: &Access,
    guest: Guest,
    known: Option<Credentials>,
    password: String,
) -> Result<Option<Comer>, AccessError> {
    if password_rules::is_too_long(&password) {
        return Ok(None);
    }
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let outdated = hash.as_deref().is_some_and(passwords::is_outdated);
    let again = outdated.then(|| password.clone());
    let right = access.passwords.verify(guest, password, hash).await?;
    let Some(user) = known.filter(|_| right) else { return Ok(None) };
    let fresh_hash = match again {
        Some(password) => Some(access.passwords.hash(guest, password).await?),
        None => None,
    };
    Ok(Some(Comer { user, fresh_hash }))
}

/// The refusal that says how to go on.
fn ask_second_factor(
    access: &Access,
    challenge: Challenge,
    enrolled: Enrolled,
    (network, now): (IpAddr, i64),
) -> Result<Failure, AccessError> {
    let token = access.begun.challenges.begin(challenge, network, now)?;
    let factors = [
        (enrolled.totp_since.is_some(), "totp"),
        (0 < enrolled.passkeys, "passkey"),
        (0 < enrolled.recovery_codes, "recovery_code"),
    ];
    let factors: Vec<&str> =
        factors.into_iter().filter(|(has, _)| *has).map(|(_, word)| word).collect();
    Ok(Failure::from(AccessError::SecondFactor)
        .with("challenge", json!(token))
        .with("factors", json!(factors)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    challenge: String,
    code: String,
}

async fn post_second_factor(
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<SecondFactor>,
) -> Answer {
    let taken = access.begun.challenges.take(&body.challenge, desk.now());
    let mut taken = taken.ok_or(AccessError::ChallengeOver)?;
    let (come, user_id) = (taken.item.come.clone(), taken.item.come.user.id);
    let network = network_of(&request);
    let usual =
        desk.store().read(desk.screen_deadline(), |tx| sessions::is_usual(tx, user_id, network))?;
    let guest = Guest { network, usual };
    let tried = match access.slowing.enter(&taken.item.counted, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            // It was not looked at, so it is no try.
            access.begun.challenges.put_back(&body.challenge, taken);
            let somebody = called_by(Actor::nobody(), &request);
            let told = step_up::told_to_wait(&desk, &somebody, Some(user_id), slowed).await;
            return Err(told.into());
        }
    };
    let (held, code) = (Data::clone(&access), body.code);
    let place = Place::of(&request)?;
    let opened = open(&request, &desk, &access, (come, &place), move |work, user| {
        // An account that was changed or disabled meanwhile begins anew, also if that was undone.
        let now = users::find(work.tx(), user.id)?;
        if now.is_none_or(|now| now.version != user.version) {
            return Err(AccessError::ChallengeOver);
        }
        match second_factor::use_code(work, &held.secrets, user.id, &code)? {
            Some(Code::Totp) => Ok(Factor::Totp),
            Some(Code::Recovery) => Ok(Factor::RecoveryCode),
            None => Err(AccessError::WrongCode),
        }
    })
    .await;
    match &opened {
        Ok(_) => tried.succeeded(),
        Err(AccessError::WrongCode) => {
            tried.failed(desk.now());
            let somebody = called_by(Actor::nobody(), &request);
            let act = "sessions.second_factor";
            desk.note_failed_sign_in(&somebody, Some(user_id), act).await;
            taken.item.tries_left -= 1;
            if 0 < taken.item.tries_left {
                access.begun.challenges.put_back(&body.challenge, taken);
            }
        }
        // A full queue or a fault is no try either.
        Err(_) => access.begun.challenges.put_back(&body.challenge, taken),
    }
    signed_in(&request, &desk, &opened?, &place)
}

/// The one door: opens a session at `place` for whoever has come, if they are still who they were
/// when their password was checked, and `show` says what they have shown.
///
/// # Errors
/// They were disabled, handed over or given another password meanwhile; what `show` says; their
/// role asks for a second factor that the OpenID provider has not asked for.
pub(in crate::access) async fn open(
    request: &HttpRequest,
    desk: &Desk,
    access: &Access,
    (come, place): (Comer, &Place),
    show: impl Fn(&Work<'_>, &Credentials) -> Result<Factor, AccessError> + Send + 'static,
) -> Result<Opened, AccessError> {
    let Comer { user, fresh_hash } = come;
    let call = called_by(user.comer(None), request);
    let (token, expires_at) = (sessions::new_token()?, expiry(desk, access));
    let seat = place.seat(Factor::Password);
    desk.write(&call, "sessions.create", move |work| {
        // A reset that came while the password was checked ends this sign-in too.
        let now = users::find_by_name(work.tx(), &user.username)?;
        if !now.is_some_and(|now| now.active && now.password_hash == user.password_hash) {
            return Err(AccessError::WrongCredentials);
        }
        let factor = show(work, &user)?;
        if factor == Factor::Openid && sign_in_rules::asks_second_factor_of(work.tx(), user.id)? {
            return Err(AccessError::SecondFactorElsewhere);
        }
        if let Some(hash) = &fresh_hash {
            users::rehash_password(work, user.id, hash)?;
        }
        let seat = Seat { factor, ..seat.clone() };
        sessions::open(work, user.id, &token, expires_at, &seat)
    })
    .await
}

/// The answer to whoever has signed in, with the cookies of a page.
pub(super) fn signed_in(
    request: &HttpRequest,
    desk: &Desk,
    opened: &Opened,
    place: &Place,
) -> Answer {
    let session = super::describe(desk, &opened.actor, Some(opened.expires_at))?;
    let mut answer = HttpResponse::Created();
    answer
        .insert_header(("location", "/api/v1/sessions/current"))
        .insert_header(("cache-control", "no-store"));
    for cookie in cookies(request, opened, place) {
        answer.cookie(cookie);
    }
    Ok(answer.json(json!({"token": opened.token, "data": session})))
}

/// What a browser keeps of whoever has signed in, out of sight of scripts.
pub(in crate::access) fn cookies(
    request: &HttpRequest,
    opened: &Opened,
    place: &Place,
) -> Vec<Cookie<'static>> {
    let mut all = vec![site::session_cookie(request, opened.token.clone())];
    if let Some(secret) = place.secret.clone() {
        all.push(site::workstation_cookie(request, secret, workstations::SHIFT));
    }
    all
}

pub(super) async fn get_session(held: Held, desk: Data<Desk>) -> Answer {
    let held = held.present()?;
    let actor = &held.call.actor;
    let expires_at = match actor.session() {
        Some(id) => desk.store().read(desk.screen_deadline(), |tx| sessions::expires_at(tx, id))?,
        None => None,
    };
    let body = json!({"data": super::describe(&desk, actor, expires_at)?});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// Also of a locked session: whoever finds it may end it.
pub(super) async fn delete_session(held: Held, request: HttpRequest, desk: Data<Desk>) -> Answer {
    demand_person(&held.call)?;
    if let Some(id) = held.call.actor.session() {
        desk.write(&held.call, "sessions.end", move |work| sessions::end(work, id)).await?;
    }
    Ok(HttpResponse::NoContent().cookie(site::no_session_cookie(&request)).finish())
}

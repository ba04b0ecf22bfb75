//! The door itself: a password, a second step where one is set up, and the session that opens.

use std::net::IpAddr;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::{Access, called_by, expiry, network_of};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::password_rules;
use crate::access::passwords;
use crate::access::second_factor::{self, Code, Enrolled};
use crate::access::sessions::{self, Factor, Opened, Seat};
use crate::access::users::{self, Credentials};
use crate::access::workstations::{self, Workstation};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::StoreError;
use crate::vocab::actor::Actor;
use crate::web::permit::{CLIENT_HEADER, SESSION_COOKIE};
use crate::web::{Answer, Failure, Held, Small, origin};

/// The cookie that tells one workstation from another; it opens nothing by itself.
pub(super) const WORKSTATION_COOKIE: &str = "hf_workstation";
/// Characters of the browser's name that are kept.
const USER_AGENT_MAX: usize = 300;
/// Codes that may be tried after one password.
const TRIES_MAX: u8 = 5;

/// A password that was right and waits for a code.
#[derive(Debug)]
pub(super) struct Challenge {
    user: Credentials,
    fresh_hash: Option<String>,
    tries_left: u8,
}

/// Mounts the second step.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/sessions/second-factor").route(web::post().to(post_second_factor)),
    );
}

/// From where somebody signs in.
#[derive(Debug)]
pub(super) struct Place {
    user_agent: Option<String>,
    address: Option<String>,
    /// What the browser of the workstation keeps; programs have none.
    secret: Option<String>,
}

impl Place {
    /// From where `request` comes, as far as it says. A page's browser gets a secret of its own
    /// if it has none.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, AccessError> {
        let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
        let secret = match (is_page(request), kept_secret(request)) {
            (false, _) => None,
            (true, Some(secret)) => Some(secret),
            (true, None) => Some(workstations::new_secret()?),
        };
        Ok(Self {
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: origin::address(request).map(|address| address.to_string()),
            secret,
        })
    }

    /// The place, taken by somebody who has shown `factor`.
    pub(super) fn seat(&self, factor: Factor) -> Seat {
        Seat {
            factor,
            workstation: self.secret.as_deref().map(workstations::of_secret),
            user_agent: self.user_agent.clone(),
            address: self.address.clone(),
        }
    }
}

/// Whether a page of ours asks, which no foreign page can claim.
pub(super) fn is_page(request: &HttpRequest) -> bool {
    request.headers().contains_key(CLIENT_HEADER)
}

fn kept_secret(request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(WORKSTATION_COOKIE)?;
    let hex = cookie.value().strip_prefix("hfp_")?;
    let whole = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| cookie.value().to_owned())
}

/// The workstation at which `request` was made.
pub(super) fn workstation(request: &HttpRequest) -> Option<Workstation> {
    kept_secret(request).as_deref().map(workstations::of_secret)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    username: String,
    password: String,
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
        let Some(user) = users::find_by_name(tx, &typed)?.filter(|user| user.active) else {
            return Ok((None, false));
        };
        let enrolled = second_factor::enrolled(tx, user.id)?;
        let usual = sessions::is_usual(tx, user.id, network)?;
        Ok::<_, StoreError>((Some((user, enrolled)), usual))
    })?;
    let guest = Guest { network, usual };
    let hash = known.as_ref().map(|(user, _)| user.password_hash.clone());
    let account = known.as_ref().map(|(user, _)| user.id);
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
    let long = password_rules::is_too_long(&body.password);
    let outdated = hash.as_deref().is_some_and(passwords::is_outdated);
    let password = outdated.then(|| body.password.clone());
    let right = !long && access.passwords.verify(guest, body.password, hash).await?;
    let Some((user, enrolled)) = known.filter(|_| right) else {
        tried.failed(desk.now());
        desk.note_failed_sign_in(&somebody(), account, "sessions.create").await;
        return Err(AccessError::WrongCredentials.into());
    };
    let fresh_hash = match password {
        Some(password) => Some(access.passwords.hash(guest, password).await?),
        None => None,
    };
    if enrolled.any() {
        // Taken back, not right: wrong codes go on counting from where wrong passwords ended.
        drop(tried);
        let challenge = Challenge { user, fresh_hash, tries_left: TRIES_MAX };
        return Err(ask_second_factor(&access, challenge, enrolled, (network, desk.now()))?);
    }
    tried.succeeded();
    open(&request, &desk, &access, (user, fresh_hash), |_, _| Ok(Factor::Password)).await
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
    let user = taken.item.user.clone();
    let network = network_of(&request);
    let usual =
        desk.store().read(desk.screen_deadline(), |tx| sessions::is_usual(tx, user.id, network))?;
    let guest = Guest { network, usual };
    let tried = match access.slowing.enter(&user.username, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            // It was not looked at, so it is no try.
            access.begun.challenges.put_back(&body.challenge, taken);
            return Err(AccessError::from(slowed).into());
        }
    };
    let (held, code) = (Data::clone(&access), body.code);
    let fresh = taken.item.fresh_hash.clone();
    let opened = open(&request, &desk, &access, (user, fresh), move |work, user| {
        match second_factor::use_code(work, &held.secrets, user.id, &code)? {
            Some(Code::Totp) => Ok(Factor::Totp),
            Some(Code::Recovery) => Ok(Factor::RecoveryCode),
            None => Err(AccessError::WrongCode),
        }
    })
    .await;
    match &opened {
        Ok(_) => tried.succeeded(),
        Err(failure) if failure.code() == "access.wrong_code" => {
            tried.failed(desk.now());
            taken.item.tries_left -= 1;
            if 0 < taken.item.tries_left {
                access.begun.challenges.put_back(&body.challenge, taken);
            }
        }
        // A full queue or a fault is no try either.
        Err(_) => access.begun.challenges.put_back(&body.challenge, taken),
    }
    opened
}

/// Opens a session for the user, if they are still who they were when the password was checked
/// and `show` says what they have shown beside it.
pub(super) async fn open(
    request: &HttpRequest,
    desk: &Data<Desk>,
    access: &Data<Access>,
    (user, fresh_hash): (Credentials, Option<String>),
    show: impl Fn(&Work<'_>, &Credentials) -> Result<Factor, AccessError> + Send + 'static,
) -> Answer {
    let actor = Actor::user(user.id, &user.username, "", None, None, Vec::new());
    let call = called_by(actor, request);
    let (token, expires_at) = (sessions::new_token()?, expiry(desk, access));
    let place = Place::of(request)?;
    let seat = place.seat(Factor::Password);
    let opened = desk
        .write(&call, "sessions.create", move |work| {
            // A reset that came while the password was checked ends this sign-in too.
            let now = users::find_by_name(work.tx(), &user.username)?;
            if !now.is_some_and(|now| now.active && now.password_hash == user.password_hash) {
                return Err(AccessError::WrongCredentials);
            }
            let factor = show(work, &user)?;
            if let Some(hash) = &fresh_hash {
                users::rehash_password(work, user.id, hash)?;
            }
            let seat = Seat { factor, ..seat.clone() };
            sessions::open(work, user.id, &token, expires_at, &seat)
        })
        .await?;
    signed_in(desk, &opened, &place)
}

/// The answer to whoever has signed in, with the cookies of a page.
pub(super) fn signed_in(desk: &Desk, opened: &Opened, place: &Place) -> Answer {
    let session = super::describe(desk, &opened.actor, Some(opened.expires_at))?;
    let mut answer = HttpResponse::Created();
    answer
        .insert_header(("location", "/api/v1/sessions/current"))
        .insert_header(("cache-control", "no-store"))
        .cookie(cookie(SESSION_COOKIE, opened.token.clone()));
    if let Some(secret) = &place.secret {
        let mut cookie = cookie(WORKSTATION_COOKIE, secret.clone());
        cookie.set_max_age(Duration::microseconds(workstations::SHIFT));
        answer.cookie(cookie);
    }
    Ok(answer.json(json!({"token": opened.token, "data": session})))
}

/// Out of sight of scripts, and never sent for a page of another site.
fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Strict).finish()
}

pub(super) async fn get_session(held: Held, desk: Data<Desk>) -> Answer {
    let held = held.present()?;
    let actor = &held.call.actor;
    let expires_at = match actor.session() {
        Some(id) => desk.store().read(desk.screen_deadline(), |tx| {
            let sql = "SELECT expires_at FROM session WHERE id = ?1";
            tx.opt(sql, &[id.into()], |row| row.get::<i64>(0))
        })?,
        None => None,
    };
    let body = json!({"data": super::describe(&desk, actor, expires_at)?});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// Also of a locked session: whoever finds it may end it.
pub(super) async fn delete_session(held: Held, desk: Data<Desk>) -> Answer {
    if let Some(id) = held.call.actor.session() {
        desk.write(&held.call, "sessions.end", move |work| sessions::end(work, id)).await?;
    }
    let mut gone = Cookie::build(SESSION_COOKIE, "").path("/").finish();
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

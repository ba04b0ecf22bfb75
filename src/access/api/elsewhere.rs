//! People whose password lies elsewhere, over HTTP: who is asked for it, and the session that
//! opens when it was right.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;

use super::{Access, called_by, expiry, session_routes};
use crate::access::directory::accounts::{self, Comer};
use crate::access::directory::link::Outcome;
use crate::access::directory::watch;
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::sessions::{self, Opened};
use crate::access::users::{self, Credentials};
use crate::access::{directory, openid};
use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Call};

/// Mounts the settings of the directory and of the OpenID provider, and signing in by the latter.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.configure(directory::api::mount).configure(openid::api::mount);
}

/// Whether the directory is asked for the password of the account `found`: whose account came
/// from there, and who is not known here at all.
pub(super) fn is_asked(access: &Access, found: Option<&Credentials>) -> bool {
    match found {
        Some(user) => user.active && user.origin == "directory",
        None => access.directory.is_on(),
    }
}

/// The account of whoever is called `typed` in the directory, brought up to date; nothing if it
/// does not let them in.
///
/// # Errors
/// The password is theirs and they do not come in all the same, and why; the directory does not
/// answer.
pub(super) async fn admit(
    desk: &Desk,
    access: &Access,
    (somebody, known): (&Call, Option<i64>),
    guest: Guest,
    said: (String, String),
) -> Result<Option<Credentials>, AccessError> {
    let (person, rule) = match access.directory.sign_in(desk, guest, said).await? {
        Outcome::In(person, rule) => (person, rule),
        Outcome::Wrong => return Ok(None),
        Outcome::Expired => {
            desk.note_failed_sign_in(somebody, known, "sessions.password_expired").await;
            return Err(AccessError::PasswordExpired);
        }
    };
    let Some(rule) = rule else {
        desk.note_failed_sign_in(somebody, known, "sessions.no_group").await;
        return Err(AccessError::NoGroup);
    };
    admit_as(desk, somebody, watch::comer(*person, rule)).await.map(Some)
}

/// The account of `comer`, brought up to date.
///
/// # Errors
/// As [`accounts::admit`].
pub(in crate::access) async fn admit_as(
    desk: &Desk,
    somebody: &Call,
    comer: Comer,
) -> Result<Credentials, AccessError> {
    let by = accounts::acting_for(comer.origin);
    let call = Call::new(by, somebody.request_id.clone()).sent_from(somebody.address);
    let act = comer.origin.admits();
    desk.write(&call, act, move |work| accounts::admit(work, &comer)).await
}

/// A session of `user`.
///
/// # Errors
/// They were disabled, handed over or given another password while this one was looked at; what
/// the store says.
pub(in crate::access) async fn open(
    request: &HttpRequest,
    desk: &Desk,
    access: &Access,
    user: Credentials,
) -> Result<Opened, AccessError> {
    let actor = Actor::user(user.id, &user.username, "", None, None, Vec::new());
    let call = called_by(actor, request);
    let (token, expires_at) = (sessions::new_token()?, expiry(desk, access));
    let seat = session_routes::seat(request);
    desk.write(&call, "sessions.create", move |work| {
        // A reset that came while the password was checked ends this sign-in too.
        let now = users::find_by_name(work.tx(), &user.username)?;
        if !now.is_some_and(|now| now.active && now.password_hash == user.password_hash) {
            return Err(AccessError::WrongCredentials);
        }
        sessions::open(work, user.id, &token, expires_at, &seat)
    })
    .await
}

/// The user name of the account `id`, if there is one, whose password may be set here.
///
/// # Errors
/// What the store says; inside, [`AccessError::PasswordElsewhere`].
pub(super) fn local_name(
    tx: &ReadTx<'_>,
    id: i64,
) -> Result<Result<Option<String>, AccessError>, StoreError> {
    let Some(name) = users::name_of(tx, id)? else { return Ok(Ok(None)) };
    let known = users::find_by_name(tx, &name)?;
    Ok(known.map_or(Ok(()), |known| known.must_be_local()).map(|()| Some(name)))
}

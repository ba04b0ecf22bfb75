//! People whose password lies elsewhere, over HTTP: who is asked for it.

use actix_web::web::ServiceConfig;

use super::Access;
use crate::access::directory::accounts::{self, Comer};
use crate::access::directory::link::Outcome;
use crate::access::directory::{names, watch};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::password_rules;
use crate::access::users::{self, Credentials};
use crate::access::{directory, openid};
use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Call;

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

/// Whether `password` is that of `user`, wherever it lies. The directory is asked for that of an
/// account which came from there, which is brought up to date by that.
///
/// # Errors
/// Nobody but the OpenID provider knows it; the directory does not answer, or lets the person in
/// no more.
pub(super) async fn is_password(
    desk: &Desk,
    access: &Access,
    call: &Call,
    (guest, user): (Guest, &Credentials),
    password: String,
) -> Result<bool, AccessError> {
    if user.origin == "directory" {
        let said = (user.username.clone(), password);
        let come = admit(desk, access, (call, Some(user.id)), guest, said).await?;
        return Ok(come.is_some_and(|come| come.id == user.id));
    }
    user.must_be_local()?;
    let hash = Some(user.password_hash.clone());
    Ok(!password_rules::is_too_long(&password)
        && access.passwords.verify(guest, password, hash).await?)
}

/// The name under which tries for the account of `user` are counted.
pub(super) fn counted(user: &Credentials) -> &str {
    match user.origin.as_str() {
        "directory" => names::bare(&user.username),
        _ => &user.username,
    }
}

/// Refuses whoever comes without a password, and is let in no more where it lies.
///
/// # Errors
/// The directory has them no more or gives them no role; it does not answer.
pub(super) async fn still_there(
    desk: &Desk,
    access: &Access,
    call: &Call,
    (guest, user): (Guest, &Credentials),
) -> Result<(), AccessError> {
    if user.origin != "directory" {
        return user.must_be_local();
    }
    let id = user.id;
    let account = desk.store().read(desk.screen_deadline(), |tx| accounts::by_id(tx, id))?;
    let external_id = account.and_then(|account| account.external_id);
    let external_id = external_id.ok_or(AccessError::WrongCredentials)?;
    let (person, rule) = access.directory.look_up(desk, guest, external_id).await?;
    admit_as(desk, call, watch::comer(*person, rule)).await.map(|_| ())
}

/// The user name of the account `id`, if there is one, whose password may be set here.
///
/// # Errors
/// What the store says; inside, [`AccessError::PasswordElsewhere`].
pub(super) fn local_name(
    tx: &ReadTx<'_>,
    id: i64,
) -> Result<Result<Option<String>, AccessError>, StoreError> {
    let Some(user) = users::find(tx, id)? else { return Ok(Ok(None)) };
    Ok(user.must_be_local().map(|()| Some(user.username)))
}

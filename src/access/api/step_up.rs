//! The password once more, before what somebody at an open page must not do: a stolen session is
//! neither a way to change what its person signs in with, nor one to guess their password.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;

use super::{Access, elsewhere, network_of};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::password_rules::is_too_short_alone;
use crate::access::second_factor::{self, Enrolled};
use crate::access::sessions;
use crate::access::slowing::Slowed;
use crate::access::users::{self, Credentials};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::StoreError;
use crate::vocab::actor::Call;
use crate::vocab::problem::ProblemKind;
use crate::web::Failure;
use crate::web::permit::demand_person;

/// How long after the OpenID provider has let somebody in that counts as saying who one is once
/// more, microseconds.
const FRESH: i64 = 10 * 60 * 1_000_000;

/// A body that says the present password and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Current {
    pub(super) current_password: String,
}

/// Whoever has said their password once more.
pub(super) struct Confirmed {
    pub(super) user: Credentials,
    pub(super) guest: Guest,
    pub(super) enrolled: Enrolled,
    /// Whether the password may stand alone.
    pub(super) is_long: bool,
}

/// The person behind `call`, if `password` is theirs; `act` is what they want, for the audit.
///
/// # Errors
/// The field `current_password`; `access.slowed`; what the store says.
pub(super) async fn confirm(
    request: &HttpRequest,
    desk: &Data<Desk>,
    access: &Data<Access>,
    call: &Call,
    (password, act): (String, &'static str),
) -> Result<Confirmed, Failure> {
    let id = own_person(call)?;
    let network = network_of(request);
    let known = desk.store().read(desk.screen_deadline(), |tx| {
        let usual = sessions::is_usual(tx, id, network)?;
        let enrolled = second_factor::enrolled(tx, id)?;
        let user = users::find(tx, id)?;
        Ok::<_, StoreError>(user.map(|user| (user, Guest { network, usual }, enrolled)))
    })?;
    let Some((user, guest, enrolled)) = known else { return Err(wrong_password().into()) };
    let counted = elsewhere::counted(&user);
    let tried = match access.slowing.enter(counted, guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => return Err(told_to_wait(desk, call, Some(id), slowed).await.into()),
    };
    // How long one must be that lies in the directory is decided there.
    let is_long = user.origin != "local" || !is_too_short_alone(&password);
    if !elsewhere::is_password(desk, access, call, (guest, &user), password).await? {
        tried.failed(desk.now());
        desk.note_failed_sign_in(call, Some(id), act).await;
        return Err(wrong_password().into());
    }
    tried.succeeded();
    Ok(Confirmed { user, guest, enrolled, is_long })
}

/// The same where also those come who have no password that could be asked for here: whoever is
/// let in by the OpenID provider must have been so just now.
///
/// # Errors
/// As [`confirm`]; [`AccessError::SignInAgain`].
pub async fn confirm_or_fresh(
    request: &HttpRequest,
    desk: &Data<Desk>,
    access: &Data<Access>,
    call: &Call,
    (password, act): (Option<String>, &'static str),
) -> Result<(), Failure> {
    let (id, session) = (own_person(call)?, call.actor.session());
    let (user, since) = desk.store().read(desk.screen_deadline(), |tx| {
        let since = session.map(|session| sessions::opened_at(tx, session)).transpose()?;
        Ok::<_, StoreError>((users::find(tx, id)?, since.flatten()))
    })?;
    if user.is_some_and(|user| user.origin == "openid") {
        let is_fresh = since.is_some_and(|since| desk.now() < since.saturating_add(FRESH));
        return if is_fresh { Ok(()) } else { Err(AccessError::SignInAgain.into()) };
    }
    let password = password.unwrap_or_default();
    confirm(request, desk, access, call, (password, act)).await.map(drop)
}

/// Refuses if the password of `user` was reset since it was checked.
///
/// # Errors
/// The field `current_password`; what the store says.
pub(super) fn still(work: &Work<'_>, user: &Credentials) -> Result<(), AccessError> {
    let now = users::find_by_name(work.tx(), &user.username)?;
    if now.is_some_and(|now| now.active && now.password_hash == user.password_hash) {
        return Ok(());
    }
    Err(AccessError::from(wrong_password()))
}

fn wrong_password() -> RecordError {
    RecordError::field("current_password", "This is not your present password.")
}

/// The refusal of somebody who has to wait; the first of each wait is in the audit.
pub(super) async fn told_to_wait(
    desk: &Desk,
    call: &Call,
    account: Option<i64>,
    slowed: Slowed,
) -> AccessError {
    if slowed.first {
        desk.note_failed_sign_in(call, account, "sessions.slowed").await;
    }
    AccessError::from(slowed)
}

/// The account of the person behind the call, who is no program.
///
/// # Errors
/// `access.person_only`, `access.no_account`.
pub(super) fn own_person(call: &Call) -> Result<i64, Failure> {
    demand_person(call)?;
    own_id(call)
}

/// The account behind the call; the command line has none.
///
/// # Errors
/// `access.no_account`.
pub(super) fn own_id(call: &Call) -> Result<i64, Failure> {
    call.actor.user_id().ok_or_else(|| {
        let detail = "The command line has no account. Name one with ?user_id=usr_….";
        Failure::new("access.no_account", ProblemKind::NotAllowed, detail)
    })
}

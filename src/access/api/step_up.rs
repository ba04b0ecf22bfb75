//! The password once more, before what somebody at an open page must not do: a stolen session is
//! neither a way to change what its person signs in with, nor one to guess their password.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;

use super::{Access, elsewhere, network_of};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::password_rules::{LENGTH_MIN, composed};
use crate::access::second_factor::{self, Enrolled};
use crate::access::sessions;
use crate::access::users::{self, Credentials};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::StoreError;
use crate::vocab::actor::Call;
use crate::vocab::problem::ProblemKind;
use crate::web::Failure;
use crate::web::permit::demand_person;

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
    let tried = access.slowing.enter(counted, guest, desk.now()).map_err(AccessError::from)?;
    // How long one must be that lies in the directory is decided there.
    let is_long = user.origin != "local" || LENGTH_MIN <= composed(&password).chars().count();
    if !elsewhere::is_password(desk, access, call, (guest, &user), password).await? {
        tried.failed(desk.now());
        desk.note_failed_sign_in(call, Some(id), act).await;
        return Err(wrong_password().into());
    }
    tried.succeeded();
    Ok(Confirmed { user, guest, enrolled, is_long })
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

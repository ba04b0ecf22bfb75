//! Workstations: the browser of one PC, at which several people come and go during a shift.
//!
//! A session that was opened by a page belongs to its workstation. It locks when nobody is
//! there, at the page and here, and only one session of a workstation is open at a time. Whoever
//! has signed in at it during this shift comes back with a PIN, a password or a passkey; the
//! secret of the session is then a new one.

use super::error::AccessError;
use super::passwords::secret;
use super::pins::FAILURES_MAX;
use super::sessions::{Factor, SESSION, token_hash};
use super::sign_in_rules::{self, SignInRules};
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::digest::sha256;
use crate::web::permit::SessionState;

/// How long after signing in somebody comes back quickly, microseconds.
pub const SHIFT: i64 = 12 * 3_600 * 1_000_000;
/// How often the use of such a session is noted, microseconds.
pub const USE_NOTED_EVERY: i64 = 60 * 1_000_000;
/// How much longer than the page the server waits, microseconds: its notes are up to two
/// minutes behind.
const GRACE: i64 = 2 * 60 * 1_000_000;
const MINUTE: i64 = 60 * 1_000_000;
/// People shown of one workstation.
const PEOPLE_MAX: i64 = 50;

/// A workstation as the store names it: half a hash of what its browser keeps.
pub type Workstation = Vec<u8>;

/// A new secret for the browser of a workstation.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_secret() -> Result<String, AccessError> {
    Ok(format!("hfp_{}", secret(32)?))
}

/// The workstation whose browser keeps `secret`.
#[must_use]
pub fn of_secret(secret: &str) -> Workstation {
    sha256(&[b"workstation", secret.as_bytes()])[..16].to_vec()
}

/// How the session `id` of somebody with `role` stands at `now`, and whether it belongs to a
/// workstation; `last_used_at` is what was noted last.
///
/// # Errors
/// What the store says.
pub fn state(
    tx: &ReadTx<'_>,
    (id, role): (i64, &str),
    last_used_at: i64,
    now: i64,
) -> Result<(SessionState, bool), StoreError> {
    let sql = "SELECT factor, workstation IS NOT NULL, locked_at IS NOT NULL, \
        password_temporary = 1 AND origin = 'local' FROM session \
        JOIN app_user ON app_user.id = session.user_id WHERE session.id = ?1";
    let found = tx.opt(sql, &[id.into()], |row| {
        let whole = (row.get::<String>(0)?, row.get::<bool>(1)?, row.get::<bool>(2)?);
        Ok::<_, StoreError>((whole, row.get::<bool>(3)?))
    })?;
    let Some(((factor, at_workstation, locked), is_temporary)) = found else {
        return Ok((SessionState::Locked, false));
    };
    let (rules, _) = sign_in_rules::find(tx)?;
    let is_alone = match Factor::named(&factor) {
        Some(Factor::Password) => Some(SessionState::Enrolling),
        // Nothing can be set up here: the provider is asked again.
        Some(Factor::Openid) => Some(SessionState::Locked),
        _ => None,
    };
    let state = match is_alone {
        _ if locked || (at_workstation && is_idle(&rules, role, (last_used_at, now))) => {
            SessionState::Locked
        }
        _ if is_temporary => SessionState::NewPassword,
        Some(state) if rules.asks_second_factor_of(role) => state,
        _ => SessionState::Open,
    };
    Ok((state, at_workstation))
}

/// Whether nobody has been at a workstation for so long that the session there is locked, of
/// somebody with `role`; used last and now, microseconds.
#[must_use]
pub fn is_idle(rules: &SignInRules, role: &str, (last_used_at, now): (i64, i64)) -> bool {
    last_used_at + rules.lock_minutes_of(role) * MINUTE + GRACE < now
}

fn is_at_one(tx: &ReadTx<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM session WHERE id = ?1 AND workstation IS NOT NULL";
    Ok(tx.opt(sql, &[id.into()], |_| Ok(()))?.is_some())
}

/// Locks the session `id`, if it is open.
///
/// # Errors
/// It belongs to no workstation: nobody could come back to it. What the store says.
pub fn lock(work: &Work<'_>, id: i64) -> Result<(), AccessError> {
    if !is_at_one(work.tx(), id)? {
        return Err(AccessError::NoWorkstation);
    }
    lock_one(work, id)?;
    Ok(())
}

fn lock_one(work: &Work<'_>, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session SET locked_at = ?2 \
        WHERE id = ?1 AND ended_at IS NULL AND locked_at IS NULL";
    if work.tx().execute(sql, &[id.into(), work.now().into()])? != 0 {
        work.touched(Touch { kind: SESSION, id, patient: None, event: "locked" });
    }
    Ok(())
}

/// Somebody has come to `workstation` with the session `id`: the sessions of others there are
/// locked, older ones of the same person end.
///
/// # Errors
/// What the store says.
pub fn take_seat(
    work: &Work<'_>,
    workstation: &[u8],
    (id, user_id): (i64, i64),
) -> Result<(), StoreError> {
    let sql = "SELECT id, user_id FROM session WHERE workstation = ?1 AND id <> ?2 \
        AND ended_at IS NULL AND ?3 < expires_at";
    let params = [workstation.into(), id.into(), work.now().into()];
    let others = work
        .tx()
        .all(sql, &params, |row| Ok::<_, StoreError>((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
    for (other, of) in others {
        match of == user_id {
            true => super::sessions::end(work, other)?,
            false => lock_one(work, other)?,
        }
    }
    Ok(())
}

/// Somebody who has signed in at a workstation during this shift.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their session.
    pub session: i64,
    /// Their account.
    pub user_id: i64,
    /// The name that others see.
    pub display_name: String,
    /// Where their password lies.
    pub origin: String,
    /// Whether they have a PIN: they have allowed that their name stays here for the shift.
    pub has_pin: bool,
    /// Whether it has tries left.
    pub pin_works: bool,
    /// Hash of the secret of their session.
    pub token_hash: Vec<u8>,
    /// When they have signed in, microseconds.
    pub since: i64,
}

/// Those who have signed in at `workstation` within a shift before `now`, the last first.
///
/// # Errors
/// What the store says.
pub fn people(tx: &ReadTx<'_>, workstation: &[u8], now: i64) -> Result<Vec<Person>, StoreError> {
    let sql = "SELECT session.id, session.user_id, display_name, \
        pin.user_id IS NOT NULL, pin_failures < ?3, token_hash, session.created_at, origin \
        FROM session JOIN app_user ON app_user.id = session.user_id \
        LEFT JOIN pin ON pin.user_id = session.user_id \
        WHERE workstation = ?1 AND ended_at IS NULL AND ?2 < expires_at \
        AND ?4 < session.created_at AND active = 1 \
        ORDER BY coalesce(last_used_at, session.created_at) DESC, session.id DESC LIMIT ?5";
    let params = [
        workstation.into(),
        now.into(),
        FAILURES_MAX.into(),
        (now - SHIFT).into(),
        PEOPLE_MAX.into(),
    ];
    tx.all(sql, &params, |row| {
        Ok(Person {
            session: row.get(0)?,
            user_id: row.get(1)?,
            display_name: row.get(2)?,
            has_pin: row.get(3)?,
            pin_works: row.get(4)?,
            token_hash: row.get(5)?,
            since: row.get(6)?,
            origin: row.get(7)?,
        })
    })
}

/// Counts a try of a PIN for the session `id` as wrong, from its beginning, so that tries at the
/// same time do not slip in beside each other. How many there were with it.
///
/// # Errors
/// [`AccessError::PinUsedUp`]; what the store says.
pub fn count_try(work: &Work<'_>, id: i64) -> Result<i64, AccessError> {
    let sql = "UPDATE session SET pin_failures = pin_failures + 1 \
        WHERE id = ?1 AND pin_failures < ?2";
    if work.tx().execute(sql, &[id.into(), FAILURES_MAX.into()])? == 0 {
        return Err(AccessError::PinUsedUp);
    }
    let sql = "SELECT pin_failures FROM session WHERE id = ?1";
    Ok(work.tx().one(sql, &[id.into()], |row| row.get(0))?)
}

/// Takes a try back that nobody has looked at.
///
/// # Errors
/// What the store says.
pub fn take_try_back(work: &Work<'_>, id: i64) -> Result<(), AccessError> {
    let sql = "UPDATE session SET pin_failures = pin_failures - 1 \
        WHERE id = ?1 AND 0 < pin_failures";
    work.tx().execute(sql, &[id.into()])?;
    Ok(())
}

/// The person of the session `id` has come back to `workstation`; `token` is its secret from
/// now on. When it ends, in microseconds.
///
/// # Errors
/// It has ended meanwhile; what the store says.
pub fn come_back(
    work: &Work<'_>,
    workstation: &[u8],
    (id, user_id): (i64, i64),
    token: &str,
) -> Result<i64, AccessError> {
    let sql = "UPDATE session SET token_hash = ?3, locked_at = NULL, last_used_at = ?4, \
        pin_failures = 0 \
        WHERE id = ?1 AND workstation = ?2 AND ended_at IS NULL AND ?4 < expires_at";
    let params = [id.into(), workstation.into(), Value::Blob(token_hash(token)), work.now().into()];
    if work.tx().execute(sql, &params)? == 0 {
        return Err(AccessError::NotHereAnyMore);
    }
    work.touched(Touch { kind: SESSION, id, patient: None, event: "unlocked" });
    take_seat(work, workstation, (id, user_id))?;
    let sql = "SELECT expires_at FROM session WHERE id = ?1";
    Ok(work.tx().one(sql, &[id.into()], |row| row.get(0))?)
}

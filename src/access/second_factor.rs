//! The second factor of a person: codes of an app or passkeys, and recovery codes for when
//! neither is at hand. Who has either is asked for it after the password.

use super::error::AccessError;
use super::recovery;
use super::secrets::Secrets;
use super::sessions;
use super::totp::{self, SECRET_BYTES};
use super::users::USER;
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError, Value};

/// What somebody has set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Since when they have an app, microseconds.
    pub totp_since: Option<i64>,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// How many recovery codes they have not used.
    pub recovery_codes: i64,
}

impl Enrolled {
    /// Whether the password alone is not enough.
    #[must_use]
    pub fn any(&self) -> bool {
        self.totp_since.is_some() || 0 < self.passkeys
    }
}

/// What the user has set up.
///
/// # Errors
/// What the store says.
pub fn enrolled(tx: &ReadTx<'_>, user_id: i64) -> Result<Enrolled, StoreError> {
    let sql = "SELECT (SELECT created_at FROM totp WHERE user_id = ?1), \
        (SELECT count(*) FROM passkey WHERE user_id = ?1), \
        (SELECT count(*) FROM recovery_code WHERE user_id = ?1 AND used_at IS NULL)";
    tx.one(sql, &[user_id.into()], |row| {
        let (totp_since, passkeys) = (row.get(0)?, row.get(1)?);
        Ok(Enrolled { totp_since, passkeys, recovery_codes: row.get(2)? })
    })
}

/// Refuses to leave a password alone that `is_short` and good enough only beside a second factor.
///
/// # Errors
/// [`AccessError::PasswordTooShortAlone`]; what the store says.
pub fn demand_beside(tx: &ReadTx<'_>, user_id: i64, is_short: bool) -> Result<(), AccessError> {
    match is_short && !enrolled(tx, user_id)?.any() {
        true => Err(AccessError::PasswordTooShortAlone),
        false => Ok(()),
    }
}

/// What a code was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// One of the app.
    Totp,
    /// A recovery code.
    Recovery,
}

/// What `typed` is for the user at the present, if it is right; it is used up then.
///
/// # Errors
/// What the store says.
pub fn use_code(
    work: &Work<'_>,
    secrets: &Secrets,
    user_id: i64,
    typed: &str,
) -> Result<Option<Code>, StoreError> {
    if let Some(code) = totp::code(typed) {
        let used = use_totp(work, secrets, user_id, &code)?;
        return Ok(used.then_some(Code::Totp));
    }
    let Some(hash) = recovery::hash(user_id, typed) else { return Ok(None) };
    let sql = "UPDATE recovery_code SET used_at = ?3 \
        WHERE user_id = ?1 AND code_hash = ?2 AND used_at IS NULL";
    let used = work.tx().execute(sql, &[user_id.into(), hash.into(), work.now().into()])?;
    if used == 0 {
        return Ok(None);
    }
    touched(work, user_id, "recovery_code_used");
    Ok(Some(Code::Recovery))
}

fn use_totp(
    work: &Work<'_>,
    secrets: &Secrets,
    user_id: i64,
    code: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT secret FROM totp WHERE user_id = ?1";
    let sealed = work.tx().opt(sql, &[user_id.into()], |row| row.get::<Vec<u8>>(0))?;
    let Some(sealed) = sealed else { return Ok(false) };
    let Some(secret) = unsealed(secrets, user_id, &sealed) else {
        tracing::error!(
            user.id = user_id,
            "The key file secret.key is not the one that this person's codes were set up with. \
             Put back that of a backup, or reset the person's second factor."
        );
        return Ok(false);
    };
    let Some(step) = totp::step_of(secret, code, work.now()) else { return Ok(false) };
    // A code that was seen over a shoulder or on the line is worth nothing after its use.
    let sql = "UPDATE totp SET last_step = ?2 WHERE user_id = ?1 AND last_step < ?2";
    Ok(work.tx().execute(sql, &[user_id.into(), step.into()])? != 0)
}

fn purpose(user_id: i64) -> String {
    format!("totp {user_id}")
}

fn unsealed(secrets: &Secrets, user_id: i64, sealed: &[u8]) -> Option<[u8; SECRET_BYTES]> {
    secrets.unseal(&purpose(user_id), sealed)?.try_into().ok()
}

/// Gives the user an app with `secret`, of which the code of `step` was shown. Their other
/// sessions end but for `keep`, which has shown the second factor now.
///
/// # Errors
/// The system gives no random numbers; what the store says.
pub fn add_totp(
    work: &Work<'_>,
    secrets: &Secrets,
    user_id: i64,
    (secret, step): ([u8; SECRET_BYTES], i64),
    keep: Option<i64>,
) -> Result<(), AccessError> {
    let sealed = secrets.seal(&purpose(user_id), &secret)?;
    let sql = "INSERT INTO totp (user_id, secret, last_step, created_at) \
        VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, \
        last_step = excluded.last_step, created_at = excluded.created_at";
    let params = [user_id.into(), sealed.into(), step.into(), work.now().into()];
    work.tx().execute(sql, &params)?;
    touched(work, user_id, "totp_added");
    shown(work, user_id, "totp", keep)
}

/// The session `keep` of the user has shown `factor`; all others end.
pub(super) fn shown(
    work: &Work<'_>,
    user_id: i64,
    factor: &str,
    keep: Option<i64>,
) -> Result<(), AccessError> {
    let sql = "UPDATE session SET factor = ?2 WHERE id = ?1 AND ended_at IS NULL";
    work.tx().execute(sql, &[keep.into(), factor.into()])?;
    sessions::end_others(work, user_id, keep)?;
    Ok(())
}

/// Gives the user the recovery codes `codes` instead of those they had.
///
/// # Errors
/// What the store says.
pub fn set_recovery_codes(
    work: &Work<'_>,
    user_id: i64,
    codes: &[String],
) -> Result<(), AccessError> {
    forget_recovery_codes(work, user_id)?;
    for hash in codes.iter().filter_map(|code| recovery::hash(user_id, code)) {
        let sql = "INSERT INTO recovery_code (user_id, code_hash) VALUES (?1, ?2)";
        work.tx().execute(sql, &[user_id.into(), hash.into()])?;
    }
    touched(work, user_id, "recovery_codes_made");
    Ok(())
}

fn forget_recovery_codes(work: &Work<'_>, user_id: i64) -> Result<(), StoreError> {
    work.tx().execute("DELETE FROM recovery_code WHERE user_id = ?1", &[user_id.into()])?;
    Ok(())
}

/// Takes the app away; with the last second factor its recovery codes go too. Other sessions
/// than `keep` end.
///
/// # Errors
/// There is none; what the store says.
pub fn remove_totp(work: &Work<'_>, user_id: i64, keep: Option<i64>) -> Result<(), AccessError> {
    let gone = work.tx().execute("DELETE FROM totp WHERE user_id = ?1", &[user_id.into()])?;
    if gone == 0 {
        return Err(AccessError::NoSuchFactor);
    }
    touched(work, user_id, "totp_removed");
    removed(work, user_id, keep)
}

/// What follows when something was taken away.
pub(super) fn removed(work: &Work<'_>, user_id: i64, keep: Option<i64>) -> Result<(), AccessError> {
    if !enrolled(work.tx(), user_id)?.any() {
        forget_recovery_codes(work, user_id)?;
        // What was shown by the session does not count any more where one is asked for.
        let sql = "UPDATE session SET factor = 'password' WHERE id = ?1";
        work.tx().execute(sql, &[Value::from(keep)])?;
    }
    sessions::end_others(work, user_id, keep)?;
    Ok(())
}

/// Takes everything away: for somebody who has lost it.
///
/// # Errors
/// What the store says.
pub fn remove_all(work: &Work<'_>, user_id: i64) -> Result<(), AccessError> {
    for table in ["totp", "passkey", "pin"] {
        let sql = format!("DELETE FROM {table} WHERE user_id = ?1");
        work.tx().execute(&sql, &[user_id.into()])?;
    }
    forget_recovery_codes(work, user_id)?;
    touched(work, user_id, "second_factor_removed");
    Ok(())
}

pub(super) fn touched(work: &Work<'_>, user_id: i64, event: &'static str) {
    work.touched(Touch { kind: USER, id: user_id, patient: None, event });
}

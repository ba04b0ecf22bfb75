//! What the store has of the passwords of accounts.

use super::USER;
use crate::access::error::AccessError;
use crate::access::passwords::secret;
use crate::access::{pins, sessions, tokens};
use crate::platform::ledger::{RecordError, Touch, Work};
use crate::store::{ReadTx, StoreError};

/// What stands in the place of the hash of a password that lies elsewhere, or of none: no
/// password has it, and none that is made later is the same.
///
/// # Errors
/// The system gives no random numbers.
pub fn no_password() -> Result<String, AccessError> {
    Ok(format!("*{}", secret(8)?))
}

/// Gives the user a new password; their sessions, their PIN and the tokens that act for them end,
/// whoever made these: it is what helps against a stolen account. One that is `temporary` lets
/// them only choose another.
///
/// # Errors
/// No such user; what the store says.
pub fn set_password(
    work: &Work<'_>,
    id: i64,
    password_hash: &str,
    temporary: bool,
) -> Result<(), AccessError> {
    write_password(work, id, password_hash)?;
    if temporary {
        make_temporary(work, id)?;
    }
    sessions::end_all(work, id)?;
    // What was made with the old password opens nothing any more.
    pins::remove(work, id)?;
    tokens::revoke_all(work, id)?;
    work.touched(Touch { kind: USER, id, patient: None, event: "password_reset" });
    Ok(())
}

/// The password that the user has lets them only choose another.
///
/// # Errors
/// What the store says.
pub fn make_temporary(work: &Work<'_>, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE app_user SET password_temporary = 1 WHERE id = ?1";
    work.tx().execute(sql, &[id.into()]).map(|_| ())
}

/// Whether somebody else has set the password of the user, who has to choose another; never of one
/// whose password lies elsewhere.
///
/// # Errors
/// What the store says.
pub fn is_temporary(tx: &ReadTx<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT password_temporary = 1 AND origin = 'local' FROM app_user WHERE id = ?1";
    Ok(tx.opt(sql, &[id.into()], |row| row.get(0))?.unwrap_or(false))
}

/// The user's password is the same and hashed anew, with what is asked for now.
///
/// # Errors
/// No such user; what the store says.
pub fn rehash_password(work: &Work<'_>, id: i64, password_hash: &str) -> Result<(), AccessError> {
    let sql = "UPDATE app_user SET password_hash = ?2 WHERE id = ?1";
    if work.tx().execute(sql, &[id.into(), password_hash.into()])? == 0 {
        return Err(RecordError::NotFound("user").into());
    }
    work.touched(Touch { kind: USER, id, patient: None, event: "password_rehashed" });
    Ok(())
}

/// The user has chosen a new password; their sessions end but for `keep`.
///
/// # Errors
/// No such user; what the store says.
pub fn change_password(
    work: &Work<'_>,
    id: i64,
    password_hash: &str,
    keep: Option<i64>,
) -> Result<(), AccessError> {
    write_password(work, id, password_hash)?;
    sessions::end_others(work, id, keep)?;
    work.touched(Touch { kind: USER, id, patient: None, event: "password_changed" });
    Ok(())
}

fn write_password(work: &Work<'_>, id: i64, password_hash: &str) -> Result<(), AccessError> {
    let sql = "UPDATE app_user SET password_hash = ?2, password_temporary = 0, updated_at = ?3, \
        version = version + 1 WHERE id = ?1";
    let params = [id.into(), password_hash.into(), work.now().into()];
    if work.tx().execute(sql, &params)? == 0 {
        return Err(RecordError::NotFound("user").into());
    }
    Ok(())
}

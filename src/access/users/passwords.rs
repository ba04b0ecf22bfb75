//! What the store has of the passwords of accounts.

use super::USER;
use crate::access::error::AccessError;
use crate::access::passwords::secret;
use crate::access::sessions;
use crate::platform::ledger::{RecordError, Touch, Work};

/// What stands in the place of the hash of a password that lies elsewhere, or of none: no
/// password has it, and none that is made later is the same.
///
/// # Errors
/// The system gives no random numbers.
pub fn no_password() -> Result<String, AccessError> {
    Ok(format!("*{}", secret(8)?))
}

/// Gives the user a new password and ends their sessions.
///
/// # Errors
/// No such user; what the store says.
pub fn set_password(work: &Work<'_>, id: i64, password_hash: &str) -> Result<(), AccessError> {
    write_password(work, id, password_hash)?;
    sessions::end_all(work, id)?;
    work.touched(Touch { kind: USER, id, patient: None, event: "password_reset" });
    Ok(())
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
    let sql = "UPDATE app_user SET password_hash = ?2, updated_at = ?3, version = version + 1 \
        WHERE id = ?1";
    let params = [id.into(), password_hash.into(), work.now().into()];
    if work.tx().execute(sql, &params)? == 0 {
        return Err(RecordError::NotFound("user").into());
    }
    Ok(())
}

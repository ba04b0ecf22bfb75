//! Sessions: durable, ended at once when somebody signs out, is disabled or gets a new
//! password. The store keeps only the hash of the secret.

use super::error::AccessError;
use super::passwords::secret;
use super::roles;
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::Actor;
use crate::vocab::digest::sha256;
use crate::vocab::id::Kind;

/// Sessions in audit rows.
pub const SESSION: Kind = Kind::new("session", "ses");

/// A session that was just opened; the only time its secret is known.
#[derive(Debug, Clone)]
pub struct Opened {
    /// `hfs_…`, for the cookie or the header Authorization.
    pub token: String,
    /// When it ends, microseconds.
    pub expires_at: i64,
    /// Who holds it.
    pub actor: Actor,
}

/// A new secret for a session.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_token() -> Result<String, AccessError> {
    Ok(format!("hfs_{}", secret(32)?))
}

/// What the store keeps of a secret.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    sha256(&[b"session", token.as_bytes()]).to_vec()
}

/// Opens a session for the user with `token` until `expires_at`.
///
/// # Errors
/// The user is gone or disabled; what the store says.
pub fn open(
    work: &Work<'_>,
    user_id: i64,
    token: &str,
    expires_at: i64,
) -> Result<Opened, AccessError> {
    let id = work.new_id();
    let sql = "INSERT INTO session (id, token_hash, user_id, created_at, expires_at) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let hash = token_hash(token);
    let params =
        [id.into(), Value::Blob(hash), user_id.into(), work.now().into(), expires_at.into()];
    work.tx().execute(sql, &params)?;
    let sql = "UPDATE app_user SET last_sign_in_at = ?2 WHERE id = ?1";
    work.tx().execute(sql, &[user_id.into(), work.now().into()])?;
    work.touched(Touch { kind: SESSION, id, patient: None, event: "signed_in" });
    let (actor, _) = find(work.tx(), token, work.now())?.ok_or(AccessError::WrongCredentials)?;
    Ok(Opened { token: token.to_owned(), expires_at, actor })
}

/// Who holds the secret `token` at `now`, and until when.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, token: &str, now: i64) -> Result<Option<(Actor, i64)>, StoreError> {
    let sql = "SELECT session.id, session.expires_at, app_user.id, display_name, role, facility_id \
        FROM session JOIN app_user ON app_user.id = session.user_id \
        WHERE token_hash = ?1 AND ended_at IS NULL AND ?2 < expires_at AND active = 1";
    tx.opt(sql, &[Value::Blob(token_hash(token)), now.into()], |row| {
        let (session, expires_at) = (row.get::<i64>(0)?, row.get::<i64>(1)?);
        let (name, role) = (row.get::<String>(3)?, row.get::<String>(4)?);
        let held = roles::permissions(&role);
        let actor = Actor::user(row.get(2)?, &name, &role, row.get(5)?, Some(session), held);
        Ok((actor, expires_at))
    })
}

/// Ends the session `id`.
///
/// # Errors
/// What the store says.
pub fn end(work: &Work<'_>, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
    work.tx().execute(sql, &[id.into(), work.now().into()])?;
    work.touched(Touch { kind: SESSION, id, patient: None, event: "signed_out" });
    Ok(())
}

/// Ends every session of the user.
///
/// # Errors
/// What the store says.
pub fn end_all(work: &Work<'_>, user_id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session SET ended_at = ?2 WHERE user_id = ?1 AND ended_at IS NULL";
    work.tx().execute(sql, &[user_id.into(), work.now().into()])?;
    Ok(())
}

//! What signing in needs to know of an account.

use super::username;
use crate::access::error::AccessError;
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::Actor;

/// What signing in needs to know of a user.
#[derive(Clone)]
pub struct Credentials {
    /// The user.
    pub id: i64,
    /// The name as it is stored, not as it was typed.
    pub username: String,
    /// What people call them.
    pub display_name: String,
    /// The code of their role.
    pub role: String,
    /// PHC string.
    pub password_hash: String,
    /// Whether the account is in use.
    pub active: bool,
    /// Where its password lies; one of [`ORIGINS`].
    pub origin: String,
    /// How often the account was changed.
    pub version: i64,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Credentials {
    /// The person as one who comes in: the audit knows who it is, and they may nothing yet.
    #[must_use]
    pub fn comer(&self, session: Option<i64>) -> Actor {
        Actor::user(self.id, &self.display_name, &self.role, None, session, Vec::new())
    }

    /// Refuses to set a password here that lies elsewhere.
    ///
    /// # Errors
    /// [`AccessError::PasswordElsewhere`]
    pub fn must_be_local(&self) -> Result<(), AccessError> {
        match self.origin.as_str() {
            "directory" => Err(AccessError::PasswordElsewhere("in the hospital's directory")),
            "openid" => Err(AccessError::PasswordElsewhere("with the hospital's OpenID provider")),
            _ => Ok(()),
        }
    }
}

/// The user called `typed`, whatever its case.
///
/// # Errors
/// What the store says.
pub fn find_by_name(tx: &ReadTx<'_>, typed: &str) -> Result<Option<Credentials>, StoreError> {
    credentials(tx, "lower(username)", username(typed).into())
}

/// The account `id`.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, id: i64) -> Result<Option<Credentials>, StoreError> {
    credentials(tx, "id", id.into())
}

fn credentials(
    tx: &ReadTx<'_>,
    by: &'static str,
    value: Value,
) -> Result<Option<Credentials>, StoreError> {
    let sql = format!(
        "SELECT id, username, password_hash, active, origin, display_name, role, version \
         FROM app_user WHERE {by} = ?1"
    );
    tx.opt(&sql, &[value], |row| {
        Ok(Credentials {
            id: row.get(0)?,
            username: row.get(1)?,
            password_hash: row.get(2)?,
            active: row.get(3)?,
            origin: row.get(4)?,
            display_name: row.get(5)?,
            role: row.get(6)?,
            version: row.get(7)?,
        })
    })
}

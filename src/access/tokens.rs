//! Tokens for programs: each acts for one account, with no more than its scopes and than the
//! account holds at that moment, until it expires or is revoked. The secret is shown once; the
//! store keeps its hash.

use std::net::IpAddr;

use super::error::AccessError;
use super::passwords::secret;
use super::standing;
use crate::platform::ledger::{RecordError, Touch, Work};
use crate::store::{ReadTx, StoreError, Tx, Value};
use crate::vocab::actor::Actor;
use crate::vocab::digest::{hex, sha256};
use crate::vocab::id::Kind;

/// Tokens in audit rows and addresses.
pub const API_TOKEN: Kind = Kind::new("token", "tok");

/// What every token begins with, so that people and programs that look for leaked secrets know
/// one when they see it.
const PREFIX: &str = "hft_";
/// Random bytes of a token.
const SECRET_BYTES: usize = 24;
/// Bytes at its end that tell a typing error from a token that is not known.
const CHECK_BYTES: usize = 4;
/// Characters of a token that are kept to tell it from others: those of the prefix and 4 more.
const SHOWN: usize = 8;

/// Days that a token may last.
pub const DAYS_MAX: i64 = 365;
/// Days that it lasts when nobody says.
pub const DAYS: i64 = 90;
/// Characters of its name.
pub const NAME_MAX: usize = 100;
/// Tokens that one account may have at the same time.
pub const LIVE_MAX: i64 = 50;

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// A new token, `hft_…`.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_token() -> Result<String, AccessError> {
    let secret = secret(SECRET_BYTES)?;
    Ok(format!("{PREFIX}{secret}{}", check(&secret)))
}

fn check(secret: &str) -> String {
    hex(&sha256(&[b"check of a token", secret.as_bytes()])[..CHECK_BYTES])
}

/// Whether `text` is meant to be a token and not a session.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether it is whole and without a typing error.
#[must_use]
pub fn is_typed_right(token: &str) -> bool {
    let Some(text) = token.strip_prefix(PREFIX) else { return false };
    let split = text.split_at_checked(SECRET_BYTES * 2);
    split.is_some_and(|(secret, end)| check(secret) == end)
}

/// What the store keeps of a token.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    sha256(&[b"token", token.as_bytes()]).to_vec()
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// For whom it acts.
    pub user_id: i64,
    /// What people call it.
    pub name: String,
    /// The permissions that it may use.
    pub scopes: Vec<&'static str>,
    /// How long it lasts, in days, 1 to [`DAYS_MAX`].
    pub days: i64,
}

/// Keeps `token` as `new` says; its identity.
///
/// # Errors
/// No such account, or a disabled one; it does not hold a scope; it has a token of this name or
/// [`LIVE_MAX`] of them; what the store says.
pub fn add(work: &Work<'_>, new: &NewToken, token: &str) -> Result<i64, AccessError> {
    let refused = |field: &str, mend: String| Err(RecordError::field(field, mend).into());
    let Some(owner) = owner(work.tx(), new.user_id)? else {
        return refused("user_id", "There is no account with this id that is in use.".to_owned());
    };
    if let Some(missing) = new.scopes.iter().find(|scope| !owner.may(scope)) {
        return refused("scopes", format!("{} does not hold {missing}.", owner.name()));
    }
    let sql = "SELECT count(*), coalesce(sum(name = ?3), 0) FROM api_token \
        WHERE user_id = ?1 AND revoked_at IS NULL AND ?2 < expires_at";
    let params = [new.user_id.into(), work.now().into(), new.name.as_str().into()];
    let (live, same) =
        work.tx().one(sql, &params, |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
    if LIVE_MAX <= live {
        let mend = format!("An account has at most {LIVE_MAX} tokens. Revoke one first.");
        return refused("user_id", mend);
    }
    if 0 < same {
        let message = "This account has a token of this name. Choose another.".to_owned();
        return Err(RecordError::Taken { field: "name".to_owned(), message }.into());
    }
    let id = work.new_id();
    let sql = "INSERT INTO api_token (id, token_hash, starts_with, user_id, name, scopes, \
        created_by, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let params = [
        id.into(),
        Value::Blob(token_hash(token)),
        token.get(..SHOWN).into(),
        new.user_id.into(),
        new.name.as_str().into(),
        new.scopes.join(" ").as_str().into(),
        work.call().actor.user_id().into(),
        work.now().into(),
        (work.now() + new.days.clamp(1, DAYS_MAX) * DAY).into(),
    ];
    work.tx().execute(sql, &params)?;
    work.touched(Touch { kind: API_TOKEN, id, patient: None, event: "created" });
    Ok(id)
}

/// The account, as long as it is in use.
fn owner(tx: &ReadTx<'_>, id: i64) -> Result<Option<Actor>, StoreError> {
    let found = standing::of(tx, id)?.filter(|standing| standing.active);
    Ok(found.map(|standing| standing.actor(None)))
}

/// Why a token does not hold any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its time is over.
    Expired,
    /// Somebody has revoked it, or its account is disabled.
    Revoked,
}

/// What is known of a token.
#[derive(Debug, Clone)]
pub enum Known {
    /// It holds.
    Holds {
        /// Who acts through it.
        actor: Actor,
        /// Which it is.
        id: i64,
        /// Until when, microseconds.
        expires_at: i64,
        /// When it was noted last that it is in use; 0 if never.
        last_used_at: i64,
    },
    /// It does not hold any more.
    Ended {
        /// Which it is.
        id: i64,
        /// Why.
        ending: Ending,
    },
}

/// What is known of `token` at `now`; `None` if it never was one.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, token: &str, now: i64) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT id, user_id, name, scopes, expires_at, revoked_at, \
        coalesce(last_used_at, 0) FROM api_token WHERE token_hash = ?1";
    let found = tx.opt(sql, &[Value::Blob(token_hash(token))], |row| {
        let who = (row.get::<i64>(0)?, row.get::<i64>(1)?);
        let what = (row.get::<String>(2)?, row.get::<String>(3)?);
        let until = (row.get::<i64>(4)?, row.get::<Option<i64>>(5)?);
        Ok::<_, StoreError>((who, what, until, row.get::<i64>(6)?))
    })?;
    let Some(((id, user), (name, scopes), (expires_at, revoked), last_used_at)) = found else {
        return Ok(None);
    };
    let ended = |ending| Ok(Some(Known::Ended { id, ending }));
    let Some(owner) = owner(tx, user)?.filter(|_| revoked.is_none()) else {
        return ended(Ending::Revoked);
    };
    if expires_at <= now {
        return ended(Ending::Expired);
    }
    let scopes: Vec<&str> = scopes.split(' ').collect();
    let actor = owner.through_token(id, &name, &scopes);
    Ok(Some(Known::Holds { actor, id, expires_at, last_used_at }))
}

/// Notes that the token `id` was used at `now`; not a change that anybody made, and so without
/// an audit row.
///
/// # Errors
/// What the store says.
pub fn note_use(tx: &Tx<'_>, id: i64, now: i64, address: Option<IpAddr>) -> Result<(), StoreError> {
    let sql = "UPDATE api_token SET last_used_at = ?2, last_used_from = ?3 \
        WHERE id = ?1 AND revoked_at IS NULL";
    let address = address.map(|address| address.to_string());
    tx.execute(sql, &[id.into(), now.into(), address.as_deref().into()])?;
    Ok(())
}

/// Revokes the token `id`, for ever.
///
/// # Errors
/// There is none, or it was revoked before; what the store says.
pub fn revoke(work: &Work<'_>, id: i64) -> Result<(), RecordError> {
    let sql = "UPDATE api_token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    if work.tx().execute(sql, &[id.into(), work.now().into()])? == 0 {
        return Err(RecordError::NotFound(API_TOKEN.name));
    }
    work.touched(Touch { kind: API_TOKEN, id, patient: None, event: "revoked" });
    Ok(())
}

/// Revokes every token of the user.
///
/// # Errors
/// What the store says.
pub fn revoke_all(work: &Work<'_>, user_id: i64) -> Result<(), RecordError> {
    let sql = "SELECT id FROM api_token WHERE user_id = ?1 AND revoked_at IS NULL";
    let all: Vec<i64> = work.tx().all(sql, &[user_id.into()], |row| row.get(0))?;
    all.into_iter().try_for_each(|id| revoke(work, id))
}

/// A token for those who may see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Which.
    pub id: i64,
    /// For whom it acts.
    pub user_id: i64,
    /// What that account is called.
    pub user_name: String,
    /// What it is called.
    pub name: String,
    /// The permissions that it may use, those that its account lacks now among them.
    pub scopes: Vec<String>,
    /// Its first characters.
    pub starts_with: String,
    /// Who made it, if it was not the command line.
    pub created_by: Option<i64>,
    /// Since when, microseconds, as all times here.
    pub created_at: i64,
    /// Until when.
    pub expires_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When it was noted last that it is in use; up to five minutes behind.
    pub last_used_at: Option<i64>,
    /// From where it was used then.
    pub last_used_from: Option<String>,
}

/// Tokens shown at most.
const LISTED_MAX: i64 = 500;
/// How long those that have ended are shown.
const ENDED_SHOWN: i64 = 90 * DAY;

/// Which tokens are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// Everybody's.
    All,
    /// Those of one account.
    Of(i64),
    /// One.
    One(i64),
}

/// The tokens `asked` for that hold at `now`, the newest first, then those that have ended in
/// the last 90 days.
///
/// # Errors
/// What the store says.
pub fn list(tx: &ReadTx<'_>, asked: Asked, now: i64) -> Result<Vec<Listed>, StoreError> {
    let narrowed = match asked {
        Asked::All => "?2 IS NULL",
        Asked::Of(_) => "api_token.user_id = ?2",
        Asked::One(_) => "api_token.id = ?2",
    };
    let sql = format!(
        "SELECT api_token.id, user_id, display_name, name, scopes, starts_with, created_by, \
        api_token.created_at, expires_at, revoked_at, last_used_at, last_used_from \
        FROM api_token JOIN app_user ON app_user.id = user_id \
        WHERE {narrowed} AND ?1 - {ENDED_SHOWN} < coalesce(revoked_at, expires_at) \
        ORDER BY revoked_at IS NULL AND ?1 < expires_at DESC, api_token.id DESC LIMIT ?3"
    );
    let narrowing = match asked {
        Asked::All => None,
        Asked::Of(id) | Asked::One(id) => Some(id),
    };
    tx.all(&sql, &[now.into(), narrowing.into(), LISTED_MAX.into()], |row| {
        Ok(Listed {
            id: row.get(0)?,
            user_id: row.get(1)?,
            user_name: row.get(2)?,
            name: row.get(3)?,
            scopes: row.get::<String>(4)?.split(' ').map(str::to_owned).collect(),
            starts_with: row.get(5)?,
            created_by: row.get(6)?,
            created_at: row.get(7)?,
            expires_at: row.get(8)?,
            revoked_at: row.get(9)?,
            last_used_at: row.get(10)?,
            last_used_from: row.get(11)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_told_from_a_token_that_is_not_known() {
        let token = new_token().unwrap();
        assert!(is_token(&token) && is_typed_right(&token), "{token}");
        assert_eq!(token.len(), 60);
        for at in PREFIX.len()..token.len() {
            let mut typed = token.clone().into_bytes();
            typed[at] = if typed[at] == b'0' { b'1' } else { b'0' };
            assert!(!is_typed_right(std::str::from_utf8(&typed).unwrap()), "character {at}");
        }
        for wrong in [&token[..59], &token[4..], &format!("{token}0"), "hft_", "hft_é", ""] {
            assert!(!is_typed_right(wrong), "{wrong}");
        }
        assert_ne!(token, new_token().unwrap());
    }
}

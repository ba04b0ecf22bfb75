//! Sessions: durable, ended at once when somebody signs out, is disabled or gets a new
//! password. The store keeps only the hash of the secret.

use std::net::IpAddr;

use super::error::AccessError;
use super::passwords::secret;
use super::standing;
use super::workstations::{self, Workstation};
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError, Tx, Value};
use crate::vocab::actor::Actor;
use crate::vocab::digest::sha256;
use crate::vocab::id::Kind;
use crate::vocab::network::network;

/// Sessions in audit rows.
pub const SESSION: Kind = Kind::new("session", "ses");

/// A session that was just opened; the only time its secret is known.
#[derive(Clone)]
pub struct Opened {
    /// `hfs_…`, for the cookie or the header Authorization.
    pub token: String,
    /// When it ends, microseconds.
    pub expires_at: i64,
    /// Who holds it.
    pub actor: Actor,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// What a person has shown to open a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Factor {
    /// The password alone.
    #[default]
    Password,
    /// The password and a code of an app.
    Totp,
    /// The password and a recovery code.
    RecoveryCode,
    /// A passkey, which has verified its person.
    Passkey,
    /// What the OpenID provider asks for, which is a password as far as it says.
    Openid,
    /// The same, and the provider says that it was more than one factor.
    OpenidMfa,
}

impl Factor {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::Totp,
        Self::RecoveryCode,
        Self::Passkey,
        Self::Openid,
        Self::OpenidMfa,
    ];

    /// Its word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::Openid => "openid",
            Self::OpenidMfa => "openid_mfa",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.word() == word)
    }
}

/// Where and how a session was opened.
#[derive(Debug, Clone, Default)]
pub struct Seat {
    /// What was shown.
    pub factor: Factor,
    /// The workstation, if a page opened it.
    pub workstation: Option<Workstation>,
    /// The header User-Agent.
    pub user_agent: Option<String>,
    /// The address of the other end; a proxy's where one stands between.
    pub address: Option<String>,
}

/// Who holds a secret.
#[derive(Debug, Clone)]
pub struct Held {
    /// Who.
    pub actor: Actor,
    /// Until when, microseconds.
    pub expires_at: i64,
    /// When it was noted last that the session is in use.
    pub last_used_at: i64,
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
    seat: &Seat,
) -> Result<Opened, AccessError> {
    let id = work.new_id();
    let sql = "INSERT INTO session (id, token_hash, user_id, created_at, expires_at, \
        last_used_at, user_agent, address, factor, workstation) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7, ?8, ?9)";
    let params = [
        id.into(),
        Value::Blob(token_hash(token)),
        user_id.into(),
        work.now().into(),
        expires_at.into(),
        seat.user_agent.as_deref().into(),
        seat.address.as_deref().into(),
        seat.factor.word().into(),
        seat.workstation.clone().into(),
    ];
    work.tx().execute(sql, &params)?;
    let sql = "UPDATE app_user SET last_sign_in_at = ?2 WHERE id = ?1";
    work.tx().execute(sql, &[user_id.into(), work.now().into()])?;
    work.touched(Touch { kind: SESSION, id, patient: None, event: "signed_in" });
    if let Some(workstation) = &seat.workstation {
        workstations::take_seat(work, workstation, (id, user_id))?;
    }
    let held = find(work.tx(), token, work.now())?.ok_or(AccessError::WrongCredentials)?;
    Ok(Opened { token: token.to_owned(), expires_at, actor: held.actor })
}

/// Sessions of one account that are looked through for its usual places.
pub(super) const USUAL_SESSIONS: i64 = 200;

/// Whether the user has signed in from `place` (a [`network`]) of late.
///
/// # Errors
/// What the store says.
pub fn is_usual(tx: &ReadTx<'_>, user_id: i64, place: IpAddr) -> Result<bool, StoreError> {
    let sql = "SELECT address FROM session WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2";
    let places = tx.all(sql, &[user_id.into(), USUAL_SESSIONS.into()], |row| {
        let address = row.get::<Option<String>>(0)?;
        Ok::<_, StoreError>(network(address.and_then(|it| it.parse().ok())))
    })?;
    Ok(places.contains(&place))
}

/// Who holds the secret `token` at `now`.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, token: &str, now: i64) -> Result<Option<Held>, StoreError> {
    let sql = "SELECT id, user_id, expires_at, coalesce(last_used_at, created_at) FROM session \
        WHERE token_hash = ?1 AND ended_at IS NULL AND ?2 < expires_at";
    let found = tx.opt(sql, &[Value::Blob(token_hash(token)), now.into()], |row| {
        let (session, user) = (row.get::<i64>(0)?, row.get::<i64>(1)?);
        Ok((session, user, row.get::<i64>(2)?, row.get::<i64>(3)?))
    })?;
    let Some((session, user, expires_at, last_used_at)) = found else { return Ok(None) };
    let standing = standing::of(tx, user)?.filter(|standing| standing.active);
    Ok(standing.map(|it| Held { actor: it.actor(Some(session)), expires_at, last_used_at }))
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

/// Ends every session of the user but `keep`, and says how many there were.
///
/// # Errors
/// What the store says.
pub fn end_others(work: &Work<'_>, user_id: i64, keep: Option<i64>) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM session WHERE user_id = ?1 AND ended_at IS NULL \
        AND ?2 < expires_at AND id IS NOT ?3";
    let params = [user_id.into(), work.now().into(), keep.into()];
    let others: Vec<i64> = work.tx().all(sql, &params, |row| row.get(0))?;
    for id in &others {
        end(work, *id)?;
    }
    Ok(others.len())
}

/// A session that holds, for those who may see it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Which.
    pub id: i64,
    /// Since when, microseconds, as the next two.
    pub created_at: i64,
    /// When it was noted last that it is in use; up to five minutes behind.
    pub last_used_at: i64,
    /// Until when.
    pub expires_at: i64,
    /// Whether it is locked.
    pub locked: bool,
    /// What was shown to open it: a word of [`Factor`].
    pub factor: String,
    /// The workstation, if a page opened it.
    pub workstation: Option<Workstation>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// From where it was opened.
    pub address: Option<String>,
}

/// Sessions shown of one user; nobody sits in more places.
const SHOWN_MAX: i64 = 200;

/// The sessions of the user that hold at `now`, the one used last first.
///
/// # Errors
/// What the store says.
pub fn of_user(tx: &ReadTx<'_>, user_id: i64, now: i64) -> Result<Vec<OpenSession>, StoreError> {
    let sql = "SELECT id, created_at, coalesce(last_used_at, created_at) AS used, expires_at, \
        user_agent, address, factor, workstation, locked_at IS NOT NULL FROM session \
        WHERE user_id = ?1 AND ended_at IS NULL AND ?2 < expires_at \
        ORDER BY used DESC, id DESC LIMIT ?3";
    tx.all(sql, &[user_id.into(), now.into(), SHOWN_MAX.into()], |row| {
        Ok(OpenSession {
            id: row.get(0)?,
            created_at: row.get(1)?,
            last_used_at: row.get(2)?,
            expires_at: row.get(3)?,
            user_agent: row.get(4)?,
            address: row.get(5)?,
            factor: row.get(6)?,
            workstation: row.get(7)?,
            locked: row.get(8)?,
        })
    })
}

/// What was shown to open the session `id`.
///
/// # Errors
/// What the store says.
pub fn factor_of(tx: &ReadTx<'_>, id: i64) -> Result<Option<Factor>, StoreError> {
    let sql = "SELECT factor FROM session WHERE id = ?1";
    let word = tx.opt(sql, &[id.into()], |row| row.get::<String>(0))?;
    Ok(word.and_then(|word| Factor::named(&word)))
}

/// When the session `id` was opened, microseconds.
///
/// # Errors
/// What the store says.
pub fn opened_at(tx: &ReadTx<'_>, id: i64) -> Result<Option<i64>, StoreError> {
    tx.opt("SELECT created_at FROM session WHERE id = ?1", &[id.into()], |row| row.get(0))
}

/// When the session `id` ends, microseconds.
///
/// # Errors
/// What the store says.
pub fn expires_at(tx: &ReadTx<'_>, id: i64) -> Result<Option<i64>, StoreError> {
    tx.opt("SELECT expires_at FROM session WHERE id = ?1", &[id.into()], |row| row.get(0))
}

/// Whose session `id` is, if it holds at `now`.
///
/// # Errors
/// What the store says.
pub fn owner(tx: &ReadTx<'_>, id: i64, now: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT user_id FROM session WHERE id = ?1 AND ended_at IS NULL AND ?2 < expires_at";
    tx.opt(sql, &[id.into(), now.into()], |row| row.get(0))
}

/// Notes that the session `id` was in use at `now`; not a change that anybody made, and so
/// without an audit row.
///
/// # Errors
/// What the store says.
pub fn note_use(tx: &Tx<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session SET last_used_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
    tx.execute(sql, &[id.into(), now.into()])?;
    Ok(())
}

//! Accounts of people whose password lies elsewhere: made when they come the first time, found
//! again by what stays the same of them there, and brought up to date whenever they come.

use serde_json::{Map, Value as Json, json};

use super::mapping::Rule;
use crate::access::error::AccessError;
use crate::access::roles::PERMISSIONS;
use crate::access::users::{self, Credentials, FACILITY, USERS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{TEXT_MAX, verbs};
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Actor;
use crate::vocab::text;

/// Where accounts come from, as the store has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The hospital's directory.
    Directory,
    /// Its OpenID provider.
    Openid,
}

impl Origin {
    /// The word in the column `origin`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Openid => "openid",
        }
    }

    /// The act in the audit when somebody from there is let in.
    #[must_use]
    pub fn admits(self) -> &'static str {
        match self {
            Self::Directory => "directory.admit",
            Self::Openid => "openid.admit",
        }
    }
}

/// Who acts when accounts follow what is said of them there. It may give whatever role an
/// administrator has mapped.
#[must_use]
pub fn acting_for(origin: Origin) -> Actor {
    Actor::machine(origin.word(), PERMISSIONS.to_vec())
}

/// Somebody whose password was right elsewhere.
#[derive(Debug, Clone)]
pub struct Comer {
    /// Where.
    pub origin: Origin,
    /// What stays the same of them there.
    pub external_id: String,
    /// What they are called when they sign in.
    pub username: String,
    /// Their name.
    pub display_name: String,
    /// What they may be here.
    pub rule: Rule,
}

/// An account from elsewhere.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which.
    pub id: i64,
    /// What stays the same of its person there; nothing before the first sign-in.
    pub external_id: Option<String>,
    active: bool,
    display_name: String,
    role: String,
    facility: Option<i64>,
}

/// The account of `comer`, with the name and the role that they have now. Without one it is
/// made; one that an administrator has handed over is taken when the name is the same.
///
/// # Errors
/// [`AccessError::NameTaken`] if the name belongs to somebody else here, who may only be called
/// the same; the account is disabled here; what the store says.
pub fn admit(work: &Work<'_>, comer: &Comer) -> Result<Credentials, AccessError> {
    let known = by_external_id(work.tx(), comer.origin, &comer.external_id)?;
    let id = match known {
        Some(account) if !account.active => return Err(AccessError::WrongCredentials),
        Some(account) => {
            refresh(work, &account, comer)?;
            account.id
        }
        None => match by_name(work.tx(), comer)? {
            Some(account) => claim(work, &account, comer)?,
            None => make(work, comer)?,
        },
    };
    let name = users::name_of(work.tx(), id)?.unwrap_or_default();
    users::find_by_name(work.tx(), &name)?.ok_or(AccessError::WrongCredentials)
}

/// Writes the name and the role that the person has now, if they are others than before.
///
/// # Errors
/// What the store says; the role or the facility of the rule is not there any more.
pub fn refresh(work: &Work<'_>, account: &Account, comer: &Comer) -> Result<(), AccessError> {
    let name = display_name(comer);
    let mut patch = Map::new();
    if account.display_name != name {
        patch.insert("display_name".to_owned(), json!(name));
    }
    if account.role != comer.rule.role {
        patch.insert("role".to_owned(), json!(comer.rule.role));
    }
    if let Some(facility) = comer.rule.facility().filter(|it| Some(*it) != account.facility) {
        patch.insert("facility_id".to_owned(), json!(FACILITY.show(facility)));
        // Those of another facility cannot stay.
        patch.insert("departments".to_owned(), json!([]));
    }
    if !patch.is_empty() {
        verbs::amend(work, &USERS, (account.id, None), &patch).map_err(misfit)?;
    }
    Ok(())
}

fn claim(work: &Work<'_>, account: &Account, comer: &Comer) -> Result<i64, AccessError> {
    if !account.active {
        return Err(AccessError::WrongCredentials);
    }
    let sql = "UPDATE app_user SET external_id = ?2 WHERE id = ?1 AND external_id IS NULL";
    work.tx().execute(sql, &[account.id.into(), comer.external_id.as_str().into()])?;
    refresh(work, account, comer)?;
    Ok(account.id)
}

fn make(work: &Work<'_>, comer: &Comer) -> Result<i64, AccessError> {
    let mut fields = Map::new();
    fields.insert("username".to_owned(), json!(comer.username));
    fields.insert("display_name".to_owned(), json!(display_name(comer)));
    fields.insert("role".to_owned(), json!(comer.rule.role));
    if let Some(facility) = comer.rule.facility() {
        fields.insert("facility_id".to_owned(), Json::String(FACILITY.show(facility)));
    }
    let form = Form::read(&USERS, &fields, work.zone()).map_err(RecordError::from);
    let mut form = form.map_err(misfit)?;
    form.set("origin", comer.origin.word());
    form.set("external_id", comer.external_id.as_str());
    users::add(work, form, &users::no_password()?).map_err(misfit)
}

/// One line, as long as it may be; the user name if nothing of it can be shown.
fn display_name(comer: &Comer) -> String {
    let name = text::line(&comer.display_name).unwrap_or_default();
    let name: String = name.chars().take(TEXT_MAX).collect();
    if name.is_empty() { comer.username.clone() } else { name }
}

/// What is wrong with an account that nobody has typed is not told by field.
fn misfit(cause: RecordError) -> AccessError {
    match cause {
        RecordError::Invalid(fields) => {
            let fields: Vec<&str> = fields.iter().map(|one| one.field.as_str()).collect();
            tracing::warn!(fields = fields.join(", "), "An account could not be made or changed");
            AccessError::AccountUnfit
        }
        other => AccessError::Record(other),
    }
}

const COLUMNS: &str = "SELECT id, external_id, active, display_name, role, facility_id, \
    origin FROM app_user";

/// The account whose person is called so here, if it waits for them.
fn by_name(tx: &ReadTx<'_>, comer: &Comer) -> Result<Option<Account>, AccessError> {
    let name = users::username(&comer.username);
    let found = read(tx, "WHERE lower(username) = ?1", &[name.into()])?;
    match found {
        None => Ok(None),
        Some((account, origin))
            if origin == comer.origin.word() && account.external_id.is_none() =>
        {
            Ok(Some(account))
        }
        Some(_) => Err(AccessError::NameTaken),
    }
}

fn by_external_id(
    tx: &ReadTx<'_>,
    origin: Origin,
    external_id: &str,
) -> Result<Option<Account>, StoreError> {
    let params = [origin.word().into(), external_id.into()];
    let found = read(tx, "WHERE origin = ?1 AND external_id = ?2", &params)?;
    Ok(found.map(|(account, _)| account))
}

/// The account `id`.
///
/// # Errors
/// What the store says.
pub fn by_id(tx: &ReadTx<'_>, id: i64) -> Result<Option<Account>, StoreError> {
    Ok(read(tx, "WHERE id = ?1", &[id.into()])?.map(|(account, _)| account))
}

/// Those of the directory who are signed in at `now`, beginning after `after`, at most `most`.
///
/// # Errors
/// What the store says.
pub fn signed_in(
    tx: &ReadTx<'_>,
    (after, most): (i64, i64),
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT id FROM app_user WHERE origin = 'directory' AND ?1 < id \
        AND EXISTS (SELECT 1 FROM session WHERE user_id = app_user.id AND ended_at IS NULL \
        AND ?2 < expires_at) ORDER BY id LIMIT ?3";
    tx.all(sql, &[after.into(), now.into(), most.into()], |row| row.get(0))
}

fn read(
    tx: &ReadTx<'_>,
    which: &str,
    params: &[crate::store::Value],
) -> Result<Option<(Account, String)>, StoreError> {
    let sql = format!("{COLUMNS} {which}");
    tx.opt(&sql, params, |row| {
        let account = Account {
            id: row.get(0)?,
            external_id: row.get(1)?,
            active: row.get(2)?,
            display_name: row.get(3)?,
            role: row.get(4)?,
            facility: row.get(5)?,
        };
        Ok((account, row.get::<String>(6)?))
    })
}

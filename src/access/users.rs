//! People with an account.

use super::error::AccessError;
use super::roles::ROLES;
use super::sessions;
use crate::platform::ledger::{RecordError, Touch, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject, verbs};
use crate::store::{ReadTx, StoreError};
use crate::vocab::id::Kind;
use crate::vocab::problem::Findings;

/// People with an account.
pub const USER: Kind = Kind::new("user", "usr");
/// Sites of the hospital; the room `domain::facilities` owns their table.
pub const FACILITY: Kind = Kind::new("facility", "fac");

/// Users as a resource. The password hash is no column of it and so cannot be shown.
pub static USERS: Resource = Resource {
    kind: USER,
    path: "users",
    table: "app_user",
    read: "users.read",
    write: "users.write",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::long_text("username", NAME_MAX).required(),
        Column::text("display_name").required(),
        Column::words("role", &ROLES).required(),
        Column::bool("active"),
        Column::time("last_sign_in_at"),
    ],
    children: &[],
    parents: &[],
    prepare,
};

/// Characters that a user name may have.
pub const NAME_MAX: usize = 64;

/// A user name as it is compared: without blanks around it and the case of a to z.
#[must_use]
pub fn username(typed: &str) -> String {
    typed.trim().to_ascii_lowercase()
}

/// Names are for typing: letters, digits and a few marks, compared without case.
fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    // Before anything is folded: to other rules of case U+212A is a k.
    let username = username(form.text("username").unwrap_or_default());
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "._-@".contains(letter);
    let mut findings = Findings::new();
    let mend = "Use letters a to z, digits and . _ - @, without spaces.";
    findings.check(username.chars().all(fine), "username", mend);
    if let Some(id) = form.int("facility_id") {
        let sql = "SELECT 1 FROM facility WHERE id = ?1";
        let there = work.tx().opt(sql, &[id.into()], |_| Ok(()))?.is_some();
        findings.check(there, "facility_id", "There is no facility with this id.");
    }
    findings.verdict()?;
    let own = match occasion {
        Occasion::Create(id) | Occasion::Amend(id) => id,
    };
    if find_by_name(work.tx(), &username)?.is_some_and(|user| user.id != own) {
        let message = "This user name is taken. Choose another.".to_owned();
        return Err(RecordError::Taken { field: "username".to_owned(), message });
    }
    form.set("username", username);
    if let Occasion::Amend(id) = occasion {
        keep_an_administrator(work, form, id)?;
        if form.int("active") == Some(0) {
            // For ever: a session must not live again when the account does.
            sessions::end_all(work, id)?;
        }
    }
    Ok(())
}

/// The last active administrator can be neither disabled nor given another role: nobody could
/// let anybody in any more.
fn keep_an_administrator(work: &Work<'_>, form: &Form, id: i64) -> Result<(), RecordError> {
    let field = if form.int("active") == Some(0) { "active" } else { "role" };
    if field == "role" && form.text("role") == Some("administrator") {
        return Ok(());
    }
    let sql = "SELECT count(*), coalesce(min(id), 0) FROM app_user \
        WHERE role = 'administrator' AND active = 1";
    let (all, first) =
        work.tx().one(sql, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
    if all != 1 || first != id {
        return Ok(());
    }
    let mend = "This is the last active administrator. Make somebody else administrator first.";
    Err(RecordError::field(field, mend))
}

/// What signing in needs to know of a user.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user.
    pub id: i64,
    /// The name as it is stored, not as it was typed.
    pub username: String,
    /// PHC string.
    pub password_hash: String,
    /// Whether the account is in use.
    pub active: bool,
}

/// The user called `typed`, whatever its case.
///
/// # Errors
/// What the store says.
pub fn find_by_name(tx: &ReadTx<'_>, typed: &str) -> Result<Option<Credentials>, StoreError> {
    let sql = "SELECT id, username, password_hash, active FROM app_user \
        WHERE lower(username) = ?1";
    tx.opt(sql, &[username(typed).into()], |row| {
        Ok(Credentials {
            id: row.get(0)?,
            username: row.get(1)?,
            password_hash: row.get(2)?,
            active: row.get(3)?,
        })
    })
}

/// The name that the user signs in with.
///
/// # Errors
/// What the store says.
pub fn name_of(tx: &ReadTx<'_>, id: i64) -> Result<Option<String>, StoreError> {
    tx.opt("SELECT username FROM app_user WHERE id = ?1", &[id.into()], |row| row.get(0))
}

/// Whether anybody has an account.
///
/// # Errors
/// What the store says.
pub fn any(tx: &ReadTx<'_>) -> Result<bool, StoreError> {
    Ok(tx.opt("SELECT 1 FROM app_user LIMIT 1", &[], |_| Ok(()))?.is_some())
}

/// Whether an administrator can sign in. Until then the set-up stays open: nobody else can let
/// anybody in.
///
/// # Errors
/// What the store says.
pub fn has_administrator(tx: &ReadTx<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM app_user WHERE role = 'administrator' AND active = 1 LIMIT 1";
    Ok(tx.opt(sql, &[], |_| Ok(()))?.is_some())
}

/// Makes an account of the checked `form` with `password_hash`.
///
/// # Errors
/// The name is taken; a value is refused; what the store says.
pub fn add(work: &Work<'_>, mut form: Form, password_hash: &str) -> Result<i64, RecordError> {
    form.set("password_hash", password_hash);
    verbs::create_form(work, &USERS, form)
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

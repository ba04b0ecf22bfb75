//! Roles: sets of permissions with a name, and whose records whoever holds them reaches.
//! Everything that a role does not list is denied.
//!
//! Owns `role`, `role_permission` and `role_default`. [`declared`] is the one list of what the
//! program asks for and of what its built-in roles hold; [`defaults`] brings a store up to it and
//! restores it; [`giving`] sees that nobody gives what he does not hold, and that somebody is
//! left who can let others in. A change of a role is felt at the next request of whoever holds
//! it. Permissions: `roles.read`, `roles.write`.
pub mod declared;
pub mod defaults;
pub mod giving;

pub use declared::{BUILT_IN, PERMISSIONS};

use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::{Form, row_text};
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Child, Column, Occasion, Resource, Sort, Subject};
use crate::store::{ReadTx, Row, StoreError};
use crate::vocab::id::Kind;

/// A set of permissions with a name.
pub const ROLE: Kind = Kind::new("role", "rol");

/// The words of `role.reach`, the widest first.
pub static REACHES: [&str; 3] = ["everybody", "facility", "departments"];

/// Characters of a role's code.
pub const CODE_MAX: usize = 40;

/// The role word of actors without an account; no role may be called so.
const MACHINE: &str = "machine";

/// Roles as a resource.
pub static ROLES: Resource = Resource {
    kind: ROLE,
    path: "roles",
    table: "role",
    read: "roles.read",
    write: "roles.write",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::long_text("code", CODE_MAX).required(),
        Column::long_text("name", 100).required(),
        Column::bool("built_in").read_only(),
        Column::words("reach", &REACHES).required(),
        Column::bool("active"),
    ],
    children: &[Child {
        name: "permissions",
        table: "role_permission",
        owner: "role_id",
        columns: &[Column::words("permission", &PERMISSIONS).required()],
        most: PERMISSIONS.len(),
        plain: true,
    }],
    parents: &[],
    prepare,
};

/// A role as it is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its identity.
    pub id: i64,
    /// What accounts name it by, e.g. `nurse`.
    pub code: String,
    /// What people call it; built-in roles are called so in English.
    pub name: String,
    /// Whether the program made it.
    pub built_in: bool,
    /// One of [`REACHES`].
    pub reach: String,
    /// Whether anybody may be given it.
    pub active: bool,
    /// What it holds, as far as this program asks for it, in the order of [`PERMISSIONS`].
    pub permissions: Vec<&'static str>,
}

const COLUMNS: &str = "id, code, name, built_in, reach, active";

/// The role `id`.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, id: i64) -> Result<Option<Role>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM role WHERE id = ?1");
    with_permissions(tx, tx.opt(&sql, &[id.into()], from_row)?)
}

/// The role that accounts name `code`.
///
/// # Errors
/// What the store says.
pub fn by_code(tx: &ReadTx<'_>, code: &str) -> Result<Option<Role>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM role WHERE code = ?1");
    with_permissions(tx, tx.opt(&sql, &[code.into()], from_row)?)
}

/// The codes of roles that somebody can be given, built-in ones first.
///
/// # Errors
/// What the store says.
pub fn codes(tx: &ReadTx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT code FROM role WHERE active = 1 ORDER BY built_in DESC, id";
    tx.all(sql, &[], |row| row.get(0))
}

fn from_row(row: &Row<'_>) -> Result<Role, StoreError> {
    Ok(Role {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        built_in: row.get(3)?,
        reach: row.get(4)?,
        active: row.get(5)?,
        permissions: Vec::new(),
    })
}

fn with_permissions(tx: &ReadTx<'_>, role: Option<Role>) -> Result<Option<Role>, StoreError> {
    let Some(mut role) = role else { return Ok(None) };
    let sql = "SELECT permission FROM role_permission WHERE role_id = ?1";
    let held = tx.all(sql, &[role.id.into()], |row| row.get::<String>(0))?;
    role.permissions = known(|code| held.iter().any(|held| held == code));
    Ok(Some(role))
}

/// The permissions that `held` says yes to. What another program has written and this one does
/// not ask for lets nobody do anything.
fn known(held: impl Fn(&str) -> bool) -> Vec<&'static str> {
    PERMISSIONS.into_iter().filter(|code| held(code)).collect()
}

/// The permissions that `form` gives.
fn sent(form: &Form) -> Vec<&'static str> {
    let rows = form.rows("permissions");
    known(|code| rows.iter().any(|row| row_text(row, "permission") == Some(code)))
}

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let before = match occasion {
        Occasion::Create(_) => None,
        Occasion::Amend(id) => find(work.tx(), id)?,
    };
    let mut check = Check::new(work, form);
    match &before {
        None => {
            let code = form.text("code").unwrap_or_default();
            let mend = "Use a letter a to z first, then letters a to z, digits and _.";
            check.holds(is_code(code), "code", mend);
            check.holds(code != MACHINE, "code", "This word is taken. Choose another.");
        }
        Some(before) => {
            let same = form.text("code") == Some(before.code.as_str());
            let mend = "A role keeps its code. Make a copy of it under another one.";
            check.holds(same, "code", mend);
            if before.built_in {
                let same = form.text("name") == Some(before.name.as_str());
                let mend = "A built-in role keeps its name. Make a copy of it under another one.";
                check.holds(same, "name", mend);
                let mend = "A built-in role stays. Take it from those who hold it instead.";
                check.holds(form.int("active") != Some(0), "active", mend);
            }
        }
    }
    check.verdict()?;
    giving::check_role(work, form, before.as_ref())
}

fn is_code(code: &str) -> bool {
    let fine = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '_');
    code.starts_with(|letter: char| letter.is_ascii_lowercase()) && code.chars().all(fine)
}

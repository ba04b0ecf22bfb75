//! People with an account: their role, where they work, and the rules of changing them.

use super::error::AccessError;
use super::roles::giving;
use super::roles::{self, Role};
use super::{sessions, tokens};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Child, Column, Occasion, Resource, Sort, Subject, verbs};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::{Actor, Reach};
use crate::vocab::id::Kind;

mod credentials;
mod passwords;

pub use credentials::{Credentials, find, find_by_name};

pub use passwords::{
    change_password, is_temporary, make_temporary, no_password, rehash_password, set_password,
};

/// People with an account.
pub const USER: Kind = Kind::new("user", "usr");
/// Sites of the hospital; the room `domain::facilities` owns their table.
pub const FACILITY: Kind = Kind::new("facility", "fac");
/// Wards, clinics and services of a site; theirs too.
pub const DEPARTMENT: Kind = Kind::new("department", "dep");

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
        Column::id("facility_id", FACILITY).filter(),
        Column::long_text("username", NAME_MAX).required(),
        Column::text("display_name").required(),
        Column::long_text("role", roles::CODE_MAX).required().filter(),
        Column::bool("active"),
        Column::words("origin", &ORIGINS),
        Column::time("last_sign_in_at"),
    ],
    children: &[Child {
        name: "departments",
        table: "user_department",
        owner: "user_id",
        columns: &[Column::id("department_id", DEPARTMENT).required()],
        most: DEPARTMENTS_MAX,
        plain: true,
    }],
    parents: &[],
    prepare,
};

/// Where an account comes from, and so its password: from here, from the hospital's directory, or
/// from its OpenID provider.
pub const ORIGINS: [&str; 3] = ["local", "directory", "openid"];

/// Characters that a user name may have.
pub const NAME_MAX: usize = 64;
/// Departments that one person may belong to.
pub const DEPARTMENTS_MAX: usize = 50;

/// A user name as it is compared: without blanks around it and the case of a to z.
#[must_use]
pub fn username(typed: &str) -> String {
    typed.trim().to_ascii_lowercase()
}

/// What an account is before a change, as far as the rules ask.
struct Before {
    facility: Option<i64>,
    active: bool,
    role: Option<Role>,
    departments: Vec<i64>,
    origin: String,
}

/// Names are for typing: letters, digits and a few marks, compared without case.
fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    // Before anything is folded: to other rules of case U+212A is a k.
    let username = username(form.text("username").unwrap_or_default());
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "._-@".contains(letter);
    let own = match occasion {
        Occasion::Create(id) | Occasion::Amend(id) => id,
    };
    let before = match occasion {
        Occasion::Create(_) => None,
        Occasion::Amend(id) => before(work.tx(), id)?,
    };
    let role = roles::by_code(work.tx(), form.text("role").unwrap_or_default())?;
    let mut check = Check::new(work, form);
    let mend = "Use letters a to z, digits and . _ - @, without spaces.";
    check.holds(username.chars().all(fine), "username", mend);
    check_place(work, form, &mut check)?;
    match &role {
        None => {
            let all = roles::codes(work.tx())?.join(", ");
            check.holds(false, "role", &format!("There is no such role. Use one of: {all}."));
        }
        Some(role) => {
            let stays_out = form.int("active") == Some(0);
            let mend = "This role is no longer in use. Choose another.";
            check.holds(role.active || stays_out, "role", mend);
        }
    }
    check.verdict()?;
    if let Some(role) = &role {
        check_giving(work, form, (before.as_ref(), role))?;
    }
    if find_by_name(work.tx(), &username)?.is_some_and(|user| user.id != own) {
        let message = "This user name is taken. Choose another.".to_owned();
        return Err(RecordError::Taken { field: "username".to_owned(), message });
    }
    form.set("username", username);
    hand_over(work, form, (own, before.as_ref()))?;
    if let Some(before) = &before {
        keep_an_administrator(work, form, (own, before, role.as_ref()))?;
        if form.int("active") == Some(0) {
            // For ever: a session or a token must not live again when the account does.
            sessions::end_all(work, own)?;
            tokens::revoke_all(work, own)?;
        }
    }
    Ok(())
}

/// An account is handed over to the directory, or made a local one, by an administrator. Either
/// way its sessions end, and the password that it had is forgotten. Accounts of people from
/// elsewhere are made when they come, with what stays the same of them there.
fn hand_over(
    work: &Work<'_>,
    form: &mut Form,
    (id, before): (i64, Option<&Before>),
) -> Result<(), RecordError> {
    let was = before.map_or("local", |before| &before.origin);
    form.default_to("origin", was);
    let now = form.text("origin").unwrap_or_default().to_owned();
    if now == was || form.mentions("external_id") {
        return Ok(());
    }
    if before.is_none() || now == "openid" {
        let mend = "Such an account is made when its person signs in for the first time.";
        return Err(RecordError::field("origin", mend));
    }
    form.set("external_id", Value::Null);
    let none = no_password().map_err(|cause| StoreError::Io {
        what: "get random numbers".to_owned(),
        cause: cause.to_string(),
    })?;
    form.set("password_hash", none);
    sessions::end_all(work, id)?;
    Ok(())
}

fn before(tx: &ReadTx<'_>, id: i64) -> Result<Option<Before>, StoreError> {
    let sql = "SELECT facility_id, active, role, origin FROM app_user WHERE id = ?1";
    let found = tx.opt(sql, &[id.into()], |row| {
        let words = (row.get::<String>(2)?, row.get::<String>(3)?);
        Ok((row.get::<Option<i64>>(0)?, row.get::<bool>(1)?, words))
    })?;
    let Some((facility, active, (code, origin))) = found else { return Ok(None) };
    let role = roles::by_code(tx, &code)?;
    let sql = "SELECT department_id FROM user_department WHERE user_id = ?1";
    let departments = tx.all(sql, &[id.into()], |row| row.get(0))?;
    Ok(Some(Before { facility, active, role, departments, origin }))
}

/// The facility exists, and the departments are of it, or of any if there is none.
fn check_place(work: &Work<'_>, form: &Form, check: &mut Check<'_>) -> Result<(), StoreError> {
    let facility = form.int("facility_id");
    if let Some(id) = facility {
        let sql = "SELECT 1 FROM facility WHERE id = ?1";
        let there = work.tx().opt(sql, &[id.into()], |_| Ok(()))?.is_some();
        check.holds(there, "facility_id", "There is no facility with this id.");
    }
    for (index, id) in departments(form).into_iter().enumerate() {
        let field = format!("departments[{index}]");
        let sql = "SELECT facility_id FROM department WHERE id = ?1";
        let of = work.tx().opt(sql, &[id.into()], |row| row.get::<i64>(0))?;
        check.holds(of.is_some(), &field, "There is no department with this id.");
        let fits = of.is_none() || facility.is_none() || of == facility;
        check.holds(fits, &field, "This department belongs to another facility.");
    }
    Ok(())
}

fn departments(form: &Form) -> Vec<i64> {
    let ids = form.rows("departments").iter().flatten();
    let ids =
        ids.filter_map(|(_, value)| if let Value::Int(id) = value { Some(*id) } else { None });
    ids.collect()
}

/// Nobody makes an account, or changes one, that may do or reaches what he does not.
fn check_giving(
    work: &Work<'_>,
    form: &Form,
    (before, role): (Option<&Before>, &Role),
) -> Result<(), RecordError> {
    let actor = &work.call().actor;
    let mut check = Check::new(work, form);
    let beyond = |role: &Role| giving::beyond(actor, role);
    if let Some(more) = before.and_then(|it| it.role.as_ref()).and_then(beyond) {
        let mend =
            format!("This person's role goes beyond your own ({more}). Ask somebody who holds it.");
        check.holds(false, "role", &mend);
    } else if let Some(more) = beyond(role) {
        let mend = format!("You cannot give this role: it goes beyond your own ({more}).");
        check.holds(false, "role", &mend);
    }
    if *actor.reach() != Reach::Everybody {
        let mend = "You can only change the accounts of your own facility.";
        let own = |facility: Option<i64>| facility.is_some() && facility == actor.facility();
        let fits = own(form.int("facility_id")) && before.is_none_or(|it| own(it.facility));
        check.holds(fits, "facility_id", mend);
    }
    if let Reach::Departments(own) = actor.reach() {
        let had = before.map_or(&[][..], |before| &before.departments);
        let mend = "You can only add people to departments of your own.";
        for (index, id) in departments(form).into_iter().enumerate() {
            let fits = had.contains(&id) || own.contains(&id);
            check.holds(fits, &format!("departments[{index}]"), mend);
        }
    }
    check.verdict()
}

/// The last active administrator with a local password can be neither disabled, given another
/// role nor handed over to the directory: nobody could let anybody in any more on the day that
/// the directory does not answer.
fn keep_an_administrator(
    work: &Work<'_>,
    form: &Form,
    (id, before, role): (i64, &Before, Option<&Role>),
) -> Result<(), RecordError> {
    let administers = |active: bool, role: Option<&Role>| {
        active && role.is_some_and(|it| it.active && giving::administers(&it.permissions))
    };
    let disabled = form.int("active") == Some(0);
    let local = form.text("origin") == Some("local");
    let stays =
        local && administers(form.int("active").map_or(before.active, |yes| yes != 0), role);
    if before.origin != "local"
        || !administers(before.active, before.role.as_ref())
        || stays
        || giving::somebody_administers(work.tx(), Some(id), None)?
    {
        return Ok(());
    }
    let field = match (disabled, local) {
        (true, _) => "active",
        (_, false) => "origin",
        _ => "role",
    };
    let mend = "This is the last active administrator with a local password. Make somebody else \
         administrator first.";
    Err(RecordError::field(field, mend))
}

/// Refuses unless `actor` may decide over the account `id`: whoever could give a person who may
/// do more another password could be that person.
///
/// # Errors
/// [`AccessError::Outranked`]; what the store says.
pub fn demand_to_decide(tx: &ReadTx<'_>, actor: &Actor, id: i64) -> Result<(), AccessError> {
    let Some(found) = before(tx, id)? else { return Ok(()) };
    if let Some(more) = found.role.and_then(|role| giving::beyond(actor, &role)) {
        return Err(AccessError::Outranked { more });
    }
    let here = found.facility.is_some() && found.facility == actor.facility();
    let within = match actor.reach() {
        Reach::Everybody => true,
        Reach::Facility => here,
        Reach::Departments(own) => here && found.departments.iter().all(|id| own.contains(id)),
    };
    if !within {
        return Err(AccessError::Elsewhere);
    }
    Ok(())
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

/// Whether somebody can sign in who can let others in. Until then the set-up stays open.
///
/// # Errors
/// What the store says.
pub fn has_administrator(tx: &ReadTx<'_>) -> Result<bool, StoreError> {
    giving::somebody_administers(tx, None, None)
}

/// Makes an account of the checked `form` with `password_hash`.
///
/// # Errors
/// The name is taken; a value is refused; what the store says.
pub fn add(work: &Work<'_>, mut form: Form, password_hash: &str) -> Result<i64, RecordError> {
    form.set("password_hash", password_hash);
    verbs::create_form(work, &USERS, form)
}

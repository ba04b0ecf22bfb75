//! Nobody gives what he does not hold himself, and the hospital always has somebody who can let
//! others in.

use super::{REACHES, Role, sent};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Reach};
use crate::vocab::problem::Findings;

/// What it takes to let others in and to say what they may do.
pub const ADMINISTERS: [&str; 2] = ["users.write", "roles.write"];

/// How wide a role's reach is: the smaller, the wider.
fn width(reach: &str) -> usize {
    REACHES.iter().position(|word| *word == reach).unwrap_or(0)
}

/// How wide `actor` sees.
fn width_of(actor: &Actor) -> usize {
    match actor.reach() {
        Reach::Everybody => width("everybody"),
        Reach::Facility => width("facility"),
        Reach::Departments(_) => width("departments"),
    }
}

/// What `role` may do that `actor` may not: a permission, or the reach.
#[must_use]
pub fn beyond(actor: &Actor, role: &Role) -> Option<String> {
    let permission = role.permissions.iter().find(|code| !actor.may(code));
    match permission {
        Some(code) => Some((*code).to_owned()),
        None => (width(&role.reach) < width_of(actor)).then(|| format!("reach {}", role.reach)),
    }
}

/// Whether somebody who may sign in with a local password can administer, leaving out the account
/// `but_user` and those who hold the role `but_role`. On the day that the hospital's directory
/// does not answer somebody must be able to come in.
///
/// # Errors
/// What the store says.
pub fn somebody_administers(
    tx: &ReadTx<'_>,
    but_user: Option<i64>,
    but_role: Option<i64>,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM role JOIN app_user ON app_user.role = role.code \
        WHERE role.active = 1 AND app_user.active = 1 AND app_user.origin = 'local' \
        AND substr(app_user.password_hash, 1, 1) <> '*' \
        AND app_user.id IS NOT ?1 AND role.id IS NOT ?2 \
        AND (SELECT count(*) FROM role_permission WHERE role_id = role.id \
        AND permission IN (?3, ?4)) = 2 LIMIT 1";
    let [one, two] = ADMINISTERS;
    let params = [but_user.into(), but_role.into(), one.into(), two.into()];
    Ok(tx.opt(sql, &params, |_| Ok(()))?.is_some())
}

/// Whether `permissions` are enough to administer.
#[must_use]
pub fn administers(permissions: &[&str]) -> bool {
    ADMINISTERS.iter().all(|code| permissions.contains(code))
}

/// The rules of giving for the role that `form` makes, or makes of the role `before`.
pub(super) fn check_role(
    work: &Work<'_>,
    form: &Form,
    before: Option<&Role>,
) -> Result<(), RecordError> {
    let actor = &work.call().actor;
    let mut findings = Findings::new();
    let had = |code: &str| before.is_some_and(|before| before.permissions.contains(&code));
    let gives = sent(form);
    for code in gives.iter().filter(|code| !had(code) && !actor.may(code)) {
        let mend = format!("You cannot give {code}: your own role does not include it.");
        findings.add("permissions", mend);
    }
    let reach = form.text("reach").unwrap_or_default();
    let widened = before.is_none_or(|before| width(reach) < width(&before.reach));
    if widened && width(reach) < width_of(actor) {
        let mend = "You cannot give a wider reach than your own role has.";
        findings.add("reach", mend);
    }
    if let Some(before) = before {
        // Else whoever may do less could disarm those who administer, and they not mend it.
        if administers(&before.permissions)
            && let Some(more) = beyond(actor, before)
        {
            let mend = format!(
                "This role administers and may more than yours ({more}). Only somebody who may \
                 all of it changes it."
            );
            findings.add("permissions", mend);
        }
        let retired = form.int("active") == Some(0);
        if retired && before.active {
            let holders = holders(work.tx(), &before.code)?;
            let mend = format!(
                "{holders} people who can sign in hold this role. Give them another one first."
            );
            findings.check(holders == 0, "active", &mend);
        }
        if administers(&before.permissions)
            && (retired || !administers(&gives))
            && somebody_administers(work.tx(), None, None)?
            && !somebody_administers(work.tx(), None, Some(before.id))?
        {
            let field = if retired { "active" } else { "permissions" };
            let mend = "Nobody could administer the hospital any more: give users.write and \
                 roles.write to another role that somebody holds first.";
            findings.add(field, mend);
        }
    }
    Ok(findings.verdict()?)
}

/// How many people who may sign in hold the role called `code`.
///
/// # Errors
/// What the store says.
pub fn holders(tx: &ReadTx<'_>, code: &str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM app_user WHERE role = ?1 AND active = 1";
    tx.one(sql, &[code.into()], |row| row.get(0))
}

//! Why somebody may or may not do a thing: the steps in which the program decides it, each with
//! a code for pages and a sentence for people.

pub mod patient;

use serde::Serialize;

use super::roles::ROLE;
use super::standing::{self, Standing};
use super::users::{DEPARTMENT, FACILITY, USER};
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Reach;

/// One step of the decision.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What is looked at: `account`, `role`, `permission`, `reach`.
    pub step: &'static str,
    /// Whether it lets pass; the first that does not decides.
    pub passes: bool,
    /// What was found, as a word.
    pub code: &'static str,
    /// The same as a sentence.
    pub detail: String,
}

/// What an account may do, and why.
#[derive(Debug, Serialize)]
pub struct Access {
    user_id: String,
    display_name: String,
    active: bool,
    role: RoleView,
    facility: Option<Named>,
    departments: Vec<Named>,
    reach: ReachView,
    permissions: Vec<&'static str>,
    permission: Option<&'static str>,
    /// Whether the permission asked for is held; none was asked for: absent.
    allowed: Option<bool>,
    steps: Vec<Step>,
    /// Roles in use that hold the permission asked for.
    held_by: Vec<RoleView>,
}

#[derive(Debug, Serialize)]
struct RoleView {
    id: String,
    code: String,
    name: String,
    active: bool,
}

/// Something with a name that people know it by.
#[derive(Debug, Serialize)]
struct Named {
    id: String,
    name: String,
}

/// Whose records are reached: as the role says, and as it comes out.
#[derive(Debug, Serialize)]
struct ReachView {
    role: String,
    effective: &'static str,
    why: &'static str,
}

/// The access of the account `user`, and the steps that decide about `permission`.
///
/// # Errors
/// What the store says.
pub fn access(
    tx: &ReadTx<'_>,
    user: i64,
    permission: Option<&'static str>,
) -> Result<Option<Access>, StoreError> {
    let Some(standing) = standing::of(tx, user)? else { return Ok(None) };
    let facility = match standing.facility {
        Some(id) => tx.opt("SELECT name FROM facility WHERE id = ?1", &[id.into()], |row| {
            Ok(Named { id: FACILITY.show(id), name: row.get(0)? })
        })?,
        None => None,
    };
    let mut departments = Vec::new();
    for id in &standing.departments {
        let sql = "SELECT name FROM department WHERE id = ?1";
        departments.extend(tx.opt(sql, &[(*id).into()], |row| {
            Ok(Named { id: DEPARTMENT.show(*id), name: row.get(0)? })
        })?);
    }
    let held_by = match permission {
        Some(code) => holders(tx, code)?,
        None => Vec::new(),
    };
    let reach = reach(&standing);
    let held = standing.permissions();
    let mut steps = vec![account(&standing), role(&standing)];
    steps.extend(permission.map(|code| holds(&standing, code, &held_by)));
    steps.push(reach_step(&standing, &reach, facility.as_ref(), &departments));
    let allowed = permission.map(|code| standing.active && held.contains(&code));
    let role = RoleView {
        id: ROLE.show(standing.role.id),
        code: standing.role.code,
        name: standing.role.name,
        active: standing.role.active,
    };
    Ok(Some(Access {
        user_id: USER.show(user),
        display_name: standing.name,
        active: standing.active,
        role,
        facility,
        departments,
        reach,
        permissions: held,
        permission,
        allowed,
        steps,
        held_by,
    }))
}

/// The roles in use that hold `permission`.
fn holders(tx: &ReadTx<'_>, permission: &str) -> Result<Vec<RoleView>, StoreError> {
    let sql = "SELECT role.id, role.code, role.name FROM role_permission \
        JOIN role ON role.id = role_id \
        WHERE permission = ?1 AND role.active = 1 ORDER BY built_in DESC, role.id";
    tx.all(sql, &[permission.into()], |row| {
        let (id, code, name) = (ROLE.show(row.get(0)?), row.get(1)?, row.get(2)?);
        Ok(RoleView { id, code, name, active: true })
    })
}

fn account(standing: &Standing) -> Step {
    let (code, detail) = match standing.active {
        true => ("active", "The account is in use."),
        false => ("disabled", "The account is disabled: nobody can sign in with it."),
    };
    Step { step: "account", passes: standing.active, code, detail: detail.to_owned() }
}

fn role(standing: &Standing) -> Step {
    let name = &standing.role.name;
    let (code, detail) = match standing.role.active {
        true => ("in_use", format!("The role is {name}.")),
        false => ("retired", format!("The role {name} is no longer in use and allows nothing.")),
    };
    Step { step: "role", passes: standing.role.active, code, detail }
}

fn holds(standing: &Standing, permission: &str, held_by: &[RoleView]) -> Step {
    let name = &standing.role.name;
    let passes = standing.role.permissions.contains(&permission);
    let (code, detail) = match passes {
        true => ("held", format!("The role {name} includes {permission}.")),
        false => {
            let others: Vec<&str> = held_by.iter().map(|role| role.name.as_str()).collect();
            let others = match others.as_slice() {
                [] => "No role does.".to_owned(),
                some => format!("These do: {}.", some.join(", ")),
            };
            ("not_held", format!("The role {name} does not include {permission}. {others}"))
        }
    };
    Step { step: "permission", passes, code, detail }
}

fn reach(standing: &Standing) -> ReachView {
    let (effective, why) = match (standing.reach(), standing.role.reach.as_str()) {
        (Reach::Everybody, "everybody") => ("everybody", "role"),
        (Reach::Everybody, _) => ("everybody", "no_facility"),
        (Reach::Facility, "facility") => ("facility", "role"),
        (Reach::Facility, _) => ("facility", "no_departments_here"),
        (Reach::Departments(own), _) if own.is_empty() => ("departments", "in_no_department"),
        (Reach::Departments(_), _) => ("departments", "role"),
    };
    ReachView { role: standing.role.reach.clone(), effective, why }
}

fn reach_step(
    standing: &Standing,
    reach: &ReachView,
    facility: Option<&Named>,
    departments: &[Named],
) -> Step {
    let here = facility.map_or("the whole hospital", |facility| facility.name.as_str());
    let (code, detail) = match (reach.effective, reach.why) {
        ("everybody", "role") => ("everybody", "The role reaches every patient.".to_owned()),
        ("everybody", _) => {
            let detail = "The account belongs to no facility and so reaches every patient.";
            ("no_facility", detail.to_owned())
        }
        ("facility", "role") => ("facility", format!("The role reaches the patients of {here}.")),
        ("facility", _) => {
            let detail = format!("There are no departments at {here}, so all its patients count.");
            ("no_departments_here", detail)
        }
        (_, "in_no_department") => {
            let detail = "The role reaches the patients of one's own departments, and the \
                 account belongs to none.";
            ("in_no_department", detail.to_owned())
        }
        _ => {
            let names: Vec<&str> = departments.iter().map(|it| it.name.as_str()).collect();
            let detail = format!("The role reaches the patients of {}.", names.join(", "));
            ("departments", detail)
        }
    };
    let nobody = standing.has_departments && code == "in_no_department";
    Step { step: "reach", passes: !nobody, code, detail }
}

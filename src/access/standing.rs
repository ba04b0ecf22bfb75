//! What an account may do and whose records it reaches, at this moment, and what that comes
//! from.

use super::roles::{self, Role};
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Reach};

/// An account with all that decides what it may do.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The account.
    pub user: i64,
    /// The name that people read.
    pub name: String,
    /// Whether it can sign in.
    pub active: bool,
    /// Its facility; none stands for the whole hospital.
    pub facility: Option<i64>,
    /// Its role.
    pub role: Role,
    /// Its departments, as far as they are in use.
    pub departments: Vec<i64>,
    /// Whether there are departments in use where it works.
    pub has_departments: bool,
}

impl Standing {
    /// What the account may do: nothing, if its role is not in use.
    #[must_use]
    pub fn permissions(&self) -> Vec<&'static str> {
        if self.role.active { self.role.permissions.clone() } else { Vec::new() }
    }

    /// Whose records it reaches. Without departments to divide them, the patients of a facility
    /// are everybody's there; without a facility, a facility's reach is the whole hospital's.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self.role.reach.as_str() {
            "everybody" => Reach::Everybody,
            "departments" if self.has_departments => Reach::Departments(self.departments.clone()),
            _ if self.facility.is_none() => Reach::Everybody,
            _ => Reach::Facility,
        }
    }

    /// The account as it acts through `session`.
    #[must_use]
    pub fn actor(&self, session: Option<i64>) -> Actor {
        let Self { user, name, role, facility, .. } = self;
        Actor::user(*user, name, &role.code, *facility, session, self.permissions())
            .reaching(self.reach())
    }
}

/// The standing of the account `user`.
///
/// # Errors
/// What the store says.
pub fn of(tx: &ReadTx<'_>, user: i64) -> Result<Option<Standing>, StoreError> {
    let sql = "SELECT display_name, active, facility_id, role FROM app_user WHERE id = ?1";
    let found = tx.opt(sql, &[user.into()], |row| {
        let (name, active) = (row.get::<String>(0)?, row.get::<bool>(1)?);
        Ok((name, active, row.get::<Option<i64>>(2)?, row.get::<String>(3)?))
    })?;
    let Some((name, active, facility, code)) = found else { return Ok(None) };
    // A foreign key holds every account to a role that is there.
    let role = roles::by_code(tx, &code)?.ok_or(StoreError::NoRow)?;
    let sql = "SELECT department.id FROM user_department \
        JOIN department ON department.id = department_id \
        WHERE user_id = ?1 AND department.active = 1 ORDER BY department.id";
    let departments = tx.all(sql, &[user.into()], |row| row.get(0))?;
    let sql = "SELECT 1 FROM department \
        WHERE active = 1 AND (?1 IS NULL OR facility_id = ?1) LIMIT 1";
    let has_departments = tx.opt(sql, &[facility.into()], |_| Ok(()))?.is_some();
    Ok(Some(Standing { user, name, active, facility, role, departments, has_departments }))
}

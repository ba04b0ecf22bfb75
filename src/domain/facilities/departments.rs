//! Wards, clinics and services of a site: where a visit takes place, and what divides the
//! patients of a site among those who see only their own.

use super::{FACILITIES, settle};
pub use crate::access::users::DEPARTMENT;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::store::StoreError;

/// The words of `department.kind`.
pub static KINDS: [&str; 3] = ["ward", "clinic", "service"];

/// Departments as a resource.
pub static DEPARTMENTS: Resource = Resource {
    kind: DEPARTMENT,
    path: "departments",
    table: "department",
    read: "facilities.read",
    write: "facilities.write",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::id("facility_id", super::FACILITY).filter(),
        Column::long_text("name", 100).required(),
        Column::words("kind", &KINDS).required(),
        Column::bool("active"),
    ],
    children: &[],
    parents: &[Parent { name: "facility", column: "facility_id", resource: &FACILITIES }],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    settle(work, form)?;
    let own = match occasion {
        Occasion::Create(id) | Occasion::Amend(id) => id,
    };
    let facility = form.int("facility_id");
    let mut check = Check::new(work, form);
    check.reference("facility_id", &FACILITIES)?;
    if let Occasion::Amend(id) = occasion {
        let sql = "SELECT facility_id FROM department WHERE id = ?1";
        let now = work.tx().opt(sql, &[id.into()], |row| row.get::<i64>(0))?;
        let mend = "A department stays with its facility. Make another one there.";
        check.holds(now.is_none() || now == facility, "facility_id", mend);
    }
    check.verdict()?;
    let sql = "SELECT 1 FROM department \
        WHERE facility_id = ?1 AND lower(name) = lower(?2) AND id <> ?3";
    let params = [facility.into(), form.text("name").into(), own.into()];
    if work.tx().opt(sql, &params, |_| Ok(()))?.is_some() {
        let message = "This facility has a department of this name already.".to_owned();
        return Err(RecordError::Taken { field: "name".to_owned(), message });
    }
    Ok(())
}

/// Notes in `check` whether the `department_id` of `form` names a department of the form's own
/// facility.
///
/// # Errors
/// What the store says.
pub fn check(work: &Work<'_>, form: &Form, check: &mut Check<'_>) -> Result<(), StoreError> {
    let Some(of) = facility_of(work, form)? else {
        let mend = "There is no department with this id.";
        check.holds(form.int("department_id").is_none(), "department_id", mend);
        return Ok(());
    };
    let mend = "This department belongs to another facility.";
    check.holds(form.int("facility_id") == Some(of), "department_id", mend);
    Ok(())
}

/// The facility of the department that `form` names.
///
/// # Errors
/// What the store says.
pub fn facility_of(work: &Work<'_>, form: &Form) -> Result<Option<i64>, StoreError> {
    let Some(id) = form.int("department_id") else { return Ok(None) };
    let sql = "SELECT facility_id FROM department WHERE id = ?1";
    work.tx().opt(sql, &[id.into()], |row| row.get(0))
}

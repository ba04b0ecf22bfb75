//! Sites of the hospital and their departments. Owns `facility` and `department`; everything
//! that a site owns names it.
//!
//! The first one is made with the hospital itself. A record that names none belongs to the
//! site where whoever writes it works ([`settle`]). Permissions: `facilities.read`,
//! `facilities.write`.
mod api;
pub mod departments;

pub use api::{describe, mount};
pub use departments::{DEPARTMENT, DEPARTMENTS};

pub use crate::access::users::FACILITY;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject};
use crate::store::{ReadTx, StoreError};

/// Sites as a resource.
pub static FACILITIES: Resource = Resource {
    kind: FACILITY,
    path: "facilities",
    table: "facility",
    read: "facilities.read",
    write: "facilities.write",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::text("name").required(),
        Column::long_text("phone", 100),
        Column::long_text("address", 1_000),
        Column::bool("active"),
    ],
    children: &[],
    parents: &[],
    prepare,
};

/// The last site in use stays so: new records would belong to none.
fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let Occasion::Amend(id) = occasion else { return Ok(()) };
    if form.int("active") != Some(0) {
        return Ok(());
    }
    let sql = "SELECT 1 FROM facility WHERE active = 1 AND id <> ?1 LIMIT 1";
    if work.tx().opt(sql, &[id.into()], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    let mend = "This is the last facility in use. Make another one first.";
    Err(RecordError::field("active", mend))
}

/// The site that was there first, among those in use.
///
/// # Errors
/// What the store says.
pub fn first(tx: &ReadTx<'_>) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM facility WHERE active = 1 ORDER BY id LIMIT 1";
    tx.opt(sql, &[], |row| row.get(0))
}

/// Gives a form without a `facility_id` that of whoever writes it, else the first.
///
/// # Errors
/// There is no facility; what the store says.
pub fn settle(work: &Work<'_>, form: &mut Form) -> Result<(), RecordError> {
    if form.int("facility_id").is_some() {
        return Ok(());
    }
    let own = match work.call().actor.facility() {
        Some(id) => Some(id),
        None => first(work.tx())?,
    };
    let mend = "There is no facility yet. Set the hospital up first.";
    let id = own.ok_or_else(|| RecordError::field("facility_id", mend))?;
    form.set("facility_id", id);
    Ok(())
}

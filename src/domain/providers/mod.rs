//! Those who give care, in this house and elsewhere, and where they give it.
//!
//! Owns `organization`, `practitioner`, `location` and their `…_identifier` tables: the numbers
//! by which the outside world knows them. A number belongs to one of each; an importer finds
//! its way back by it ([`find_by_identifier`]). Permissions: `providers.read`,
//! `providers.write`.
mod api;
mod locations;
mod organizations;
mod practitioners;

pub use api::mount;
pub use locations::{LOCATION, LOCATIONS};
pub use organizations::{ORGANIZATION, ORGANIZATIONS};
pub use practitioners::{PRACTITIONER, PRACTITIONERS};

use crate::platform::resource::{Child, Column, Resource};
use crate::store::{ReadTx, StoreError};

/// The most numbers that one of them may have.
const IDENTIFIERS_MAX: usize = 50;

/// Columns of a number: who issues it, as a URI, and the number.
static IDENTIFIER: [Column; 2] =
    [Column::text("system").required(), Column::text("value").required()];

const fn identifiers(table: &'static str, owner: &'static str) -> Child {
    Child { name: "identifiers", table, owner, columns: &IDENTIFIER, most: IDENTIFIERS_MAX }
}

/// The record of `resource` (one of this room's three) that has the number `value` of `system`.
///
/// # Errors
/// What the store says.
pub fn find_by_identifier(
    tx: &ReadTx<'_>,
    resource: &Resource,
    system: &str,
    value: &str,
) -> Result<Option<i64>, StoreError> {
    let Some(list) = resource.children.iter().find(|child| child.name == "identifiers") else {
        return Ok(None);
    };
    let (owner, table) = (list.owner, list.table);
    let sql = format!("SELECT {owner} FROM {table} WHERE system = ?1 AND value = ?2");
    tx.opt(&sql, &[system.into(), value.into()], |row| row.get(0))
}

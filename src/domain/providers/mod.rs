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

pub use api::{describe, mount};
pub use locations::{LOCATION, LOCATIONS};
pub use organizations::{ORGANIZATION, ORGANIZATIONS};
pub use practitioners::{PRACTITIONER, PRACTITIONERS};

use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::{Form, row_text};
use crate::platform::resource::{Child, Column, Occasion, Resource};
use crate::store::{ReadTx, StoreError};

/// The most numbers that one of them may have.
const IDENTIFIERS_MAX: usize = 50;

/// Columns of a number: who issues it, as a URI, and the number.
static IDENTIFIER: [Column; 2] =
    [Column::text("system").required(), Column::text("value").required()];

const fn identifiers(table: &'static str, owner: &'static str) -> Child {
    let (columns, most) = (&IDENTIFIER, IDENTIFIERS_MAX);
    Child { name: "identifiers", table, owner, columns, most, plain: false }
}

/// A number is kept once and belongs to one record of `resource`. Checked before anything is
/// written, so that a refusal leaves nothing half done.
fn check_identifiers(
    work: &Work<'_>,
    form: &mut Form,
    (resource, occasion): (&Resource, Occasion),
) -> Result<(), RecordError> {
    let (Occasion::Create(own) | Occasion::Amend(own)) = occasion;
    for child in form.children.iter_mut().filter(|child| child.name == "identifiers") {
        let mut seen = std::collections::HashSet::new();
        child.rows.retain(|row| {
            let part = |name: &str| row_text(row, name).map(str::to_owned);
            seen.insert((part("system"), part("value")))
        });
    }
    for (index, row) in form.rows("identifiers").iter().enumerate() {
        let part = |name: &str| row_text(row, name).unwrap_or_default();
        let owner = find_by_identifier(work.tx(), resource, part("system"), part("value"))?;
        if owner.is_some_and(|owner| owner != own) {
            let field = format!("identifiers[{index}].value");
            let message =
                format!("Another {} has this identifier. Search for it first.", resource.kind.name);
            return Err(RecordError::Taken { field, message });
        }
    }
    Ok(())
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

//! Places where care is given.

use super::{ORGANIZATION, ORGANIZATIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A place.
pub const LOCATION: Kind = Kind::new("location", "loc");

/// Places as a resource.
pub static LOCATIONS: Resource = Resource {
    kind: LOCATION,
    path: "locations",
    table: "location",
    read: "providers.read",
    write: "providers.write",
    subject: Subject::House,
    sort: Sort { column: "name", descending: false },
    columns: &[
        Column::id("organization_id", ORGANIZATION),
        Column::text("name").required().filter().sort(),
        Column::long_text("phone", 100),
        Column::long_text("address", 1_000),
        Column::bool("active"),
    ],
    children: &[super::identifiers("location_identifier", "location_id")],
    parents: &[Parent {
        name: "organization",
        column: "organization_id",
        resource: &ORGANIZATIONS,
    }],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let mut check = Check::new(work, form);
    check.reference("organization_id", &ORGANIZATIONS)?;
    check.verdict()?;
    super::check_identifiers(work, form, (&LOCATIONS, occasion))
}

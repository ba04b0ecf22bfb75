//! Hospitals, clinics, laboratories, payers: whoever is no person.

use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// An organization.
pub const ORGANIZATION: Kind = Kind::new("organization", "org");

/// Organizations as a resource.
pub static ORGANIZATIONS: Resource = Resource {
    kind: ORGANIZATION,
    path: "organizations",
    table: "organization",
    read: "providers.read",
    write: "providers.write",
    subject: Subject::House,
    sort: Sort { column: "name", descending: false },
    columns: &[
        Column::text("name").required().filter().sort(),
        Column::text("kind_text"),
        Column::long_text("phone", 100),
        Column::long_text("address", 1_000),
        Column::bool("active"),
    ],
    children: &[super::identifiers("organization_identifier", "organization_id")],
    parents: &[],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    super::check_identifiers(work, form, (&ORGANIZATIONS, occasion))
}

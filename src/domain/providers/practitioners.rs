//! People who treat.

use super::{ORGANIZATION, ORGANIZATIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A person who treats.
pub const PRACTITIONER: Kind = Kind::new("practitioner", "pra");

/// People who treat as a resource.
pub static PRACTITIONERS: Resource = Resource {
    kind: PRACTITIONER,
    path: "practitioners",
    table: "practitioner",
    read: "providers.read",
    write: "providers.write",
    subject: Subject::House,
    sort: Sort { column: "family", descending: false },
    columns: &[
        Column::id("organization_id", ORGANIZATION),
        Column::text("family").filter().sort(),
        Column::text("given"),
        Column::long_text("prefix", 100),
        Column::words("sex", &["female", "male", "other", "unknown"]),
        Column::text("specialty_text"),
        Column::long_text("phone", 100),
        Column::text("email"),
        Column::long_text("address", 1_000),
        Column::bool("active"),
    ],
    children: &[super::identifiers("practitioner_identifier", "practitioner_id")],
    parents: &[Parent {
        name: "organization",
        column: "organization_id",
        resource: &ORGANIZATIONS,
    }],
    prepare,
};

/// Many people have one name only, and it may stand in either place.
fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    let named = form.text("family").is_some() || form.text("given").is_some();
    let mut check = Check::new(work, form);
    check.holds(named, "family", "Give a family name or a given name.");
    check.reference("organization_id", &ORGANIZATIONS)?;
    check.verdict()?;
    super::check_identifiers(work, form, (&PRACTITIONERS, occasion))?;
    form.default_to("family", "");
    form.default_to("given", "");
    form.default_to("sex", "unknown");
    Ok(())
}

//! An import as the API shows it.

use crate::access::users::USER;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// Imports.
pub const IMPORT: Kind = Kind::new("import", "imp");
/// What an import could not take.
pub(super) const REJECT: Kind = Kind::new("import_reject", "rej");

const STATUSES: [&str; 5] = ["running", "completed", "failed", "interrupted", "cancelled"];

/// Imports as a resource; the plan, with its paths, is not shown.
pub static IMPORTS: Resource = Resource {
    kind: IMPORT,
    path: "imports",
    table: "import_run",
    read: "imports.run",
    write: "imports.run",
    subject: Subject::House,
    sort: Sort { column: "id", descending: true },
    columns: &[
        Column::text("source").required().read_only(),
        Column::text("label").required().read_only(),
        Column::words("format", &["fhir", "csv"]).required().read_only(),
        Column::words("status", &STATUSES).required().read_only(),
        Column::int("bytes_total", 0, i64::MAX).read_only(),
        Column::int("bytes_done", 0, i64::MAX).read_only(),
        Column::json("summary"),
        Column::text("error").read_only(),
        Column::id("started_by", USER).read_only(),
        Column::time("started_at"),
        Column::time("ended_at"),
    ],
    children: &[],
    parents: &[],
    prepare: nothing,
};

/// Rejects as a resource, listed by their import.
pub(super) static REJECTS: Resource = Resource {
    kind: REJECT,
    path: "import-rejects",
    table: "import_reject",
    read: "imports.run",
    write: "imports.run",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::id("run_id", IMPORT).required().read_only().filter(),
        Column::text("file").read_only(),
        Column::int("line", 0, i64::MAX).read_only(),
        Column::text("resource").read_only(),
        Column::text("reason").read_only(),
    ],
    children: &[],
    parents: &[],
    prepare: nothing,
};

fn nothing(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

//! Backups as the API shows them.

use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// A backup.
pub const BACKUP: Kind = Kind::new("backup", "bkp");

/// The words of `backup.state`.
pub const STATES: [&str; 3] = ["verified", "broken", "gone"];
/// The words of `backup.drill_outcome`.
pub const OUTCOMES: [&str; 2] = ["passed", "failed"];

/// Backups.
pub static BACKUPS: Resource = Resource {
    kind: BACKUP,
    path: "backups",
    table: "backup",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "made_at", descending: true },
    columns: &[
        Column::text("name").required().read_only(),
        Column::words("state", &STATES).required().read_only().filter(),
        Column::time("made_at").required().sort(),
        Column::int("took_ms", 0, i64::MAX).read_only(),
        Column::int("database_bytes", 0, i64::MAX).required().read_only(),
        Column::int("stored_bytes", 0, i64::MAX).required().read_only(),
        Column::int("patients", 0, i64::MAX).required().read_only(),
        Column::int("schema_version", 0, i64::MAX).required().read_only(),
        Column::time("drilled_at"),
        Column::words("drill_outcome", &OUTCOMES).read_only(),
        Column::text("drill_detail").read_only(),
        Column::int("drill_took_ms", 0, i64::MAX).read_only(),
    ],
    children: &[],
    parents: &[],
    prepare: nothing,
};

fn nothing(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

//! Jobs and schedules as the API shows them. What a job carries is not shown.

use super::cron::Cron;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Child, Column, Occasion, Resource, Sort, Subject};
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;

/// Something to be done in the background.
pub const JOB: Kind = Kind::new("job", "job");
/// When a kind of job comes by the clock.
pub const SCHEDULE: Kind = Kind::new("schedule", "sch");
/// Accounts; the room `access` owns their table.
const USER: Kind = Kind::new("user", "usr");

/// To see what goes on.
pub const READ: &str = "system.read";
/// To run, stop and schedule it.
pub const WRITE: &str = "system.write";

/// The words of `job.state`.
pub const STATES: [&str; 5] = ["waiting", "running", "done", "dead", "cancelled"];
/// The words of `job_attempt.outcome`.
pub const OUTCOMES: [&str; 5] = ["done", "failed", "timed_out", "interrupted", "cancelled"];
/// Characters of a cron expression.
pub const CRON_MAX: usize = 100;
/// Attempts that are kept of one job.
pub const ATTEMPTS_MAX: usize = 100;

/// Jobs.
pub static JOBS: Resource = Resource {
    kind: JOB,
    path: "jobs",
    table: "job",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "id", descending: true },
    columns: &[
        Column::text("kind").required().read_only().filter(),
        Column::words("state", &STATES).required().read_only().filter(),
        Column::int("priority", i64::MIN, i64::MAX).required().read_only(),
        Column::time("run_at").required(),
        Column::int("tries", 0, i64::MAX).required().read_only(),
        Column::int("tries_max", 1, i64::MAX).required().read_only(),
        Column::bool("cancelling").read_only(),
        Column::int("progress_done", 0, i64::MAX).read_only(),
        Column::int("progress_total", 0, i64::MAX).read_only(),
        Column::text("result").read_only(),
        Column::text("error_code").read_only(),
        Column::text("error_detail").read_only(),
        Column::id("ordered_by", USER).read_only(),
        Column::time("started_at"),
        Column::time("ended_at"),
    ],
    children: &[Child {
        name: "attempts",
        table: "job_attempt",
        owner: "job_id",
        columns: &[
            Column::time("started_at").required(),
            Column::time("ended_at"),
            Column::words("outcome", &OUTCOMES).read_only(),
            Column::text("error_code").read_only(),
            Column::text("error_detail").read_only(),
        ],
        most: ATTEMPTS_MAX,
        plain: false,
    }],
    parents: &[],
    prepare: nothing,
};

/// Schedules.
pub static SCHEDULES: Resource = Resource {
    kind: SCHEDULE,
    path: "schedules",
    table: "schedule",
    read: READ,
    write: WRITE,
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[
        Column::text("kind").required().read_only(),
        Column::long_text("cron", CRON_MAX).required(),
        Column::bool("active"),
        Column::bool("catch_up"),
        Column::text("zone").read_only(),
        Column::time("next_at"),
        Column::time("last_at"),
        Column::id("last_job_id", JOB).read_only(),
    ],
    children: &[],
    parents: &[],
    prepare: schedule,
};

fn nothing(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

/// A new expression counts from now on.
fn schedule(work: &Work<'_>, form: &mut Form, _: Occasion) -> Result<(), RecordError> {
    let cron = Cron::parse(form.text("cron").unwrap_or_default(), work.zone())
        .map_err(|mend| RecordError::field("cron", mend))?;
    let next = cron.next(instant(work.now()));
    let mend = "It names a day that never comes. Choose another.";
    let next = next.ok_or_else(|| RecordError::field("cron", mend))?;
    form.set("next_at", next.as_microsecond());
    form.set("zone", super::schedule::name_of(work.zone()));
    Ok(())
}

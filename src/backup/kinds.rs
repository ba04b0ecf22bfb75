//! The jobs of this room: a backup, and the drill.

use std::time::Duration;

use super::error::BackupError;
use super::extent::Extent;
use super::in_place::{Turn, Wanted, stand_by};
use super::manifest::Manifest;
use super::settings::{self, NotReady, Ready};
use super::{catalog, drill, make};
use crate::access::secrets::Secrets;
use crate::platform::jobs::{DefaultSchedule, Done, JobError, JobKind, Run};

/// A backup.
pub const BACKUP: &str = "backup";
/// The hospital of another moment is laid beside this one.
pub const STAND_BY: &str = "restore_prepare";
/// A drill.
pub const DRILL: &str = "backup_drill";
const LONGEST: Duration = Duration::from_secs(12 * 3_600);

/// When they come unless the hospital says otherwise: at night, the drill when the backup is done.
pub static SCHEDULES: [DefaultSchedule; 2] = [
    DefaultSchedule { kind: BACKUP, cron: "30 2 * * *", catch_up: true },
    DefaultSchedule { kind: DRILL, cron: "30 4 * * *", catch_up: true },
];

/// The kinds, over `turn`, what `secrets` seal and what of the data folder goes along.
#[must_use]
pub fn kinds(secrets: &Secrets, extent: Extent, turn: &Turn) -> Vec<JobKind> {
    let (here, there, beside) = (secrets.clone(), secrets.clone(), secrets.clone());
    let (turn, of_old) = (turn.clone(), extent.clone());
    vec![
        JobKind::new(BACKUP, move |(), run| match ready(run, &here)? {
            Ok(ready) => backup(run, &ready, &extent),
            Err(not_yet) => Ok(format!("{not_yet}.")),
        })
        .within(LONGEST),
        JobKind::new(DRILL, move |(), run| match ready(run, &there)? {
            Ok(ready) => prove(run, &ready),
            Err(not_yet) => Ok(format!("{not_yet}.")),
        })
        .within(LONGEST),
        JobKind::new(STAND_BY, move |wanted: Wanted, run| match ready(run, &beside)? {
            Ok(ready) => stand_by(run, &ready, wanted, (&of_old, &turn)),
            Err(not_yet) => Err(BackupError::from(not_yet).into()),
        })
        .within(LONGEST)
        .tried(1),
    ]
}

/// What is set; what nobody has set up yet is no failure of tonight, a key that does not open is.
fn ready(run: &Run<'_>, secrets: &Secrets) -> Result<Result<Ready, NotReady>, BackupError> {
    let desk = run.desk();
    let found = desk
        .store()
        .read(desk.screen_deadline(), |tx| settings::ready(tx, secrets, desk.store().folder()))?;
    match found {
        Err(cause @ (NotReady::NoKey(_) | NotReady::NoSecret(_))) => Err(cause.into()),
        found => Ok(found),
    }
}

fn backup(run: &Run<'_>, ready: &Ready, extent: &Extent) -> Result<Done, JobError> {
    let made = make::make(run, ready, extent)?;
    let Manifest { name, .. } = &made.manifest;
    catalog::take_note(run, ready, Some((name, made.took)))?;
    let gone = catalog::thin_out(run, ready)?;
    let mib = made.manifest.stored_bytes() >> 20;
    Ok(format!("The backup {name} ({mib} MiB) was read back and is whole; {gone} older ones went."))
}

fn prove(run: &Run<'_>, ready: &Ready) -> Result<Done, JobError> {
    catalog::take_note(run, ready, None)?;
    match drill::drill(run, ready) {
        Ok(proven) => Ok(format!(
            "The backup {} was restored in {} s and is whole: {} tables with {} rows, and a chain \
             of {} audit rows.",
            proven.name,
            proven.took.as_secs(),
            proven.tables,
            proven.rows,
            proven.audit_rows
        )),
        Err(cause) if cause.is_of_one_backup() || matches!(cause, BackupError::WrongKey(_)) => {
            tracing::error!("The newest backup cannot be relied on: {cause}");
            let detail = format!(
                "The newest backup cannot be relied on. {cause} Make another one now, and look at \
                 the target."
            );
            Err(JobError::Hopeless { code: "backup.differs", detail })
        }
        Err(cause) => Err(cause.into()),
    }
}

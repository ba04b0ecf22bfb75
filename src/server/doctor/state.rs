//! What piles up or comes to nothing: the write-ahead log, jobs, the files of the log.

use std::path::Path;
use std::time::Duration;

use super::{Finding, Scene, network};
use crate::config::sizing::{MIB, size};
use crate::platform::jobs::queue::{self, Depth};
use crate::store::{ReadTx, StoreError, log_bytes, peek};

/// From here on every read takes longer, and a start after a power failure too.
const LOG_BYTES_WARN: u64 = 512 * MIB;
/// For one question to the store.
const DEADLINE: Duration = Duration::from_secs(2);
/// Names that are told.
const KINDS_MAX: i64 = 10;

/// What was written comes into the database.
pub(super) fn log_is_short(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "write-ahead log";
    let bytes = log_bytes(scene.data());
    let waiting = scene.inside.map(|inside| inside.desk.store().status());
    if bytes == 0 && waiting.is_none() {
        return None;
    }
    let told = size(bytes);
    if bytes < LOG_BYTES_WARN {
        return Some(Finding::ok(NAME, told));
    }
    let held = waiting.and_then(|status| status.snapshot_oldest).unwrap_or_default();
    Some(Finding::warn(
        NAME,
        format!("{told}; the oldest read is open for {} s", held.as_secs()),
        "It shrinks by itself when fewer reads and imports run. If it stays, restart HealthFlow.",
    ))
}

/// What the store says, asked from inside or, where nobody has it open, from outside.
pub(super) fn asked<T>(
    scene: &Scene<'_>,
    look: impl Fn(&ReadTx<'_>) -> Result<T, StoreError>,
) -> Option<T> {
    match scene.inside {
        Some(inside) => inside.desk.store().read(DEADLINE, look).ok(),
        None if network::holder(scene.data()).is_some() => None,
        None => peek(scene.data(), look).ok().flatten(),
    }
}

/// What the server does in the background succeeds.
pub(super) fn jobs_succeed(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "jobs";
    let now = scene.now.as_microsecond();
    let look = |tx: &ReadTx<'_>| Ok::<_, StoreError>((queue::depth(tx, now)?, failing(tx)?));
    let (Depth { due, running, dead, .. }, kinds) = asked(scene, look)?;
    let told = format!("{due} wait, {running} run, {dead} came to nothing");
    Some(if kinds.is_empty() {
        Finding::ok(NAME, told)
    } else {
        Finding::warn(
            NAME,
            format!("{told}; the last one of: {}", kinds.join(", ")),
            "Look at Jobs for what it says, mend it, and try it again there.",
        )
    })
}

/// Kinds of which the last job that ended came to nothing.
fn failing(tx: &ReadTx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT kind FROM job WHERE state = 'dead' AND NOT EXISTS \
        (SELECT 1 FROM job AS later WHERE later.kind = job.kind AND job.id < later.id \
        AND later.state = 'done') ORDER BY kind LIMIT ?1";
    tx.all(sql, &[KINDS_MAX.into()], |row| row.get(0))
}

/// Lines of the log reach their files.
pub(super) fn log_is_kept(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "log files";
    let Some(folder) = &scene.config.log.folder else {
        return Some(Finding::warn(
            NAME,
            "off: what happened stands on standard error alone",
            "Take log_folder = off away, unless something else keeps what standard error says.",
        ));
    };
    let shown = folder.display();
    match std::fs::metadata(folder) {
        // The start makes it.
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
        Err(cause) => Some(Finding::fail(
            NAME,
            format!("{shown} cannot be looked at: {cause}"),
            "Let the user that runs HealthFlow into it, or name another with --log-folder.",
        )),
        Ok(about) if !about.is_dir() || !is_writable(folder) => Some(Finding::fail(
            NAME,
            format!("{shown} cannot be written by this user"),
            "Give it to the user that runs HealthFlow, or name another with --log-folder.",
        )),
        Ok(_) => Some(match crate::observability::logging::dropped_lines() {
            0 => Finding::ok(NAME, format!("{shown}")),
            dropped => Finding::warn(
                NAME,
                format!("{dropped} lines were dropped since the start: the disk was too slow"),
                "Put the log on another disk with --log-folder, or log less with --log-level.",
            ),
        }),
    }
}

fn is_writable(folder: &Path) -> bool {
    #[cfg(unix)]
    return {
        use rustix::fs::Access;
        rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    };
    #[cfg(not(unix))]
    std::fs::metadata(folder).is_ok_and(|about| !about.permissions().readonly())
}

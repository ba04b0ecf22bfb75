//! What the machine grants, and whether its clock can be right.

use std::path::Path;

use jiff::{Span, Timestamp, ToSpan};

use super::{Finding, Scene};
use crate::config::machine::Machine;
use crate::config::sizing::{MIB, grouped, size};

/// Below this the program runs, and searching and importing fight for memory.
const MEMORY_BYTES_WARN: u64 = 1024 * MIB;
/// Enough for a small hospital's screens.
const OPEN_FILES_WARN: u64 = 4_096;
/// The program did not exist before this instant, nor will it after the other.
const CLOCK_BOUNDS: [&str; 2] = ["2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"];
/// How much later than now a file may be dated, for file systems with coarse times.
const CLOCK_SLACK: fn() -> Span = || 5.minutes();

/// How many cores.
pub(super) fn cores(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "cores";
    let Machine { cores, cores_bound, .. } = &scene.config.machine;
    let workers = scene.config.sizing.http_workers;
    let what = format!("{cores} ({cores_bound}), HTTP workers: {workers}");
    Some(if cores.saturating_mul(4) < workers {
        Finding::warn(NAME, what, "Set workers to auto: more than four a core only wait.")
    } else {
        Finding::ok(NAME, what)
    })
}

/// How much memory, and whether the plan fits.
pub(super) fn memory(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "memory";
    let Machine { memory_bytes: granted, memory_bound, .. } = &scene.config.machine;
    let planned = scene.config.sizing.planned_bytes;
    let what = format!("{} ({memory_bound}), {} planned", size(*granted), size(planned));
    Some(if *granted < planned {
        Finding::fail(NAME, what, "Lower the caches and queues that were set, or grant more.")
    } else if granted / 2 < planned {
        Finding::warn(NAME, what, "Lower the caches and queues that were set, or grant more.")
    } else if *granted < MEMORY_BYTES_WARN {
        Finding::warn(NAME, what, "Grant at least 1 GiB for more than a trial.")
    } else {
        Finding::ok(NAME, what)
    })
}

/// How many files and connections.
pub(super) fn open_files(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "open files";
    let granted = scene.config.machine.open_files;
    let connections = scene.config.sizing.connections_max as u64;
    let what = format!("{}, connections: {}", grouped(granted), grouped(connections));
    let mend = "Raise the limit (LimitNOFILE=65536 in the service, or ulimit -n).";
    Some(if granted < connections {
        Finding::fail(NAME, what, mend)
    } else if granted < OPEN_FILES_WARN {
        Finding::warn(NAME, what, mend)
    } else {
        Finding::ok(NAME, what)
    })
}

/// Whether the clock can be right: clinical times, sessions and the order of the log lean on it.
pub(super) fn clock(scene: &Scene<'_>) -> Option<Finding> {
    let zone = scene.config.time_zone.iana_name().unwrap_or("UTC");
    Some(judge_clock(scene.now, newest(scene.data()), zone))
}

fn judge_clock(now: Timestamp, newest: Option<Timestamp>, zone: &str) -> Finding {
    const NAME: &str = "clock";
    let mend = "Set the clock and let the system keep it right (timedatectl set-ntp true).";
    let [earliest, latest] = CLOCK_BOUNDS.map(|text| text.parse::<Timestamp>().ok());
    let possible =
        earliest.is_none_or(|earliest| earliest <= now) && latest.is_none_or(|latest| now < latest);
    let later =
        newest.filter(|newest| now.checked_add(CLOCK_SLACK()).is_ok_and(|soon| soon < *newest));
    match (possible, later) {
        (false, _) => Finding::fail(NAME, format!("{now:.0} cannot be right"), mend),
        (true, Some(later)) => Finding::warn(
            NAME,
            format!("{now:.0}, and a file in the data folder is dated later: {later:.0}"),
            mend,
        ),
        (true, None) => Finding::ok(NAME, format!("{now:.0}, time zone {zone}")),
    }
}

/// When the data folder was last written to, by the dates of the files in it. Looks at the dates
/// by name: opening the database's files from here would break its locks.
fn newest(data: &Path) -> Option<Timestamp> {
    let entries = std::fs::read_dir(data).ok()?;
    let dates = entries.filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok());
    dates.max().and_then(|date| Timestamp::try_from(date).ok())
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let state = |now: &str, newest: Option<&str>| {
            judge_clock(at(now), newest.map(at), "Africa/Nairobi").state
        };
        assert_eq!(state("1970-01-01T00:00:09Z", None), State::Fail);
        assert_eq!(state("2130-01-01T00:00:00Z", None), State::Fail);
        assert_eq!(state("2027-01-01T12:00:00Z", Some("2027-01-01T12:04:00Z")), State::Ok);
        assert_eq!(state("2027-01-01T12:00:00Z", Some("2027-01-02T12:00:00Z")), State::Warn);
    }
}

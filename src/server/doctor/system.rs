//! What the machine grants, and whether its clock can be right.

use std::path::Path;

use jiff::{Span, Timestamp, ToSpan};

use super::{Finding, Scene, network};
use crate::config::machine::Machine;
use crate::config::sizing::{MIB, grouped, size};
use crate::server::lateness::newest;
use crate::store::peek;
use crate::vocab::clock;

/// Below this the program runs, and searching and importing fight for memory.
const MEMORY_BYTES_WARN: u64 = 1024 * MIB;
/// Enough for a small hospital's screens.
const OPEN_FILES_WARN: u64 = 4_096;
/// The program did not exist before this instant, nor will it after the other.
const CLOCK_BOUNDS: [&str; 2] = ["2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"];
/// How much later than now a file may be dated, for file systems with coarse times.
const CLOCK_SLACK: fn() -> Span = || 5.minutes();
/// Processes that scan files as they are opened.
const SCANNERS: [&str; 5] = ["clamonacc", "wdavdaemon", "falcon-sensor", "ds_am", "savscand"];

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
    let zone = match scene.inside {
        Some(inside) => inside.desk.zone().iana_name().unwrap_or("UTC").to_owned(),
        None => scene.config.time_zone.iana_name().unwrap_or("UTC").to_owned(),
    };
    let known = match scene.inside {
        Some(inside) => Some(inside.latest),
        None if network::holder(scene.data()).is_some() => None,
        None => peek(scene.data(), newest).ok().flatten().flatten(),
    };
    let row = known.map(|at| (clock::instant(at), "the newest entry of the audit"));
    let file = newest_file(scene.data()).map(|at| (at, "a file in the data folder"));
    let latest = [row, file].into_iter().flatten().max_by_key(|(at, _)| *at);
    Some(judge_clock(scene.now, latest, &zone))
}

fn judge_clock(now: Timestamp, newest: Option<(Timestamp, &str)>, zone: &str) -> Finding {
    const NAME: &str = "clock";
    let mend = "Set the clock and let the system keep it right (timedatectl set-ntp true).";
    let [earliest, latest] = CLOCK_BOUNDS.map(|text| text.parse::<Timestamp>().ok());
    let possible =
        earliest.is_none_or(|earliest| earliest <= now) && latest.is_none_or(|latest| now < latest);
    let slack = now.checked_add(CLOCK_SLACK()).ok();
    let later = newest.filter(|(newest, _)| slack.is_some_and(|soon| soon < *newest));
    match (possible, later) {
        (false, _) => Finding::fail(NAME, format!("{now:.0} cannot be right"), mend),
        (true, Some((later, what))) => {
            Finding::warn(NAME, format!("{now:.0}, and {what} is dated later: {later:.0}"), mend)
        }
        (true, None) => Finding::ok(NAME, format!("{now:.0}, time zone {zone}")),
    }
}

/// When the data folder was last written to, by the dates of the files in it. Looks at the dates
/// by name: opening the database's files from here would break its locks.
fn newest_file(data: &Path) -> Option<Timestamp> {
    let entries = std::fs::read_dir(data).ok()?;
    let dates = entries.filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok());
    dates.max().and_then(|date| Timestamp::try_from(date).ok())
}

/// Scanners that look into each file when it is opened hold up every commit, and may take the
/// database away as suspicious.
pub(super) fn scanners(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "antivirus";
    let shown = scene.data().display();
    if cfg!(windows) {
        return Some(Finding::warn(
            NAME,
            "a scanner that looks into the data folder slows every change down",
            format!("Except the folder, as administrator: Add-MpPreference -ExclusionPath {shown}"),
        ));
    }
    let found: Vec<&str> = SCANNERS.into_iter().filter(|name| runs(name)).collect();
    (!found.is_empty()).then(|| {
        Finding::warn(
            NAME,
            format!("{} runs here and may look into every file", found.join(", ")),
            format!("Have {shown} excepted from it: scan copies of it instead."),
        )
    })
}

/// Whether a process of this name runs, where the system lists them as files.
fn runs(name: &str) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| std::fs::read_to_string(process.path().join("comm")).ok())
        .any(|comm| comm.trim_end() == name)
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let state = |now: &str, newest: Option<&str>| {
            let newest = newest.map(|newest| (at(newest), "a file"));
            judge_clock(at(now), newest, "Africa/Nairobi").state
        };
        assert_eq!(state("1970-01-01T00:00:09Z", None), State::Fail);
        assert_eq!(state("2130-01-01T00:00:00Z", None), State::Fail);
        assert_eq!(state("2027-01-01T12:00:00Z", Some("2027-01-01T12:04:00Z")), State::Ok);
        assert_eq!(state("2027-01-01T12:00:00Z", Some("2027-01-02T12:00:00Z")), State::Warn);
    }
}

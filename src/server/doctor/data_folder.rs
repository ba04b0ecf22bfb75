//! The data folder: there, ours alone, on a local disk with room.

use std::path::{Path, PathBuf};

use super::absence::absence;
use super::{Finding, Scene, network};
use crate::backup::standby::is_standby;
use crate::config::machine::{self, Volume};
use crate::config::sizing::{MIB, size};
use crate::platform::ledger::Desk;
use crate::platform::search::is_indexed;
use crate::server::health;
use crate::store::{Missing, flaw, killed_in, missing_in};

/// Below this the server cannot be trusted to finish what it begins.
const FREE_BYTES_FAIL: u64 = 512 * MIB;
/// Below this somebody should order a disk.
const FREE_BYTES_WARN: u64 = 10 * 1024 * MIB;

/// The folder is there, or can be made.
pub(super) fn exists(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "data folder";
    let path = scene.data();
    let shown = path.display();
    Some(match std::fs::metadata(path) {
        Ok(about) if !about.is_dir() => Finding::fail(
            NAME,
            format!("{shown} is not a folder"),
            "Move the file away, or name another folder with --data.",
        ),
        Ok(_) if is_read_only(path) => Finding::fail(
            NAME,
            format!("the file system of {shown} is mounted for reading alone"),
            "Mount it for writing too, or name another folder with --data.",
        ),
        Ok(_) if !writable(path) => Finding::fail(
            NAME,
            format!("{shown} cannot be written by {}", user()),
            format!("Run as the folder's owner, or give it to this user: chown -R USER {shown}"),
        ),
        Ok(_) if is_standby(path) => Finding::ok(NAME, format!("{shown}, a standby")),
        Ok(_) => match absence(scene.config) {
            Some(absence) => Finding::warn(NAME, absence.found, absence.mend),
            None => Finding::ok(NAME, format!("{shown}")),
        },
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => absent(NAME, scene),
        Err(cause) => Finding::fail(
            NAME,
            format!("{shown} cannot be looked at by {}: {cause}", user()),
            "Run as the folder's owner, or name another folder with --data.",
        ),
    })
}

fn absent(name: &str, scene: &Scene<'_>) -> Finding {
    let shown = scene.data().display();
    let above = existing(scene.data());
    if writable(&above)
        && let Some(absence) = absence(scene.config)
    {
        return Finding::warn(name, absence.found, absence.mend);
    }
    Finding::fail(
        name,
        format!("{shown} is not there, and {} may not make it in {}", user(), above.display()),
        "Make it and give it to the user that runs HealthFlow, or name another with --data.",
    )
}

/// Only its owner may enter, and that is who runs this.
#[cfg(unix)]
pub(super) fn is_private(scene: &Scene<'_>) -> Option<Finding> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    const NAME: &str = "permissions";
    let path = scene.data();
    let about = std::fs::metadata(path).ok()?;
    let (shown, mode) = (path.display(), about.permissions().mode() & 0o777);
    let me = rustix::process::geteuid().as_raw();
    Some(if mode & 0o077 != 0 {
        Finding::fail(
            NAME,
            format!("{shown} has mode {mode:04o}: other users of this machine may enter"),
            format!("chmod 700 {shown}"),
        )
    } else if about.uid() != me {
        Finding::warn(
            NAME,
            format!("{shown} belongs to user {}, this is {}", about.uid(), user()),
            "Run HealthFlow as one user only, or the other can no longer write its files.",
        )
    } else {
        Finding::ok(NAME, format!("mode {mode:04o}, owned by {}", user()))
    })
}

/// Permissions are the file system's own matter here.
#[cfg(not(unix))]
pub(super) fn is_private(_: &Scene<'_>) -> Option<Finding> {
    None
}

/// Locks and shared memory hold on local disks only.
pub(super) fn is_local(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "file system";
    let Volume { kind, point } = machine::volume_of(&existing(scene.data()))?;
    let what = format!("{kind} mounted at {}", point.display());
    let mend = "Choose a folder on a disk of this machine with --data.";
    Some(if is_network(&kind) {
        Finding::fail(NAME, format!("{what}: a network file system can damage the database"), mend)
    } else if kind.starts_with("fuse") || kind == "9p" || kind == "virtiofs" {
        Finding::warn(NAME, format!("{what}: it may lie on another machine"), mend)
    } else if matches!(kind.as_str(), "tmpfs" | "ramfs") {
        Finding::warn(NAME, format!("{what}: gone when the machine restarts"), mend)
    } else {
        Finding::ok(NAME, what)
    })
}

fn is_network(kind: &str) -> bool {
    let network = ["nfs", "cifs", "smb", "afs", "ceph", "gluster", "lustre", "ncpfs", "coda"];
    let kind = kind.strip_prefix("fuse.").unwrap_or(kind);
    network.iter().any(|name| kind.starts_with(name)) || kind == "sshfs"
}

/// The database is as it was written. Of a running one its server says so.
pub(super) fn is_sound(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "database";
    if absence(scene.config).is_some() && killed_in(scene.data()).is_none() {
        return None;
    }
    if let Some(inside) = scene.inside {
        return Some(of_running(NAME, &inside.desk));
    }
    if network::holder(scene.data()).is_some() {
        return None;
    }
    let mend = "Copy the whole folder somewhere safe before anything else, then start from the \
         newest copy of it that is whole.";
    Some(match flaw(scene.data(), scene.now) {
        Ok(None) => Finding::ok(NAME, "nothing wrong was found in it"),
        Ok(Some(flaw)) => Finding::fail(NAME, flaw, mend),
        Err(cause) => Finding::warn(
            NAME,
            format!("it could not be looked at to its end: {cause}"),
            "Start the server: it looks at all of it where the last run did not end in order.",
        ),
    })
}

fn of_running(name: &str, desk: &Desk) -> Finding {
    match (health::database(desk), desk.store().status().damage) {
        ("ok", _) => Finding::ok(name, "the server reads and writes it"),
        (_, Some(damage)) => Finding::fail(
            name,
            format!("the server says of it: {damage}"),
            "Copy the whole folder somewhere safe before anything else, then restore the newest \
             backup that was checked.",
        ),
        ("disk_full", _) => Finding::fail(
            name,
            "the server says of it: disk_full",
            "Free space on the disk of the data folder: writing begins again by itself.",
        ),
        ("superseded", _) => Finding::fail(
            name,
            "another copy of this hospital was promoted: this server takes no changes any more",
            "Work with the other one. If this one is the right one, stop the other one first, and \
             then this one: healthflow serve --take-back.",
        ),
        (state, _) => Finding::fail(
            name,
            format!("the server says of it: {state}"),
            "Look into the log of the server for the first error about the database.",
        ),
    }
}

/// No change is known to be lost.
pub(super) fn is_complete(scene: &Scene<'_>) -> Option<Finding> {
    let missing = missing_in(scene.data())?;
    Some(Finding::fail("changes", missing.to_string(), Missing::mend()))
}

/// The last run was not cut off. Silent while one runs.
pub(super) fn ended_in_order(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "last run";
    if network::holder(scene.data()).is_some() || absence(scene.config).is_some() {
        return None;
    }
    let Some(last_alive) = killed_in(scene.data()) else {
        return Some(Finding::ok(NAME, "it ended in order"));
    };
    let at = last_alive.map(|at| format!("; it was last alive at {at:.0}")).unwrap_or_default();
    Some(Finding::warn(
        NAME,
        format!("it did not end in order: it was killed, or the power failed{at}"),
        "Start the server: it checks the whole database first and says what it found.",
    ))
}

/// Patients can be found as soon as the server runs.
pub(super) fn is_searchable(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "search index";
    if absence(scene.config).is_some() {
        return None;
    }
    if let Some(inside) = scene.inside {
        return Some(match inside.directory.state() {
            "ok" => Finding::ok(NAME, "patients are found"),
            "rebuilding" => Finding::warn(
                NAME,
                "it is being built: search may be slow or incomplete",
                "Nothing is to be done: it is ready within minutes.",
            ),
            state => Finding::fail(
                NAME,
                format!("the server says of it: {state}"),
                "Look at the free space, then restart HealthFlow: it builds the index anew.",
            ),
        });
    }
    Some(match is_indexed(&scene.data().join("search")) {
        true => Finding::ok(NAME, "it is there"),
        false => Finding::warn(
            NAME,
            "it is not there, or of another version",
            "The server builds it by itself, at its start or while it runs: nothing is to be \
             done. Until then search may be slow or incomplete; /api/health tells.",
        ),
    })
}

/// The disk has room.
#[cfg(unix)]
pub(super) fn has_room(scene: &Scene<'_>) -> Option<Finding> {
    let volume = rustix::fs::statvfs(existing(scene.data())).ok()?;
    let free = volume.f_bavail.saturating_mul(volume.f_frsize);
    let total = volume.f_blocks.saturating_mul(volume.f_frsize);
    Some(room(free, total))
}

/// There is no safe call to ask with.
#[cfg(not(unix))]
pub(super) fn has_room(_: &Scene<'_>) -> Option<Finding> {
    None
}

#[cfg(any(unix, test))]
fn room(free: u64, total: u64) -> Finding {
    const NAME: &str = "free space";
    let what = format!("{} of {}", size(free), size(total));
    if free < FREE_BYTES_FAIL {
        Finding::fail(NAME, what, "Free space now: below 512 MiB changes are refused.")
    } else if free < FREE_BYTES_WARN || free < total / 20 {
        Finding::warn(NAME, what, "Free space or plan a larger disk.")
    } else {
        Finding::ok(NAME, what)
    }
}

/// The nearest folder above that is there.
fn existing(path: &Path) -> PathBuf {
    path.ancestors().find(|part| part.exists()).unwrap_or(Path::new("/")).to_owned()
}

#[cfg(unix)]
fn writable(path: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(unix)]
fn is_read_only(path: &Path) -> bool {
    let access = rustix::fs::access(path, rustix::fs::Access::WRITE_OK);
    access == Err(rustix::io::Errno::ROFS)
}

#[cfg(not(unix))]
fn is_read_only(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn writable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| !about.permissions().readonly())
}

fn user() -> String {
    #[cfg(unix)]
    return match rustix::process::geteuid() {
        root if root.is_root() => "root".to_owned(),
        other => format!("user {}", other.as_raw()),
    };
    #[cfg(not(unix))]
    "this user".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_name() {
        for kind in ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.glusterfs", "ceph"] {
            assert!(is_network(kind), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "zfs", "fuse.ntfs-3g", "overlay"] {
            assert!(!is_network(kind), "{kind}");
        }
    }

    #[test]
    fn room_is_judged_in_bytes_and_in_proportion() {
        const GIB: u64 = 1 << 30;
        assert_eq!(room(GIB / 4, 100 * GIB).state, State::Fail);
        assert_eq!(room(4 * GIB, 20 * GIB).state, State::Warn);
        assert_eq!(room(40 * GIB, 1_000 * GIB).state, State::Warn);
        assert_eq!(room(60 * GIB, 1_000 * GIB).state, State::Ok);
    }
}

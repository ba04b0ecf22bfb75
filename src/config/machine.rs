//! What the container or the machine really grants: cores, memory, open files.

use std::fmt;
use std::path::{Path, PathBuf};

use super::cgroup::{self, Grants};

/// When nothing tells how much memory there is. Small, so that the guess does no harm.
const MEMORY_BYTES_ASSUMED: u64 = 4 << 30;
/// Where the system has no limit on open files.
const OPEN_FILES_UNLIMITED: u64 = 1 << 20;

/// Who set a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The machine has no more.
    Machine,
    /// The container's limit.
    Container,
    /// The process may run on some cores only.
    Affinity,
    /// The setting `memory_mib`.
    Setting,
    /// Nothing tells, so this is assumed.
    Assumed,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "all that the machine has",
            Self::Container => "container limit",
            Self::Affinity => "the process may use no more",
            Self::Setting => "memory_mib",
            Self::Assumed => "assumed, set memory_mib",
        })
    }
}

/// What the program may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Cores, at least 1.
    pub cores: usize,
    /// Who bounds the cores.
    pub cores_bound: Bound,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Who bounds the memory.
    pub memory_bound: Bound,
    /// Files and connections that the process may have open.
    pub open_files: u64,
}

/// What the system tells, before it is weighed.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    cores_usable: usize,
    cores_present: usize,
    memory_bytes: Option<u64>,
    container: Grants,
    open_files: u64,
}

impl Machine {
    /// Asks the system. Raises the soft limit of open files to the hard one on the way.
    #[must_use]
    pub fn read() -> Self {
        let read = |path: &Path| std::fs::read_to_string(path).ok();
        let usable = std::thread::available_parallelism().map_or(1, usize::from);
        Self::weigh(Found {
            cores_usable: usable,
            cores_present: read(Path::new("/proc/cpuinfo")).map_or(0, |text| cores_present(&text)),
            memory_bytes: read(Path::new("/proc/meminfo")).and_then(|text| memory_total(&text)),
            container: if cfg!(target_os = "linux") {
                cgroup::grants(&read)
            } else {
                Grants::default()
            },
            open_files: raise_open_files(),
        })
    }

    fn weigh(found: Found) -> Self {
        let (cores, cores_bound) = cores(&found);
        let (memory_bytes, memory_bound) = match (found.memory_bytes, found.container.memory_bytes)
        {
            (Some(machine), Some(container)) if container < machine => {
                (container, Bound::Container)
            }
            (Some(machine), _) => (machine, Bound::Machine),
            (None, Some(container)) => (container, Bound::Container),
            (None, None) => (MEMORY_BYTES_ASSUMED, Bound::Assumed),
        };
        let open_files = found.open_files;
        Self { cores, cores_bound, memory_bytes, memory_bound, open_files }
    }
}

/// A quota of 1.5 cores carries one thread all the time: with two, both would be stopped for a
/// third of each period, and that is what the slowest requests would see.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive quota; a huge one saturates and loses against the usable cores"
)]
fn cores(found: &Found) -> (usize, Bound) {
    let usable = found.cores_usable.max(1);
    let quota = found.container.cores.map(|quota| (quota as usize).max(1));
    match quota {
        // The standard library knows the quota too, so it may already be in `usable`.
        Some(quota) if quota <= usable => (quota, Bound::Container),
        _ if usable < found.cores_present => (usable, Bound::Affinity),
        _ => (usable, Bound::Machine),
    }
}

fn cores_present(cpuinfo: &str) -> usize {
    cpuinfo.lines().filter(|line| line.starts_with("processor")).count()
}

fn memory_total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// The file system on which something lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its kind as the system calls it, e.g. `ext4`.
    pub kind: String,
    /// Where it is mounted.
    pub point: PathBuf,
}

/// The file system on which `path` lies; `None` where the system does not tell.
#[must_use]
pub fn volume_of(path: &Path) -> Option<Volume> {
    // Behind a symbolic link may be another disk.
    let path = path.canonicalize().ok()?;
    volume_among(&std::fs::read_to_string("/proc/self/mountinfo").ok()?, &path)
}

fn volume_among(mountinfo: &str, path: &Path) -> Option<Volume> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let point = PathBuf::from(cgroup::unescaped(left.split(' ').nth(4)?));
        Some(Volume { kind: right.split(' ').next()?.to_owned(), point })
    });
    // The deepest mount holds the path; of two on the same point the later hides the earlier.
    mounts
        .filter(|volume| path.starts_with(&volume.point))
        .max_by_key(|volume| volume.point.components().count())
}

#[cfg(unix)]
fn raise_open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: before.maximum, maximum: before.maximum };
    // macOS refuses "unlimited" here; the limit of before holds then.
    let after = setrlimit(Resource::Nofile, wanted).map_or(before.current, |()| before.maximum);
    after.unwrap_or(OPEN_FILES_UNLIMITED)
}

#[cfg(not(unix))]
fn raise_open_files() -> u64 {
    OPEN_FILES_UNLIMITED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_files_of_the_kernel() {
        let meminfo = "MemTotal:       24684088 kB\nMemFree:         1234567 kB\n";
        assert_eq!(memory_total(meminfo), Some(24_684_088 * 1024));
        assert_eq!(memory_total("MemFree: 1 kB\n"), None);
        assert_eq!(memory_total("MemTotal: many kB\n"), None);
        assert_eq!(cores_present("processor\t: 0\nmodel\t: x\n\nprocessor\t: 1\n"), 2);
    }

    #[test]
    fn the_tightest_bound_counts_and_is_named() {
        let found = Found {
            cores_usable: 8,
            cores_present: 8,
            memory_bytes: Some(16 << 30),
            container: Grants::default(),
            open_files: 1024,
        };
        let machine = Machine::weigh(found);
        assert_eq!((machine.cores, machine.cores_bound), (8, Bound::Machine));
        assert_eq!((machine.memory_bytes, machine.memory_bound), (16 << 30, Bound::Machine));

        let container = Grants { cores: Some(1.5), memory_bytes: Some(2 << 30) };
        let machine = Machine::weigh(Found { container, ..found });
        assert_eq!((machine.cores, machine.cores_bound), (1, Bound::Container));
        assert_eq!((machine.memory_bytes, machine.memory_bound), (2 << 30, Bound::Container));

        let generous = Grants { cores: Some(0.5), memory_bytes: Some(64 << 30) };
        let machine = Machine::weigh(Found { container: generous, ..found });
        assert_eq!((machine.cores, machine.cores_bound), (1, Bound::Container));
        assert_eq!((machine.memory_bytes, machine.memory_bound), (16 << 30, Bound::Machine));

        let machine = Machine::weigh(Found { cores_usable: 2, ..found });
        assert_eq!((machine.cores, machine.cores_bound), (2, Bound::Affinity));

        let machine = Machine::weigh(Found { memory_bytes: None, ..found });
        assert_eq!(machine.memory_bound, Bound::Assumed);
    }

    #[test]
    fn the_deepest_mount_holds_a_path() {
        let mountinfo = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                         40 22 0:50 / /mnt/the\\040share rw - nfs4 server:/x rw\n\
                         41 22 8:2 / /mnt/the rw - xfs /dev/sdb rw\n";
        let kind = |path: &str| volume_among(mountinfo, Path::new(path)).unwrap().kind;
        assert_eq!(kind("/mnt/the share/data"), "nfs4");
        assert_eq!(kind("/mnt/the/data"), "xfs");
        assert_eq!(kind("/mnt/other"), "ext4");
        assert_eq!(volume_among("", Path::new("/x")), None);
    }

    #[test]
    fn this_machine_grants_something() {
        let machine = Machine::read();
        assert!(1 <= machine.cores);
        assert!(64 << 20 < machine.memory_bytes);
        assert!(64 <= machine.open_files);
    }
}

//! What a Linux container may use, from the control groups that the process is in.
//!
//! Both versions are read, and every group from the process's own up to the root that can be
//! seen: the tightest limit counts. Inside a container the path in `/proc/self/cgroup` may be the
//! host's while only the container's part is mounted; the mount's root says which part that is.

use std::path::{Path, PathBuf};

/// Limits of the container; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Grants {
    /// Cores by CPU quota; may be a fraction.
    pub cores: Option<f64>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
}

/// Limits larger than this are version 1's way of saying "none".
const MEMORY_BYTES_MAX: u64 = 1 << 60;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Membership {
    /// Controllers of version 1; empty for version 2.
    controllers: Vec<String>,
    path: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    /// Controllers of version 1; empty for version 2.
    controllers: Vec<String>,
    /// Which group of the hierarchy is mounted here.
    root: PathBuf,
    point: PathBuf,
}

/// Reads the limits through `read`, which gives the text of a file or `None`.
pub fn grants(read: &dyn Fn(&Path) -> Option<String>) -> Grants {
    let memberships = memberships(&read(Path::new("/proc/self/cgroup")).unwrap_or_default());
    let mounts = mounts(&read(Path::new("/proc/self/mountinfo")).unwrap_or_default());
    let mut grants = Grants::default();
    for membership in &memberships {
        for mount in mounts.iter().filter(|mount| belongs(membership, mount)) {
            for group in groups(membership, mount) {
                let text = |name: &str| read(&group.join(name));
                grants.cores = least(grants.cores, cores(&text));
                grants.memory_bytes = least(grants.memory_bytes, memory(&text));
            }
        }
    }
    grants
}

fn memberships(text: &str) -> Vec<Membership> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        Some(Membership { controllers: list(controllers), path: PathBuf::from(path) })
    };
    text.lines().filter_map(line).collect()
}

/// The lines of mountinfo are `id parent dev root point options… - type source super-options`.
fn mounts(text: &str) -> Vec<Mount> {
    let line = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let left: Vec<&str> = left.split(' ').collect();
        let right: Vec<&str> = right.split(' ').collect();
        let controllers = match *right.first()? {
            "cgroup2" => Vec::new(),
            "cgroup" => list(right.get(2)?),
            _ => return None,
        };
        let path = |index: usize| left.get(index).map(|text| PathBuf::from(unescaped(text)));
        Some(Mount { controllers, root: path(3)?, point: path(4)? })
    };
    text.lines().filter_map(line).collect()
}

fn belongs(membership: &Membership, mount: &Mount) -> bool {
    if membership.controllers.is_empty() || mount.controllers.is_empty() {
        return membership.controllers.is_empty() && mount.controllers.is_empty();
    }
    // The options of a mount also hold "rw" and the like, so a common name decides.
    membership
        .controllers
        .iter()
        .any(|name| matches!(name.as_str(), "cpu" | "memory") && mount.controllers.contains(name))
}

/// The folders of the process's group and of all groups above it that can be seen.
fn groups(membership: &Membership, mount: &Mount) -> Vec<PathBuf> {
    // A path that leaves the namespace starts with "/.."; then only the mount itself is certain.
    let inside = membership.path.strip_prefix(&mount.root).unwrap_or(Path::new(""));
    let inside = if inside.starts_with("..") { Path::new("") } else { inside };
    inside.ancestors().map(|part| mount.point.join(part)).collect()
}

fn cores(text: &dyn Fn(&str) -> Option<String>) -> Option<f64> {
    let (quota, period) = match text("cpu.max") {
        Some(line) => {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next()?, words.next()?)
        }
        None => (text("cpu.cfs_quota_us")?, text("cpu.cfs_period_us")?),
    };
    // "max" and -1 mean no limit.
    let quota: f64 = quota.trim().parse().ok().filter(|quota| 0.0 < *quota)?;
    let period: f64 = period.trim().parse().ok().filter(|period| 0.0 < *period)?;
    Some(quota / period)
}

fn memory(text: &dyn Fn(&str) -> Option<String>) -> Option<u64> {
    // Above `memory.high` the kernel slows the process down to a crawl, so that is a limit too.
    ["memory.max", "memory.high", "memory.limit_in_bytes"]
        .into_iter()
        .filter_map(|name| text(name)?.trim().parse().ok())
        .filter(|bytes| (1..MEMORY_BYTES_MAX).contains(bytes))
        .min()
}

fn least<T: PartialOrd + Copy>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b < a { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Mount points write blanks as `\040`, and so on.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = &after[3..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants_of(files: &[(&str, &str)]) -> Grants {
        grants(&|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        })
    }

    const V2_MOUNT: &str =
        "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn version_2_takes_the_tightest_of_nested_groups() {
        let grants = grants_of(&[
            ("/proc/self/cgroup", "0::/kube/pod/app\n"),
            ("/proc/self/mountinfo", V2_MOUNT),
            ("/sys/fs/cgroup/kube/pod/app/memory.max", "max\n"),
            ("/sys/fs/cgroup/kube/pod/app/cpu.max", "400000 100000\n"),
            ("/sys/fs/cgroup/kube/pod/memory.max", "2147483648\n"),
            ("/sys/fs/cgroup/kube/pod/memory.high", "1073741824\n"),
            ("/sys/fs/cgroup/kube/cpu.max", "150000 100000\n"),
            ("/sys/fs/cgroup/kube/memory.max", "8589934592\n"),
        ]);
        assert_eq!(grants, Grants { cores: Some(1.5), memory_bytes: Some(1 << 30) });
    }

    #[test]
    fn version_2_in_its_own_namespace_reads_the_mount_itself() {
        let grants = grants_of(&[
            ("/proc/self/cgroup", "0::/\n"),
            ("/proc/self/mountinfo", V2_MOUNT),
            ("/sys/fs/cgroup/memory.max", "536870912\n"),
            ("/sys/fs/cgroup/cpu.max", "max 100000\n"),
        ]);
        assert_eq!(grants, Grants { cores: None, memory_bytes: Some(512 << 20) });
    }

    #[test]
    fn version_1_reads_each_controller_at_its_mount() {
        let grants = grants_of(&[
            (
                "/proc/self/cgroup",
                "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n",
            ),
            (
                "/proc/self/mountinfo",
                "30 25 0:26 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup \
                 rw,cpu,cpuacct\n\
                 31 25 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n\
                 32 25 0:28 / / rw - ext4 /dev/sda1 rw\n",
            ),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000\n"),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "4294967296\n"),
        ]);
        assert_eq!(grants, Grants { cores: Some(2.0), memory_bytes: Some(4 << 30) });
    }

    #[test]
    fn no_limits_are_no_limits() {
        let grants = grants_of(&[
            ("/proc/self/cgroup", "4:memory:/\n1:cpu:/\n"),
            (
                "/proc/self/mountinfo",
                "30 25 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
                 31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            ),
            ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(grants, Grants::default());
        assert_eq!(grants_of(&[]), Grants::default());
    }

    #[test]
    fn a_path_outside_the_namespace_falls_back_to_the_mount() {
        let grants = grants_of(&[
            ("/proc/self/cgroup", "0::/../../other\n"),
            ("/proc/self/mountinfo", V2_MOUNT),
            ("/sys/fs/cgroup/memory.max", "1073741824\n"),
            ("/sys/fs/cgroup/../../other/memory.max", "1\n"),
        ]);
        assert_eq!(grants.memory_bytes, Some(1 << 30));
    }

    #[test]
    fn blanks_in_mount_points_are_understood() {
        assert_eq!(unescaped(r"/mnt/my\040disk"), "/mnt/my disk");
        assert_eq!(unescaped(r"/mnt/odd\9"), r"/mnt/odd\9");
    }
}

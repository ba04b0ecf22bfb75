//! What the process and the machine take, from one look to the next.

use std::path::{Path, PathBuf};
use std::time::Instant;

use sysinfo::{
    MemoryRefreshKind, NetworkData, Networks, Pid, ProcessRefreshKind, ProcessesToUpdate, System,
};

use super::series::{Sample, Series};

/// Looks at the machine. The first look has no rates: they count from one look to the next.
#[derive(Debug)]
pub struct Machine {
    asked: Option<(System, Networks)>,
    disk: Option<Disk>,
    folder: PathBuf,
    before: Option<Before>,
}

/// What was counted at the look before.
#[derive(Debug)]
struct Before {
    at: Instant,
    process_cpu_ms: u64,
    received: u64,
    sent: u64,
    disk_busy_ms: Option<u64>,
}

impl Machine {
    /// At the machine on whose disk `folder` lies.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            asked: System::new().ok().zip(Networks::new().ok()),
            disk: Disk::of(folder),
            folder: folder.to_owned(),
            before: None,
        }
    }

    /// Adds to `sample` what is found.
    pub fn look(&mut self, sample: &mut Sample) {
        if let Some((free, total)) = volume(&self.folder).filter(|(_, total)| 0 < *total) {
            sample.set(Series::DiskFreeBytes, wide(free));
            sample.set(Series::DiskFree, wide(free) / wide(total) * 100.0);
        }
        // A system that cannot be asked is not told of.
        let Some((system, networks)) = &mut self.asked else { return };
        let own = Pid::from_u32(std::process::id());
        let what = ProcessRefreshKind::nothing().with_memory().with_cpu();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        system.refresh_cpu_usage();
        networks.refresh(true);
        let process = system.process(own);
        sample.set(Series::ProcessMemory, process.map(|process| wide(process.memory())));
        let (total, free) = (system.total_memory(), system.available_memory());
        if 0 < total {
            let taken = total.saturating_sub(free);
            sample.set(Series::MachineMemory, wide(taken) / wide(total) * 100.0);
        }
        let others = networks.iter().filter(|(name, _)| !is_loopback(&name.to_string_lossy()));
        let sum = |of: fn(&NetworkData) -> u64| others.clone().map(|(_, data)| of(data)).sum();
        let now = Before {
            at: Instant::now(),
            process_cpu_ms: process.map_or(0, sysinfo::Process::accumulated_cpu_time),
            received: sum(NetworkData::total_received),
            sent: sum(NetworkData::total_transmitted),
            disk_busy_ms: self.disk.as_ref().and_then(Disk::busy_ms),
        };
        if let Some(before) = &self.before {
            let cpu = f64::from(system.global_cpu_usage());
            sample.set(Series::MachineCpu, cpu.clamp(0.0, 100.0));
            rates(sample, before, &now, system.cpus().len().max(1));
        }
        self.before = Some(now);
    }
}

fn rates(sample: &mut Sample, before: &Before, now: &Before, processors: usize) {
    let seconds = now.at.duration_since(before.at).as_secs_f64();
    if seconds <= 0.0 {
        return;
    }
    let since = |now: u64, before: u64| wide(now.saturating_sub(before)) / seconds;
    let cpu_ms = since(now.process_cpu_ms, before.process_cpu_ms);
    let all_ms = wide(u64::try_from(processors).unwrap_or(1)) * 1e3;
    sample.set(Series::ProcessCpu, (cpu_ms / all_ms * 100.0).min(100.0));
    sample.set(Series::NetworkReceived, since(now.received, before.received));
    sample.set(Series::NetworkSent, since(now.sent, before.sent));
    let busy = now.disk_busy_ms.zip(before.disk_busy_ms);
    let busy = busy.map(|(now, before)| (since(now, before) / 10.0).min(100.0));
    sample.set(Series::DiskBusy, busy);
}

fn is_loopback(name: &str) -> bool {
    name == "lo" || name.starts_with("lo0") || name.starts_with("Loopback")
}

#[expect(clippy::cast_precision_loss, reason = "figures are floating point")]
fn wide(count: u64) -> f64 {
    count as f64
}

/// Free and all bytes of the volume of `folder`.
#[cfg(unix)]
fn volume(folder: &Path) -> Option<(u64, u64)> {
    let volume = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
    Some((bytes(volume.f_bavail), bytes(volume.f_blocks)))
}

#[cfg(not(unix))]
fn volume(_: &Path) -> Option<(u64, u64)> {
    None
}

/// The disk of the data folder, by its name in `/proc/diskstats`. Where the system has none, as
/// over a network or in some containers, how busy it is, is not known.
#[derive(Debug)]
struct Disk(String);

impl Disk {
    fn of(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        let stats = std::fs::read_to_string("/proc/diskstats").ok()?;
        let (number, source) = mount_of(&mounts, &folder)?;
        // A name such as /dev/mapper/x stands for another one.
        let source = PathBuf::from(source);
        let source = source.canonicalize().unwrap_or(source);
        let name = source.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        device(&stats, &number, name).map(Self)
    }

    /// For how long it has been busy since the system started, milliseconds.
    fn busy_ms(&self) -> Option<u64> {
        busy_in(&std::fs::read_to_string("/proc/diskstats").ok()?, &self.0)
    }
}

/// The device number `8:1` and the source of the mount that `folder` lies on.
fn mount_of(mounts: &str, folder: &Path) -> Option<(String, String)> {
    let mut found: Option<(usize, (String, String))> = None;
    for line in mounts.lines() {
        let (head, tail) = line.split_once(" - ")?;
        let mut head = head.split(' ').skip(2);
        let (number, _, place) = (head.next()?, head.next()?, head.next()?);
        let source = tail.split(' ').nth(1)?;
        let place = Path::new(place);
        let depth = place.components().count();
        // Of mounts at one place the last one is seen.
        if folder.starts_with(place) && found.as_ref().is_none_or(|(most, _)| *most <= depth) {
            found = Some((depth, (number.to_owned(), source.to_owned())));
        }
    }
    found.map(|(_, found)| found)
}

/// The name of the device of this number, or of this name, if it counts.
fn device(stats: &str, number: &str, name: &str) -> Option<String> {
    let rows = stats.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((format!("{}:{}", words.next()?, words.next()?), words.next()?))
    });
    let rows: Vec<_> = rows.collect();
    let by_number = rows.iter().find(|(of, _)| of == number);
    let found = by_number.or_else(|| rows.iter().find(|(_, of)| *of == name));
    found.map(|(_, name)| (*name).to_owned())
}

/// The tenth figure behind the name: time spent doing anything at all.
fn busy_in(stats: &str, name: &str) -> Option<u64> {
    let line = stats.lines().find(|line| line.split_whitespace().nth(2) == Some(name))?;
    line.split_whitespace().nth(12)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: &str = "   8       0 sda 100 0 800 50 200 0 900 70 0 4321 120 0 0 0 0\n   \
        8       1 sda1 90 0 700 40 190 0 890 60 0 1234 100 0 0 0 0\n \
        253 2 dm-2 1 0 8 1 2 0 9 1 0 77 1";
    const MOUNTS: &str = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
        30 22 0:44 / /data rw shared:5 - btrfs /dev/sda rw,ssd\n\
        31 22 0:45 / /net rw - nfs4 server:/x rw\n";

    #[test]
    fn the_disk_is_found_by_the_number_of_its_mount_or_by_its_source() {
        let found = |folder: &str| mount_of(MOUNTS, Path::new(folder)).unwrap();
        assert_eq!(found("/var/lib/healthflow").0, "8:1");
        assert_eq!(found("/data/hospital"), ("0:44".to_owned(), "/dev/sda".to_owned()));
        assert_eq!(device(STATS, "8:1", "sda1").as_deref(), Some("sda1"));
        assert_eq!(device(STATS, "0:44", "sda").as_deref(), Some("sda"));
        assert_eq!(device(STATS, "0:45", "x"), None, "a share has no disk here");
        assert_eq!(busy_in(STATS, "sda1"), Some(1234));
        assert_eq!(busy_in(STATS, "dm-2"), Some(77));
    }

    #[test]
    fn two_looks_at_this_machine_tell_what_it_takes() {
        let mut machine = Machine::new(&std::env::temp_dir());
        let mut first = Sample::new(0);
        machine.look(&mut first);
        assert!(first.get(Series::ProcessCpu).is_none(), "a rate needs two looks");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let mut sample = Sample::new(1);
        machine.look(&mut sample);
        let cpu = sample.get(Series::MachineCpu).unwrap();
        assert!((0.0..=100.0).contains(&cpu), "{cpu}");
        assert!(1e6 < sample.get(Series::ProcessMemory).unwrap());
        assert!((1.0..100.0).contains(&sample.get(Series::MachineMemory).unwrap()));
        if cfg!(unix) {
            assert!((0.0..=100.0).contains(&sample.get(Series::DiskFree).unwrap()));
        }
    }
}

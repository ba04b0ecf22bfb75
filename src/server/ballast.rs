//! Watches the disk of the data folder and steps down the ladder ([`crate::platform::disk`]) while
//! it fills. The ballast is a file that only takes room: it goes last, so that there is room left
//! for charting and for clearing up, and is made anew when there is enough again.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::service::Ticking;
use crate::platform::disk::{Ladder, Rung, ballast_bytes, is_last};
use crate::platform::jobs::queue::{self, NewJob};
use crate::platform::jobs::schedule::key_of;
use crate::platform::ledger::Desk;
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call};

/// The file in the data folder.
pub const BALLAST_FILE: &str = "healthflow.ballast";
/// How often it is looked: a disk that fills at 100 MB/s loses that much between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// How long what makes room is left alone before it is ordered once more.
const AGAIN_US: i64 = 6 * 3_600_000_000;
const PIECE: usize = 64 << 10;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct DiskWatch(#[expect(dead_code, reason = "held for its drop")] Option<Ticking>);

impl DiskWatch {
    /// Looks once, and then every second. A server that lives for one command (not `stays`) makes
    /// no ballast and orders nothing: it would not do it.
    #[must_use]
    pub fn start(desk: &Desk, stays: bool) -> Self {
        let mut keeper = Keeper {
            desk: desk.clone(),
            ladder: desk.ladder().clone(),
            ballast: desk.store().folder().join(BALLAST_FILE),
            ordered_at: None,
            stays,
        };
        keeper.look();
        Self(Ticking::start("disk-watch", EVERY, move || keeper.look()))
    }
}

struct Keeper {
    desk: Desk,
    ladder: Ladder,
    ballast: PathBuf,
    /// When pruning was ordered while there was too little room, microseconds.
    ordered_at: Option<i64>,
    stays: bool,
}

impl Keeper {
    fn look(&mut self) {
        let Some((free, total)) = volume(self.desk.store().folder()) else { return };
        let there = std::fs::metadata(&self.ballast).map_or(0, |found| found.len());
        // What the ballast takes is room that nobody else has taken.
        let rung = Rung::of(free.saturating_add(there), total, self.ladder.rung());
        self.step(rung, free);
        if Rung::PruningEarly <= rung && self.stays {
            self.prune_early();
        } else {
            self.ordered_at = None;
        }
        if 0 < there && is_last(free, total) {
            self.let_go(free);
        } else if self.stays && rung == Rung::Fine && there < ballast_bytes(total) {
            self.make(ballast_bytes(total));
        }
    }

    fn step(&self, rung: Rung, free: u64) {
        let here = self.ladder.rung();
        if rung == here {
            return;
        }
        self.ladder.set(rung);
        let word = rung.word();
        if here < rung {
            tracing::warn!(disk.free = free, disk.state = word, "The disk fills up: {word}");
        } else {
            tracing::info!(disk.free = free, disk.state = word, "There is more room: {word}");
        }
    }

    /// Orders what makes room; on a disk that takes no order it is tried at the next look.
    fn prune_early(&mut self) {
        let now = self.desk.now();
        if self.ordered_at.is_some_and(|at| (at..at + AGAIN_US).contains(&now)) {
            return;
        }
        let call = Call::new(Actor::machine("disk", Vec::new()), "disk");
        let order = |work: &crate::platform::ledger::Work<'_>| {
            for kind in ["clear_away", "audit_prune"] {
                queue::order(work, &NewJob::new(kind, &()).only_one(&key_of(kind)))?;
            }
            Ok::<_, StoreError>(())
        };
        match self.desk.write_bulk(&call, "schedules.run", order) {
            Ok(()) => self.ordered_at = Some(now),
            Err(cause) => tracing::debug!("Pruning was not ordered and will be: {cause}"),
        }
    }

    fn let_go(&self, free: u64) {
        match std::fs::remove_file(&self.ballast) {
            Ok(()) => tracing::error!(
                disk.free = free,
                "The disk is full: the ballast is let go, so that charting goes on for a while. \
                 Free some space now."
            ),
            Err(cause) => tracing::error!("The ballast cannot be let go: {cause}"),
        }
    }

    fn make(&self, bytes: u64) {
        let made = OpenOptions::new().write(true).create(true).truncate(true).open(&self.ballast);
        if let Err(cause) = made.and_then(|mut file| fill(&mut file, bytes)) {
            // Half a ballast is room that is missing for nothing.
            let _ = std::fs::remove_file(&self.ballast);
            tracing::warn!("There is no ballast: {cause}");
        }
    }
}

/// Takes the room at once where the file system can; else it is written, with bytes that none
/// makes smaller: a hole takes no room.
fn fill(file: &mut File, bytes: u64) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    match rustix::fs::fallocate(&*file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Ok(()) => return file.sync_all(),
        Err(rustix::io::Errno::OPNOTSUPP) => {}
        Err(cause) => return Err(cause.into()),
    }
    let mut piece = vec![0; PIECE];
    getrandom::fill(&mut piece).map_err(|cause| std::io::Error::other(cause.to_string()))?;
    let mut left = bytes;
    while 0 < left {
        let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        file.write_all(&piece[..length])?;
        left -= length as u64;
    }
    file.sync_all()
}

/// Free and all bytes of the volume of `folder`, where that can be asked.
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

//! What the server leaves off while the disk of the data folder fills up, in order: each rung of
//! the ladder gives up what can wait longest, so that charting goes on to the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// How far down the ladder. Each has what those before it have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// There is room.
    Fine,
    /// Imports wait.
    ImportsPaused,
    /// What has served its time goes now, and not when its hour comes.
    PruningEarly,
    /// No file is taken.
    UploadsStopped,
    /// Nothing but charting, and the jobs that make room.
    ChartingOnly,
}

const MIB: u64 = 1 << 20;
/// Each rung with what has to be free to stand above it: a share of the disk in thousandths, and
/// what is enough on a disk however large.
const LADDER: [(Rung, u64, u64); 4] = [
    (Rung::ChartingOnly, 30, 256 * MIB),
    (Rung::UploadsStopped, 50, 512 * MIB),
    (Rung::PruningEarly, 70, 768 * MIB),
    (Rung::ImportsPaused, 100, 1_024 * MIB),
];
/// Room that is given up last: below this the ballast is let go.
const LAST: (u64, u64) = (10, 64 * MIB);
/// The ballast itself.
const BALLAST: (u64, u64) = (10, 32 * MIB);

fn bound(total: u64, (share, enough): (u64, u64)) -> u64 {
    (total / 1_000).saturating_mul(share).min(enough)
}

impl Rung {
    const ALL: [Self; 5] = [
        Self::Fine,
        Self::ImportsPaused,
        Self::PruningEarly,
        Self::UploadsStopped,
        Self::ChartingOnly,
    ];

    /// Where `free` bytes of `total` lead from `here`: down at once, and up only with a quarter
    /// more than the rung asks for, so that nothing stops and begins all the time.
    #[must_use]
    pub fn of(free: u64, total: u64, here: Self) -> Self {
        let lowest = |free: u64| {
            let under =
                |&&(_, share, enough): &&(Self, u64, u64)| free < bound(total, (share, enough));
            LADDER.iter().find(under).map_or(Self::Fine, |(rung, ..)| *rung)
        };
        let (down, up) = (lowest(free), lowest(free / 5 * 4));
        if here <= down { down } else { up.min(here) }
    }

    /// Its word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::ImportsPaused => "imports_paused",
            Self::PruningEarly => "pruning_early",
            Self::UploadsStopped => "uploads_stopped",
            Self::ChartingOnly => "charting_only",
        }
    }

    /// All words.
    pub const WORDS: [&'static str; 5] =
        ["ok", "imports_paused", "pruning_early", "uploads_stopped", "charting_only"];
}

/// How large the ballast is on a disk of `total` bytes.
#[must_use]
pub fn ballast_bytes(total: u64) -> u64 {
    bound(total, BALLAST)
}

/// Whether the ballast has to go with `free` bytes of `total` left.
#[must_use]
pub fn is_last(free: u64, total: u64) -> bool {
    free < bound(total, LAST)
}

/// Where the server stands just now. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Ladder(Arc<AtomicU8>);

impl Ladder {
    /// The present rung.
    #[must_use]
    pub fn rung(&self) -> Rung {
        let at = usize::from(self.0.load(Ordering::Relaxed));
        Rung::ALL.get(at).copied().unwrap_or(Rung::Fine)
    }

    /// Whether it stands on `rung` or below.
    #[must_use]
    pub fn is_at(&self, rung: Rung) -> bool {
        rung <= self.rung()
    }

    /// It stands on `rung` from now on.
    pub fn set(&self, rung: Rung) {
        let at = Rung::ALL.iter().position(|known| *known == rung).unwrap_or(0);
        self.0.store(u8::try_from(at).unwrap_or(0), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rung_comes_in_order_by_share_on_small_disks_and_by_bytes_on_large_ones() {
        let of = |free: u64, total: u64| Rung::of(free, total, Rung::Fine);
        let small = 4_096 * MIB;
        let steps = [110, 90, 60, 40, 20].map(|share| of(small / 1_000 * share, small));
        assert_eq!(steps, Rung::ALL);
        let large = 4_000_000 * MIB;
        assert_eq!(of(2_000 * MIB, large), Rung::Fine);
        assert_eq!(of(900 * MIB, large), Rung::ImportsPaused);
        assert_eq!(of(200 * MIB, large), Rung::ChartingOnly);
        assert!(is_last(50 * MIB, large) && !is_last(100 * MIB, large));
        assert_eq!(ballast_bytes(large), 32 * MIB);
        assert_eq!(of(0, 0), Rung::Fine, "a disk that does not tell");
    }

    #[test]
    fn it_goes_up_only_with_some_room_more() {
        let total = 1_000_000;
        let up = |free| Rung::of(free, total, Rung::UploadsStopped);
        assert_eq!(up(51_000), Rung::UploadsStopped);
        assert_eq!(up(65_000), Rung::PruningEarly);
        assert_eq!(up(200_000), Rung::Fine);
        assert_eq!(up(10_000), Rung::ChartingOnly);
    }

    #[test]
    fn every_rung_has_its_word() {
        let ladder = Ladder::default();
        assert_eq!(ladder.rung(), Rung::Fine);
        for (rung, word) in Rung::ALL.into_iter().zip(Rung::WORDS) {
            ladder.set(rung);
            assert_eq!((ladder.rung(), rung.word()), (rung, word));
            assert!(ladder.is_at(rung));
        }
    }
}

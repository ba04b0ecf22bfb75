//! The state of the buckets, in memory whose size never changes.
//!
//! A bucket is one number, the time at which it will be full again (GCRA, the token bucket
//! written as a clock). A full bucket is worth nothing, so its place is free for another key.
//! Keys lie in one of eight places that their hash names; where all eight are in use, the key
//! gets no place and its caller decides what happens. The hash has a key of its own in each
//! process, so nobody can choose addresses that meet in one place.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

/// Places that a key may lie in.
const WAYS: usize = 8;
/// Parts that are locked apart.
const SHARDS: usize = 64;
/// Places in all, 16 bytes each: 2 MiB.
pub(super) const PLACES: usize = 1 << 17;

const SECOND: u64 = 1_000_000_000;

/// So many requests at once, and so many a minute in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests at once, 1 to [`BURST_MAX`].
    pub burst: u32,
    /// Requests a minute from then on, 1 to [`PER_MINUTE_MAX`].
    pub per_minute: u32,
}

/// The greatest burst.
pub const BURST_MAX: u32 = 1_000_000;
/// The greatest rate, requests a minute.
pub const PER_MINUTE_MAX: u32 = 6_000_000;

impl Quota {
    /// Time that one request takes out of the bucket, nanoseconds.
    fn each(self) -> u64 {
        60 * SECOND / u64::from(self.per_minute.max(1))
    }

    /// What a full bucket holds, nanoseconds.
    fn full(self) -> u64 {
        self.each() * u64::from(self.burst.max(1))
    }

    /// Seconds until an empty bucket is full, at least 1.
    #[must_use]
    pub fn window_s(self) -> u64 {
        self.full().div_ceil(SECOND).max(1)
    }
}

/// How a bucket is after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// Requests that may follow at once.
    pub(super) left: u64,
    /// Nanoseconds until it is full.
    pub(super) full_in: u64,
    /// Nanoseconds until the next request is let in, if this one was not.
    pub(super) wait: Option<u64>,
}

/// Takes one request out of the bucket that is full again at `full_at`.
pub(super) fn take(full_at: &mut u64, quota: Quota, now: u64) -> Level {
    let (each, full) = (quota.each(), quota.full());
    // A quota that was made smaller meanwhile must not be waited for longer than it is long.
    let owed = full_at.saturating_sub(now).min(full);
    if full < owed + each {
        *full_at = now + owed;
        return Level { left: 0, full_in: owed, wait: Some(owed + each - full) };
    }
    *full_at = now + owed + each;
    Level { left: (full - owed - each) / each, full_in: owed + each, wait: None }
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    key: u64,
    full_at: u64,
}

/// All buckets.
#[derive(Debug)]
pub(super) struct Table {
    shards: Box<[Mutex<Box<[Place]>>]>,
    hasher: RandomState,
}

impl Table {
    /// With room for about `places` keys at one time.
    pub(super) fn new(places: usize) -> Self {
        let each = (places / SHARDS).next_multiple_of(WAYS).max(WAYS);
        let shard = || Mutex::new(vec![Place::default(); each].into_boxed_slice());
        let shards = (0..SHARDS).map(|_| shard()).collect();
        Self { shards, hasher: RandomState::new() }
    }

    /// Takes one request of `key` at `now`, nanoseconds since any moment that stays the same;
    /// `None` if there is no place for the key.
    pub(super) fn take(&self, key: impl Hash, quota: Quota, now: u64) -> Option<Level> {
        // Zero is a place that nobody was in.
        let key = self.hasher.hash_one(key).max(1);
        let (shard, rest) = split(key, SHARDS);
        let mut shard = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let sets = shard.len() / WAYS;
        let (set, _) = split(rest, sets);
        let ways = &mut shard[set * WAYS..(set + 1) * WAYS];
        let mut free = None;
        for place in ways {
            if place.key == key {
                return Some(take(&mut place.full_at, quota, now));
            }
            if place.full_at <= now {
                free = Some(place);
            }
        }
        let place = free?;
        *place = Place { key, full_at: now };
        Some(take(&mut place.full_at, quota, now))
    }

    /// Places whose buckets are not full at `now`, and places in all.
    pub(super) fn in_use(&self, now: u64) -> (usize, usize) {
        let mut counts = (0, 0);
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            counts.0 += shard.iter().filter(|place| now < place.full_at).count();
            counts.1 += shard.len();
        }
        counts
    }
}

/// One of `count`, and what is left of `hash` to choose by.
fn split(hash: u64, count: usize) -> (usize, u64) {
    let count = count.max(1) as u64;
    (usize::try_from(hash % count).unwrap_or(0), hash / count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUOTA: Quota = Quota { burst: 5, per_minute: 60 };

    fn passed(table: &Table, key: u64, quota: Quota, now: u64) -> bool {
        table.take(key, quota, now).is_some_and(|level| level.wait.is_none())
    }

    #[test]
    fn a_burst_passes_then_one_each_time_and_a_pause_fills_it_again() {
        let table = Table::new(PLACES);
        let levels: Vec<Level> = (0..7).map(|_| table.take(1_u64, QUOTA, 0).unwrap()).collect();
        let left: Vec<u64> = levels.iter().map(|level| level.left).collect();
        assert_eq!(left, [4, 3, 2, 1, 0, 0, 0]);
        assert_eq!(levels[4].full_in, 5 * SECOND);
        assert_eq!((levels[4].wait, levels[5].wait), (None, Some(SECOND)));
        assert_eq!(levels[6].wait, Some(SECOND), "being refused costs nothing");
        assert!(passed(&table, 1, QUOTA, SECOND));
        assert!(!passed(&table, 1, QUOTA, SECOND + SECOND / 2));
        assert!(passed(&table, 2, QUOTA, SECOND), "others are not meant");
        let later = 100 * SECOND;
        assert_eq!((0..9).filter(|_| passed(&table, 1, QUOTA, later)).count(), 5);
    }

    #[test]
    fn a_new_quota_holds_at_once_for_those_who_owe_by_the_old_one() {
        let table = Table::new(PLACES);
        let old = Quota { burst: 1_000, per_minute: 1 };
        assert!((0..1_000).all(|_| passed(&table, 1, old, 0)));
        let level = table.take(1_u64, QUOTA, 0).unwrap();
        assert_eq!(level.wait, Some(SECOND), "not the 16 hours of the old one");
        let wide = Quota { burst: 1_000_000, per_minute: 6_000_000 };
        assert!(passed(&table, 1, wide, 20_000), "nor for longer than the new one takes");
    }

    #[test]
    fn a_million_addresses_take_no_more_memory_and_free_nobody_from_a_wait() {
        let table = Table::new(1 << 10);
        let places = table.in_use(0).1;
        assert_eq!(places, 1 << 10);
        let slow = Quota { burst: 2, per_minute: 1 };
        assert!((0..3).any(|_| !passed(&table, 7, slow, 0)), "one has used it up");
        let mut without = 0;
        for key in 1_000..1_001_000_u64 {
            without += usize::from(table.take(key, slow, 1).is_none());
        }
        let (used, all) = table.in_use(1);
        assert_eq!(all, places);
        assert!(used <= places && 1_000_000 - places <= without, "{used} {without}");
        assert!(!passed(&table, 7, slow, 2), "its place was not given away");
        // Those that have not been seen for as long as their bucket takes make room.
        let later = 200 * SECOND;
        assert!((0..100_u64).all(|key| passed(&table, key, slow, later)));
    }

    #[test]
    fn quick_buckets_are_free_again_before_the_table_is_full() {
        let table = Table::new(1 << 10);
        let quick = Quota { burst: 100, per_minute: 6_000 };
        // 25,000 new addresses a second, each of which owes 10 ms.
        let without =
            (0..200_000_u64).filter(|key| table.take(*key, quick, key * 40_000).is_none()).count();
        assert!(without < 2_000, "{without} of 200,000 found no place");
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_pass(
            burst in 1_u32..50,
            per_minute in 1_u32..10_000,
            pauses in proptest::collection::vec(0_u64..3 * SECOND, 1..200),
        ) {
            let table = Table::new(1 << 10);
            let quota = Quota { burst, per_minute };
            let (mut now, mut count) = (0, 0_u64);
            for pause in pauses {
                now += pause;
                count += u64::from(passed(&table, 1, quota, now));
                let most = u64::from(burst) + now / quota.each();
                prop_assert!(count <= most, "{} of {} at {}", count, most, now);
            }
        }

        #[test]
        fn whoever_waits_as_told_is_let_in(burst in 1_u32..50, per_minute in 1_u32..10_000) {
            let table = Table::new(1 << 10);
            let quota = Quota { burst, per_minute };
            let mut now = 0;
            for _ in 0..200 {
                if let Some(wait) = table.take(1_u64, quota, now).unwrap().wait {
                    now += wait;
                    prop_assert!(passed(&table, 1, quota, now));
                }
            }
        }
    }
}

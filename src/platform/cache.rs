//! Answers that are looked up over and over, kept in memory: exact, bounded, counted.
//!
//! A value is kept under a key until it is too old, there is no room, or what it was made from
//! has changed. Each value belongs to two groups, e.g. a session and the account that it is of,
//! so that one call forgets all that belongs to one of them.
//!
//! Exact means: what was read from the store before a change is never given after
//! [`Cache::forget`] or [`Cache::forget_group`] has returned, also if it is put only
//! then. Therefore a value is put with the [`Ticket`] that was taken before it was
//! read. Whoever changes things forgets after the commit and before the change is answered.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;

/// Keys and groups share marks; two that meet are forgotten together, which costs a look-up.
const MARKS: usize = 1_024;
/// What keeping a value costs beside itself, bytes.
const ENTRY_BYTES: u64 = 96;

/// A bounded cache of `V`, each of which takes about the same number of bytes.
pub struct Cache<K, V> {
    kept: quick_cache::sync::Cache<K, Kept<V>, Evenly>,
    /// Counts what was forgotten.
    turn: AtomicU64,
    /// The turn at which a key or a group of this mark was forgotten last.
    marks: Box<[AtomicU64]>,
    hasher: RandomState,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    groups: [i64; 2],
    turn: u64,
    /// Microseconds since 1970 UTC.
    until: i64,
}

#[derive(Clone)]
struct Evenly(u64);

impl<K, V> Weighter<K, Kept<V>> for Evenly {
    fn weight(&self, _: &K, _: &Kept<V>) -> u64 {
        self.0
    }
}

/// Proof of when reading began.
#[derive(Debug, Clone, Copy)]
pub struct Ticket(u64);

/// How a cache does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStatus {
    /// Values that are kept.
    pub entries: usize,
    /// Bytes that they take, about.
    pub bytes: u64,
    /// Look-ups that were answered.
    pub hits: u64,
    /// Look-ups that were not.
    pub misses: u64,
}

impl<K, V> std::fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Cache<K, V> {
    /// A cache of at most `bytes_max`, for values of about `value_bytes` with their keys.
    #[must_use]
    pub fn new(bytes_max: u64, value_bytes: u64) -> Self {
        let each = value_bytes + ENTRY_BYTES;
        let most = usize::try_from(bytes_max / each).unwrap_or(usize::MAX);
        Self {
            kept: quick_cache::sync::Cache::with_weighter(most, bytes_max, Evenly(each)),
            turn: AtomicU64::new(0),
            marks: (0..MARKS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The value under `key`, if it still holds at `now` (microseconds since 1970 UTC).
    pub fn get(&self, key: &K, now: i64) -> Option<V> {
        let kept = self.kept.get(key).filter(|kept| now < kept.until && self.holds(key, kept));
        let counted = if kept.is_some() { &self.hits } else { &self.misses };
        counted.fetch_add(1, Ordering::Relaxed);
        kept.map(|kept| kept.value)
    }

    /// To be taken before the value is read.
    pub fn ticket(&self) -> Ticket {
        Ticket(self.turn.load(Ordering::SeqCst))
    }

    /// Keeps `value`, which belongs to `groups`, until `until` (microseconds since 1970 UTC),
    /// unless it was forgotten since the ticket was taken.
    pub fn put(&self, key: K, (value, groups): (V, [i64; 2]), until: i64, Ticket(turn): Ticket) {
        let kept = Kept { value, groups, turn, until };
        if self.holds(&key, &kept) {
            self.kept.insert(key, kept);
        }
    }

    /// Forgets the value under `key`.
    pub fn forget(&self, key: &K) {
        self.mark(self.mark_of(key));
        self.kept.remove(key);
    }

    /// Forgets all values of `group`.
    pub fn forget_group(&self, group: i64) {
        self.mark(self.mark_of(&group));
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst) + 1;
        for mark in &self.marks {
            mark.fetch_max(turn, Ordering::SeqCst);
        }
    }

    /// How it does.
    pub fn status(&self) -> CacheStatus {
        CacheStatus {
            entries: self.kept.len(),
            bytes: self.kept.weight(),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    fn holds(&self, key: &K, kept: &Kept<V>) -> bool {
        let [first, second] = kept.groups;
        let marks = [self.mark_of(key), self.mark_of(&first), self.mark_of(&second)];
        marks.iter().all(|mark| mark.load(Ordering::SeqCst) <= kept.turn)
    }

    fn mark(&self, mark: &AtomicU64) {
        // Whoever takes a ticket from now on reads what is true after the change.
        let turn = self.turn.fetch_add(1, Ordering::SeqCst) + 1;
        mark.fetch_max(turn, Ordering::SeqCst);
    }

    fn mark_of<T: Hash>(&self, what: &T) -> &AtomicU64 {
        let hash = usize::try_from(self.hasher.hash_one(what) % MARKS as u64).unwrap_or(0);
        &self.marks[hash]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> Cache<&'static str, i64> {
        Cache::new(100 * (ENTRY_BYTES + 8), 8)
    }

    #[test]
    fn a_value_is_given_until_it_is_too_old() {
        let cache = cache();
        assert_eq!(cache.get(&"a", 0), None);
        cache.put("a", (1, [7, 8]), 10, cache.ticket());
        assert_eq!((cache.get(&"a", 9), cache.get(&"a", 10)), (Some(1), None));
        let status = cache.status();
        assert_eq!((status.hits, status.misses, status.entries), (1, 2, 1));
        assert_eq!(status.bytes, ENTRY_BYTES + 8);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_given_after_it_however_late_it_is_put() {
        let cache = cache();
        let early = cache.ticket();
        cache.put("a", (1, [7, 8]), 10, early);
        cache.put("b", (2, [7, 9]), 10, early);
        cache.forget(&"a");
        assert_eq!((cache.get(&"a", 0), cache.get(&"b", 0)), (None, Some(2)));
        cache.put("a", (1, [7, 8]), 10, early);
        assert_eq!(cache.get(&"a", 0), None, "read before");
        cache.put("a", (3, [7, 8]), 10, cache.ticket());
        assert_eq!(cache.get(&"a", 0), Some(3), "read after");
        let late = cache.ticket();
        cache.forget_group(7);
        assert_eq!((cache.get(&"a", 0), cache.get(&"b", 0)), (None, None));
        cache.put("c", (4, [8, 7]), 10, late);
        assert_eq!(cache.get(&"c", 0), None);
    }

    #[test]
    fn everything_can_be_forgotten_at_once_also_what_is_put_only_then() {
        let cache = cache();
        let early = cache.ticket();
        cache.put("a", (1, [7, 8]), 10, early);
        cache.put("b", (2, [9, 9]), 10, early);
        cache.forget_all();
        cache.put("c", (3, [1, 2]), 10, early);
        assert_eq!(["a", "b", "c"].map(|key| cache.get(&key, 0)), [None; 3]);
        cache.put("a", (4, [7, 8]), 10, cache.ticket());
        assert_eq!(cache.get(&"a", 0), Some(4));
    }

    #[test]
    fn it_never_takes_more_than_its_bytes() {
        let cache: Cache<i64, i64> = Cache::new(100 * (ENTRY_BYTES + 8), 8);
        for key in 0..10_000 {
            cache.put(key, (key, [key, key]), 10, cache.ticket());
        }
        let status = cache.status();
        assert!(status.entries <= 100 && status.bytes <= 100 * (ENTRY_BYTES + 8), "{status:?}");
        assert!(50 <= status.entries, "{status:?}");
    }
}

//! How long statements take, each by its text: what costs most, and how the slow ones are done.
//!
//! The engine's own profile counts in milliseconds, and most statements take microseconds, so the
//! time is taken here: from the first step to the last row, with what is made of each row on the
//! way. A text never holds a value; those are bound.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::vocab::digest;

/// Texts that are told apart; what comes beyond them is counted together.
const KNOWN_MAX: usize = 1_024;
/// Of them named to monitors.
pub const NAMED_MAX: usize = 50;
/// Slow ones that are kept with their plan.
pub const SLOW_MAX: usize = 100;
/// From how long on one is slow.
pub const SLOW: Duration = Duration::from_millis(100);
/// Characters of a text that are kept.
const TEXT_MAX: usize = 4_000;
/// Places, so that threads do not wait for each other.
const SHARDS: usize = 16;
/// Characters of a label.
const LABEL_MAX: usize = 120;
const OTHER: &str = "other";

/// What one statement has cost since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// Its text.
    pub sql: String,
    /// How often it was run.
    pub calls: u64,
    /// How long that took together.
    pub total: Duration,
    /// The longest single one.
    pub longest: Duration,
}

impl Cost {
    /// A short name for monitors: the beginning of the text, and what tells it from others that
    /// begin so.
    #[must_use]
    pub fn label(&self) -> String {
        match self.sql.char_indices().nth(LABEL_MAX) {
            None => self.sql.clone(),
            Some((end, _)) => {
                let print = digest::hex(&digest::sha256(&[self.sql.as_bytes()]));
                format!("{}… {}", &self.sql[..end], &print[..8])
            }
        }
    }
}

/// A statement that was slow at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// Its text.
    pub sql: String,
    /// How the engine does it, a line for each step; empty if it would not say.
    pub plan: Vec<String>,
    /// How often it was slow.
    pub times: u64,
    /// The longest of them.
    pub longest: Duration,
    /// The last of them.
    pub last: Duration,
    /// How long ago that was.
    pub ago: Duration,
}

/// All that was run since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Statements.
    pub calls: u64,
    /// How long they took together.
    pub total: Duration,
}

#[derive(Debug)]
struct Known {
    cost: Cost,
    /// Since it is named; before that it is part of `other`, and stays so.
    named: Option<(u64, Duration)>,
}

#[derive(Debug)]
struct Noted {
    slow: Slow,
    at: Instant,
}

/// The statements of one store.
#[derive(Debug)]
pub(super) struct Statements {
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Known>>; SHARDS],
    slow: Mutex<HashMap<u64, Noted>>,
    calls: AtomicU64,
    total_ns: AtomicU64,
    other_calls: AtomicU64,
    other_ns: AtomicU64,
    off: AtomicBool,
}

impl Default for Statements {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            slow: Mutex::default(),
            calls: AtomicU64::new(0),
            total_ns: AtomicU64::new(0),
            other_calls: AtomicU64::new(0),
            other_ns: AtomicU64::new(0),
            off: AtomicBool::new(false),
        }
    }
}

impl Statements {
    /// Counts one run of `sql` that began at `started`; `plan` is asked for what was slow and is
    /// not known yet.
    pub(super) fn ran(&self, sql: &str, started: Instant, plan: impl FnOnce() -> Vec<String>) {
        if self.off.load(Ordering::Relaxed) {
            return;
        }
        let took = started.elapsed();
        let key = self.hasher.hash_one(sql);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.total_ns.fetch_add(nanos(took), Ordering::Relaxed);
        if !self.count(key, sql, took) {
            self.other_calls.fetch_add(1, Ordering::Relaxed);
            self.other_ns.fetch_add(nanos(took), Ordering::Relaxed);
        }
        if SLOW <= took {
            self.note_slow(key, sql, took, plan);
        }
    }

    /// Whether it was counted under its own name.
    fn count(&self, key: u64, sql: &str, took: Duration) -> bool {
        let mut shard = self.shard(key);
        let is_full = KNOWN_MAX / SHARDS <= shard.len();
        let known = match shard.get_mut(&key) {
            Some(known) => known,
            None if is_full => return false,
            None => shard.entry(key).or_insert_with(|| {
                let cost = Cost { sql: cut(sql), ..Cost::default() };
                Known { cost, named: None }
            }),
        };
        known.cost.calls += 1;
        known.cost.total += took;
        known.cost.longest = known.cost.longest.max(took);
        if let Some((calls, total)) = &mut known.named {
            *calls += 1;
            *total += took;
        }
        known.named.is_some()
    }

    fn note_slow(&self, key: u64, sql: &str, took: Duration, plan: impl FnOnce() -> Vec<String>) {
        let at = Instant::now();
        if let Some(noted) = lock(&self.slow).get_mut(&key) {
            noted.at = at;
            noted.slow.times += 1;
            noted.slow.last = took;
            noted.slow.longest = noted.slow.longest.max(took);
            return;
        }
        // Asked without the lock: the engine may take its time.
        let plan = plan();
        let mut all = lock(&self.slow);
        if SLOW_MAX <= all.len() {
            let oldest = all.iter().min_by_key(|(_, noted)| noted.at).map(|(key, _)| *key);
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        let (longest, last, ago) = (took, took, Duration::ZERO);
        let slow = Slow { sql: cut(sql), plan, times: 1, longest, last, ago };
        all.insert(key, Noted { slow, at });
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, HashMap<u64, Known>> {
        lock(&self.shards[usize::try_from(key % 16).unwrap_or(0)])
    }

    fn costliest(&self, most: usize) -> Vec<(u64, Cost)> {
        let mut all: Vec<(u64, Cost)> = Vec::new();
        for shard in &self.shards {
            let shard = lock(shard);
            all.extend(shard.iter().map(|(key, known)| (*key, known.cost.clone())));
        }
        all.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.total));
        all.truncate(most);
        all
    }

    /// Names the costliest, and takes their names from those that are not among them any more.
    fn name_costliest(&self) {
        let costliest: Vec<u64> =
            self.costliest(NAMED_MAX).into_iter().map(|(key, _)| key).collect();
        for shard in &self.shards {
            for (key, known) in lock(shard).iter_mut() {
                known.named = match (costliest.contains(key), known.named) {
                    (true, named) => Some(named.unwrap_or_default()),
                    (false, _) => None,
                };
            }
        }
    }
}

impl super::Store {
    /// The statements that have cost most since the start, the costliest first.
    #[must_use]
    pub fn costliest_statements(&self, most: usize) -> Vec<Cost> {
        let all = self.inner.shared.statements.costliest(most);
        all.into_iter().map(|(_, cost)| cost).collect()
    }

    /// The same for monitors: at most [`NAMED_MAX`], each counted since it has been among them,
    /// and `other`. So no counter of a name ever goes back, and none is counted twice.
    #[must_use]
    pub fn named_statements(&self) -> Vec<Cost> {
        let statements = &self.inner.shared.statements;
        statements.name_costliest();
        let mut all = Vec::new();
        for shard in &statements.shards {
            let shard = lock(shard);
            all.extend(shard.values().filter_map(|known| {
                let (calls, total) = known.named?;
                Some(Cost { calls, total, ..known.cost.clone() })
            }));
        }
        all.sort_by(|one, other| one.sql.cmp(&other.sql));
        all.push(Cost {
            sql: OTHER.to_owned(),
            calls: statements.other_calls.load(Ordering::Relaxed),
            total: Duration::from_nanos(statements.other_ns.load(Ordering::Relaxed)),
            longest: Duration::ZERO,
        });
        all
    }

    /// The statements that were slow, the newest first: at most [`SLOW_MAX`].
    #[must_use]
    pub fn slow_statements(&self) -> Vec<Slow> {
        let all = lock(&self.inner.shared.statements.slow);
        let mut all: Vec<Slow> = all
            .values()
            .map(|noted| Slow { ago: noted.at.elapsed(), ..noted.slow.clone() })
            .collect();
        all.sort_by_key(|slow| slow.ago);
        all
    }

    /// All statements since the start.
    #[must_use]
    pub fn statement_totals(&self) -> Totals {
        let statements = &self.inner.shared.statements;
        Totals {
            calls: statements.calls.load(Ordering::Relaxed),
            total: Duration::from_nanos(statements.total_ns.load(Ordering::Relaxed)),
        }
    }

    /// Whether statements are timed; for the measurement of what that costs.
    pub fn time_statements(&self, timed: bool) {
        self.inner.shared.statements.off.store(!timed, Ordering::Relaxed);
    }
}

fn nanos(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}

/// The text on one line, of a bounded length.
fn cut(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(ms: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_millis(ms)).unwrap()
    }

    #[test]
    fn more_texts_than_are_known_are_counted_together_and_none_is_lost() {
        let statements = Statements::default();
        for number in 0..3 * KNOWN_MAX {
            statements.ran(&format!("SELECT {number}"), Instant::now(), Vec::new);
        }
        let known = statements.costliest(usize::MAX);
        assert!(known.len() <= KNOWN_MAX, "{}", known.len());
        let all = u64::try_from(3 * KNOWN_MAX).unwrap();
        assert_eq!(statements.calls.load(Ordering::Relaxed), all);
    }

    #[test]
    fn what_was_slow_is_kept_with_its_plan_that_is_asked_for_once() {
        let statements = Statements::default();
        let mut asked = 0;
        for ms in [150, 400, 200] {
            statements.ran("SELECT  a\n FROM b", ago(ms), || {
                asked += 1;
                vec!["SCAN b".to_owned()]
            });
        }
        statements.ran("SELECT quick", Instant::now(), || panic!("it was not slow"));
        assert_eq!(asked, 1);
        let all = lock(&statements.slow);
        let slow = &all.values().next().unwrap().slow;
        assert_eq!((all.len(), slow.times, slow.sql.as_str()), (1, 3, "SELECT a FROM b"));
        assert!(Duration::from_millis(400) <= slow.longest && slow.last < slow.longest);
    }

    #[test]
    fn the_slow_ones_are_bounded_and_the_oldest_goes() {
        let statements = Statements::default();
        for number in 0..SLOW_MAX + 20 {
            statements.ran(&format!("SELECT {number}"), ago(101), Vec::new);
        }
        let all = lock(&statements.slow);
        assert_eq!(all.len(), SLOW_MAX);
        assert!(all.values().all(|noted| noted.slow.sql != "SELECT 0"));
    }

    #[test]
    fn a_text_of_any_length_takes_a_bounded_room() {
        assert_eq!(cut(&"x".repeat(9_000)).chars().count(), TEXT_MAX + 1);
        assert_eq!(cut("a\n\t b"), "a b");
    }
}

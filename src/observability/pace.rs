//! How fast requests are answered, all together: counts in buckets that are fine enough for
//! percentiles, and the slow ones one by one.
//!
//! A difference of two looks ([`Paces::since`]) is what happened in between.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// From how long on a request is slow (requirement C10).
pub const SLOW: Duration = Duration::from_secs(1);
/// Slow requests that are kept.
pub const SLOW_MAX: usize = 200;
/// Each bucket ends a fifth above the one before it, from 0.1 ms to beyond a minute.
const BUCKETS: usize = 76;
const FIRST_MS: f64 = 0.1;
const GROWTH: f64 = 1.2;

/// A request that took long. Its route is the declared one, never the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowRequest {
    /// The method, of those that are known.
    pub method: String,
    /// The route.
    pub route: String,
    /// What it was answered with.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
    /// Its id, by which its lines of the log are found.
    pub id: String,
    /// How long ago it ended.
    pub ago: Duration,
}

/// What has been counted until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paces {
    buckets: [u64; BUCKETS],
    /// Requests.
    pub requests: u64,
    /// Of them those that the server could not do: answers from 500 on.
    pub errors: u64,
    total_us: u64,
}

impl Default for Paces {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], requests: 0, errors: 0, total_us: 0 }
    }
}

impl Paces {
    /// What came after `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let less = |now: u64, then: u64| now.saturating_sub(then);
        Self {
            buckets: std::array::from_fn(|at| less(self.buckets[at], earlier.buckets[at])),
            requests: less(self.requests, earlier.requests),
            errors: less(self.errors, earlier.errors),
            total_us: less(self.total_us, earlier.total_us),
        }
    }

    /// The duration within which `share` (0 to 1) of the requests were answered, milliseconds;
    /// none if there were no requests.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentile is an estimate")]
    pub fn within_ms(&self, share: f64) -> Option<f64> {
        let all: u64 = self.buckets.iter().sum();
        if all == 0 {
            return None;
        }
        let wanted = (all as f64 * share).max(1.0);
        let mut below = 0_u64;
        for (at, count) in self.buckets.iter().enumerate() {
            let upto = below + count;
            if wanted <= upto as f64 {
                let low = if at == 0 { 0.0 } else { end_ms(at - 1) };
                let part = (wanted - below as f64) / *count as f64;
                return Some(low + (end_ms(at) - low) * part);
            }
            below = upto;
        }
        Some(end_ms(BUCKETS - 1))
    }

    /// The mean duration, milliseconds; none if there were no requests.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean is a fraction")]
    pub fn mean_ms(&self) -> Option<f64> {
        (0 < self.requests).then(|| self.total_us as f64 / 1e3 / self.requests as f64)
    }
}

/// Where a bucket ends, milliseconds.
fn end_ms(bucket: usize) -> f64 {
    FIRST_MS * GROWTH.powi(i32::try_from(bucket).unwrap_or(i32::MAX))
}

/// In which bucket `ms` is counted.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
fn bucket_of(ms: f64) -> usize {
    if ms <= FIRST_MS {
        return 0;
    }
    let at = ((ms / FIRST_MS).ln() / GROWTH.ln()).ceil().clamp(0.0, (BUCKETS - 1) as f64);
    at as usize
}

/// Counts as requests are answered.
#[derive(Debug)]
pub struct Pace {
    buckets: [AtomicU64; BUCKETS],
    requests: AtomicU64,
    errors: AtomicU64,
    total_us: AtomicU64,
    slow: Mutex<VecDeque<(Instant, SlowRequest)>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            total_us: AtomicU64::new(0),
            slow: Mutex::default(),
        }
    }
}

impl Pace {
    /// Counts a request that was answered with `status`.
    pub fn count(&self, status: u16, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket_of(took.as_secs_f64() * 1e3)].fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.total_us.fetch_add(us, Ordering::Relaxed);
        if 500 <= status {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a slow request; the oldest one goes when there are [`SLOW_MAX`].
    pub fn keep(&self, slow: SlowRequest) {
        let mut all = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if SLOW_MAX <= all.len() {
            all.pop_front();
        }
        all.push_back((Instant::now(), slow));
    }

    /// The slow requests, the newest first.
    #[must_use]
    pub fn slow(&self) -> Vec<SlowRequest> {
        let all = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = all.iter().rev();
        newest.map(|(at, slow)| SlowRequest { ago: at.elapsed(), ..slow.clone() }).collect()
    }

    /// What has been counted until now.
    #[must_use]
    pub fn look(&self) -> Paces {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Paces {
            buckets: std::array::from_fn(|at| read(&self.buckets[at])),
            requests: read(&self.requests),
            errors: read(&self.errors),
            total_us: read(&self.total_us),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_are_those_of_the_time_between_two_looks() {
        let pace = Pace::default();
        (0..50).for_each(|_| pace.count(200, Duration::from_secs(9)));
        let before = pace.look();
        assert_eq!(pace.look().since(&before).within_ms(0.95), None, "nothing was asked");
        (1..=100).for_each(|ms| pace.count(200, Duration::from_millis(ms)));
        pace.count(503, Duration::from_millis(20));
        let between = pace.look().since(&before);
        assert_eq!((between.requests, between.errors), (101, 1));
        let near = |share: f64, ms: f64| {
            let found = between.within_ms(share).unwrap();
            assert!((ms / 1.2..ms * 1.2).contains(&found), "{share}: {found} is not about {ms}");
        };
        near(0.5, 50.0);
        near(0.95, 95.0);
        assert!((between.mean_ms().unwrap() - 50.2).abs() < 0.1);
    }

    #[test]
    fn slow_requests_are_bounded_and_the_newest_comes_first() {
        let pace = Pace::default();
        for number in 0..SLOW_MAX + 7 {
            pace.keep(SlowRequest {
                method: "GET".to_owned(),
                route: "/api/v1/patients/{id}".to_owned(),
                status: 200,
                took: SLOW,
                id: number.to_string(),
                ago: Duration::ZERO,
            });
        }
        let all = pace.slow();
        assert_eq!((all.len(), all[0].id.as_str()), (SLOW_MAX, "206"));
        assert_eq!(all[SLOW_MAX - 1].id, "7");
    }

    proptest! {
        #[test]
        fn every_duration_lies_in_its_bucket(us in 0_u64..200_000_000) {
            let ms = Duration::from_micros(us).as_secs_f64() * 1e3;
            let at = bucket_of(ms);
            prop_assert!(ms <= end_ms(at) * 1.000_001 || at == BUCKETS - 1);
            prop_assert!(at == 0 || end_ms(at - 1) <= ms * 1.000_001);
        }
    }
}

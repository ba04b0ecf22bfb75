//! Time is an argument: rooms ask a [`Clock`], so that tests can hold it still.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Debug + Send + Sync {
    /// The present instant in UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved: for tests, and for records made in bulk that
/// must bear the same time each time. Clones share the hands.
#[derive(Debug, Clone)]
pub struct FrozenClock(Arc<AtomicI64>);

impl FrozenClock {
    /// A clock that shows the RFC 3339 instant `text`; an unreadable one shows 1970.
    #[must_use]
    pub fn at(text: &str) -> Self {
        let clock = Self(Arc::new(AtomicI64::new(0)));
        clock.set(text);
        clock
    }

    /// Moves the hands to the RFC 3339 instant `text`.
    pub fn set(&self, text: &str) {
        let instant: Timestamp = text.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        self.0.store(instant.as_microsecond(), Ordering::Relaxed);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        instant(self.0.load(Ordering::Relaxed))
    }
}

/// The instant that the store keeps as `micros` microseconds since 1970 UTC; out of range
/// (before year −9999 or after 9999) it is 1970.
#[must_use]
pub fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

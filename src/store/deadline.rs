//! Until when a connection may work. The engine asks every thousand steps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const NEVER: u64 = u64::MAX;

/// The moment at which the present work of one connection ends, shared with its interrupter.
#[derive(Debug)]
pub(super) struct Deadline {
    base: Instant,
    until_ns: AtomicU64,
}

impl Deadline {
    pub(super) fn new() -> Self {
        Self { base: Instant::now(), until_ns: AtomicU64::new(NEVER) }
    }

    /// Work that starts now may take `span`.
    pub(super) fn set(&self, span: Duration) {
        let until = self.base.elapsed().saturating_add(span).as_nanos();
        self.until_ns.store(u64::try_from(until).unwrap_or(NEVER), Ordering::Relaxed);
    }

    /// Work that is going on may take `span` more at most.
    pub(super) fn shorten(&self, span: Duration) {
        let until = self.base.elapsed().saturating_add(span).as_nanos();
        let until = u64::try_from(until).unwrap_or(NEVER);
        self.until_ns.fetch_min(until, Ordering::Relaxed);
    }

    /// Nothing limits the work, until the next [`Deadline::set`].
    pub(super) fn lift(&self) {
        self.until_ns.store(NEVER, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        let until = self.until_ns.load(Ordering::Relaxed);
        until != NEVER && u128::from(until) <= self.base.elapsed().as_nanos()
    }
}

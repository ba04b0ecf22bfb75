//! Whether the directory is asked at all. When nobody there has answered a few times, nobody
//! waits for it any more: it is left alone for a while, then one person tries for all.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries in a row without an answer after which it is left alone.
const FAILURES_MAX: u32 = 2;
/// For how long.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// Counts what came to nothing.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Before this instant it is left alone.
    until: Option<Instant>,
}

impl Breaker {
    /// Whether it may be asked at `now`. Once it was left alone long enough, the first who asks
    /// may, and everybody else again when that one was answered.
    pub fn lets(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.until {
            Some(until) if now < until => false,
            Some(_) => {
                state.until = Some(now + LEFT_ALONE);
                true
            }
            None => true,
        }
    }

    /// It was answered, whatever the answer was.
    pub fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// Nobody answered; it came to nothing at `now`.
    pub fn failed(&self, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if FAILURES_MAX <= state.failures {
            state.until = Some(now + LEFT_ALONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_silent_is_left_alone_and_then_one_tries_for_all() {
        let (breaker, begun) = (Breaker::default(), Instant::now());
        let after = |seconds: u64| begun + Duration::from_secs(seconds);
        breaker.failed(after(0));
        assert!(breaker.lets(after(1)), "once may be chance");
        breaker.failed(after(1));
        assert!(!breaker.lets(after(2)) && !breaker.lets(after(30)));
        assert!(breaker.lets(after(31)));
        assert!(!breaker.lets(after(32)), "the one who tries has no answer yet");
        breaker.failed(after(36));
        assert!(!breaker.lets(after(65)) && breaker.lets(after(66)));
        breaker.answered();
        assert!(breaker.lets(after(67)) && breaker.lets(after(67)));
    }
}

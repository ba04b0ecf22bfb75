//! Whether the clock of the machine is behind what it has said before: rows and sessions are dated
//! by it, and clinical times are read by people.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock;

/// So much a clock may be set back, microseconds: what keeping it right does is less.
const SLACK_US: i64 = 60_000_000;

/// The latest instant that was ever seen, here or by a run before.
#[derive(Debug)]
pub struct Lateness(AtomicI64);

impl Lateness {
    /// Of the store behind `desk`; says so loudly if the clock is behind it already.
    ///
    /// # Errors
    /// What the store says.
    pub fn of(desk: &Desk) -> Result<Self, StoreError> {
        let newest = desk.store().read(desk.screen_deadline(), newest)?.unwrap_or(0);
        let lateness = Self(AtomicI64::new(newest));
        let now = desk.now();
        if lateness.is_behind(now) {
            tracing::error!(
                clock.now = %clock::instant(now),
                clock.newest = %clock::instant(newest),
                "The clock of this machine is wrong: it is {} s before the newest entry of the \
                 audit. What is written now is dated too early. Set the clock, and have the \
                 system keep it right.",
                (newest - now) / 1_000_000
            );
        }
        Ok(lateness)
    }

    /// The latest instant that was seen, microseconds.
    #[must_use]
    pub fn latest(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether `now` (microseconds) lies more than a minute before what was seen.
    #[must_use]
    pub fn is_behind(&self, now: i64) -> bool {
        let latest = self.0.fetch_max(now, Ordering::Relaxed);
        now < latest.saturating_sub(SLACK_US)
    }
}

/// The latest date of the newest rows of the audit, microseconds: while a clock is behind, the
/// newest is not the latest.
///
/// # Errors
/// What the store says.
pub fn newest(tx: &ReadTx<'_>) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT max(at) FROM (SELECT at FROM audit ORDER BY id DESC LIMIT 1000)";
    tx.one(sql, &[], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_by_more_than_a_minute_is_behind_until_it_has_caught_up() {
        const MINUTE: i64 = 60_000_000;
        let lateness = Lateness(AtomicI64::new(10 * MINUTE));
        assert!(lateness.is_behind(8 * MINUTE));
        assert!(!lateness.is_behind(9 * MINUTE));
        assert!(!lateness.is_behind(20 * MINUTE), "it goes on");
        assert!(lateness.is_behind(11 * MINUTE), "and back while it runs");
        assert!(!lateness.is_behind(19 * MINUTE));
    }
}

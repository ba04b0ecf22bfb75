//! The import at work, and how it is told to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The one import at work, if any. Each has a flag of its own, so that what is said to one is
/// never heard by the next.
#[derive(Default)]
pub(super) struct AtWork {
    closed: AtomicBool,
    one: Mutex<Option<One>>,
}

struct One {
    id: i64,
    stop: Arc<AtomicBool>,
    is_cancelled: bool,
}

impl AtWork {
    /// The import `id` begins; the flag is set when it shall stop, which may be at once.
    #[must_use]
    pub(super) fn begin(&self, id: i64) -> Arc<AtomicBool> {
        let mut one = self.lock();
        // Closing sets this first and looks for the import second: one of the two is seen.
        let stop = Arc::new(AtomicBool::new(self.is_closed()));
        *one = Some(One { id, stop: Arc::clone(&stop), is_cancelled: false });
        stop
    }

    /// It is done, whichever way.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// Tells the import `id` to stop for good; whether it is the one at work.
    pub(super) fn cancel(&self, id: i64) -> bool {
        let mut one = self.lock();
        let Some(one) = one.as_mut().filter(|one| one.id == id) else { return false };
        one.is_cancelled = true;
        one.stop.store(true, Ordering::SeqCst);
        true
    }

    /// Whether the one at work was told to stop for good.
    #[must_use]
    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().as_ref().is_some_and(|one| one.is_cancelled)
    }

    /// The one at work stops for now, and none begins any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let Some(one) = self.lock().as_ref() {
            one.stop.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the server stops.
    #[must_use]
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Option<One>> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

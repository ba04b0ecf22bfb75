//! What has served its time: answers kept for repeated creates, sessions long ended, events
//! that everybody has heard. And once a day, how far the audit has come.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::House;
use crate::platform::events::{Listeners, outbox};
use crate::platform::ledger::Custodian;
use crate::store::{Class, Store, StoreError};
use crate::vocab::clock::Clock;

/// A retry comes within minutes; a day is generous.
const IDEMPOTENCY_KEPT: i64 = 24 * HOUR;
/// Ended sessions stay for a while: an audit row may name them.
const SESSIONS_KEPT: i64 = 30 * 24 * HOUR;
const HOUR: i64 = 3_600_000_000;
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows that go in one job, so that the writer is never held for long.
const BATCH: i64 = 500;

/// The thread that clears away; ends when it is dropped.
#[derive(Debug)]
pub struct Housekeeping {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeping {
    /// Starts it: once now and then every hour.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(house: &House) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let (store, clock) = (house.desk.store().clone(), house.desk.clock().clone());
        let (listeners, custodian) = (house.listeners.clone(), house.custodian.clone());
        let thread =
            std::thread::Builder::new().name("housekeeping".to_owned()).spawn(move || {
                run(&store, clock.as_ref(), (&listeners, &custodian), &stopped);
            })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    store: &Store,
    clock: &dyn Clock,
    (listeners, custodian): (&Listeners, &Custodian),
    stopped: &Receiver<()>,
) {
    let is_stopped = || matches!(stopped.try_recv(), Ok(()) | Err(TryRecvError::Disconnected));
    loop {
        let now = clock.now().as_microsecond();
        let bounds = (now, outbox::KEPT_ROWS_MAX);
        let cleared = clear(store, now)
            .and_then(|()| outbox::prune(store, bounds, listeners.passed(), is_stopped));
        if let Err(cause) = cleared {
            tracing::warn!("Housekeeping will try again in an hour: {cause}");
        }
        if let Err(cause) = custodian.anchor_daily() {
            tracing::warn!("How far the audit has come will be noted in an hour: {cause}");
        }
        match stopped.recv_timeout(EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Clears what is too old at `now` (microseconds).
///
/// # Errors
/// What the store says.
pub fn clear(store: &Store, now: i64) -> Result<(), StoreError> {
    let old = [
        (
            "DELETE FROM idempotency WHERE key_hash IN \
             (SELECT key_hash FROM idempotency WHERE created_at < ?1 LIMIT ?2)",
            now - IDEMPOTENCY_KEPT,
        ),
        (
            "DELETE FROM session WHERE id IN \
             (SELECT id FROM session WHERE expires_at < ?1 LIMIT ?2)",
            now - SESSIONS_KEPT,
        ),
    ];
    for (sql, before) in old {
        loop {
            let gone = store.write_blocking(Class::Bulk, move |tx| {
                tx.execute(sql, &[before.into(), BATCH.into()])
            })?;
            if i64::try_from(gone).unwrap_or(0) < BATCH {
                break;
            }
        }
    }
    Ok(())
}

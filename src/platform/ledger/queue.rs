//! The queue of audit rows that ride in a following group commit, and the thread that writes
//! them.
//!
//! A row is in the queue, in the spool or in the audit; none is dropped. While the store takes
//! no row, they go into the spool, so that a full disk does not keep anybody from reading. When
//! there is no room there either, reads are refused: what cannot be audited is not shown.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::TryRecvError, error::TrySendError};

use super::audit::{self, Entry};
use super::folded::Folded;
use super::spool::{self, Spool};
use crate::store::{Class, Store, StoreError};

/// Audit rows of reads that may wait for their commit; beyond it, reads wait.
const QUEUE_MAX: usize = 16_384;
/// Audit rows of reads that share one job of the writer.
const BATCH_MAX: usize = 1_000;
/// How long a batch gathers rows. Nobody waits for them, and every commit makes all readers
/// forget the pages that they hold: at a commit for each millisecond that is a fifth of a point
/// read.
const GATHERED: Duration = Duration::from_millis(10);
/// How long a store that refuses rows is left alone, and how long at most.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// For how long rows are offered to a store that refuses them once the server stops: a full
/// disk must not keep it from stopping.
const LAST_CHANCE: Duration = Duration::from_secs(2);

/// How the audit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditState {
    /// Rows are written.
    Ok,
    /// The store takes no row; they wait in the spool.
    Waiting,
    /// They can be put nowhere: reads are refused.
    Refusing,
}

#[derive(Debug, Default)]
struct Shared {
    closing: AtomicBool,
    /// Rows that the store has refused so far.
    waiting: AtomicUsize,
    refusing: AtomicBool,
    cause: Mutex<Option<StoreError>>,
    folded: Mutex<Folded>,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct AuditQueue {
    shared: Arc<Shared>,
    sender: Mutex<Option<mpsc::Sender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AuditQueue {
    /// Starts the thread that writes the rows into `store`.
    pub(super) fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let shared = Arc::new(Shared::default());
        let spool = Spool::open(store.folder())
            .inspect_err(|cause| tracing::error!("There is no spool for the audit: {cause}"))
            .ok();
        let mut scribe = Scribe { store, receiver, spool, shared: Arc::clone(&shared) };
        let spawned =
            std::thread::Builder::new().name("audit".to_owned()).spawn(move || scribe.run());
        let thread = spawned
            .inspect_err(|cause| tracing::error!("The audit thread did not start: {cause}"))
            .ok();
        let sender = thread.is_some().then_some(sender);
        Self { shared, sender: Mutex::new(sender), thread: Mutex::new(thread) }
    }

    /// A place in the queue; waits while it is full.
    ///
    /// # Errors
    /// The ledger is closed, or why rows can be put nowhere just now.
    pub(super) async fn reserve(&self) -> Result<mpsc::OwnedPermit<Entry>, StoreError> {
        if self.shared.refusing.load(Ordering::Acquire) {
            return Err(lock(&self.shared.cause).clone().unwrap_or(StoreError::DiskFull));
        }
        let sender = lock(&self.sender).clone().ok_or(StoreError::Closed)?;
        sender.reserve_owned().await.map_err(|_| StoreError::Closed)
    }

    /// Adds the row of a refusal without waiting; where the queue is full, it is counted and
    /// written later.
    pub(super) fn note(&self, entry: Entry) {
        // The thread takes what was counted after it has taken from the queue. Under this lock
        // it finds what is counted here.
        let mut folded = lock(&self.shared.folded);
        let sent = match lock(&self.sender).as_ref() {
            Some(sender) => sender.try_send(entry),
            None => Err(TrySendError::Closed(entry)),
        };
        match sent {
            Ok(()) => {}
            Err(TrySendError::Full(entry)) => folded.add(entry),
            Err(TrySendError::Closed(entry)) => tracing::error!(
                request.id = entry.request_id,
                actor.id = entry.actor_id,
                act = entry.act,
                "A refusal came after the audit was closed"
            ),
        }
    }

    pub(super) fn state(&self) -> AuditState {
        if self.shared.refusing.load(Ordering::Acquire) {
            AuditState::Refusing
        } else if 0 < self.shared.waiting.load(Ordering::Acquire) {
            AuditState::Waiting
        } else {
            AuditState::Ok
        }
    }

    /// Takes no more rows and waits until all are committed, or lie in the spool if the store
    /// has refused them to the last.
    pub(super) fn close(&self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        lock(&self.sender).take();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// The thread.
struct Scribe {
    store: Store,
    receiver: mpsc::Receiver<Entry>,
    spool: Option<Spool>,
    shared: Arc<Shared>,
}

impl Scribe {
    fn run(&mut self) {
        // What an earlier run has left.
        if self.has_spooled() {
            self.write(Vec::new());
        }
        while let Some(first) = self.receiver.blocking_recv() {
            let batch = self.gather(vec![first], GATHERED);
            self.write(batch);
            self.write_folded();
        }
        self.write_folded();
    }

    fn write_folded(&mut self) {
        let folded = lock(&self.shared.folded).take();
        if !folded.is_empty() {
            self.write(folded);
        }
    }

    /// `batch` with what comes within `span`.
    fn gather(&mut self, mut batch: Vec<Entry>, span: Duration) -> Vec<Entry> {
        let began = Instant::now();
        while batch.len() < BATCH_MAX {
            match self.receiver.try_recv() {
                Ok(entry) => batch.push(entry),
                Err(TryRecvError::Empty) if began.elapsed() < span && !self.is_closing() => {
                    std::thread::sleep(GATHERED / 5);
                }
                Err(_) => break,
            }
        }
        batch
    }

    /// Keeps offering the batch, and what comes meanwhile, until it is durable.
    fn write(&mut self, mut batch: Vec<Entry>) {
        let (mut pause, mut stopping) = (PAUSE, None);
        while let Err(cause) = self.try_write(&batch) {
            let busy = matches!(cause, StoreError::Busy { .. });
            if !busy && self.spool(&batch) {
                batch.clear();
            }
            if !busy {
                self.note_refused(&batch, &cause);
                pause = (2 * pause).min(PAUSE_MAX);
            }
            if self.is_closing() {
                let since = *stopping.get_or_insert_with(Instant::now);
                if LAST_CHANCE < since.elapsed() || cause == StoreError::Closed {
                    let more = self.gather(Vec::new(), Duration::ZERO);
                    batch.extend(more);
                    return self.give_up(batch, &cause);
                }
            }
            let until = Instant::now() + if self.is_closing() { PAUSE } else { pause };
            while Instant::now() < until {
                std::thread::sleep(GATHERED);
                let more = self.gather(Vec::new(), Duration::ZERO);
                if !more.is_empty() && (busy || !self.spool(&more)) {
                    batch.extend(more);
                }
            }
        }
        self.shared.waiting.store(0, Ordering::Release);
        self.shared.refusing.store(false, Ordering::Release);
        lock(&self.shared.cause).take();
    }

    /// Writes what was spooled, then `batch`.
    fn try_write(&mut self, batch: &[Entry]) -> Result<(), StoreError> {
        let mut spooled = Vec::new();
        if self.has_spooled()
            && let Some(spool) = &mut self.spool
        {
            spooled = spool.lines().map_err(|cause| StoreError::Io {
                what: "read audit.spool".to_owned(),
                cause: cause.to_string(),
            })?;
        }
        let waited = spooled.len();
        let rows = batch.to_vec();
        self.store.write_blocking(Class::People, move |tx| {
            if !spooled.is_empty() {
                spool::take_in(tx, &spooled)?;
            }
            audit::append(tx, &rows)
        })?;
        if 0 < waited {
            tracing::info!(rows = waited, "Audit rows that waited in the spool are written");
            if let Some(Err(cause)) = self.spool.as_mut().map(Spool::clear) {
                tracing::error!("The spool of the audit could not be emptied: {cause}");
            }
        }
        Ok(())
    }

    fn has_spooled(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| !spool.is_empty())
    }

    fn is_closing(&self) -> bool {
        self.shared.closing.load(Ordering::SeqCst)
    }

    /// Whether `rows` lie in the spool now.
    fn spool(&mut self, rows: &[Entry]) -> bool {
        let Some(spool) = &mut self.spool else { return rows.is_empty() };
        let is_added = rows.is_empty() || spool.add(rows).is_ok();
        if is_added {
            self.shared.waiting.fetch_add(rows.len(), Ordering::AcqRel);
        }
        is_added
    }

    fn note_refused(&self, left: &[Entry], cause: &StoreError) {
        let is_full = self.spool.as_ref().is_none_or(Spool::is_nearly_full) || !left.is_empty();
        self.shared.waiting.fetch_max(1, Ordering::AcqRel);
        let before = lock(&self.shared.cause).replace(cause.clone());
        let refused = self.shared.refusing.swap(is_full, Ordering::AcqRel);
        if before.is_none() {
            tracing::error!("Audit rows cannot be written and wait in the spool: {cause}");
        }
        if is_full && !refused {
            tracing::error!("Audit rows can be put nowhere, so that reads are refused: {cause}");
        }
    }

    fn give_up(&mut self, batch: Vec<Entry>, cause: &StoreError) {
        if !self.spool(&batch) {
            tracing::error!(rows = batch.len(), "Audit rows are lost at the stop: {cause}");
        }
        if self.has_spooled() {
            tracing::error!(
                "Audit rows wait in audit.spool and are taken in at the next start: {cause}"
            );
        }
    }
}

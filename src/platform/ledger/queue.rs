//! The queue of audit rows that ride in a following group commit, and the thread that writes
//! them.
//!
//! A row is in the queue, in the spool or in the audit; none is dropped. While the store takes
//! no row, they go into the spool, so that a full disk does not keep anybody from reading. When
//! there is no room there either, reads are refused: what cannot be audited is not shown.
//!
//! Who is refused something is answered when the row of it is durable ([`AuditQueue::settled`]),
//! so that no way of ending the program takes it along. The row of a read may be written up to
//! [`GATHERED`] and a commit after its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::TryRecvError, error::TrySendError};
use tokio::sync::oneshot;

use super::audit::{self, Entry};
use super::folded::Folded;
use super::spool::{self, Spool};
use crate::store::{Class, Store, StoreError};

/// Audit rows of reads that may wait for their commit; beyond it, reads wait.
const QUEUE_MAX: usize = 16_384;
/// Audit rows of reads that share one job of the writer.
const BATCH_MAX: usize = 1_000;
/// How long a batch gathers rows. A read does not wait for its row, a refusal does, so much
/// longer. Every commit makes all readers forget the pages that they hold: at a commit for each
/// millisecond that is a fifth of a point read.
const GATHERED: Duration = Duration::from_millis(10);
/// How long a store that refuses rows is left alone, and how long at most.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// For how long rows are offered to a store that refuses them once the server stops: a full
/// disk must not keep it from stopping.
const LAST_CHANCE: Duration = Duration::from_secs(2);

/// For how long a refusal is held back until its row is durable.
const SETTLED_WITHIN: Duration = Duration::from_secs(2);

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

#[derive(Debug)]
enum Message {
    Row(Entry),
    /// Somebody waits until the rows before it are durable.
    Settle(oneshot::Sender<()>),
}

/// A place in the queue for one row.
#[derive(Debug)]
pub(super) struct Place(mpsc::OwnedPermit<Message>);

impl Place {
    pub(super) fn send(self, entry: Entry) {
        self.0.send(Message::Row(entry));
    }
}

#[derive(Debug, Default)]
struct Shared {
    closing: AtomicBool,
    /// Whether the store refuses rows, so that they wait in the spool.
    waiting: AtomicBool,
    refusing: AtomicBool,
    cause: Mutex<Option<StoreError>>,
    folded: Mutex<Folded>,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct AuditQueue {
    shared: Arc<Shared>,
    sender: Mutex<Option<mpsc::Sender<Message>>>,
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
        let told = Arc::clone(&shared);
        let mut scribe = Scribe { store, receiver, spool, shared: told, asking: Vec::new() };
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
    pub(super) async fn reserve(&self) -> Result<Place, StoreError> {
        if self.shared.refusing.load(Ordering::Acquire) {
            return Err(lock(&self.shared.cause).clone().unwrap_or(StoreError::DiskFull));
        }
        let sender = lock(&self.sender).clone().ok_or(StoreError::Closed)?;
        sender.reserve_owned().await.map(Place).map_err(|_| StoreError::Closed)
    }

    /// Waits until the rows that were noted before are durable, in the audit or in the spool;
    /// not longer than [`SETTLED_WITHIN`], because a refusal must be told all the same.
    pub(super) async fn settled(&self) {
        let Some(sender) = lock(&self.sender).clone() else { return };
        let (asking, answer) = oneshot::channel();
        let wait = async {
            if let Ok(place) = sender.reserve_owned().await {
                drop(place.send(Message::Settle(asking)));
                let _ = answer.await;
            }
        };
        if tokio::time::timeout(SETTLED_WITHIN, wait).await.is_err() {
            tracing::warn!("A refusal was answered before its audit row was written");
        }
    }

    /// Adds the row of a refusal without waiting; where the queue is full, it is counted and
    /// written later.
    pub(super) fn note(&self, entry: Entry) {
        // The thread takes what was counted after it has taken from the queue. Under this lock
        // it finds what is counted here.
        let mut folded = lock(&self.shared.folded);
        let sent = match lock(&self.sender).as_ref() {
            Some(sender) => sender.try_send(Message::Row(entry)),
            None => Err(TrySendError::Closed(Message::Row(entry))),
        };
        match sent {
            Err(TrySendError::Full(Message::Row(entry))) => folded.add(entry),
            Err(TrySendError::Closed(Message::Row(entry))) => tracing::error!(
                request.id = entry.request_id,
                actor.id = entry.actor_id,
                act = entry.act,
                "A refusal came after the audit was closed"
            ),
            _ => {}
        }
    }

    pub(super) fn state(&self) -> AuditState {
        if self.shared.refusing.load(Ordering::Acquire) {
            AuditState::Refusing
        } else if self.shared.waiting.load(Ordering::Acquire) {
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
    receiver: mpsc::Receiver<Message>,
    spool: Option<Spool>,
    shared: Arc<Shared>,
    /// Who waits for the rows that are in hand.
    asking: Vec<oneshot::Sender<()>>,
}

impl Scribe {
    fn run(&mut self) {
        // What an earlier run has left.
        if self.has_spooled() {
            self.write(Vec::new());
        }
        while let Some(first) = self.receiver.blocking_recv() {
            let mut batch = Vec::new();
            self.take(first, &mut batch);
            if batch.is_empty() && self.is_idle() {
                self.settle();
                continue;
            }
            self.gather(&mut batch, GATHERED);
            self.write(batch);
        }
        let folded = lock(&self.shared.folded).take();
        if !folded.is_empty() {
            self.write(folded);
        }
    }

    fn take(&mut self, message: Message, batch: &mut Vec<Entry>) {
        match message {
            Message::Row(entry) => batch.push(entry),
            Message::Settle(asking) => self.asking.push(asking),
        }
    }

    /// Adds what comes within `span` to `batch`, as far as there is room in it, and what found
    /// the queue full.
    fn gather(&mut self, batch: &mut Vec<Entry>, span: Duration) {
        let began = Instant::now();
        while batch.len() < BATCH_MAX {
            match self.receiver.try_recv() {
                Ok(message) => self.take(message, batch),
                Err(TryRecvError::Empty) if began.elapsed() < span && !self.is_closing() => {
                    std::thread::sleep(GATHERED / 5);
                }
                Err(_) => break,
            }
        }
        batch.append(&mut lock(&self.shared.folded).take());
    }

    /// Whether all rows before those in the queue are in the audit.
    fn is_idle(&self) -> bool {
        !self.has_spooled() && lock(&self.shared.folded).is_empty()
    }

    /// All that was taken from the queue is durable.
    fn settle(&mut self) {
        for asking in self.asking.drain(..) {
            let _ = asking.send(());
        }
    }

    /// Keeps offering the batch, and what comes meanwhile, until it is durable.
    fn write(&mut self, mut batch: Vec<Entry>) {
        let (mut pause, mut stopping) = (PAUSE, None);
        while let Err(cause) = self.try_write(&batch) {
            let busy = matches!(cause, StoreError::Busy { .. });
            if !busy {
                self.put_aside(&mut batch);
                self.note_refused(&batch, &cause);
                pause = (2 * pause).min(PAUSE_MAX);
            }
            if self.is_closing() {
                let since = *stopping.get_or_insert_with(Instant::now);
                if LAST_CHANCE < since.elapsed() || cause == StoreError::Closed {
                    return self.give_up(batch, &cause);
                }
            }
            let until = Instant::now() + if self.is_closing() { PAUSE } else { pause };
            while Instant::now() < until {
                std::thread::sleep(GATHERED);
                if batch.len() < BATCH_MAX {
                    self.gather(&mut batch, Duration::ZERO);
                }
                if !busy {
                    self.put_aside(&mut batch);
                }
            }
        }
        self.settle();
        self.shared.waiting.store(false, Ordering::Release);
        self.shared.refusing.store(false, Ordering::Release);
        lock(&self.shared.cause).take();
    }

    /// Writes what was spooled, then `batch`.
    fn try_write(&mut self, batch: &[Entry]) -> Result<(), StoreError> {
        let (mut spooled, has_spooled) = (Vec::new(), self.has_spooled());
        if has_spooled && let Some(spool) = &mut self.spool {
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
        if has_spooled {
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

    /// Puts `rows` into the spool, if there is room.
    fn put_aside(&mut self, rows: &mut Vec<Entry>) {
        if !rows.is_empty() {
            let Some(spool) = &mut self.spool else { return };
            if spool.add(rows).is_err() {
                return;
            }
            rows.clear();
        }
        self.settle();
    }

    fn note_refused(&self, left: &[Entry], cause: &StoreError) {
        let is_full = self.spool.as_ref().is_none_or(Spool::is_nearly_full) || !left.is_empty();
        self.shared.waiting.store(true, Ordering::Release);
        let before = lock(&self.shared.cause).replace(cause.clone());
        let refused = self.shared.refusing.swap(is_full, Ordering::AcqRel);
        if before.is_none() {
            tracing::error!("Audit rows cannot be written and wait in the spool: {cause}");
        }
        if is_full && !refused {
            tracing::error!("Audit rows can be put nowhere, so that reads are refused: {cause}");
        }
    }

    /// Puts all that is left into the spool: nobody sends any more.
    fn give_up(&mut self, mut rows: Vec<Entry>, cause: &StoreError) {
        while let Ok(message) = self.receiver.try_recv() {
            self.take(message, &mut rows);
        }
        rows.append(&mut lock(&self.shared.folded).take());
        self.put_aside(&mut rows);
        if !rows.is_empty() {
            tracing::error!(rows = rows.len(), "Audit rows are lost at the stop: {cause}");
        }
        if self.has_spooled() {
            tracing::error!(
                "Audit rows wait in audit.spool and are taken in at the next start: {cause}"
            );
        }
    }
}

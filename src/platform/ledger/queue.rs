//! The queue of audit rows that ride in a following group commit.
//!
//! A row is in the queue, in the spool or in the audit; none is dropped. While the store takes
//! no row, they go into the spool, so that a full disk does not keep anybody from reading. When
//! there is no room there either, reads are refused: what cannot be audited is not shown.
//!
//! Who is refused something is answered when the row of it is durable ([`AuditQueue::settled`]),
//! so that no way of ending the program takes it along. The row of a read may be written up to
//! [`super::scribe::GATHERED`] and a commit after its answer; of views that are repeated within
//! a minute see [`super::repeats`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;

use super::audit::Entry;
use super::folded::Folded;
use super::scribe::Scribe;
use super::spool::Spool;
use crate::store::{Store, StoreError};
use crate::vocab::clock::Clock;

/// Audit rows of reads that may wait for their commit; beyond it, reads wait.
const QUEUE_MAX: usize = 16_384;
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

/// What goes through the queue.
#[derive(Debug)]
pub(super) enum Message {
    /// A row.
    Row(Entry),
    /// A row that counts with others like it within a minute.
    View(Entry),
    /// Somebody waits until the rows before it are durable.
    Settle(oneshot::Sender<()>),
}

/// A place in the queue for one row.
#[derive(Debug)]
pub(super) struct Place(mpsc::OwnedPermit<Message>);

impl Place {
    pub(super) fn send(self, entry: Entry) {
        self.0.send(Message::View(entry));
    }
}

/// What both ends know.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) closing: AtomicBool,
    /// Whether the store refuses rows, so that they wait in the spool.
    pub(super) waiting: AtomicBool,
    pub(super) refusing: AtomicBool,
    pub(super) cause: Mutex<Option<StoreError>>,
    pub(super) folded: Mutex<Folded>,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct AuditQueue {
    shared: Arc<Shared>,
    sender: Mutex<Option<mpsc::Sender<Message>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AuditQueue {
    /// Starts the thread that writes the rows into `store`.
    pub(super) fn start(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let shared = Arc::new(Shared::default());
        let spool = Spool::open(store.folder())
            .inspect_err(|cause| tracing::error!("There is no spool for the audit: {cause}"))
            .ok();
        let told = Arc::clone(&shared);
        let mut scribe = Scribe::new((store, clock), receiver, spool, told);
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

//! Audit rows: who did what to whom, each carrying a hash over itself and the row before it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::TryRecvError};

use super::chain::Link;
use crate::store::{Class, Store, StoreError, Tx, Value};
use crate::vocab::actor::Call;

/// Audit rows of reads that may wait for their commit; beyond it, reads wait.
const QUEUE_MAX: usize = 16_384;
/// Audit rows of reads that share one job of the writer.
const BATCH_MAX: usize = 1_000;
/// How long a batch gathers rows. Nobody waits for them, and every commit makes all readers forget
/// the pages that they hold: at a commit for each millisecond that is a fifth of a point read.
const GATHERED: Duration = Duration::from_millis(10);
/// How often a batch is offered to a store that refuses it, before the process says so loudly
/// and keeps trying.
const PATIENCE: u32 = 40;

/// What was looked at or changed.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The kind of record, e.g. `encounter`.
    pub kind: &'static str,
    /// The record, if it was one.
    pub id: Option<i64>,
    /// The patient it belongs to, if it was one.
    pub patient: Option<i64>,
    /// More for the auditor: counts and ids, never patient data.
    pub detail: Option<String>,
}

/// One audit row before it has its number and hash.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Microseconds since 1970 UTC.
    pub at: i64,
    /// The account, unless the machine acted.
    pub actor_id: Option<i64>,
    /// Its name at that time.
    pub actor_name: String,
    /// What was done, e.g. `patients.read`.
    pub act: String,
    /// Whether it was refused.
    pub refused: bool,
    /// To whom.
    pub seen: Seen,
    /// The request it belongs to.
    pub request_id: String,
}

impl Entry {
    /// What `call` did at `at`.
    #[must_use]
    pub fn new(call: &Call, at: i64, act: &str, seen: Seen) -> Self {
        Self {
            at,
            actor_id: call.actor.user_id(),
            actor_name: call.actor.name().to_owned(),
            act: act.to_owned(),
            refused: false,
            seen,
            request_id: call.request_id.clone(),
        }
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }
}

/// Appends `entries` to the chain.
///
/// # Errors
/// What the store says.
pub fn append(tx: &Tx<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    let last = tx.opt("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    let (mut id, mut hash) = last.unwrap_or((0, Vec::new()));
    for entry in entries {
        id += 1;
        hash = chained(&hash, id, entry).to_vec();
        let outcome = outcome(entry);
        let seen = &entry.seen;
        let params = [
            id.into(),
            entry.at.into(),
            entry.actor_id.into(),
            entry.actor_name.as_str().into(),
            entry.act.as_str().into(),
            outcome.into(),
            seen.kind.into(),
            seen.id.into(),
            seen.patient.into(),
            entry.request_id.as_str().into(),
            seen.detail.clone().into(),
            Value::Blob(hash.clone()),
        ];
        let sql = "INSERT INTO audit (id, at, actor_id, actor_name, act, outcome, subject_kind, \
            subject_id, patient_id, request_id, detail, hash) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        tx.execute(sql, &params)?;
    }
    Ok(())
}

fn outcome(entry: &Entry) -> &'static str {
    if entry.refused { "refused" } else { "done" }
}

fn chained(before: &[u8], id: i64, entry: &Entry) -> [u8; 32] {
    Link {
        id,
        at: entry.at,
        actor_id: entry.actor_id,
        actor_name: &entry.actor_name,
        act: &entry.act,
        outcome: outcome(entry),
        subject_kind: entry.seen.kind,
        subject_id: entry.seen.id,
        patient_id: entry.seen.patient,
        request_id: &entry.request_id,
        detail: entry.seen.detail.as_deref().unwrap_or_default(),
    }
    .hash(before)
}

/// The queue of audit rows that ride in a following group commit.
#[derive(Debug)]
pub(super) struct AuditQueue {
    closing: Arc<AtomicBool>,
    sender: Mutex<Option<mpsc::Sender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl AuditQueue {
    /// Starts the thread that writes the rows into `store`.
    pub(super) fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let closing = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&closing);
        let spawned = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write_batches(&store, receiver, &told));
        let thread = spawned
            .inspect_err(|cause| tracing::error!("The audit thread did not start: {cause}"))
            .ok();
        let sender = thread.is_some().then_some(sender);
        Self { closing, sender: Mutex::new(sender), thread: Mutex::new(thread) }
    }

    /// A place in the queue; waits while it is full.
    ///
    /// # Errors
    /// The ledger is closed.
    pub(super) async fn reserve(&self) -> Result<mpsc::OwnedPermit<Entry>, StoreError> {
        let sender = self.lock().clone().ok_or(StoreError::Closed)?;
        sender.reserve_owned().await.map_err(|_| StoreError::Closed)
    }

    /// Adds a row from a thread that may not wait long; `false` if the queue is full or closed.
    pub(super) fn offer(&self, entry: Entry) -> bool {
        self.lock().as_ref().is_some_and(|sender| sender.try_send(entry).is_ok())
    }

    /// Takes no more rows and waits until all are committed, or until a store that refuses
    /// them has had its last chance: a full disk must not keep the server from stopping.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.lock().take();
        let thread = self.thread.lock().unwrap_or_else(|poison| poison.into_inner()).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Entry>>> {
        self.sender.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

fn write_batches(store: &Store, mut receiver: mpsc::Receiver<Entry>, closing: &AtomicBool) {
    while let Some(first) = receiver.blocking_recv() {
        let (mut batch, began) = (vec![first], Instant::now());
        while batch.len() < BATCH_MAX {
            match receiver.try_recv() {
                Ok(entry) => batch.push(entry),
                Err(TryRecvError::Empty)
                    if began.elapsed() < GATHERED && !closing.load(Ordering::SeqCst) =>
                {
                    std::thread::sleep(GATHERED / 5);
                }
                Err(_) => break,
            }
        }
        commit(store, batch, closing);
    }
}

/// Keeps offering the batch until it is durable: rows are never dropped while the store lives.
fn commit(store: &Store, batch: Vec<Entry>, closing: &AtomicBool) {
    let batch = Arc::new(batch);
    for attempt in 1.. {
        let rows = Arc::clone(&batch);
        match store.write_blocking(Class::People, move |tx| append(tx, &rows)) {
            Ok(()) => return,
            Err(StoreError::Closed) => {
                tracing::error!(rows = batch.len(), "Audit rows could not be written: closed");
                return;
            }
            Err(cause) if closing.load(Ordering::SeqCst) && PATIENCE <= attempt => {
                tracing::error!(rows = batch.len(), "Audit rows are lost at the stop: {cause}");
                return;
            }
            Err(cause) => {
                if attempt % PATIENCE == 0 {
                    tracing::error!(rows = batch.len(), "Audit rows wait to be written: {cause}");
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

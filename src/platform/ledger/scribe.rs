//! The thread that writes what comes through the queue of audit rows.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::sync::oneshot;

use super::audit::{self, Entry};
use super::journal::Journal;
use super::queue::{Message, Shared, lock};
use super::repeats::Repeats;
use super::spool::{self, Line, Spool};
use crate::store::{Class, Store, StoreError};
use crate::vocab::clock::Clock;

/// Audit rows of reads that share one job of the writer.
const BATCH_MAX: usize = 1_000;
/// How long a batch gathers rows. A read does not wait for its row, a refusal does, so much
/// longer. Every commit makes all readers forget the pages that they hold: at a commit for each
/// millisecond that is a fifth of a point read.
pub(super) const GATHERED: Duration = Duration::from_millis(10);
/// How long a store that refuses rows is left alone, and how long at most.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// For how long rows are offered to a store that refuses them once the server stops: a full
/// disk must not keep it from stopping.
const LAST_CHANCE: Duration = Duration::from_secs(2);
/// How often it is asked whether the minute of repeated views is over.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The thread.
pub(super) struct Scribe {
    store: Store,
    clock: Arc<dyn Clock>,
    receiver: mpsc::Receiver<Message>,
    spool: Option<Spool>,
    shared: Arc<Shared>,
    /// Who waits for the rows that are in hand.
    asking: Vec<oneshot::Sender<()>>,
    repeats: Repeats,
    /// Without it no view is held back.
    journal: Option<Journal>,
    /// What an earlier run had counted and perhaps not written.
    left: Vec<Line<'static>>,
}

/// What came while the thread waited.
#[expect(clippy::large_enum_variant, reason = "moved once; a box would allocate for each view")]
enum Found {
    Message(Message),
    /// Nothing, for so long that something else may be due.
    Quiet,
    /// Nothing, and nothing will come any more.
    Closed,
}

impl Scribe {
    /// Of `shared`, with what comes through `receiver`.
    pub(super) fn new(
        (store, clock): (Store, Arc<dyn Clock>),
        receiver: mpsc::Receiver<Message>,
        spool: Option<Spool>,
        shared: Arc<Shared>,
    ) -> Self {
        let (asking, repeats) = (Vec::new(), Repeats::default());
        let mut journal = Journal::open(store.folder())
            .inspect_err(|cause| tracing::warn!("Repeated views are written one by one: {cause}"))
            .ok();
        let left = journal.as_mut().map(Journal::left).transpose();
        let left = left.inspect_err(|cause| tracing::error!("audit.repeats: {cause}"));
        let left = left.unwrap_or_default().unwrap_or_default();
        Self { store, clock, receiver, spool, shared, asking, repeats, journal, left }
    }

    /// Works until all senders are gone.
    pub(super) fn run(&mut self) {
        // What an earlier run has left.
        if self.has_spooled() || !self.left.is_empty() {
            self.write(Vec::new());
        }
        let timer = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let timer = timer.inspect_err(|cause| tracing::warn!("Repeated views wait: {cause}")).ok();
        loop {
            let mut batch = Vec::new();
            match self.wait(timer.as_ref()) {
                Found::Message(first) => self.take(first, &mut batch),
                Found::Quiet => {}
                Found::Closed => break,
            }
            self.repeats.due(self.now(), &mut batch);
            self.keep_counted(&mut batch);
            if batch.is_empty() && self.is_idle() {
                self.settle();
                continue;
            }
            self.gather(&mut batch, GATHERED);
            self.write(batch);
        }
        let mut last = lock(&self.shared.folded).take();
        self.repeats.write_all(&mut last);
        if !last.is_empty() {
            self.write(last);
        }
    }

    /// The next message. While repeated views are counted, waiting has an end: the store must
    /// have them when their minute is over, also if nobody comes any more.
    fn wait(&mut self, timer: Option<&tokio::runtime::Runtime>) -> Found {
        let found = |message: Option<Message>| message.map_or(Found::Closed, Found::Message);
        match timer.filter(|_| self.repeats.holds_any()) {
            None => found(self.receiver.blocking_recv()),
            Some(timer) => {
                let next = async { tokio::time::timeout(LOOK_EVERY, self.receiver.recv()).await };
                timer.block_on(next).map_or(Found::Quiet, found)
            }
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    fn take(&mut self, message: Message, batch: &mut Vec<Entry>) {
        match message {
            Message::Row(entry) => batch.push(entry),
            Message::View(entry) => match &mut self.journal {
                Some(journal) => {
                    self.repeats.take(entry, batch, |minute, view| journal.note(minute, view));
                }
                None => batch.push(entry),
            },
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
        self.repeats.due(self.now(), batch);
        self.keep_counted(batch);
        batch.append(&mut lock(&self.shared.folded).take());
    }

    /// Puts what was counted where a kill does not reach it. Where there is no room, all of it
    /// goes to `batch` and is written.
    fn keep_counted(&mut self, batch: &mut Vec<Entry>) {
        let kept = self.journal.as_mut().map_or(Ok(()), Journal::flush);
        if kept.is_err() {
            self.repeats.write_all(batch);
        }
    }

    /// Empties the file of what was counted, if all of it is written.
    fn forget_counted(&mut self) {
        if self.repeats.holds_any() || !self.left.is_empty() {
            return;
        }
        if let Some(journal) = &mut self.journal {
            journal.clear();
        }
    }

    /// Whether all rows before those in the queue are in the audit.
    fn is_idle(&self) -> bool {
        !self.has_spooled() && self.left.is_empty() && lock(&self.shared.folded).is_empty()
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
        spooled.extend(self.left.iter().cloned());
        let rows = batch.to_vec();
        self.store.write_blocking(Class::People, move |tx| {
            if !spooled.is_empty() {
                spool::take_in(tx, &spooled)?;
            }
            audit::append(tx, &rows)
        })?;
        self.left.clear();
        if has_spooled {
            tracing::info!(rows = waited, "Audit rows that waited in the spool are written");
            if let Some(Err(cause)) = self.spool.as_mut().map(Spool::clear) {
                tracing::error!("The spool of the audit could not be emptied: {cause}");
            }
        }
        self.forget_counted();
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
            self.forget_counted();
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
        self.repeats.write_all(&mut rows);
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

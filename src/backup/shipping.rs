//! Takes the write-ahead log to the target, within a second of each commit. Its thread is the only
//! one that does; nobody waits for it.
//!
//! A chain begins when the log begins to be kept, with a backup of its own; it breaks openly when
//! the log had to be given up because the target was gone too long, and then another one begins.
//! While the target is gone, the log waits on this machine (`log.spool`, at most 1 GiB).

mod chain;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;

use chain::set_chain;
pub use chain::{chain_of, forget_chain};

use super::error::BackupError;
use super::kinds;
use super::log_file::{self, End, FILE_MAX, Record};
use super::settings::{self, NotReady, Ready};
use super::target::TargetError;
use crate::access::secrets::Secrets;
use crate::platform::jobs::{NewJob, order, schedule};
use crate::platform::ledger::{Desk, RecordError};
use crate::store::{LogPlace, StoreError};
use crate::vocab::actor::{Actor, Call};

/// How often the log is looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often the settings and the mark of the target are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How long the target is left alone when it cannot be used.
const LEFT_ALONE: Duration = Duration::from_secs(5);
/// Bytes that are taken at a time.
const PIECE: u64 = 8 << 20;
/// The shortest time between two chains that begin because the one before is lost.
const BETWEEN_CHAINS: Duration = Duration::from_secs(600);
/// Where a log that was just begun to be kept begins.
const FIRST: LogPlace = LogPlace { generation: 1, offset: 0 };
/// How long the end of the program waits for an answer of the target.
const FAREWELL: Duration = Duration::from_secs(10);
/// How often it is looked at meanwhile.
const FAREWELL_LOOK: Duration = Duration::from_millis(10);
/// How long one question to the target may last until that is told.
const HUNG: Duration = Duration::from_secs(30);

/// How it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Shipped {
    /// When all that was committed was at the target, microseconds UTC; none since the start.
    pub shipped_at: Option<i64>,
    /// Bytes of the log that are not there yet.
    pub behind_bytes: u64,
    /// Why not, in words.
    pub trouble: Option<String>,
    /// Whether it is to be done at all.
    pub is_on: bool,
}

/// The thread, and how it goes. Cheap to clone.
#[derive(Clone)]
pub struct Shipping(Arc<Inner>);

impl std::fmt::Debug for Shipping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shipping").finish_non_exhaustive()
    }
}

struct Inner {
    desk: Desk,
    secrets: Secrets,
    shipped: Mutex<Shipped>,
    closing: AtomicBool,
    /// Nobody waits for the thread any more, and the data folder may be another hospital's: it
    /// touches nothing.
    left: AtomicBool,
    /// Since when the target owes an answer.
    asked: Mutex<Option<Instant>>,
    bell: (Mutex<()>, Condvar),
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What writes, between two looks at the log.
#[derive(Debug, Default)]
struct Hand {
    pen: Option<Pen>,
    /// When the mark of the target was seen last.
    seen: Option<Instant>,
    /// The last file that was begun, whether that came to anything or may still do so.
    tried: u64,
    /// When a chain was last begun.
    begun: Option<Instant>,
}

/// Where the next record goes.
#[derive(Debug)]
struct Pen {
    chain: String,
    /// The file that is written to.
    number: u64,
    /// Bytes in it.
    written: u64,
    /// The fingerprint of the last record.
    last: String,
}

impl Shipping {
    /// Of the store of `desk`; nothing is done before [`Shipping::start`].
    #[must_use]
    pub fn new(desk: &Desk, secrets: &Secrets) -> Self {
        Self(Arc::new(Inner {
            desk: desk.clone(),
            secrets: secrets.clone(),
            shipped: Mutex::default(),
            closing: AtomicBool::new(false),
            left: AtomicBool::new(false),
            asked: Mutex::default(),
            bell: (Mutex::default(), Condvar::new()),
            thread: Mutex::default(),
        }))
    }

    /// Begins.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(&self) -> std::io::Result<()> {
        let inner = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("backup-shipping".to_owned());
        *lock(&self.0.thread) = Some(thread.spawn(move || inner.run())?);
        Ok(())
    }

    /// How it goes.
    #[must_use]
    pub fn shipped(&self) -> Shipped {
        let mut shipped = lock(&self.0.shipped).clone();
        let waited = lock(&self.0.asked).map(|since| since.elapsed());
        if let Some(waited) = waited.filter(|waited| HUNG <= *waited) {
            shipped.trouble = Some(format!(
                "The target has not answered for {} s. If it is a share, look at the machine that \
                 has it, and at the way there",
                waited.as_secs()
            ));
        }
        shipped
    }

    /// Takes what is left, if the target can be used and answers, and ends.
    pub fn close(&self) {
        self.close_within(FAREWELL);
    }

    fn close_within(&self, most: Duration) {
        self.0.closing.store(true, Ordering::Release);
        self.0.bell.1.notify_all();
        let Some(thread) = lock(&self.0.thread).take() else { return };
        let began = Instant::now();
        while !thread.is_finished() {
            if most < began.elapsed() {
                self.0.left.store(true, Ordering::Release);
                tracing::error!(
                    "The target of the backups does not answer: the end does not wait for it any \
                     longer. What of the log is not there yet stays here and goes there later"
                );
                return;
            }
            std::thread::sleep(FAREWELL_LOOK);
        }
        if thread.join().is_err() {
            tracing::error!("The thread that ships the log has ended unexpectedly");
        }
    }
}

impl Inner {
    fn run(&self) {
        let (mut plan, mut looked): (Option<Ready>, Option<Instant>) = (None, None);
        let mut hand = Hand::default();
        loop {
            let is_last = self.closing.load(Ordering::Acquire);
            if is_last || looked.is_none_or(|at| LOOK < at.elapsed()) {
                looked = Some(Instant::now());
                plan = self.plan(plan);
            }
            let outcome = plan.as_ref().map(|plan| self.ship(plan, &mut hand));
            let pause = match outcome {
                Some(Err(cause)) => {
                    (hand.pen, hand.seen) = (None, None);
                    self.give_way(&cause);
                    self.tell(Err(cause));
                    LEFT_ALONE
                }
                Some(Ok(looked_at)) => {
                    self.tell(Ok(looked_at));
                    TICK
                }
                None => LOOK,
            };
            if is_last {
                return;
            }
            let waited = self.bell.1.wait_timeout_while(lock(&self.bell.0), pause, |()| {
                !self.closing.load(Ordering::Acquire)
            });
            drop(waited);
        }
    }

    /// What is set, `before` being what was. Where nobody wants the log any more, it is not kept.
    fn plan(&self, before: Option<Ready>) -> Option<Ready> {
        let (store, deadline) = (self.desk.store(), self.desk.screen_deadline());
        let found = store.read(deadline, |tx| settings::ready(tx, &self.secrets, store.folder()));
        let plan = match found {
            Ok(Ok(mut ready)) => {
                // The same storage is asked over the same connection.
                if let Some(before) = before.filter(|before| before.target == ready.target) {
                    ready.target = before.target;
                }
                Some(ready)
            }
            Ok(Err(NotReady::NoTarget)) => {
                store.forget_log();
                None
            }
            _ => None,
        };
        lock(&self.shipped).is_on = plan.is_some();
        plan
    }

    /// Takes all that there is, and says when it was last looked for.
    fn ship(&self, plan: &Ready, hand: &mut Hand) -> Result<i64, BackupError> {
        let store = self.desk.store();
        let is_remote = plan.target.is_remote();
        // Another machine is asked when something goes there, and now and then whether it is there.
        let is_due = hand.seen.is_none_or(|at| LOOK < at.elapsed()) || 0 < store.log_behind();
        if is_due || !is_remote {
            self.ask(|| plan.target.enter(&plan.claim, self.desk.now()))?;
            hand.seen = Some(Instant::now());
        }
        if store.keep_log()? || chain_of(store.folder()).is_none() {
            hand.pen = Some(self.begin()?);
            hand.begun = Some(Instant::now());
        }
        let pen = match &mut hand.pen {
            Some(pen) => pen,
            none => none.insert(self.resume(plan, hand.tried, &mut hand.begun)?),
        };
        loop {
            // What is committed while the log is looked at may not be in what is found.
            let looked_at = self.desk.now();
            let Some(piece) = store.next_of_log(PIECE)? else { return Ok(looked_at) };
            if FILE_MAX < pen.written || (is_remote && 0 < pen.written) {
                (pen.number, pen.written) = (pen.number + 1, 0);
            }
            hand.tried = pen.number;
            let at = self.desk.now();
            let sealed = Record::seal(&piece, at, &plan.recipients, &pen.last);
            let (record, bytes) = sealed.map_err(BackupError::io("seal the log"))?;
            let path = log_file::path_of(&pen.chain, pen.number);
            self.ask(|| plan.target.append(&path, &bytes))?;
            pen.written += u64::try_from(bytes.len()).unwrap_or(0);
            pen.last = record.print();
            store.took_log(&piece)?;
        }
    }

    /// Asks the target, which may never answer.
    fn ask<T>(&self, question: impl FnOnce() -> Result<T, TargetError>) -> Result<T, BackupError> {
        *lock(&self.asked) = Some(Instant::now());
        let answer = question();
        *lock(&self.asked) = None;
        if self.left.load(Ordering::Acquire) {
            return Err(StoreError::Closed.into());
        }
        Ok(answer?)
    }

    /// Where another copy was promoted, what is written here would be lost.
    fn give_way(&self, cause: &BackupError) {
        let is_promoted = matches!(cause, BackupError::Target(TargetError::Promoted { .. }));
        if is_promoted && self.desk.store().supersede() {
            tracing::error!("This server takes no changes any more: {cause}");
        }
    }

    /// A new chain, with a backup of its own.
    fn begin(&self) -> Result<Pen, BackupError> {
        // Later ones come later in a list, too.
        let chain = format!("{:016x}", self.desk.now());
        set_chain(self.desk.store().folder(), &chain)?;
        let call = Call::new(Actor::machine("shipping", Vec::new()), "shipping");
        let ordered = self.desk.write_blocking(&call, "backup.chain", |work| {
            let key = schedule::key_of(kinds::BACKUP);
            let ordered = order(work, &NewJob::new(kinds::BACKUP, &()).only_one(&key))?;
            Ok::<_, RecordError>(ordered)
        });
        if let Err(cause) = ordered {
            tracing::warn!("The backup that a new chain needs comes by the clock only: {cause}");
        }
        tracing::info!("The write-ahead log is shipped from now on");
        Ok(Pen { chain, number: 1, written: 0, last: String::new() })
    }

    /// Goes on with the chain of an earlier run, in a file of its own.
    fn resume(
        &self,
        plan: &Ready,
        tried: u64,
        begun: &mut Option<Instant>,
    ) -> Result<Pen, BackupError> {
        let store = self.desk.store();
        let Some(chain) = chain_of(store.folder()) else { return self.begin() };
        let (newest, last) = match self.ask(|| log_file::end_of(&plan.target, &chain))? {
            End::At(record, newest) => (newest, record.print()),
            // The first of it could not be written.
            End::Empty(newest)
                if store.next_of_log(PIECE)?.is_some_and(|piece| piece.place == FIRST) =>
            {
                (newest, String::new())
            }
            End::Empty(_) | End::Lost => return self.begin_anew(plan, begun),
        };
        // A question that was given up may still be answered: what it writes then stands before
        // what is written now, and takes the place of nothing.
        let number = if plan.target.is_remote() { newest.max(tried) + 2 } else { newest + 1 };
        Ok(Pen { chain, number, written: 0, last })
    }

    /// Nobody could go beyond what is not there, or is damaged.
    fn begin_anew(&self, plan: &Ready, begun: &mut Option<Instant>) -> Result<Pen, BackupError> {
        // Each takes a backup, and what waits of the one before goes.
        if begun.is_some_and(|at| at.elapsed() < BETWEEN_CHAINS) {
            let cause = "the log that was shipped there is not as it was, soon after a new chain \
                 began. The log waits here, and another chain begins ten minutes after that one; \
                 look at the disk or the share"
                .to_owned();
            return Err(TargetError::Unusable { place: plan.target.place(), cause }.into());
        }
        tracing::warn!(
            "The shipped log at the target is damaged at its end or not all there: what is \
             written from now on goes into a new chain, with a backup of its own"
        );
        let store = self.desk.store();
        store.forget_log();
        // Where it stays, the next one is written over it.
        let _ = forget_chain(store.folder());
        store.keep_log()?;
        let pen = self.begin()?;
        *begun = Some(Instant::now());
        Ok(pen)
    }

    fn tell(&self, outcome: Result<i64, BackupError>) {
        let behind_bytes = self.desk.store().log_behind();
        let mut shipped = lock(&self.shipped);
        shipped.behind_bytes = behind_bytes;
        match outcome {
            Ok(looked_at) => {
                shipped.shipped_at = Some(looked_at);
                if shipped.trouble.take().is_some() {
                    tracing::info!("The write-ahead log is shipped again");
                }
            }
            Err(cause) => {
                let told = cause.to_string();
                if shipped.trouble.as_ref() != Some(&told) {
                    tracing::error!("The write-ahead log is not shipped: {told}");
                }
                shipped.trouble = Some(told);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

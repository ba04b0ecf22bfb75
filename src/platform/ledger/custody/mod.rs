//! Custody of the audit: proves that it is whole, notes anchors, moves old rows into archives
//! and back.
//!
//! [`Custodian`] does one of these at a time, on a thread of its own, in small pieces. [`verify`]
//! walks the chain and [`diagnose`] says what was done where it breaks; [`anchors`] shows rows cut
//! off and chains made anew; [`prune`] and [`restore`] move rows, [`archive`] is the file they
//! move into and [`stubs`] what stands for them meanwhile; [`classes`] says what is kept how
//! long.
pub mod anchors;
pub mod archive;
pub mod classes;
mod diagnose;
pub mod prune;
pub mod restore;
mod source;
pub mod stubs;
mod task;
pub mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use anchors::{Anchor, Anchors};
use archive::{ArchiveFlaw, Archives};
use prune::{Order, Pruned, Step};
use restore::Restored;
pub use source::verify_past_seals;
pub use task::{Outcome, Proof, Task, TaskKind};
use verify::{Verdict, Whole};

use crate::store::{Store, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::clock::Clock;
use crate::vocab::problem::{Explain, ProblemKind};

/// For one piece of a walk. A piece takes milliseconds; a machine that is busy, longer.
const DEADLINE: Duration = Duration::from_secs(30);
/// The act of a row that seals a stub.
pub const PRUNE: &str = "audit.prune";
/// The act of a row that tells of an archive that was read back.
pub const RESTORE: &str = "audit.restore";

/// Why something could not be done to the audit.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be written or read.
    #[error("an archive of the audit could not be written: {0}")]
    Io(std::io::Error),
    /// An archive is not what it should be. Nothing was deleted or read back because of it.
    #[error("{0}. Keep the file as it is, and look for another copy of it.")]
    Archive(ArchiveFlaw),
    /// Something else is being done.
    #[error("Something else is being done to the audit: {0}. Try again when it has ended.")]
    Busy(&'static str),
    /// The server stops. What is half done is done to its end by the next run.
    #[error("The server stops, and so did this. The next run goes on.")]
    Stopped,
    /// The rows are not those that were archived, or some are missing.
    #[error("The audit is not whole at row {row}. Run healthflow audit verify.")]
    NotWhole {
        /// Where.
        row: i64,
    },
    /// No stub stands for the rows of this archive.
    #[error("The rows of {file} were not pruned here, or are in the audit already.")]
    NotPruned {
        /// The archive.
        file: String,
    },
    /// The rows of this archive are not those that were pruned here.
    #[error(
        "{file} is an archive of another hospital, or of another state of this one: its rows are \
         not those that were pruned here."
    )]
    ForeignArchive {
        /// The archive.
        file: String,
    },
}

impl From<std::io::Error> for CustodyError {
    fn from(cause: std::io::Error) -> Self {
        if cause.kind() == std::io::ErrorKind::StorageFull {
            return Self::Store(StoreError::DiskFull);
        }
        Self::Io(cause)
    }
}

impl Explain for CustodyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(cause) => cause.code(),
            Self::Io(_) => "audit.file",
            Self::Archive(_) => "audit.archive",
            Self::Busy(_) => "audit.busy",
            Self::Stopped => "audit.stopped",
            Self::NotWhole { .. } => "audit.not_whole",
            Self::NotPruned { .. } => "audit.not_pruned",
            Self::ForeignArchive { .. } => "audit.foreign_archive",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Store(cause) => cause.kind(),
            Self::Io(_) => ProblemKind::Fault,
            Self::Stopped => ProblemKind::Busy { retry_after_s: 5 },
            _ => ProblemKind::Conflict,
        }
    }
}

/// What a task asks and tells while it works.
#[derive(Clone, Copy)]
pub struct Stopping<'a> {
    /// Whether to go on with a step.
    pub may: &'a dyn Fn(Step) -> bool,
    /// Hears how many rows are done.
    pub done: &'a dyn Fn(i64),
}

impl Stopping<'_> {
    fn ask(self, step: Step) -> Result<(), CustodyError> {
        if (self.may)(step) { Ok(()) } else { Err(CustodyError::Stopped) }
    }

    fn told(self, done: i64) {
        (self.done)(done);
    }
}

impl std::fmt::Debug for Stopping<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stopping").finish_non_exhaustive()
    }
}

/// Keeps the audit. Cheap to clone.
#[derive(Clone)]
pub struct Custodian(Arc<Inner>);

impl std::fmt::Debug for Custodian {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custodian").finish_non_exhaustive()
    }
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    archives: Archives,
    anchors: Anchors,
    closing: AtomicBool,
    task: Mutex<Task>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Held by whoever notes an anchor, so that two do not write one line into another.
    noting: Mutex<()>,
    /// Held by whoever moves rows out or back in: one at a time, on whichever thread.
    moving: Mutex<()>,
}

impl Custodian {
    /// Of the audit in `store`.
    #[must_use]
    pub fn open(store: Store, clock: Arc<dyn Clock>) -> Self {
        let folder = store.folder().to_owned();
        Self(Arc::new(Inner {
            store,
            clock,
            archives: Archives::of(&folder),
            anchors: Anchors::of(&folder),
            closing: AtomicBool::new(false),
            task: Mutex::default(),
            thread: Mutex::default(),
            noting: Mutex::default(),
            moving: Mutex::default(),
        }))
    }

    /// The archives.
    #[must_use]
    pub fn archives(&self) -> &Archives {
        &self.0.archives
    }

    /// The anchors.
    #[must_use]
    pub fn anchors(&self) -> &Anchors {
        &self.0.anchors
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> i64 {
        self.0.clock.now().as_microsecond()
    }

    /// Notes an anchor of now; nothing if there is no row yet.
    ///
    /// # Errors
    /// What the store or the system says.
    pub fn anchor(&self) -> Result<Option<Anchor>, StoreError> {
        let _one = self.0.noting.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.anchors.note(&self.0.store, self.now())
    }

    /// The same if none was noted today.
    ///
    /// # Errors
    /// What the store or the system says.
    pub fn anchor_daily(&self) -> Result<(), StoreError> {
        let _one = self.0.noting.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.anchors.note_daily(&self.0.store, self.now())
    }

    /// Walks the whole audit, compared with the anchors that are kept and with those `printed`.
    /// `go_on` hears how many rows of how many are done.
    ///
    /// # Errors
    /// It was told not to go on; what the store or the system says.
    pub fn verify(
        &self,
        printed: Vec<Anchor>,
        go_on: &dyn Fn(i64, i64) -> bool,
    ) -> Result<Verdict, CustodyError> {
        let anchored = self.0.anchors.read()?;
        let (source, archives) = (&self.0.store, &self.0.archives);
        let again = printed.clone();
        match (Whole { source, archives, anchored, printed, go_on }).verify() {
            Err(CustodyError::Store(damage)) if damage.is_damage() => {
                verify_past_seals(source.folder(), again, go_on).map_err(|cause| match cause {
                    CustodyError::Stopped => cause,
                    _ => damage.into(),
                })
            }
            outcome => outcome,
        }
    }

    /// Moves what `order` says into an archive, on this thread. See [`prune`].
    ///
    /// # Errors
    /// Why not. What was not deleted is still there, and the next run goes on.
    pub fn prune(&self, order: &Order, stop: Stopping<'_>) -> Result<Pruned, CustodyError> {
        let _alone = self.moving_alone()?;
        self.prune_now(order, stop)
    }

    /// Reads the archive at `path` back, on this thread. See [`restore`].
    ///
    /// # Errors
    /// Why not. What came back stays, and the next run goes on.
    pub fn restore(
        &self,
        path: &Path,
        call: &Call,
        stop: Stopping<'_>,
    ) -> Result<Restored, CustodyError> {
        let _alone = self.moving_alone()?;
        self.restore_now(path, call, stop)
    }

    fn moving_alone(&self) -> Result<MutexGuard<'_, ()>, CustodyError> {
        match self.0.moving.try_lock() {
            Ok(alone) => Ok(alone),
            Err(TryLockError::Poisoned(poison)) => Ok(poison.into_inner()),
            Err(TryLockError::WouldBlock) => Err(CustodyError::Busy("its rows are being moved")),
        }
    }

    /// Begins to verify in the background.
    ///
    /// # Errors
    /// Something else is being done.
    pub fn start_verify(&self, printed: Vec<Anchor>, call: Call) -> Result<Task, CustodyError> {
        self.start(TaskKind::Verify, move |custodian| {
            let go_on = |done, total| {
                custodian.progress(done, total);
                !custodian.is_closing()
            };
            let verdict = custodian.verify(printed, &go_on)?;
            match custodian.keep_proof(&verdict, &call) {
                // Nothing is written to a damaged database, and that is what the verdict says.
                Err(CustodyError::Store(cause)) if cause.is_damage() && verdict.flaw.is_some() => {}
                kept => kept?,
            }
            Ok(Outcome::Verified(verdict))
        })
    }

    /// Begins to prune in the background.
    ///
    /// # Errors
    /// Something else is being done.
    pub fn start_prune(&self, order: Order) -> Result<Task, CustodyError> {
        self.start(TaskKind::Prune, move |custodian| {
            let (may, done) = (|_| !custodian.is_closing(), |done| custodian.progress(done, 0));
            let stop = Stopping { may: &may, done: &done };
            custodian.prune(&order, stop).map(Outcome::Pruned)
        })
    }

    /// Begins to read an archive back in the background.
    ///
    /// # Errors
    /// Something else is being done.
    pub fn start_restore(&self, path: PathBuf, call: Call) -> Result<Task, CustodyError> {
        self.start(TaskKind::Restore, move |custodian| {
            let (may, done) = (|_| !custodian.is_closing(), |done| custodian.progress(done, 0));
            let stop = Stopping { may: &may, done: &done };
            custodian.restore(&path, &call, stop).map(Outcome::Restored)
        })
    }

    /// Ends what is being done, and waits for it.
    pub fn close(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests;

//! The office: takes orders for imports and works them off, one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::plan::Plan;
use super::resource::{IMPORT, IMPORTS};
use super::run::{Run, RunError};
use super::tally::Tally;
use crate::access::roles::PERMISSIONS;
use crate::platform::ledger::{Created, Desk, RecordError, Touch, Work};
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call};
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// Imports that may wait for their turn.
const QUEUE_MAX: usize = 64;
const DEADLINE: Duration = Duration::from_secs(5);

/// Why an import cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Too many wait already.
    #[error("{QUEUE_MAX} imports are waiting already. Try again when some are done.")]
    QueueFull,
    /// The upload is larger than what is set.
    #[error(
        "The file is larger than {max} bytes, the setting max_import_gib. Split it, or \
             import it on the server with healthflow import."
    )]
    TooLarge {
        /// The bound.
        max: u64,
    },
    /// The file could not be kept.
    #[error("the uploaded file could not be written: {0}")]
    Disk(std::io::Error),
    /// The upload broke off.
    #[error("The upload broke off. Nothing was imported; send the file again.")]
    Incomplete,
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for ImportError {
    fn from(cause: StoreError) -> Self {
        Self::Record(RecordError::Store(cause))
    }
}

impl Explain for ImportError {
    fn code(&self) -> &'static str {
        match self {
            Self::QueueFull => "imports.queue_full",
            Self::TooLarge { .. } => "imports.too_large",
            Self::Disk(_) => "imports.disk",
            Self::Incomplete => "imports.incomplete",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::QueueFull => ProblemKind::Busy { retry_after_s: 60 },
            Self::TooLarge { .. } => ProblemKind::TooLarge,
            Self::Disk(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
                ProblemKind::Busy { retry_after_s: 600 }
            }
            Self::Disk(_) => ProblemKind::Fault,
            Self::Incomplete => ProblemKind::Malformed,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Record(cause) => cause.fields(),
            _ => Vec::new(),
        }
    }
}

/// Takes orders. Cheap to clone; close it once.
#[derive(Clone)]
pub struct Imports(Arc<Inner>);

struct Inner {
    desk: Desk,
    folder: PathBuf,
    bytes_max: u64,
    queue: Mutex<Option<SyncSender<i64>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    stop: AtomicBool,
    /// The import at work, 0 for none, and whether it shall end.
    current: AtomicI64,
    cancel: AtomicBool,
}

impl std::fmt::Debug for Imports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imports").finish_non_exhaustive()
    }
}

impl Imports {
    /// Opens the office over `folder` for uploaded files of at most `bytes_max` bytes. Imports
    /// that a crash interrupted go on.
    ///
    /// # Errors
    /// The folder cannot be made, or the system gives no thread.
    pub fn open(desk: Desk, folder: PathBuf, bytes_max: u64) -> std::io::Result<Self> {
        make_private(&folder)?;
        let (queue, orders) = sync_channel(QUEUE_MAX);
        let office = Self(Arc::new(Inner {
            desk,
            folder,
            bytes_max,
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(None),
            stop: AtomicBool::new(false),
            current: AtomicI64::new(0),
            cancel: AtomicBool::new(false),
        }));
        for id in office.interrupted() {
            office.enqueue(id);
        }
        let worker = office.clone();
        let thread = std::thread::Builder::new()
            .name("import".to_owned())
            .spawn(move || worker.serve(&orders))?;
        *office.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(office)
    }

    /// Where uploads are kept until they are imported.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The most bytes of an upload.
    #[must_use]
    pub fn bytes_max(&self) -> u64 {
        self.0.bytes_max
    }

    /// Orders an import. With a `key`, a repetition of the same `request` gets the first
    /// answer.
    ///
    /// # Errors
    /// Too many wait; what the store says.
    pub async fn order(
        &self,
        call: &Call,
        plan: Plan,
        (key, request): (Option<&str>, &[u8]),
    ) -> Result<Created, ImportError> {
        let paths = plan.paths.clone();
        let staged = plan.staged;
        let job = move |work: &Work<'_>| insert(work, &plan);
        let created = self.0.desk.create(call, &IMPORTS, (key, request), job).await?;
        if created.replayed {
            if staged {
                remove(&paths);
            }
        } else if !self.enqueue(created.id) {
            self.end(created.id, "failed", Some("too many imports were waiting"), None)?;
            if staged {
                remove(&paths);
            }
            return Err(ImportError::QueueFull);
        }
        Ok(created)
    }

    /// Ends the import `id`, if it waits or runs; what is stored stays.
    ///
    /// # Errors
    /// What the store says.
    pub fn cancel(&self, id: i64) -> Result<(), StoreError> {
        if self.0.current.load(Ordering::SeqCst) == id {
            self.0.cancel.store(true, Ordering::SeqCst);
            return Ok(());
        }
        self.end(id, "cancelled", None, None)
    }

    /// Takes no more orders; the import at work stops between two jobs and goes on at the next
    /// start.
    pub fn close(&self) {
        self.0.stop.store(true, Ordering::SeqCst);
        self.0.cancel.store(true, Ordering::SeqCst);
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    fn enqueue(&self, id: i64) -> bool {
        let queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().map(|queue| queue.try_send(id)) {
            Some(Ok(())) => true,
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => false,
        }
    }

    fn interrupted(&self) -> Vec<i64> {
        let sql = "SELECT id FROM import_run WHERE status = 'running' ORDER BY id LIMIT 64";
        let found = self.0.desk.store().read(DEADLINE, |tx| tx.all(sql, &[], |row| row.get(0)));
        found.unwrap_or_else(|cause: StoreError| {
            tracing::error!("Interrupted imports could not be found: {cause}");
            Vec::new()
        })
    }

    fn serve(&self, orders: &Receiver<i64>) {
        while let Ok(id) = orders.recv() {
            if self.0.stop.load(Ordering::SeqCst) {
                return;
            }
            self.0.cancel.store(false, Ordering::SeqCst);
            self.0.current.store(id, Ordering::SeqCst);
            if let Err(cause) = self.work_off(id) {
                tracing::error!(import.id = IMPORT.show(id), "An import went wrong: {cause}");
            }
            self.0.current.store(0, Ordering::SeqCst);
        }
    }

    fn work_off(&self, id: i64) -> Result<(), StoreError> {
        let Some((plan, actor)) = self.load(id)? else { return Ok(()) };
        let call = Call::new(actor, IMPORT.show(id));
        let missing = plan.paths.iter().find(|path| !path.exists());
        if missing.is_some() {
            let error = "The files are not there any more. Import them again.";
            return self.end(id, "interrupted", Some(error), None);
        }
        tracing::info!(import.id = IMPORT.show(id), "Import begins");
        let run = Run::new(&self.0.desk, &call, (id, &plan), &self.0.cancel);
        match run.work() {
            Ok(tally) => {
                tracing::info!(
                    import.id = IMPORT.show(id),
                    read = tally.read_total(),
                    rejected = tally.rejected,
                    "Import done: {:.0} resources/s",
                    tally.resources_per_second
                );
                self.end(id, "completed", None, Some(&tally))?;
            }
            // It stays "running" and goes on at the next start.
            Err(RunError::Stopped) if self.0.stop.load(Ordering::SeqCst) => return Ok(()),
            Err(RunError::Stopped) => self.end(id, "cancelled", None, None)?,
            Err(RunError::Store(cause)) => {
                self.end(id, "failed", Some(&cause.to_string()), None)?;
            }
        }
        if plan.staged {
            remove(&plan.paths);
        }
        Ok(())
    }

    /// The plan of the import, if it still has to be done, and whoever ordered it.
    fn load(&self, id: i64) -> Result<Option<(Plan, Actor)>, StoreError> {
        let sql = "SELECT plan, started_by, app_user.display_name, app_user.role \
            FROM import_run LEFT JOIN app_user ON app_user.id = started_by \
            WHERE import_run.id = ?1 AND status = 'running'";
        let found = self.0.desk.store().read(DEADLINE, |tx| {
            tx.opt(sql, &[id.into()], |row| {
                let user = row.get::<Option<i64>>(1)?;
                let name = row.get::<Option<String>>(2)?.unwrap_or_default();
                let role = row.get::<Option<String>>(3)?.unwrap_or_default();
                Ok((row.get::<String>(0)?, user, name, role))
            })
        })?;
        let Some((plan, user, name, role)) = found else { return Ok(None) };
        // Whoever ordered it was allowed to; the order is carried out to its end.
        let actor = match user {
            Some(id) => Actor::user(id, &name, &role, None, None, PERMISSIONS.to_vec()),
            None => Actor::machine("command line", PERMISSIONS.to_vec()),
        };
        Ok(serde_json::from_str(&plan).ok().map(|plan| (plan, actor)))
    }

    fn end(
        &self,
        id: i64,
        status: &'static str,
        error: Option<&str>,
        tally: Option<&Tally>,
    ) -> Result<(), StoreError> {
        let error = error.map(str::to_owned);
        let summary = tally.and_then(|tally| serde_json::to_string(tally).ok());
        let call = Call::new(Actor::machine("import", Vec::new()), IMPORT.show(id));
        self.0.desk.write_blocking(&call, "imports.end", move |work| {
            let sql = "UPDATE import_run SET status = ?2, error = ?3, \
                summary = coalesce(?4, summary), ended_at = ?5, updated_at = ?5, \
                version = version + 1 WHERE id = ?1 AND status = 'running'";
            let params = [
                id.into(),
                status.into(),
                error.clone().into(),
                summary.clone().into(),
                work.now().into(),
            ];
            if work.tx().execute(sql, &params)? == 1 {
                work.touched(Touch { kind: IMPORT, id, patient: None, event: status });
            }
            Ok(())
        })
    }
}

pub(super) fn insert(work: &Work<'_>, plan: &Plan) -> Result<i64, RecordError> {
    let id = work.new_id();
    let sql = "INSERT INTO import_run (id, source, label, format, status, plan, started_by, \
        started_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, ?7, ?7, ?7)";
    let params = [
        id.into(),
        plan.source.as_str().into(),
        plan.label.as_str().into(),
        plan.format.word().into(),
        serde_json::to_string(plan).unwrap_or_default().into(),
        work.call().actor.user_id().into(),
        work.now().into(),
    ];
    work.tx().execute(sql, &params)?;
    work.touched(Touch { kind: IMPORT, id, patient: None, event: "ordered" });
    Ok(id)
}

/// Uploads are patients' data: only the owner of the folder may look.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn remove(paths: &[PathBuf]) {
    for path in paths {
        if let Err(cause) = fs::remove_file(path) {
            tracing::warn!("An imported upload could not be removed: {cause}");
        }
    }
}

//! The office: takes orders for imports and works them off, one after the other.
//!
//! The store is the queue: an import waits for as long as its row says "running", and the
//! worker takes the oldest. A bell only wakes the worker, so no order is lost with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::at_work::AtWork;
use super::plan::Plan;
use super::refusal::ImportError;
use super::resource::{IMPORT, IMPORTS};
use super::run::{Run, RunError};
use super::tally::Tally;
use super::upload::{self, Staged, UPLOADS_MAX};
use crate::access::roles::PERMISSIONS;
use crate::platform::disk::Rung;
use crate::platform::ledger::{Created, Desk, RecordError, Touch, Work};
use crate::store::StoreError;
use crate::vocab::actor::{Actor, Call};

/// Imports that may wait for their turn, besides the one at work.
pub(super) const QUEUE_MAX: u32 = 64;
const DEADLINE: Duration = Duration::from_secs(5);
/// When an import that the store kept from going on is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Takes orders. Cheap to clone; close it once.
#[derive(Clone)]
pub struct Imports(Arc<Inner>);

struct Inner {
    desk: Desk,
    folder: PathBuf,
    bytes_max: u64,
    uploads: Arc<Semaphore>,
    bell: Mutex<Option<SyncSender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    at_work: AtWork,
}

impl std::fmt::Debug for Imports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imports").finish_non_exhaustive()
    }
}

impl Imports {
    /// Opens the office over `folder` for uploaded files of at most `bytes_max` bytes. Imports
    /// that a crash interrupted go on; uploads that no import names are removed.
    ///
    /// # Errors
    /// The folder cannot be made, or the system gives no thread.
    pub fn open(desk: Desk, folder: PathBuf, bytes_max: u64) -> std::io::Result<Self> {
        let (office, bell) = Self::prepare(desk, folder, bytes_max)?;
        let worker = office.clone();
        let thread = std::thread::Builder::new()
            .name("import".to_owned())
            .spawn(move || worker.serve(&bell))?;
        *office.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(office)
    }

    /// An office in which nobody works yet.
    pub(super) fn prepare(
        desk: Desk,
        folder: PathBuf,
        bytes_max: u64,
    ) -> std::io::Result<(Self, Receiver<()>)> {
        upload::make_private(&folder)?;
        let (bell, rings) = sync_channel(1);
        let office = Self(Arc::new(Inner {
            desk,
            folder,
            bytes_max,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            bell: Mutex::new(Some(bell)),
            thread: Mutex::new(None),
            at_work: AtWork::default(),
        }));
        office.sweep();
        Ok((office, rings))
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

    /// The right to upload, for as long as it is held.
    ///
    /// # Errors
    /// As many as may upload already; the disk has too little room.
    pub(super) fn upload_slot(&self) -> Result<OwnedSemaphorePermit, ImportError> {
        if self.0.desk.ladder().is_at(Rung::UploadsStopped) {
            return Err(ImportError::NoRoom);
        }
        Arc::clone(&self.0.uploads).try_acquire_owned().map_err(|_| ImportError::UploadsFull)
    }

    /// Orders an import. With a `key`, a repetition of the same `request` gets the first
    /// answer. The `staged` file becomes the import's own; if the order is not accepted, it
    /// goes.
    ///
    /// # Errors
    /// Too many wait; what the store says.
    pub async fn order(
        &self,
        call: &Call,
        mut plan: Plan,
        staged: Option<Staged>,
        (key, request): (Option<&str>, &[u8]),
    ) -> Result<Created, ImportError> {
        plan.staged = staged.is_some();
        plan.paths.extend(staged.iter().map(|file| file.path().to_owned()));
        let (office, call) = (self.clone(), call.clone());
        let (key, request) = (key.map(str::to_owned), request.to_vec());
        // On its own: once the store was asked, the file must not go because the client did.
        let task = tokio::spawn(async move {
            let full = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&full);
            let job = move |work: &Work<'_>| {
                if !has_place(work)? {
                    told.store(true, Ordering::SeqCst);
                    let retry_after_s = 60;
                    return Err(StoreError::Busy { retry_after_s }.into());
                }
                insert(work, &plan)
            };
            let desk = &office.0.desk;
            let outcome = desk.create(&call, &IMPORTS, (key.as_deref(), &request), job).await;
            let created = match outcome {
                Err(_) if full.load(Ordering::SeqCst) => return Err(ImportError::QueueFull),
                other => other?,
            };
            if !created.replayed {
                if let Some(file) = staged {
                    file.keep();
                }
                office.ring();
            }
            Ok(created)
        });
        task.await.map_err(|cause| ImportError::Disk(std::io::Error::other(cause)))?
    }

    /// Ends the import `id`, if it waits or runs; what is stored stays.
    ///
    /// # Errors
    /// What the store says.
    pub fn cancel(&self, id: i64) -> Result<(), StoreError> {
        if self.0.at_work.cancel(id) {
            return Ok(());
        }
        let plan = self.plan_of(id)?;
        self.end(id, "cancelled", None, None)?;
        // The worker may have begun it in between; its files are the worker's then.
        if !self.0.at_work.cancel(id)
            && let Some(plan) = plan.filter(|plan| plan.staged)
        {
            upload::remove(&plan.paths);
        }
        Ok(())
    }

    /// Takes no more orders; the import at work stops between two jobs and goes on at the next
    /// start.
    pub fn close(&self) {
        self.0.at_work.close();
        self.0.bell.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    /// A bell that rings already need not ring twice.
    fn ring(&self) {
        let bell = self.0.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bell.as_ref() {
            let _ = bell.try_send(());
        }
    }

    /// Removes uploads that no import needs any more, after a crash.
    fn sweep(&self) {
        let sql = "SELECT plan FROM import_run WHERE status = 'running'";
        let store = self.0.desk.store();
        match store.read(DEADLINE, |tx| tx.all(sql, &[], |row| row.get::<String>(0))) {
            Ok(plans) => {
                let plans = plans.iter().filter_map(|plan| serde_json::from_str::<Plan>(plan).ok());
                let needed = plans.flat_map(|plan| plan.paths).collect::<Vec<_>>();
                upload::sweep(&self.0.folder, &needed);
            }
            Err::<_, StoreError>(cause) => {
                tracing::error!("Unfinished imports could not be found: {cause}");
            }
        }
    }

    fn serve(&self, bell: &Receiver<()>) {
        loop {
            let rings = if self.work_off_all() {
                bell.recv().map_err(RecvTimeoutError::from)
            } else {
                bell.recv_timeout(RETRY_AFTER)
            };
            if rings == Err(RecvTimeoutError::Disconnected) || self.0.at_work.is_closed() {
                return;
            }
        }
    }

    /// Works off what waits, the oldest first; whether all went well.
    pub(super) fn work_off_all(&self) -> bool {
        let (mut after, mut well) = (0, true);
        while !self.0.at_work.is_closed() {
            match self.next(after) {
                Ok(None) => break,
                Ok(Some(id)) => {
                    after = id;
                    if let Err(cause) = self.work_off(id) {
                        let shown = IMPORT.show(id);
                        tracing::error!(import.id = shown, "An import went wrong: {cause}");
                        well = false;
                    }
                }
                Err(cause) => {
                    tracing::error!("Waiting imports could not be found: {cause}");
                    return false;
                }
            }
        }
        well
    }

    fn next(&self, after: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM import_run WHERE status = 'running' AND ?1 < id \
            ORDER BY id LIMIT 1";
        let store = self.0.desk.store();
        store.read(DEADLINE, |tx| tx.opt(sql, &[after.into()], |row| row.get(0)))
    }

    pub(super) fn work_off(&self, id: i64) -> Result<(), StoreError> {
        // Registered before it is looked up: whoever cancels it later finds it here, whoever
        // cancelled it earlier has said so in the store.
        let stop = self.0.at_work.begin(id);
        let outcome = self.carry_out(id, &stop);
        self.0.at_work.end();
        outcome
    }

    fn carry_out(&self, id: i64, stop: &AtomicBool) -> Result<(), StoreError> {
        let Some((plan, actor)) = self.load(id)? else {
            let plan = self.plan_of(id)?;
            let error = "The order of this import cannot be read. Import the files again.";
            // No more than a look if it was cancelled before it began.
            self.end(id, "failed", Some(error), None)?;
            if let Some(plan) = plan.filter(|plan| plan.staged) {
                upload::remove(&plan.paths);
            }
            return Ok(());
        };
        let call = Call::new(actor, IMPORT.show(id));
        let missing = plan.paths.iter().find(|path| !path.exists());
        if missing.is_some() {
            let error = "The files are not there any more. Import them again.";
            return self.end(id, "interrupted", Some(error), None);
        }
        tracing::info!(import.id = IMPORT.show(id), "Import begins");
        let run = Run::new(&self.0.desk, &call, (id, &plan), stop);
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
            Err(RunError::Stopped) if self.0.at_work.is_cancelled() => {
                self.end(id, "cancelled", None, None)?;
            }
            // It stays "running" and goes on at the next start.
            Err(RunError::Stopped) => return Ok(()),
            Err(RunError::Store(cause)) => {
                self.end(id, "failed", Some(&cause.to_string()), None)?;
            }
        }
        if plan.staged {
            upload::remove(&plan.paths);
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

    /// What the import `id` was to do, if that can be read.
    fn plan_of(&self, id: i64) -> Result<Option<Plan>, StoreError> {
        let sql = "SELECT plan FROM import_run WHERE id = ?1";
        let store = self.0.desk.store();
        let plan =
            store.read(DEADLINE, |tx| tx.opt(sql, &[id.into()], |row| row.get::<String>(0)))?;
        Ok(plan.and_then(|plan| serde_json::from_str(&plan).ok()))
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

/// Whether one more may wait; asked in the transaction that lets it.
fn has_place(work: &Work<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM import_run WHERE status = 'running'";
    let open = work.tx().one(sql, &[], |row| row.get::<i64>(0))?;
    Ok(open <= i64::from(QUEUE_MAX))
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

//! One import at work: read, map in parallel, write in bulk jobs, then settle what waited.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::job::{Done, Halt, Job, Turn};
use super::links::Known;
use super::plan::{Format, Plan};
use super::step::{Step, What, rejected, steps_of};
use super::tally::Tally;
use super::waiting;
use crate::interop::csv;
use crate::interop::source::{self, Found, Limits, Listing, Progress, SourceFile};
use crate::platform::disk::Rung;
use crate::platform::ledger::{Desk, Work};
use crate::store::StoreError;
use crate::vocab::actor::Call;

/// Bytes of pieces that are mapped together.
const CHUNK_BYTES: usize = 2 << 20;
/// Pieces that are mapped together.
pub(super) const CHUNK_PIECES: usize = 1_000;
/// How long one job may keep people's writes waiting, roughly.
const JOB_TIME: Duration = Duration::from_millis(20);
const JOB_MIN: usize = 10;
pub(super) const JOB_MAX: usize = 400;
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// Why a run ended before its files did.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    /// Somebody cancelled it, or the server stops.
    #[error("the import was stopped")]
    Stopped,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One import at work.
pub(super) struct Run<'a> {
    pub(super) desk: &'a Desk,
    pub(super) call: &'a Call,
    pub(super) id: i64,
    pub(super) plan: &'a Plan,
    pub(super) stop: &'a AtomicBool,
    pub(super) progress: Progress,
    pub(super) bytes_total: u64,
    pub(super) known: Known,
    pub(super) tally: Tally,
    pub(super) started: Instant,
    pub(super) job_size: usize,
}

impl<'a> Run<'a> {
    /// A run that has not begun. `stop` ends it between two jobs.
    #[must_use]
    pub(super) fn new(
        desk: &'a Desk,
        call: &'a Call,
        (id, plan): (i64, &'a Plan),
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            desk,
            call,
            id,
            plan,
            stop,
            progress: Progress::default(),
            bytes_total: 0,
            known: Known::default(),
            tally: Tally::default(),
            started: Instant::now(),
            job_size: JOB_MIN,
        }
    }

    /// Reads everything and settles what waited.
    ///
    /// # Errors
    /// [`RunError`]; what is stored by then stays, and a second run goes on from it.
    pub(super) fn work(mut self) -> Result<Tally, RunError> {
        self.look_back()?;
        self.clear()?;
        let mut files: Vec<(SourceFile, bool)> = Vec::new();
        for path in &self.plan.paths {
            let is_folder = path.is_dir();
            let Listing { files: mut found, skipped, rejects } = source::list(path);
            self.skip(&skipped);
            if self.plan.staged {
                // An upload lies under a name of ours; whoever sent it knows it by its own.
                found.iter_mut().for_each(|file| file.label.clone_from(&self.plan.label));
            }
            files.extend(found.into_iter().map(|file| (file, is_folder)));
            let steps = rejects.into_iter().map(rejected).collect();
            self.take_in(steps)?;
        }
        self.bytes_total = files.iter().map(|(file, _)| file.bytes).sum();
        self.note_bytes(0)?;
        for (file, among_others) in &files {
            self.read(file, *among_others)?;
            self.tally.files += 1;
        }
        self.settle()?;
        self.settle_links()?;
        self.note_progress()?;
        Ok(self.tally)
    }

    /// One file; `among_others` if it was found in a folder. Tables of patients may stand among
    /// files of FHIR.
    fn read(&mut self, file: &SourceFile, among_others: bool) -> Result<(), RunError> {
        let plan = csv::Plan {
            mapping: self.plan.mapping.as_ref(),
            source: &self.plan.source,
            among_others,
            stop: self.stop,
        };
        if self.plan.format == Format::Csv {
            return self.read_csv(file, (&plan, false));
        }
        if self.read_fhir(file)? { self.read_csv(file, (&plan, true)) } else { Ok(()) }
    }

    /// Reads what is FHIR; says whether there are tables too, which were passed over.
    fn read_fhir(&mut self, file: &SourceFile) -> Result<bool, RunError> {
        let mut has_tables = false;
        let progress = std::mem::take(&mut self.progress);
        let mut chunk = Vec::new();
        let (mut bytes, mut failed) = (0, None);
        let flow = source::read(file, &Limits::STANDARD, &progress, &mut |found| {
            match &found {
                Found::Piece(piece) => bytes += piece.bytes.len(),
                Found::Skipped(name) => self.skip(std::slice::from_ref(name)),
                Found::Table => has_tables = true,
                Found::Reject(_) => {}
            }
            chunk.push(found);
            if CHUNK_BYTES < bytes || CHUNK_PIECES < chunk.len() {
                bytes = 0;
                let read = progress.bytes();
                if let Err(cause) = self.map_and_write(std::mem::take(&mut chunk), read) {
                    failed = Some(cause);
                }
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.progress = progress;
        match failed {
            Some(cause) => Err(cause),
            None if flow.is_break() => Err(RunError::Stopped),
            None => {
                let read = self.progress.bytes();
                self.map_and_write(chunk, read)?;
                Ok(has_tables)
            }
        }
    }

    fn read_csv(
        &mut self,
        file: &SourceFile,
        plan: (&csv::Plan<'_>, bool),
    ) -> Result<(), RunError> {
        // The bytes of a file whose tables are read behind the rest count once.
        let again = plan.1;
        let progress = if again { Progress::default() } else { std::mem::take(&mut self.progress) };
        let before = self.progress.bytes();
        let mut failed = None;
        let (mut steps, mut notes) = (Vec::new(), csv::Notes::default());
        let flow = csv::read(file, plan, &progress, &mut notes, &mut |row| {
            steps.push(match row {
                Ok(row) => Step {
                    piece: Arc::new(row.piece),
                    what: What::Record(row.mapped),
                    queued: None,
                },
                Err(reject) => rejected(reject),
            });
            if CHUNK_PIECES < steps.len() {
                let read = progress.bytes().max(before);
                if let Err(cause) = self.count_and_write(std::mem::take(&mut steps), read) {
                    failed = Some(cause);
                }
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.skip(&notes.skipped);
        self.tally.note_dates(notes.dates);
        if !again {
            self.progress = progress;
        }
        let read = self.progress.bytes();
        match failed {
            Some(cause) => Err(cause),
            None if flow.is_break() => Err(RunError::Stopped),
            None => self.count_and_write(steps, read),
        }
    }

    /// Counts files that plainly hold no data.
    fn skip(&mut self, names: &[String]) {
        for name in names {
            Tally::bump(&mut self.tally.skipped, name);
        }
    }

    fn map_and_write(&mut self, found: Vec<Found>, read: u64) -> Result<(), RunError> {
        let source = self.plan.source.as_str();
        let steps: Vec<Step> = found
            .into_par_iter()
            .flat_map_iter(|found| match found {
                Found::Piece(piece) => steps_of(piece, source).collect(),
                Found::Reject(reject) => vec![rejected(reject)],
                Found::Skipped(_) | Found::Table => Vec::new(),
            })
            .collect();
        self.count_and_write(steps, read)
    }

    fn count_and_write(&mut self, steps: Vec<Step>, read: u64) -> Result<(), RunError> {
        self.take_in(steps)?;
        self.note_bytes(read)
    }

    /// Counts what was just read and writes it.
    fn take_in(&mut self, steps: Vec<Step>) -> Result<(), RunError> {
        for step in &steps {
            Tally::bump(&mut self.tally.read, step.kind());
        }
        self.write(steps, Turn::First).map(|_| ())
    }

    /// Writes the steps in jobs of about [`JOB_TIME`]; says how many of them wait.
    pub(super) fn write(&mut self, steps: Vec<Step>, turn: Turn) -> Result<usize, RunError> {
        let (mut rest, mut waits) = (steps.into_iter(), 0);
        loop {
            let batch: Vec<Step> = rest.by_ref().take(self.job_size).collect();
            if batch.is_empty() {
                return Ok(waits);
            }
            let begun = Instant::now();
            let count = batch.len();
            waits += self.write_batch(&Arc::new(batch), turn)?;
            self.adapt(count, begun.elapsed());
        }
    }

    /// The next job takes about [`JOB_TIME`], judged by the last one.
    fn adapt(&mut self, count: usize, took: Duration) {
        let each = took.as_secs_f64() / count.max(1) as f64;
        let wanted = JOB_TIME.as_secs_f64() / each.max(1e-6);
        // Rounding a size of jobs loses nothing.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let wanted = wanted.clamp(JOB_MIN as f64, JOB_MAX as f64) as usize;
        self.job_size = self.job_size.midpoint(wanted).max(JOB_MIN);
    }

    pub(super) fn write_batch(
        &mut self,
        batch: &Arc<Vec<Step>>,
        turn: Turn,
    ) -> Result<usize, RunError> {
        if let Ok(done) = self.job(batch, 0..batch.len(), turn)? {
            return Ok(self.take(done));
        }
        // One of them cannot be stored as it is: each goes alone.
        let mut waits = 0;
        for at in 0..batch.len() {
            match self.job(batch, at..at + 1, turn)? {
                Ok(done) => waits += self.take(done),
                Err(reason) => {
                    let mut reject = rejected(batch[at].reject(&reason));
                    reject.queued = batch[at].queued;
                    let done = self.job(&Arc::new(vec![reject]), 0..1, turn)?;
                    waits += self.take(done.map_err(refused)?);
                }
            }
        }
        Ok(waits)
    }

    pub(super) fn take(&mut self, done: Done) -> usize {
        self.tally.add(&done.tally);
        self.known.extend(done.fresh);
        done.waits
    }

    /// One transaction; or why one of its resources cannot be stored.
    pub(super) fn job(
        &mut self,
        batch: &Arc<Vec<Step>>,
        range: std::ops::Range<usize>,
        turn: Turn,
    ) -> Result<Result<Done, String>, RunError> {
        // The job may be run again and on another thread, so it takes what is known along.
        let known = Arc::new(std::mem::take(&mut self.known));
        let job = Arc::new(Job {
            steps: Arc::clone(batch),
            range,
            known: Arc::clone(&known),
            source: self.plan.source.clone(),
            run: self.id,
            listed: self.tally.rejected,
            turn,
        });
        let outcome = self.bulk(move |work| job.run(work));
        self.known = Arc::try_unwrap(known).unwrap_or_default();
        outcome
    }

    /// One transaction in the class of bulk work; waits while the store is busy or the disk has
    /// too little room, unless the run is stopped.
    pub(super) fn bulk<T: Send + 'static>(
        &self,
        act: impl Fn(&Work<'_>) -> Result<T, Halt> + Clone + Send + 'static,
    ) -> Result<Result<T, String>, RunError> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(RunError::Stopped);
            }
            if self.desk.ladder().is_at(Rung::ImportsPaused) {
                std::thread::sleep(RETRY_AFTER);
                continue;
            }
            match self.desk.write_bulk(self.call, "imports.write", act.clone()) {
                Ok(value) => return Ok(Ok(value)),
                Err(Halt::Store(StoreError::Busy { .. })) => std::thread::sleep(RETRY_AFTER),
                Err(halt) if halt.is_about_one() => return Ok(Err(halt.to_string())),
                Err(Halt::Store(cause)) => return Err(cause.into()),
                Err(Halt::Refused(reason)) => return Ok(Err(reason)),
            }
        }
    }

    /// The same for the run's own rows, which nothing can refuse.
    pub(super) fn note<T: Send + 'static>(
        &self,
        act: impl Fn(&Work<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> Result<T, RunError> {
        self.bulk(move |work| Ok(act(work)?))?.map_err(refused)
    }

    /// An earlier attempt's queues and rejects go: the files are read again from the start.
    fn clear(&self) -> Result<(), RunError> {
        let run = self.id;
        loop {
            let more = self.note(move |work| waiting::clear(work.tx(), run, 500))?;
            if !more {
                return Ok(());
            }
        }
    }

    fn note_progress(&mut self) -> Result<(), RunError> {
        self.note_bytes(self.bytes_total)
    }

    fn note_bytes(&mut self, read: u64) -> Result<(), RunError> {
        let seconds = self.started.elapsed().as_secs_f64();
        self.tally.seconds = seconds;
        self.tally.resources_per_second = self.tally.read_total() as f64 / seconds.max(1e-3);
        self.tally.judge();
        let summary = serde_json::to_string(&self.tally).unwrap_or_default();
        let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let (run, done, total) = (self.id, number(read), number(self.bytes_total));
        self.note(move |work| {
            let sql = "UPDATE import_run SET bytes_done = ?2, bytes_total = ?3, summary = ?4, \
                updated_at = ?5, version = version + 1 WHERE id = ?1";
            let params =
                [run.into(), done.into(), total.into(), summary.as_str().into(), work.now().into()];
            work.tx().execute(sql, &params).map(|_| ())
        })
    }
}

/// A refusal of what is ours: a fault.
fn refused(constraint: String) -> RunError {
    RunError::Store(StoreError::Check { constraint })
}

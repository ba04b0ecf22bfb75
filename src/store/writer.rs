//! The one writer: takes what is queued, runs it in one transaction, makes it durable with one
//! commit, and only then answers.
//!
//! A group first runs without savepoints, which costs little more than half. Only if a closure
//! refuses is the group undone and run again with a savepoint around each; closures have no
//! effects but the transaction's, so that they may be run again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::ask;
use super::deadline::Deadline;
use super::error::StoreError;
use super::queue::{Found, Job};
use super::shared::Shared;
use super::tx::{ReadTx, Tx};
use super::wal::Walkeeper;

const PATIENCE: Duration = Duration::from_millis(500);

/// Owns the only connection that can write.
pub(super) struct Writer {
    conn: Connection,
    deadline: Arc<Deadline>,
    shared: Arc<Shared>,
    wal: Walkeeper,
}

type Group = Vec<Box<dyn Job>>;

/// How the first run of a group ended.
enum Together {
    /// Every closure agreed; the transaction is open and waits for its commit.
    Agreed,
    /// One refused, or the engine gave the transaction up.
    Failed { lost: Option<StoreError> },
}

impl Writer {
    pub(super) fn new(
        conn: Connection,
        deadline: Arc<Deadline>,
        shared: Arc<Shared>,
        wal: Walkeeper,
    ) -> Self {
        Self { conn, deadline, shared, wal }
    }

    /// Works until the queue is closed and empty, then moves the whole WAL into the database.
    pub(super) fn run(mut self) {
        loop {
            match self.shared.queue.wait(PATIENCE) {
                Found::Job(first) => {
                    self.group(first);
                    self.wal.between_groups(&self.conn);
                }
                Found::Quiet => {
                    self.probe();
                    self.wal.in_quiet(&self.conn);
                }
                Found::Closed => break,
            }
        }
        self.wal.at_close(&self.conn);
    }

    /// Looks whether writing works again after it did not, though nobody writes.
    fn probe(&self) {
        let is_forbidden = self.shared.forbidden().is_some();
        if self.shared.unwritable().is_none() || is_forbidden || self.shared.is_full() {
            return;
        }
        // Writes the first page as it is.
        let same = ask::<i64>(&self.conn, "PRAGMA user_version")
            .and_then(|version| {
                self.begin()?;
                self.control(&format!("PRAGMA user_version = {version}"))
            })
            .and_then(|()| self.control("COMMIT"));
        self.roll_back();
        if same.is_ok() {
            self.shared.note_writing(&same);
            tracing::info!("The database can be written again");
        }
    }

    fn group(&mut self, first: Box<dyn Job>) {
        let span = tracing::info_span!("write_group", store.jobs = tracing::field::Empty);
        let _inside = span.enter();
        if let Some(forbidden) = self.shared.forbidden() {
            return first.settle(Err(forbidden));
        }
        if let Err(error) = self.begin() {
            return first.settle(Err(error));
        }
        let mut intake = Intake::new();
        let mut group = Group::new();
        match self.run_together(first, &mut intake, &mut group) {
            Together::Agreed => self.commit_all(group),
            Together::Failed { lost } => {
                self.roll_back();
                // The last one ended the run. If it took the whole transaction down, or has
                // harmed nobody because it was alone, its answer is known already.
                if let Some(cause) = lost {
                    settle_last(&mut group, Err(cause));
                } else if group.len() == 1 {
                    settle_last(&mut group, Ok(()));
                }
                if !group.is_empty() {
                    self.run_apart(group, &mut intake);
                }
            }
        }
    }

    fn run_together(
        &self,
        first: Box<dyn Job>,
        intake: &mut Intake,
        group: &mut Group,
    ) -> Together {
        let mut next = Some(first);
        while let Some(mut job) = next {
            let (agreed, lost) = self.run_one(job.as_mut());
            group.push(job);
            if !agreed || lost.is_some() {
                return Together::Failed { lost };
            }
            next = intake.next(&self.shared, group.len());
        }
        Together::Agreed
    }

    /// Runs each with a savepoint of its own, so that only what refused is undone, and goes on
    /// with what is queued.
    fn run_apart(&mut self, mut group: Group, intake: &mut Intake) {
        if let Err(error) = self.begin() {
            return settle_all(group, &Err(error));
        }
        let mut position = 0;
        while position < group.len() {
            if let Err(lost) = self.run_in_savepoint(group[position].as_mut()) {
                tracing::warn!(store.cause = %lost, "A group was undone; its jobs run one by one");
                self.roll_back();
                group.remove(position).settle(Err(lost));
                return self.run_alone(group);
            }
            position += 1;
            if position == group.len() {
                group.extend(intake.next(&self.shared, position));
            }
        }
        self.commit_all(group);
    }

    fn run_in_savepoint(&self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.control("SAVEPOINT job")?;
        let (agreed, lost) = self.run_one(job);
        if let Some(lost) = lost {
            return Err(lost);
        }
        if !agreed {
            self.control("ROLLBACK TO job")?;
        }
        self.control("RELEASE job")
    }

    /// Each in a transaction of its own, for when one of them takes the whole one down.
    fn run_alone(&mut self, group: Group) {
        for mut job in group {
            if let Err(error) = self.begin() {
                job.settle(Err(error));
                continue;
            }
            match self.run_one(job.as_mut()) {
                (true, None) => {
                    let outcome = self.commit(1);
                    job.settle(outcome);
                }
                (_, lost) => {
                    self.roll_back();
                    job.settle(lost.map_or(Ok(()), Err));
                }
            }
        }
    }

    fn run_one(&self, job: &mut dyn Job) -> (bool, Option<StoreError>) {
        self.deadline.set(self.shared.options.job_time_max);
        let read = ReadTx::new(&self.conn, &self.deadline, &self.shared.damage);
        let tx = Tx::new(read.timed(&self.shared.statements));
        let agreed = job.run(&tx);
        self.deadline.lift();
        let lost = tx.lost();
        if let Some(cause) = &lost {
            self.shared.note_writing(&Err(cause.clone()));
        }
        (agreed, lost)
    }

    fn commit_all(&mut self, group: Group) {
        let outcome = self.commit(group.len());
        if let (Err(StoreError::ForeignKey), true) = (&outcome, 1 < group.len()) {
            // A deferred constraint speaks up at the commit; one job must not fail the others.
            return self.run_alone(group);
        }
        settle_all(group, &outcome);
    }

    fn commit(&mut self, jobs: usize) -> Result<(), StoreError> {
        let started = Instant::now();
        tracing::Span::current().record("store.jobs", jobs);
        match self.control("COMMIT") {
            Ok(()) => {
                tracing::trace!("Committed");
                self.shared.note_writing(&Ok(()));
                self.shared.counts.committed(jobs, started.elapsed());
                self.shared.commits.send_modify(|count| *count += 1);
                Ok(())
            }
            Err(error) => {
                let cause = error.to_string();
                tracing::error!(store.cause = cause, store.jobs = jobs, "A commit failed: {cause}");
                self.roll_back();
                Err(error)
            }
        }
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.control("BEGIN IMMEDIATE")
    }

    fn roll_back(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = self.control("ROLLBACK")
        {
            tracing::error!(store.cause = %error, "A group could not be undone: {error}");
        }
    }

    fn control(&self, sql: &str) -> Result<(), StoreError> {
        let outcome = self.conn.prepare_cached(sql).and_then(|mut statement| {
            statement.raw_execute()?;
            Ok(())
        });
        outcome.map_err(|error| {
            let error = StoreError::from_engine(error, &self.conn);
            self.shared.damage.note(&error);
            self.shared.note_writing(&Err(error.clone()));
            error
        })
    }
}

/// What a group may still take in: so many jobs, or so much time.
struct Intake {
    started: Instant,
    bulk_taken: bool,
}

impl Intake {
    fn new() -> Self {
        Self { started: Instant::now(), bulk_taken: false }
    }

    /// The next job of a group that has `taken` already. A full group takes one more, of bulk,
    /// so that imports go on however many people write.
    fn next(&mut self, shared: &Shared, taken: usize) -> Option<Box<dyn Job>> {
        let options = &shared.options;
        if taken < options.group_max && self.started.elapsed() < options.group_time {
            return shared.queue.next();
        }
        if self.bulk_taken {
            return None;
        }
        self.bulk_taken = true;
        shared.queue.next_bulk()
    }
}

fn settle_last(group: &mut Group, outcome: Result<(), StoreError>) {
    if let Some(job) = group.pop() {
        job.settle(outcome);
    }
}

fn settle_all(group: Group, outcome: &Result<(), StoreError>) {
    for job in group {
        job.settle(outcome.clone());
    }
}

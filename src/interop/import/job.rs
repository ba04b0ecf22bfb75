//! One transaction of an import.

use std::sync::Arc;

use super::claims::Scope;
use super::links::Known;
use super::place::{Bench, Placed};
use super::step::{Step, What};
use super::tally::Tally;
use super::waiting;
use crate::interop::fhir::{Kind, Mapped};
use crate::interop::source::Reject;
use crate::platform::ledger::Work;
use crate::store::StoreError;

/// Rejects that are listed; more are only counted.
const REJECTS_MAX: u64 = 100_000;

/// Why a transaction of an import was undone.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halt {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One resource was refused when a part of it was written.
    #[error("{0}")]
    Refused(String),
}

impl Halt {
    /// Whether it is about one resource, so that the others can go in without it.
    pub(super) fn is_about_one(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::Store(
                    StoreError::Unique { .. }
                        | StoreError::ForeignKey
                        | StoreError::Check { .. }
                        | StoreError::NotNull { .. }
                )
        )
    }
}

/// How often a resource has been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It was just read: what it belongs to may still come.
    First,
    /// Everything is read: what it belongs to may be there by now.
    Again,
    /// What is still missing stays missing.
    Last,
}

/// What one job has done.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What became of its resources.
    pub(super) tally: Tally,
    /// The links it made.
    pub(super) fresh: Vec<(Kind, String, i64)>,
    /// How many of them still wait.
    pub(super) waits: usize,
}

/// What one transaction needs, owned, so that it can be run again.
pub(super) struct Job {
    pub(super) steps: Arc<Vec<Step>>,
    pub(super) range: std::ops::Range<usize>,
    pub(super) known: Arc<Known>,
    pub(super) source: String,
    pub(super) run: i64,
    pub(super) listed: u64,
    pub(super) turn: Turn,
}

impl Job {
    /// Places every step.
    ///
    /// # Errors
    /// What the store says; a half-written resource. Nothing is written then.
    pub(super) fn run(&self, work: &Work<'_>) -> Result<Done, Halt> {
        let scope = Scope { source: &self.source, run: self.run, turn: self.turn };
        let bench = Bench::new(work, scope, &self.known);
        let mut done = Done::default();
        for step in &self.steps[self.range.clone()] {
            let before = done.waits;
            match &step.what {
                What::LeftOut { kind, reason } => done.tally.leave_out(kind, reason),
                What::Rejected(reject) => self.reject(work, reject, &mut done)?,
                What::Record(mapped) => {
                    self.place(work, &bench, (step, mapped), &mut done)?;
                }
            }
            if let Some(place) = step.queued
                && done.waits == before
            {
                waiting::done(work.tx(), self.run, place)?;
            }
        }
        done.fresh = bench.fresh();
        Ok(done)
    }

    fn place(
        &self,
        work: &Work<'_>,
        bench: &Bench<'_>,
        (step, mapped): (&Step, &Mapped),
        done: &mut Done,
    ) -> Result<(), Halt> {
        let kind = mapped.kind.fhir();
        let placed = bench.place(mapped)?;
        for open in bench.waiting() {
            waiting::keep_link(work.tx(), self.run, &open)?;
        }
        match placed {
            Placed::Stored => Tally::bump(&mut done.tally.stored, kind),
            Placed::Updated => Tally::bump(&mut done.tally.updated, kind),
            Placed::Unchanged => Tally::bump(&mut done.tally.unchanged, kind),
            Placed::Waits => {
                if step.queued.is_none() {
                    waiting::keep(work.tx(), self.run, step)?;
                }
                done.waits += 1;
                return Ok(());
            }
            Placed::Rejected(reason) => self.reject(work, &step.reject(&reason), done)?,
        }
        done.tally.leave_out_parts(&mapped.left_out);
        done.tally.note_taken(bench.identifiers_taken(), kind, &step.piece);
        Ok(())
    }

    fn reject(&self, work: &Work<'_>, reject: &Reject, done: &mut Done) -> Result<(), StoreError> {
        done.tally.rejected += 1;
        if REJECTS_MAX < self.listed + done.tally.rejected {
            return Ok(());
        }
        let sql = "INSERT INTO import_reject \
            (id, run_id, file, line, resource, reason, created_at, updated_at) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
        let line = reject.line.and_then(|line| i64::try_from(line).ok());
        let params = [
            work.new_id().into(),
            self.run.into(),
            reject.file.as_str().into(),
            line.into(),
            reject.resource.clone().into(),
            reject.reason.as_str().into(),
            work.now().into(),
        ];
        work.tx().execute(sql, &params)?;
        Ok(())
    }
}

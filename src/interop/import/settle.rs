//! What waited, settled: resources that came before the thing they belong to, and fields that
//! wait for a record to point to.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::claims::Scope;
use super::job::Turn;
use super::links;
use super::run::{CHUNK_PIECES, DEADLINE, JOB_MAX, Run, RunError};
use super::step::{Step, steps_of};
use super::waiting::{self, WaitingLink};
use crate::platform::ledger::Work;
use crate::store::StoreError;

impl Run<'_> {
    /// What waited is tried again, as long as that helps; then for the last time.
    pub(super) fn settle(&mut self) -> Result<(), RunError> {
        while 0 < self.settle_once(Turn::Again)? {}
        self.settle_once(Turn::Last)?;
        Ok(())
    }

    fn settle_once(&mut self, turn: Turn) -> Result<usize, RunError> {
        let (mut after, mut placed) = (0, 0);
        loop {
            let most = i64::try_from(CHUNK_PIECES).unwrap_or(1_000);
            let run = self.id;
            let rows =
                self.desk.store().read(DEADLINE, |tx| waiting::next(tx, run, after, most))?;
            let Some(end) = rows.last().map(|row| row.position) else { return Ok(placed) };
            let source = self.plan.source.as_str();
            let steps: Vec<Step> = rows
                .into_par_iter()
                .flat_map_iter(|row| {
                    let queued = Some(row.position);
                    steps_of(row.piece, source).map(move |step| Step { queued, ..step })
                })
                .collect();
            let count = steps.len();
            placed += count - self.write(steps, turn)?.min(count);
            after = end;
        }
    }

    /// Fields that waited for a record are filled, or stay empty and are counted.
    pub(super) fn settle_links(&mut self) -> Result<(), RunError> {
        let run = self.id;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(RunError::Stopped);
            }
            let most = i64::try_from(JOB_MAX).unwrap_or(400);
            let rows =
                self.desk.store().read(DEADLINE, |tx| waiting::next_links(tx, run, 0, most))?;
            let Some(end) = rows.last().map(|row| row.position) else { return Ok(()) };
            let source = self.plan.source.clone();
            let rows = Arc::new(rows);
            let missing = self.note(move |work| {
                let mut missing = Vec::new();
                for row in rows.iter() {
                    let scope = Scope { source: &source, run, turn: Turn::Last };
                    if !fill(work, scope, row)? {
                        missing.push(format!(
                            "{}.{} (not found)",
                            row.kind,
                            links::plain(&row.field)
                        ));
                    }
                }
                waiting::forget_links(work.tx(), run, end)?;
                Ok(missing)
            })?;
            self.tally.leave_out_parts(&missing);
        }
    }
}

fn fill(work: &Work<'_>, scope: Scope<'_>, row: &WaitingLink) -> Result<bool, StoreError> {
    let resource = crate::domain::ALL.iter().find(|resource| resource.path == row.kind);
    let Some(resource) = resource else { return Ok(false) };
    let (wanted, said) = waiting::from_text(&row.field, &row.target);
    for link in wanted {
        if let Some(target) = links::resolve(work.tx(), scope, &|_, _| None, &link)? {
            return links::fill(work, resource, row.record, (&row.field, said.as_ref()), target);
        }
    }
    Ok(false)
}

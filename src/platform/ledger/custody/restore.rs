//! Reads an archive back into the place where its rows were.

use std::path::Path;

use super::archive::{self, ArchiveFlaw};
use super::stubs::{self, Stub, StubState};
use super::{Custodian, CustodyError, DEADLINE, RESTORE, Stopping};
use crate::platform::ledger::audit::{self, Entry, Seen};
use crate::platform::ledger::rows::AuditRow;
use crate::store::{Class, StoreError};
use crate::vocab::actor::Call;

use super::prune::Step;

/// Rows that come back in one job.
const BATCH: usize = 128;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// Rows that are in the audit again.
    pub rows: i64,
    /// Which, from and to.
    pub span: (i64, i64),
}

impl From<ArchiveFlaw> for CustodyError {
    fn from(flaw: ArchiveFlaw) -> Self {
        Self::Archive(flaw)
    }
}

impl Custodian {
    pub(super) fn restore_now(
        &self,
        path: &Path,
        call: &Call,
        stop: Stopping<'_>,
    ) -> Result<Restored, CustodyError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // All of it before anything comes back.
        let manifest = archive::read::<ArchiveFlaw>(path, |_| Ok(()))?;
        let stubs = self.store().read(DEADLINE, stubs::all)?;
        let stub = stubs.into_iter().find(|stub| stub.first_id == manifest.first_id);
        let Some(stub) = stub else { return Err(CustodyError::NotPruned { file: name }) };
        if !stub.fits(&manifest) {
            return Err(CustodyError::ForeignArchive { file: name });
        }
        let first = stub.first_id;
        self.store().write_blocking::<_, StoreError>(Class::Bulk, move |tx| {
            Stub::set_state(tx, first, StubState::Restoring)
        })?;
        let (mut piece, mut done) = (Vec::with_capacity(BATCH), 0);
        archive::read::<CustodyError>(path, |row| {
            piece.push(row);
            if piece.len() == BATCH {
                stop.ask(Step::Write)?;
                done += self.insert(std::mem::take(&mut piece))?;
                stop.told(done);
            }
            Ok(())
        })?;
        self.insert(piece)?;
        stop.ask(Step::Finish)?;
        self.unseal(&stub, call)?;
        Ok(Restored { rows: stub.rows(), span: (stub.first_id, stub.last_id) })
    }

    /// Writes those of `rows` that are not back yet.
    fn insert(&self, rows: Vec<AuditRow>) -> Result<i64, StoreError> {
        let count = i64::try_from(rows.len()).unwrap_or(0);
        self.store().write_blocking::<_, StoreError>(Class::Bulk, move |tx| {
            for row in &rows {
                let there = "SELECT 1 FROM audit WHERE id = ?1";
                if tx.opt(there, &[row.id.into()], |_| Ok(()))?.is_none() {
                    audit::insert(tx, &row.link(), &row.hash)?;
                }
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// Takes the stub away, with an audit row of it, if all rows are back.
    fn unseal(&self, stub: &Stub, call: &Call) -> Result<(), CustodyError> {
        let (stub, call, now) = (stub.clone(), call.clone(), self.now());
        self.store().write_blocking(Class::Bulk, move |tx| {
            let sql = "SELECT count(*) FROM audit WHERE id BETWEEN ?1 AND ?2";
            let ends = [stub.first_id.into(), stub.last_id.into()];
            if tx.one(sql, &ends, |row| row.get::<i64>(0))? != stub.rows() {
                return Err(CustodyError::NotWhole { row: stub.first_id });
            }
            Stub::remove(tx, stub.first_id)?;
            let detail = Some(format!("rows {} to {}", stub.first_id, stub.last_id));
            let seen = Seen { kind: "audit", id: None, patient: None, detail };
            audit::append_one(tx, &Entry::new(&call, now, RESTORE, seen))?;
            Ok(())
        })
    }
}

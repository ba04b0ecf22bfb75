//! Proves that the audit is whole: every row from the first one on, in the store and in the
//! archives, against its hash, the stubs against the rows that seal them, and all of it against
//! the anchors. It stops at the first thing that is wrong and names it.
//!
//! Rows are read in short pieces, each in a snapshot of its own, so that a walk through many
//! million rows holds nobody up and pins no log. Rows are only ever added meanwhile: what moves
//! them waits ([`super::Custodian`] does one thing at a time).

use std::collections::{HashMap, HashSet};
use std::iter::Peekable;

use serde::Serialize;

use super::anchors::{Anchor, Anchored, FILE};
use super::archive::{self, ArchiveFlaw, Archives};
use super::diagnose::diagnose;
use super::source::Source;
use super::stubs::{self, Stub};
use super::{CustodyError, PRUNE};
use crate::platform::ledger::rows::{self, AuditRow};
use crate::store::{ReadTx, StoreError};
use crate::vocab::digest::hex;

/// Rows read at a time: about ten milliseconds.
pub(super) const PAGE: i64 = 2_000;

/// What sort of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawKind {
    /// A row is not as it was written.
    Changed,
    /// A row is gone.
    Removed,
    /// Two rows stand in each other's place.
    Reordered,
    /// A row was put in between.
    Inserted,
    /// Rows are gone at the end.
    CutOff,
    /// An anchor says otherwise: the chain was made anew, or the anchors were changed.
    Anchor,
    /// An archive is missing, damaged or another one.
    Archive,
    /// A stub was changed, or nobody has pruned what it stands for.
    Stub,
    /// Pages of the database do not match their seals; the rows are as they were written.
    Damaged,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// What sort of thing.
    pub kind: FlawKind,
    /// The row it is about, where it is one.
    pub row: Option<i64>,
    /// In words.
    pub told: String,
}

impl Flaw {
    pub(super) fn new(
        kind: FlawKind,
        row: impl Into<Option<i64>>,
        told: impl Into<String>,
    ) -> Self {
        Self { kind, row: row.into(), told: told.into() }
    }
}

impl From<ArchiveFlaw> for Flaw {
    fn from(flaw: ArchiveFlaw) -> Self {
        Self::new(FlawKind::Archive, flaw.row(), format!("{flaw}."))
    }
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Rows that hold together, from the first one on.
    pub rows: i64,
    /// The row at which it ends to hold.
    pub broken: Option<i64>,
    /// What is wrong; nothing if all is whole.
    pub flaw: Option<Flaw>,
    /// The hash of the last row that holds, in hexadecimal digits.
    pub hash: String,
    /// Archives that were read.
    pub archives: usize,
    /// Anchors that it was compared with.
    pub anchors: usize,
}

/// Why a walk does not go on.
pub(super) enum Stop {
    Flaw(Flaw),
    Custody(CustodyError),
}

impl From<StoreError> for Stop {
    fn from(cause: StoreError) -> Self {
        Self::Custody(cause.into())
    }
}

impl From<ArchiveFlaw> for Stop {
    fn from(flaw: ArchiveFlaw) -> Self {
        Self::Flaw(flaw.into())
    }
}

/// Walks the rows that are in the store of `tx`, in one snapshot, without archives and anchors:
/// for tests and tools over a small audit.
///
/// # Errors
/// What the store says.
pub fn verify(tx: &ReadTx<'_>) -> Result<Verdict, StoreError> {
    let mut walk = Walk::new(&[], &[]);
    let flaw = loop {
        let page = rows::between(tx, (walk.expected, i64::MAX), 2 * PAGE)?;
        if page.is_empty() {
            break None;
        }
        // Twice as many as are stepped over, so that a flaw is seen with what follows it.
        let steps = if page.len() as i64 <= PAGE { page.len() } else { page.len() / 2 };
        if let Err(flaw) = walk.page(&page, steps) {
            break Some(flaw);
        }
    };
    Ok(walk.verdict(flaw, 0, 0))
}

/// What is compared and where it lies.
pub(super) struct Whole<'a, S> {
    pub(super) source: &'a S,
    pub(super) archives: &'a Archives,
    pub(super) anchored: Anchored,
    /// Anchors that were kept elsewhere, as lines on paper.
    pub(super) printed: Vec<Anchor>,
    /// Told how many rows of how many are done; says whether to go on.
    pub(super) go_on: &'a dyn Fn(i64, i64) -> bool,
}

impl<S: Source> Whole<'_, S> {
    /// Walks all of it.
    ///
    /// # Errors
    /// It was told not to go on; what the store says.
    pub(super) fn verify(self) -> Result<Verdict, CustodyError> {
        let (stubs, until, foreign) = self.source.read(|tx| {
            let until = rows::newest(tx)?.map_or(0, |(id, _)| id);
            let foreign = "SELECT max(id) FROM audit WHERE id < 1";
            let foreign = tx.one(foreign, &[], |row| row.get::<Option<i64>>(0))?;
            Ok::<_, StoreError>((stubs::all(tx)?, until, foreign))
        })?;
        let anchors: Vec<Anchor> =
            self.anchored.anchors.iter().chain(&self.printed).cloned().collect();
        let mut walk = Walk::new(&stubs, &anchors);
        let outcome = match foreign {
            Some(row) => Err(Stop::Flaw(Flaw::new(
                FlawKind::Inserted,
                row,
                format!("Row {row} was inserted: rows are numbered from 1."),
            ))),
            None => self.walk(&mut walk, stubs.iter().peekable(), until),
        };
        let flaw = match outcome.and_then(|()| self.end(&walk)) {
            Ok(()) => None,
            Err(Stop::Flaw(flaw)) => Some(flaw),
            Err(Stop::Custody(cause)) => return Err(cause),
        };
        Ok(walk.verdict(flaw, stubs.len(), anchors.len()))
    }

    fn walk<'s>(
        &self,
        walk: &mut Walk,
        mut stubs: Peekable<impl Iterator<Item = &'s Stub>>,
        until: i64,
    ) -> Result<(), Stop> {
        loop {
            if !(self.go_on)(walk.rows, until) {
                return Err(Stop::Custody(CustodyError::Stopped));
            }
            let end = match stubs.peek() {
                Some(stub) if stub.first_id <= walk.expected => {
                    self.archived(walk, stub)?;
                    stubs.next();
                    continue;
                }
                Some(stub) => until.min(stub.first_id - 1),
                None if until < walk.expected => return Ok(()),
                None => until,
            };
            let span = (walk.expected, end);
            let page = self.source.read(|tx| rows::between(tx, span, PAGE))?;
            if page.is_empty() {
                let missing = stubs.peek().map_or(end, |stub| stub.first_id - 1);
                return Err(Stop::Flaw(removed(walk.expected, missing)));
            }
            if let Err(flaw) = walk.page(&page, page.len()) {
                // Seen once more, with what follows: only so can it be told what was done.
                let from = (walk.expected, i64::MAX);
                let after = self.source.read(|tx| rows::between(tx, from, 2 * PAGE))?;
                let told = walk.page(&after, after.len()).err();
                return Err(Stop::Flaw(told.unwrap_or(flaw)));
            }
        }
    }

    /// The rows that `stub` stands for, in its archive; those that are in the store as well must
    /// be the same.
    fn archived(&self, walk: &mut Walk, stub: &Stub) -> Result<(), Stop> {
        let forged = |told: &str| {
            let rows = format!("rows {} to {}", stub.first_id, stub.last_id);
            Stop::Flaw(Flaw::new(
                FlawKind::Stub,
                stub.first_id,
                format!("The stub of {rows} {told}."),
            ))
        };
        if stub.own_seal()[..] != *stub.seal {
            return Err(forged("was changed"));
        }
        if stub.first_id != walk.expected || stub.before != walk.before {
            return Err(forged("does not follow the row before it"));
        }
        let span = (stub.first_id, stub.last_id);
        let partly = !self.source.read(|tx| rows::between(tx, span, 1))?.is_empty();
        let mut piece = Vec::new();
        let path = self.archives.path(&stub.file);
        let manifest = archive::read::<Stop>(&path, |row| {
            walk.accept(&row).map_err(Stop::Flaw)?;
            piece.push(row);
            if piece.len() as i64 == PAGE {
                if !(self.go_on)(walk.rows, stub.last_id) {
                    return Err(Stop::Custody(CustodyError::Stopped));
                }
                self.compare(partly, &mut piece)?;
            }
            Ok(())
        })?;
        self.compare(partly, &mut piece)?;
        if !stub.fits(&manifest) {
            let told = format!("The archive {} is not the one that was written.", stub.file);
            return Err(Stop::Flaw(Flaw::new(FlawKind::Archive, stub.first_id, told)));
        }
        Ok(())
    }

    /// What is in the store beside the archive, because it is on its way, is the same.
    fn compare(&self, partly: bool, piece: &mut Vec<AuditRow>) -> Result<(), Stop> {
        let archived = std::mem::take(piece);
        let (Some(first), Some(last), true) = (archived.first(), archived.last(), partly) else {
            return Ok(());
        };
        let span = (first.id, last.id);
        let there = self.source.read(|tx| rows::between(tx, span, PAGE))?;
        let same = |row: &&AuditRow| archived.binary_search_by_key(&row.id, |it| it.id);
        for row in &there {
            if same(&row).ok().is_none_or(|at| archived[at] != *row) {
                let told = format!("Row {} is not the one that its archive holds.", row.id);
                return Err(Stop::Flaw(Flaw::new(FlawKind::Changed, row.id, told)));
            }
        }
        Ok(())
    }

    /// What is left when all rows were seen.
    fn end(&self, walk: &Walk) -> Result<(), Stop> {
        if let Some(line) = self.anchored.damaged.first() {
            let told = format!("Line {line} of {FILE} was changed: it is no anchor.");
            return Err(Stop::Flaw(Flaw::new(FlawKind::Anchor, None, told)));
        }
        if let Some(anchor) = walk.anchors.values().flatten().max_by_key(|anchor| anchor.id) {
            let (first, told) = (walk.expected, anchor.line());
            let told =
                format!("Rows {first} to {} were cut off: see the anchor {told}.", anchor.id);
            return Err(Stop::Flaw(Flaw::new(FlawKind::CutOff, first, told)));
        }
        if let Some(row) = walk.seals.keys().min() {
            let told = format!("A stub says that row {row} seals it, and there is no such row.");
            return Err(Stop::Flaw(Flaw::new(FlawKind::Stub, *row, told)));
        }
        Ok(())
    }
}

pub(super) fn removed(first: i64, last: i64) -> Flaw {
    let told = if first == last {
        format!("Row {first} was removed.")
    } else {
        format!("Rows {first} to {last} were removed.")
    };
    Flaw::new(FlawKind::Removed, first, told)
}

/// How far a walk has come.
pub(super) struct Walk {
    expected: i64,
    before: Vec<u8>,
    form: i64,
    rows: i64,
    /// Anchors that were not met yet.
    anchors: HashMap<i64, Vec<Anchor>>,
    /// What rows must say that were not met yet.
    seals: HashMap<i64, HashSet<String>>,
}

impl Walk {
    fn new(stubs: &[Stub], anchors: &[Anchor]) -> Self {
        let mut by_id: HashMap<i64, Vec<Anchor>> = HashMap::new();
        for anchor in anchors {
            by_id.entry(anchor.id).or_default().push(anchor.clone());
        }
        let mut seals: HashMap<i64, HashSet<String>> = HashMap::new();
        for stub in stubs {
            seals.entry(stub.sealed_by).or_default().insert(stub.detail());
        }
        Self { expected: 1, before: Vec::new(), form: 1, rows: 0, anchors: by_id, seals }
    }

    /// The first `steps` rows of `page`, which begins at the next row.
    fn page(&mut self, page: &[AuditRow], steps: usize) -> Result<(), Flaw> {
        for (at, row) in page.iter().enumerate().take(steps) {
            let place = (self.before.as_slice(), self.form);
            if row.id != self.expected || !row.link().fits(place, &row.hash) {
                return Err(diagnose(place, self.expected, &page[at..]));
            }
            self.accept(row)?;
        }
        Ok(())
    }

    /// A row that is known to stand in the chain.
    fn accept(&mut self, row: &AuditRow) -> Result<(), Flaw> {
        for anchor in self.anchors.get(&row.id).into_iter().flatten() {
            if anchor.hash != row.hash {
                let told = format!(
                    "The audit was made anew, from row {} on or before it, or the anchor was \
                     changed: {} says another hash than the row has.",
                    row.id,
                    anchor.line()
                );
                return Err(Flaw::new(FlawKind::Anchor, row.id, told));
            }
        }
        for detail in self.seals.get(&row.id).into_iter().flatten() {
            if row.act != PRUNE || row.detail.as_ref() != Some(detail) {
                let told = format!("A stub says that row {} seals it, and it does not.", row.id);
                return Err(Flaw::new(FlawKind::Stub, row.id, told));
            }
        }
        self.anchors.remove(&row.id);
        self.seals.remove(&row.id);
        (self.expected, self.form) = (row.id + 1, row.form);
        self.before.clone_from(&row.hash);
        self.rows += 1;
        Ok(())
    }

    fn verdict(self, flaw: Option<Flaw>, archives: usize, anchors: usize) -> Verdict {
        let broken = flaw.as_ref().map(|flaw| flaw.row.unwrap_or(self.expected));
        Verdict { rows: self.rows, broken, flaw, hash: hex(&self.before), archives, anchors }
    }
}

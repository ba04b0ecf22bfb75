//! Everything that changes the index: commits, and what is done when they fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tantivy::TantivyError;

use super::SearchError;
use super::engine::Search;
use super::index::{Generations, Served, Writer};
use super::keys::Keys;
use super::overlay::Pending;
use super::rebuild::Build;

/// The overlay never holds many more cards than this: putting another commits them.
pub(super) const PENDING_MAX: usize = 4096;
/// An index of up to this size is read and verified when it is opened, a bigger one before
/// it is written to for the first time, so that a server with millions of cards starts at
/// once. Unverified files are never written on: the engine may end the process over them.
const VERIFIED_AT_OPEN_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The position alone, without a card, is written only when it has moved this far.
const POSITION_STEP: u64 = 1024;

/// What only one thread at a time may touch.
#[derive(Default)]
pub(super) struct Writing {
    pub(super) writer: Option<Writer>,
    pub(super) build: Option<Build>,
    /// The checksums of the served index are right.
    pub(super) verified: bool,
    pub(super) closed: bool,
}

impl Writing {
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.writer = None;
        self.build = None;
    }
}

/// An empty index in memory, served while there is none on disk.
#[expect(clippy::expect_used, reason = "an empty index in memory needs nothing that can fail")]
pub(super) fn stopgap() -> Served {
    Served::in_memory().expect("an empty index in memory can be made")
}

/// The index on disk with its position, and whether it has been verified; `None` if there is
/// none that can be served.
pub(super) fn open_current(generations: &Generations) -> Option<(Served, u64, bool)> {
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let Some(folder) = generations.current().map_err(|cause| cause.to_string())? else {
            return Ok(None);
        };
        let (served, seq) = Served::open(folder.clone()).map_err(|cause| cause.to_string())?;
        let small = served.bytes() <= VERIFIED_AT_OPEN_BYTES_MAX;
        if small {
            served.verify()?;
        }
        generations.sweep(&folder);
        Ok(Some((served, seq, small)))
    }));
    let cause = match opened {
        Ok(Ok(Some(opened))) => return Some(opened),
        Ok(Ok(None)) => {
            tracing::info!("There is no search index yet; it is built from the store");
            return None;
        }
        Ok(Err(cause)) => cause,
        Err(_) => "it cannot be decoded".to_owned(),
    };
    tracing::warn!(cause, "The search index will be rebuilt from the store");
    None
}

impl Search {
    /// Asks for a rebuild if somebody has removed the served index from the disk, or cut one of
    /// its files. What is open of a removed one still answers until then.
    pub fn notice_loss(&self) {
        let served = self.served();
        let is_removed = served.folder.as_ref().is_some_and(|it| !Served::is_in(it));
        if is_removed && !self.0.needs_rebuild.swap(true, Ordering::AcqRel) {
            tracing::error!("The search index was removed from the disk and will be rebuilt");
        }
        let is_cut = served.expect_whole().is_err() || served.is_shorter();
        if is_cut && !self.0.damaged.swap(true, Ordering::AcqRel) {
            tracing::error!("A file of the search index was cut short; it will be rebuilt");
        }
    }

    /// Commits because too much waits.
    pub(super) fn make_room(&self) {
        let mut writing = self.writing();
        let waiting = self.overlay().len();
        if waiting < PENDING_MAX || writing.closed {
            return; // Another thread has committed while this one waited.
        }
        // No new position is claimed: a change before those that wait may not be put yet.
        let committed = self.0.committed.load(Ordering::Acquire);
        if let Err(cause) = self.write_pending(&mut writing, committed)
            && 2 * PENDING_MAX <= waiting
        {
            tracing::error!(%cause, "Too many cards wait; the search index will be rebuilt");
            self.overlay_mut().clear();
            self.0.needs_rebuild.store(true, Ordering::Release);
            if let Some(build) = &mut writing.build {
                build.incomplete = true;
            }
        }
    }

    /// Writes what waits in the overlay and commits all with a position.
    pub(super) fn write_pending(&self, writing: &mut Writing, seq: u64) -> Result<(), SearchError> {
        if writing.closed {
            return Err(SearchError::Closed);
        }
        self.take_damaged_away(writing);
        let pending = self.overlay().pending();
        let committed = self.0.committed.load(Ordering::Acquire);
        let seq = seq.max(committed);
        if pending.is_empty() && seq - committed < POSITION_STEP {
            return Ok(());
        }
        if let Err(cause) = self.try_commit(writing, &pending, seq) {
            let cause = cause.to_string();
            self.failed(writing, &cause);
            return Err(SearchError::Write { cause });
        }
        self.overlay_mut().remove(&pending);
        // A stopgap is gone after a crash: everything has to come again.
        if !self.serves_stopgap() {
            self.0.committed.store(seq, Ordering::Release);
        }
        Ok(())
    }

    fn try_commit(
        &self,
        writing: &mut Writing,
        pending: &[Pending],
        seq: u64,
    ) -> tantivy::Result<()> {
        for card in pending {
            self.try_write(writing, card.id, card.keys.as_deref())?;
        }
        self.writer(writing)?.commit(seq)?;
        let served = self.served();
        served.reload()?;
        served.expect_whole().map_err(|cause| TantivyError::SystemError(cause.into()))
    }

    /// Writes one card to the served index and to the one that is being built.
    fn try_write(
        &self,
        writing: &mut Writing,
        id: i64,
        keys: Option<&Keys>,
    ) -> tantivy::Result<()> {
        self.writer(writing)?.put(id, keys)?;
        if let Some(build) = &mut writing.build
            && let Err(cause) = build.put(id, keys)
        {
            // The served index is not to suffer from it; whoever builds will be told.
            tracing::error!(%cause, "The new search index cannot be written");
            writing.build = None;
        }
        Ok(())
    }

    fn writer<'a>(&self, writing: &'a mut Writing) -> tantivy::Result<&'a mut Writer> {
        match &mut writing.writer {
            Some(writer) => Ok(writer),
            none => {
                let writer = self.served().writer(self.0.heap_bytes / 2)?;
                Ok(none.insert(writer))
            }
        }
    }

    /// Takes stock after a failed write: the writer is of no more use, and what it had not
    /// committed is gone with it.
    fn failed(&self, writing: &mut Writing, cause: &str) {
        writing.writer = None;
        tracing::error!(cause, "The search index cannot be written");
        // A full disk passes, a damaged file does not.
        writing.verified = false;
        self.take_damaged_away(writing);
    }

    /// Serves an empty index instead of a damaged one. Verifies one that nobody has yet.
    fn take_damaged_away(&self, writing: &mut Writing) {
        if !std::mem::replace(&mut writing.verified, true)
            && let Err(cause) = self.served().verify()
        {
            tracing::error!(cause, "The search index is damaged and will be rebuilt");
            self.0.damaged.store(true, Ordering::Release);
        }
        if !self.0.damaged.load(Ordering::Acquire) {
            return;
        }
        writing.writer = None;
        if let Some(generations) = &self.0.generations {
            generations.forget_current();
        }
        self.0.needs_rebuild.store(true, Ordering::Release);
        self.0.committed.store(0, Ordering::Release);
        self.serve(stopgap());
        self.0.damaged.store(false, Ordering::Release);
    }

    pub(super) fn serve(&self, index: Served) {
        let mut served = self.0.served.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *served = Arc::new(index);
    }

    fn serves_stopgap(&self) -> bool {
        self.0.generations.is_some() && self.served().folder.is_none()
    }
}

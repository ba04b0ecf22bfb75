//! Building a complete index beside the served one, from the store, while it serves.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::atomic::Ordering;

use super::engine::Search;
use super::index::{Served, Writer};
use super::keys::Keys;
use super::writing::Writing;
use super::{Card, SearchError};

/// The index that is being built.
pub(super) struct Build {
    served: Served,
    writer: Writer,
    /// Cards that were put meanwhile. They are newer than what the store is read for.
    newer: HashSet<i64>,
    /// Something that was put meanwhile is lost.
    pub(super) incomplete: bool,
}

impl Build {
    /// Takes a card that was put meanwhile.
    pub(super) fn put(&mut self, id: i64, keys: Option<&Keys>) -> tantivy::Result<()> {
        self.newer.insert(id);
        self.writer.put(id, keys)
    }
}

/// A rebuild under way: give it every card there is, then [`Self::finish`]. Dropping it
/// leaves everything as it was.
#[must_use = "dropping a rebuild gives it up"]
pub struct Rebuild {
    search: Search,
    done: bool,
}

impl Search {
    /// Starts to build a complete index beside the served one. Queries go on and say so;
    /// cards that are put meanwhile get into both.
    ///
    /// Read the store *after* this call: changes from now on are put, those before are read.
    ///
    /// # Errors
    /// [`SearchError::RebuildRunning`], [`SearchError::Closed`], [`SearchError::Write`].
    pub fn begin_rebuild(&self) -> Result<Rebuild, SearchError> {
        let mut writing = self.writing();
        if writing.closed {
            return Err(SearchError::Closed);
        }
        if self.0.rebuilding.load(Ordering::Acquire) {
            return Err(SearchError::RebuildRunning);
        }
        let served = match &self.0.generations {
            Some(generations) => {
                Served::create(generations.create_next().map_err(failed)?).map_err(failed)?
            }
            None => Served::in_memory().map_err(failed)?,
        };
        let writer = served.writer(self.0.heap_bytes / 2).map_err(failed)?;
        writing.build = Some(Build { served, writer, newer: HashSet::new(), incomplete: false });
        self.0.rebuilding.store(true, Ordering::Release);
        Ok(Rebuild { search: self.clone(), done: false })
    }
}

impl Rebuild {
    /// Adds cards from the store, some hundreds at a time, each card once.
    ///
    /// # Errors
    /// [`SearchError::Write`] or [`SearchError::Closed`]: the rebuild cannot go on.
    pub fn put(&self, cards: &[Card]) -> Result<(), SearchError> {
        let present = cards.iter().filter(|card| !card.gone);
        let keyed = present.map(|card| (card.id, Keys::of(card))).collect::<Vec<_>>();
        let mut writing = self.search.writing();
        let build = building(&mut writing)?;
        let outcome = keyed
            .iter()
            .filter(|(id, _)| !build.newer.contains(id))
            .try_for_each(|(id, keys)| build.writer.add(*id, keys));
        if outcome.is_err() {
            writing.build = None;
        }
        outcome.map_err(failed)
    }

    /// Serves the new index instead of the old one, which is removed. `seq` says, as in
    /// [`Search::commit`], up to where all changes have been read or put.
    ///
    /// # Errors
    /// [`SearchError::Write`] or [`SearchError::Closed`]: the old index stays.
    pub fn finish(mut self, seq: u64) -> Result<(), SearchError> {
        let search = self.search.clone();
        let mut writing = search.writing();
        building(&mut writing)?;
        let Some(mut build) = writing.build.take() else { return Err(SearchError::Closed) };
        self.done = true;
        let outcome = search.complete(&mut build, seq);
        if outcome.is_err() {
            give_up(build);
        } else {
            search.serve_built(&mut writing, build, seq);
        }
        search.0.rebuilding.store(false, Ordering::Release);
        outcome
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if !self.done {
            let build = self.search.writing().build.take();
            if let Some(build) = build {
                give_up(build);
            }
            self.search.0.rebuilding.store(false, Ordering::Release);
        }
    }
}

impl Search {
    /// Makes the new index durable, and the one that is opened after a restart.
    fn complete(&self, build: &mut Build, seq: u64) -> Result<(), SearchError> {
        // What waits stays in the overlay and is written once more with the next commit.
        for card in self.overlay().pending() {
            build.writer.put(card.id, card.keys.as_deref()).map_err(failed)?;
        }
        build.writer.commit(seq).map_err(failed)?;
        build.served.reload().map_err(failed)?;
        if let (Some(generations), Some(folder)) = (&self.0.generations, &build.served.folder) {
            generations.point_to(folder).map_err(failed)?;
        }
        Ok(())
    }

    fn serve_built(&self, writing: &mut Writing, build: Build, seq: u64) {
        let folder = build.served.folder.clone();
        writing.writer = Some(build.writer);
        writing.verified = true;
        self.serve(build.served);
        self.0.committed.store(seq, Ordering::Release);
        self.0.damaged.store(false, Ordering::Release);
        self.0.needs_rebuild.store(build.incomplete, Ordering::Release);
        if let (Some(generations), Some(folder)) = (&self.0.generations, folder) {
            generations.sweep(&folder);
        }
    }
}

fn building(writing: &mut Writing) -> Result<&mut Build, SearchError> {
    if writing.closed {
        return Err(SearchError::Closed);
    }
    let gone = || SearchError::Write { cause: "the new index could not be written".into() };
    writing.build.as_mut().ok_or_else(gone)
}

fn give_up(build: Build) {
    let Build { served, writer, .. } = build;
    drop(writer);
    if let Some(folder) = served.folder
        && let Err(cause) = std::fs::remove_dir_all(&folder)
    {
        tracing::warn!(%cause, "A search index that was given up stays on disk");
    }
}

fn failed(cause: impl Display) -> SearchError {
    SearchError::Write { cause: cause.to_string() }
}

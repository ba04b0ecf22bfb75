//! The search as a whole: the served index and the cards not yet in it, asked together.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::find::Look;
use super::index::{Generations, HEAP_MIN, Served};
use super::keys::Keys;
use super::overlay::{self, Found, Overlay};
use super::query::Plan;
use super::rank::Rank;
use super::writing::{PENDING_MAX, Writing, open_current, stopgap};
use super::{Answer, Card, Hit, Matched, SearchError};

/// A longer answer is no answer.
const LIMIT_MAX: usize = 1000;

/// The search index and what waits to get into it. Cloning it is cheap.
#[derive(Clone)]
pub struct Search(pub(super) Arc<Inner>);

pub(super) struct Inner {
    /// None for an index that lives in memory by intention.
    pub(super) generations: Option<Generations>,
    pub(super) heap_bytes: usize,
    pub(super) served: RwLock<Arc<Served>>,
    overlay: RwLock<Overlay>,
    /// Whoever writes holds this; it is locked before the others.
    writing: Mutex<Writing>,
    pub(super) needs_rebuild: AtomicBool,
    pub(super) rebuilding: AtomicBool,
    /// The served index gave an error; the next one to write takes it away.
    pub(super) damaged: AtomicBool,
    pub(super) committed: AtomicU64,
}

impl Search {
    /// Opens the index in `folder`, which need not exist, with about `heap_bytes` for writing
    /// (15 MB at least, and as much again while it is rebuilt).
    ///
    /// Does not fail: an index that is missing, damaged or of another version is not served,
    /// and [`Self::needs_rebuild`] says so. Until it is rebuilt, what is put is kept in
    /// memory.
    pub fn open(folder: &Path, heap_bytes: usize) -> Self {
        let generations = Generations::at(folder);
        let opened = open_current(&generations);
        let fresh = opened.is_none();
        let (served, committed, verified) = opened.unwrap_or_else(|| (stopgap(), 0, true));
        let search = Self::with(served, Some(generations), heap_bytes);
        search.0.needs_rebuild.store(fresh, Ordering::Release);
        search.0.committed.store(committed, Ordering::Release);
        search.writing().verified = verified;
        search
    }

    /// An empty index that lives in memory, complete from the start.
    pub fn in_memory() -> Self {
        let search = Self::with(stopgap(), None, HEAP_MIN);
        search.writing().verified = true;
        search
    }

    fn with(served: Served, generations: Option<Generations>, heap_bytes: usize) -> Self {
        Self(Arc::new(Inner {
            generations,
            heap_bytes,
            served: RwLock::new(Arc::new(served)),
            overlay: RwLock::default(),
            writing: Mutex::default(),
            needs_rebuild: AtomicBool::new(false),
            rebuilding: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
            committed: AtomicU64::new(0),
        }))
    }

    /// Whether cards may be missing, so that the index has to be built from the store:
    /// [`Self::begin_rebuild`].
    pub fn needs_rebuild(&self) -> bool {
        self.0.needs_rebuild.load(Ordering::Acquire) || self.0.damaged.load(Ordering::Acquire)
    }

    /// Whether an answer may be incomplete, or will soon come from another index.
    pub fn is_rebuilding(&self) -> bool {
        self.needs_rebuild() || self.0.rebuilding.load(Ordering::Acquire)
    }

    /// The position up to which every change is durably in the index; what came later has to
    /// be put again after a crash. 0 while the index is missing.
    pub fn committed_seq(&self) -> u64 {
        match self.0.damaged.load(Ordering::Acquire) {
            true => 0,
            false => self.0.committed.load(Ordering::Acquire),
        }
    }

    /// Takes a card in the place of what was known under its id; queries see it at once.
    ///
    /// `seq` is the position of a change that the card already contains; a card with a lower
    /// position than one that still waits under the same id is left out. Returns quickly,
    /// except when thousands wait: then it commits them first.
    pub fn put(&self, card: Card, seq: u64) {
        let keys = keys_of(&card);
        let waiting = {
            let mut overlay = self.overlay_mut();
            overlay.put(card.id, keys, seq);
            overlay.len()
        };
        if PENDING_MAX <= waiting {
            self.make_room();
        }
    }

    /// Makes everything that was put durable and remembers that all changes up to `seq` are
    /// among it. Cheap when nothing was put.
    ///
    /// # Errors
    /// [`SearchError::Write`]: what was [`Self::put`] still waits and is still found.
    /// [`SearchError::Closed`].
    pub fn commit(&self, seq: u64) -> Result<(), SearchError> {
        self.write_pending(&mut self.writing(), seq)
    }

    /// Looks for the cards that match every word of a text, best first, at most `limit`
    /// (up to 1,000). A text without any word finds nothing.
    ///
    /// # Errors
    /// [`SearchError::TooLong`] and [`SearchError::TooManyWords`]; damage of the index is
    /// not an error, but makes the answer say that it is being rebuilt.
    pub fn query(&self, text: &str, limit: usize) -> Result<Answer, SearchError> {
        let plan = Plan::read(text)?;
        let limit = limit.clamp(1, LIMIT_MAX);
        if plan.clauses.is_empty() {
            return Ok(Answer { rebuilding: self.is_rebuilding(), ..Answer::default() });
        }
        let mut found = self.find(&plan, limit + 1);
        let more = limit < found.len();
        found.truncate(limit);
        let words = plan.clauses.len();
        let hit = |(rank, matched): (Rank, Vec<Matched>)| Hit {
            id: rank.id,
            score: rank.score(words),
            matched,
        };
        let hits = found.into_iter().map(hit).collect();
        Ok(Answer { hits, rebuilding: self.is_rebuilding(), more })
    }

    /// Lets go of the files. What was not committed has to be replayed; queries still answer
    /// from what there is, and nothing more is written.
    pub fn close(&self) {
        self.writing().close();
        self.0.rebuilding.store(false, Ordering::Release);
    }

    /// The best cards, each id once, at most `limit`.
    fn find(&self, plan: &Plan, limit: usize) -> Vec<(Rank, Vec<Matched>)> {
        // The overlay is read before the index: a card on its way from one to the other is
        // then seen at least once, and where it is seen twice the overlay counts.
        let waiting = self.overlay().pending();
        let hidden = waiting.iter().map(|card| card.id).collect::<HashSet<_>>();
        let served = self.served();
        let mut look = Look::new(&served);
        let mut ask = |plan: &Plan| {
            let mut all = self.find_indexed(&served, &mut look, plan, limit, &hidden);
            let mine = overlay::find(&waiting, plan).into_iter();
            all.extend(mine.map(|Found { rank, matched }| (rank, matched)));
            all.sort_unstable_by_key(|(rank, _)| *rank);
            all.truncate(limit);
            all
        };
        // Cards with an error come behind all others, so they are only looked for when the
        // others do not fill the answer.
        let strict = plan.strict();
        let found = ask(&strict);
        if limit <= found.len() || strict == *plan { found } else { ask(plan) }
    }

    fn find_indexed(
        &self,
        served: &Arc<Served>,
        look: &mut Look<'_>,
        plan: &Plan,
        limit: usize,
        hidden: &HashSet<i64>,
    ) -> Vec<(Rank, Vec<Matched>)> {
        if self.0.damaged.load(Ordering::Acquire) {
            return Vec::new();
        }
        // Damaged files make the engine fail or panic; either way they are not asked again.
        let found = catch_unwind(AssertUnwindSafe(|| look.find(plan, limit, hidden)));
        let cause = match (found, served.expect_whole()) {
            (_, Err(cause)) => cause.to_owned(),
            (Ok(Ok(found)), Ok(())) => return found,
            (Ok(Err(cause)), Ok(())) => cause.to_string(),
            (Err(_), Ok(())) => "the index cannot be decoded".to_owned(),
        };
        if Arc::ptr_eq(served, &self.served()) {
            tracing::error!(cause, "The search index is damaged and will be rebuilt");
            self.0.damaged.store(true, Ordering::Release);
        }
        Vec::new()
    }

    pub(super) fn served(&self) -> Arc<Served> {
        Arc::clone(&self.0.served.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn overlay(&self) -> RwLockReadGuard<'_, Overlay> {
        self.0.overlay.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn overlay_mut(&self) -> RwLockWriteGuard<'_, Overlay> {
        self.0.overlay.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn writing(&self) -> MutexGuard<'_, Writing> {
        self.0.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys_of(card: &Card) -> Option<Arc<Keys>> {
    (!card.gone).then(|| Arc::new(Keys::of(card)))
}

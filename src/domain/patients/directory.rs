//! The directory of patients: keeps the search index in step with the store.
//!
//! The store is the truth. Every change of a patient leaves a row in the outbox; the directory
//! listens ([`Directory::listener`]) and puts a fresh card for each patient. The index remembers
//! in its own commit up to which row it has come, so that a crash loses nothing: the rows
//! after it are heard again. Whoever registers a patient calls [`Directory::show`] before
//! answering, so that the next search finds them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::resource::PATIENT;
use crate::platform::events::{Event, Listener, Place, Stopping, outbox};
use crate::platform::resource::list;
use crate::platform::search::{Answer, Card, Search, SearchError};
use crate::store::{ReadTx, Store, StoreError, Value};
use crate::vocab::problem::{Explain, ProblemKind};

/// How long the index may lie behind on disk; in memory it is always up to date.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);
/// Patients read at a time when the index is built anew.
const REBUILD_BATCH: i64 = 500;
const DEADLINE: Duration = Duration::from_secs(30);

/// Finds patients and keeps up with their changes. Cheap to clone.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    store: Store,
    search: Search,
    /// The outbox row up to which cards were put.
    seen: AtomicI64,
    /// The index does not belong to this store, or rows that it has not seen are gone.
    stale: AtomicBool,
    /// It could not be built or written when that was tried last.
    failing: AtomicBool,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    /// A directory over `store` and `search`, which goes on where the index ended.
    ///
    /// # Errors
    /// What the store says.
    pub fn open(store: Store, search: Search) -> Result<Self, StoreError> {
        let seen = committed(&search);
        let follows = store.read(DEADLINE, |tx| outbox::reaches_back_to(tx, seen))?;
        let (seen, stale) = (AtomicI64::new(seen), AtomicBool::new(!follows));
        let failing = AtomicBool::default();
        Ok(Self(Arc::new(Inner { store, search, seen, stale, failing })))
    }

    /// What follows the outbox: puts cards, commits the index once a second, and builds it anew
    /// when it is missing, damaged or out of step.
    #[must_use]
    pub fn listener(&self) -> Listener {
        let (own, hearing, resting) = (self.clone(), self.clone(), self.clone());
        let mut last_upkeep = None;
        let place = Place::Own(Box::new(move || own.durable()));
        Listener::new("search", place, move |events| Ok(hearing.hear(events)?)).at_rest(
            move |seq, stopping| {
                if last_upkeep.is_some_and(|last: Instant| last.elapsed() < UPKEEP_EVERY) {
                    return Ok(seq);
                }
                last_upkeep = Some(Instant::now());
                Ok(resting.upkeep(seq, stopping))
            },
        )
    }

    /// Looks for patients.
    ///
    /// # Errors
    /// The text is too long, or the index cannot be read.
    pub fn query(&self, text: &str, limit: usize) -> Result<Answer, SearchError> {
        self.0.search.query(text, limit)
    }

    /// Whether the index is being built, so that a search may find too little.
    #[must_use]
    pub fn is_rebuilding(&self) -> bool {
        self.0.search.is_rebuilding()
    }

    /// How the index does: `ok`, `rebuilding` or `failing`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        if self.0.failing.load(Ordering::Acquire) {
            "failing"
        } else if self.is_rebuilding() {
            "rebuilding"
        } else {
            "ok"
        }
    }

    /// Puts the patient `id`, just registered, into the index's memory, so that the
    /// next search finds it, however far the outbox is behind.
    ///
    /// # Errors
    /// What the store says.
    pub fn show(&self, id: i64) -> Result<(), StoreError> {
        let (card, seq) = self
            .0
            .store
            .read(DEADLINE, |tx| Ok::<_, StoreError>((card(tx, id)?, outbox::head(tx)?)))?;
        self.0.search.put(card, u64::try_from(seq).unwrap_or(0));
        Ok(())
    }

    /// Makes the index durable and takes nothing more, once the listener has ended.
    pub fn close(&self) {
        if let Err(cause) = self.commit() {
            tracing::warn!("The search index could not be written: {cause}");
        }
        self.0.search.close();
    }

    /// The row that a crash would go back to. An index that has to be built anew needs no row.
    fn durable(&self) -> i64 {
        committed(&self.0.search)
    }

    fn hear(&self, events: &[Event]) -> Result<(), StoreError> {
        let patients = events.iter().filter(|event| event.kind == PATIENT.name);
        // The last event of each: a card is what is true now.
        let latest: BTreeMap<i64, i64> = patients.map(|event| (event.id, event.seq)).collect();
        for (id, seq) in latest {
            let card = self.0.store.read(DEADLINE, |tx| card(tx, id))?;
            self.0.search.put(card, u64::try_from(seq).unwrap_or(0));
        }
        if let Some(last) = events.last() {
            self.0.seen.store(last.seq, Ordering::Release);
        }
        Ok(())
    }

    fn commit(&self) -> Result<(), SearchError> {
        let seen = self.0.seen.load(Ordering::Acquire);
        if seen == self.durable() {
            return Ok(());
        }
        self.0.search.commit(u64::try_from(seen).unwrap_or(0))
    }

    /// Builds anew and commits as needed; the row to go on from. A failure of the disk keeps
    /// nobody from being found: cards are put into the index's memory all the same.
    fn upkeep(&self, seq: i64, stopping: &Stopping) -> i64 {
        self.0.search.notice_loss();
        let built = self.rebuild_if_needed(seq, stopping);
        let written = self.commit();
        self.0.failing.store(built.is_err() || written.is_err(), Ordering::Release);
        if let Err(cause) = written {
            tracing::warn!("The search index could not be written: {cause}");
        }
        built.unwrap_or_else(|cause| {
            tracing::error!("The search index could not be built: {cause}");
            seq
        })
    }

    /// Builds the index from the store while the server serves; the row to go on from.
    fn rebuild_if_needed(&self, seq: i64, stopping: &Stopping) -> Result<i64, DirectoryError> {
        let Inner { store, search, stale, seen, .. } = &*self.0;
        if !search.needs_rebuild() && !stale.load(Ordering::Acquire) {
            return Ok(seq);
        }
        let started = Instant::now();
        let rebuild = search.begin_rebuild()?;
        let from = store.read(DEADLINE, outbox::head)?;
        let (mut after, mut count) = (0, 0);
        loop {
            if stopping.is_asked() {
                return Ok(seq);
            }
            let cards = store.read(DEADLINE, |tx| cards_after(tx, after))?;
            let Some(last) = cards.last() else { break };
            after = last.id;
            count += cards.len();
            rebuild.put(&cards)?;
        }
        rebuild.finish(u64::try_from(from).unwrap_or(0))?;
        stale.store(false, Ordering::Release);
        let s = started.elapsed().as_secs_f64();
        tracing::info!(
            patients = count,
            s,
            "Built the search index of {count} patients in {s:.1} s"
        );
        // What changed meanwhile is heard again from where the rebuild began.
        seen.store(from, Ordering::Release);
        Ok(from)
    }
}

fn committed(search: &Search) -> i64 {
    i64::try_from(search.committed_seq()).unwrap_or(0)
}

/// Why the directory cannot answer or go on: it asks both the index and the store.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index.
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl Explain for DirectoryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(cause) => cause.code(),
            Self::Search(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Store(cause) => cause.kind(),
            Self::Search(cause) => cause.kind(),
        }
    }
}

impl Explain for SearchError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooManyWords { .. } => "search.text",
            _ => "search.unavailable",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::TooLong { .. } | Self::TooManyWords { .. } => ProblemKind::Malformed,
            _ => ProblemKind::Busy { retry_after_s: 5 },
        }
    }
}

/// What can be searched of one patient.
pub(super) fn card(tx: &ReadTx<'_>, id: i64) -> Result<Card, StoreError> {
    let mut cards = cards_of(tx, "id = ?1", &[id.into()])?;
    Ok(cards.pop().unwrap_or(Card { id, gone: true, ..Card::default() }))
}

fn cards_after(tx: &ReadTx<'_>, after: i64) -> Result<Vec<Card>, StoreError> {
    let limit = Value::Int(REBUILD_BATCH);
    cards_of(tx, "?1 < id ORDER BY id LIMIT ?2", &[after.into(), limit])
}

fn cards_of(tx: &ReadTx<'_>, condition: &str, params: &[Value]) -> Result<Vec<Card>, StoreError> {
    let sql = format!("SELECT id, mrn, birth_date, active FROM patient WHERE {condition}");
    let mut cards = tx.all(&sql, params, |row| {
        Ok(Card {
            id: row.get(0)?,
            identifiers: vec![row.get(1)?],
            birth_date: row.get(2)?,
            ..Card::default()
        })
    })?;
    for card in &mut cards {
        let own: [Value; 1] = [card.id.into()];
        let sql = "SELECT prefix, given, family FROM patient_name WHERE patient_id = ?1 \
            ORDER BY position";
        card.names = tx.all(sql, &own, |row| {
            let given = list::readable(&row.get::<String>(1)?);
            Ok(format!("{given} {}", row.get::<String>(2)?).trim().to_owned())
        })?;
        let sql = "SELECT value FROM patient_identifier WHERE patient_id = ?1 ORDER BY position";
        card.identifiers.extend(tx.all(sql, &own, |row| row.get::<String>(0))?);
        let sql = "SELECT value FROM patient_telecom WHERE patient_id = ?1 \
            AND system IN ('phone', 'sms') ORDER BY position";
        card.phones = tx.all(sql, &own, |row| row.get(0))?;
    }
    Ok(cards)
}

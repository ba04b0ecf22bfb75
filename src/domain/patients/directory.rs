//! The directory of patients: keeps the search index in step with the store.
//!
//! The store is the truth. Every change of a patient leaves a row in the outbox; the directory
//! reads the rows it has not seen and puts a fresh card for each patient. The index remembers
//! in its own commit up to which row it has come, so that a crash loses nothing: the rows
//! after it are read again. Whoever registers a patient calls [`Directory::show`] before
//! answering, so that the next search finds them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::platform::resource::list;
use crate::platform::search::{Answer, Card, Search, SearchError};
use crate::store::{ReadTx, Store, StoreError, Value};
use crate::vocab::problem::{Explain, ProblemKind};

/// How long the index may lie behind on disk; in memory it is always up to date.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// Outbox rows read at a time.
const BATCH: i64 = 2_000;
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
    seen: Mutex<i64>,
    stop: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    /// A directory over `store` and `search`, which begins where the index ended.
    #[must_use]
    pub fn open(store: Store, search: Search) -> Self {
        let seen = i64::try_from(search.committed_seq()).unwrap_or(0);
        Self(Arc::new(Inner {
            store,
            search,
            seen: Mutex::new(seen),
            stop: AtomicBool::new(false),
            thread: Mutex::new(None),
        }))
    }

    /// Starts the thread that follows the outbox, commits once a second and builds the index
    /// anew when it is missing or damaged.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn follow(&self) -> std::io::Result<()> {
        let directory = self.clone();
        let thread = std::thread::Builder::new()
            .name("directory".to_owned())
            .spawn(move || directory.run())?;
        *self.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
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

    /// Puts the patient `id`, just registered, into the index's memory, so that the
    /// next search finds it, however far the outbox is behind.
    ///
    /// # Errors
    /// What the store says.
    pub fn show(&self, id: i64) -> Result<(), StoreError> {
        let (card, seq) = self.0.store.read(DEADLINE, |tx| {
            let sql = "SELECT coalesce(max(seq), 0) FROM outbox";
            Ok::<_, StoreError>((card(tx, id)?, tx.one(sql, &[], |row| row.get::<i64>(0))?))
        })?;
        self.0.search.put(card, u64::try_from(seq).unwrap_or(0));
        Ok(())
    }

    /// Puts every change that is committed into the index's memory. When the directory is
    /// being closed it leaves off early: after a large import much may wait, and what was not
    /// read is read at the next start.
    ///
    /// # Errors
    /// What the store says; what was not read is read the next time.
    pub fn catch_up(&self) -> Result<(), StoreError> {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.0.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let changed = self.0.store.read(DEADLINE, |tx| changed_since(tx, *seen))?;
            for (seq, id) in &changed.patients {
                let card = self.0.store.read(DEADLINE, |tx| card(tx, *id))?;
                self.0.search.put(card, u64::try_from(*seq).unwrap_or(0));
            }
            match changed.last {
                Some(last) => *seen = last,
                None => return Ok(()),
            }
        }
    }

    /// Ends the thread and makes the index durable.
    pub fn close(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
        self.0.search.close();
    }

    fn run(&self) {
        let mut commits = self.0.store.after_commit();
        // What was committed before the start may be more than what the index has seen.
        commits.mark_changed();
        let mut last_commit = Instant::now();
        while !self.0.stop.load(Ordering::Relaxed) {
            if self.0.search.needs_rebuild()
                && let Err(cause) = self.rebuild()
            {
                tracing::error!("The search index could not be built: {cause}");
                std::thread::sleep(COMMIT_EVERY);
            }
            if commits.has_changed().unwrap_or(false) {
                commits.mark_unchanged();
                if let Err(cause) = self.catch_up() {
                    tracing::warn!("The search index could not follow: {cause}");
                    commits.mark_changed();
                }
            }
            if COMMIT_EVERY <= last_commit.elapsed() {
                self.commit();
                last_commit = Instant::now();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.commit();
    }

    fn commit(&self) {
        let seen = *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = u64::try_from(seen).unwrap_or(0);
        if seen == self.0.search.committed_seq() {
            return;
        }
        if let Err(cause) = self.0.search.commit(seen) {
            tracing::warn!("The search index could not be written: {cause}");
        }
    }

    /// Builds the index from the store while the server serves.
    fn rebuild(&self) -> Result<(), DirectoryError> {
        let started = Instant::now();
        let rebuild = self.0.search.begin_rebuild()?;
        let from = self.0.store.read(DEADLINE, |tx| {
            tx.one("SELECT coalesce(max(seq), 0) FROM outbox", &[], |row| row.get::<i64>(0))
        })?;
        let (mut after, mut count) = (0, 0);
        loop {
            if self.0.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let cards = self.0.store.read(DEADLINE, |tx| cards_after(tx, after))?;
            let Some(last) = cards.last() else { break };
            after = last.id;
            count += cards.len();
            rebuild.put(&cards)?;
        }
        rebuild.finish(u64::try_from(from).unwrap_or(0))?;
        // What changed meanwhile is put again from where the rebuild began.
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == 0 || from < *seen {
            *seen = from;
        }
        drop(seen);
        self.catch_up()?;
        let s = started.elapsed().as_secs_f64();
        tracing::info!(
            patients = count,
            s,
            "Built the search index of {count} patients in {s:.1} s"
        );
        Ok(())
    }
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

/// A piece of the outbox.
struct Changed {
    /// Outbox row and patient.
    patients: Vec<(i64, i64)>,
    /// The last row that was read, of whatever kind.
    last: Option<i64>,
}

fn changed_since(tx: &ReadTx<'_>, seen: i64) -> Result<Changed, StoreError> {
    let sql =
        "SELECT seq, subject_id, subject_kind FROM outbox WHERE ?1 < seq ORDER BY seq LIMIT ?2";
    let rows = tx.all(sql, &[seen.into(), BATCH.into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?))
    })?;
    let last = rows.last().map(|(seq, _, _)| *seq);
    let patients = rows.into_iter().filter(|(_, _, kind)| kind == "patient");
    Ok(Changed { patients: patients.map(|(seq, id, _)| (seq, id)).collect(), last })
}

/// What can be searched of one patient.
fn card(tx: &ReadTx<'_>, id: i64) -> Result<Card, StoreError> {
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

//! What custody promises: whatever is done to the audit shows, and nothing is ever lost.

use std::path::PathBuf;
use std::sync::Arc;

use super::anchors::{Anchor, Anchors};
use super::classes::{DAY, Retention};
use super::prune::Order;
use super::stubs::{self, Stub};
use super::verify::{FlawKind, Verdict};
use super::*;
use crate::platform::ledger::audit::{self, Entry, Seen};
use crate::platform::ledger::rows::{self, AuditRow};
use crate::store::{Class, StoreOptions, Tx, Value};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::FrozenClock;
use crate::vocab::digest::hex;

mod chain;
mod pruning;

/// A data folder that goes away with the test, and the audit in it.
struct Home {
    folder: PathBuf,
    store: Store,
    custodian: Custodian,
}

/// The day after the last row of a thousand.
const NOW: &str = "2026-03-01T12:00:00Z";

fn now() -> i64 {
    NOW.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

fn call() -> Call {
    let actor = Actor::user(7, "Dr Osei", "clinician", None, Some(1), Vec::new());
    Call::new(actor, "r-1").sent_from(Some([10, 0, 0, 7].into()))
}

impl Home {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("hf-custody-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self::open(folder)
    }

    fn open(folder: PathBuf) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at(NOW));
        let store = Store::open(StoreOptions::new(&folder), Arc::clone(&clock)).unwrap();
        let custodian = Custodian::open(store.clone(), clock);
        Self { folder, store, custodian }
    }

    /// The same folder, as the next start finds it.
    fn reopened(self) -> Self {
        let folder = self.folder.clone();
        self.store.close();
        let kept = std::mem::ManuallyDrop::new(self);
        drop(kept.store.clone());
        Self::open(folder)
    }

    /// A home with `count` rows, one an hour, the newest an hour ago.
    fn with(name: &str, count: i64) -> Self {
        let home = Self::new(name);
        home.write(move |tx| append(tx, count));
        home
    }

    fn write(&self, job: impl Fn(&Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
        self.store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    }

    fn sql(&self, sql: &'static str) {
        self.write(move |tx| {
            sql.split(';').try_for_each(|one| tx.execute(one.trim(), &[]).map(|_| ()))
        });
    }

    fn rows(&self) -> Vec<AuditRow> {
        self.store.read(DEADLINE, |tx| rows::between(tx, (i64::MIN, i64::MAX), i64::MAX)).unwrap()
    }

    fn stubs(&self) -> Vec<Stub> {
        self.store.read(DEADLINE, stubs::all).unwrap()
    }

    fn verdict(&self) -> Verdict {
        self.custodian.verify(Vec::new(), &|_, _| true).unwrap()
    }

    /// What is wrong, and at which row; nothing if all is whole.
    fn flaw(&self) -> Option<(FlawKind, Option<i64>)> {
        self.verdict().flaw.map(|flaw| (flaw.kind, flaw.row))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.store.close();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn entry(number: i64, count: i64) -> Entry {
    let detail = (number % 5 == 0).then(|| format!("detail {number}"));
    let seen = Seen { kind: "patient", id: Some(number), patient: Some(number % 7), detail };
    let act = if number % 4 == 0 { "patients.amend" } else { "patients.read" };
    let at = now() - (count - number + 1) * DAY / 24;
    let mut entry = Entry::new(&call().because(Some("emergency".to_owned())), at, act, seen);
    entry.refused = number % 3 == 0;
    if number % 6 == 0 {
        (entry.count, entry.last_at) = (3, Some(entry.at + 30_000_000));
    }
    entry
}

fn append(tx: &Tx<'_>, count: i64) -> Result<(), StoreError> {
    audit::append(tx, &(1..=count).map(|number| entry(number, count)).collect::<Vec<_>>())
}

/// No class is kept longer than the order says.
const NOTHING_KEPT: Retention =
    Retention { reads_days: 0, changes_days: 0, access_days: 0, administration_days: 0 };

fn order(before: i64) -> Order {
    Order { before, retention: NOTHING_KEPT, call: call() }
}

/// A prune that may do all it wants.
fn unhindered<T>(with: impl FnOnce(Stopping<'_>) -> T) -> T {
    with(Stopping { may: &|_| true, done: &|_| () })
}

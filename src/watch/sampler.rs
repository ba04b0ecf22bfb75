//! Takes a sample: asks every part of the server how it does, and counts from the look before.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::machine::Machine;
use super::series::{Sample, Series};
use crate::backup::{Shipping, catalog, settings as backup};
use crate::notify::Shout;
use crate::observability::metrics::Metrics;
use crate::observability::pace::Paces;
use crate::platform::cache::CacheStatus;
use crate::platform::jobs::queue;
use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError, Totals};
use crate::web::envelope::Bounds;
use crate::web::live::Hub;

/// For the questions to the store.
const DEADLINE: Duration = Duration::from_secs(1);
/// Looks over which percentiles and errors are counted: a minute of ten seconds each, so that one
/// slow answer in a quiet night is not all that there was.
const LOOKS: usize = 6;
/// Requests below which a share of errors says nothing.
const REQUESTS_MIN: u64 = 5;

/// How all caches of the house do.
pub type Caches = Box<dyn Fn() -> Vec<CacheStatus> + Send + Sync>;

/// Whom a sample asks.
pub struct Sources {
    /// The store.
    pub desk: Desk,
    /// Requests.
    pub metrics: Metrics,
    /// What is being served.
    pub bounds: Bounds,
    /// How many connections there may be.
    pub connections_max: usize,
    /// Open screens.
    pub hub: Hub,
    /// The log on its way to the target.
    pub shipping: Shipping,
    /// The caches.
    pub caches: Caches,
    /// Whom an alert reaches that the store takes no note of.
    pub shout: Shout,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// What was counted at the look before.
#[derive(Debug)]
struct Before {
    at: Instant,
    commits: u64,
    statements: Totals,
    caches: (u64, u64),
}

/// Takes samples.
#[derive(Debug)]
pub struct Sampler {
    sources: Sources,
    machine: Machine,
    before: Option<Before>,
    paces: VecDeque<Paces>,
}

impl Sampler {
    /// Over `sources`. Rates begin with the second sample.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let machine = Machine::new(sources.desk.store().folder());
        Self { sources, machine, before: None, paces: VecDeque::new() }
    }

    /// Takes one at `at`.
    pub fn take(&mut self, at: i64) -> Sample {
        let mut sample = Sample::new(at);
        self.store(&mut sample);
        self.requests(&mut sample);
        self.work(&mut sample);
        self.shipping(&mut sample);
        self.machine.look(&mut sample);
        sample
    }

    fn requests(&mut self, sample: &mut Sample) {
        let now = self.sources.metrics.pace().look();
        if let (Some(last), Some(first)) = (self.paces.back(), self.paces.front()) {
            let (latest, minute) = (now.since(last), now.since(first));
            sample.set(Series::DurationP50, minute.within_ms(0.5));
            sample.set(Series::DurationP95, minute.within_ms(0.95));
            sample.set(Series::DurationP99, minute.within_ms(0.99));
            sample.set(Series::DurationMean, minute.mean_ms());
            sample.set(Series::ErrorsPerMinute, wide(minute.errors));
            if minute.errors == 0 || REQUESTS_MIN <= minute.requests {
                let share = wide(minute.errors) / wide(minute.requests.max(1));
                sample.set(Series::ErrorsPercent, share * 100.0);
            }
            sample.set(Series::RequestsPerSecond, wide(latest.requests) / self.elapsed_s());
        }
        self.paces.push_back(now);
        if LOOKS < self.paces.len() {
            self.paces.pop_front();
        }
        let Sources { bounds, hub, connections_max, .. } = &self.sources;
        sample.set(Series::RequestsInFlight, count(bounds.in_flight.load(Ordering::Relaxed)));
        sample.set(Series::LiveConnections, count(hub.connected()));
        let connected = count(bounds.connected.load(Ordering::Relaxed));
        sample.set(Series::ConnectionsPercent, connected / count(*connections_max) * 100.0);
        if let Some(before) = &mut self.before {
            before.at = Instant::now();
        }
    }

    /// Seconds since the look before, at least one.
    fn elapsed_s(&self) -> f64 {
        self.before.as_ref().map_or(1.0, |before| before.at.elapsed().as_secs_f64().max(1.0))
    }

    fn store(&mut self, sample: &mut Sample) {
        let store = self.sources.desk.store();
        let (status, statements) = (store.status(), store.statement_totals());
        let slowest = store.take_slowest_commit().as_secs_f64() * 1e3;
        sample.set(Series::CommitLongest, slowest);
        sample.set(Series::WriterQueue, count(status.queue_people + status.queue_bulk));
        sample.set(Series::ReadersInUse, count(status.readers_in_use));
        sample.set(Series::WalBytes, wide(status.wal_bytes));
        sample.set(Series::WalWaiting, wide(status.wal_waiting_bytes));
        let oldest = status.snapshot_oldest.unwrap_or_default();
        sample.set(Series::SnapshotOldest, oldest.as_secs_f64());
        sample.set(Series::DatabaseBytes, wide(status.database_bytes));
        let is_up = status.damage.is_none() && status.unwritable.is_none() && !status.closed;
        let asked = store.read(DEADLINE, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
        sample.set(Series::DatabaseUp, if is_up && asked.is_ok() { 1.0 } else { 0.0 });
        let caches = (self.sources.caches)().iter().fold((0, 0), |(hits, all), cache| {
            (hits + cache.hits, all + cache.hits + cache.misses)
        });
        let elapsed_s = self.elapsed_s();
        if let Some(before) = &self.before {
            let commits = status.commits.saturating_sub(before.commits);
            sample.set(Series::CommitsPerSecond, wide(commits) / elapsed_s);
            let calls = statements.calls.saturating_sub(before.statements.calls);
            let total = statements.total.saturating_sub(before.statements.total);
            if 0 < calls {
                sample.set(Series::StatementMean, total.as_secs_f64() * 1e3 / wide(calls));
            }
            let hits = caches.0.saturating_sub(before.caches.0);
            let looked = caches.1.saturating_sub(before.caches.1);
            if 0 < looked {
                sample.set(Series::CacheHits, wide(hits) / wide(looked) * 100.0);
            }
        }
        let at = self.before.as_ref().map_or_else(Instant::now, |before| before.at);
        self.before = Some(Before { at, commits: status.commits, statements, caches });
    }

    /// While the store cannot be asked, what it would say is missing.
    fn work(&self, sample: &mut Sample) {
        let (store, now) = (self.sources.desk.store(), sample.at);
        let asked = store.read(DEADLINE, |tx: &ReadTx<'_>| {
            Ok::<_, StoreError>((
                queue::depth(tx, now)?,
                catalog::ages(tx, now)?,
                backup::standing(tx, now)?,
            ))
        });
        let Ok((depth, ages, standing)) = asked else { return };
        sample.set(Series::JobsWaiting, wide(depth.due.unsigned_abs()));
        sample.set(Series::JobsOldest, seconds(depth.oldest));
        sample.set(Series::JobsFailing, wide(depth.failing.unsigned_abs()));
        sample.set(Series::BackupAge, ages.newest.map(|age| seconds(age) / 3_600.0));
        // What nobody has set up yet is neither good nor bad.
        let is_good = match standing {
            "unset" => None,
            "ok" | "unproven" => Some(1.0),
            _ => Some(0.0),
        };
        sample.set(Series::BackupGood, is_good);
    }

    fn shipping(&self, sample: &mut Sample) {
        let shipped = self.sources.shipping.shipped();
        if shipped.is_on {
            let lag = shipped.shipped_at.map(|at| seconds(sample.at.saturating_sub(at).max(0)));
            sample.set(Series::BackupLag, lag);
            sample.set(Series::BackupBehind, wide(shipped.behind_bytes));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures are floating point")]
fn wide(count: u64) -> f64 {
    count as f64
}

fn count(count: usize) -> f64 {
    wide(u64::try_from(count).unwrap_or(u64::MAX))
}

fn seconds(micros: i64) -> f64 {
    wide(micros.unsigned_abs()) / 1e6
}

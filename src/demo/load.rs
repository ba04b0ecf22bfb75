//! Fills an empty data folder: charts are made in parallel, rows go to the store's writer in
//! order, in large sorted transactions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::people::DAY;
use super::rows::{Batch, Plan, blocks};
use super::staff::Staff;
use super::{DemoError, Made, Order, PATIENTS_MAX};
use crate::access::roles::PERMISSIONS;
use crate::domain::patients::{PATIENTS, mrn, review};
use crate::platform::ledger::Desk;
use crate::platform::resource::select;
use crate::store::{Place, ReadTx, Store, StoreError, StoreOptions, Tx};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::{Clock, FrozenClock, SystemClock};
use crate::vocab::id::IdSource;

/// The setting that says that this is a demo hospital, and whether it is finished.
const MARK: &str = "demo";
const UNFINISHED: &str = "unfinished";

/// Blocks in one transaction: about a thousand patients.
const BLOCKS_PER_BATCH: u64 = 64;
/// Batches that are made while one is written.
const BATCHES_AHEAD: usize = 4;
/// From so many patients on, indexes are built over finished rows.
const INDEXES_ASIDE_FROM: u64 = 100_000;
/// The indexes that grow at random places; all others grow at their end here.
const INDEXES_AT_RANDOM: [&str; 2] = ["patient_name_key", "patient_birth_date"];

const DEADLINE: Duration = Duration::from_secs(60);
/// An index over tens of millions of rows is one statement.
const JOB_TIME_MAX: Duration = Duration::from_secs(3_600);

/// Makes the hospital of `order` in `folder`, which is created if it is not there, and tells
/// `progress` how many patients are written.
///
/// # Errors
/// [`DemoError::NotEmpty`] if anything is there already, [`DemoError::Order`] for what cannot be,
/// and what the store says.
pub fn make(folder: &Path, order: Order, progress: &mut dyn FnMut(u64)) -> Result<Made, DemoError> {
    let now = check(&order)?;
    let clock: Arc<dyn Clock> = Arc::new(now.clone());
    // Looked at from outside: somebody's hospital is not even opened.
    if !matches!(Place::of(folder), Place::Missing | Place::Empty) {
        return Err(DemoError::NotEmpty { folder: folder.to_owned() });
    }
    let store = Store::open(options(folder), Arc::new(SystemClock))?;
    let desk = Desk::open(store.clone(), Arc::clone(&clock), IdSource::new(clock, 0), DEADLINE);
    let made = fill(&desk, order, INDEXES_ASIDE_FROM, progress);
    desk.close();
    store.close();
    made
}

/// Refuses a folder in which the making of a demo hospital was broken off.
///
/// # Errors
/// [`DemoError::Unfinished`]; what the store says.
pub fn refuse_unfinished(store: &Store) -> Result<(), DemoError> {
    let mark = store.read(DEADLINE, mark)?;
    if mark.as_deref() == Some(UNFINISHED) { Err(DemoError::Unfinished) } else { Ok(()) }
}

fn mark(tx: &ReadTx<'_>) -> Result<Option<String>, StoreError> {
    tx.opt("SELECT value FROM setting WHERE name = ?1", &[MARK.into()], |row| row.get(0))
}

fn set_mark(tx: &Tx<'_>, value: &str, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    tx.execute(sql, &[MARK.into(), value.into(), now.into()])?;
    Ok(())
}

/// The first instant of the day that is asked for.
fn check(order: &Order) -> Result<FrozenClock, DemoError> {
    if !(1..=PATIENTS_MAX).contains(&order.patients) {
        let mend = format!("Ask for 1 to {PATIENTS_MAX} patients.");
        return Err(DemoError::Order { field: "patients", mend });
    }
    let today = order.today.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
    let past = today.as_ref().is_ok_and(|day| *day <= SystemClock.now());
    if !past || order.today.year() < 2024 {
        let mend = "Give a day from 2024-01-01 to today.".to_owned();
        return Err(DemoError::Order { field: "as-of", mend });
    }
    Ok(FrozenClock::at(&format!("{}T00:00:00Z", order.today)))
}

fn options(folder: &Path) -> StoreOptions {
    let mut options = StoreOptions::new(folder);
    options.writer_cache_kib = 256 * 1024;
    options.job_time_max = JOB_TIME_MAX;
    options.bulk_wait = JOB_TIME_MAX;
    options
}

/// Makes the hospital of `order` in an empty store, with indexes built over finished rows from
/// `aside_from` patients on.
pub(super) fn fill(
    desk: &Desk,
    order: Order,
    aside_from: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<Made, DemoError> {
    let call = Call::new(Actor::machine("demo", PERMISSIONS.to_vec()), "demo");
    let (seed, hash) = (order.seed, order.password_hash.clone());
    let staff = desk.write_blocking(&call, "demo.begin", move |work| {
        set_mark(work.tx(), UNFINISHED, work.now())?;
        Staff::hire(work, seed, &hash)
    })?;
    let aside = if aside_from <= order.patients { &INDEXES_AT_RANDOM[..] } else { &[] };
    let indexes =
        desk.store().write_blocking::<_, StoreError>(crate::store::Class::Bulk, move |tx| {
            tx.set_indexes_aside(aside)
        })?;
    let now = desk.now();
    let plan = Arc::new(Plan { staff, now, today: now / 1_000_000 / DAY, order });
    let mut made = Made { records: Vec::new(), rows: 0, accounts: plan.staff.accounts.clone() };
    let mut records: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (batches, written) = sync_channel(BATCHES_AHEAD);
    let maker = Arc::clone(&plan);
    std::thread::scope(|scope| {
        scope.spawn(move || generate(&maker, &batches));
        write_all(desk, &call, &plan, written, |batch| {
            made.rows += u64::try_from(batch.statements.len()).unwrap_or(0);
            for (kind, count) in &batch.records {
                *records.entry(kind).or_default() += count;
            }
            progress(batch.patients);
        })
    })?;
    made.records = records.into_iter().collect();
    let (last, words) = (plan.order.patients, finished(&plan.order));
    desk.write_founding(&call, "demo.finish", move |tx| {
        tx.put_indexes_back(&indexes)?;
        mrn::taken_up_to(tx, i64::try_from(last).unwrap_or(i64::MAX))?;
        set_mark(tx, &words, now)?;
        Ok(words.clone())
    })?;
    Ok(made)
}

/// What the finished hospital was made from.
fn finished(order: &Order) -> String {
    let Order { patients, seed, today, history, .. } = order;
    let history = history.word();
    format!("patients {patients}, seed {seed}, as of {today}, history {history}")
}

/// Makes batches on all cores and hands them on in order, until nobody takes them any more.
fn generate(plan: &Plan, batches: &SyncSender<Result<Batch, DemoError>>) {
    let pool = match rayon::ThreadPoolBuilder::new().build() {
        Ok(pool) => pool,
        Err(cause) => {
            let _ = batches.send(Err(DemoError::Threads(cause.to_string())));
            return;
        }
    };
    let all = blocks(plan.order.patients);
    let starts: Vec<u64> =
        (0..all).step_by(usize::try_from(BLOCKS_PER_BATCH).unwrap_or(1)).collect();
    for wave in starts.chunks(BATCHES_AHEAD) {
        let made: Vec<_> = pool.install(|| {
            let one = |from: &u64| plan.batch(*from, (from + BLOCKS_PER_BATCH).min(all));
            wave.par_iter().map(one).collect()
        });
        for batch in made {
            if batches.send(batch).is_err() {
                return;
            }
        }
    }
}

fn write_all(
    desk: &Desk,
    call: &Call,
    plan: &Arc<Plan>,
    batches: Receiver<Result<Batch, DemoError>>,
    mut written: impl FnMut(&Batch),
) -> Result<(), DemoError> {
    for batch in batches {
        let batch = Arc::new(batch?);
        let (rows, plan) = (Arc::clone(&batch), Arc::clone(plan));
        desk.write_founding(call, "demo.batch", move |tx| {
            for statement in &rows.statements {
                tx.execute(&statement.sql, &statement.params)?;
            }
            for id in &rows.no_allergies {
                let before = select::whole(tx, &PATIENTS, *id)?.ok_or(StoreError::NoRow)?;
                review::note(tx, (*id, &before), true, (plan.now, Some(plan.staff.clinician)))?;
            }
            let counts = rows.records.iter().map(|(kind, count)| format!("{kind} {count}"));
            Ok(counts.collect::<Vec<_>>().join(", "))
        })?;
        written(&batch);
    }
    Ok(())
}

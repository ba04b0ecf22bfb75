//! What the server does by itself, each a kind of job that comes by the hospital's clock
//! ([`SCHEDULES`]) and can be run at any time.

use std::time::Duration;

use actix_web::web::Data;

use crate::notify::raise;
use crate::platform::events::{Listeners, outbox};
use crate::platform::jobs::{DefaultSchedule, Done, JobError, JobKind, Run, queue};
use crate::platform::ledger::Custodian;
use crate::platform::ledger::custody::classes::{DAY, Retention};
use crate::platform::ledger::custody::prune::Order;
use crate::platform::ledger::custody::{CustodyError, Stopping};
use crate::store::{Class, StoreError, Tx};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::problem::Explain;

/// A retry comes within minutes; a day is generous.
const IDEMPOTENCY_KEPT: i64 = 24 * HOUR;
/// Ended sessions stay for a while: an audit row may name them.
const SESSIONS_KEPT: i64 = 30 * 24 * HOUR;
const HOUR: i64 = 3_600_000_000;
/// Rows that go in one job of the writer, so that it is never held for long.
const BATCH: i64 = 500;
/// Free pages that go back to the system in one job of the writer.
const PAGES: u32 = 64;
/// Free pages that stay for what comes next: the file would only grow again.
const PAGES_KEPT: i64 = 4_096;
/// For the check of one table, however large.
const TABLE: Duration = Duration::from_secs(1_800);
const LONG: Duration = Duration::from_secs(4 * 3_600);

/// When what comes unless the hospital says otherwise: what is cheap all day, what takes long at
/// night and at the weekend, when few wait.
pub static SCHEDULES: [DefaultSchedule; 5] = [
    DefaultSchedule { kind: "clear_away", cron: "7 * * * *", catch_up: false },
    DefaultSchedule { kind: "audit_anchor", cron: "5 0 * * *", catch_up: true },
    DefaultSchedule { kind: "audit_prune", cron: "40 1 * * *", catch_up: true },
    DefaultSchedule { kind: "database_tidy", cron: "20 3 * * *", catch_up: false },
    DefaultSchedule { kind: "database_check", cron: "10 4 * * 0", catch_up: true },
];

/// The kinds of job that the house knows.
#[must_use]
pub fn kinds(
    listeners: &Data<Listeners>,
    custodian: &Data<Custodian>,
    retention: &Data<Retention>,
) -> Vec<JobKind> {
    let (listeners, anchors) = (listeners.clone(), custodian.clone());
    let (custodian, retention) = (custodian.clone(), retention.clone());
    vec![
        JobKind::new("clear_away", move |(), run| {
            clear(run)?;
            let bounds = (run.desk().now(), outbox::KEPT_ROWS_MAX);
            let is_stopped = || run.check().is_err();
            outbox::prune(run.desk().store(), bounds, listeners.passed(), is_stopped)?;
            run.check()?;
            Ok("What has served its time is gone.".to_owned())
        })
        .that_frees_room(),
        JobKind::new("audit_anchor", move |(), _| {
            anchors.anchor_daily()?;
            Ok("How far the audit has come is noted.".to_owned())
        }),
        JobKind::new("audit_prune", move |(), run| {
            let now = run.desk().now();
            let retention = *retention.get_ref();
            let call = Call::new(Actor::machine("schedule", Vec::new()), "audit_prune");
            let order = Order { before: now - DAY, retention, call };
            let (may, done) = (|_| run.step().is_ok(), |done| run.progress(done, None));
            let pruned = custodian.prune(&order, Stopping { may: &may, done: &done });
            run.check()?;
            let pruned = pruned.map_err(|cause| failed(&cause))?;
            Ok(match pruned.file {
                Some(file) => format!("{} entries of the audit lie in {file} now.", pruned.rows),
                None => "No entry of the audit is old enough to leave it.".to_owned(),
            })
        })
        .that_frees_room()
        .within(LONG),
        JobKind::new("database_tidy", |(), run| tidy(run)),
        JobKind::new("database_check", |(), run| check(run)).within(LONG),
    ]
}

fn failed(cause: &CustodyError) -> JobError {
    JobError::Failed { code: cause.code(), detail: cause.to_string() }
}

/// Clears what is too old: in batches, each as long as there are full ones.
fn clear(run: &Run<'_>) -> Result<(), JobError> {
    let now = run.desk().now();
    let keys = move |tx: &Tx<'_>| {
        let sql = "DELETE FROM idempotency WHERE key_hash IN \
            (SELECT key_hash FROM idempotency WHERE created_at < ?1 LIMIT ?2)";
        tx.execute(sql, &[(now - IDEMPOTENCY_KEPT).into(), BATCH.into()])
    };
    let sessions = move |tx: &Tx<'_>| {
        let sql = "DELETE FROM session WHERE id IN \
            (SELECT id FROM session WHERE expires_at < ?1 LIMIT ?2)";
        tx.execute(sql, &[(now - SESSIONS_KEPT).into(), BATCH.into()])
    };
    in_batches(run, keys)?;
    in_batches(run, sessions)?;
    in_batches(run, move |tx| raise::clear(tx, now, BATCH))?;
    in_batches(run, move |tx| queue::clear(tx, now, BATCH))
}

fn in_batches(
    run: &Run<'_>,
    batch: impl Fn(&Tx<'_>) -> Result<usize, StoreError> + Clone + Send + 'static,
) -> Result<(), JobError> {
    loop {
        run.step()?;
        let gone = run.desk().store().write_blocking(Class::Bulk, batch.clone())?;
        if i64::try_from(gone).unwrap_or(0) < BATCH {
            return Ok(());
        }
    }
}

/// Gives free pages back and has the planner look again.
fn tidy(run: &Run<'_>) -> Result<Done, JobError> {
    let store = run.desk().store();
    let free = store.read(run.desk().screen_deadline(), |tx| tx.free_pages())?;
    let mut left = free;
    while PAGES_KEPT < left {
        run.step()?;
        let before = left;
        left = store.write_blocking(Class::Bulk, |tx| tx.give_back(PAGES))?;
        if before <= left {
            break;
        }
        run.progress(free - left, Some(free - PAGES_KEPT));
    }
    run.step()?;
    store.write_blocking(Class::Bulk, |tx| tx.optimize())?;
    Ok(format!("{} pages were given back; {left} are free.", free - left))
}

/// Looks at every page, row, index and reference, table by table.
fn check(run: &Run<'_>) -> Result<Done, JobError> {
    let store = run.desk().store();
    let tables = store.read(run.desk().screen_deadline(), |tx| tx.tables())?;
    let total = i64::try_from(tables.len()).ok();
    for (done, table) in (0..).zip(&tables) {
        run.step()?;
        run.progress(done, total);
        let flaws = store.read(TABLE, |tx| tx.flaws_of(table))?;
        if let Some(flaw) = flaws.first() {
            tracing::error!(table, flaws = flaws.len(), "The database is damaged: {flaw}");
            let detail = format!(
                "{table} is damaged: {flaw}. Keep the data folder as it is, and restore the newest \
                 backup that was checked."
            );
            return Err(JobError::Hopeless { code: "database.damaged", detail });
        }
    }
    Ok(format!("{} tables are whole.", tables.len()))
}

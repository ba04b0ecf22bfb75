//! Sends what waits for one recipient, in one message. What does not get there is tried again for
//! two days; then it waits for somebody to look, or goes along with the next message that does.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::Line;
use super::recipients::{self, To};
use super::ways::{Brake, Ways};
use crate::access::secrets::Secrets;
use crate::platform::jobs::queue::{self, NewJob};
use crate::platform::jobs::{Done, JobError, JobKind, Run};
use crate::platform::ledger::Desk;
use crate::store::{Class, ReadTx, StoreError, Tx};

/// The kind of job that sends to a channel.
pub const DELIVER: &str = "notify";
/// The kind that sends mail. A mail server that does not answer holds up no channel.
pub const MAIL: &str = "notify_mail";
/// With the waits of the queue, which double from two seconds up to an hour: some two days.
pub(super) const TRIES: i64 = 58;
/// After so many, somebody is told by another way: within a minute.
pub const TRIES_QUIET: i64 = 4;
/// Before what computes: the sooner somebody knows, the better.
const PRIORITY: i64 = 5;
const LONGEST: Duration = Duration::from_secs(120);
/// Deliveries that go into one message.
const GATHERED_MAX: i64 = 1_000;
/// How old what was never sent is when it is not told any more, microseconds: a week.
const STALE: i64 = 7 * 24 * 3_600_000_000;

/// To whom.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// As [`To`] writes it.
    pub to: String,
}

/// Orders in the caller's transaction that what waits for `to` is sent at `due_at`.
///
/// # Errors
/// What the store says.
pub(super) fn order(tx: &Tx<'_>, desk: &Desk, to: &To, due_at: i64) -> Result<(), StoreError> {
    let kind = match to {
        To::Person(_) => MAIL,
        To::Channel(_) => DELIVER,
    };
    let job = NewJob::new(kind, &Order { to: to.to_string() })
        .tried(TRIES)
        .with_priority(PRIORITY)
        .not_before(due_at);
    queue::order_by_machine(tx, desk.ids(), &job, desk.now())?;
    Ok(())
}

/// The kinds, over what `secrets` seal. One of each at a time: the other ends are few.
#[must_use]
pub fn kinds(secrets: &Secrets) -> [JobKind; 2] {
    let brake = Arc::new(Brake::default());
    [DELIVER, MAIL].map(|name| {
        let (secrets, brake) = (secrets.clone(), Arc::clone(&brake));
        let work = move |order: Order, run: &Run<'_>| deliver(&order, run, (&secrets, &brake));
        JobKind::new(name, work).within(LONGEST).at_once(1)
    })
}

fn deliver(order: &Order, run: &Run<'_>, means: (&Secrets, &Brake)) -> Result<Done, JobError> {
    let desk = run.desk();
    let Some(to) = To::parse(&order.to) else { return Ok("Nobody is called so.".to_owned()) };
    let (job, recipient, now) = (run.id(), order.to.clone(), desk.now());
    let lines =
        desk.store().write_blocking(Class::People, move |tx| claim(tx, job, (&recipient, now)))?;
    if lines.is_empty() {
        return Ok("There was nothing left to say.".to_owned());
    }
    let found = desk.store().read(desk.screen_deadline(), |tx| recipients::find(tx, &to))?;
    let outcome = match &found {
        Some(recipient) => {
            let ways = desk.store().read(desk.screen_deadline(), Ways::find)?;
            let from = run.id().to_string();
            let told = (from.as_str(), desk.now(), &desk.zone());
            ways.send(means, (recipient, &lines), told)?;
            "sent"
        }
        None => "dropped",
    };
    let now = desk.now();
    desk.store().write_blocking(Class::People, move |tx| {
        let sql = "UPDATE notification_delivery SET ended_at = ?2, outcome = ?3 \
            WHERE job_id = ?1 AND ended_at IS NULL";
        tx.execute(sql, &[job.into(), now.into(), outcome.into()])
    })?;
    Ok(match found {
        Some(recipient) => format!("{} was told of {}.", recipient.name, lines.len()),
        None => "They are not told any more.".to_owned(),
    })
}

/// Takes what waits for `recipient` at `now`, also what an earlier job did not get there; not
/// what another one is sending just now.
fn claim(tx: &Tx<'_>, job: i64, (recipient, now): (&str, i64)) -> Result<Vec<Line>, StoreError> {
    let sql = "UPDATE notification_delivery SET ended_at = ?2, outcome = 'dropped' \
        WHERE recipient = ?1 AND ended_at IS NULL AND due_at < ?3";
    tx.execute(sql, &[recipient.into(), now.into(), (now - STALE).into()])?;
    let sql = "UPDATE notification_delivery SET job_id = ?1 WHERE (notification_id, position) IN \
        (SELECT notification_id, position FROM notification_delivery \
        WHERE recipient = ?2 AND ended_at IS NULL AND due_at <= ?3 AND NOT EXISTS \
        (SELECT 1 FROM job WHERE job.id = notification_delivery.job_id \
        AND job.state = 'running' AND job.id <> ?1) ORDER BY due_at LIMIT ?4)";
    tx.execute(sql, &[job.into(), recipient.into(), now.into(), GATHERED_MAX.into()])?;
    lines(tx, job)
}

fn lines(tx: &ReadTx<'_>, job: i64) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT n.id, n.subject, n.severity, n.words, n.facts, n.raised_at, n.over_at, \
        max(d.event = 'test') FROM notification_delivery AS d \
        JOIN notification AS n ON n.id = d.notification_id \
        WHERE d.job_id = ?1 AND d.ended_at IS NULL GROUP BY n.id ORDER BY n.told_at, n.id";
    tx.all(sql, &[job.into()], Line::of)
}

//! What comes by the clock: one row for each kind that does, with when it comes next.

use jiff::tz::TimeZone;

use super::cron::Cron;
use super::kind::JobKind;
use super::queue::{self, NewJob};
use super::resource::SCHEDULE;
use crate::platform::events::outbox;
use crate::platform::ledger::Desk;
use crate::store::{Class, ReadTx, StoreError, Tx};
use crate::vocab::clock::instant;

/// How late a run may be and still is none that was missed, microseconds: five minutes.
const LATE: i64 = 5 * 60 * 1_000_000;

/// When a kind comes unless the hospital says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Default {
    /// The kind.
    pub kind: &'static str,
    /// When.
    pub cron: &'static str,
    /// Whether it runs once as soon as may be after it was missed, because the server was off.
    pub catch_up: bool,
}

/// The name of `zone` as it is stored.
#[must_use]
pub fn name_of(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// Writes those of `defaults` that are not there yet; what the hospital has changed stays.
///
/// # Errors
/// What the store says.
pub fn settle(desk: &Desk, defaults: &'static [Default]) -> Result<(), StoreError> {
    let (ids, now) = (desk.clone(), desk.now());
    desk.store().write_blocking(Class::Bulk, move |tx| {
        for default in defaults {
            let sql = "INSERT INTO schedule (id, kind, cron, catch_up, created_at, updated_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (kind) DO NOTHING";
            let params = [
                ids.ids().next().into(),
                default.kind.into(),
                default.cron.into(),
                i64::from(default.catch_up).into(),
                now.into(),
            ];
            tx.execute(sql, &params)?;
        }
        Ok(())
    })
}

/// A schedule that has to be looked at.
#[derive(Debug)]
struct Due {
    id: i64,
    kind: String,
    cron: String,
    catch_up: bool,
    zone: Option<String>,
    next_at: Option<i64>,
}

/// The key under which a kind that comes by the clock waits or runs once only.
#[must_use]
pub fn key_of(kind: &str) -> String {
    format!("schedule {kind}")
}

/// Orders what is due by now, each once however often it was missed.
pub(super) fn tick(desk: &Desk, kinds: &[JobKind]) -> Result<(), StoreError> {
    let (now, zone) = (desk.now(), desk.zone());
    let all = desk.store().read(desk.screen_deadline(), |tx| due(tx, now, name_of(&zone)))?;
    for schedule in all {
        let Some(kind) = kinds.iter().find(|kind| kind.name == schedule.kind) else { continue };
        let new = NewJob::new(kind.name, &()).tried(kind.tries).only_one(&key_of(kind.name));
        let (zone, desk) = (zone.clone(), desk.clone());
        desk.clone().store().write_blocking(Class::Bulk, move |tx| {
            step(tx, &desk, (&schedule, &new), (now, &zone))
        })?;
    }
    Ok(())
}

fn due(tx: &ReadTx<'_>, now: i64, zone: &str) -> Result<Vec<Due>, StoreError> {
    let sql = "SELECT id, kind, cron, catch_up, zone, next_at FROM schedule \
        WHERE active = 1 AND (next_at IS NULL OR next_at <= ?1 OR zone <> ?2)";
    tx.all(sql, &[now.into(), zone.into()], |row| {
        Ok(Due {
            id: row.get(0)?,
            kind: row.get(1)?,
            cron: row.get(2)?,
            catch_up: row.get(3)?,
            zone: row.get(4)?,
            next_at: row.get(5)?,
        })
    })
}

/// Orders what `schedule` says if it is due, and notes when it comes next.
fn step(
    tx: &Tx<'_>,
    desk: &Desk,
    (schedule, new): (&Due, &NewJob),
    (now, zone): (i64, &TimeZone),
) -> Result<(), StoreError> {
    let is_due = schedule.next_at.is_some_and(|next| next <= now)
        && schedule.zone.as_deref() == Some(name_of(zone));
    let is_missed = schedule.next_at.is_some_and(|next| next + LATE < now);
    let ordered = match is_due && (schedule.catch_up || !is_missed) {
        true => queue::order_by_machine(tx, desk.ids(), new, now)?,
        false => None,
    };
    // One that cannot be read any more never comes, and shows so by its empty next time.
    let next = Cron::parse(&schedule.cron, zone).ok().and_then(|cron| cron.next(instant(now)));
    if next.is_none() {
        tracing::error!(kind = schedule.kind, "A schedule never comes: mend its cron expression");
    }
    let sql = "UPDATE schedule SET next_at = ?2, zone = ?3, \
        last_at = CASE WHEN ?4 IS NULL THEN last_at ELSE ?5 END, \
        last_job_id = coalesce(?4, last_job_id), active = CASE WHEN ?2 IS NULL THEN 0 ELSE 1 END, \
        updated_at = ?5 WHERE id = ?1";
    let params = [
        schedule.id.into(),
        next.map(|next| next.as_microsecond()).into(),
        name_of(zone).into(),
        ordered.into(),
        now.into(),
    ];
    tx.execute(sql, &params)?;
    outbox::append(tx, now, ("stepped", SCHEDULE.name), schedule.id, None)
}

//! Hears of jobs: one that came to nothing is told of until one of its kind has done its work, and
//! messages that do not arrive are told of by the ways that are left.

use std::collections::BTreeSet;

use serde_json::json;

use super::deliver::{DELIVER, MAIL, Order, TRIES_QUIET};
use super::raise::{Raised, Severity, over, raise};
use super::recipients::{self, To};
use crate::platform::events::{Cause, Event, Listener, Place};
use crate::platform::jobs::JOB;
use crate::platform::ledger::Desk;
use crate::store::{Class, ReadTx, StoreError};

/// What a hospital cannot be without for a day.
const CRITICAL: [&str; 4] = ["backup", "backup_drill", "database_check", "audit_anchor"];

/// What an event about a job means.
#[derive(Debug)]
enum News {
    Wrong(Raised),
    Right(String),
}

/// Listens for `desk`.
#[must_use]
pub fn listener(desk: &Desk) -> Listener {
    let desk = desk.clone();
    Listener::new("notify", Place::Store, move |events| {
        hear(&desk, events).map_err(|cause| Box::new(cause) as Cause)
    })
}

fn hear(desk: &Desk, events: &[Event]) -> Result<(), StoreError> {
    let is_news = |event: &&Event| {
        event.kind == JOB.name && matches!(event.event.as_str(), "died" | "failed" | "done")
    };
    let ended: Vec<&Event> = events.iter().filter(is_news).collect();
    if ended.is_empty() {
        return Ok(());
    }
    let news = desk.store().read(desk.screen_deadline(), |tx| {
        // Most jobs are done, and nothing was wrong with their kind.
        let mut wrong = open(tx)?;
        let mut news = Vec::new();
        for event in ended {
            for one in news_of(tx, event)? {
                let matters = match &one {
                    News::Wrong(raised) => {
                        wrong.insert(raised.subject.clone());
                        true
                    }
                    News::Right(subject) => wrong.remove(subject),
                };
                news.extend(matters.then_some(one));
            }
        }
        Ok::<_, StoreError>(news)
    })?;
    if news.is_empty() {
        return Ok(());
    }
    let teller = desk.clone();
    desk.store().write_blocking(Class::Bulk, move |tx| {
        for one in &news {
            match one {
                News::Wrong(raised) => raise(tx, &teller, raised)?,
                News::Right(subject) => drop(over(tx, &teller, subject)?),
            }
        }
        Ok(())
    })
}

/// The subjects of what is open and was found out here.
fn open(tx: &ReadTx<'_>) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT subject FROM notification WHERE state = 'open'";
    Ok(tx.all(sql, &[], |row| row.get(0))?.into_iter().collect())
}

/// What `event` means; nothing if its job is gone, or is to be tried again as usual.
fn news_of(tx: &ReadTx<'_>, event: &Event) -> Result<Vec<News>, StoreError> {
    let sql = "SELECT kind, tries, error_detail, payload, error_code FROM job WHERE id = ?1";
    let found = tx.opt(sql, &[event.id.into()], |row| {
        let (kind, tries): (String, i64) = (row.get(0)?, row.get(1)?);
        let told: (Option<String>, Option<String>) = (row.get(2)?, row.get(4)?);
        Ok((kind, tries, told, row.get::<String>(3)?))
    })?;
    let Some((kind, tries, (error, code), payload)) = found else { return Ok(Vec::new()) };
    let error = error.unwrap_or_default();
    if kind == DELIVER || kind == MAIL {
        let order = serde_json::from_str::<Order>(&payload).ok();
        let Some(to) = order.and_then(|order| To::parse(&order.to)) else {
            return Ok(Vec::new());
        };
        return match event.event.as_str() {
            // One that had nothing left to say has proven nothing.
            "done" if has_sent(tx, event.id)? => {
                Ok(vec![News::Right(to.way()), News::Right(to.own_way())])
            }
            "done" => Ok(Vec::new()),
            "failed" if tries < TRIES_QUIET => Ok(Vec::new()),
            _ => Ok(vec![News::Wrong(undelivered(tx, &to, (&error, code.as_deref()))?)]),
        };
    }
    let subject = format!("job:{kind}");
    Ok(match event.event.as_str() {
        "done" => vec![News::Right(subject)],
        "died" => {
            let is_critical = CRITICAL.contains(&kind.as_str());
            let severity = if is_critical { Severity::Critical } else { Severity::Warning };
            let facts = json!({"kind": kind, "error": error});
            let facts = facts.as_object().cloned().unwrap_or_default();
            vec![News::Wrong(Raised { subject, severity, words: "job_died", facts })]
        }
        _ => Vec::new(),
    })
}

fn has_sent(tx: &ReadTx<'_>, job: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM notification_delivery WHERE job_id = ?1 AND outcome = 'sent' LIMIT 1";
    Ok(tx.opt(sql, &[job.into()], |_| Ok(()))?.is_some())
}

fn undelivered(
    tx: &ReadTx<'_>,
    to: &To,
    (error, code): (&str, Option<&str>),
) -> Result<Raised, StoreError> {
    let name = recipients::find(tx, to)?.map(|recipient| recipient.name).unwrap_or_default();
    let facts = json!({"name": name, "error": error});
    let facts = facts.as_object().cloned().unwrap_or_default();
    let is_refused = code == Some("notify.refused");
    let (subject, words) = match to {
        To::Person(_) if is_refused => (to.own_way(), "no_address"),
        To::Person(_) => (to.way(), "no_mail"),
        To::Channel(_) => (to.way(), "no_channel"),
    };
    Ok(Raised { subject, severity: Severity::Warning, words, facts })
}

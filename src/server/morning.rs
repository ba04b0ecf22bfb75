//! What the server tells each morning by itself: what its own checklist finds, and how it is
//! doing. [`SCHEDULES`] say when; both are jobs like others.

use std::collections::BTreeSet;

use actix_web::web::Data;
use serde_json::json;

use super::doctor::api::Looks;
use super::doctor::{Inside, Scene, State, walk};
use super::lateness::Lateness;
use crate::backup::catalog;
use crate::config::sizing::size;
use crate::domain::patients::Directory;
use crate::notify::digest::{self, Facts};
use crate::notify::{Raised, Severity, over, raise};
use crate::platform::jobs::{DefaultSchedule, Done, JobError, JobKind, Run};
use crate::store::{Class, StoreError};
use crate::vocab::clock::instant;

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Before the name of a check, in the subject of what is told of it.
const SUBJECT: &str = "doctor:";
/// Checks of which others tell: dead jobs and interrupted ways are told when it happens.
const TOLD_ELSEWHERE: [&str; 2] = ["jobs", "messages"];

/// When they come unless the hospital says otherwise: before people come to work.
pub static SCHEDULES: [DefaultSchedule; 2] = [
    DefaultSchedule { kind: "check_up", cron: "45 6 * * *", catch_up: true },
    DefaultSchedule { kind: "digest", cron: "0 7 * * *", catch_up: false },
];

/// What the checklist looks at.
#[derive(Debug, Clone)]
pub struct Looked {
    /// How the server runs.
    pub looks: Data<Looks>,
    /// Its search.
    pub directory: Data<Directory>,
    /// Its clock.
    pub lateness: Data<Lateness>,
}

/// The kinds, over `looked`.
#[must_use]
pub fn kinds(looked: Looked) -> Vec<JobKind> {
    vec![
        JobKind::new("check_up", move |(), run| check_up(run, &looked)),
        JobKind::new("digest", |(), run| digest(run)),
    ]
}

/// Walks the checklist, and tells of what it finds until it finds it no more.
fn check_up(run: &Run<'_>, looked: &Looked) -> Result<Done, JobError> {
    let desk = run.desk();
    let inside = Inside {
        desk: desk.clone(),
        directory: looked.directory.get_ref().clone(),
        latest: looked.lateness.latest(),
    };
    let now = desk.clock().now();
    let mut found = walk(&Scene { config: looked.looks.config(), now, inside: Some(&inside) });
    run.check()?;
    found.retain(|one| one.state != State::Ok && !TOLD_ELSEWHERE.contains(&one.name.as_str()));
    let told = found.len();
    let raised: Vec<Raised> = found
        .into_iter()
        .map(|one| {
            let is_grave = one.state == State::Fail;
            let severity = if is_grave { Severity::Critical } else { Severity::Warning };
            let facts = json!({"name": one.name, "detail": one.detail, "mend": one.mend});
            Raised {
                subject: format!("{SUBJECT}{}", one.name),
                severity,
                words: "finding",
                facts: facts.as_object().cloned().unwrap_or_default(),
            }
        })
        .collect();
    let teller = desk.clone();
    desk.store().write_blocking(Class::Bulk, move |tx| {
        let still: BTreeSet<&str> = raised.iter().map(|one| one.subject.as_str()).collect();
        let sql = "SELECT subject FROM notification WHERE state = 'open' \
            AND substr(subject, 1, length(?1)) = ?1";
        let open = tx.all(sql, &[SUBJECT.into()], |row| row.get::<String>(0))?;
        for subject in open.iter().filter(|subject| !still.contains(subject.as_str())) {
            over(tx, &teller, subject)?;
        }
        raised.iter().try_for_each(|one| raise(tx, &teller, one))
    })?;
    Ok(match told {
        0 => "All is well.".to_owned(),
        told => format!("To look at: {told}."),
    })
}

/// Has a letter written to everybody who wants one.
fn digest(run: &Run<'_>) -> Result<Done, JobError> {
    let desk = run.desk();
    let (store, now) = (desk.store(), desk.now());
    let ages = store.read(desk.screen_deadline(), |tx| catalog::ages(tx, now))?;
    let free = store.free()?.map_or_else(|| "?".to_owned(), size);
    let hours = |age: Option<i64>| age.map(|age| age / HOUR);
    let facts = Facts { backup_h: hours(ages.newest), proven_h: hours(ages.proven), free };
    let weekday = instant(now).to_zoned(desk.zone()).weekday();
    let is_monday = weekday == jiff::civil::Weekday::Monday;
    let writer = desk.clone();
    let ordered = store.write_blocking::<_, StoreError>(Class::Bulk, move |tx| {
        digest::order(tx, &writer, is_monday, &facts)
    })?;
    Ok(format!("Letters: {ordered}."))
}

//! The letter that says now and then how the server is doing, also when nothing is wrong: whoever
//! hears nothing for a year cannot tell whether all is well or nobody speaks.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::message::{Line, subject};
use super::recipients::{self, Recipient, To};
use super::ways::password;
use super::words::say;
use super::{deliver, mail};
use crate::access::hospital;
use crate::access::secrets::Secrets;
use crate::platform::jobs::{Done, JobError, JobKind, NewJob, Run, queue};
use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError, Tx};

/// The kind of job that writes one letter.
const LETTER: &str = "digest_letter";
const LONGEST: Duration = Duration::from_secs(120);
/// What is open is told one by one up to here.
const TOLD_MAX: i64 = 20;

/// How often a person gets the letter: the words of `digest`.
pub const OFTEN: [&str; 3] = ["none", "weekly", "daily"];

/// What stands in the letter beside what is open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// Hours since the newest backup that is whole.
    pub backup_h: Option<i64>,
    /// Hours since a backup was last restored and found whole.
    pub proven_h: Option<i64>,
    /// What is free on the disk of the data folder, in words.
    pub free: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    to: i64,
    facts: Facts,
}

/// Orders in the caller's transaction a letter to each who wants one, `weekly` ones too if it
/// `is_monday`; how many.
///
/// # Errors
/// What the store says.
pub fn order(
    tx: &Tx<'_>,
    desk: &Desk,
    is_monday: bool,
    facts: &Facts,
) -> Result<usize, StoreError> {
    let wants = |recipient: &Recipient| match recipient.digest.as_str() {
        "daily" => true,
        "weekly" => is_monday,
        _ => false,
    };
    let mut ordered = 0;
    for recipient in recipients::all(tx)?.iter().filter(|one| wants(one)) {
        let To::Person(to) = recipient.to else { continue };
        let letter = Letter { to, facts: facts.clone() };
        let job = NewJob::new(LETTER, &letter).tried(deliver::TRIES);
        queue::order_by_machine(tx, desk.ids(), &job, desk.now())?;
        ordered += 1;
    }
    Ok(ordered)
}

/// The kind, over what `secrets` seal.
#[must_use]
pub fn kind(secrets: &Secrets) -> JobKind {
    let secrets = secrets.clone();
    let work = move |letter: Letter, run: &Run<'_>| write(&letter, run, &secrets);
    JobKind::new(LETTER, work).within(LONGEST).at_once(1)
}

fn write(letter: &Letter, run: &Run<'_>, secrets: &Secrets) -> Result<Done, JobError> {
    let desk = run.desk();
    let (found, kept, house, open) = desk.store().read(desk.screen_deadline(), |tx| {
        let found = recipients::find(tx, &To::Person(letter.to))?;
        Ok::<_, StoreError>((found, mail::KEPT.find(tx)?, hospital::find(tx)?, open(tx)?))
    })?;
    let kept = kept.filter(|kept| kept.settings.enabled);
    let (Some(recipient), Some(kept)) = (found, kept) else {
        return Ok("They are not told any more.".to_owned());
    };
    let Some(to) = &recipient.email else { return Ok("They are not told any more.".to_owned()) };
    let hospital = house.map(|house| house.name).unwrap_or_default();
    let (language, key) = (&recipient.language, format!("healthflow-{}", run.id()));
    let password = password(&kept, secrets)?;
    let title = say(language, "notify.digest_title", &Map::new());
    let subject = subject(&hospital, &title);
    let text = text(language, &hospital, &letter.facts, &open);
    let sent = mail::Letter { to, key: &key, subject: &subject, text };
    mail::send(&kept.settings, password, sent)?;
    Ok(format!("{} got it.", recipient.name))
}

fn text(language: &str, hospital: &str, facts: &Facts, open: &[Line]) -> String {
    let say = |key: &str, slots: Json| say(language, key, slots.as_object().unwrap_or(&Map::new()));
    let mut parts = vec![match open.is_empty() {
        true => say("notify.digest_well", json!({})),
        false => say("notify.digest_open", json!({"count": open.len()})),
    }];
    parts.extend(open.iter().map(|line| format!("- {}", line.heading(language))));
    parts.push(match (facts.backup_h, facts.proven_h) {
        (Some(newest), Some(proven)) => {
            say("notify.digest_backup", json!({"newest": newest, "proven": proven}))
        }
        (Some(newest), None) => say("notify.digest_unproven", json!({"newest": newest})),
        _ => say("notify.digest_no_backup", json!({})),
    });
    parts.push(say("notify.digest_disk", json!({"free": facts.free})));
    parts.push(say("notify.footer", json!({"hospital": hospital})));
    parts.join("\n\n")
}

/// What is open, the newest first.
fn open(tx: &ReadTx<'_>) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT id, subject, severity, words, facts, raised_at, over_at, 0 \
        FROM notification WHERE state = 'open' ORDER BY told_at DESC, id DESC LIMIT ?1";
    tx.all(sql, &[TOLD_MAX.into()], Line::of)
}

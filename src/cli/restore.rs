//! `healthflow restore`: brings a hospital back from its backups, with nothing but this program,
//! the folder or the bucket of the backups and the recovery sheet.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::arguments::RestoreArguments;
use super::backup::{ASK_KEY, no_key};
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::password::read_hidden;
use super::standby::refuse_standby;
use super::storage;
use crate::backup::BackupError;
use crate::backup::log_file::{self, End};
use crate::backup::manifest::{self, Manifest, ManifestError};
use crate::backup::restore::{Order, Prepared, Restored, Skipped, restore};
use crate::backup::sealing::SecretKey;
use crate::backup::target::Target;
use crate::config::Config;
use crate::platform::ledger::{RecordError, Touch};
use crate::server::House;
use crate::server::extent::extent;
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::{Clock, SystemClock, instant};
use crate::vocab::id::Kind;

/// How often somebody who waits is told.
const TELL_EVERY: Duration = Duration::from_secs(3);
/// Characters of a file with a key.
const KEY_FILE_MAX: usize = 10_000;
/// The restored hospital, in its audit.
const HOSPITAL: Kind = Kind::new("hospital", "hos");
const THE_ONE: i64 = 1;

/// Restores into the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &RestoreArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let target = storage::target(&asked.from, &asked.storage)?;
    target.demand_there().map_err(BackupError::from)?;
    if asked.list {
        return list(&target, output);
    }
    refuse_standby(config)?;
    // Whatever is made in the data folder is its owner's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let key = read_key(asked.key_file.as_deref())?;
    let order = Order {
        target: &target,
        name: asked.backup.as_deref(),
        at: asked.at.map(|at| at.as_microsecond()),
        key: &key,
        data: &config.data,
        replaces: asked.replace,
        extent: &extent(),
        now: SystemClock.now().as_microsecond(),
    };
    let (started, mut told) = (Instant::now(), Instant::now());
    let restored = restore(&order, SystemClock.now(), &mut |done, total| {
        if TELL_EVERY < told.elapsed() {
            told = Instant::now();
            output.note(&format!("{} of {} MiB", done >> 20, total >> 20));
        }
    })?;
    open(config, &restored)?;
    let Restored { prepared, kept } = restored;
    let Prepared { manifest, reached, patients, broken, skipped } = prepared;
    let took = started.elapsed();
    let reached = instant(reached).to_string();
    let result = json!({
        "backup": manifest.name, "reached": reached, "patients": patients,
        "took_s": took.as_secs(), "kept": kept, "log_is_broken": broken.is_some(),
        "skipped": skipped.iter().map(|one| json!({"name": one.name, "why": one.why}))
            .collect::<Vec<_>>(),
    });
    output.result(&result, || {
        let mut words = format!(
            "The hospital is as it was at {reached}: {patients} patients. It took {} s. Start it \
             with healthflow serve.",
            took.as_secs()
        );
        if let Some(kept) = &kept {
            words.push_str(&format!("\nWhat was there before is in {}.", kept.display()));
        }
        words
    })?;
    for Skipped { name, why } in &skipped {
        output
            .warning(&format!("The newer backup {name} cannot be used and was passed over: {why}"));
    }
    if broken.is_some() {
        output.warning(
            "The shipped log is damaged or has a gap there: what was written after that moment is \
             not in it.",
        );
        return Ok(Ended::Partly);
    }
    Ok(Ended::Well)
}

/// The key of the recovery sheet: from `file`, or one line of standard input.
pub(super) fn read_key(file: Option<&Path>) -> Result<SecretKey, Failure> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).map_err(no_key)?,
        None => read_hidden(ASK_KEY).map_err(no_key)?,
    };
    // A file of age-keygen has comments around the key.
    let line = text.lines().find(|line| !line.trim_start().starts_with('#'));
    let line = line.filter(|_| text.len() <= KEY_FILE_MAX);
    line.and_then(SecretKey::parse).ok_or_else(|| {
        let detail = "This is no key of a recovery sheet: it begins with AGE-SECRET-KEY-1. Look \
             for a letter that was read as another.";
        Failure::new("cli.key", detail)
    })
}

/// Opens the hospital once as the server does: it is brought to this program's schema, its search
/// index is made, and its audit says that it was restored.
fn open(config: &Config, restored: &Restored) -> Result<(), Failure> {
    let house = House::open(config)?;
    let noted = note_restore(&house, restored.prepared.manifest.name.clone());
    house.close();
    noted
}

/// Notes in the audit of `house` that it was restored, from `what`.
pub(super) fn note_restore(house: &House, what: String) -> Result<(), Failure> {
    note(house, ("restore", "backup.restore", "restored"), what)
}

/// Notes in the audit of `house` what was done to it, from `what`.
pub(super) fn note(
    house: &House,
    (machine, act, event): (&'static str, &'static str, &'static str),
    what: String,
) -> Result<(), Failure> {
    let call = Call::new(Actor::machine(machine, Vec::new()), machine).because(Some(what));
    let noted = house.desk.write_blocking(&call, act, move |work| {
        let touch = Touch { kind: HOSPITAL, id: THE_ONE, patient: None, event };
        work.touched(touch);
        Ok::<_, RecordError>(())
    });
    Ok(noted?)
}

/// Each backup that is there, the newest first, and how far the log goes on from it.
fn list(target: &Target, output: &Output) -> Result<Ended, Failure> {
    let names = manifest::names(target).map_err(BackupError::from)?;
    let (mut found, mut ends) = (Vec::new(), BTreeMap::new());
    for name in names.iter().rev() {
        let (manifest, _) = match Manifest::read(target, name) {
            Ok(read) => read,
            Err(ManifestError::Target(cause)) => return Err(BackupError::from(cause).into()),
            // The others are no worse for it.
            Err(cause) => {
                output.warning(&format!("The backup {name} cannot be used: {cause}."));
                found.push(json!({"name": name, "trouble": format!("{cause}.")}));
                continue;
            }
        };
        let mut until = manifest.made_at;
        if let Some(log) = &manifest.log {
            let end = match ends.get(&log.chain) {
                Some(end) => *end,
                None => end_of_log(target, &log.chain)?,
            };
            ends.insert(log.chain.clone(), end);
            until = until.max(end.unwrap_or(until));
        }
        found.push(json!({
            "name": name, "made_at": instant(manifest.made_at).to_string(),
            "until": instant(until).to_string(),
            "patients": manifest.rows.get("patient"), "program": manifest.program,
            "stored_bytes": manifest.stored_bytes(), "recipients": manifest.recipients,
        }));
    }
    let found = json!(found);
    output.result(&found, || {
        let rows = found.as_array().into_iter().flatten().map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            if row["trouble"].is_string() {
                return vec![text("name"), "cannot be used".to_owned()];
            }
            let mib = row["stored_bytes"].as_u64().unwrap_or(0) >> 20;
            vec![
                text("name"),
                format!("made {}", shown(&row["made_at"])),
                format!("reaches until {}", shown(&row["until"])),
                format!("{mib} MiB"),
                format!("{} patients", row["patients"]),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() { "There is no backup here.".to_owned() } else { columns(&rows) }
    })?;
    Ok(Ended::Well)
}

/// When the last record of `chain` was taken, microseconds UTC, if that can be told.
fn end_of_log(target: &Target, chain: &str) -> Result<Option<i64>, Failure> {
    let end = log_file::end_of(target, chain).map_err(BackupError::from)?;
    Ok(match end {
        End::At(record, _) => Some(record.at),
        End::Empty(_) | End::Lost => None,
    })
}

/// A moment as people read it, where they are.
fn shown(at: &Json) -> String {
    let at: Option<Timestamp> = at.as_str().and_then(|at| at.parse().ok());
    let at = at.map(|at| at.to_zoned(TimeZone::system()));
    at.map_or_else(|| "-".to_owned(), |at| at.strftime("%-d %B %Y, %H:%M:%S %Z").to_string())
}

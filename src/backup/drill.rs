//! The drill: the newest backup is restored into a scratch folder and opened by the program
//! itself, as on the day when it is needed. What it finds stands beside the backup.

use std::io;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::catalog::{self, DAY};
use super::error::BackupError;
use super::lay::{compare, lay};
use super::make::Scratch;
use super::manifest::{self, Manifest};
use super::settings::Ready;
use crate::platform::jobs::Run;
use crate::platform::ledger::Custodian;
use crate::store::{Store, StoreOptions};

/// Where the drill restores to, in the data folder.
pub(super) const SCRATCH: &str = "drill-scratch";
/// For the look at one table, however large.
const TABLE: Duration = Duration::from_secs(1_800);
const ROOM: u64 = 64 << 20;

/// What a drill has shown.
#[derive(Debug, Clone)]
pub struct Proven {
    /// Which backup was restored.
    pub name: String,
    /// Tables that were compared.
    pub tables: usize,
    /// Rows in them.
    pub rows: i64,
    /// Audit rows whose chain was walked.
    pub audit_rows: i64,
    /// How long it took.
    pub took: Duration,
}

/// Restores the newest backup and looks at all of it. The outcome is noted beside the backup.
///
/// # Errors
/// Why it cannot be relied on, or why it could not be tried.
pub fn drill(run: &Run<'_>, ready: &Ready) -> Result<Proven, BackupError> {
    ready.target.demand(&ready.claim)?;
    let started = Instant::now();
    let names = manifest::names(&ready.target)?;
    // One of the future is no newest one, however it came there.
    let tomorrow = run.desk().now().saturating_add(DAY);
    let tomorrow = Timestamp::from_microsecond(tomorrow).unwrap_or(Timestamp::MAX);
    let tomorrow = tomorrow.strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = names.iter().rfind(|name| **name < tomorrow);
    let name = name.ok_or_else(|| BackupError::None(ready.target.place()))?;
    let outcome = restore(run, ready, name, started);
    let told = match &outcome {
        Ok(_) => Ok(started.elapsed()),
        // Whoever ends it says nothing about the backup; neither does a full disk here.
        Err(
            BackupError::Ended(_)
            | BackupError::NoSpace { .. }
            | BackupError::Io { .. }
            | BackupError::Target(_),
        ) => return outcome,
        Err(cause) => Err(cause.to_string()),
    };
    catalog::drilled(run.desk(), name, told)?;
    outcome
}

fn restore(
    run: &Run<'_>,
    ready: &Ready,
    name: &str,
    started: Instant,
) -> Result<Proven, BackupError> {
    let (manifest, _) = Manifest::read(&ready.target, name)?;
    let store = run.desk().store();
    let bytes = manifest.database.bytes;
    let needed = bytes / 5 * 6 + ROOM;
    if let Some(free) = store.free()?.filter(|free| *free < needed) {
        return Err(BackupError::NoSpace { needed_mib: needed >> 20, free_mib: free >> 20 });
    }
    let scratch = Scratch::new(store.folder(), SCRATCH)?;
    let total = i64::try_from(bytes).ok();
    let laid = lay(&ready.target, &manifest, &ready.own, &scratch.0, &mut |done| {
        run.progress(i64::try_from(done).unwrap_or(0), total);
        run.step().map_err(io::Error::other)
    });
    run.check()?;
    laid?;
    let found = compare(&scratch.0, &manifest, &mut || run.step().is_ok())?;
    run.check()?;
    let rows = found.map_or(0, |found| found.rows.values().sum());
    let audit_rows = open(run, &manifest, &scratch)?;
    let (name, tables) = (name.to_owned(), manifest.rows.len());
    Ok(Proven { name, tables, rows, audit_rows, took: started.elapsed() })
}

/// Opens what was restored as the program does, and walks the chain of its audit.
fn open(run: &Run<'_>, manifest: &Manifest, scratch: &Scratch) -> Result<i64, BackupError> {
    let differs = |flaw: String| BackupError::Differs { name: manifest.name.clone(), flaw };
    let clock = run.desk().clock();
    let options = StoreOptions { readers: 1, ..StoreOptions::new(&scratch.0) };
    let store = Store::open(options, clock.clone())?;
    let looked = (|| {
        for table in store.read(run.desk().screen_deadline(), |tx| tx.tables())? {
            run.step()?;
            let flaws = store.read(TABLE, |tx| tx.flaws_of(&table))?;
            if let Some(flaw) = flaws.into_iter().next() {
                return Err(differs(flaw));
            }
        }
        let custodian = Custodian::open(store.clone(), clock.clone());
        let verdict = custodian.verify(Vec::new(), &|_, _| run.step().is_ok());
        run.check()?;
        let verdict = verdict.map_err(|cause| differs(cause.to_string()))?;
        match verdict.flaw {
            Some(flaw) => Err(differs(flaw.told)),
            None => Ok(verdict.rows),
        }
    })();
    store.close();
    looked
}

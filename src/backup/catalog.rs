//! What this server knows of the backups at its target: a row for each.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::BackupError;
use super::keep::{Known, superfluous};
use super::log_file::{self, LOG};
use super::manifest::{self, FILES, Manifest, is_file_name, is_name};
use super::resource::BACKUP;
use super::settings::Ready;
use super::shipping::chain_of;
use crate::platform::events::outbox;
use crate::platform::jobs::Run;
use crate::platform::ledger::Desk;
use crate::store::{Class, ReadTx, StoreError, Tx};

/// Backups of one target that are taken note of.
const ROWS_MAX: usize = 2_000;
/// Characters of what a drill has found.
const DETAIL_MAX: usize = 400;
/// How long a backup that was never finished may lie there, microseconds: a day.
const UNFINISHED: i64 = DAY;
/// How far a clock may have been ahead, microseconds: an hour.
pub(super) const SKEW: i64 = 3_600 * 1_000_000;
/// Microseconds of a day.
pub(super) const DAY: i64 = 24 * 3_600 * 1_000_000;

/// How old what counts is, microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// The newest backup that is whole.
    pub newest: Option<i64>,
    /// Since a backup was last restored and found whole.
    pub proven: Option<i64>,
}

/// How old they are at `now`.
///
/// # Errors
/// What the store says.
pub fn ages(tx: &ReadTx<'_>, now: i64) -> Result<Ages, StoreError> {
    let since = |sql: &'static str| {
        // What lies in the future says nothing of how old anything is.
        let until = now.saturating_add(SKEW);
        let at = tx.one(sql, &[until.into()], |row| row.get::<Option<i64>>(0))?;
        Ok::<_, StoreError>(at.map(|at| now.saturating_sub(at).max(0)))
    };
    let newest =
        since("SELECT max(made_at) FROM backup WHERE state = 'verified' AND made_at <= ?1")?;
    let proven = since(
        "SELECT max(drilled_at) FROM backup WHERE drill_outcome = 'passed' AND drilled_at <= ?1",
    )?;
    Ok(Ages { newest, proven })
}

/// Brings the rows in line with what lies at the target, `made` among it.
///
/// # Errors
/// What the target and the store say.
pub fn take_note(
    run: &Run<'_>,
    ready: &Ready,
    made: Option<(&str, Duration)>,
) -> Result<(), BackupError> {
    let mut there = manifest::names(&ready.target)?;
    there.drain(..there.len().saturating_sub(ROWS_MAX));
    let desk = run.desk();
    let known = desk.store().read(desk.screen_deadline(), |tx| {
        let sql = "SELECT name, state FROM backup";
        tx.all(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))
    })?;
    let known: BTreeMap<String, String> = known.into_iter().collect();
    let now = desk.now();
    for name in &there {
        run.step()?;
        if known.get(name).is_some_and(|state| state != "gone") {
            continue;
        }
        let Ok((manifest, _)) = Manifest::read(&ready.target, name) else {
            tracing::warn!("The manifest of the backup {name} cannot be read");
            continue;
        };
        let took = made.filter(|made| made.0 == name).map(|made| made.1);
        let id = desk.ids().next();
        desk.store().write_blocking(Class::Bulk, move |tx| insert(tx, id, &manifest, took, now))?;
    }
    for (name, _) in known.iter().filter(|(name, state)| *state != "gone" && !there.contains(name))
    {
        set_state(desk, name, "gone")?;
    }
    Ok(())
}

fn insert(
    tx: &Tx<'_>,
    id: i64,
    manifest: &Manifest,
    took: Option<Duration>,
    now: i64,
) -> Result<(), StoreError> {
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let took = took.map(|took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    let sql = "INSERT INTO backup (id, name, state, made_at, took_ms, database_bytes, \
        stored_bytes, patients, schema_version, created_at, updated_at) \
        VALUES (?1, ?2, 'verified', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) \
        ON CONFLICT (name) DO UPDATE SET state = 'verified', version = backup.version + 1, \
        updated_at = excluded.updated_at RETURNING id";
    let params = [
        id.into(),
        manifest.name.as_str().into(),
        manifest.made_at.into(),
        took.into(),
        number(manifest.database.bytes).into(),
        number(manifest.stored_bytes()).into(),
        manifest.rows.get("patient").copied().unwrap_or(0).into(),
        manifest.schema_version.into(),
        now.into(),
    ];
    let id: i64 = tx.one(sql, &params, |row| row.get(0))?;
    outbox::append(tx, now, ("created", BACKUP.name), id, None)
}

fn set_state(desk: &Desk, name: &str, state: &'static str) -> Result<(), StoreError> {
    let (name, now) = (name.to_owned(), desk.now());
    desk.store().write_blocking(Class::Bulk, move |tx| {
        let sql = "UPDATE backup SET state = ?2, version = version + 1, updated_at = ?3 \
            WHERE name = ?1 RETURNING id";
        let params = [name.as_str().into(), state.into(), now.into()];
        match tx.opt(sql, &params, |row| row.get::<i64>(0))? {
            Some(id) => outbox::append(tx, now, ("amended", BACKUP.name), id, None),
            None => Ok(()),
        }
    })
}

/// Notes what the drill of the backup `name` has shown: how long it took, or what is wrong with
/// it, which also makes it one that nobody relies on.
///
/// # Errors
/// What the store says.
pub fn drilled(
    desk: &Desk,
    name: &str,
    outcome: Result<Duration, String>,
) -> Result<(), StoreError> {
    let (name, now) = (name.to_owned(), desk.now());
    let (outcome, state, took, detail) = match outcome {
        Ok(took) => ("passed", "verified", i64::try_from(took.as_millis()).ok(), None),
        Err(flaw) => ("failed", "broken", None, Some(flaw.chars().take(DETAIL_MAX).collect())),
    };
    let detail: Option<String> = detail;
    desk.store().write_blocking(Class::Bulk, move |tx| {
        let sql = "UPDATE backup SET state = ?2, drilled_at = ?3, drill_outcome = ?4, \
            drill_took_ms = ?5, drill_detail = ?6, version = version + 1, updated_at = ?3 \
            WHERE name = ?1 RETURNING id";
        let params = [
            name.as_str().into(),
            state.into(),
            now.into(),
            outcome.into(),
            took.into(),
            detail.as_deref().into(),
        ];
        match tx.opt(sql, &params, |row| row.get::<i64>(0))? {
            Some(id) => outbox::append(tx, now, ("amended", BACKUP.name), id, None),
            None => Ok(()),
        }
    })
}

/// Takes away what is superfluous at the target, the files that nothing names any more, and what
/// was never finished. To be called when one was verified just now.
///
/// # Errors
/// What the target and the store say.
pub fn thin_out(run: &Run<'_>, ready: &Ready) -> Result<usize, BackupError> {
    let desk = run.desk();
    let known = desk.store().read(desk.screen_deadline(), |tx| {
        let sql = "SELECT name, made_at, state FROM backup WHERE state IN ('verified', 'broken')";
        tx.all(sql, &[], |row| {
            let verified = row.get::<String>(2)? == "verified";
            Ok(Known { name: row.get(0)?, made_at: row.get(1)?, verified })
        })
    })?;
    let gone = superfluous(&known, ready.keep, &desk.zone());
    for name in &gone {
        run.step()?;
        // What makes it count goes first: half of one is none.
        ready.target.remove(&Manifest::path_of(name))?;
        ready.target.remove(&format!("{}/{name}", manifest::BACKUPS))?;
        set_state(desk, name, "gone")?;
    }
    sweep(run, ready)?;
    thin_out_log(run, ready)?;
    Ok(gone.len())
}

/// Takes away what of the shipped log is older than the days of which backups are kept: beyond
/// them one can go back to each backup, and not to each moment.
fn thin_out_log(run: &Run<'_>, ready: &Ready) -> Result<(), BackupError> {
    let target = &ready.target;
    let days = i64::try_from(ready.keep.daily).unwrap_or(1).max(1);
    let since = run.desk().now() - days * DAY;
    let mut needed: BTreeMap<String, u64> = BTreeMap::new();
    let mut is_older = false;
    for name in manifest::names(target)?.iter().rev() {
        run.step()?;
        // Whoever cannot be read may need any of it.
        let Ok((manifest, _)) = Manifest::read(target, name) else { return Ok(()) };
        if let Some(log) = manifest.log.filter(|_| !is_older) {
            let generation = needed.entry(log.chain).or_insert(log.generation);
            *generation = log.generation.min(*generation);
        }
        // The newest from before the first day is needed for that day.
        is_older |= manifest.made_at < since;
    }
    let current = chain_of(run.desk().store().folder());
    for chain in target.list(LOG)?.into_iter().filter(|name| log_file::is_chain(name)) {
        match needed.get(&chain) {
            Some(generation) => log_file::thin_out(target, &chain, *generation)?,
            // One that has just begun waits for its backup.
            None if current.as_ref() == Some(&chain) => {}
            None => target.remove(&format!("{LOG}/{chain}"))?,
        }
    }
    Ok(())
}

fn sweep(run: &Run<'_>, ready: &Ready) -> Result<(), BackupError> {
    let target = &ready.target;
    let whole = manifest::names(target)?;
    let long_ago = run.desk().now() - UNFINISHED;
    let long_ago = jiff::Timestamp::from_microsecond(long_ago).unwrap_or_default();
    let long_ago = long_ago.strftime("%Y%m%dT%H%M%SZ").to_string();
    // What somebody else has put there is not ours to take away.
    for name in target.list(manifest::BACKUPS)?.into_iter().filter(|name| is_name(name)) {
        if !whole.contains(&name) && name < long_ago {
            target.remove(&format!("{}/{name}", manifest::BACKUPS))?;
        }
    }
    let mut named = Vec::new();
    for name in &whole {
        run.step()?;
        // Whoever cannot be read may name any of them.
        let Ok((manifest, _)) = Manifest::read(target, name) else { return Ok(()) };
        named.extend(manifest.files.into_iter().map(|piece| piece.stored));
    }
    named.sort();
    for name in target.list(FILES)?.into_iter().filter(|name| is_file_name(name)) {
        let stored = format!("{FILES}/{name}");
        if named.binary_search(&stored).is_err() {
            target.remove(&stored)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::settings;
    use super::*;
    use crate::store::Store;

    const SECOND: Duration = Duration::from_secs(1);
    const NOW: i64 = 1_800_000_000_000_000;

    #[test]
    fn a_backup_of_the_future_makes_nothing_look_new() {
        let store = Store::scratch();
        let add = |id: i64, made_at: i64| {
            let sql = "INSERT INTO backup (id, name, state, made_at, database_bytes, stored_bytes, \
                patients, schema_version, drilled_at, drill_outcome, created_at, updated_at) \
                VALUES (?1, ?1, 'verified', ?2, 1, 1, 0, 1, ?2, 'passed', ?2, ?2)";
            let params = [id.into(), made_at.into()];
            let add = move |tx: &Tx<'_>| tx.execute(sql, &params).map(drop);
            store.write_blocking::<_, StoreError>(Class::People, add).unwrap();
        };
        let ages = || store.read(SECOND, |tx| ages(tx, NOW)).unwrap();
        add(1, NOW + 400 * DAY);
        assert_eq!((ages().newest, ages().proven), (None, None));
        let made = store.read(SECOND, |tx| settings::newest_made(tx, NOW)).unwrap();
        assert_eq!(made, None);
        add(2, NOW - DAY);
        assert_eq!((ages().newest, ages().proven), (Some(DAY), Some(DAY)));
        let made = store.read(SECOND, |tx| settings::newest_made(tx, NOW)).unwrap();
        assert_eq!(made, Some(NOW - DAY));
    }
}

//! Brings the hospital back while it runs: what is wanted is laid beside it, brought forward and
//! looked at; then the server closes the house, puts that into its place and opens the house anew,
//! which takes seconds. What was there is kept, and comes back in the same way.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::drill;
use super::error::BackupError;
use super::extent::Extent;
use super::make::{self, fresh_folder};
use super::restore::{OF_LOG, Order, Prepared, prepare, put_in_place};
use super::settings::Ready;
use crate::platform::jobs::{Done, JobError, Run};
use crate::store::{DATABASE, KEPT, READY, hold};

/// Files of what was there before that are taken back.
const FILES_MAX: usize = 100_000;

/// What a job that prepares is told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Wanted {
    /// The moment, microseconds UTC.
    pub at: i64,
}

/// What stands ready to take the place of what is there.
#[derive(Debug, Clone)]
pub struct Standby {
    /// The moment that it shows, microseconds UTC.
    pub reached: i64,
    /// Patients in it.
    pub patients: i64,
    /// Whether the shipped log broke off before the moment that was wanted.
    pub log_is_broken: bool,
    files: Vec<String>,
}

/// What is to take the place.
#[derive(Debug, Clone)]
enum Swap {
    Ready(Standby),
    Kept(String),
}

/// What stands ready, and whether the server is to turn to it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Turn(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ready: Mutex<Option<Standby>>,
    swap: Mutex<Option<Swap>>,
    bell: Notify,
}

impl Turn {
    /// What stands ready.
    #[must_use]
    pub fn ready(&self) -> Option<Standby> {
        lock(&self.0.ready).clone()
    }

    /// Has the server turn to what stands ready; false if nothing does.
    #[must_use]
    pub fn begin(&self) -> bool {
        let Some(ready) = lock(&self.0.ready).take() else { return false };
        *lock(&self.0.swap) = Some(Swap::Ready(ready));
        self.0.bell.notify_one();
        true
    }

    /// Has the server turn back to what was there before, the folder `name` of `data`; false if
    /// there is none.
    #[must_use]
    pub fn begin_back(&self, data: &Path, name: &str) -> bool {
        if !kept_in(data).iter().any(|kept| kept == name) {
            return false;
        }
        *lock(&self.0.swap) = Some(Swap::Kept(name.to_owned()));
        self.0.bell.notify_one();
        true
    }

    /// Waits until the server is to turn.
    pub async fn wanted(&self) {
        self.0.bell.notified().await;
    }

    /// Whether the server ended to turn.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        lock(&self.0.swap).is_some()
    }

    /// Puts what is wanted into its place in the data folder `data`, which nobody has open; says
    /// what it was, for the audit.
    ///
    /// # Errors
    /// What the store and the system say; what was there is there or in its folder.
    pub fn swap(&self, data: &Path, now: Timestamp) -> Result<String, BackupError> {
        let swap = lock(&self.0.swap).take();
        let (laid, files, told) = match swap {
            None => return Ok(String::new()),
            Some(Swap::Ready(ready)) => {
                let at = Timestamp::from_microsecond(ready.reached).unwrap_or_default();
                (data.join(READY), ready.files, at.to_string())
            }
            Some(Swap::Kept(name)) => {
                let laid = data.join(&name);
                let files = files_of(&laid).map_err(BackupError::io("look at what was there"))?;
                (laid, files, name)
            }
        };
        let held = hold(data)?;
        put_in_place(&held, data, (&laid, files), now)?;
        if let Err(cause) = fs::remove_dir_all(&laid) {
            tracing::warn!("An empty folder of the restore stays: {cause}");
        }
        Ok(told)
    }
}

/// Folders with what was there before a restore, the newest first.
#[must_use]
pub fn kept_in(data: &Path) -> Vec<String> {
    let entries = fs::read_dir(data).into_iter().flatten().filter_map(Result::ok);
    let is_kept = |name: &String| name.starts_with(KEPT) && data.join(name).join(DATABASE).exists();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(is_kept).collect();
    names.sort_by(|one, other| other.cmp(one));
    names
}

/// The files in `folder` but for the database and its log, with `/` between folders. How that log
/// was shipped ends with it: what comes back begins a chain and a backup of its own, so that the
/// newest is of the hospital that lives, and not of the one that was given up.
fn files_of(folder: &Path) -> io::Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![(folder.to_owned(), String::new())]);
    while let Some((path, before)) = folders.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let whole = format!("{before}{name}");
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{whole}/")));
            } else if !whole.starts_with(DATABASE)
                && !OF_LOG.contains(&whole.as_str())
                && files.len() < FILES_MAX
            {
                files.push(whole);
            }
        }
    }
    Ok(files)
}

/// Lays and brings forward what is wanted, beside what is there.
///
/// # Errors
/// Why not.
pub fn stand_by(
    run: &Run<'_>,
    ready: &Ready,
    wanted: Wanted,
    (extent, turn): (&Extent, &Turn),
) -> Result<Done, JobError> {
    // What stood ready goes first: it was made for another moment.
    *lock(&turn.0.ready) = None;
    let store = run.desk().store();
    let folder = fresh_folder(store.folder(), READY)?;
    let data = store.folder().to_owned();
    let order = Order {
        target: &ready.target,
        name: None,
        at: Some(wanted.at),
        key: &ready.own,
        data: &data,
        replaces: true,
        extent,
        now: run.desk().now(),
    };
    let free = store.free().map_err(BackupError::from)?;
    let prepared = prepare(&order, &folder, free, &mut |done, total| {
        run.progress(i64::try_from(done).unwrap_or(0), i64::try_from(total).ok());
        run.step().map_err(io::Error::other)
    });
    run.check()?;
    let Prepared { manifest, reached, patients, broken, skipped } = prepared?;
    let files = manifest.files.into_iter().map(|piece| piece.path).collect();
    let log_is_broken = broken.is_some();
    *lock(&turn.0.ready) = Some(Standby { reached, patients, log_is_broken, files });
    let at = Timestamp::from_microsecond(reached).unwrap_or_default();
    let mut told = format!("The hospital as it was at {at:.0} stands ready: {patients} patients.");
    for one in skipped {
        told.push_str(&format!(" The backup {} was passed over: {}", one.name, one.why));
    }
    Ok(told)
}

/// Takes away what an earlier run of the server has left in the data folder `data` of copies in
/// clear.
pub fn clear_away(data: &Path) {
    for name in [READY, make::SCRATCH, drill::SCRATCH] {
        match fs::remove_dir_all(data.join(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                tracing::warn!("{name} in the data folder could not be taken away: {cause}");
            }
            _ => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

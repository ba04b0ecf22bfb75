//! Restores a backup into a data folder that no server uses: on a new machine, or in the place of
//! what is there, which is kept beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::catalog::DAY;
use super::error::BackupError;
use super::extent::{Extent, place_of};
use super::lay::{compare, lay};
use super::log_file::Broken;
use super::make::Scratch;
use super::manifest::{self, Manifest};
use super::replay::{Replay, Replayed};
use super::sealing::SecretKey;
use super::target::Target;
use crate::store::{DATABASE, Held, KEPT, examine, hold, move_if_there};

/// Where a backup is laid first, in the data folder.
const SCRATCH: &str = "restore-scratch";
/// What belongs to the database that was there and not to the one that comes.
const LEFT_BEHIND: [&str; 7] = [
    "audit.spool",
    "audit.repeats",
    "audit.anchors",
    "healthflow.missing",
    OF_LOG[0],
    OF_LOG[1],
    OF_LOG[2],
];
/// What says how the log of a database is shipped.
pub(super) const OF_LOG: [&str; 3] = ["log.kept", "log.spool", "log.chain"];
/// Made anew from the database.
const SEARCH: &str = "search";
/// Room that must be left beside what is laid.
pub(super) const ROOM: u64 = 64 << 20;

/// What is restored, and into what.
#[derive(Debug)]
pub struct Order<'a> {
    /// Where the backups lie.
    pub target: &'a Target,
    /// The backup, as it is; without a name the newest that helps.
    pub name: Option<&'a str>,
    /// The last moment that is wanted, microseconds UTC; without a name and without it, all that
    /// there is.
    pub at: Option<i64>,
    /// What opens it.
    pub key: &'a SecretKey,
    /// The data folder.
    pub data: &'a Path,
    /// Whether a hospital that is there may be put aside.
    pub replaces: bool,
    /// What of a data folder may be in a backup.
    pub extent: &'a Extent,
    /// By the clock of this machine, microseconds UTC.
    pub now: i64,
}

/// What was laid and found whole.
#[derive(Debug)]
pub struct Prepared {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// The moment that it shows, microseconds UTC.
    pub reached: i64,
    /// Patients in it.
    pub patients: i64,
    /// Why it was not brought further, where the shipped log breaks off.
    pub broken: Option<Broken>,
    /// Newer backups that were passed over, the newest first.
    pub skipped: Vec<Skipped>,
}

/// A backup that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// Why not, in words.
    pub why: String,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What was laid.
    pub prepared: Prepared,
    /// The folder with what was there before, if something was.
    pub kept: Option<PathBuf>,
}

/// Restores. Until the backup is laid, opened and found whole, nothing of what is there is
/// touched. `tell` hears how many bytes of how many are done.
///
/// # Errors
/// Why not; [`BackupError::Io`] if there is a hospital in the folder and `replaces` is not set.
pub fn restore(
    order: &Order<'_>,
    now: Timestamp,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BackupError> {
    let held = hold(order.data)?;
    if held.has_database() && !order.replaces {
        let cause = "there is a hospital in it. Choose another folder with --data, or say \
             --replace to put that one aside";
        let what = format!("restore to {}", order.data.display());
        return Err(BackupError::Io { what, cause: cause.to_owned() });
    }
    let scratch = Scratch::new(order.data, SCRATCH)?;
    let prepared = prepare(order, &scratch.0, held.free()?, &mut |done, total| {
        tell(done, total);
        Ok(())
    })?;
    let files = prepared.manifest.files.iter().map(|piece| piece.path.clone()).collect();
    let kept = put_in_place(&held, order.data, (&scratch.0, files), now)?;
    Ok(Restored { prepared, kept })
}

/// Lays what `order` says into the empty folder `scratch`, brings it forward to the moment that is
/// wanted, and looks whether it is whole. Where no backup was named and the newest one is damaged,
/// the one before it is taken, and what is said of the newer ones is in what comes back. `free`
/// bytes are there for it.
///
/// # Errors
/// Why not; what `go_on` says.
pub fn prepare(
    order: &Order<'_>,
    scratch: &Path,
    free: Option<u64>,
    go_on: &mut dyn FnMut(u64, u64) -> io::Result<()>,
) -> Result<Prepared, BackupError> {
    if let Some(name) = order.name {
        let manifest = read(order, name)?;
        return prepare_one(order, manifest, (scratch, free), go_on);
    }
    let (mut skipped, mut first, mut is_late) = (Vec::new(), None, false);
    for name in manifest::names(order.target)?.into_iter().rev() {
        let outcome = match read(order, &name) {
            Ok(manifest) if order.now.saturating_add(DAY) < manifest.made_at => {
                Err(BackupError::OfTheFuture(name.clone()))
            }
            Ok(manifest) if order.at.is_some_and(|at| at < manifest.made_at) => {
                is_late = true;
                continue;
            }
            Ok(manifest) => prepare_one(order, manifest, (scratch, free), go_on),
            Err(cause) => Err(cause),
        };
        match outcome {
            Ok(prepared) => return Ok(Prepared { skipped, ..prepared }),
            // Whoever ends it is heard by `go_on` only.
            Err(cause) if cause.is_of_one_backup() && go_on(0, 0).is_ok() => {
                skipped.push(Skipped { name, why: cause.to_string() });
                first.get_or_insert(cause);
                let emptied = fs::remove_dir_all(scratch).and_then(|()| fs::create_dir(scratch));
                emptied.map_err(BackupError::io("empty the folder of the restore"))?;
            }
            Err(cause) => return Err(cause),
        }
    }
    Err(match first {
        Some(cause) => cause,
        None if is_late => BackupError::TooEarly,
        None => BackupError::None(order.target.place()),
    })
}

/// The manifest of the backup `name`, which must bring back nothing but what belongs in one.
fn read(order: &Order<'_>, name: &str) -> Result<Manifest, BackupError> {
    let (manifest, _) = Manifest::read(order.target, name)?;
    let strange = manifest.files.iter().find(|piece| !order.extent.has(&piece.path));
    let strange = strange.or(Some(&manifest.database).filter(|it| it.path != DATABASE));
    match strange {
        Some(piece) => Err(BackupError::Differs {
            name: name.to_owned(),
            flaw: format!("{} does not belong into a backup", piece.path),
        }),
        None => Ok(manifest),
    }
}

fn prepare_one(
    order: &Order<'_>,
    manifest: Manifest,
    (scratch, free): (&Path, Option<u64>),
    go_on: &mut dyn FnMut(u64, u64) -> io::Result<()>,
) -> Result<Prepared, BackupError> {
    let total = manifest.pieces().fold(0, |sum: u64, piece| sum.saturating_add(piece.bytes));
    let needed = (total / 10).saturating_mul(11).saturating_add(ROOM);
    if let Some(free) = free.filter(|free| *free < needed) {
        return Err(BackupError::NoSpace { needed_mib: needed >> 20, free_mib: free >> 20 });
    }
    lay(order.target, &manifest, order.key, scratch, &mut |done| go_on(done, total))?;
    let mut found = compare(scratch, &manifest, &mut || go_on(total, total).is_ok())?;
    let mut replayed = Replayed { reached: manifest.made_at, broken: None };
    if order.name.is_none() {
        replayed = Replay { order, manifest: &manifest, scratch }.run()?;
        if manifest.made_at < replayed.reached {
            found = examine(scratch, &mut || go_on(total, total).is_ok())?;
        }
    }
    let patients = found.and_then(|found| found.rows.get("patient").copied()).unwrap_or(0);
    let Replayed { reached, broken } = replayed;
    Ok(Prepared { manifest, reached, patients, broken, skipped: Vec::new() })
}

/// Puts the database of the folder `laid` and its `files` into the place of what is in `data`,
/// which goes into a folder of its own there, if something was.
pub(super) fn put_in_place(
    held: &Held,
    data: &Path,
    (laid, files): (&Path, Vec<String>),
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    let name = format!("{KEPT}{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let name = names.find(|name| !data.join(name).exists()).unwrap_or_default();
    let kept = data.join(name);
    fs::create_dir(&kept).map_err(BackupError::io("make the folder for what was there"))?;
    held.replace(laid, &kept, || {
        for name in LEFT_BEHIND {
            move_if_there(&data.join(name), &kept.join(name))?;
        }
        for path in &files {
            let (place, aside) = (place_of(data, path), place_of(&kept, path));
            // Called once more, it is in its place.
            if !place_of(laid, path).exists() {
                continue;
            }
            for folder in [place.parent(), aside.parent()].into_iter().flatten() {
                fs::create_dir_all(folder).map_err(BackupError::io("make a folder"))?;
            }
            move_if_there(&place, &aside)?;
            move_if_there(&place_of(laid, path), &place)?;
        }
        match fs::remove_dir_all(data.join(SEARCH)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(BackupError::io("remove the old search index")(cause))
            }
            _ => Ok(()),
        }
    })?;
    // Goes if nothing was there.
    Ok(fs::remove_dir(&kept).is_err().then_some(kept))
}

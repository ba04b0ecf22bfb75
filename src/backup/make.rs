//! Makes one backup: a copy of the database as it is at one moment, looked at, sealed, written to
//! the target, read back from there; only then its manifest, which makes it count; only then what
//! is superfluous goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::error::BackupError;
use super::extent::{Extent, place_of};
use super::manifest::{self, FILES, FORM, InLog, Manifest, Piece};
use super::sealing::{self, Passed};
use super::settings::Ready;
use super::shipping::chain_of;
use super::target::Target;
use crate::platform::jobs::Run;
use crate::store::{Examined, examine};

/// Where copies are made, in the data folder: they are in clear.
pub const SCRATCH: &str = "backup-scratch";
/// After each megabyte the disk is left to others for as long as it took, up to this.
const REST_MAX: Duration = Duration::from_millis(50);
/// Room that must be left beside the copy: a fifth of it, and this many bytes.
const ROOM: u64 = 64 << 20;

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it says of itself.
    pub manifest: Manifest,
    /// How long it took.
    pub took: Duration,
}

/// Makes a backup of the store and the data folder of `run`'s house.
///
/// # Errors
/// Why not. Nothing counts as a backup then, and nothing was taken away.
pub fn make(run: &Run<'_>, ready: &Ready, extent: &Extent) -> Result<Made, BackupError> {
    let started = Instant::now();
    ready.target.demand(&ready.claim)?;
    let (store, now) = (run.desk().store(), run.desk().now());
    let scratch = Scratch::new(store.folder(), SCRATCH)?;
    make_sure_of_room(run)?;
    // What says how far the audit had come is read before the moment that the copy shows: a copy
    // that is older than that would look like one that was cut off.
    let early = early_files(store.folder(), extent)?;
    let mut log = None;
    let Some(examined) = copy_and_look(run, &scratch.0, &mut log)? else {
        run.check()?;
        return Err(BackupError::Io { what: "the copy".to_owned(), cause: "it ended".to_owned() });
    };
    let name = free_name(&ready.target, now)?;
    let sealer = Sealer { run, ready };
    let stored = Manifest::database_of(&name);
    let copy = scratch.0.join(crate::store::DATABASE);
    let database = sealer.store(crate::store::DATABASE, &stored, &mut || {
        File::open(&copy).map(|file| Box::new(file) as Box<dyn Read>)
    })?;
    drop(scratch);
    let files = sealer.store_files(store.folder(), extent, &early)?;
    let previous = manifest::newest(&ready.target)?;
    let manifest = Manifest {
        form: FORM,
        name: name.clone(),
        hospital: ready.claim.hospital.clone(),
        made_at: now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: examined.schema_version,
        audit_newest: examined.audit_newest,
        audit_hash: examined.audit_hash,
        rows: examined.rows,
        recipients: ready.recipients.clone(),
        database,
        files,
        log,
        previous,
    };
    let text = manifest.text();
    ready.target.put(&Manifest::path_of(&name), &mut |file| file.write_all(&text))?;
    let (read, _) = Manifest::read(&ready.target, &name)?;
    if read != manifest {
        ready.target.remove(&Manifest::path_of(&name))?;
        return Err(BackupError::Unequal(Manifest::path_of(&name)));
    }
    Ok(Made { manifest, took: started.elapsed() })
}

/// A folder that goes when it is dropped, whatever happened. One that an earlier run has left is
/// taken away first.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new(data: &Path, name: &str) -> Result<Self, BackupError> {
        fresh_folder(data, name).map(Self)
    }
}

/// The folder `name` of `data`, empty.
pub(super) fn fresh_folder(data: &Path, name: &str) -> Result<PathBuf, BackupError> {
    let path = data.join(name);
    let outcome = match fs::remove_dir_all(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => fs::create_dir(&path),
    };
    outcome.map_err(BackupError::io(format!("make the folder {name}")))?;
    Ok(path)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.0)
            && cause.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("A copy of the database could not be taken away: {cause}");
        }
    }
}

fn make_sure_of_room(run: &Run<'_>) -> Result<(), BackupError> {
    let store = run.desk().store();
    let needed = store.database_bytes(run.desk().screen_deadline())? / 5 * 6 + ROOM;
    match store.free()? {
        Some(free) if free < needed => {
            Err(BackupError::NoSpace { needed_mib: needed >> 20, free_mib: free >> 20 })
        }
        _ => Ok(()),
    }
}

/// `log` learns where the copy stands in the log, if that is shipped: from before its moment on,
/// until after it.
fn copy_and_look(
    run: &Run<'_>,
    scratch: &Path,
    log: &mut Option<InLog>,
) -> Result<Option<Examined>, BackupError> {
    let store = run.desk().store();
    let chain = chain_of(store.folder());
    let before = store.log_end()?;
    let mut since = Instant::now();
    let copied = store.duplicate(scratch, &mut |done, total| {
        if log.is_none()
            && let (Some(chain), Some(before)) = (&chain, before)
            && let Ok(Some(until)) = store.log_end()
        {
            let (chain, generation) = (chain.clone(), before.generation);
            *log = Some(InLog { chain, generation, until });
        }
        std::thread::sleep(since.elapsed().min(REST_MAX));
        run.progress(done, Some(total));
        let goes_on = run.step().is_ok();
        since = Instant::now();
        goes_on
    })?;
    match copied {
        Some(_) => Ok(examine(scratch, &mut || run.step().is_ok())?),
        None => Ok(None),
    }
}

fn early_files(data: &Path, extent: &Extent) -> Result<BTreeMap<String, Vec<u8>>, BackupError> {
    let mut early = BTreeMap::new();
    for name in &extent.files {
        match fs::read(data.join(name)) {
            Ok(bytes) => drop(early.insert(name.clone(), bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(BackupError::io(format!("read {name}"))(cause)),
        }
    }
    Ok(early)
}

/// A name that no backup has: its time, to the second, and a number if need be.
fn free_name(target: &Target, now: i64) -> Result<String, BackupError> {
    let at = Timestamp::from_microsecond(now).unwrap_or_default();
    let base = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let taken = target.list(manifest::BACKUPS)?;
    let mut numbered = (2..).map(|number| format!("{base}-{number}"));
    let free =
        std::iter::once(base.clone()).chain(numbered.by_ref()).find(|it| !taken.contains(it));
    Ok(free.unwrap_or(base))
}

type Open<'a> = dyn FnMut() -> io::Result<Box<dyn Read>> + 'a;

struct Sealer<'a, 'r> {
    run: &'a Run<'r>,
    ready: &'a Ready,
}

impl Sealer<'_, '_> {
    /// Seals what `open` gives under `stored` and reads it back from there.
    fn store(&self, path: &str, stored: &str, open: &mut Open<'_>) -> Result<Piece, BackupError> {
        let Ready { target, recipients, .. } = self.ready;
        let mut sealed: Option<Passed> = None;
        let put = target.put(stored, &mut |file| {
            let mut plain = open()?;
            let go_on = &mut |_| self.go_on();
            sealed = Some(sealing::seal(&mut plain, file, recipients, go_on)?);
            Ok(())
        });
        self.run.check()?;
        put?;
        let unequal = || BackupError::Unequal(stored.to_owned());
        let sealed = sealed.ok_or_else(unequal)?;
        match self.read_back(stored)? {
            Some(read) if read == sealed => Ok(Piece::new(path, stored.to_owned(), sealed)),
            _ => Err(unequal()),
        }
    }

    /// What the target gives back under `stored`; nothing if it does not open.
    fn read_back(&self, stored: &str) -> Result<Option<Passed>, BackupError> {
        let Some(mut there) = self.ready.target.open(stored)? else { return Ok(None) };
        let go_on = &mut |_| self.go_on();
        let opened = sealing::unseal(&mut there, &mut io::sink(), &self.ready.own, go_on);
        self.run.check()?;
        there.check()?;
        Ok(opened.ok())
    }

    /// The files of the data folder, each stored once under the fingerprint of its content. One
    /// that is there already is read back.
    fn store_files(
        &self,
        data: &Path,
        extent: &Extent,
        early: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Vec<Piece>, BackupError> {
        let known = self.known_files()?;
        // The same content for other people is another file: older backups keep theirs.
        let for_whom = manifest::fingerprint(self.ready.recipients.join(" ").as_bytes());
        let for_whom = &for_whom[..8];
        let paths = extent.list(data).map_err(BackupError::io("look at the data folder"))?;
        let mut pieces = Vec::new();
        for path in paths {
            let mut open = || match early.get(&path) {
                Some(bytes) => Ok(Box::new(io::Cursor::new(bytes.clone())) as Box<dyn Read>),
                None => {
                    File::open(place_of(data, &path)).map(|file| Box::new(file) as Box<dyn Read>)
                }
            };
            let print =
                open().and_then(|mut it| sealing::fingerprint(&mut it, &mut |_| self.go_on()));
            self.run.check()?;
            let (_, print) = print.map_err(BackupError::io(format!("read {path}")))?;
            match known.get(&print) {
                Some(known) => pieces.push(Piece { path, ..known.clone() }),
                None => {
                    let stored = format!("{FILES}/{print}-{for_whom}.zst.age");
                    pieces.push(self.store(&path, &stored, &mut open)?);
                }
            }
        }
        Ok(pieces)
    }

    /// What earlier backups have stored for the same people, by its content, as far as it is
    /// still there as it was.
    fn known_files(&self) -> Result<BTreeMap<String, Piece>, BackupError> {
        let target = &self.ready.target;
        let mut known = BTreeMap::new();
        let Some(last) = manifest::names(target)?.pop() else { return Ok(known) };
        // A manifest that cannot be read is no reason not to make a backup: all is stored anew.
        let Ok((manifest, _)) = Manifest::read(target, &last) else { return Ok(known) };
        if manifest.recipients != self.ready.recipients {
            return Ok(known);
        }
        let mut looked_at = BTreeSet::new();
        for piece in manifest.files.into_iter().filter(|it| looked_at.insert(it.stored.clone())) {
            self.run.step()?;
            match self.read_back(&piece.stored)? {
                Some(read) if read.sha256 == piece.sha256 => {
                    known.insert(read.sha256.clone(), Piece::new(&piece.path, piece.stored, read));
                }
                _ => tracing::warn!("{} at the target is damaged: it is stored anew", piece.stored),
            }
        }
        Ok(known)
    }

    fn go_on(&self) -> io::Result<()> {
        self.run.step().map_err(io::Error::other)
    }
}

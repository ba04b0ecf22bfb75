//! Brings a backup that was laid forward through the shipped log, to the moment that is wanted.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::BackupError;
use super::log_file::{Broken, Each, Record, first_with, walk};
use super::manifest::{InLog, Manifest};
use super::restore::Order;
use super::sealing::SecretKey;
use crate::store::{LogPlace, replay};

const PUT_TOGETHER: &str = "put the log together";

/// What is to be brought forward.
pub(super) struct Replay<'a> {
    pub(super) order: &'a Order<'a>,
    pub(super) manifest: &'a Manifest,
    /// Where it was laid.
    pub(super) scratch: &'a Path,
}

/// How far it came.
#[derive(Debug)]
pub(super) struct Replayed {
    /// The moment, microseconds UTC.
    pub(super) reached: i64,
    /// Where the log breaks before that was wanted.
    pub(super) broken: Option<Broken>,
}

/// A generation of the log while it is put together.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    file: File,
}

impl Generation {
    /// Begins it in `folder`.
    pub(super) fn begin(folder: &Path, number: u64) -> Result<Self, BackupError> {
        Self::cut(folder, number, 0)
    }

    /// The first `length` bytes of it, as it lies in `folder`.
    pub(super) fn cut(folder: &Path, number: u64, length: u64) -> Result<Self, BackupError> {
        let path = path_in(folder, number);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(length == 0);
        let opened = options.open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (there, file) = opened.map_err(BackupError::io(PUT_TOGETHER))?;
        if there < length {
            return Err(BackupError::Stale("a part of its log is gone".to_owned()));
        }
        file.set_len(length).map_err(BackupError::io(PUT_TOGETHER))?;
        Ok(Self { number, path, file })
    }

    /// Adds the bytes of `record`. What was written once more at an end of the program takes the
    /// place of what follows.
    pub(super) fn add(&mut self, record: &Record, bytes: &[u8]) -> Result<(), BackupError> {
        let place = SeekFrom::Start(record.place.offset);
        let written = self.file.seek(place).and_then(|_| self.file.write_all(bytes));
        let cut = written.and_then(|()| self.file.set_len(record.end().offset));
        cut.map_err(BackupError::io(PUT_TOGETHER))
    }

    /// Whether `bytes`, which belong to `offset`, are what stands there already, as far as
    /// anything does.
    pub(super) fn agrees(&mut self, offset: u64, bytes: &[u8]) -> Result<bool, BackupError> {
        let mut there = Vec::new();
        let read = self.file.seek(SeekFrom::Start(offset)).and_then(|_| {
            let most = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            (&mut self.file).take(most).read_to_end(&mut there)
        });
        read.map_err(BackupError::io(PUT_TOGETHER))?;
        Ok(bytes.starts_with(&there))
    }

    /// Makes it durable.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        self.file.sync_all().map_err(BackupError::io(PUT_TOGETHER))
    }
}

/// Where the generation `number` is put together in `folder`.
pub(super) fn path_in(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("log-{number}"))
}

impl Replay<'_> {
    pub(super) fn run(&self) -> Result<Replayed, BackupError> {
        let nothing = |broken| Replayed { reached: self.manifest.made_at, broken };
        let Some(log) = &self.manifest.log else { return Ok(nothing(None)) };
        // First without opening anything: a log that does not reach to where the copy was finished
        // must not be begun with, and one with a gap ends there.
        let (end, broken, is_enough) = self.reach(log)?;
        if end < log.until {
            // What the backup says is there, and is not: a gap, wherever it begins.
            return Ok(nothing(broken.or_else(|| (!is_enough).then_some(Broken::Gap))));
        }
        let mut open: Option<Generation> = None;
        let mut reached = self.manifest.made_at;
        self.walk(log, &mut false, &mut |record, sealed| {
            if open.as_ref().is_some_and(|open| open.number != record.place.generation) {
                self.apply(open.take())?;
            }
            let generation = match &mut open {
                Some(open) => open,
                None => open.insert(Generation::begin(self.scratch, record.place.generation)?),
            };
            generation
                .add(record, &unseal(record, sealed, self.order.key, &self.manifest.name)?)?;
            reached = reached.max(record.at);
            Ok(true)
        })?;
        self.apply(open.take())?;
        Ok(Replayed { reached, broken })
    }

    /// How far the log goes that is wanted, where it breaks before that, and whether it goes on
    /// after the moment that is wanted.
    fn reach(&self, log: &InLog) -> Result<(LogPlace, Option<Broken>, bool), BackupError> {
        let mut end = LogPlace { generation: 0, offset: 0 };
        let mut begun = false;
        let mut is_enough = false;
        let broken = self.walk(log, &mut is_enough, &mut |record, _| {
            // Without its beginning a generation is of no use.
            begun |= record.place == LogPlace { generation: log.generation, offset: 0 };
            if begun {
                end = record.end();
            }
            Ok(begun || record.place.generation < log.generation)
        })?;
        Ok((end, broken, is_enough))
    }

    /// Every record that is wanted; `is_enough` learns that one of later was met.
    fn walk(
        &self,
        log: &InLog,
        is_enough: &mut bool,
        each: &mut Each<'_, BackupError>,
    ) -> Result<Option<Broken>, BackupError> {
        let at = self.order.at.unwrap_or(i64::MAX);
        let first = first_with(self.order.target, &log.chain, log.generation)?;
        walk(self.order.target, &log.chain, first, &mut |record, sealed| {
            if at < record.at {
                *is_enough = true;
                return Ok(false);
            }
            if record.place.generation < log.generation {
                return Ok(true);
            }
            each(record, sealed)
        })
    }

    fn apply(&self, generation: Option<Generation>) -> Result<(), BackupError> {
        let Some(Generation { path, file, .. }) = generation else { return Ok(()) };
        drop(file);
        Ok(replay(self.scratch, &path)?)
    }
}

/// What is in `sealed`, of the log that goes on from the backup `name`.
pub(super) fn unseal(
    record: &Record,
    sealed: &[u8],
    key: &SecretKey,
    name: &str,
) -> Result<Vec<u8>, BackupError> {
    record.unseal(sealed, key).map_err(|cause| match cause.kind() {
        io::ErrorKind::PermissionDenied => BackupError::WrongKey(name.to_owned()),
        _ => BackupError::Differs {
            name: name.to_owned(),
            flaw: format!("a record of the shipped log was changed ({cause})"),
        },
    })
}

//! Brings a backup that was laid forward through the shipped log, to the moment that is wanted.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::BackupError;
use super::log_file::{Broken, Each, Record, first_with, walk};
use super::manifest::{InLog, Manifest};
use super::restore::Order;
use crate::store::{LogPlace, replay};

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
struct Generation {
    number: u64,
    path: PathBuf,
    file: File,
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
                None => open.insert(self.begin(record.place.generation)?),
            };
            let bytes = self.unseal(record, sealed)?;
            let place = SeekFrom::Start(record.place.offset);
            let written =
                generation.file.seek(place).and_then(|_| generation.file.write_all(&bytes));
            // What was written once more at an end of the program takes the place of what follows.
            let cut = written.and_then(|()| generation.file.set_len(record.end().offset));
            cut.map_err(BackupError::io("put the log together"))?;
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

    fn begin(&self, number: u64) -> Result<Generation, BackupError> {
        let path = self.scratch.join(format!("log-{number}"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let file = options.open(&path).map_err(BackupError::io("put the log together"))?;
        Ok(Generation { number, path, file })
    }

    fn unseal(&self, record: &Record, sealed: &[u8]) -> Result<Vec<u8>, BackupError> {
        record.unseal(sealed, self.order.key).map_err(|cause| match cause.kind() {
            io::ErrorKind::PermissionDenied => BackupError::WrongKey(self.manifest.name.clone()),
            _ => BackupError::Differs {
                name: self.manifest.name.clone(),
                flaw: format!("a record of the shipped log was changed ({cause})"),
            },
        })
    }

    fn apply(&self, generation: Option<Generation>) -> Result<(), BackupError> {
        let Some(Generation { path, file, .. }) = generation else { return Ok(()) };
        drop(file);
        Ok(replay(self.scratch, &path)?)
    }
}

//! Takes what is new of the log into a file of its generation, and has the engine replay that.

use std::fs;
use std::path::{Path, PathBuf};

use super::state::State;
use crate::backup::error::BackupError;
use crate::backup::log_file::Record;
use crate::backup::replay::{Generation, path_in, unseal};
use crate::backup::sealing::SecretKey;
use crate::store::{LogPlace, replay};

/// Bytes of the log, in the clear, between two notes of how far it is.
const BATCH: u64 = 64 << 20;

/// Takes records, one after the other.
pub(super) struct Taking<'a> {
    folder: PathBuf,
    key: &'a SecretKey,
    backup: String,
    /// The generation that it begins with.
    first: u64,
    /// How far the database may have been brought.
    replayed: Option<LogPlace>,
    /// Whether all that was taken is in the database.
    is_forward: bool,
    end: Option<LogPlace>,
    reached: i64,
    open: Option<Generation>,
    /// Bytes until the next note.
    left: u64,
    stopped: Option<Stopped>,
}

/// Why no more was taken, though there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// How far it is has to be noted.
    Full,
    /// The generation has ended: all of it goes into the database before the next one begins.
    AtEnd,
}

/// What was taken.
pub(super) struct Taken {
    pub(super) end: Option<LogPlace>,
    pub(super) reached: i64,
    pub(super) stopped: Option<Stopped>,
}

impl<'a> Taking<'a> {
    /// Goes on from `state` in the data folder `data`, whose database was brought to `forward`.
    pub(super) fn begin(
        state: &State,
        data: &Path,
        key: &'a SecretKey,
        forward: Option<LogPlace>,
    ) -> Self {
        Self {
            folder: state.folder(data),
            key,
            backup: state.backup.clone(),
            first: state.log.generation,
            replayed: state.replayed,
            is_forward: forward == state.end,
            end: state.end,
            reached: state.reached,
            open: None,
            left: BATCH,
            stopped: None,
        }
    }

    /// Takes `record`, or says that it must wait.
    pub(super) fn take(&mut self, record: &Record, sealed: &[u8]) -> Result<bool, BackupError> {
        let LogPlace { generation, offset } = record.place;
        if self.end.is_none() && generation < self.first {
            return Ok(true);
        }
        let begins = offset == 0 && self.end.is_none_or(|end| end.generation < generation);
        if self.end.is_none() && (!begins || generation != self.first) {
            return Err(BackupError::Turned("its beginning is not there".to_owned()));
        }
        self.stopped = match (self.end, self.left) {
            (Some(_), _) if begins && !self.is_forward => Some(Stopped::AtEnd),
            (_, 0) => Some(Stopped::Full),
            _ => None,
        };
        if self.stopped.is_some() {
            return Ok(false);
        }
        let bytes = unseal(record, sealed, self.key, &self.backup)?;
        let mut open = match self.open.take() {
            _ if begins => Generation::begin(&self.folder, generation)?,
            Some(open) => open,
            None => {
                let end = self.end.map_or(0, |end| end.offset);
                Generation::cut(&self.folder, generation, end)?
            }
        };
        // What was replayed cannot be taken back.
        let is_replayed = self.replayed.is_some_and(|replayed| record.place < replayed);
        if is_replayed && !open.agrees(offset, &bytes)? {
            let detail = "a part of the log was written once more, otherwise";
            return Err(BackupError::Stale(detail.to_owned()));
        }
        open.add(record, &bytes)?;
        self.open = Some(open);
        (self.end, self.is_forward) = (Some(record.end()), false);
        self.reached = self.reached.max(record.at);
        self.left = self.left.saturating_sub(record.bytes);
        Ok(true)
    }

    /// Makes what was taken durable.
    pub(super) fn end(self) -> Result<Taken, BackupError> {
        if let Some(open) = &self.open {
            open.sync()?;
        }
        let Self { end, reached, stopped, .. } = self;
        Ok(Taken { end, reached, stopped })
    }
}

/// Replays a copy of the generation that was taken to `end` into the database in `folder`.
pub(super) fn replay_copy(folder: &Path, end: LogPlace) -> Result<(), BackupError> {
    let whole = path_in(folder, end.generation);
    let copy = whole.with_extension("replay");
    let failed = BackupError::io("copy the log");
    let copied = fs::copy(&whole, &copy).and_then(|_| {
        let file = fs::OpenOptions::new().write(true).open(&copy)?;
        file.set_len(end.offset)?;
        file.sync_all()
    });
    copied.map_err(failed)?;
    Ok(replay(folder, &copy)?)
}

/// The generation that ended is in the database.
pub(super) fn clear_generations(folder: &Path, before: Option<LogPlace>, now: Option<LogPlace>) {
    let (Some(before), Some(now)) = (before, now) else { return };
    for number in before.generation..now.generation {
        // Where it stays, it goes with its folder.
        let _ = fs::remove_file(path_in(folder, number));
    }
}

//! Where audit rows wait that the store cannot take: a file beside it that has all its bytes
//! from the beginning, so that a full disk does not keep them from being kept.
//!
//! A line of JSON for each row; the first NUL ends them. On a file system that never writes in
//! place (btrfs, ZFS) a full disk may refuse it too; then reads are refused at once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::audit::{self, Entry};
use super::chain::{self, Link};
use crate::store::{StoreError, Tx};

/// The file in the data folder.
const NAME: &str = "audit.spool";
/// Its size. The second half, 4 MiB, is kept for rows of reads that are answered already when
/// [`Spool::is_nearly_full`] begins to refuse further ones.
const BYTES: u64 = 8 << 20;
/// Rows of others that may have come between taking the spool in and emptying it. Beyond them
/// what was spooled is not known again and stands in the audit twice, but is not lost.
const LOOKED_BACK: usize = 4_096;

/// One row as it is spooled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    pub(super) at: i64,
    actor_id: Option<i64>,
    actor_name: Cow<'a, str>,
    act: Cow<'a, str>,
    refused: bool,
    kind: Cow<'a, str>,
    id: Option<i64>,
    patient: Option<i64>,
    detail: Option<Cow<'a, str>>,
    request_id: Cow<'a, str>,
    // Lines that an earlier version has left have none of these.
    #[serde(default)]
    last_at: Option<i64>,
    #[serde(default = "once")]
    count: i64,
    #[serde(default)]
    role: Cow<'a, str>,
    #[serde(default)]
    address: Option<Cow<'a, str>>,
    #[serde(default)]
    reason: Option<Cow<'a, str>>,
}

fn once() -> i64 {
    1
}

impl<'a> Line<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        let seen = &entry.seen;
        Self {
            at: entry.at,
            actor_id: entry.actor_id,
            actor_name: entry.actor_name.as_str().into(),
            act: entry.act.as_str().into(),
            refused: entry.refused,
            kind: seen.kind.into(),
            id: seen.id,
            patient: seen.patient,
            detail: seen.detail.as_deref().map(Into::into),
            request_id: entry.request_id.as_str().into(),
            last_at: entry.last_at,
            count: entry.count,
            role: entry.role.as_str().into(),
            address: audit::shown(entry.address).map(Into::into),
            reason: entry.reason.as_deref().map(Into::into),
        }
    }

    /// Makes it stand for `other` too.
    pub(super) fn take_in(&mut self, other: &Self) {
        let latest = self.last_at.unwrap_or(self.at).max(other.last_at.unwrap_or(other.at));
        self.count += other.count;
        self.last_at = Some(latest);
    }

    /// Whether it differs from `other` in time, count and request only.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.actor_id, self.refused, self.id, self.patient)
            == (other.actor_id, other.refused, other.id, other.patient)
            && (&self.actor_name, &self.role, &self.address, &self.act)
                == (&other.actor_name, &other.role, &other.address, &other.act)
            && (&self.kind, &self.detail, &self.reason)
                == (&other.kind, &other.detail, &other.reason)
    }

    fn link(&self) -> Link<'_> {
        Link {
            id: 0,
            form: chain::FORM,
            at: self.at,
            last_at: self.last_at,
            count: self.count,
            actor_id: self.actor_id,
            actor_name: &self.actor_name,
            role: audit::said(&self.role),
            address: self.address.as_deref(),
            act: &self.act,
            outcome: audit::outcome(self.refused),
            subject_kind: &self.kind,
            subject_id: self.id,
            patient_id: self.patient,
            reason: self.reason.as_deref().and_then(audit::said),
            request_id: Some(&self.request_id),
            detail: self.detail.as_deref().and_then(audit::said),
        }
    }
}

/// The file, open.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    /// Its size.
    bytes: u64,
    used: u64,
    /// Whether what is added is on the disk before anybody goes on.
    is_durable: bool,
}

impl Spool {
    /// Opens it in `folder`, or makes it.
    ///
    /// # Errors
    /// What the system says, such as that the disk is full already.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        Self::open_file(&folder.join(NAME), BYTES, true)
    }

    /// The same for the file at `path` of this size. What is not `is_durable` outlives the
    /// program and not the power.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open_file(path: &Path, bytes: u64, is_durable: bool) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let length = file.metadata()?.len();
        if length < bytes {
            file.seek(SeekFrom::Start(length))?;
            std::io::copy(&mut std::io::repeat(0).take(bytes - length), &mut file)?;
            file.sync_all()?;
        }
        let mut spool = Self { file, bytes, used: bytes, is_durable };
        // A row that was not written to its end was never promised.
        let whole = spool.text()?.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        spool.used = u64::try_from(whole).unwrap_or(bytes);
        Ok(spool)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Whether what is left is needed for reads that were answered already.
    pub(super) fn is_nearly_full(&self) -> bool {
        self.bytes / 2 < self.used
    }

    /// Adds `entries`, durably.
    ///
    /// # Errors
    /// There is no room, or what the system says; nothing is added then.
    pub(super) fn add(&mut self, entries: &[Entry]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut text, &Line::of(entry))?;
            text.push(b'\n');
        }
        self.append(&text)
    }

    /// Adds whole lines.
    ///
    /// # Errors
    /// There is no room, or what the system says; nothing is added then.
    pub(super) fn append(&mut self, text: &[u8]) -> std::io::Result<()> {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if self.bytes < self.used.saturating_add(length) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.file.seek(SeekFrom::Start(self.used))?;
        self.file.write_all(text)?;
        if self.is_durable {
            self.file.sync_data()?;
        }
        self.used += length;
        Ok(())
    }

    /// All lines in it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn lines<T: DeserializeOwned>(&mut self) -> std::io::Result<Vec<T>> {
        let text = self.text()?;
        let written = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = written.map(serde_json::from_slice::<T>);
        let (sound, damaged): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
        if !damaged.is_empty() {
            tracing::error!(rows = damaged.len(), "Audit rows that were put aside cannot be read");
        }
        Ok(sound.into_iter().flatten().collect())
    }

    /// Empties it.
    ///
    /// # Errors
    /// What the system says; the rows are then taken in again, and known by the store.
    pub(super) fn clear(&mut self) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut std::io::repeat(0).take(self.used), &mut self.file)?;
        if self.is_durable {
            self.file.sync_data()?;
        }
        self.used = 0;
        Ok(())
    }

    /// What is written, up to the first NUL.
    fn text(&mut self) -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        // Not all of it: at a start nearly always nothing is written in it.
        BufReader::new(&self.file).take(self.used).read_until(0, &mut text)?;
        if text.last() == Some(&0) {
            text.pop();
        }
        Ok(text)
    }
}

/// Appends those of `lines` that the audit does not have yet: the program may have ended after
/// the commit and before the file was emptied.
pub(super) fn take_in(tx: &Tx<'_>, lines: &[Line<'_>]) -> Result<(), StoreError> {
    let most = i64::try_from(lines.len() + LOOKED_BACK).unwrap_or(i64::MAX);
    let sql = "SELECT at, request_id, act, subject_id, patient_id FROM audit \
        ORDER BY id DESC LIMIT ?1";
    type Mark = (i64, String, String, Option<i64>, Option<i64>);
    let known = tx.all(sql, &[most.into()], |row| {
        let request_id = row.get::<Option<String>>(1)?.unwrap_or_default();
        Ok::<Mark, StoreError>((row.get(0)?, request_id, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    let known: HashSet<Mark> = known.into_iter().collect();
    let is_new = |line: &&Line<'_>| {
        let (request_id, act) = (line.request_id.to_string(), line.act.to_string());
        !known.contains(&(line.at, request_id, act, line.id, line.patient))
    };
    audit::append_links(tx, lines.iter().filter(is_new).map(Line::link)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::audit::Seen;
    use super::*;
    use crate::store::{Class, Store};
    use crate::vocab::actor::{Actor, Call};

    fn entry(at: usize, act: &str) -> Entry {
        let call = Call::new(Actor::user(7, "Dr Osei", "clinician", None, None, Vec::new()), "r-1");
        let seen = Seen { kind: "patient", id: Some(1), patient: Some(1), detail: None };
        Entry::new(&call, i64::try_from(at).unwrap(), act, seen)
    }

    fn append(store: &Store, act: &'static str, count: usize) {
        let rows: Vec<Entry> = (0..count).map(|at| entry(at, act)).collect();
        let job = move |tx: &Tx<'_>| audit::append(tx, &rows);
        store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    }

    /// Takes three spooled rows in again; answers how often the audit has them.
    fn spooled_in(store: &Store) -> i64 {
        let spooled: Vec<Entry> = (0..3).map(|at| entry(at, "spooled")).collect();
        let job = move |tx: &Tx<'_>| {
            let lines: Vec<Line<'_>> = spooled.iter().map(Line::of).collect();
            take_in(tx, &lines)
        };
        store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
        let sql = "SELECT count(*) FROM audit WHERE act = 'spooled'";
        let count = |tx: &crate::store::ReadTx<'_>| tx.one(sql, &[], |row| row.get(0));
        store.read::<_, StoreError>(Duration::from_secs(1), count).unwrap()
    }

    #[test]
    fn what_was_spooled_is_known_again_behind_so_many_rows_and_never_lost() {
        let store = Store::scratch();
        assert_eq!(spooled_in(&store), 3);
        append(&store, "others", LOOKED_BACK);
        assert_eq!(spooled_in(&store), 3, "they are known");
        append(&store, "others", 1);
        assert_eq!(spooled_in(&store), 4, "the oldest is not known any more");
    }
}

//! Anchors: the number and the hash of the newest row, once a day and at each stop in order, in a
//! file beside the database that is only ever added to, and as a line to print or to mail.
//!
//! They show what the chain alone cannot: rows cut off at its end, and a chain that was made anew
//! from some row on. Against somebody who rewrites the file too, only a line that left the
//! machine helps.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::store::{Store, StoreError};
use crate::vocab::clock::instant;
use crate::vocab::digest::{hex, unhex};

use super::classes::DAY;
use crate::platform::ledger::rows;

/// The file in the data folder.
pub const FILE: &str = "audit.anchors";
/// What every line begins with.
const MARK: &str = "healthflow-audit";
/// Bytes of the file that are read. At a line a day and one at each stop that is a century.
const BYTES_MAX: u64 = 16 << 20;

/// How far the audit was at a time, and with which hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// When it was noted, in microseconds since 1970 UTC, to the second.
    pub at: i64,
    /// The number of the newest row then.
    pub id: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Anchor {
    /// The line to print or to mail.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{MARK} {:.0} {} {}", instant(self.at), self.id, hex(&self.hash))
    }

    /// Reads such a line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mark = words.next()?;
        let at: jiff::Timestamp = words.next()?.parse().ok()?;
        let id = words.next()?.parse().ok().filter(|id| 0 < *id)?;
        let hash = unhex(words.next()?).filter(|hash| hash.len() == 32)?;
        let whole = mark == MARK && words.next().is_none();
        whole.then_some(Self { at: at.as_microsecond(), id, hash })
    }
}

/// What the file holds.
#[derive(Debug, Default)]
pub struct Anchored {
    /// Its anchors, as they stand there.
    pub anchors: Vec<Anchor>,
    /// Lines, counted from 1, that are none.
    pub damaged: Vec<usize>,
}

/// The file.
#[derive(Debug, Clone)]
pub struct Anchors(PathBuf);

impl Anchors {
    /// Of the data folder `folder`.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// What it holds; nothing if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&self) -> Result<Anchored, StoreError> {
        let file = match File::open(&self.0) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Anchored::default());
            }
            file => file.map_err(|cause| failed("read", &cause))?,
        };
        let mut bytes = Vec::new();
        file.take(BYTES_MAX).read_to_end(&mut bytes).map_err(|cause| failed("read", &cause))?;
        let text = String::from_utf8_lossy(&bytes);
        let mut found = Anchored::default();
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            match Anchor::parse(line) {
                Some(anchor) if line.ends_with('\n') => found.anchors.push(anchor),
                // What was half written was promised to nobody.
                _ if !line.ends_with('\n') => {}
                _ => found.damaged.push(number),
            }
        }
        Ok(found)
    }

    /// The newest.
    ///
    /// # Errors
    /// What the system says.
    pub fn newest(&self) -> Result<Option<Anchor>, StoreError> {
        Ok(self.read()?.anchors.pop())
    }

    /// Notes how far `store` is at `now`, unless that is noted already.
    ///
    /// # Errors
    /// What the store or the system says.
    pub fn note(&self, store: &Store, now: i64) -> Result<Option<Anchor>, StoreError> {
        let Some((id, hash)) = store.read(super::DEADLINE, rows::newest)? else { return Ok(None) };
        let known = self.newest()?;
        if let Some(known) = known.filter(|known| (known.id, &known.hash) == (id, &hash)) {
            return Ok(Some(known));
        }
        let anchor = Anchor { at: now - now.rem_euclid(1_000_000), id, hash };
        self.add(&anchor)?;
        Ok(Some(anchor))
    }

    /// The same if the last one is of another day.
    ///
    /// # Errors
    /// What the store or the system says.
    pub fn note_daily(&self, store: &Store, now: i64) -> Result<(), StoreError> {
        let today = now.div_euclid(DAY);
        if self.newest()?.is_some_and(|known| known.at.div_euclid(DAY) == today) {
            return Ok(());
        }
        self.note(store, now).map(|_| ())
    }

    fn add(&self, anchor: &Anchor) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.append(true).read(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let add = || {
            let mut file = options.open(&self.0)?;
            drop_half_line(&self.0)?;
            file.write_all(format!("{}\n", anchor.line()).as_bytes())?;
            file.sync_all()
        };
        add().map_err(|cause| failed("add to", &cause))
    }
}

/// Takes away what a power cut has left of a line at the end of the file at `path`: it was
/// promised to nobody, and the next line must not follow it.
fn drop_half_line(path: &Path) -> std::io::Result<()> {
    let bytes = std::fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < bytes.len() {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(u64::try_from(whole).unwrap_or(0))?;
    }
    Ok(())
}

fn failed(what: &str, cause: &std::io::Error) -> StoreError {
    StoreError::Io { what: format!("{what} {FILE}"), cause: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_and_no_other_text_is_taken_for_one() {
        let at = "2026-03-01T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let anchor = Anchor { at, id: 7, hash: vec![0xab; 32] };
        let line = anchor.line();
        assert_eq!(line, format!("healthflow-audit 2026-03-01T12:00:00Z 7 {}", "ab".repeat(32)));
        assert_eq!(Anchor::parse(&format!("  {line} \r\n")), Some(anchor));
        let (short, more) = (line[..line.len() - 2].to_owned(), format!("{line} x"));
        let zero = line.replace(" 7 ", " 0 ");
        for text in ["", "healthflow-audit", &short, &more, &zero, &line[1..]] {
            assert_eq!(Anchor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn half_a_line_swallows_none_and_a_damaged_one_is_told() {
        let folder = std::env::temp_dir().join(format!("hf-anchors-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let anchors = Anchors::of(&folder);
        let one = |id| Anchor { at: id * 1_000_000, id, hash: vec![1; 32] };
        anchors.add(&one(1)).unwrap();
        let mut file = OpenOptions::new().append(true).open(&anchors.0).unwrap();
        file.write_all(b"healthflow-audit 2026").unwrap();
        let found = anchors.read().unwrap();
        assert_eq!((found.anchors, found.damaged), (vec![one(1)], vec![]));
        anchors.add(&one(2)).unwrap();
        let found = anchors.read().unwrap();
        assert_eq!((found.anchors, found.damaged), (vec![one(1), one(2)], vec![]));
        std::fs::write(&anchors.0, format!("{}\nx\n", one(1).line())).unwrap();
        assert_eq!(anchors.read().unwrap().damaged, [2]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

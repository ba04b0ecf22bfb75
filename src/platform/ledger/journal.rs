//! Views that are counted and not yet written lie in a file too, so that a program that is killed
//! loses none of them: the next start writes what it finds there.
//!
//! Nothing waits for the disk: what the system has outlives the program. A power cut may take
//! along how often somebody looked again within the last minute, and never that they looked.

use std::collections::HashMap;
use std::path::Path;

use super::audit::Entry;
use super::spool::{Line, Spool};

/// The file in the data folder.
const NAME: &str = "audit.repeats";
/// Its size. When it is full, all that is counted is written.
const BYTES: u64 = 2 << 20;

/// A view: when the first view of its page was, how often all had been written before, the row.
type Again<'a> = (i64, u64, Line<'a>);

/// The file, open.
#[derive(Debug)]
pub(super) struct Journal {
    file: Spool,
    /// Lines that are not in it yet.
    text: Vec<u8>,
}

impl Journal {
    /// Opens it in `folder`, or makes it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        let file = Spool::open_file(&folder.join(NAME), BYTES, false)?;
        Ok(Self { file, text: Vec::new() })
    }

    /// The rows for what an earlier run has counted and perhaps not written.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn left(&mut self) -> std::io::Result<Vec<Line<'static>>> {
        if self.file.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows: Vec<Line<'static>> = Vec::new();
        let mut of_minute: HashMap<(i64, u64), Vec<usize>> = HashMap::new();
        for (minute, round, line) in self.file.lines::<Again<'static>>()? {
            let known = of_minute.entry((minute, round)).or_default();
            match known.iter().find(|at| rows[**at].is_like(&line)) {
                Some(at) => rows[*at].take_in(&line),
                None => {
                    known.push(rows.len());
                    rows.push(line);
                }
            }
        }
        Ok(rows)
    }

    /// Notes a view; it is in the file after [`flush`](Self::flush).
    pub(super) fn note(&mut self, (minute, round): (i64, u64), view: &Entry) {
        let line: Again<'_> = (minute, round, Line::of(view));
        if let Ok(mut text) = serde_json::to_vec(&line) {
            self.text.append(&mut text);
            self.text.push(b'\n');
        }
    }

    /// Puts what was noted into the file.
    ///
    /// # Errors
    /// There is no room, or what the system says.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        self.file.append(&text)
    }

    /// Empties it: all that was counted is written.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        if !self.file.is_empty()
            && let Err(cause) = self.file.clear()
        {
            tracing::error!("The file of repeated views could not be emptied: {cause}");
        }
    }
}

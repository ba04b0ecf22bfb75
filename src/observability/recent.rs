//! The last lines of the log, in memory, for whoever looks at them while the server runs. They
//! are those that reach the files, and hold what those hold: no patient data.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;
use tracing::Level;

/// Lines that are kept.
pub const LINES_MAX: usize = 1_000;
/// Bytes of one; what is longer is not kept.
const LINE_BYTES_MAX: usize = 8 << 10;

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number since the start; later lines have greater ones.
    pub number: u64,
    /// How grave it is.
    pub level: Level,
    /// All of it, as in a log of JSON lines.
    pub fields: Json,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    lines: VecDeque<(u64, Level, String)>,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept { last: 0, lines: VecDeque::new() });

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The newest lines after the number `after` that are at least as grave as `level`, at most
/// `most` of them and in their order; and the number of the newest line of all.
#[must_use]
pub fn lines(level: Level, after: u64, most: usize) -> (Vec<Line>, u64) {
    let kept = kept();
    let wanted = kept.lines.iter().rev().take_while(|(number, ..)| after < *number);
    // Graver levels are smaller.
    let wanted = wanted.filter(|(_, of, _)| *of <= level).take(most);
    let mut found: Vec<Line> = wanted
        .filter_map(|(number, level, text)| {
            let fields = serde_json::from_str(text).ok()?;
            Some(Line { number: *number, level: *level, fields })
        })
        .collect();
    found.reverse();
    (found, kept.last)
}

/// Takes lines of JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keeper;

impl Write for Keeper {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if line.len() <= LINE_BYTES_MAX
            && let Ok(text) = std::str::from_utf8(line)
        {
            keep(text.trim_end());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn keep(text: &str) {
    let level = level_of(text);
    let mut kept = kept();
    kept.last += 1;
    let number = kept.last;
    if LINES_MAX <= kept.lines.len() {
        kept.lines.pop_front();
    }
    kept.lines.push_back((number, level, text.to_owned()));
}

/// The level of a line of JSON, which says it near its beginning.
fn level_of(text: &str) -> Level {
    let word = text.split("\"level\":\"").nth(1).and_then(|rest| rest.split('"').next());
    word.and_then(|word| word.parse().ok()).unwrap_or(Level::INFO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test: the lines are those of the whole process.
    #[test]
    fn the_last_lines_are_kept_by_number_and_level_and_no_more() {
        let mut keeper = Keeper;
        let (_, before) = lines(Level::TRACE, 0, 1);
        for number in 0..LINES_MAX + 10 {
            let level = if number % 100 == 0 { "WARN" } else { "INFO" };
            let line =
                format!("{{\"level\":\"{level}\",\"message\":\"line of a test {number}\"}}\n");
            keeper.write_all(line.as_bytes()).unwrap();
        }
        keeper.write_all(&vec![b'x'; LINE_BYTES_MAX + 1]).unwrap();
        let ours = |level: Level, after: u64| {
            let (found, _) = lines(level, after, usize::MAX);
            found
                .into_iter()
                .filter(|line| line.fields["message"].to_string().contains("line of a test"))
                .collect::<Vec<_>>()
        };
        let all = ours(Level::INFO, before);
        assert!(all.len() <= LINES_MAX && LINES_MAX - 50 < all.len(), "{}", all.len());
        assert!(all.is_sorted_by_key(|line| line.number));
        let grave = ours(Level::WARN, before);
        assert!(grave.len() == 10 && grave.iter().all(|line| line.level == Level::WARN));
        let newest = all.last().unwrap().number;
        assert!(ours(Level::INFO, newest).is_empty());
        assert_eq!(lines(Level::INFO, 0, 3).0.len(), 3);
    }
}

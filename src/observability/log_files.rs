//! Log files that turn over by day and by size and are deleted by age and by total size, all in
//! one place. Only the owner may read them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};

use crate::vocab::clock::Clock;

const PREFIX: &str = "healthflow.";
const SUFFIX: &str = ".log";
/// A day has at most this many files; the last one then grows.
const FILES_PER_DAY_MAX: u32 = 9_999;

/// How long log files live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Files of days before this many days ago are deleted.
    pub keep_days: u32,
    /// All files together; a single file takes at most a sixteenth of it.
    pub total_bytes_max: u64,
}

/// Writes to `healthflow.2026-03-01.0001.log` and so on in one folder.
#[derive(Debug)]
pub struct LogFiles<C> {
    folder: PathBuf,
    retention: Retention,
    clock: C,
    day: Date,
    number: u32,
    file: File,
    file_bytes: u64,
}

impl<C: Clock> LogFiles<C> {
    /// Opens the file of today in `folder`, which is made if it is not there, and deletes what is
    /// too old.
    ///
    /// # Errors
    /// The folder or the file cannot be made or written.
    pub fn open(folder: &Path, retention: Retention, clock: C) -> io::Result<Self> {
        make_folder(folder)?;
        let day = today(&clock);
        let number = last_number(folder, day)?.max(1);
        let (file, file_bytes) = append(&folder.join(name(day, number)))?;
        let folder = folder.to_owned();
        let files = Self { folder, retention, clock, day, number, file, file_bytes };
        files.prune()?;
        Ok(files)
    }

    fn turn_over(&mut self, day: Date) -> io::Result<()> {
        self.number = if day == self.day { self.number + 1 } else { 1 };
        self.day = day;
        (self.file, self.file_bytes) = append(&self.folder.join(name(day, self.number)))?;
        self.prune()
    }

    /// Deletes what is too old and then the oldest until the rest is small enough. Touches only
    /// files that are named as ours.
    fn prune(&self) -> io::Result<()> {
        let mut files = listed(&self.folder)?;
        files.sort();
        let oldest = self.day.saturating_sub(i64::from(self.retention.keep_days).days());
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        for file in &files {
            let current = (file.day, file.number) == (self.day, self.number);
            let surplus = self.retention.total_bytes_max < total;
            if !current && (file.day < oldest || surplus) {
                fs::remove_file(self.folder.join(name(file.day, file.number)))?;
                total = total.saturating_sub(file.bytes);
            }
        }
        Ok(())
    }
}

impl<C: Clock> Write for LogFiles<C> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let day = today(&self.clock);
        let full = self.retention.total_bytes_max / 16 < self.file_bytes + line.len() as u64;
        let may_number = self.number < FILES_PER_DAY_MAX && self.file_bytes > 0;
        // When the clock goes back a day, the later day's file goes on.
        if self.day < day || (full && may_number) {
            // A folder that cannot be pruned or a disk that is full must not end logging as long
            // as the present file still takes lines.
            let _ = self.turn_over(self.day.max(day));
        }
        let written = self.file.write(line)?;
        self.file_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    day: Date,
    number: u32,
    bytes: u64,
}

fn today(clock: &impl Clock) -> Date {
    clock.now().to_zoned(TimeZone::UTC).date()
}

fn name(day: Date, number: u32) -> String {
    format!("{PREFIX}{day}.{number:04}{SUFFIX}")
}

fn parsed(name: &str) -> Option<(Date, u32)> {
    let (day, number) = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('.')?;
    let (day, number) = (day.parse().ok()?, number.parse().ok()?);
    // Only what we would have written ourselves is ours.
    (self::name(day, number) == name).then_some((day, number))
}

fn listed(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some((day, number)) = entry.file_name().to_str().and_then(parsed) {
            files.push(Listed { day, number, bytes: entry.metadata()?.len() });
        }
    }
    Ok(files)
}

fn last_number(folder: &Path, day: Date) -> io::Result<u32> {
    let numbers = listed(folder)?.into_iter().filter(|file| file.day == day);
    Ok(numbers.map(|file| file.number).max().unwrap_or(0))
}

fn append(path: &Path) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::clock::FrozenClock;

    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("healthflow-log-{test}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            let mut names: Vec<String> =
                entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn keep(keep_days: u32, total_bytes_max: u64) -> Retention {
        Retention { keep_days, total_bytes_max }
    }

    #[test]
    fn a_new_day_begins_a_new_file_and_old_ones_go() {
        let folder = Folder::new("days");
        let clock = FrozenClock::at("2026-03-01T23:59:59Z");
        let mut files = LogFiles::open(&folder.0, keep(1, 1 << 20), clock.clone()).unwrap();
        fs::write(folder.0.join("notes.log"), "mine").unwrap();
        files.write_all(b"one\n").unwrap();
        clock.set("2026-03-02T00:00:01Z");
        files.write_all(b"two\n").unwrap();
        let both =
            ["healthflow.2026-03-01.0001.log", "healthflow.2026-03-02.0001.log", "notes.log"];
        assert_eq!(folder.names(), both);
        clock.set("2026-03-03T00:00:01Z");
        files.write_all(b"three\n").unwrap();
        let rest =
            ["healthflow.2026-03-02.0001.log", "healthflow.2026-03-03.0001.log", "notes.log"];
        assert_eq!(folder.names(), rest);
        assert_eq!(fs::read_to_string(folder.0.join(rest[1])).unwrap(), "three\n");
    }

    #[test]
    fn a_clock_that_goes_back_neither_loses_lines_nor_begins_files() {
        let folder = Folder::new("back");
        let clock = FrozenClock::at("2026-03-02T12:00:00Z");
        let mut files = LogFiles::open(&folder.0, keep(30, 1 << 20), clock.clone()).unwrap();
        clock.set("2026-03-01T12:00:00Z");
        files.write_all(b"one\n").unwrap();
        assert_eq!(folder.names(), ["healthflow.2026-03-02.0001.log"]);
    }

    #[test]
    fn size_bounds_hold_for_each_file_and_for_all() {
        let folder = Folder::new("size");
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let mut files = LogFiles::open(&folder.0, keep(30, 1_600), clock).unwrap();
        let line = [b'x'; 50];
        for _ in 0..200 {
            files.write_all(&line).unwrap();
        }
        let sizes: Vec<u64> = listed(&folder.0).unwrap().iter().map(|file| file.bytes).collect();
        assert!(sizes.iter().all(|bytes| *bytes <= 100), "{sizes:?}");
        assert!(sizes.iter().sum::<u64>() <= 1_700, "{sizes:?}");
        assert_eq!(folder.names().last().unwrap(), "healthflow.2026-03-01.0100.log");
    }

    #[test]
    fn a_second_start_goes_on_where_the_first_ended() {
        let folder = Folder::new("again");
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        for text in ["one\n", "two\n"] {
            let mut files = LogFiles::open(&folder.0, keep(30, 1 << 20), clock.clone()).unwrap();
            files.write_all(text.as_bytes()).unwrap();
        }
        let path = folder.0.join("healthflow.2026-03-01.0001.log");
        assert_eq!(fs::read_to_string(path).unwrap(), "one\ntwo\n");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new("mode");
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let _files = LogFiles::open(&folder.0, keep(30, 1 << 20), clock).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0), 0o700);
        assert_eq!(mode(&folder.0.join("healthflow.2026-03-01.0001.log")), 0o600);
    }
}

//! Events go to standard error and, unless that is off, to files. Times are RFC 3339 in UTC.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter, time::SystemTime};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use super::log_files::{LogFiles, Retention};
use super::recent::Keeper;
use crate::vocab::clock::SystemClock;

pub use tracing::Level;

/// Lines that may wait for the disk. Beyond that lines are dropped and counted: a slow disk must
/// not hold up a request for the sake of its log line.
const LINES_WAITING_MAX: usize = 16_384;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Plain,
    /// One JSON object a line, for programs.
    Json,
}

/// Where and how to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// This level and the graver ones.
    pub level: Level,
    /// How lines look.
    pub format: Format,
    /// Where the files lie; `None` writes to standard error alone.
    pub folder: Option<PathBuf>,
    /// Days that a file is kept.
    pub keep_days: u32,
    /// All files together.
    pub total_bytes_max: u64,
}

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The folder or the file cannot be made or written.
    #[error("log files cannot be written in {}: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Logging has begun already.
    #[error("logging has begun already")]
    Twice,
}

/// Keep it for as long as events are to reach the files; dropping it writes what waits.
#[derive(Debug)]
#[must_use = "dropping the guard ends logging to files"]
pub struct LogGuard(#[expect(dead_code, reason = "held for its drop")] Option<WorkerGuard>);

/// Begins logging for the whole process. Once.
///
/// # Errors
/// The files cannot be written, or logging has begun already.
pub fn begin(options: &LogOptions) -> Result<LogGuard, LoggingError> {
    let (files, guard) = match &options.folder {
        Some(folder) => {
            let (writer, guard) = open_files(options, folder)
                .map_err(|cause| LoggingError::Folder { folder: folder.clone(), cause })?;
            (Some(lines(options.format, false, writer)), Some(guard))
        }
        None => (None, None),
    };
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    Registry::default()
        .with(filter(options.level))
        .with(lines(options.format, colours, std::io::stderr))
        .with(files)
        .with(lines(Format::Json, false, || Keeper))
        .try_init()
        .map_err(|_| LoggingError::Twice)?;
    Ok(LogGuard(guard))
}

fn open_files(
    options: &LogOptions,
    folder: &std::path::Path,
) -> std::io::Result<(tracing_appender::non_blocking::NonBlocking, WorkerGuard)> {
    let retention =
        Retention { keep_days: options.keep_days, total_bytes_max: options.total_bytes_max };
    let files = LogFiles::open(folder, retention, SystemClock)?;
    let builder = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING_MAX);
    let (writer, guard) = builder.thread_name("log").finish(files);
    // Logging begins once, and so does this.
    let _ = DROPPED.set(writer.error_counter());
    Ok((writer, guard))
}

static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// How many lines did not reach the files because too many waited, since the start.
#[must_use]
pub fn dropped_lines() -> usize {
    DROPPED.get().map_or(0, ErrorCounter::dropped_lines)
}

/// Our own events at the level asked for; those of libraries no chattier than warnings, unless
/// somebody is really looking: they may name file paths and peers that a log should not fill with.
fn filter(level: Level) -> Targets {
    let libraries = if level < Level::DEBUG { LevelFilter::WARN } else { LevelFilter::INFO };
    let level = LevelFilter::from_level(level);
    Targets::new().with_default(libraries.min(level)).with_target("healthflow", level)
}

fn lines<S, W>(format: Format, colours: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer()
        .with_timer(SystemTime)
        .with_ansi(colours)
        .with_writer(OneLine { writer, colours });
    match format {
        Format::Plain => layer.boxed(),
        Format::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    }
}

/// Keeps an event on one line without control characters, whatever names of files and folders it
/// tells of. They stand as JSON writes them. Colours begin with one, so a coloured line keeps it
/// outside of the message, which is escaped where it is put together.
struct OneLine<W> {
    writer: W,
    colours: bool,
}

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for OneLine<M> {
    type Writer = OneLine<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        OneLine { writer: self.writer.make_writer(), colours: self.colours }
    }
}

impl<W: Write> Write for OneLine<W> {
    /// `event` is whole, with the break at its end.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = String::with_capacity(text.len());
        for sign in text.strip_suffix('\n').unwrap_or(&text).chars() {
            if sign.is_control() && !(self.colours && sign == '\u{1b}') {
                line.push_str(&format!("\\u{:04x}", u32::from(sign)));
            } else {
                line.push(sign);
            }
        }
        line.push('\n');
        self.writer.write_all(line.as_bytes()).map(|()| event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, level: Level, act: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber =
            Registry::default()
                .with(filter(level))
                .with(lines(format, false, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, act);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_carry_utc_times_and_fields() {
        let text = logged(Format::Json, Level::INFO, || {
            tracing::info!(import.id = 7, "Import finished");
        });
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "Import finished");
        assert_eq!(line["import.id"], 7);
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }

    #[test]
    fn no_name_in_an_event_begins_a_line_or_moves_the_cursor() {
        for format in [Format::Plain, Format::Json] {
            let text = logged(format, Level::INFO, || {
                let name = "a\u{1b}[2J\r\nforged\u{9b}1m";
                tracing::warn!(file = name, path = %name, "{name} cannot be read");
            });
            assert_eq!(text.matches('\n').count(), 1, "{text:?}");
            assert!(!text.trim_end().contains(char::is_control), "{text:?}");
        }
    }

    #[test]
    fn the_level_bounds_ours_and_libraries_are_quieter() {
        let text = logged(Format::Plain, Level::INFO, || {
            tracing::debug!("our detail");
            tracing::info!("our news");
            tracing::info!(target: "tantivy", "their news");
            tracing::warn!(target: "tantivy", "their warning");
        });
        assert!(!text.contains("our detail") && !text.contains("their news"), "{text}");
        assert!(text.contains("our news") && text.contains("their warning"), "{text}");
        let text = logged(Format::Plain, Level::ERROR, || {
            tracing::warn!(target: "tantivy", "their warning");
        });
        assert_eq!(text, "");
    }

    #[test]
    fn events_reach_the_file_when_the_guard_is_dropped_and_logging_begins_once() {
        let name = format!("healthflow-logging-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let options = LogOptions {
            level: Level::INFO,
            format: Format::Json,
            folder: Some(folder.clone()),
            keep_days: 1,
            total_bytes_max: 1 << 20,
        };
        let guard = begin(&options).unwrap();
        tracing::info!(attempt = 3, "Written to the file");
        assert!(matches!(begin(&options), Err(LoggingError::Twice)));
        drop(guard);
        let mut files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let text = std::fs::read_to_string(files.next().unwrap()).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let ours = text.lines().find(|line| line.contains("Written to the file")).unwrap();
        let line: serde_json::Value = serde_json::from_str(ours).unwrap();
        assert_eq!(line["attempt"], 3);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = std::env::temp_dir().join(format!("healthflow-nolog-{}", std::process::id()));
        std::fs::write(&file, "in the way").unwrap();
        let options = LogOptions {
            level: Level::INFO,
            format: Format::Plain,
            folder: Some(file.join("logs")),
            keep_days: 1,
            total_bytes_max: 1 << 20,
        };
        let words = begin(&options).unwrap_err().to_string();
        std::fs::remove_file(&file).unwrap();
        assert!(words.contains("log files cannot be written in ") && words.contains("logs: "));
    }
}

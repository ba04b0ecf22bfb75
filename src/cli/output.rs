//! The only place that prints.
//!
//! Standard output carries the result of a command and nothing else, so that it can be piped.
//! Everything for people beside it goes to standard error. With `--json` the result is one line
//! `{"data":…}`, a failure one line in the form of the API's problems, and words for people that
//! a program has no use for are left out.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;

use super::failure::Failure;

type Stream = Mutex<Box<dyn Write + Send>>;

/// Where a command prints.
pub struct Output {
    json: bool,
    results: Stream,
    words: Stream,
}

impl Output {
    /// The streams of the process.
    #[must_use]
    pub fn of_process(json: bool) -> Self {
        Self::new(json, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// `results` takes what standard output would, `words` what standard error would.
    #[must_use]
    pub fn new(json: bool, results: Box<dyn Write + Send>, words: Box<dyn Write + Send>) -> Self {
        Self { json, results: Mutex::new(results), words: Mutex::new(words) }
    }

    /// Whether a program reads the result.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints the result of the command: `value` as JSON, or what `plain` makes of it.
    ///
    /// # Errors
    /// Standard output cannot be written, say because the disk behind it is full. A reader that
    /// has gone (`healthflow config | head -1`) is no error: it has had enough.
    pub fn result<T: Serialize>(
        &self,
        value: &T,
        plain: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.json {
            self.text(&json!({ "data": value }).to_string())
        } else {
            self.text(&harmless(&plain()))
        }
    }

    /// Prints `text` to standard output as it is, with a line break at its end.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        print(&self.results, text).map_err(|cause| {
            Failure::new("cli.output", format!("The result cannot be written: {cause}."))
        })
    }

    /// Prints `bytes` to standard output as they are. False once the reader has gone.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Result<bool, Failure> {
        let mut stream = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        match stream.write_all(bytes).and_then(|()| stream.flush()) {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(cause) => {
                let detail = format!("The result cannot be written: {cause}.");
                Err(Failure::new("cli.output", detail))
            }
            Ok(()) => Ok(true),
        }
    }

    /// Tells a person how it goes. Silent for programs.
    pub fn note(&self, text: &str) {
        if !self.json {
            self.say(&harmless(text));
        }
    }

    /// Tells of something that may be a mistake, to people and programs.
    pub fn warning(&self, text: &str) {
        if self.json {
            self.say(&json!({ "warning": text }).to_string());
        } else {
            self.say(&harmless(&format!("warning: {text}")));
        }
    }

    /// Tells why the command failed.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            let problem = json!({
                "type": format!("/problems/{}", failure.code()),
                "title": "The command failed",
                "detail": failure.detail().trim_end(),
                "code": failure.code(),
                "errors": failure.fields(),
            });
            self.say(&problem.to_string());
        } else {
            // clap already begins its words so.
            let detail = failure.words().trim_end();
            let start = if detail.starts_with("error: ") { "" } else { "error: " };
            self.say(&harmless(&format!("{start}{detail}")));
        }
    }

    fn say(&self, text: &str) {
        // When nobody can be told, there is nobody to tell so.
        let _ = print(&self.words, text);
    }
}

fn print(stream: &Stream, text: &str) -> io::Result<()> {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    let written = writeln!(stream, "{}", text.trim_end()).and_then(|()| stream.flush());
    match written {
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// `text`, which somebody else chose (the name of a file, a field in it), as it can be shown on a
/// line: what would move the cursor, begin a line or turn the direction stands as its escape.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for sign in text.chars() {
        let turns = matches!(sign, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if sign.is_control() || turns {
            told.extend(sign.escape_default());
        } else {
            told.push(sign);
        }
    }
    told
}

/// The same for what has lines of its own, in case that a name got into it unasked.
fn harmless(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Lines up `rows` in columns two blanks apart; the last column is not padded.
#[must_use]
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

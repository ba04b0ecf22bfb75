//! The configuration file: flat TOML, each value with the line it stands on.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::Finding;

/// A file of settings is a page long; what is larger is some other file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// One `key = value` of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key as it was written.
    pub key: String,
    /// The value as text, or what it is instead of a single value.
    pub value: Result<OsString, &'static str>,
    /// The line, counted from 1.
    pub line: usize,
}

/// Reads the file at `path`.
///
/// # Errors
/// The file cannot be read, is too large, or is not TOML in UTF-8.
pub fn read(path: &Path) -> Result<Vec<Entry>, Finding> {
    let refused =
        |message: String| Finding { key: None, place: format!("file {}", path.display()), message };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|cause| {
            let mend = match cause.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    " Run HealthFlow as the user that owns the data folder."
                }
                _ => "",
            };
            refused(format!("It cannot be read: {cause}.{mend}"))
        })?;
    if FILE_BYTES_MAX < bytes.len() as u64 {
        return Err(refused("It is larger than 1 MiB; is it the right file?".into()));
    }
    let text = String::from_utf8(bytes).map_err(|cause| {
        let line = line_at(cause.as_bytes(), cause.utf8_error().valid_up_to());
        refused(format!("Line {line} is not UTF-8 text. Save the file as UTF-8."))
    })?;
    entries(&text).map_err(|(line, message)| Finding {
        key: None,
        place: format!("file {}:{line}", path.display()),
        message,
    })
}

/// The entries of `text` in the order of their lines.
///
/// # Errors
/// The line and the words of the first place that is not TOML.
pub fn entries(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    // Windows' editor puts a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|cause| {
        let offset = cause.span().map_or(0, |span| span.start);
        (line_at(text.as_bytes(), offset), format!("This is not TOML: {}.", cause.message()))
    })?;
    let mut entries: Vec<Entry> = table
        .into_inner()
        .into_iter()
        .map(|(key, value)| Entry {
            line: line_at(text.as_bytes(), key.span().start),
            key: key.into_inner().into_owned(),
            value: plain(value.into_inner()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn plain(value: DeValue<'_>) -> Result<OsString, &'static str> {
    match value {
        DeValue::String(text) => Ok(text.into_owned().into()),
        DeValue::Integer(number) => Ok(number.to_string().into()),
        DeValue::Float(number) => Ok(number.to_string().into()),
        DeValue::Boolean(truth) => Ok(truth.to_string().into()),
        DeValue::Datetime(instant) => Ok(instant.to_string().into()),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str());
            let texts: Option<Vec<&str>> = texts.collect();
            texts.map(|texts| texts.join(", ").into()).ok_or("a list")
        }
        DeValue::Table(_) => Err("a table"),
    }
}

fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_know_their_lines() {
        let text = "\u{feff}# HealthFlow\r\nworkers = 4\r\n\r\nlog_level = \"warn\"\r\nx = [1]\r\n";
        let found = entries(text).unwrap();
        let lines: Vec<_> = found.iter().map(|e| (e.key.as_str(), e.line)).collect();
        assert_eq!(lines, [("workers", 2), ("log_level", 4), ("x", 5)]);
        assert_eq!(found[0].value, Ok("4".into()));
        assert_eq!(found[1].value, Ok("warn".into()));
        assert_eq!(found[2].value, Err("a list"));
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        let (line, message) = entries("workers = 4\nlog_level = \n").unwrap_err();
        assert_eq!(line, 2);
        assert!(message.starts_with("This is not TOML: "), "{message}");
        let (line, message) = entries("a = 1\nb = 2\na = 3\n").unwrap_err();
        assert_eq!(line, 3);
        assert!(message.contains("duplicate"), "{message}");
    }
}

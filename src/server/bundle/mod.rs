//! The support bundle: what somebody who helps from afar needs, as a few files of text. Each is an
//! allow list of what goes in, never a copy of something with parts taken out: no name, no number
//! and no word of a patient, and no secret. It is shown before it is saved, and what is saved is
//! what was shown.
pub mod api;
mod lines;
mod records;

use std::io::{Cursor, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use super::doctor::{Finding, plain};
use crate::config::Config;
use crate::config::shown::Shown;
use crate::store::log_bytes;

pub use records::{Records, of_tx};

/// Of the newest files of the log, that many, and of each that much from its end.
const LOG_FILES: usize = 2;
const LOG_BYTES_MAX: u64 = 256 << 10;

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

impl Entry {
    fn new(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), text: text.into() }
    }

    fn json(name: &str, value: &Json) -> Self {
        Self::new(name, serde_json::to_string_pretty(value).unwrap_or_default())
    }
}

/// The bundle of a hospital that runs, or would run, with `config`. `records` is what could be
/// asked of its database, and `metrics` what its server counts.
#[must_use]
pub fn gather(
    (config, now): (&Config, jiff::Timestamp),
    findings: &[Finding],
    records: Option<&Records>,
    metrics: Option<&str>,
) -> Vec<Entry> {
    let mut entries = vec![
        Entry::json("about.json", &about(config, now)),
        Entry::new("doctor.txt", plain(findings)),
        Entry::json("settings.json", &json!(Shown::of(config))),
    ];
    if let Some(records) = records {
        entries.push(Entry::json("database.json", &json!(records.database)));
        entries.push(Entry::json("jobs.json", &json!(records.jobs)));
    }
    entries.extend(metrics.map(|text| Entry::new("metrics.txt", text)));
    if let Some(folder) = &config.log.folder {
        entries.extend(logs(folder));
    }
    entries
}

fn about(config: &Config, now: jiff::Timestamp) -> Json {
    let machine = &config.machine;
    json!({
        "program": "HealthFlow",
        "version": env!("CARGO_PKG_VERSION"),
        "gathered_at": now.to_string(),
        "system": {
            "family": std::env::consts::OS,
            "processor": std::env::consts::ARCH,
            "name": sysinfo::System::long_os_version().ok(),
            "kernel": sysinfo::System::kernel_version().ok(),
            "up_seconds": sysinfo::System::uptime().ok(),
        },
        "machine": {
            "cores": machine.cores,
            "memory_bytes": machine.memory_bytes,
            "open_files": machine.open_files,
        },
        "time_zone": config.time_zone.iana_name(),
        "write_ahead_log_bytes": log_bytes(&config.data),
    })
}

/// The newest files of the log in `folder`, as far as their lines are known to be safe.
fn logs(folder: &Path) -> Vec<Entry> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    // By day and number.
    names.retain(|name| is_log(name));
    names.sort();
    let newest = names.iter().rev().take(LOG_FILES).rev();
    newest
        .filter_map(|name| {
            let text = tail(&folder.join(name)).ok()?;
            Some(Entry::new(&format!("log/{name}"), lines::allowed(&text)))
        })
        .collect()
}

/// `healthflow.2026-03-01.0001.log`, and nothing else that lies there.
fn is_log(name: &str) -> bool {
    let middle = name.strip_prefix("healthflow.").and_then(|rest| rest.strip_suffix(".log"));
    middle.is_some_and(|it| {
        it.len() == 15 && it.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
    })
}

/// The last lines of a file, the first of them whole.
fn tail(path: &Path) -> std::io::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(LOG_BYTES_MAX);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match (start, text.split_once('\n')) {
        (1.., Some((_, whole))) => whole.to_owned(),
        _ => text,
    })
}

/// The bundle as one file.
///
/// # Errors
/// It cannot be put together.
pub fn zipped(entries: &[Entry]) -> Result<Vec<u8>, ZipError> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        writer.start_file(entry.name.as_str(), SimpleFileOptions::default())?;
        writer.write_all(entry.text.as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_log_are_taken_and_of_long_ones_the_end() {
        assert!(is_log("healthflow.2026-03-01.0001.log"));
        for other in ["healthflow.Esi-Quaye.0001.log", "list.log", "healthflow..log", "a.csv"] {
            assert!(!is_log(other), "{other}");
        }
        let path = std::env::temp_dir().join(format!("healthflow-tail-{}", std::process::id()));
        let line = format!("{}\n", "x".repeat(99));
        std::fs::write(&path, format!("first\n{}last\n", line.repeat(4_000))).unwrap();
        let text = tail(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(text.ends_with("x\nlast\n") && text.len() as u64 <= LOG_BYTES_MAX);
        assert_eq!(text.lines().next().unwrap().len(), 99, "no half line");
    }
}

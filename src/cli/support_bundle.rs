//! `healthflow support-bundle`: what somebody who helps from afar needs. A server that runs
//! gathers it; without one, or with one that does not answer, what can be had without it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::doctor;
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::reach::Counter;
use crate::config::Config;
use crate::config::sizing::size;
use crate::server::bundle::{Entry, gather, of_tx, zipped};
use crate::store::peek;
use crate::vocab::clock::{Clock, SystemClock};

/// `support-bundle`.
#[derive(Debug, Args)]
pub struct BundleArguments {
    /// Save it as this file (.zip), which must not be there yet
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    pub output: Option<PathBuf>,
    /// Print all that is in it
    #[arg(long)]
    pub show: bool,
}

/// Gathers it, shows it if asked, and saves it if a file was named.
pub(super) fn run(
    config: &Config,
    asked: &BundleArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let entries = of_running(config).unwrap_or_else(|| from_outside(config));
    if let Some(path) = &asked.output {
        save(path, &entries)?;
    }
    let told: Vec<_> = entries
        .iter()
        .map(|Entry { name, text }| match asked.show {
            true => json!({ "name": name, "bytes": text.len(), "text": text }),
            false => json!({ "name": name, "bytes": text.len() }),
        })
        .collect();
    let saved = asked.output.as_ref().map(|path| path.display().to_string());
    let value = json!({ "file": saved, "entries": told });
    output.result(&value, || words(&entries, asked.show, saved.as_deref()))?;
    Ok(Ended::Well)
}

fn of_running(config: &Config) -> Option<Vec<Entry>> {
    let counter = Counter::of_running(config)?;
    let told = counter.get("/api/v1/system/support-bundle").ok()?;
    serde_json::from_value(told["data"]["entries"].clone()).ok()
}

fn from_outside(config: &Config) -> Vec<Entry> {
    let records = peek(&config.data, of_tx).ok().flatten();
    let findings = doctor::looked(config);
    gather((config, SystemClock.now()), &findings, records.as_ref(), None)
}

/// Its owner's alone, and never over something that is there.
fn save(path: &Path, entries: &[Entry]) -> Result<(), Failure> {
    let failed = |cause: String| {
        let detail = format!("The bundle cannot be saved as {}: {cause}.", path.display());
        Failure::new("cli.output", detail)
    };
    let bytes = zipped(entries).map_err(|cause| failed(cause.to_string()))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(|cause| failed(cause.to_string()))?;
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    written.map_err(|cause| {
        // Half a file is of use to nobody.
        let _ = std::fs::remove_file(path);
        failed(cause.to_string())
    })
}

fn words(entries: &[Entry], show: bool, saved: Option<&str>) -> String {
    let mut text = String::new();
    if show {
        for Entry { name, text: inside } in entries {
            text.push_str(&format!("--- {name}\n{}\n\n", inside.trim_end()));
        }
    }
    let row = |entry: &Entry| vec![entry.name.clone(), size(entry.text.len() as u64)];
    text.push_str(&columns(&entries.iter().map(row).collect::<Vec<_>>()));
    text.push_str(&match saved {
        Some(path) => format!(
            "\n\nSaved as {path}. Nothing in it is of a patient, and no secret; look yourself with \
             --show."
        ),
        None => "\n\nSave it with --output FILE.".to_owned(),
    });
    text
}

//! `healthflow import`: takes in patients and records from files.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

use super::arguments::ImportArguments;
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::reach::{Counter, with_counter};
use crate::config::Config;

/// How often the run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Resources not taken that are printed; the page of the import has them all.
const REJECTS_SHOWN: u64 = 20;

/// Imports what `asked` names into the data folder of `config`.
pub(super) fn run(
    config: &Config,
    asked: &ImportArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let body = order(asked)?;
    let (ended, rejects) = with_counter(config, |counter| {
        let answer = counter.post("/api/v1/imports/local", &body)?;
        let id = text(&answer["data"], "id");
        let ended = watch(counter, id, output)?;
        let path = format!("/api/v1/imports/{id}/rejects?limit={REJECTS_SHOWN}");
        Ok((ended, counter.get(&path)?["data"].clone()))
    })?;
    output.result(&ended, || summary(&ended) + &not_taken(&ended, &rejects))?;
    match text(&ended, "status") {
        "completed" if took_nothing(&ended["summary"]) => Ok(Ended::WithFindings),
        "completed" => Ok(Ended::Well),
        status => {
            let why = ended["error"].as_str().unwrap_or("no reason was given");
            Err(Failure::new("imports.not_completed", format!("The import is {status}: {why}")))
        }
    }
}

fn order(asked: &ImportArguments) -> Result<Json, Failure> {
    let mut paths = Vec::new();
    for path in &asked.paths {
        let whole = fs::canonicalize(path).map_err(|cause| {
            Failure::new("cli.path", format!("{} cannot be read: {cause}.", path.display()))
        })?;
        paths.push(whole);
    }
    let mapping = match &asked.mapping {
        Some(path) => {
            let wrong = |cause: String| {
                let detail = format!("{} is not a column mapping: {cause}.", path.display());
                Failure::new("cli.mapping", detail)
            };
            let text = fs::read_to_string(path).map_err(|cause| wrong(cause.to_string()))?;
            let mapping: BTreeMap<String, String> =
                serde_json::from_str(&text).map_err(|cause| wrong(cause.to_string()))?;
            Some(mapping)
        }
        None => None,
    };
    Ok(json!({
        "paths": paths,
        "source": asked.source,
        "format": asked.format.map(|format| format.word()),
        "mapping": mapping,
    }))
}

fn watch(counter: &Counter, id: &str, output: &Output) -> Result<Json, Failure> {
    let bar = if output.is_json() || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        let style =
            ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes} {msg} ({eta} left)");
        let bar = ProgressBar::new(0);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar
    };
    loop {
        let import = counter.get(&format!("/api/v1/imports/{id}"))?["data"].clone();
        bar.set_length(import["bytes_total"].as_u64().unwrap_or(0));
        bar.set_position(import["bytes_done"].as_u64().unwrap_or(0));
        let speed = import["summary"]["resources_per_second"].as_f64().unwrap_or(0.0);
        bar.set_message(format!("{speed:.0} resources/s"));
        if text(&import, "status") != "running" {
            bar.finish_and_clear();
            return Ok(import);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn text<'a>(value: &'a Json, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Whether nothing of all that was read was taken.
fn took_nothing(summary: &Json) -> bool {
    let none = |group: &str| summary[group].as_object().is_none_or(serde_json::Map::is_empty);
    summary["rejected"].as_u64().unwrap_or(0) != 0
        && ["stored", "updated", "unchanged", "left_out"].into_iter().all(none)
}

/// The first of what was not taken, each with its place and reason.
fn not_taken(import: &Json, rejects: &Json) -> String {
    let mut told = String::new();
    for reject in rejects.as_array().into_iter().flatten() {
        let line = reject["line"].as_u64().map_or_else(String::new, |line| format!(":{line}"));
        told.push_str(&format!("\n{}{line}: {}", text(reject, "file"), text(reject, "reason")));
    }
    let all = import["summary"]["rejected"].as_u64().unwrap_or(0);
    if REJECTS_SHOWN < all {
        told.push_str(&format!("\n… and {} more, on the page Imports.", all - REJECTS_SHOWN));
    }
    told
}

/// A table by type, then what was left out and why.
fn summary(import: &Json) -> String {
    let summary = &import["summary"];
    let count = |group: &str, kind: &str| summary[group][kind].as_u64().unwrap_or(0).to_string();
    let heads = ["RESOURCE", "READ", "STORED", "UPDATED", "UNCHANGED", "LEFT OUT"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for kind in summary["read"].as_object().into_iter().flatten().map(|(kind, _)| kind) {
        let left = summary["left_out"][kind]["count"].as_u64().unwrap_or(0).to_string();
        let counts = ["read", "stored", "updated", "unchanged"].map(|group| count(group, kind));
        rows.push([vec![kind.clone()], counts.to_vec(), vec![left]].concat());
    }
    let mut text = columns(&rows);
    for (kind, left) in summary["left_out"].as_object().into_iter().flatten() {
        text.push_str(&format!("\n{kind} left out: {}", left["reason"].as_str().unwrap_or("")));
    }
    let parts = summary["parts_left_out"].as_object().into_iter().flatten();
    let parts: Vec<String> = parts.map(|(path, count)| format!("{path} {count}")).collect();
    if !parts.is_empty() {
        text.push_str(&format!("\nParts without a place in the record: {}", parts.join(", ")));
    }
    let (seconds, speed) = (summary["seconds"].as_f64(), summary["resources_per_second"].as_f64());
    text.push_str(&format!(
        "\nNot taken: {}. {:.1} s, {:.0} resources/s.",
        summary["rejected"].as_u64().unwrap_or(0),
        seconds.unwrap_or(0.0),
        speed.unwrap_or(0.0)
    ));
    text
}

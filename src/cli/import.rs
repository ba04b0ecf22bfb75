//! `healthflow import`: takes in patients and records from files.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

use super::arguments::ImportArguments;
use super::failure::{Ended, Failure};
use super::output::{Output, columns, shown};
use super::reach::{Counter, with_counter};
use super::whereabouts::demand_hospital;
use crate::config::Config;
use crate::config::sizing::grouped;

/// How often the run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Imports among which those that are not done are looked for. At most 65 may wait.
const IMPORTS_LOOKED_AT: u32 = 200;

/// Resources not taken that are printed; the page of the import has them all.
const REJECTS_SHOWN: u64 = 20;

/// Places of numbers that others have, that are printed.
const NUMBERS_SHOWN: usize = 20;

/// Imports what `asked` names into the data folder of `config`.
pub(super) fn run(
    config: &Config,
    asked: &ImportArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let body = order(asked)?;
    demand_hospital(config)?;
    let (ended, rejects) = with_counter(config, output, |counter| {
        demand_set_up(counter)?;
        let earlier = unfinished(counter)?;
        for one in &earlier {
            output.warning(&format!(
                "An earlier import, {} of {}, was not finished. It goes on first; this one begins \
                 when it is done.",
                name(one, "label"),
                text(one, "started_at"),
            ));
        }
        let answer = counter.post("/api/v1/imports/local", &body)?;
        let id = text(&answer["data"], "id");
        let ended = watch(counter, id, earlier, output)?;
        let path = format!("/api/v1/imports/{id}/rejects?limit={REJECTS_SHOWN}");
        Ok((ended, counter.get(&path)?["data"].clone()))
    })?;
    let mut told = ended.clone();
    told["rejects"] = rejects.clone();
    output.result(&told, || summary(&ended) + &not_taken(&ended, &rejects))?;
    match (text(&ended, "status"), text(&ended["summary"], "outcome")) {
        ("completed", "nothing") => Ok(Ended::WithFindings),
        ("completed", "partly") => Ok(Ended::Partly),
        ("completed", _) => Ok(Ended::Well),
        (status, _) => {
            let why = ended["error"].as_str().map_or_else(|| "no reason was given".into(), shown);
            Err(Failure::new("imports.not_completed", format!("The import is {status}: {why}")))
        }
    }
}

/// Without a hospital every single record would be refused, with the same words.
fn demand_set_up(counter: &Counter) -> Result<(), Failure> {
    let sites = counter.get("/api/v1/facilities?limit=1")?;
    if sites["data"].as_array().is_some_and(|sites| !sites.is_empty()) {
        return Ok(());
    }
    let detail = "The hospital is not set up yet, so nothing can be imported into it. Open the \
         one-time link that healthflow serve prints, or use healthflow init --hospital-name …";
    Err(Failure::new("cli.not_set_up", detail))
}

fn order(asked: &ImportArguments) -> Result<Json, Failure> {
    let mut paths = Vec::new();
    for path in &asked.paths {
        let whole = fs::canonicalize(path).map_err(|cause| {
            let path = shown(&path.to_string_lossy());
            Failure::new("cli.path", format!("{path} cannot be read: {cause}."))
        })?;
        paths.push(whole);
    }
    let mapping = match &asked.mapping {
        Some(path) => {
            let wrong = |cause: String| {
                let path = shown(&path.to_string_lossy());
                let detail = format!("{path} is not a column mapping: {cause}.");
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

/// Imports that are not done, the oldest first. One of them may have been interrupted, when the
/// computer or an earlier command was stopped, and goes on since the hospital was opened.
fn unfinished(counter: &Counter) -> Result<Vec<Json>, Failure> {
    let newest = counter.get(&format!("/api/v1/imports?limit={IMPORTS_LOOKED_AT}"))?;
    let all = newest["data"].as_array().into_iter().flatten().rev();
    Ok(all.filter(|import| text(import, "status") == "running").cloned().collect())
}

/// Waits until the import `id` is done, and shows how it goes: first those of `earlier`.
fn watch(
    counter: &Counter,
    id: &str,
    mut earlier: Vec<Json>,
    output: &Output,
) -> Result<Json, Failure> {
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
    let look = |id: &str| {
        let answer = counter.get(&format!("/api/v1/imports/{id}")).map_err(stopped)?;
        Ok::<Json, Failure>(answer["data"].clone())
    };
    loop {
        let own = look(id)?;
        if text(&own, "status") != "running" {
            bar.finish_and_clear();
            return Ok(own);
        }
        let first = earlier.first().map(|one| look(text(one, "id"))).transpose()?;
        match first {
            Some(first) if text(&first, "status") == "running" => {
                let label = name(&first, "label");
                show(&bar, &first, &format!(", an earlier import, {label}"));
            }
            Some(first) => {
                let (label, status) = (name(&first, "label"), text(&first, "status"));
                bar.suspend(|| output.note(&format!("The earlier import, {label}, is {status}.")));
                earlier.remove(0);
                continue;
            }
            None => show(&bar, &own, ""),
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Whoever stops the server need not think that the import is lost.
fn stopped(cause: Failure) -> Failure {
    if !["cli.server", "server.stopping", "store.closed"].contains(&cause.code()) {
        return cause;
    }
    let detail = "HealthFlow stopped while the import ran. What is stored stays, and the import \
         goes on by itself when HealthFlow is started again.";
    Failure::new("imports.interrupted", detail)
}

fn show(bar: &ProgressBar, import: &Json, which: &str) {
    bar.set_length(import["bytes_total"].as_u64().unwrap_or(0));
    bar.set_position(import["bytes_done"].as_u64().unwrap_or(0));
    let speed = import["summary"]["resources_per_second"].as_f64().unwrap_or(0.0);
    bar.set_message(format!("{speed:.0} resources/s{which}"));
}

fn text<'a>(value: &'a Json, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The same where files, or whoever sent them, chose what it says.
fn name(value: &Json, field: &str) -> String {
    shown(text(value, field))
}

/// The first of what was not taken, each with its place and reason.
fn not_taken(import: &Json, rejects: &Json) -> String {
    let mut told = String::new();
    for reject in rejects.as_array().into_iter().flatten() {
        let line = reject["line"].as_u64().map_or_else(String::new, |line| format!(":{line}"));
        told.push_str(&format!("\n{}{line}: {}", name(reject, "file"), name(reject, "reason")));
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
        rows.push([vec![shown(kind)], counts.to_vec(), vec![left]].concat());
    }
    let mut told = columns(&rows);
    for (kind, left) in summary["left_out"].as_object().into_iter().flatten() {
        told.push_str(&format!("\n{} left out: {}", shown(kind), name(left, "reason")));
    }
    let parts = summary["parts_left_out"].as_object().into_iter().flatten();
    let parts: Vec<String> =
        parts.map(|(path, count)| format!("{} {count}", shown(path))).collect();
    if !parts.is_empty() {
        told.push_str(&format!("\nParts without a place in the record: {}", parts.join(", ")));
    }
    told.push_str(&identifiers_taken(&summary["identifiers_taken"]));
    let skipped = summary["skipped"].as_object().into_iter().flatten();
    let skipped: Vec<String> = skipped.map(|(name, _)| shown(name)).collect();
    if !skipped.is_empty() {
        told.push_str(&format!("\nSkipped, for they hold no data: {}", skipped.join(", ")));
    }
    for one in summary["dates"].as_array().into_iter().flatten() {
        told.push_str(&dates(one));
    }
    if let Some(before) = summary["before"].as_object() {
        let count = ["stored", "updated"].map(|group| before[group].as_u64().unwrap_or(0));
        told.push_str(&format!(
            "\nIt was interrupted and went on from the start of its files. Before that it had \
             stored at least {}, which count as unchanged here.",
            grouped(count.iter().sum())
        ));
    }
    let (seconds, speed) = (summary["seconds"].as_f64(), summary["resources_per_second"].as_f64());
    let left = summary["left_out"].as_object().into_iter().flatten();
    let left: u64 = left.filter_map(|(_, left)| left["count"].as_u64()).sum();
    let rejected = summary["rejected"].as_u64().unwrap_or(0);
    let outcome = match (text(import, "status"), text(summary, "outcome")) {
        ("completed", "nothing") if rejected == 0 => {
            "Nothing was read: the files hold no record, or a table only its header. "
        }
        ("completed", "nothing") => "Nothing was taken. ",
        ("completed", "partly") => "Completed, but not all of it was taken. ",
        ("completed", _) => "Completed. ",
        _ => "",
    };
    told.push_str(&format!(
        "\n{outcome}Not taken: {}. Left out (no place in the record yet): {}. {:.1} s, {:.0} \
         resources/s.",
        grouped(rejected),
        grouped(left),
        seconds.unwrap_or(0.0),
        speed.unwrap_or(0.0)
    ));
    told
}

/// How many record numbers were left out because others have them, and where they stand.
fn identifiers_taken(taken: &Json) -> String {
    let count = taken["count"].as_u64().unwrap_or(0);
    if count == 0 {
        return String::new();
    }
    let places = taken["places"].as_array().into_iter().flatten();
    let places: Vec<String> =
        places.map(|place| format!("{}:{}", text(place, "file"), place["line"])).collect();
    let shown = places.len().min(NUMBERS_SHOWN);
    let more = if shown < places.len() { ", …" } else { "" };
    format!(
        "\nNumbers left out because another record has them: {} ({}{more})",
        grouped(count),
        places[..shown].join(", ")
    )
}

/// How dates that can mean two days were read, and why.
fn dates(one: &Json) -> String {
    let mark = name(one, "mark");
    let first = one["day_first"] == true;
    let order = if first { ["day", "month", "year"] } else { ["month", "day", "year"] };
    format!(
        "\nDates like 03{mark}04{mark}2020 in the column {} of {} were read as {}, because of \
         line {}.",
        name(one, "column"),
        name(one, "file"),
        order.join(&mark),
        one["line"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_from_a_file_moves_the_cursor_or_begins_a_line() {
        let evil = "a\u{1b}[2J\nCompleted.\r\u{9b}1m\u{202e}";
        let import = json!({
            "status": "completed",
            "summary": {
                "outcome": "partly",
                "rejected": 1,
                "read": { evil: 1 },
                "left_out": { evil: { "count": 1, "reason": evil } },
                "parts_left_out": { evil: 1 },
                "skipped": { evil: 1 },
                "dates": [{ "mark": "/", "column": evil, "file": evil, "line": 2 }],
            },
        });
        let rejects = json!([{ "file": evil, "line": 1, "reason": evil }]);
        let told = summary(&import) + &not_taken(&import, &rejects);
        let wrong = |sign: char| sign != '\n' && (sign.is_control() || sign == '\u{202e}');
        assert!(!told.contains(wrong), "{told:?}");
        assert!(told.contains("a\\u{1b}[2J\\nCompleted.\\r\\u{9b}1m\\u{202e}:1: a"), "{told}");
        assert_eq!(told.lines().filter(|line| line.starts_with("Completed")).count(), 1);
        // A table's head and row, then left out, parts, skipped, dates, outcome, reject.
        assert_eq!(told.lines().count(), 8, "{told}");
    }
}

//! `healthflow audit`: proves that the audit is whole, takes it along, and moves what is old into
//! archives and back.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::arguments::{AuditCommand, AuditExportArguments};
use super::failure::{Ended, Failure};
use super::output::Output;
use super::reach::{Counter, with_counter};
use super::user;
use super::whereabouts::demand_hospital;
use crate::config::Config;
use crate::platform::ledger::custody::anchors::Anchor;
use crate::platform::ledger::custody::verify_past_seals;

/// How often it is asked how a task goes.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How often somebody who waits is told.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Does to the audit of the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &AuditCommand,
    output: &Output,
) -> Result<Ended, Failure> {
    demand_hospital(config)?;
    let outcome = with_counter(config, output, |counter| match asked {
        AuditCommand::Verify(asked) => verify(counter, &asked.anchors, output),
        AuditCommand::Export(asked) => export(counter, asked, output),
        AuditCommand::Prune(asked) => {
            let body = json!({"before": asked.before, "keep_days": asked.keep});
            prune(counter, &body, output)
        }
        AuditCommand::Restore(asked) => restore(counter, &asked.file, output),
        AuditCommand::Anchor => anchor(counter, output),
    });
    match (outcome, asked) {
        (Err(damaged), AuditCommand::Verify(asked)) if damaged.code() == "store.damaged" => {
            let printed = asked.anchors.iter().map(|line| Anchor::parse(line)).collect();
            let Some(printed) = printed else {
                return Err(Failure::usage(
                    "--anchor: give the whole line, as printed.".to_owned(),
                ));
            };
            match verify_past_seals(&config.data, printed, &|_, _| true) {
                Ok(verdict) => tell(&json!(verdict), output),
                Err(_) => Err(damaged),
            }
        }
        (outcome, _) => outcome,
    }
}

/// Begins what `path` begins and waits for its end; what came of it under `name`.
fn done(
    counter: &Counter,
    (path, body): (&str, &Json),
    name: &str,
    output: &Output,
) -> Result<Json, Failure> {
    let number = counter.post(path, body)?["data"]["number"].clone();
    let mut told = Instant::now();
    loop {
        let task = counter.get("/api/v1/audit/custody")?["data"]["task"].take();
        let (ended, same) = (task["running"] == false, task["number"] == number);
        if ended || !same {
            let outcome = if same { &task["outcome"] } else { &Json::Null };
            let failed = &outcome["failed"];
            let text = |name: &str, otherwise: &'static str| {
                failed[name].as_str().unwrap_or(otherwise).to_owned()
            };
            if outcome[name].is_object() {
                return Ok(outcome[name].clone());
            }
            let otherwise = "It is not known what came of it. Look again.";
            let (code, detail) = (text("code", "cli.server"), text("detail", otherwise));
            return Err(Failure::new(&code, detail));
        }
        if TELL_EVERY < told.elapsed() {
            told = Instant::now();
            let of = task["total"].as_i64().filter(|total| 0 < *total);
            let of = of.map(|total| format!(" of {total}")).unwrap_or_default();
            output.note(&format!("{}{of} rows", task["done"]));
        }
        std::thread::sleep(ASK_EVERY);
    }
}

fn verify(counter: &Counter, anchors: &[String], output: &Output) -> Result<Ended, Failure> {
    let order = ("/api/v1/audit/verify", &json!({"anchors": anchors}));
    tell(&done(counter, order, "verified", output)?, output)
}

fn tell(verdict: &Json, output: &Output) -> Result<Ended, Failure> {
    let flaw = &verdict["flaw"];
    output.result(verdict, || {
        let rows = format!("{} rows", verdict["rows"]);
        match flaw["told"].as_str() {
            Some(told) => {
                format!("The audit is NOT whole. {told} Before it, {rows} hold together.")
            }
            None => format!(
                "The audit is whole: {rows}, {} archives, {} anchors. The newest row has the hash \
                 {}.",
                verdict["archives"],
                verdict["anchors"],
                verdict["hash"].as_str().unwrap_or_default()
            ),
        }
    })?;
    Ok(if flaw.is_null() { Ended::Well } else { Ended::WithFindings })
}

fn prune(counter: &Counter, body: &Json, output: &Output) -> Result<Ended, Failure> {
    let pruned = done(counter, ("/api/v1/audit/prune", body), "pruned", output)?;
    output.result(&pruned, || {
        let mut told = Vec::new();
        for file in pruned["resumed"].as_array().into_iter().flatten() {
            told.push(format!("Finished {} of an earlier run.", file.as_str().unwrap_or_default()));
        }
        told.push(match pruned["file"].as_str() {
            Some(file) => format!(
                "{} rows ({} to {}) are in audit-archive/{file}, proven, and no longer in the \
                 audit.",
                pruned["rows"], pruned["span"][0], pruned["span"][1]
            ),
            None => "Nothing is old enough to go.".to_owned(),
        });
        if let [row, class] = pruned["kept"].as_array().map_or(&[][..], Vec::as_slice) {
            let class = class.as_str().unwrap_or_default();
            told.push(format!(
                "It ended at row {row}: rows of the class {class} are kept longer \
                 (audit_{class}_days), and no row goes before those in front of it."
            ));
        }
        told.join("\n")
    })?;
    Ok(Ended::Well)
}

fn restore(counter: &Counter, file: &Path, output: &Output) -> Result<Ended, Failure> {
    // The server has another working directory. A name alone may be one of the archives.
    let is_name = file.components().count() == 1 && !file.exists();
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let body = json!({"file": if is_name { file } else { &whole }});
    let back = done(counter, ("/api/v1/audit/restore", &body), "restored", output)?;
    output.result(&back, || {
        let (first, last) = (&back["span"][0], &back["span"][1]);
        format!("{} rows ({first} to {last}) are back in the audit.", back["rows"])
    })?;
    Ok(Ended::Well)
}

fn anchor(counter: &Counter, output: &Output) -> Result<Ended, Failure> {
    let anchor = counter.post("/api/v1/audit/anchors", &Json::Null)?["data"].take();
    output.result(&anchor, || anchor["line"].as_str().unwrap_or_default().to_owned())?;
    Ok(Ended::Well)
}

fn export(
    counter: &Counter,
    asked: &AuditExportArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let patient = asked.patient.as_deref().map(|text| patient(counter, text)).transpose()?;
    let user = asked.user.as_deref().map(|name| user::find(counter, name)).transpose()?;
    let user = user.and_then(|user| user["id"].as_str().map(str::to_owned));
    let filters = [
        ("from", asked.from.as_ref()),
        ("to", asked.to.as_ref()),
        ("patient", patient.as_ref()),
        ("actor", user.as_ref()),
    ];
    let mut path = "/api/v1/audit/export?format=ndjson".to_owned();
    for (name, value) in filters {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    counter.stream(&path, |bytes| output.bytes(bytes))?;
    Ok(Ended::Well)
}

/// The id of the patient whom `text` names: an id, or a record number.
fn patient(counter: &Counter, text: &str) -> Result<String, Failure> {
    if text.starts_with("pat_") {
        return Ok(text.to_owned());
    }
    let found = counter.post("/api/v1/patients/search", &json!({"q": text}))?;
    let mut rows = found["data"].as_array().into_iter().flatten();
    let same = rows.find(|row| row["mrn"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(text)));
    same.and_then(|row| row["id"].as_str().map(str::to_owned)).ok_or_else(|| {
        let detail = format!("There is no patient with the record number {text}.");
        Failure::new("cli.no_patient", detail)
    })
}

/// `text` as it may stand in an address.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

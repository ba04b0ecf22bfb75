//! `healthflow backup`: where backups go, the recovery sheet, making one and proving one.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::arguments::{BackupCommand, BackupToArguments};
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::password::read_hidden;
use super::reach::{Counter, with_counter};
use super::storage;
use super::whereabouts::demand_hospital;
use crate::backup::kinds;
use crate::config::Config;

const PLAN: &str = "/api/v1/backup";
/// How often it is asked how a job goes.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// How often somebody who waits is told.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// How the key is asked for.
pub(super) const ASK_KEY: &str = "Key of the recovery sheet: ";

/// Does to the backups of the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &BackupCommand,
    output: &Output,
) -> Result<Ended, Failure> {
    demand_hospital(config)?;
    match asked {
        BackupCommand::To(asked) => with_counter(config, output, |it| to(it, asked, output)),
        BackupCommand::Key { later } => with_counter(config, output, |it| key(it, *later, output)),
        BackupCommand::Prove => {
            let key = read_hidden(ASK_KEY).map_err(no_key)?;
            with_counter(config, output, |counter| prove(counter, &key, output))
        }
        BackupCommand::Now => work(&running(config)?, kinds::BACKUP, output),
        BackupCommand::Drill => work(&running(config)?, kinds::DRILL, output),
        BackupCommand::List => with_counter(config, output, |counter| list(counter, output)),
    }
}

/// That no key came.
pub(super) fn no_key(cause: std::io::Error) -> Failure {
    Failure::new("cli.key", format!("No key came: {cause}."))
}

/// Jobs are done by a server that stays.
fn running(config: &Config) -> Result<Counter, Failure> {
    Counter::of_running(config).filter(|counter| counter.get(PLAN).is_ok()).ok_or_else(|| {
        let detail = "No server runs on this data folder, and it is the server that makes backups. \
             Start it with healthflow serve.";
        Failure::new("cli.server", detail)
    })
}

fn to(counter: &Counter, asked: &BackupToArguments, output: &Output) -> Result<Ended, Failure> {
    let before = counter.get(PLAN)?["data"].take();
    let mut body = json!({"keep": before["keep"], "recipients": asked.recipients});
    let told = match storage::address(&asked.place, &asked.storage)? {
        Some(address) => {
            let secret = storage::secret(&asked.storage)?;
            // Without one, that which the server has stays.
            if !secret.is_empty() {
                body["secret_key"] = json!(secret);
            }
            body["bucket"] = json!(address);
            format!("{} at {}", address.url(), address.endpoint)
        }
        None => {
            let folder = std::path::absolute(&asked.place);
            let folder = folder.unwrap_or_else(|_| asked.place.clone());
            body["folder"] = json!(folder);
            folder.display().to_string()
        }
    };
    let plan = counter.put(PLAN, before["version"].as_i64().unwrap_or(0), &body)?["data"].take();
    output.result(&plan, || format!("Backups go to {told}."))?;
    if plan["same_volume"] == true {
        output.warning(
            "That is on the disk that the data folder is on too: what takes the disk away takes \
             both. Choose another disk or a share.",
        );
    }
    if plan["sheet"].is_null() {
        output.note("None is made yet: make a recovery sheet with healthflow backup key.");
    }
    Ok(Ended::Well)
}

fn key(counter: &Counter, later: bool, output: &Output) -> Result<Ended, Failure> {
    let made = counter.post("/api/v1/backup/key", &json!({}))?["data"].take();
    let text = made["recovery_key"].as_str().unwrap_or_default().to_owned();
    output.result(&made, || {
        format!(
            "{text}\n\nThis is shown once. Write it down or print it, and keep it where no fire \
             reaches both it and this machine: without it nobody can open a backup on another \
             machine."
        )
    })?;
    if later {
        return Ok(Ended::Well);
    }
    let typed = read_hidden(ASK_KEY).map_err(no_key)?;
    prove(counter, &typed, output)
}

fn prove(counter: &Counter, key: &str, output: &Output) -> Result<Ended, Failure> {
    let plan = counter.post("/api/v1/backup/key/proof", &json!({"recovery_key": key}))?;
    output.result(&plan["data"], || "That is the key. Backups count from now on.".to_owned())?;
    Ok(Ended::Well)
}

/// Has the schedule of `kind` run now and waits for its end.
fn work(counter: &Counter, kind: &str, output: &Output) -> Result<Ended, Failure> {
    // By the clock that is no failure of the night; for somebody who waits for it, it is one.
    if let Some(why) = counter.get(PLAN)?["data"]["not_ready"].as_str() {
        return Err(Failure::new("backup.not_ready", why));
    }
    let schedules = counter.get("/api/v1/schedules?limit=100")?;
    let mut rows = schedules["data"].as_array().into_iter().flatten();
    let id = rows.find(|row| row["kind"] == kind).and_then(|row| row["id"].as_str());
    let id = id.ok_or_else(|| Failure::new("cli.server", "The server knows no such job."))?;
    let ordered = counter.post(&format!("/api/v1/schedules/{id}/run"), &Json::Null)?;
    let path = format!("/api/v1/jobs/{}", ordered["data"]["id"].as_str().unwrap_or_default());
    let mut told = Instant::now();
    loop {
        let job = counter.get(&path)?["data"].take();
        let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        match job["state"].as_str() {
            Some("done") => {
                output.result(&job, || text("result"))?;
                return Ok(Ended::Well);
            }
            Some("dead" | "cancelled") => {
                let told = Some(text("error_detail")).filter(|it| !it.is_empty());
                let detail = told.unwrap_or_else(|| "It was cancelled.".to_owned());
                return Err(Failure::new(job["error_code"].as_str().unwrap_or("cli.job"), detail));
            }
            _ => {}
        }
        if TELL_EVERY < told.elapsed() {
            told = Instant::now();
            match (job["progress_done"].as_i64(), job["progress_total"].as_i64()) {
                (Some(done), Some(total)) if 0 < total => {
                    output.note(&format!("{} %", done.saturating_mul(100) / total));
                }
                _ => output.note("…"),
            }
        }
        std::thread::sleep(ASK_EVERY);
    }
}

fn list(counter: &Counter, output: &Output) -> Result<Ended, Failure> {
    let mut found = counter.get("/api/v1/backups?limit=200")?["data"].take();
    if let Some(rows) = found.as_array_mut() {
        rows.retain(|row| row["state"] != "gone");
    }
    output.result(&found, || {
        let text = |row: &Json, name: &str| row[name].as_str().unwrap_or("-").to_owned();
        let rows = found.as_array().into_iter().flatten().map(|row| {
            let mib = row["stored_bytes"].as_i64().unwrap_or(0) >> 20;
            let proven = text(row, "drilled_at");
            vec![
                text(row, "name"),
                text(row, "state"),
                format!("{mib} MiB"),
                format!("{} patients", row["patients"]),
                if proven == "-" { "not restored yet".to_owned() } else { proven },
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() { "There is no backup yet.".to_owned() } else { columns(&rows) }
    })?;
    Ok(Ended::Well)
}

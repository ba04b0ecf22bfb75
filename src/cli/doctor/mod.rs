//! `healthflow doctor`: the checklist that somebody would walk who is called because "it does not
//! work", with the mend behind each finding.
//!
//! A check is a function from the [`Scene`] to what it found; [`CHECKS`] lists them in the order
//! in which they are shown. None of them changes anything.
mod accounts;
mod certificate;
mod data_folder;
mod network;
mod system;

use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::{Config, ConfigError, Flags};
use crate::vocab::clock::{Clock, SystemClock};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at, in a word or two.
    name: &'static str,
    state: State,
    /// What was found, in plain words.
    detail: String,
    /// What to do about it; `None` when all is well.
    mend: Option<String>,
}

impl Finding {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: State::Ok, detail: detail.into(), mend: None }
    }

    pub(super) fn warn(
        name: &'static str,
        detail: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { name, state: State::Warn, detail: detail.into(), mend: Some(mend.into()) }
    }

    pub(super) fn fail(
        name: &'static str,
        detail: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { name, state: State::Fail, detail: detail.into(), mend: Some(mend.into()) }
    }
}

/// What checks look at.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// How the server would run.
    pub(super) config: &'a Config,
    /// The present instant.
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    fn data(&self) -> &Path {
        &self.config.data
    }

    fn listen(&self) -> SocketAddr {
        self.config.listen
    }
}

/// Looks at one thing; gives nothing back where there is nothing to look at.
type Check = fn(&Scene<'_>) -> Option<Finding>;

/// The checklist.
const CHECKS: &[Check] = &[
    data_folder::exists,
    data_folder::is_private,
    data_folder::is_local,
    data_folder::has_room,
    data_folder::is_sound,
    data_folder::is_complete,
    data_folder::ended_in_order,
    data_folder::is_searchable,
    network::other_process,
    network::port,
    network::exposure,
    certificate::holds,
    accounts::administrator,
    system::cores,
    system::memory,
    system::open_files,
    system::clock,
];

/// Walks the checklist. Its result says `WithFindings` if any check failed.
pub(super) fn run(flags: Flags, output: &Output) -> Result<Ended, Failure> {
    let findings = match Config::load(flags) {
        Ok(config) => {
            let scene = Scene { config: &config, now: SystemClock.now() };
            let mut findings = vec![settings(&config)];
            findings.extend(CHECKS.iter().filter_map(|check| check(&scene)));
            findings
        }
        Err(error) => refused(&error),
    };
    let failed = findings.iter().any(|finding| finding.state == State::Fail);
    output
        .result(&serde_json::json!({ "ok": !failed, "checks": findings }), || plain(&findings))?;
    Ok(if failed { Ended::WithFindings } else { Ended::Well })
}

fn settings(config: &Config) -> Finding {
    let from = match &config.file {
        Some(path) => format!("read from {}", path.display()),
        None => "no file, so the defaults hold where no flag or variable says otherwise".to_owned(),
    };
    if config.warnings.is_empty() {
        Finding::ok("settings", from)
    } else {
        Finding::warn("settings", config.warnings.join(" "), "Mend or remove the variable.")
    }
}

/// Without settings there is nothing to look at.
fn refused(error: &ConfigError) -> Vec<Finding> {
    let finding = |finding: &crate::config::error::Finding| {
        Finding::fail("settings", finding.to_string(), "Mend the setting, then run doctor again.")
    };
    error.findings().iter().map(finding).collect()
}

fn plain(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for Finding { name, state, detail, mend } in findings {
        let word = match state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        lines.push(format!("{word}  {name:<width$}  {detail}"));
        lines.extend(mend.iter().map(|mend| format!("      {:<width$}  → {mend}", "")));
    }
    let count = |wanted: State| findings.iter().filter(|found| found.state == wanted).count();
    lines.push(match (count(State::Fail), count(State::Warn)) {
        (0, 0) => "\nAll is well.".to_owned(),
        (0, warned) => format!("\nIt works. To look at: {warned}."),
        (failed, warned) => format!("\nTo mend: {failed}. To look at: {warned}."),
    });
    lines.join("\n")
}

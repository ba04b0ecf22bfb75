//! The checklist that somebody would walk who is called because "it does not work", with the mend
//! behind each finding: for `healthflow doctor` and for the running server's own page.
//!
//! A check is a function from the [`Scene`] to what it found; [`CHECKS`] lists them in the order
//! in which they are shown. None of them changes anything. Some are asked by the server itself
//! ([`Inside`]), which sees what nobody else may open; the command line takes both views.
mod absence;
mod accounts;
pub mod api;
mod backups;
mod certificate;
mod data_folder;
mod messages;
mod network;
mod standby;
mod state;
mod system;

use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use absence::{Absence, absence, names};

use crate::config::Config;
use crate::domain::patients::Directory;
use crate::platform::ledger::Desk;

/// How a check came out; the graver one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub name: String,
    /// How it came out.
    pub state: State,
    /// What was found, in plain words.
    pub detail: String,
    /// What to do about it; `None` when all is well.
    pub mend: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Ok, detail: detail.into(), mend: None }
    }

    /// It works, and somebody should look at it.
    pub fn warn(name: &str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Warn, mend: Some(mend.into()), ..Self::ok(name, detail) }
    }

    /// It does not work.
    pub fn fail(name: &str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Fail, mend: Some(mend.into()), ..Self::ok(name, detail) }
    }
}

/// What the running server knows of itself.
#[derive(Debug)]
pub struct Inside {
    /// Its store.
    pub desk: Desk,
    /// Its search.
    pub directory: Directory,
    /// The latest instant that its clock, or the audit, has told, microseconds.
    pub latest: i64,
}

/// What checks look at.
#[derive(Debug)]
pub struct Scene<'a> {
    /// How the server would run, or runs.
    pub config: &'a Config,
    /// The present instant.
    pub now: Timestamp,
    /// The server, where it asks itself.
    pub inside: Option<&'a Inside>,
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

/// The checklist. Whatever a room knows to be wrong and mendable gets its line here.
const CHECKS: &[Check] = &[
    data_folder::exists,
    data_folder::is_private,
    data_folder::is_local,
    data_folder::has_room,
    standby::follows,
    data_folder::is_sound,
    data_folder::is_complete,
    data_folder::ended_in_order,
    state::log_is_short,
    data_folder::is_searchable,
    state::jobs_succeed,
    backups::are_proven,
    messages::arrive,
    state::log_is_kept,
    network::other_process,
    network::port,
    network::exposure,
    certificate::holds,
    accounts::administrator,
    system::cores,
    system::memory,
    system::open_files,
    system::clock,
    system::scanners,
];

/// Walks the checklist.
#[must_use]
pub fn walk(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = vec![settings(scene.config)];
    findings.extend(CHECKS.iter().filter_map(|check| check(scene)));
    findings
}

/// What two views of one machine have found: the graver word about a thing counts.
#[must_use]
pub fn both(ours: Vec<Finding>, theirs: Vec<Finding>) -> Vec<Finding> {
    let mut all = ours;
    for their in theirs {
        match all.iter_mut().find(|our| our.name == their.name) {
            Some(our) if our.state < their.state => *our = their,
            Some(_) => {}
            None => all.push(their),
        }
    }
    all
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

/// Whether a process has the data folder `data`.
#[must_use]
pub fn is_held(data: &Path) -> bool {
    network::holder(data).is_some()
}

/// Whether nothing fails.
#[must_use]
pub fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.state != State::Fail)
}

/// The findings as lines, and how many there are to look at.
#[must_use]
pub fn plain(findings: &[Finding]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graver_word_of_two_views_counts() {
        let ours = vec![Finding::ok("disk", "ours"), Finding::fail("clock", "ours", "mend")];
        let theirs = vec![
            Finding::warn("disk", "theirs", "mend"),
            Finding::ok("clock", "theirs"),
            Finding::ok("jobs", "theirs"),
        ];
        let all = both(ours, theirs);
        let told: Vec<_> = all.iter().map(|it| (it.name.as_str(), it.detail.as_str())).collect();
        assert_eq!(told, [("disk", "theirs"), ("clock", "ours"), ("jobs", "theirs")]);
        assert!(!is_well(&all) && is_well(&all[..1]));
        assert!(plain(&all).ends_with("To mend: 1. To look at: 1."));
    }
}

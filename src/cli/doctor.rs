//! `healthflow doctor`: the checklist of [`crate::server::doctor`], walked from here, and by the
//! server itself where one runs.

use super::failure::{Ended, Failure};
use super::output::Output;
use super::reach::Counter;
use crate::config::{Config, ConfigError, Flags};
use crate::server::doctor::{Finding, Scene, both, is_well, plain, walk};
use crate::vocab::clock::{Clock, SystemClock};

/// Walks the checklist. Its result says `WithFindings` if any check failed.
pub(super) fn run(flags: Flags, output: &Output) -> Result<Ended, Failure> {
    let findings = match Config::load(flags) {
        Ok(config) => looked(&config),
        Err(error) => refused(&error),
    };
    let is_well = is_well(&findings);
    let value = serde_json::json!({ "ok": is_well, "checks": findings });
    output.result(&value, || plain(&findings))?;
    Ok(if is_well { Ended::Well } else { Ended::WithFindings })
}

/// What is seen from here, and what the server that runs sees.
pub(super) fn looked(config: &Config) -> Vec<Finding> {
    let ours = walk(&Scene { config, now: SystemClock.now(), inside: None });
    let Some(counter) = Counter::of_running(config) else { return ours };
    match counter.get("/api/v1/system/doctor") {
        Ok(told) => {
            let theirs = serde_json::from_value(told["data"]["checks"].clone());
            both(ours, theirs.unwrap_or_default())
        }
        // What a killed server has left leads nowhere; the last run tells of it.
        Err(_) if !crate::server::doctor::is_held(&config.data) => ours,
        Err(failure) => both(
            ours,
            vec![Finding::fail(
                "server",
                format!("it runs and does not answer: {}", failure.detail()),
                "Look into its log; if it goes on, end it and start it again.",
            )],
        ),
    }
}

/// Without settings there is nothing to look at.
fn refused(error: &ConfigError) -> Vec<Finding> {
    let finding = |finding: &crate::config::error::Finding| {
        Finding::fail("settings", finding.to_string(), "Mend the setting, then run doctor again.")
    };
    error.findings().iter().map(finding).collect()
}

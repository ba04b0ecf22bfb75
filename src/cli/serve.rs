//! `healthflow serve`: runs the server until it is told to stop.

use serde_json::json;

use super::failure::{Ended, Failure};
use super::output::Output;
use super::whereabouts::announce_new;
use crate::config::Config;
use crate::observability::logging::{self, LogGuard, LogOptions, LoggingError};
use crate::server::{House, run as server};

/// Serves with `config`.
pub(super) fn run(config: &Config, output: &Output) -> Result<Ended, Failure> {
    for line in &config.sizing.sums {
        output.note(line);
    }
    // Before anything is made, the log included.
    let is_new = announce_new(config, output);
    // Before anything is opened: what goes wrong then is what somebody will look for.
    let _log = begin_log(config, output)?;
    for line in &config.sizing.sums {
        tracing::info!("{line}");
    }
    if is_new {
        tracing::info!("A new, empty hospital in {}", config.data.display());
    }
    let house = House::open(config)
        .inspect_err(|cause| tracing::error!("HealthFlow does not start: {cause}"))?;
    if let Some(recovery) = house.desk.store().recovery() {
        tracing::warn!("{recovery}");
    }
    let mut told = Ok(());
    server::serve(&house, config.listen, None, |ready| {
        let value = json!({
            "url": ready.url, "setup_link": ready.setup_link, "new_hospital": is_new,
        });
        told = output.result(&value, || match &ready.setup_link {
            Some(link) => format!(
                "HealthFlow runs at {}\n\n\
                 Set it up in your browser with this one-time link:\n  {link}\n",
                ready.url
            ),
            None => format!("HealthFlow runs at {}", ready.url),
        });
    })?;
    told?;
    Ok(Ended::Well)
}

/// A full or read-only disk must not keep the server from saying so: then words go to standard
/// error alone.
fn begin_log(config: &Config, output: &Output) -> Result<LogGuard, Failure> {
    match logging::begin(&config.log) {
        Err(cause @ LoggingError::Folder { .. }) => {
            output.warning(&format!("{cause}; the log goes to standard error alone"));
            logging::begin(&LogOptions { folder: None, ..config.log.clone() })
        }
        begun => begun,
    }
    .map_err(|cause| Failure::new("cli.log", cause.to_string()))
}

//! `healthflow serve`: runs the server until it is told to stop.

use std::net::TcpListener;

use serde_json::json;

use super::failure::{Ended, Failure};
use super::output::Output;
use super::whereabouts::beginning;
use crate::config::Config;
use crate::observability::logging::{self, LogGuard, LogOptions, LoggingError};
use crate::server::{House, OpenError, run as server};
use crate::store::Missing;

/// Serves with `config`.
pub(super) fn run(config: &Config, output: &Output) -> Result<Ended, Failure> {
    // Before anything is made, the log included.
    let beginning = beginning(config);
    if beginning.is_some() {
        can_listen(config)?;
    }
    // Before anything is opened: what goes wrong then is what somebody will look for.
    let _log = begin_log(config, output)?;
    for line in &config.sizing.sums {
        tracing::info!("{line}");
    }
    for hint in beginning.iter().flatten() {
        tracing::warn!("{hint}");
    }
    let ended = serve(config, output, beginning.is_some());
    if let Err(failure) = &ended {
        tracing::error!(code = failure.code(), "HealthFlow does not run: {}", failure.detail());
    }
    ended
}

fn serve(config: &Config, output: &Output, is_new: bool) -> Result<Ended, Failure> {
    let house = House::open(config)?;
    if is_new {
        tracing::info!("A new, empty hospital in {}", config.data.display());
    }
    if let Some(recovery) = house.desk.store().recovery() {
        tracing::warn!("{recovery}");
    }
    if let Some(missing) = house.desk.store().missing() {
        let told = format!("{missing}. {}", Missing::mend());
        tracing::error!("{told}");
        output.warning(&told);
    }
    let mut told = Ok(());
    server::serve(&house, config.listen, None, |ready| {
        let value = json!({
            "url": ready.url, "setup_link": ready.setup_link, "new_hospital": is_new,
        });
        told = output.result(&value, || {
            let what = match is_new {
                true => format!(", with a new, empty hospital in {}", config.data.display()),
                false => String::new(),
            };
            match &ready.setup_link {
                Some(link) => format!(
                    "HealthFlow runs at {}{what}\n\n\
                     Set it up in your browser with this one-time link:\n  {link}\n",
                    ready.url
                ),
                None => format!("HealthFlow runs at {}{what}", ready.url),
            }
        });
    })?;
    told?;
    Ok(Ended::Well)
}

/// An address that cannot be had leaves no new hospital behind.
fn can_listen(config: &Config) -> Result<(), Failure> {
    let listen = config.listen;
    let heard = TcpListener::bind(listen).map(|_| ());
    heard.map_err(|cause| OpenError::Listen { listen, cause }.into())
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

//! `healthflow serve`: runs the server until it is told to stop.

use serde_json::json;

use super::failure::{Ended, Failure};
use super::output::Output;
use crate::config::Config;
use crate::observability::logging;
use crate::server::{House, run as server};

/// Serves with `config`.
pub(super) fn run(config: &Config, output: &Output) -> Result<Ended, Failure> {
    for line in &config.sizing.sums {
        output.note(line);
    }
    let house = House::open(config)?;
    let _log =
        logging::begin(&config.log).map_err(|cause| Failure::new("cli.log", cause.to_string()))?;
    for line in &config.sizing.sums {
        tracing::info!("{line}");
    }
    let mut told = Ok(());
    server::serve(&house, config.listen, None, |ready| {
        let value = json!({"url": ready.url, "setup_link": ready.setup_link});
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

//! `healthflow init`: makes the data folder and, if told how, sets the hospital up.

use serde_json::json;

use super::arguments::InitArguments;
use super::failure::{Ended, Failure};
use super::output::Output;
use super::password::read_password;
use super::reach::with_counter;
use super::whereabouts::announce_new;
use crate::config::Config;

/// Sets up in the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &InitArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let folder = config.data.display().to_string();
    let Some((name, username)) = asked.hospital_name.as_ref().zip(asked.username.as_ref()) else {
        announce_new(config, output);
        let answer = with_counter(config, output, |counter| counter.get("/api/v1/setup"))?;
        let needed = answer["data"]["needed"].as_bool().unwrap_or(true);
        let value = json!({"data": folder, "needs_setup": needed});
        output.result(&value, || {
            if needed {
                format!("{folder} is ready. Run healthflow serve; it prints the set-up link.")
            } else {
                format!("{folder} is ready and the hospital is set up.")
            }
        })?;
        return Ok(Ended::Well);
    };
    let password = read_password(asked.password_stdin)?;
    announce_new(config, output);
    let zone = match &asked.time_zone {
        Some(zone) => zone.clone(),
        None => config.time_zone.iana_name().unwrap_or("UTC").to_owned(),
    };
    let body = json!({
        "hospital_name": name, "time_zone": zone, "username": username,
        "display_name": asked.display_name.as_ref().unwrap_or(username), "password": password,
    });
    let answer = with_counter(config, output, |counter| counter.post("/api/v1/setup", &body))?;
    output.result(&answer["data"], || {
        format!("{name} is set up in {folder}. Sign in as {username}.")
    })?;
    Ok(Ended::Well)
}

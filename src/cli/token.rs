//! `healthflow token`: what programs come in with.

use serde_json::{Value as Json, json};

use super::arguments::TokenCommand;
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::reach::with_counter;
use super::user::{find, for_people, text, zone_of};
use super::whereabouts::demand_hospital;
use crate::config::Config;

/// Does to the tokens of the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &TokenCommand,
    output: &Output,
) -> Result<Ended, Failure> {
    demand_hospital(config)?;
    match asked {
        TokenCommand::Add(asked) => {
            let (made, zone) = with_counter(config, output, |counter| {
                let user = find(counter, &asked.username)?;
                let body = json!({
                    "name": asked.name, "scopes": asked.scopes, "user_id": user["id"],
                    "lasts_days": asked.days,
                });
                Ok((counter.post("/api/v1/tokens", &body)?, zone_of(counter)))
            })?;
            output.result(&made, || {
                let until = text(&made["data"], "expires_at").parse().ok();
                let until = until.map(|at| for_people(at, &zone)).unwrap_or_default();
                format!(
                    "{}\n\nThis is the only time that the token is shown. It acts for {} until \
                     {until}. Send it as Authorization: Bearer TOKEN.",
                    text(&made, "token"),
                    asked.username,
                )
            })?;
        }
        TokenCommand::List => {
            let (all, zone) = with_counter(config, output, |counter| {
                Ok((counter.get("/api/v1/tokens")?["data"].clone(), zone_of(counter)))
            })?;
            let all: Vec<Json> = all.as_array().cloned().unwrap_or_default();
            output.result(&all, || {
                let heads = ["TOKEN", "NAME", "ACTS FOR", "STATE", "EXPIRES", "LAST USED", "FROM"];
                let mut rows = vec![heads.map(str::to_owned).to_vec()];
                rows.extend(all.iter().map(|one| row(one, &zone)));
                columns(&rows)
            })?;
        }
        TokenCommand::Revoke(asked) => {
            with_counter(config, output, |counter| {
                counter.delete(&format!("/api/v1/tokens/{}", asked.id))
            })?;
            let done = json!({"id": asked.id, "state": "revoked"});
            output.result(&done, || format!("{} is revoked.", asked.id))?;
        }
    }
    Ok(Ended::Well)
}

fn row(one: &Json, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let time = |name: &str| {
        let at = one[name].as_str().and_then(|at| at.parse().ok());
        at.map_or_else(|| "never".to_owned(), |at| for_people(at, zone))
    };
    let word = |name: &str| text(one, name).to_owned();
    let from = one["last_used_from"].as_str().unwrap_or("-").to_owned();
    vec![
        word("id"),
        word("name"),
        word("user_name"),
        word("state"),
        time("expires_at"),
        time("last_used_at"),
        from,
    ]
}

//! `healthflow user`: the people who may sign in.

use serde_json::{Value as Json, json};

use super::arguments::UserCommand;
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::password::read_password;
use super::reach::{Counter, with_counter};
use super::whereabouts::{demand_hospital, demand_hospital_or_empty};
use crate::config::Config;

/// Does to the users of the data folder of `config` what `asked` says.
pub(super) fn run(config: &Config, asked: &UserCommand, output: &Output) -> Result<Ended, Failure> {
    match asked {
        UserCommand::Add(asked) => {
            let password = read_password(asked.password_stdin)?;
            demand_hospital_or_empty(config, output)?;
            let name = asked.display_name.as_deref().unwrap_or(&asked.username);
            let body = json!({
                "username": asked.username, "display_name": name,
                "role": asked.role, "password": password,
            });
            let answer =
                with_counter(config, output, |counter| counter.post("/api/v1/users", &body))?;
            let user = &answer["data"];
            output
                .result(user, || format!("Added {} as {}.", text(user, "username"), asked.role))?;
        }
        UserCommand::List => {
            demand_hospital(config)?;
            let users = with_counter(config, output, all)?;
            output.result(&users, || table(&users))?;
        }
        UserCommand::ResetPassword(asked) => {
            let password = read_password(asked.password_stdin)?;
            demand_hospital(config)?;
            with_counter(config, output, |counter| {
                let user = find(counter, &asked.username)?;
                let path = format!("/api/v1/users/{}/password", text(&user, "id"));
                counter.post(&path, &json!({"password": password}))
            })?;
            let done = json!({"username": asked.username, "password": "reset"});
            output.result(&done, || format!("{} has a new password.", asked.username))?;
        }
        UserCommand::Disable(asked) => {
            demand_hospital(config)?;
            let answer = with_counter(config, output, |counter| {
                let user = find(counter, &asked.username)?;
                let path = format!("/api/v1/users/{}", text(&user, "id"));
                let version = user["version"].as_i64().unwrap_or(0);
                counter.patch(&path, version, &json!({"active": false}))
            })?;
            output
                .result(&answer["data"], || format!("{} can no longer sign in.", asked.username))?;
        }
    }
    Ok(Ended::Well)
}

fn text<'a>(user: &'a Json, name: &str) -> &'a str {
    user[name].as_str().unwrap_or_default()
}

fn all(counter: &Counter) -> Result<Vec<Json>, Failure> {
    let mut users = Vec::new();
    let mut path = "/api/v1/users?limit=200".to_owned();
    loop {
        let page = counter.get(&path)?;
        users.extend(page["data"].as_array().into_iter().flatten().cloned());
        match page["meta"]["cursor"]["next"].as_str() {
            Some(next) => path = format!("/api/v1/users?limit=200&cursor={next}"),
            None => return Ok(users),
        }
    }
}

fn find(counter: &Counter, username: &str) -> Result<Json, Failure> {
    let wanted = username.trim().to_lowercase();
    let found = all(counter)?.into_iter().find(|user| text(user, "username") == wanted);
    found.ok_or_else(|| {
        let detail = format!("There is no user {username}. See healthflow user list.");
        Failure::new("cli.no_user", detail)
    })
}

fn table(users: &[Json]) -> String {
    let mut rows =
        vec![["USER", "NAME", "ROLE", "STATE", "LAST SIGN-IN"].map(str::to_owned).to_vec()];
    for user in users {
        let state = if user["active"] == true { "active" } else { "disabled" };
        let last = user["last_sign_in_at"].as_str().unwrap_or("never");
        let cells =
            [text(user, "username"), text(user, "display_name"), text(user, "role"), state, last];
        rows.push(cells.map(str::to_owned).to_vec());
    }
    columns(&rows)
}

//! `healthflow user`: the people who may sign in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::arguments::{UserAddArguments, UserCommand};
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
            let mut body = json!({
                "username": asked.username, "display_name": name,
                "role": asked.role, "password": password, "temporary": asked.temporary,
            });
            let (user, hospital, needed) = with_counter(config, output, |counter| {
                let before = needs_set_up(counter)?;
                put_in_place(counter, asked, &mut body)?;
                let user = counter.post("/api/v1/users", &body)?["data"].clone();
                let hospital = if before { counter.get("/api/v1/hospital")? } else { Json::Null };
                Ok((user, hospital["data"].clone(), needs_set_up(counter)?))
            })?;
            let ended = hospital.is_object() && !needed;
            output.result(&user, || {
                let set_up = if ended { set_up_in_words(&hospital) } else { String::new() };
                format!("Added {} as {}.{set_up}", text(&user, "username"), asked.role)
            })?;
            if needed {
                output.warning(NO_ADMINISTRATOR);
            }
        }
        UserCommand::List => {
            demand_hospital(config)?;
            let (users, zone) = with_counter(config, output, |counter| {
                Ok((all(counter, "users")?, zone_of(counter)))
            })?;
            output.result(&users, || table(&users, &zone))?;
        }
        UserCommand::ResetPassword(asked) => {
            demand_hospital(config)?;
            let remove = asked.remove_second_factor;
            let is_reset = with_counter(config, output, |counter| {
                let user = find(counter, &asked.username)?;
                let path = format!("/api/v1/users/{}/password", text(&user, "id"));
                // Whose password lies elsewhere gets none here.
                let is_reset = text(&user, "origin") == "local" || !remove;
                let password = is_reset.then(|| read_password(asked.password_stdin)).transpose()?;
                let body = json!({
                    "password": password, "remove_second_factor": remove,
                    "temporary": asked.temporary,
                });
                counter.post(&path, &body)?;
                Ok(is_reset)
            })?;
            let done = json!({
                "username": asked.username,
                "password": if is_reset { "reset" } else { "kept" },
                "second_factor": if remove { "removed" } else { "kept" },
            });
            output.result(&done, || {
                let has = match (is_reset, remove) {
                    (true, true) => "a new password and no second factor",
                    (true, false) => "a new password",
                    (false, _) => "no second factor any more",
                };
                format!("{} has {has}.", asked.username)
            })?;
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
        UserCommand::RestoreRole { role } => {
            demand_hospital(config)?;
            let answer = with_counter(config, output, |counter| {
                let roles = all(counter, "roles")?;
                let named =
                    |one: &&Json| [text(one, "code"), text(one, "name")].contains(&role.as_str());
                let found = roles.iter().find(named).ok_or_else(|| no_such_role(&roles, role))?;
                let path = format!("/api/v1/roles/{}/default", text(found, "id"));
                counter.post_to(&path, found["version"].as_i64().unwrap_or(0))
            })?;
            output
                .result(&answer["data"], || format!("The role {role} holds its default again."))?;
        }
    }
    Ok(Ended::Well)
}

fn no_such_role(roles: &[Json], asked: &str) -> Failure {
    let codes: Vec<&str> = roles.iter().map(|role| text(role, "code")).collect();
    let detail = format!("There is no role {asked}. There are: {}.", codes.join(", "));
    Failure::new("cli.no_role", detail)
}

/// What is said when somebody was added to a hospital that nobody can administer.
const NO_ADMINISTRATOR: &str = "No administrator exists yet: nobody can let others in, name the \
     hospital or import files in the browser. Open the set-up link that healthflow serve prints \
     and keeps in setup-link.txt; it stays valid until there is an administrator. Or use \
     healthflow user add USERNAME --role administrator.";

fn needs_set_up(counter: &Counter) -> Result<bool, Failure> {
    Ok(counter.get("/api/v1/setup")?["data"]["needed"] == true)
}

/// The first administrator was added, so the set-up is done; it has asked for nothing else.
fn set_up_in_words(hospital: &Json) -> String {
    format!(
        " That completes the set-up: the hospital is called \"{}\" and its days are those of {}. \
         Both can be changed under Settings in the browser. A set-up link is not valid any more.",
        text(hospital, "name"),
        text(hospital, "time_zone"),
    )
}

pub(super) fn text<'a>(user: &'a Json, name: &str) -> &'a str {
    user[name].as_str().unwrap_or_default()
}

/// Every record of the list at `path`.
fn all(counter: &Counter, path: &str) -> Result<Vec<Json>, Failure> {
    let mut records = Vec::new();
    let mut place = format!("/api/v1/{path}?limit=200");
    loop {
        let page = counter.get(&place)?;
        records.extend(page["data"].as_array().into_iter().flatten().cloned());
        match page["meta"]["cursor"]["next"].as_str() {
            Some(next) => place = format!("/api/v1/{path}?limit=200&cursor={next}"),
            None => return Ok(records),
        }
    }
}

/// Puts facility and departments into the account: a person of one facility's departments works
/// at that facility.
fn put_in_place(
    counter: &Counter,
    asked: &UserAddArguments,
    body: &mut Json,
) -> Result<(), Failure> {
    let facility = match &asked.facility {
        Some(name) => {
            Some(one_called(all(counter, "facilities")?, name, "facility")?["id"].clone())
        }
        None => None,
    };
    let mut departments = Vec::new();
    if !asked.department.is_empty() {
        let mut known = all(counter, "departments")?;
        known.retain(|it| facility.is_none() || facility.as_ref() == Some(&it["facility_id"]));
        for name in &asked.department {
            departments.push(one_called(known.clone(), name, "department")?);
        }
    }
    let of_one = departments.first().map(|first| first["facility_id"].clone());
    let of_one = of_one.filter(|of| departments.iter().all(|it| it["facility_id"] == *of));
    body["facility_id"] = facility.or(of_one).unwrap_or(Json::Null);
    body["departments"] = departments.into_iter().map(|it| it["id"].clone()).collect();
    Ok(())
}

/// The one of `records` that has this name or id, whatever its case.
fn one_called(records: Vec<Json>, wanted: &str, what: &str) -> Result<Json, Failure> {
    let name = wanted.trim().to_lowercase();
    let is_it = |it: &Json| text(it, "name").to_lowercase() == name || text(it, "id") == name;
    let names: Vec<String> = records.iter().map(|it| text(it, "name").to_owned()).collect();
    let mut found = records.into_iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            let detail = format!(
                "Several are called {wanted}: give the id of the {what}, or its --facility."
            );
            Err(Failure::new("cli.several", detail))
        }
        (None, _) => {
            let there = match names.as_slice() {
                [] => format!("There is no {what} yet."),
                names => format!("There are: {}.", names.join(", ")),
            };
            let detail = format!("There is no {what} called {wanted}. {there}");
            Err(Failure::new("cli.no_place", detail))
        }
    }
}

pub(super) fn find(counter: &Counter, username: &str) -> Result<Json, Failure> {
    let wanted = username.trim().to_lowercase();
    let found = all(counter, "users")?.into_iter().find(|user| text(user, "username") == wanted);
    found.ok_or_else(|| {
        let detail = format!("There is no user {username}. See healthflow user list.");
        Failure::new("cli.no_user", detail)
    })
}

/// `20-Nov-2026 09:05` on the hospital's clock.
pub(super) fn for_people(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%d-%b-%Y %H:%M").to_string()
}

/// The zone in which the hospital tells times; UTC before it is set up.
pub(super) fn zone_of(counter: &Counter) -> TimeZone {
    let hospital = counter.get("/api/v1/hospital").unwrap_or_default();
    TimeZone::get(text(&hospital["data"], "time_zone")).unwrap_or(TimeZone::UTC)
}

fn table(users: &[Json], zone: &TimeZone) -> String {
    let mut rows =
        vec![["USER", "NAME", "ROLE", "STATE", "LAST SIGN-IN"].map(str::to_owned).to_vec()];
    for user in users {
        let state = if user["active"] == true { "active" } else { "disabled" };
        let last = user["last_sign_in_at"].as_str().and_then(|at| at.parse().ok());
        let last = last.map_or_else(|| "never".to_owned(), |at| for_people(at, zone));
        let cells = ["username", "display_name", "role"].map(|name| text(user, name).to_owned());
        rows.push([&cells[..], &[state.to_owned(), last]].concat());
    }
    columns(&rows)
}

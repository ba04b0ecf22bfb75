//! Trying settings before anybody depends on them: every server, step by step, and what each step
//! came to, in plain words. Nothing is stored.

use std::sync::Arc;

use serde::Serialize;

use super::ldap::{self, Line, Trouble};
use super::link::Ready;
use super::mapping;
use super::person::{self, Found, Person};
use super::settings::Server;

/// Groups that are shown of one person.
const GROUPS_SHOWN: usize = 100;

/// One step and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Where: a server, or the whole directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `resolve`, `connect`, `tls`, `bind`, `base`, `person`, `groups` or `role`.
    pub step: &'static str,
    /// Whether it went well.
    pub ok: bool,
    /// What was found, or what went wrong and how to mend it.
    pub detail: String,
}

fn step(server: Option<&Server>, step: &'static str, ok: bool, detail: impl Into<String>) -> Step {
    Step { server: server.map(Server::url), step, ok, detail: detail.into() }
}

/// All steps with `ready`; with a user name also who that is and what they would be here.
pub async fn run(ready: &Ready, username: Option<&str>) -> Vec<Step> {
    let (mut steps, mut open) = (Vec::new(), None);
    for server in ready.settings.addresses() {
        match reach(ready, &server, &mut steps).await {
            Ok(line) => open = open.or(Some(line)),
            Err((name, trouble)) => {
                steps.push(step(Some(&server), name, false, trouble.to_string()));
            }
        }
    }
    let Some(mut line) = open else { return steps };
    if let Err((name, trouble)) = look(ready, &mut line, username, &mut steps).await {
        steps.push(step(None, name, false, trouble.to_string()));
    }
    steps
}

type Failed = (&'static str, Trouble);

async fn reach(ready: &Ready, server: &Server, steps: &mut Vec<Step>) -> Result<Line, Failed> {
    let at = Some(server);
    let addresses = ldap::resolve(server).await.map_err(|trouble| ("resolve", trouble))?;
    let shown: Vec<String> = addresses.iter().map(|one| one.ip().to_string()).collect();
    steps.push(step(at, "resolve", true, shown.join(", ")));
    let stream = ldap::connect(server, &addresses).await.map_err(|trouble| ("connect", trouble))?;
    steps.push(step(at, "connect", true, "It takes connections."));
    let tls = Arc::clone(&ready.tls);
    let mut line = ldap::secure(server, stream, tls).await.map_err(|trouble| ("tls", trouble))?;
    steps.push(step(at, "tls", true, "Its certificate is trusted."));
    let bound = line.bind(&ready.settings.bind_dn, &ready.password).await;
    bound.map_err(|trouble| ("bind", trouble))?;
    steps.push(step(at, "bind", true, "It takes the account that looks people up."));
    Ok(line)
}

async fn look(
    ready: &Ready,
    line: &mut Line,
    username: Option<&str>,
    steps: &mut Vec<Step>,
) -> Result<(), Failed> {
    let settings = &ready.settings;
    for base in [settings.base.as_str(), settings.groups_under()] {
        let found = line.search(base, "(objectClass=*)", &["cn"], 1).await;
        let (found, _) = found.map_err(|trouble| ("base", trouble))?;
        let detail = match found.is_empty() {
            false => format!("{base} is there."),
            true => format!("Nothing can be seen under {base}. May the account look there?"),
        };
        steps.push(step(None, "base", !found.is_empty(), detail));
        if settings.group_base.is_none() {
            break;
        }
    }
    let Some(username) = username else { return Ok(()) };
    let found = person::by_name(line, settings, username).await;
    let person = match found.map_err(|trouble| ("person", trouble))? {
        Found::One(person) => person,
        other => {
            steps.push(step(None, "person", false, nobody(&other)));
            return Ok(());
        }
    };
    let Person { dn, username, display_name, disabled, .. } = &*person;
    let off = if *disabled { " The account is locked or switched off there." } else { "" };
    let detail = format!("{display_name}, user name {username}: {dn}.{off}");
    steps.push(step(None, "person", !disabled, detail));
    let groups = person::groups(line, settings, &person).await;
    let groups = groups.map_err(|trouble| ("groups", trouble))?;
    let shown: Vec<&str> = groups.iter().take(GROUPS_SHOWN).map(String::as_str).collect();
    let detail = match groups.len() {
        0 => "None. Are groups under the place that is named for them?".to_owned(),
        count => format!("{count}: {}", shown.join("; ")),
    };
    steps.push(step(None, "groups", !groups.is_empty(), detail));
    let rule = mapping::of_directory(&settings.mapping, &groups, settings.groups_under());
    steps.push(match rule {
        Some(rule) => step(None, "role", true, format!("{}, by {}", rule.role, rule.group)),
        None => step(None, "role", false, "None of the groups gives a role: they are not let in."),
    });
    Ok(())
}

fn nobody(found: &Found) -> String {
    match found {
        Found::Several => "The filter finds several people for this name.".to_owned(),
        Found::Lacks(attribute) => {
            format!("The entry has no {attribute}, or the account may not read it.")
        }
        _ => "The filter finds nobody for this name.".to_owned(),
    }
}

//! Every route that the program mounts.
//!
//! Nobody keeps the list by hand. Addresses are the text of the source: every address that is
//! mounted is a literal, or one of the common ones of a declared resource; anything else fails
//! the test. Methods are found by asking.

use healthflow::access::break_glass::{self, BREAK_GLASS};
use healthflow::access::care_team::CARE_TEAM_MEMBER;
use healthflow::access::roles::ROLES;
use healthflow::access::sessions::SESSION;
use healthflow::access::tokens::API_TOKEN;
use healthflow::access::users::USERS;
use healthflow::backup::BACKUPS;
use healthflow::domain;
use healthflow::interop::import::IMPORTS;
use healthflow::notify::NOTIFICATIONS;
use healthflow::platform::jobs::{JOBS, SCHEDULES};
use healthflow::platform::resource::Resource;
use healthflow::watch::{ALERT_RULES, ALERT_SILENCES, ALERTS};

use crate::client::{Answer, Client};
use crate::tidy::source::{self, File};

pub(crate) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// The calls that mount an address.
const MOUNTS: [&str; 3] = ["web::resource(", ".route(", "web::scope("];
/// The one file that mounts addresses made from declarations.
const COMMON: &str = "src/platform/resource/api.rs";

pub(crate) fn resources() -> impl Iterator<Item = &'static Resource> {
    let house = [&USERS, &ROLES, &IMPORTS, &JOBS, &SCHEDULES, &BACKUPS, &NOTIFICATIONS];
    domain::ALL.into_iter().chain(house).chain([&ALERTS, &ALERT_RULES, &ALERT_SILENCES])
}

/// Addresses in the text of `file`; calls that mount something else.
fn mounted(file: &File) -> (Vec<String>, Vec<String>) {
    let (mut literal, mut other) = (Vec::new(), Vec::new());
    for call in MOUNTS {
        for (at, _) in file.code.match_indices(call) {
            let rest = file.code[at + call.len()..].trim_start();
            if let Some(text) = rest.strip_prefix('"') {
                literal.push(text.split('"').next().unwrap().to_owned());
            } else if !(call == ".route(" && rest.starts_with("web::")) {
                other.push(format!("{}: {call}{}", file.path, rest.lines().next().unwrap()));
            }
        }
    }
    (literal, other)
}

pub(crate) fn addresses() -> Vec<String> {
    let mut all = Vec::new();
    for file in source::rust().iter().filter(|file| !file.is_test()) {
        let (literal, other) = mounted(file);
        if file.path != COMMON {
            assert!(other.is_empty(), "mount literals, so that they are found: {other:#?}");
        }
        all.extend(literal);
    }
    for resource in resources() {
        for rest in ["", "/{id}", "/{id}/history", "/{id}/entered-in-error"] {
            all.push(format!("/api/v1/{}{rest}", resource.path));
        }
    }
    all.retain(|address| address.starts_with("/api/"));
    all.sort();
    all.dedup();
    all
}

/// The address with ids that are well formed and belong to nobody.
pub(crate) fn filled(address: &str) -> String {
    let path = address.trim_start_matches("/api/v1/").split('/').next().unwrap();
    let kinds = resources().map(|resource| (resource.path, resource.kind));
    let others = [
        ("sessions", SESSION),
        ("tokens", API_TOKEN),
        (break_glass::TOPIC, BREAK_GLASS),
        ("care-team", CARE_TEAM_MEMBER),
    ];
    let mut kinds = kinds.chain(others);
    let kind = kinds.find(|(of, _)| *of == path).map(|(_, kind)| kind);
    address.replace("{id}", &kind.map(|kind| kind.show(1)).unwrap_or_default())
}

pub(crate) fn ask(client: &Client, method: &str, place: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    client.send(method, place, &headers, if method == "GET" { b"" } else { b"{}" })
}

pub(crate) fn is_mounted(answer: &Answer) -> bool {
    let nothing = answer.status == 404 && answer.text().contains("nothing at this address");
    answer.status != 405 && !nothing
}

//! Every route of the product and what each role gets from it, as one snapshot that is read
//! before it is accepted.
//!
//! Nobody keeps the list by hand. Addresses are the text of the source: every address that is
//! mounted is a literal, or one of the common ones of a declared resource; anything else fails
//! the test. Methods are found by asking.

use std::fmt::Write as _;

use healthflow::access::roles::ROLES;
use healthflow::access::sessions::SESSION;
use healthflow::access::users::USERS;
use healthflow::domain;
use healthflow::interop::import::IMPORTS;
use healthflow::platform::resource::Resource;

use crate::client::{Answer, Client};
use crate::harness::{Hospital, sign_in};
use crate::tidy::source::{self, File};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// The calls that mount an address.
const MOUNTS: [&str; 3] = ["web::resource(", ".route(", "web::scope("];
/// The one file that mounts addresses made from declarations.
const COMMON: &str = "src/platform/resource/api.rs";

fn resources() -> impl Iterator<Item = &'static Resource> {
    domain::ALL.into_iter().chain([&USERS, &IMPORTS])
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

fn addresses() -> Vec<String> {
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
fn filled(address: &str) -> String {
    let path = address.trim_start_matches("/api/v1/").split('/').next().unwrap();
    let kinds = resources().map(|resource| (resource.path, resource.kind));
    let mut kinds = kinds.chain([("sessions", SESSION)]);
    let kind = kinds.find(|(of, _)| *of == path).map(|(_, kind)| kind);
    address.replace("{id}", &kind.map(|kind| kind.show(1)).unwrap_or_default())
}

fn ask(client: &Client, method: &str, place: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    client.send(method, place, &headers, if method == "GET" { b"" } else { b"{}" })
}

fn is_mounted(answer: &Answer) -> bool {
    let nothing = answer.status == 404 && answer.text().contains("nothing at this address");
    answer.status != 405 && !nothing
}

#[test]
fn every_declared_resource_is_in_the_list_of_all() {
    let declared = source::rust()
        .iter()
        .filter(|file| !file.is_test())
        .map(|file| file.code.matches(": Resource = Resource {").count())
        .sum::<usize>();
    // Rejects are shown below their import only.
    let below_others = 1;
    let listed = resources().count() + below_others;
    assert_eq!(declared, listed, "a resource is missing in domain::ALL or here");
}

#[test]
fn every_route_answers_every_role_as_agreed() {
    let hospital = Hospital::open();
    let people: Vec<(&str, Client)> =
        ROLES.iter().map(|role| (*role, hospital.sign_in_as(role))).collect();
    let nobody = hospital.server.client();
    let mut table = String::new();
    for address in addresses() {
        let place = filled(&address);
        for method in METHODS {
            let of_nobody = ask(&nobody, method, &place);
            if !is_mounted(&of_nobody) {
                continue;
            }
            write!(table, "{method:6} {address:52}").unwrap();
            for (role, client) in &people {
                // Signing out would end the session that the next routes are asked with.
                let own = (method == "DELETE").then(|| again(&hospital, client));
                let answer = ask(own.as_ref().unwrap_or(client), method, &place);
                assert!(answer.status < 500, "{role} {method} {place}: {}", answer.text());
                write!(table, " {role} {}", answer.status).unwrap();
            }
            writeln!(table, " nobody {}", of_nobody.status).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// Another session of the same person.
fn again(hospital: &Hospital, client: &Client) -> Client {
    let me = client.get("/api/v1/sessions/current").data();
    sign_in(&hospital.server, me["user"]["username"].as_str().unwrap())
}

//! What each role gets from every route, as one snapshot that is read before it is accepted.

use std::fmt::Write as _;

use healthflow::access::roles::BUILT_IN;

use crate::client::Client;
use crate::harness::{Hospital, sign_in};
use crate::routes::{METHODS, addresses, ask, filled, is_mounted, resources};
use crate::tidy::source;

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
        BUILT_IN.iter().map(|role| (role.code, hospital.sign_in_as(role.code))).collect();
    let nobody = hospital.server.client();
    // One column for each role, with as much of its code as fits.
    let mut table = format!("{:68}", "");
    for name in people.iter().map(|(role, _)| *role).chain(["nobody"]) {
        write!(table, " {name:<5.5}").unwrap();
    }
    table.push('\n');
    for address in addresses() {
        let place = filled(&address);
        for method in METHODS {
            let of_nobody = ask(&nobody, method, &place);
            if !is_mounted(&of_nobody) {
                continue;
            }
            write!(table, "{method:6} {address:61}").unwrap();
            for (role, client) in &people {
                // Signing out would end the session that the next routes are asked with.
                let own = (method == "DELETE").then(|| again(&hospital, client));
                let answer = ask(own.as_ref().unwrap_or(client), method, &place);
                assert!(answer.status < 500, "{role} {method} {place}: {}", answer.text());
                write!(table, " {:<5}", answer.status).unwrap();
            }
            writeln!(table, " {}", of_nobody.status).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// Another session of the same person.
fn again(hospital: &Hospital, client: &Client) -> Client {
    let me = client.get("/api/v1/sessions/current").data();
    sign_in(&hospital.server, me["user"]["username"].as_str().unwrap())
}

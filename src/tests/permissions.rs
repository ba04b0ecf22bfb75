//! What each role gets from every route, as one snapshot that is read before it is accepted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use healthflow::access::gate::BOX_LOCAL;
use healthflow::access::roles::{BUILT_IN, PERMISSIONS};
use serde_json::json;

use crate::client::Client;
use crate::harness::{Hospital, sign_in};
use crate::openapi::document;
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

/// What nobody has to sign in for.
const PUBLIC: [&str; 16] = [
    "GET /api/",
    "GET /api/health",
    "GET /api/health/live",
    "GET /api/health/ready",
    "GET /api/openapi.json",
    "GET /api/v1/setup",
    "POST /api/v1/setup",
    "GET /api/v1/sessions/openid",
    "GET /api/v1/sessions/openid/callback",
    "GET /api/v1/sessions/ways",
    "POST /api/v1/sessions",
    "POST /api/v1/sessions/passkey",
    "POST /api/v1/sessions/passkey/options",
    "POST /api/v1/sessions/quick",
    "POST /api/v1/sessions/second-factor",
    "GET /api/v1/workstations/current",
];

/// What is everybody's who is signed in: oneself, what the whole house knows, and what asks for
/// a permission only if it is about somebody else.
const EVERYBODY: [&str; 25] = [
    "GET /api/v1/break-glass",
    "DELETE /api/v1/break-glass/{id}",
    "GET /api/v1/hospital",
    "GET /api/v1/live",
    "GET /api/v1/permissions",
    "GET /api/v1/sessions",
    "DELETE /api/v1/sessions",
    "GET /api/v1/sessions/current",
    "DELETE /api/v1/sessions/current",
    "POST /api/v1/sessions/current/activity",
    "POST /api/v1/sessions/current/lock",
    "DELETE /api/v1/sessions/{id}",
    "POST /api/v1/users/current/passkeys",
    "POST /api/v1/users/current/passkeys/options",
    "POST /api/v1/users/current/passkeys/{id}/remove",
    "POST /api/v1/users/current/passkeys/{id}/rename",
    "POST /api/v1/users/current/password",
    "POST /api/v1/users/current/pin",
    "DELETE /api/v1/users/current/pin",
    "POST /api/v1/users/current/recovery-codes",
    "GET /api/v1/users/current/security",
    "POST /api/v1/users/current/totp",
    "POST /api/v1/users/current/totp/confirm",
    "POST /api/v1/users/current/totp/remove",
    "GET /api/v1/users/{id}/access",
];

/// What only the command line of the machine itself may do.
const MACHINE: [&str; 3] =
    ["POST /api/v1/audit/prune", "POST /api/v1/audit/restore", "POST /api/v1/imports/local"];

/// What the permission that it is described with is not enough for: records of several kinds, and
/// the tokens of others.
const MORE: [&str; 5] = [
    "GET /api/v1/patients/{id}/print/patient-summary",
    "GET /api/v1/patients/{id}/series",
    "GET /api/v1/patients/{id}/timeline",
    "GET /api/v1/tokens/{id}",
    "DELETE /api/v1/tokens/{id}",
];

/// The permission that each operation of the description declares, by method and address.
fn declared() -> BTreeMap<String, Option<String>> {
    let mut all = BTreeMap::new();
    for (path, address) in document()["paths"].as_object().unwrap() {
        let methods = address.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
        for (method, operation) in methods {
            let permission = operation["x-permission"].as_str().map(str::to_owned);
            all.insert(format!("{} {path}", method.to_uppercase()), permission);
        }
    }
    all
}

#[test]
fn every_route_declares_its_permission_and_asks_for_just_that() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let role = json!({"code": "solo", "name": "Solo", "reach": "everybody", "permissions": []});
    let made = admin.post("/api/v1/roles", &role).data();
    let place = format!("/api/v1/roles/{}", made["id"].as_str().unwrap());
    let solo = hospital.sign_in_as("solo");
    let nobody = hospital.server.client();
    let declared = declared();
    let mut by_permission: BTreeMap<&str, Vec<(&str, String, String)>> = BTreeMap::new();
    for address in addresses() {
        for method in METHODS {
            let route = format!("{method} {address}");
            let filled = filled(&address);
            let of_nobody = ask(&nobody, method, &filled);
            if !is_mounted(&of_nobody) {
                continue;
            }
            if PUBLIC.contains(&route.as_str()) {
                assert_ne!(of_nobody.status, 401, "{route}");
                continue;
            }
            assert_eq!(of_nobody.status, 401, "{route}");
            if EVERYBODY.contains(&route.as_str()) {
                continue;
            }
            let permission = declared.get(&route).and_then(Option::as_deref);
            let permission = permission.unwrap_or_else(|| panic!("{route} declares no permission"));
            let refused = ask(&solo, method, &filled);
            assert_eq!(refused.status, 403, "{route} without any permission: {}", refused.text());
            if MACHINE.contains(&route.as_str()) {
                assert_eq!(permission, BOX_LOCAL, "{route}");
                assert_eq!(ask(admin, method, &filled).status, 403, "{route}");
                continue;
            }
            assert!(PERMISSIONS.contains(&permission), "{route}: {permission}");
            by_permission.entry(permission).or_default().push((method, route, filled));
        }
    }
    let mut checked = 0;
    for (version, (permission, routes)) in (1..).zip(by_permission) {
        admin.patch(&place, version, &json!({"permissions": [permission]})).expect_status(200);
        for (method, route, filled) in routes {
            let answer = ask(&solo, method, &filled);
            let enough = answer.status != 403;
            assert_eq!(enough, !MORE.contains(&route.as_str()), "{route} {}", answer.text());
            checked += 1;
        }
    }
    assert!(80 < checked, "{checked}");
    for route in PUBLIC.iter().chain(&EVERYBODY).chain(&MACHINE).chain(&MORE) {
        assert!(declared.contains_key(*route), "{route} is listed here and not there any more");
    }
}

//! The API's description says what the program does: no route more and none less, every code
//! that it gives, and every schema that it names.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::harness::{Hospital, program};
use crate::routes::{METHODS, addresses, ask, filled, is_mounted};
use crate::tidy::source;

pub(crate) fn document() -> &'static Json {
    healthflow::server::openapi::document()
}

/// `GET /api/v1/patients` for each operation.
fn described() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (path, address) in document()["paths"].as_object().unwrap() {
        let methods = address.as_object().unwrap().keys().filter(|name| *name != "parameters");
        all.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    all
}

#[test]
fn the_description_has_every_route_that_is_mounted_and_no_other() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let mut mounted = BTreeSet::new();
    for address in addresses() {
        let place = filled(&address);
        for method in METHODS {
            if is_mounted(&ask(&nobody, method, &place)) {
                mounted.insert(format!("{method} {address}"));
            }
        }
    }
    let told = described();
    let missing: Vec<_> = mounted.difference(&told).collect();
    assert!(missing.is_empty(), "mounted and not described: {missing:#?}");
    let invented: Vec<_> = told.difference(&mounted).collect();
    assert!(invented.is_empty(), "described and not mounted: {invented:#?}");
    let served = nobody.get("/api/openapi.json");
    served.expect_status(200);
    assert_eq!(&served.json(), document());
    insta::assert_snapshot!(told.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_reference_leads_somewhere_and_every_name_is_used_once() {
    fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
        match value {
            Json::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Json::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Json::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(document(), &mut found);
    assert!(100 < found.len(), "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document().pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut names = BTreeSet::new();
    for address in document()["paths"].as_object().unwrap().values() {
        for (_, operation) in
            address.as_object().unwrap().iter().filter(|(m, _)| *m != "parameters")
        {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} is there twice");
            assert_ne!(operation["summary"], "", "{name}");
        }
    }
}

/// Rooms whose codes are for the command line.
const ELSEWHERE: [&str; 4] = ["src/cli/", "src/config/", "src/demo/", "src/server/tls/"];
/// Why a server does not start.
const BEFORE: [&str; 3] = ["server.listen", "server.standby", "server.system"];

#[test]
fn every_code_that_the_program_gives_is_described() {
    let responses = document()["components"]["responses"].to_string();
    let mut checked = 0;
    let told = |path: &str| !ELSEWHERE.iter().any(|room| path.starts_with(room));
    for file in source::rust().iter().filter(|file| !file.is_test() && told(&file.path)) {
        let mut starts: Vec<usize> = Vec::new();
        starts.extend(file.code.match_indices("Failure::new(").map(|(at, _)| at));
        let codes = file.code.match_indices("fn code(&self) -> &'static str").map(|(at, _)| at);
        let mut texts: Vec<&str> = Vec::new();
        for at in starts {
            texts.extend(file.code[at..].split('"').nth(1));
        }
        for at in codes {
            let body = file.code[at..].split("fn kind").next().unwrap();
            texts.extend(body.split('"').skip(1).step_by(2));
        }
        let is_code = |text: &&str| {
            text.contains('.')
                && text.bytes().all(|it| it.is_ascii_lowercase() || b"._".contains(&it))
        };
        for code in texts.into_iter().filter(is_code).filter(|code| !BEFORE.contains(code)) {
            assert!(responses.contains(&format!("\"{code}\"")), "{}: {code}", file.path);
            checked += 1;
        }
    }
    assert!(40 < checked, "{checked}");
}

#[test]
fn the_command_prints_the_description_and_nothing_else() {
    for flags in [&["openapi"][..], &["openapi", "--json"]] {
        let output = program(flags).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let printed: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(&printed, document());
    }
}

#[test]
fn the_page_shows_every_address_under_a_strict_policy() {
    let hospital = Hospital::open();
    let nobody = hospital.server.client();
    let page = nobody.get("/api/");
    page.expect_status(200);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    let html = page.text();
    assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("https://"));
    for (path, address) in document()["paths"].as_object().unwrap() {
        assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
        for (_, operation) in
            address.as_object().unwrap().iter().filter(|(m, _)| *m != "parameters")
        {
            let id = operation["operationId"].as_str().unwrap();
            assert!(html.contains(&format!("<article id=\"{id}\">")), "{id}");
        }
    }
    for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(html.contains(&format!("id=\"{anchor}\"")), "{link}"),
            None => nobody.get(link).expect_status(200),
        }
    }
    let tag = ("if-none-match", page.header("etag"));
    nobody.get_with("/api/", tag).expect_status(304);
    nobody.get("/api").expect_status(200);
    nobody.get("/api/?x=1").expect_problem(400, "web.query");
}

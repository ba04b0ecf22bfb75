//! What the API's document says of the directory.

use serde_json::{Value as Json, json};

use super::mapping::{GROUP_MAX, RULES_MAX};
use super::settings::{PASSWORD_MAX, SERVERS_MAX, TEXT_MAX};
use crate::access::api::SettingsWrite;
use crate::access::trust::PEM_MAX;
use crate::access::users::{FACILITY, NAME_MAX, USERS};
use crate::platform::resource::describe::id;
use crate::web::Permission;
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "directory";

/// Describes the settings of the directory, and trying them out.
pub fn describe(document: &mut Document) {
    document.tag(TAG, "The hospital's directory (LDAP, Active Directory): people sign in with it.");
    document.codes(
        403,
        &[
            "access.password_expired",
            "access.no_group",
            "access.name_taken",
            "access.account_unfit",
        ],
    );
    document.codes(409, &["access.password_elsewhere"]);
    document.codes(500, &["access.errands"]);
    document.codes(503, &["access.directory_silent", "access.errands_busy"]);
    document.schema("RoleRule", rule());
    let sent = document.schema("DirectorySettings", schema::body(settings()));
    let mut shown = settings();
    shown.iter_mut().for_each(|(.., always)| *always = true);
    shown.extend([
        ("has_password", schema::described(schema::boolean(), "It is never shown"), true),
        ("version", schema::integer(0, i64::MAX), true),
        ("asked_at", schema::nullable(schema::time()), true),
        ("trouble", schema::described(text(), "What went wrong when it was asked last"), true),
    ]);
    let shown = document.schema("Directory", schema::object(shown));
    let here = "/api/v1/directory";
    let get = Operation::new(TAG, "getDirectory", "How the hospital's directory is reached")
        .needs(SettingsWrite::CODE)
        .answers(200, "The settings", schema::data(shown.clone()))
        .tagged();
    document.add("get", here, get);
    let put = Operation::new(TAG, "setDirectory", "Set how the hospital's directory is reached")
        .detail(format!(
            "The first rule of `mapping` that fits gives the role; whoever is in none of the \
             groups is not let in. Needs `{}` too.",
            USERS.write
        ))
        .needs(SettingsWrite::CODE)
        .if_match()
        .takes(schema::body(vec![
            ("settings", sent.clone(), true),
            ("bind_password", password(), false),
        ]))
        .answers(200, "The settings after the change", schema::data(shown))
        .header(200, "ETag");
    document.add("put", here, put);
    let step = schema::object(vec![
        ("server", schema::any_text(), false),
        ("step", schema::words(&STEPS), true),
        ("ok", schema::boolean(), true),
        ("detail", schema::described(schema::any_text(), "In plain words"), true),
    ]);
    let tried = schema::object(vec![
        ("works", schema::boolean(), true),
        ("steps", schema::list(step, None), true),
    ]);
    let body = schema::body(vec![
        ("settings", sent, true),
        ("bind_password", password(), false),
        ("username", schema::nullable(schema::text(0, NAME_MAX)), false),
    ]);
    let test = Operation::new(TAG, "testDirectory", "Try settings of the directory out")
        .detail("Nothing is stored. With `username` also who that is and what they would be here.")
        .needs(SettingsWrite::CODE)
        .takes(body)
        .answers(200, "What each step came to", schema::data(tried));
    document.add("post", "/api/v1/directory/test", test);
}

/// The steps of a trial, in their order.
const STEPS: [&str; 8] = ["resolve", "connect", "tls", "bind", "base", "person", "groups", "role"];

fn text() -> Json {
    schema::nullable(schema::any_text())
}

fn password() -> Json {
    let words = "Without it the one that is kept stays, if server, account and authority do";
    schema::described(schema::nullable(schema::text(1, PASSWORD_MAX)), words)
}

fn rule() -> Json {
    schema::body(vec![
        ("group", schema::text(1, GROUP_MAX), true),
        ("role", schema::any_text(), true),
        ("facility_id", schema::nullable(id(FACILITY)), false),
    ])
}

/// The rules of a mapping.
pub fn rules() -> Json {
    schema::list(schema::reference("RoleRule"), Some(RULES_MAX))
}

/// Certificates of authorities.
pub fn authorities() -> Json {
    let words = "Certificates of the authorities (PEM); null for those of this machine";
    schema::described(schema::nullable(schema::text(0, PEM_MAX)), words)
}

fn settings() -> Vec<(&'static str, Json, bool)> {
    let dn = || schema::text(0, TEXT_MAX);
    let mut flavors = schema::words(&["active_directory", "ldap"]);
    flavors["default"] = json!("active_directory");
    let servers = schema::list(schema::text(0, TEXT_MAX), Some(SERVERS_MAX));
    let servers = schema::described(servers, "ldaps://… or ldap://… (StartTLS), tried in order");
    let filter = schema::nullable(schema::text(0, TEXT_MAX));
    vec![
        ("enabled", schema::boolean(), false),
        ("flavor", flavors, false),
        ("servers", servers, false),
        ("ca_pem", authorities(), false),
        ("bind_dn", schema::described(dn(), "The account that looks people up"), false),
        ("base", schema::described(dn(), "Where people are"), false),
        ("user_filter", schema::described(filter, "With {name} for what was typed"), false),
        ("group_base", schema::nullable(dn()), false),
        ("nested_groups", schema::boolean(), false),
        ("mapping", rules(), false),
    ]
}

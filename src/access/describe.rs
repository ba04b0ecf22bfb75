//! What the API's document says of set-up, sessions, tokens, users and roles.

mod limits;
mod reach;
mod role_routes;
mod sign_in;
mod tokens;

use serde_json::json;

use super::api::SettingsWrite;
use super::hospital::{NAME, NUMBERS};
use super::password_rules::{LENGTH_MAX, LENGTH_MIN_WITH_SECOND_FACTOR};
use super::sessions::{Factor, SESSION};
use super::users::{DEPARTMENT, NAME_MAX, ORIGINS, USER, USERS};
use super::{directory, openid};
use crate::platform::resource::TEXT_MAX;
use crate::platform::resource::describe::{Offered, Offers, id};
use crate::web::Permission;
use crate::web::openapi::{Document, Operation, schema};

/// Describes set-up, sessions and users.
pub fn describe(document: &mut Document) {
    document.tag("hospital", "Set-up, and the hospital's name and time zone.");
    document.tag("sessions", "Signing in, and who is signed in where.");
    document.tag(USERS.path, "People with an account.");
    document.codes(401, &["access.wrong_credentials", "access.locked"]);
    let not = [
        "access.setup_link",
        "access.no_account",
        "access.outranked",
        "access.elsewhere",
        "access.own_account",
    ];
    document.codes(403, &not);
    document.codes(403, &["access.second_factor_required", "access.password_temporary"]);
    document.codes(403, &["access.sign_in_again"]);
    document.codes(409, &["access.setup_done"]);
    document.codes(429, &["access.slowed"]);
    document.codes(500, &["access.hashing", "access.randomness"]);
    document.codes(503, &["access.hashing_busy"]);
    let session = document.schema("Session", session());
    let opened = schema::object(vec![
        ("token", schema::described(schema::any_text(), "For Authorization: Bearer"), true),
        ("data", session.clone(), true),
    ]);
    document.schema("OpenedSession", opened);
    document.add("get", "/api/v1/setup", get_setup());
    document.add("post", "/api/v1/setup", post_setup());
    document.add("post", "/api/v1/sessions", post_session());
    let own = "/api/v1/sessions/current";
    let title = "Who I am and what I may do";
    let get = Operation::new("sessions", "getSession", title);
    document.add("get", own, get.answers(200, "The session", schema::data(session)));
    let end = Operation::new("sessions", "endSession", "Sign out");
    document.add("delete", own, end.ends(204, "The session has ended"));
    describe_sessions(document);
    tokens::describe(document);
    limits::describe(document);
    sign_in::describe(document);
    let hospital = document.schema("Hospital", hospital());
    let here = "/api/v1/hospital";
    document.add("get", here, get_hospital(hospital.clone()));
    document.add("patch", here, patch_hospital(hospital));
    document.add("post", "/api/v1/users/current/password", post_own_password());
    directory::describe::describe(document);
    openid::describe::describe(document);
    reach::describe(document);
    let mut offered = Offered::new(&USERS, Offers::Amend);
    offered.creates = Some(vec![("password", password(), true), ("temporary", temporary(), false)]);
    offered.describe(document);
    let reset = "/api/v1/users/{id}/password";
    document.add("post", reset, post_password());
    document.id(reset, &id(USER));
    role_routes::describe(document);
}

fn describe_sessions(document: &mut Document) {
    let line = schema::object(vec![
        ("id", id(SESSION), true),
        ("user_id", id(USER), true),
        ("created_at", schema::time(), true),
        ("last_used_at", schema::time(), true),
        ("expires_at", schema::time(), true),
        ("user_agent", schema::described(text(), "What the browser called itself"), true),
        ("address", text(), true),
        (
            "factor",
            schema::described(schema::words(&Factor::ALL.map(Factor::word)), "What was shown"),
            true,
        ),
        ("locked", schema::boolean(), true),
        ("here", schema::described(schema::boolean(), "At the workstation that asks"), true),
        ("current", schema::described(schema::boolean(), "The one that asks"), true),
    ]);
    let line = document.schema("OpenSession", line);
    let all = schema::object(vec![
        ("data", schema::list(line, None), true),
        ("meta", json!({"type": "object"}), true),
    ]);
    let list = Operation::new("sessions", "listSessions", "Sessions that still hold")
        .detail("One's own, or with `users.read` those of `user_id`.")
        .query("user_id", id(USER), "Whose.")
        .answers(200, "All of them", all)
        .refuses(&[403]);
    document.add("get", "/api/v1/sessions", list);
    let ended = schema::object(vec![("ended", schema::integer(0, i64::MAX), true)]);
    let end_all = Operation::new("sessions", "endSessions", "End all sessions of somebody")
        .detail("But not the one that asks. Those of others need `users.write`.")
        .query("user_id", id(USER), "Whose.")
        .required()
        .answers(200, "How many ended", schema::data(ended))
        .refuses(&[404]);
    document.add("delete", "/api/v1/sessions", end_all);
    let one = "/api/v1/sessions/{id}";
    let end = Operation::new("sessions", "endOneSession", "End a session")
        .detail("Those of others need `users.write`.");
    document.add("delete", one, end.ends(204, "It has ended"));
    document.id(one, &id(SESSION));
}

/// The numbers that the hospital sets, each within its bounds.
fn numbers(shown: bool) -> impl Iterator<Item = (&'static str, serde_json::Value, bool)> {
    NUMBERS.iter().map(move |number| {
        let plain = schema::integer(*number.bounds.start(), *number.bounds.end());
        let plain = if shown { plain } else { schema::nullable(plain) };
        (number.name, schema::described(plain, number.says), shown)
    })
}

fn hospital() -> serde_json::Value {
    let mut fields = vec![
        ("name", schema::any_text(), true),
        ("time_zone", schema::any_text(), true),
        ("version", schema::integer(0, i64::MAX), true),
        ("updated_at", schema::time(), true),
    ];
    fields.extend(numbers(true));
    schema::object(fields)
}

fn get_hospital(hospital: serde_json::Value) -> Operation {
    Operation::new("hospital", "getHospital", "The hospital's name and time zone")
        .answers(200, "The hospital", schema::data(hospital))
        .tagged()
        .refuses(&[404])
}

fn patch_hospital(hospital: serde_json::Value) -> Operation {
    let mut fields = vec![
        ("name", schema::nullable(schema::text(*NAME.start(), *NAME.end())), false),
        ("time_zone", schema::described(text(), "Like Africa/Accra"), false),
    ];
    fields.extend(numbers(false));
    let body = schema::body(fields);
    Operation::new("hospital", "amendHospital", "Change the hospital's name or time zone")
        .detail("What is absent or null stays.")
        .needs(SettingsWrite::CODE)
        .if_match()
        .takes(body)
        .answers(200, "The hospital after the change", schema::data(hospital))
        .header(200, "ETag")
        .refuses(&[404])
}

fn text() -> serde_json::Value {
    schema::nullable(schema::any_text())
}

fn post_own_password() -> Operation {
    let body = schema::body(vec![
        ("current_password", schema::any_text(), true),
        ("password", password(), true),
    ]);
    Operation::new(USERS.path, "changeOwnPassword", "Choose another password for oneself")
        .detail("One's other sessions end.")
        .takes(body)
        .ends(204, "It holds from now on")
        .refuses(&[409, 429])
}

/// Whether a password lets its person only choose another.
fn temporary() -> serde_json::Value {
    let text = "They choose one of their own before anything else";
    schema::described(schema::boolean(), text)
}

/// A new password. How short it may be depends on the person.
fn password() -> serde_json::Value {
    let text = "15 characters at least, or 8 for somebody with a second factor; none that is \
         guessed first";
    schema::described(schema::text(LENGTH_MIN_WITH_SECOND_FACTOR, LENGTH_MAX), text)
}

fn session() -> serde_json::Value {
    let user = schema::object(vec![
        ("id", schema::nullable(id(USER)), true),
        ("username", text(), true),
        ("display_name", schema::any_text(), true),
        ("role", schema::any_text(), true),
        ("role_name", schema::nullable(schema::any_text()), true),
        ("origin", schema::nullable(schema::words(&ORIGINS)), true),
    ]);
    let hospital = schema::object(vec![
        ("name", schema::any_text(), true),
        ("time_zone", schema::any_text(), true),
    ]);
    schema::object(vec![
        ("user", user, true),
        ("permissions", schema::list(schema::any_text(), None), true),
        ("hospital", schema::nullable(hospital), true),
        ("expires_at", schema::nullable(schema::time()), true),
        ("state", schema::words(&["open", "enrolling", "new_password"]), true),
        ("factor", schema::nullable(schema::words(&Factor::ALL.map(Factor::word))), true),
        (
            "lock_minutes",
            schema::described(schema::integer(1, 60), "Minutes alone until a page locks"),
            true,
        ),
        (
            "departments",
            schema::described(
                schema::nullable(schema::list(id(DEPARTMENT), None)),
                "Whose patients the person sees; null where no department bounds it",
            ),
            true,
        ),
        ("server_time", schema::time(), true),
        ("event_seq", schema::described(schema::any_text(), "Where /api/v1/live goes on"), true),
        ("version", schema::any_text(), true),
    ])
}

fn get_setup() -> Operation {
    let state = schema::object(vec![
        ("needed", schema::boolean(), true),
        ("accounts", schema::boolean(), true),
    ]);
    Operation::new("hospital", "getSetup", "Whether the hospital still has to be set up")
        .detail("`needed` until an administrator can sign in; `accounts` if anybody has one.")
        .public()
        .answers(200, "The state", schema::data(state))
}

fn post_setup() -> Operation {
    let body = schema::body(vec![
        ("token", schema::described(schema::any_text(), "From the one-time link"), false),
        ("hospital_name", schema::text(*NAME.start(), *NAME.end()), true),
        ("time_zone", schema::described(schema::any_text(), "Like Africa/Accra"), true),
        ("username", schema::text(1, NAME_MAX), true),
        ("display_name", schema::nullable(schema::text(0, TEXT_MAX)), false),
        ("password", password(), true),
    ]);
    Operation::new("hospital", "setUp", "Make the hospital and its first administrator")
        .public()
        .takes(body)
        .answers(201, "The administrator is signed in", schema::reference("OpenedSession"))
        .header(201, "Location")
        .refuses(&[403, 409])
}

fn post_session() -> Operation {
    let body = schema::body(vec![
        ("username", schema::any_text(), true),
        ("password", schema::any_text(), true),
    ]);
    Operation::new("sessions", "signIn", "Sign in")
        .detail(
            "The answer also sets cookies, for pages of this server. Whoever has set up a second \
             factor gets 401 `access.second_factor` with `challenge`, a secret for \
             `/sessions/second-factor` that is good for five minutes and five codes, and \
             `factors`, what they may show.",
        )
        .public()
        .takes(body)
        .answers(201, "Signed in", schema::reference("OpenedSession"))
        .header(201, "Location")
        .refuses(&[401, 403, 429])
}

fn post_password() -> Operation {
    Operation::new(USERS.path, "resetPassword", "Give somebody a new password")
        .detail(
            "Their sessions end. Whose password lies in the directory gets none here; of them \
             `remove_second_factor` alone is taken.",
        )
        .needs(USERS.write)
        .takes(schema::body(vec![
            ("password", password(), false),
            (
                "remove_second_factor",
                schema::described(schema::boolean(), "App, passkeys, recovery codes and PIN too"),
                false,
            ),
            ("temporary", temporary(), false),
        ]))
        .ends(204, "It holds from now on")
        .refuses(&[409])
}

//! What the API's document says of set-up, sessions and users.

use super::passwords::{LENGTH_MAX, LENGTH_MIN};
use super::users::{USER, USERS};
use crate::platform::resource::describe::{Offered, Offers, id};
use crate::web::openapi::{Document, Operation, schema};

/// Describes set-up, sessions and users.
pub fn describe(document: &mut Document) {
    document.tag("door", "Set-up and sign-in.");
    document.tag(USERS.path, "People with an account.");
    document.codes(401, &["access.wrong_credentials"]);
    document.codes(403, &["access.setup_link"]);
    document.codes(409, &["access.setup_done"]);
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
    let get = Operation::new("door", "getSession", title);
    document.add("get", own, get.answers(200, "The session", schema::data(session)));
    let end = Operation::new("door", "endSession", "Sign out");
    document.add("delete", own, end.ends(204, "The session has ended"));
    let mut offered = Offered::new(&USERS, Offers::Amend);
    offered.creates = Some(vec![("password", password(), true)]);
    offered.describe(document);
    let reset = "/api/v1/users/{id}/password";
    document.add("post", reset, post_password());
    document.id(reset, &id(USER));
}

fn password() -> serde_json::Value {
    schema::text(LENGTH_MIN, LENGTH_MAX)
}

fn session() -> serde_json::Value {
    let text = || schema::nullable(schema::any_text());
    let user = schema::object(vec![
        ("id", schema::nullable(id(USER)), true),
        ("username", text(), true),
        ("display_name", schema::any_text(), true),
        ("role", schema::any_text(), true),
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
        ("server_time", schema::time(), true),
        ("version", schema::any_text(), true),
    ])
}

fn get_setup() -> Operation {
    let state = schema::object(vec![
        ("needed", schema::boolean(), true),
        ("version", schema::any_text(), true),
    ]);
    Operation::new("door", "getSetup", "Whether the hospital still has to be set up")
        .public()
        .answers(200, "The state", schema::data(state))
}

fn post_setup() -> Operation {
    let body = schema::body(vec![
        ("token", schema::described(schema::any_text(), "From the one-time link"), false),
        ("hospital_name", schema::text(1, 200), true),
        ("time_zone", schema::described(schema::any_text(), "Like Africa/Accra"), true),
        ("username", schema::text(1, 64), true),
        ("display_name", schema::nullable(schema::text(0, 400)), false),
        ("password", password(), true),
    ]);
    Operation::new("door", "setUp", "Make the hospital and its first administrator")
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
    Operation::new("door", "signIn", "Sign in")
        .detail("The answer also sets a cookie, for pages of this server.")
        .public()
        .takes(body)
        .answers(201, "Signed in", schema::reference("OpenedSession"))
        .header(201, "Location")
        .refuses(&[401])
}

fn post_password() -> Operation {
    Operation::new(USERS.path, "resetPassword", "Give somebody a new password")
        .detail("Their sessions end.")
        .needs(USERS.write)
        .takes(schema::body(vec![("password", password(), true)]))
        .ends(204, "It holds from now on")
}

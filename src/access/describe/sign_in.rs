//! What the API's document says of second factors, passkeys, workstations and the rules.

use serde_json::{Value as Json, json};

use crate::access::api::SecurityWrite;
use crate::access::passkeys::{NAME_MAX, PASSKEY};
use crate::access::pins;
use crate::access::sign_in_rules::{LOCK_MINUTES, ROLE_CHARS_MAX, ROLES_MAX};
use crate::access::users::{ORIGINS, USER, USERS};
use crate::platform::resource::describe::id;
use crate::web::Permission;
use crate::web::openapi::{Document, Operation, schema};

/// Describes what comes beside a password.
pub(super) fn describe(document: &mut Document) {
    let codes = ["access.second_factor", "access.wrong_code", "access.challenge_over"];
    document.codes(401, &codes);
    let codes = ["access.wrong_passkey", "access.not_here_any_more", "access.wrong_pin"];
    document.codes(401, &codes);
    document.codes(401, &["access.pin_used_up"]);
    document.codes(403, &["access.second_factor_elsewhere"]);
    document.codes(404, &["access.no_such_factor"]);
    let codes = ["access.no_site_name", "access.too_many_passkeys", "access.no_workstation"];
    document.codes(409, &codes);
    document.codes(409, &["access.password_too_short_alone"]);
    second_step(document);
    workstation(document);
    own_totp(document);
    own_passkeys(document);
    rules(document);
}

fn opened() -> Json {
    schema::reference("OpenedSession")
}

/// What a browser is told and tells is WebAuthn's, and described there.
fn webauthn(text: &str) -> Json {
    schema::described(json!({"type": "object"}), text)
}

fn second_step(document: &mut Document) {
    let body = schema::body(vec![
        ("challenge", schema::any_text(), true),
        ("code", schema::described(schema::any_text(), "Of the app, or a recovery code"), true),
    ]);
    let second = Operation::new("sessions", "showSecondFactor", "Sign in: the second step")
        .public()
        .takes(body)
        .answers(201, "Signed in", opened())
        .header(201, "Location")
        .refuses(&[401, 429]);
    document.add("post", "/api/v1/sessions/second-factor", second);
    let begin = Operation::new("sessions", "beginPasskey", "Begin to sign in with a passkey")
        .public()
        .answers(200, "What the browser needs", schema::data(ceremony()))
        .refuses(&[409]);
    document.add("post", "/api/v1/sessions/passkey/options", begin);
    let body = schema::body(vec![
        ("ceremony", schema::any_text(), true),
        ("credential", webauthn("AuthenticationResponseJSON"), true),
    ]);
    let end = Operation::new("sessions", "signInWithPasskey", "Sign in with a passkey")
        .detail("It has verified its person, so nothing else is asked for.")
        .public()
        .takes(body)
        .answers(201, "Signed in", opened())
        .header(201, "Location")
        .refuses(&[401, 429]);
    document.add("post", "/api/v1/sessions/passkey", end);
}

fn ceremony() -> Json {
    schema::object(vec![
        ("ceremony", schema::described(schema::any_text(), "Good for five minutes, once"), true),
        ("options", webauthn("Options of WebAuthn, as JSON"), true),
    ])
}

fn workstation(document: &mut Document) {
    let person = schema::object(vec![
        ("user_id", id(USER), true),
        ("display_name", schema::any_text(), true),
        ("since", schema::time(), true),
        ("pin", schema::described(schema::boolean(), "Whether a PIN is enough"), true),
        ("origin", schema::words(&ORIGINS), true),
        ("current", schema::described(schema::boolean(), "Whose session the page has"), true),
    ]);
    let people = schema::object(vec![("people", schema::list(person, Some(50)), true)]);
    let list = Operation::new("sessions", "listPeopleHere", "Who may come back to this browser")
        .detail("Those who have signed in at it during the last 12 hours and have a PIN.")
        .public()
        .answers(200, "The people", schema::data(people));
    document.add("get", "/api/v1/workstations/current", list);
    let body = schema::body(vec![
        ("user_id", id(USER), true),
        ("pin", schema::nullable(schema::any_text()), false),
        ("password", schema::nullable(schema::any_text()), false),
    ]);
    let quick = Operation::new("sessions", "comeBack", "Come back to a workstation")
        .detail(
            "With a PIN or a password, where one has signed in during the last 12 hours. The \
             session goes on under a new secret; sessions of others there are locked.",
        )
        .public()
        .takes(body)
        .answers(201, "The session is open again", opened())
        .header(201, "Location")
        .refuses(&[401, 429]);
    document.add("post", "/api/v1/sessions/quick", quick);
    let lock = Operation::new("sessions", "lockSession", "Lock the session")
        .detail("Everything is refused with 401 `access.locked` until its person comes back.")
        .ends(204, "It is locked")
        .refuses(&[409]);
    document.add("post", "/api/v1/sessions/current/lock", lock);
    let active = Operation::new("sessions", "noteActivity", "Somebody is at the page")
        .ends(204, "It is noted");
    document.add("post", "/api/v1/sessions/current/activity", active);
    let body = schema::body(vec![
        ("current_password", schema::any_text(), true),
        ("pin", schema::text(pins::LENGTH_MIN, pins::LENGTH_MAX), true),
    ]);
    let set = Operation::new(USERS.path, "setPin", "Choose a PIN")
        .detail("One's name is then offered where one has signed in, for 12 hours.")
        .takes(body)
        .ends(204, "It holds from now on")
        .refuses(&[429]);
    document.add("post", "/api/v1/users/current/pin", set);
    let remove = Operation::new(USERS.path, "removePin", "Have no PIN");
    document.add("delete", "/api/v1/users/current/pin", remove.ends(204, "There is none"));
}

fn current() -> Json {
    schema::body(vec![("current_password", schema::any_text(), true)])
}

fn codes() -> Json {
    let text = "Shown this once; none if they were made before";
    let list = schema::described(schema::list(schema::any_text(), Some(10)), text);
    schema::object(vec![("recovery_codes", list, true)])
}

fn own_totp(document: &mut Document) {
    let passkey = document.schema(
        "Passkey",
        schema::object(vec![
            ("id", id(PASSKEY), true),
            ("name", schema::any_text(), true),
            ("site", schema::described(schema::any_text(), "The name it works under"), true),
            ("created_at", schema::time(), true),
            ("last_used_at", schema::nullable(schema::time()), true),
        ]),
    );
    let own = schema::object(vec![
        ("totp_since", schema::nullable(schema::time()), true),
        ("recovery_codes", schema::integer(0, 10), true),
        ("passkeys", schema::list(passkey, None), true),
        ("passkeys_work_here", schema::boolean(), true),
        ("pin", schema::boolean(), true),
        ("origin", schema::nullable(schema::words(&ORIGINS)), true),
        ("second_factor_required", schema::boolean(), true),
        ("password_length_min", schema::integer(8, 15), true),
    ]);
    let own = document.schema("OwnSecurity", own);
    let get = Operation::new(USERS.path, "getOwnSecurity", "What I sign in with");
    let get = get.answers(200, "What is set up", schema::data(own));
    document.add("get", "/api/v1/users/current/security", get);
    let offer = schema::object(vec![
        ("offer", schema::any_text(), true),
        ("key", schema::described(schema::any_text(), "For typing into the app"), true),
        ("uri", schema::described(schema::any_text(), "otpauth://…"), true),
        ("picture", schema::described(schema::any_text(), "The same as a QR code"), true),
    ]);
    let begin = Operation::new(USERS.path, "offerTotp", "Begin to set up an app")
        .takes(current())
        .answers(200, "What the app takes in", schema::data(offer))
        .refuses(&[429]);
    document.add("post", "/api/v1/users/current/totp", begin);
    let body =
        schema::body(vec![("offer", schema::any_text(), true), ("code", schema::any_text(), true)]);
    let end = Operation::new(USERS.path, "confirmTotp", "Set up an app")
        .detail("One's other sessions end. With the first second factor come recovery codes.")
        .takes(body)
        .answers(200, "It is asked for from now on", schema::data(codes()));
    document.add("post", "/api/v1/users/current/totp/confirm", end);
    let remove = Operation::new(USERS.path, "removeTotp", "Have no app any more")
        .detail("One's other sessions end.")
        .takes(current())
        .ends(204, "It is gone")
        .refuses(&[404, 409, 429]);
    document.add("post", "/api/v1/users/current/totp/remove", remove);
    let renew = Operation::new(USERS.path, "makeRecoveryCodes", "Make new recovery codes")
        .detail("The old ones are worth nothing then.")
        .takes(current())
        .answers(200, "The codes", schema::data(codes()))
        .refuses(&[404, 429]);
    document.add("post", "/api/v1/users/current/recovery-codes", renew);
}

fn own_passkeys(document: &mut Document) {
    let here = "/api/v1/users/current/passkeys";
    let begin = Operation::new(USERS.path, "offerPasskey", "Begin to make a passkey")
        .takes(current())
        .answers(200, "What the browser needs", schema::data(ceremony()))
        .refuses(&[409, 429]);
    document.add("post", &format!("{here}/options"), begin);
    let name = schema::text(1, NAME_MAX);
    let body = schema::body(vec![
        ("ceremony", schema::any_text(), true),
        ("name", name.clone(), true),
        ("credential", webauthn("RegistrationResponseJSON"), true),
    ]);
    let made = schema::object(vec![
        ("id", id(PASSKEY), true),
        ("recovery_codes", schema::list(schema::any_text(), Some(10)), true),
    ]);
    let end = Operation::new(USERS.path, "addPasskey", "Add a passkey")
        .detail("One's other sessions end. With the first second factor come recovery codes.")
        .takes(body)
        .answers(201, "It is kept", schema::data(made))
        .refuses(&[409]);
    document.add("post", here, end);
    let one = format!("{here}/{{id}}/rename");
    let rename = Operation::new(USERS.path, "renamePasskey", "Call a passkey something else")
        .takes(schema::body(vec![("name", name, true)]))
        .ends(204, "It is called so")
        .refuses(&[404]);
    document.add("post", &one, rename);
    document.id(&one, &id(PASSKEY));
    let one = format!("{here}/{{id}}/remove");
    let remove = Operation::new(USERS.path, "removePasskey", "Remove a passkey")
        .detail("One's other sessions end.")
        .takes(current())
        .ends(204, "It is gone")
        .refuses(&[404, 409, 429]);
    document.add("post", &one, remove);
    document.id(&one, &id(PASSKEY));
}

fn rules(document: &mut Document) {
    let minutes = schema::integer(*LOCK_MINUTES.start(), *LOCK_MINUTES.end());
    let of_roles = json!({
        "type": "object", "additionalProperties": minutes, "maxProperties": ROLES_MAX,
    });
    let roles = schema::list(schema::text(1, ROLE_CHARS_MAX), Some(ROLES_MAX));
    let shown = schema::object(vec![
        ("lock_minutes", minutes.clone(), true),
        ("lock_minutes_of_roles", of_roles.clone(), true),
        ("second_factor_roles", roles.clone(), true),
        ("version", schema::integer(0, i64::MAX), true),
    ]);
    let shown = document.schema("SignInRules", shown);
    let here = "/api/v1/hospital/sign-in";
    let get = Operation::new("hospital", "getSignInRules", "What is asked of those who sign in")
        .needs(SecurityWrite::CODE)
        .answers(200, "The rules", schema::data(shown.clone()))
        .tagged();
    document.add("get", here, get);
    let body = schema::body(vec![
        ("lock_minutes", schema::nullable(minutes), false),
        ("lock_minutes_of_roles", schema::nullable(of_roles), false),
        ("second_factor_roles", schema::nullable(roles), false),
    ]);
    let patch = Operation::new("hospital", "amendSignInRules", "Change what is asked")
        .detail("What is absent or null stays; a list or map is replaced whole.")
        .needs(SecurityWrite::CODE)
        .if_match()
        .takes(body)
        .answers(200, "The rules after the change", schema::data(shown))
        .header(200, "ETag");
    document.add("patch", here, patch);
}

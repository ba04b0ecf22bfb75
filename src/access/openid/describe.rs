//! What the API's document says of the OpenID provider.

use serde_json::Value as Json;

use super::settings::{SECRET_MAX, TEXT_MAX};
use crate::access::api::SettingsWrite;
use crate::access::directory::describe::{authorities, rules};
use crate::access::users::USERS;
use crate::web::Permission;
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "openid";
const SESSIONS: &str = "sessions";

/// Describes the settings of the provider, and signing in with it.
pub fn describe(document: &mut Document) {
    document.tag(TAG, "The hospital's OpenID provider: people sign in there.");
    let sent = document.schema("OpenidSettings", schema::body(settings()));
    let mut shown = settings();
    shown.iter_mut().for_each(|(.., always)| *always = true);
    shown.extend([
        ("has_secret", schema::described(schema::boolean(), "It is never shown"), true),
        ("version", schema::integer(0, i64::MAX), true),
        ("trouble", schema::described(text(), "What went wrong when it was asked last"), true),
    ]);
    let shown = document.schema("OpenidProvider", schema::object(shown));
    let here = "/api/v1/openid";
    let get = Operation::new(TAG, "getOpenid", "Who the hospital's OpenID provider is")
        .needs(SettingsWrite::CODE)
        .answers(200, "The settings", schema::data(shown.clone()))
        .tagged();
    document.add("get", here, get);
    let both =
        schema::body(vec![("settings", sent, true), ("client_secret", client_secret(), false)]);
    let put = Operation::new(TAG, "setOpenid", "Set who the hospital's OpenID provider is")
        .detail(format!("Needs `{}` too, because its rules give roles.", USERS.write))
        .needs(SettingsWrite::CODE)
        .if_match()
        .takes(both.clone())
        .answers(200, "The settings after the change", schema::data(shown))
        .header(200, "ETag");
    document.add("put", here, put);
    let tried = schema::object(vec![
        ("works", schema::boolean(), true),
        ("detail", schema::described(schema::any_text(), "In plain words"), true),
    ]);
    let test = Operation::new(TAG, "testOpenid", "Try settings of the provider out")
        .detail("Nothing is stored. Whether the secret is right shows when somebody signs in.")
        .needs(SettingsWrite::CODE)
        .takes(both)
        .answers(200, "What it came to", schema::data(tried));
    document.add("post", "/api/v1/openid/test", test);
    describe_sessions(document);
}

fn describe_sessions(document: &mut Document) {
    let name = schema::object(vec![("name", schema::any_text(), true)]);
    let ways = schema::object(vec![
        ("directory", schema::boolean(), true),
        ("openid", schema::nullable(name), true),
    ]);
    let get = Operation::new(SESSIONS, "getSignInWays", "In which ways people sign in")
        .public()
        .answers(200, "Beside local accounts, which there always are", schema::data(ways));
    document.add("get", "/api/v1/sessions/ways", get);
    let begin = Operation::new(SESSIONS, "beginOpenid", "Sign in with the OpenID provider")
        .detail(
            "For browsers: sends them to the provider, and to the sign-in page if it is off. Under \
             another name than `own_url` it sends them there first.",
        )
        .public()
        .query("here", schema::boolean(), "`true` stays, whatever `own_url` is.")
        .ends(303, "To the provider, or to the sign-in page with a word of what went wrong")
        .header(303, "Location");
    document.add("get", "/api/v1/sessions/openid", begin);
    let back = Operation::new(SESSIONS, "endOpenid", "Come back from the OpenID provider")
        .detail("The provider sends browsers here. Other parameters are left aside.")
        .public()
        .query("state", schema::any_text(), "What was sent along.")
        .query("code", schema::any_text(), "For which the proof is fetched.")
        .query("error", schema::any_text(), "Why the provider lets nobody in.")
        .query("iss", schema::any_text(), "Which provider answers (RFC 9207).")
        .ends(303, "To the sign-in page, with the session or with a word of what went wrong")
        .header(303, "Location");
    document.add("get", "/api/v1/sessions/openid/callback", back);
}

fn text() -> Json {
    schema::nullable(schema::any_text())
}

fn client_secret() -> Json {
    let words = "Without it the one that is kept stays, if provider, client and authority do";
    schema::described(schema::nullable(schema::text(1, SECRET_MAX)), words)
}

fn settings() -> Vec<(&'static str, Json, bool)> {
    let short = || schema::text(0, TEXT_MAX);
    let own = schema::described(short(), "The address under which browsers know this server");
    let always = "It asks everybody, so that its proofs need not say it in `amr`";
    let asked = schema::described(schema::boolean(), always);
    vec![
        ("enabled", schema::boolean(), false),
        ("name", schema::described(schema::text(0, 60), "What the button says"), false),
        ("issuer", short(), false),
        ("own_url", own, false),
        ("client_id", short(), false),
        ("scopes", schema::list(short(), Some(10)), false),
        ("username_claim", short(), false),
        ("groups_claim", short(), false),
        ("asks_second_factor", asked, false),
        ("ca_pem", authorities(), false),
        ("mapping", rules(), false),
    ]
}

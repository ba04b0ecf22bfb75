//! What the API's document says of tokens for programs.

use serde_json::json;

use crate::access::api::{TokensRead, TokensWrite};
use crate::access::roles::PERMISSIONS;
use crate::access::tokens::{API_TOKEN, DAYS_MAX, NAME_MAX};
use crate::access::users::USER;
use crate::platform::resource::describe::id;
use crate::web::Permission;
use crate::web::openapi::{Document, Operation, schema};

/// Describes tokens.
pub(super) fn describe(document: &mut Document) {
    document.tag("tokens", "Tokens by which programs act for an account.");
    document.codes(
        401,
        &[
            "access.token_mistyped",
            "access.token_unknown",
            "access.token_expired",
            "access.token_revoked",
        ],
    );
    document.codes(409, &["access.token_shown"]);
    let token = document.schema("Token", token());
    let all = schema::object(vec![
        ("data", schema::list(token.clone(), None), true),
        ("meta", json!({"type": "object"}), true),
    ]);
    let list = Operation::new("tokens", "listTokens", "Tokens that hold or have ended of late")
        .detail(
            "One's own, with `users.write` everybody's, or those of `user_id`. Those that have \
             ended are shown for 90 days.",
        )
        .needs(TokensRead::CODE)
        .query("user_id", id(USER), "Whose.")
        .answers(200, "All of them", all);
    document.add("get", "/api/v1/tokens", list);
    document.add("post", "/api/v1/tokens", post(token.clone()));
    let one = "/api/v1/tokens/{id}";
    let get = Operation::new("tokens", "getToken", "One token")
        .detail("Those of others need `users.write`.")
        .needs(TokensRead::CODE)
        .answers(200, "The token", schema::data(token))
        .refuses(&[404]);
    document.add("get", one, get);
    let revoke = Operation::new("tokens", "revokeToken", "Revoke a token")
        .detail(
            "It holds no more from now on. Those of others need `users.write` too; a program may \
             revoke its own token without any permission.",
        )
        .needs(TokensWrite::CODE)
        .ends(204, "It is revoked");
    document.add("delete", one, revoke);
    document.id(one, &id(API_TOKEN));
}

fn token() -> serde_json::Value {
    let text = schema::any_text;
    let maybe_time = || schema::nullable(schema::time());
    schema::object(vec![
        ("id", id(API_TOKEN), true),
        ("user_id", schema::described(id(USER), "For whom it acts"), true),
        ("user_name", text(), true),
        ("name", text(), true),
        ("scopes", schema::list(text(), None), true),
        ("starts_with", schema::described(text(), "Its first characters"), true),
        ("state", schema::words(&["active", "expired", "revoked"]), true),
        ("created_by", schema::nullable(id(USER)), true),
        ("created_at", schema::time(), true),
        ("expires_at", schema::time(), true),
        ("revoked_at", maybe_time(), true),
        ("last_used_at", schema::described(maybe_time(), "Up to five minutes behind"), true),
        ("last_used_from", schema::nullable(text()), true),
    ])
}

const SAID: &str = "The caller's own, once more; whoever comes by the OpenID provider has signed \
    in within ten minutes instead";

fn post(token: serde_json::Value) -> Operation {
    let scopes = schema::list(schema::words(&PERMISSIONS), Some(PERMISSIONS.len()));
    let days = schema::nullable(schema::integer(1, DAYS_MAX));
    let body = schema::body(vec![
        ("name", schema::described(schema::text(1, NAME_MAX), "What it is for"), true),
        ("scopes", schema::described(scopes, "The permissions that it may use"), true),
        ("lasts_days", schema::described(days, "90 if nothing is said"), false),
        ("user_id", schema::described(schema::nullable(id(USER)), "For whom it acts"), false),
        ("current_password", schema::described(schema::nullable(schema::any_text()), SAID), false),
    ]);
    let made = schema::object(vec![
        ("token", schema::described(schema::any_text(), "For Authorization: Bearer"), true),
        ("data", token, true),
    ]);
    Operation::new("tokens", "makeToken", "Make a token for a program")
        .detail(
            "The answer is the only place where the token is shown; a repetition under the same \
             `Idempotency-Key` is refused with `access.token_shown`. At each use it holds what is \
             among its scopes and what its account holds then. A token cannot make tokens, set \
             passwords or see and end sessions. For others it needs `users.write`.",
        )
        .needs(TokensWrite::CODE)
        .idempotent()
        .takes(body)
        .answers(201, "The token, this once", made)
        .header(201, "Location")
        .refuses(&[409])
}

//! Tokens for programs: what they may do, when they end, and what is kept of them.

use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::{House, PASSWORD, Reply, SECOND, account, open, signed};
use crate::store::StoreError;

/// A token of whoever `by` is, with these scopes.
pub(super) async fn make(house: &House, by: &str, name: &str, scopes: &[&str]) -> Reply {
    let body = json!({"name": name, "scopes": scopes, "current_password": PASSWORD});
    house.post(by, "tokens", &body).await.expect(201)
}

async fn listed(house: &House, by: &str) -> Vec<Json> {
    let reply = house.get(by, "tokens").await.expect(200);
    reply.body["data"].as_array().unwrap().clone()
}

/// Waits for a value of the store that is written behind an answer.
async fn eventually<T: PartialEq + std::fmt::Debug>(expected: &T, read: impl Fn() -> T) {
    let until = Instant::now() + Duration::from_secs(20);
    while read() != *expected && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(read(), *expected);
}

fn text(house: &House, sql: &'static str) -> String {
    let read = house.desk.store().read(SECOND, |tx| {
        tx.opt(sql, &[], |row| row.get::<Option<String>>(0)).map(Option::flatten)
    });
    read.map_err(|cause: StoreError| cause).unwrap().unwrap_or_default()
}

#[actix_web::test]
async fn a_token_holds_its_scopes_and_never_more_than_its_account() {
    let (house, admin) = open().await;
    let token = make(&house, &admin, "Lab link", &["users.read", "providers.read"]).await.token();
    let session = house.get(&token, "sessions/current").await.expect(200).body;
    assert_eq!(session["data"]["permissions"], json!(["providers.read", "users.read"]));
    assert_eq!(session["data"]["user"]["display_name"], "A. Admin (token Lab link)");
    house.get(&token, "users").await.expect(200);
    house.post(&token, "users", &account("joy", "nurse")).await.expect(403);
    house.get(&token, "tokens").await.expect(403);

    let second = house.post(&admin, "users", &account("second", "administrator")).await;
    let own = house.sign_in("second", PASSWORD).await.expect(201).token();
    let token = make(&house, &own, "Export", &["users.read", "patients.read"]).await.token();
    house.get(&token, "users").await.expect(200);
    let path = format!("users/{}", second.id());
    house.patch(&admin, &path, &json!({"role": "nurse"})).await.expect(200);
    house.get(&token, "users").await.expect(403);
    let session = house.get(&token, "sessions/current").await.expect(200).body;
    assert_eq!(session["data"]["permissions"], json!(["patients.read"]), "what both hold");
}

#[actix_web::test]
async fn a_token_reaches_neither_passwords_nor_sessions_nor_other_tokens() {
    let (house, admin) = open().await;
    let all = crate::access::roles::PERMISSIONS;
    let made = make(&house, &admin, "Everything", &all).await;
    let (token, id) = (made.token(), made.id());
    let me = house.get(&admin, "sessions/current").await.expect(200);
    let me = me.body["data"]["user"]["id"].as_str().unwrap().to_owned();
    let new = json!({"password": "another long password"});
    let own = json!({"current_password": PASSWORD, "password": "another long password"});
    let more = json!({"name": "More", "scopes": ["users.read"], "current_password": PASSWORD});
    let other = make(&house, &admin, "Other", &["users.read"]).await.id();
    for reply in [
        house.post(&token, "tokens", &more).await,
        house.delete(&token, &format!("tokens/{other}")).await,
        house.post(&token, &format!("users/{me}/password"), &new).await,
        house.post(&token, "users/current/password", &own).await,
        house.get(&token, "sessions").await,
        house.delete(&token, &format!("sessions?user_id={me}")).await,
        house.delete(&token, "sessions/current").await,
        house.delete(&token, "sessions/ses_0000000000001").await,
    ] {
        assert_eq!(reply.expect(403).code(), "access.person_only");
    }
    house.sign_in("admin", PASSWORD).await.expect(201);
    house.get(&token, "tokens").await.expect(200);
    house.delete(&token, &format!("tokens/{id}")).await.expect(204);
    assert_eq!(house.get(&token, "users").await.expect(401).code(), "access.token_revoked");
}

#[actix_web::test]
async fn forged_mistyped_expired_and_revoked_tokens_are_told_apart_and_refused() {
    let (house, admin) = open().await;
    let body = json!({"name": "Short", "scopes": ["users.read"], "lasts_days": 1,
        "current_password": PASSWORD});
    let short = house.post(&admin, "tokens", &body).await.expect(201);
    assert_eq!(short.body["data"]["expires_at"], "2026-03-02T12:00:00Z");
    let made = make(&house, &admin, "Long", &["users.read"]).await;
    let forged = crate::access::tokens::new_token().unwrap();
    let mistyped = format!("{}0", &made.token()[..59]);
    let mistyped =
        if mistyped == made.token() { mistyped.replace("hft_", "hft_0") } else { mistyped };
    for (token, code) in [
        (&forged, "access.token_unknown"),
        (&mistyped, "access.token_mistyped"),
        (&"hft_".to_owned(), "access.token_mistyped"),
        (&made.token()[4..].to_owned(), "access.sign_in"),
        (&made.token().to_uppercase(), "access.sign_in"),
    ] {
        let refused = house.get(token, "users").await.expect(401);
        assert_eq!(refused.code(), code, "{token}");
        assert!(!refused.body.to_string().contains(&made.token()[8..]));
    }
    house.clock.set("2026-03-02T11:59:59Z");
    house.get(&short.token(), "users").await.expect(200);
    house.clock.set("2026-03-02T12:00:00Z");
    let late = house.get(&short.token(), "users").await.expect(401);
    assert_eq!(late.code(), "access.token_expired", "not a second longer, cached or not");
    house.get(&made.token(), "users").await.expect(200);
    let own = house.sign_in("admin", PASSWORD).await.expect(201).token();
    house.delete(&own, &format!("tokens/{}", made.id())).await.expect(204);
    for _ in 0..3 {
        let gone = house.get(&made.token(), "users").await.expect(401);
        assert_eq!(gone.code(), "access.token_revoked");
    }
    house.delete(&own, &format!("tokens/{}", made.id())).await.expect(404);
    eventually(&1, || house.count("audit WHERE detail = 'tokens.revoked' AND outcome = 'refused'"))
        .await;
    eventually(&1, || house.count("audit WHERE detail = 'tokens.expired' AND outcome = 'refused'"))
        .await;
}

#[actix_web::test]
async fn the_tokens_of_a_disabled_account_are_dead_for_ever() {
    let (house, admin) = open().await;
    let id = house.post(&admin, "users", &account("second", "administrator")).await.id();
    let own = house.sign_in("second", PASSWORD).await.expect(201).token();
    let token = make(&house, &own, "Link", &["users.read"]).await.token();
    house.get(&token, "users").await.expect(200);
    let path = format!("users/{id}");
    house.patch(&admin, &path, &json!({"active": false})).await.expect(200);
    house.get(&token, "users").await.expect(401);
    house.patch(&admin, &path, &json!({"active": true})).await.expect(200);
    assert_eq!(house.get(&token, "users").await.expect(401).code(), "access.token_revoked");
}

#[actix_web::test]
async fn nothing_keeps_the_secret_and_a_repetition_does_not_tell_it_again() {
    let (house, admin) = open().await;
    let ask = || {
        let body = json!({"name": "Once", "scopes": ["users.read"], "current_password": PASSWORD});
        let request = TestRequest::post().uri("/api/v1/tokens").set_json(&body);
        signed(request.insert_header(("idempotency-key", "once-1")), &admin)
    };
    let made = house.ask(ask()).await.expect(201);
    let secret = &made.token()[8..];
    let again = house.ask(ask()).await.expect(409);
    assert_eq!(again.code(), "access.token_shown");
    assert!(again.body["detail"].as_str().unwrap().contains(&made.id()), "{}", again.body);
    assert_eq!(house.count("api_token"), 1);
    for place in ["tokens", &format!("tokens/{}", made.id())] {
        let shown = house.get(&admin, place).await.expect(200).body.to_string();
        assert!(!shown.contains(secret) && shown.contains(&made.token()[..8]), "{shown}");
    }
    let (half, table) = (&secret[..12], |sql: &str| house.count(&sql.replace('#', &secret[..12])));
    for sql in [
        "idempotency WHERE body LIKE '%#%'",
        "audit WHERE coalesce(detail, '') || actor_name LIKE '%#%'",
        "api_token WHERE starts_with || name || scopes LIKE '%#%'",
        "outbox WHERE event || subject_kind LIKE '%#%'",
    ] {
        assert_eq!(table(sql), 0, "{sql} {half}");
    }
}

#[actix_web::test]
async fn the_use_of_a_token_is_noted_with_its_place_every_five_minutes() {
    let (house, admin) = open().await;
    let token = make(&house, &admin, "Link", &["users.read"]).await.token();
    assert_eq!(listed(&house, &admin).await[0]["last_used_at"], Json::Null);
    let used = async |last: u8| {
        let peer = (std::net::IpAddr::from([10, 0, 0, last]), 4_711).into();
        let request = TestRequest::get().uri("/api/v1/users").peer_addr(peer);
        house.ask(signed(request, &token)).await.expect(200);
    };
    let from = || text(&house, "SELECT last_used_from FROM api_token");
    used(1).await;
    eventually(&"10.0.0.1".to_owned(), from).await;
    house.clock.set("2026-03-01T12:04:59Z");
    used(2).await;
    house.clock.set("2026-03-01T12:06:00Z");
    used(3).await;
    eventually(&"10.0.0.3".to_owned(), from).await;
    assert_eq!(listed(&house, &admin).await[0]["last_used_at"], "2026-03-01T12:06:00Z");
    let actor = "SELECT actor_name FROM audit WHERE act = 'users.list' LIMIT 1";
    assert!(["", "A. Admin (token Link)"].contains(&text(&house, actor).as_str()));
}

#[actix_web::test]
async fn what_a_program_does_is_audited_under_the_name_of_its_token() {
    let (house, admin) = open().await;
    let token = make(&house, &admin, "HR", &["settings.write"]).await.token();
    house.patch(&token, "hospital", &json!({"name": "Annex"})).await.expect(200);
    let sql = "SELECT actor_name FROM audit WHERE act = 'hospital.amend' ORDER BY id DESC LIMIT 1";
    assert_eq!(text(&house, sql), "A. Admin (token HR)");
    for (act, events) in [("tokens.create", 1), ("tokens.revoke", 0)] {
        assert_eq!(house.count(&format!("audit WHERE act = '{act}'")), events);
    }
}

#[actix_web::test]
async fn a_wrong_wish_is_refused_field_by_field_and_makes_nothing() {
    let (house, admin) = open().await;
    for (field, wrong) in [
        ("name", json!("")),
        ("name", json!("Lab\u{202e}")),
        ("name", json!("x".repeat(101))),
        ("scopes", json!([])),
        ("scopes[1]", json!(["users.read", "everything"])),
        ("scopes[0]", json!(["box.local"])),
        ("lasts_days", json!(0)),
        ("lasts_days", json!(366)),
        ("lasts_days", json!(-1)),
        ("user_id", json!("admin")),
        ("user_id", json!("usr_0000000000001")),
    ] {
        let mut body =
            json!({"name": "Link", "scopes": ["users.read"], "current_password": PASSWORD});
        body[field.split('[').next().unwrap()] = wrong.clone();
        let reply = house.post(&admin, "tokens", &body).await.expect(422);
        assert_eq!(reply.fields(), [field], "{wrong}: {}", reply.body);
    }
    let control = json!({"name": "Link", "scopes": ["users.read"], "current_password": PASSWORD});
    let reply = house.post("control", "tokens", &control).await.expect(422);
    assert_eq!(reply.fields(), ["user_id"], "the command line has no account");
    make(&house, &admin, "Link", &["users.read"]).await;
    let twice = json!({"name": "Link", "scopes": ["users.read"], "current_password": PASSWORD});
    assert_eq!(house.post(&admin, "tokens", &twice).await.expect(409).fields(), ["name"]);
    for number in 1..crate::access::tokens::LIVE_MAX {
        make(&house, &admin, &format!("Link {number}"), &["users.read"]).await;
    }
    let body = json!({"name": "One more", "scopes": ["users.read"], "current_password": PASSWORD});
    let full = house.post(&admin, "tokens", &body).await.expect(422);
    assert!(full.body.to_string().contains("at most 50"), "{}", full.body);
    assert_eq!(house.count("api_token"), crate::access::tokens::LIVE_MAX);
}

#[actix_web::test]
async fn a_token_for_somebody_else_takes_the_right_to_their_account() {
    let (house, admin) = open().await;
    let nurse = house.post(&admin, "users", &account("joy", "nurse")).await.expect(201).id();
    let beyond = json!({"name": "Link", "scopes": ["users.read"], "user_id": nurse,
        "current_password": PASSWORD});
    assert_eq!(house.post(&admin, "tokens", &beyond).await.expect(422).fields(), ["scopes"]);
    let body = json!({"name": "Link", "scopes": ["patients.read"], "user_id": nurse,
        "current_password": PASSWORD});
    let made = house.post("control", "tokens", &body).await.expect(201);
    let session = house.get(&made.token(), "sessions/current").await.expect(200).body;
    assert_eq!(session["data"]["user"]["id"], json!(nurse));
    let own = house.sign_in("joy", PASSWORD).await.expect(201).token();
    house.get(&own, "tokens").await.expect(403);
    house.post(&own, "tokens", &body).await.expect(403);
    house.delete(&own, &format!("tokens/{}", made.id())).await.expect(403);
    assert_eq!(listed(&house, &admin).await.len(), 1, "an administrator sees everybody's");
    house.delete(&admin, &format!("tokens/{}", made.id())).await.expect(204);
    let all = listed(&house, &admin).await;
    assert_eq!((all.len(), &all[0]["state"]), (1, &json!("revoked")));
    house.clock.set("2026-06-01T12:00:00Z");
    let later = house.sign_in("admin", PASSWORD).await.expect(201).token();
    assert_eq!(listed(&house, &later).await.len(), 0, "not for ever");
}

//! Passkeys: made, used, and used wrongly.

use serde_json::{Value as Json, json};

use super::authenticator::Authenticator;
use super::{House, PASSWORD, Reply, account, open};

/// Cookies of a page of whoever has `token`.
fn cookies(token: &str) -> String {
    format!("hf_session={token}")
}

async fn begin(house: &House, token: &str) -> Json {
    begin_with(house, token, PASSWORD).await
}

pub(super) async fn begin_with(house: &House, token: &str, password: &str) -> Json {
    let body = json!({"current_password": password});
    let reply = house.page(&cookies(token), "users/current/passkeys/options", &body).await;
    reply.expect(200).body["data"].clone()
}

pub(super) async fn end(house: &House, token: &str, begun: &Json, credential: Json) -> Reply {
    let body = json!({"ceremony": begun["ceremony"], "name": "Key", "credential": credential});
    house.page(&cookies(token), "users/current/passkeys", &body).await
}

async fn make(house: &House, token: &str, number: u8) -> Authenticator {
    let begun = begin(house, token).await;
    let mut held = Authenticator::new(number);
    let credential = held.make(&begun["options"]);
    end(house, token, &begun, credential).await.expect(201);
    held
}

pub(super) async fn ask(house: &House) -> Json {
    let reply = house.page("", "sessions/passkey/options", &json!({})).await.expect(200);
    reply.body["data"].clone()
}

pub(super) async fn show(house: &House, asked: &Json, credential: &Json) -> Reply {
    let body = json!({"ceremony": asked["ceremony"], "credential": credential});
    house.page("", "sessions/passkey", &body).await
}

#[actix_web::test]
async fn a_passkey_opens_by_itself_and_the_password_alone_does_not_any_more() {
    let (house, admin) = open().await;
    let begun = begin(&house, &admin).await;
    let mut held = Authenticator::new(7);
    let credential = held.make(&begun["options"]);
    let made = end(&house, &admin, &begun, credential).await.expect(201);
    assert_eq!(made.body["data"]["recovery_codes"].as_array().unwrap().len(), 10);
    let asked = ask(&house).await;
    let token = show(&house, &asked, &held.answer(&asked["options"])).await.expect(201).token();
    let session = house.get(&token, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["factor"], "passkey");
    assert_eq!(session.body["data"]["user"]["username"], "admin");
    let alone = house.sign_in("admin", PASSWORD).await.expect(401);
    assert_eq!(alone.body["factors"], json!(["passkey", "recovery_code"]));
    let own = house.get(&token, "users/current/security").await.expect(200);
    assert_eq!(own.body["data"]["passkeys"][0]["name"], "Key");
    assert!(own.body["data"]["passkeys"][0]["last_used_at"].is_string());
}

#[actix_web::test]
async fn an_answer_counts_once_and_only_for_what_it_answers() {
    let (house, admin) = open().await;
    let mut held = make(&house, &admin, 7).await;
    let asked = ask(&house).await;
    let credential = held.answer(&asked["options"]);
    show(&house, &asked, &credential).await.expect(201);
    let again = show(&house, &asked, &credential).await.expect(401);
    assert_eq!(again.code(), "access.challenge_over");
    let other = ask(&house).await;
    let replayed = show(&house, &other, &credential).await.expect(401);
    assert_eq!(replayed.code(), "access.wrong_passkey", "it answers another challenge");
    let late = ask(&house).await;
    let credential = held.answer(&late["options"]);
    house.clock.set("2026-03-01T12:05:00Z");
    assert_eq!(show(&house, &late, &credential).await.expect(401).code(), "access.challenge_over");
}

#[actix_web::test]
async fn answers_that_are_wrong_in_one_thing_open_nothing() {
    let (house, admin) = open().await;
    for (what, wrong) in [
        (
            "another page",
            (|held| held.origin = "https://evil.example".to_owned()) as fn(&mut Authenticator),
        ),
        ("without TLS", |held| held.origin = "http://healthflow.example".to_owned()),
        ("another port", |held| held.origin = "https://healthflow.example:8443".to_owned()),
        ("another name", |held| held.site = "evil.example".to_owned()),
        ("nobody verified", |held| held.flags = 0b001),
        ("nobody there", |held| held.flags = 0b100),
        ("a copy that counts behind", |held| held.count = 0),
    ] {
        let (house, admin) = open().await;
        let mut held = make(&house, &admin, 7).await;
        let asked = ask(&house).await;
        let right = held.answer(&asked["options"]);
        show(&house, &asked, &right).await.expect(201);
        let asked = ask(&house).await;
        wrong(&mut held);
        let reply = show(&house, &asked, &held.answer(&asked["options"])).await.expect(401);
        assert_eq!(reply.code(), "access.wrong_passkey", "{what}");
        assert!(reply.cookies().is_empty());
    }
    let mut held = make(&house, &admin, 7).await;
    let asked = ask(&house).await;
    let mut stranger = Authenticator::new(9);
    let made = begin(&house, &admin).await;
    stranger.make(&made["options"]);
    let unknown = show(&house, &asked, &stranger.answer(&asked["options"])).await.expect(401);
    assert_eq!(unknown.code(), "access.wrong_passkey");
    let mut bent = held.answer(&asked["options"]);
    for field in ["signature", "authenticatorData", "clientDataJSON", "userHandle"] {
        let before = bent["response"][field].clone();
        bent["response"][field] = json!("AAAA");
        assert!(matches!(show(&house, &asked, &bent).await.status, 401), "{field}");
        bent["response"][field] = before;
    }
    for nonsense in [json!(null), json!({}), json!([]), json!("x"), json!({"id": 7})] {
        show(&house, &asked, &nonsense).await.expect(401);
    }
}

#[actix_web::test]
async fn guesses_with_a_passkey_are_slowed_like_passwords() {
    let (house, admin) = open().await;
    let mut held = make(&house, &admin, 7).await;
    held.flags = 0b001;
    for _ in 0..5 {
        let asked = ask(&house).await;
        show(&house, &asked, &held.answer(&asked["options"])).await.expect(401);
    }
    let asked = ask(&house).await;
    show(&house, &asked, &held.answer(&asked["options"])).await.expect(429);
}

#[actix_web::test]
async fn a_passkey_is_made_for_one_account_and_once() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let joy = house.sign_in("joy", PASSWORD).await.expect(201).token();
    let begun = begin(&house, &admin).await;
    let mut held = Authenticator::new(7);
    let credential = held.make(&begun["options"]);
    let foreign = end(&house, &joy, &begun, credential.clone()).await.expect(401);
    assert_eq!(foreign.code(), "access.challenge_over");
    make(&house, &admin, 7).await;
    let begun = begin(&house, &joy).await;
    let again = end(&house, &joy, &begun, held.make(&begun["options"])).await.expect(409);
    assert_eq!(again.fields(), ["credential"], "somebody has it");
    let begun = begin(&house, &joy).await;
    let mut weak = Authenticator::new(8);
    weak.flags = 0b001;
    let unverified = end(&house, &joy, &begun, weak.make(&begun["options"])).await.expect(422);
    assert_eq!(unverified.fields(), ["credential"]);
    assert_eq!(house.count("passkey"), 1);
}

#[actix_web::test]
async fn passkeys_are_named_and_removed_by_their_person_only() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let joy = house.sign_in("joy", PASSWORD).await.expect(201).token();
    make(&house, &admin, 7).await;
    let own = house.get(&admin, "users/current/security").await.expect(200);
    let id = own.body["data"]["passkeys"][0]["id"].as_str().unwrap().to_owned();
    let (rename, remove) = (
        format!("users/current/passkeys/{id}/rename"),
        format!("users/current/passkeys/{id}/remove"),
    );
    house.post(&joy, &rename, &json!({"name": "Mine"})).await.expect(404);
    house.post(&admin, &rename, &json!({"name": " "})).await.expect(422);
    house.post(&admin, &rename, &json!({"name": "Blue key"})).await.expect(204);
    let current = json!({"current_password": PASSWORD});
    house.post(&joy, &remove, &current).await.expect(404);
    house.post(&admin, &remove, &current).await.expect(204);
    house.sign_in("admin", PASSWORD).await.expect(201);
    assert_eq!(house.count("passkey") + house.count("recovery_code"), 0);
}

#[actix_web::test]
async fn a_bare_address_has_no_passkeys() {
    use crate::access::passkeys::Site;
    for host in [
        "127.0.0.1",
        "10.0.0.7:8475",
        "[::1]:8475",
        "::1",
        "",
        "a b",
        "user@host",
        "1.2.3.4.",
        "0x7f.1",
    ] {
        assert!(Site::of_host(host).is_none(), "{host}");
    }
    for host in ["localhost:8475", "healthflow.example", "HEALTHFLOW.hospital.lan:8443"] {
        assert!(Site::of_host(host).is_some(), "{host}");
    }
}

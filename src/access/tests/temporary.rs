//! A password that somebody else has set is good for choosing another, and for nothing else.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::workstations::lock;
use super::{House, PASSWORD, SECOND, account, open, signed};
use crate::access::users;
use crate::store::StoreError;

const OWN: &str = "seven quiet blue lamps";

async fn temporary(house: &House, admin: &str, username: &str) -> String {
    let mut body = account(username, "nurse");
    body["temporary"] = json!(true);
    house.post(admin, "users", &body).await.expect(201).id()
}

fn change(from: &str, to: &str) -> Json {
    json!({"current_password": from, "password": to})
}

#[actix_web::test]
async fn it_opens_nothing_before_another_is_chosen() {
    let (house, admin) = open().await;
    temporary(&house, &admin, "joy").await;
    let signed = house.sign_in("joy", PASSWORD).await.expect(201);
    assert_eq!(signed.body["data"]["state"], "new_password");
    let joy = signed.token();
    for path in ["hospital", "sessions", "users", "users/current/security"] {
        let refused = house.get(&joy, path).await.expect(403);
        assert_eq!(refused.code(), "access.password_temporary", "{path}");
    }
    let current = json!({"current_password": PASSWORD});
    let pin = json!({"current_password": PASSWORD, "pin": "271828"});
    for (path, body) in [
        ("users/current/totp", &current),
        ("users/current/passkeys/options", &current),
        ("users/current/pin", &pin),
    ] {
        let refused = house.post(&joy, path, body).await.expect(403);
        assert_eq!(refused.code(), "access.password_temporary", "{path}");
    }
    let same = house.post(&joy, "users/current/password", &change(PASSWORD, PASSWORD)).await;
    assert_eq!(same.expect(422).fields(), ["password"]);
    house.post(&joy, "users/current/password", &change(PASSWORD, OWN)).await.expect(204);
    house.get(&joy, "hospital").await.expect(200);
    house.sign_in("joy", PASSWORD).await.expect(401);
    let again = house.sign_in("joy", OWN).await.expect(201);
    assert_eq!(again.body["data"]["state"], "open");
}

#[actix_web::test]
async fn coming_back_to_a_workstation_does_not_get_round_it() {
    let (house, admin) = open().await;
    let joy = temporary(&house, &admin, "joy").await;
    let body = json!({"username": "joy", "password": PASSWORD});
    let seat = house.page("", "sessions", &body).await.expect(201).cookies();
    lock(&house, &seat).await;
    let body = json!({"user_id": joy, "password": PASSWORD});
    let back = house.page(&seat, "sessions/quick", &body).await.expect(201);
    assert_eq!(back.body["data"]["state"], "new_password");
    let refused = house.page_gets(&back.cookies(), "hospital").await.expect(403);
    assert_eq!(refused.code(), "access.password_temporary");
}

#[actix_web::test]
async fn a_reset_asks_for_another_only_if_it_says_so() {
    let (house, admin) = open().await;
    let joy = house.post(&admin, "users", &account("joy", "nurse")).await.expect(201).id();
    house.sign_in("joy", PASSWORD).await.expect(201);
    let path = format!("users/{joy}/password");
    for (temporary, state) in [(json!(true), "new_password"), (json!(false), "open")] {
        let body = json!({"password": OWN, "temporary": temporary});
        house.post(&admin, &path, &body).await.expect(204);
        let signed = house.sign_in("joy", OWN).await.expect(201);
        assert_eq!(signed.body["data"]["state"], state);
    }
    let mut body = account("shy", "nurse");
    body["temporary"] = json!("yes");
    assert_eq!(house.post(&admin, "users", &body).await.expect(422).fields(), ["temporary"]);
    assert_eq!(house.count("app_user WHERE username = 'shy'"), 0);
}

#[actix_web::test]
async fn where_the_password_lies_elsewhere_none_is_temporary() {
    let (house, admin) = open().await;
    let joy = temporary(&house, &admin, "joy").await;
    let path = format!("users/{joy}");
    house.patch(&admin, &path, &json!({"origin": "directory"})).await.expect(200);
    let id = users::USER.parse(&joy).unwrap();
    let is_temporary = house.desk.store().read(SECOND, |tx| users::is_temporary(tx, id));
    assert!(!is_temporary.map_err(|cause: StoreError| cause).unwrap());
    let body = json!({"remove_second_factor": true, "temporary": true});
    let refused = house.post(&admin, &format!("{path}/password"), &body).await.expect(422);
    assert_eq!(refused.fields(), ["temporary"]);
    let body = json!({"remove_second_factor": true});
    house.post(&admin, &format!("{path}/password"), &body).await.expect(204);
}

#[actix_web::test]
async fn the_same_key_makes_no_other_account_than_the_first_time() {
    let (house, admin) = open().await;
    let mut body = account("joy", "nurse");
    let mut send = async |temporary: bool| {
        body["temporary"] = json!(temporary);
        let request = TestRequest::post().uri("/api/v1/users").set_json(&body);
        let request = request.insert_header(("idempotency-key", "joy-1"));
        house.ask(signed(request, &admin)).await
    };
    let first = send(true).await.expect(201).id();
    assert_eq!(send(true).await.expect(201).id(), first);
    assert_ne!(send(false).await.status, 201);
}

#[actix_web::test]
async fn a_program_of_somebody_who_has_to_choose_works_and_says_so() {
    let (house, admin) = open().await;
    let joy = temporary(&house, &admin, "joy").await;
    let body = json!({"name": "Link", "scopes": ["patients.read"], "user_id": joy});
    let token = house.post("control", "tokens", &body).await.expect(201).token();
    let session = house.get(&token, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["state"], "open");
}

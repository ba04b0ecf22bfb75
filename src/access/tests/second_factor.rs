//! The second step: codes of an app, recovery codes, and what a forger gets.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value as Json, json};

use super::{House, PASSWORD, Reply, SECOND, account, open};
use crate::access::password_rules::LENGTH_MIN;
use crate::store::{Class, StoreError, Tx};

const MINUTE_LATER: &str = "2026-03-01T12:01:00Z";

/// What an app shows for `key` at so many seconds after the house was opened.
pub(super) fn shown(key: &str, seconds: u64) -> String {
    let secret = BASE32_NOPAD.decode(key.replace(' ', "").as_bytes()).unwrap();
    let secret = totp_rs::Secret::new_stack(secret.try_into().unwrap());
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let opened = "2026-03-01T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    app.generate(u64::try_from(opened).unwrap() + seconds).to_string()
}

fn current() -> Json {
    json!({"current_password": PASSWORD})
}

/// Sets an app up for whoever has `token`: its key, and the recovery codes.
async fn enrol(house: &House, token: &str) -> (String, Vec<String>) {
    enrol_with(house, token, PASSWORD).await
}

pub(super) async fn enrol_with(
    house: &House,
    token: &str,
    password: &str,
) -> (String, Vec<String>) {
    let current = json!({"current_password": password});
    let offered = house.post(token, "users/current/totp", &current).await.expect(200);
    let offer = &offered.body["data"];
    let key = offer["key"].as_str().unwrap().to_owned();
    let body = json!({"offer": offer["offer"], "code": shown(&key, 0)});
    let done = house.post(token, "users/current/totp/confirm", &body).await.expect(200);
    let codes = done.body["data"]["recovery_codes"].as_array().unwrap();
    (key, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn challenge(house: &House) -> String {
    let asked = house.sign_in("admin", PASSWORD).await.expect(401);
    assert_eq!(asked.code(), "access.second_factor", "{}", asked.body);
    assert!(asked.cookies().is_empty(), "nothing is opened by half");
    asked.body["challenge"].as_str().unwrap().to_owned()
}

pub(super) async fn answer(house: &House, challenge: &str, code: &str) -> Reply {
    let body = json!({"challenge": challenge, "code": code});
    house.post("", "sessions/second-factor", &body).await
}

#[actix_web::test]
async fn an_app_is_asked_for_after_the_password_and_ends_other_sessions() {
    let (house, admin) = open().await;
    let other = house.sign_in("admin", PASSWORD).await.expect(201).token();
    let (key, codes) = enrol(&house, &admin).await;
    assert_eq!(codes.len(), 10);
    house.get(&admin, "sessions/current").await.expect(200);
    house.get(&other, "sessions/current").await.expect(401);
    house.clock.set(MINUTE_LATER);
    let asked = house.sign_in("admin", PASSWORD).await.expect(401);
    assert_eq!(asked.body["factors"], json!(["totp", "recovery_code"]));
    let challenge = asked.body["challenge"].as_str().unwrap();
    let token = answer(&house, challenge, &shown(&key, 60)).await.expect(201).token();
    let session = house.get(&token, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["factor"], "totp");
    let wrong = house.sign_in("admin", "wrong horse battery").await.expect(401);
    assert_eq!(wrong.code(), "access.wrong_credentials", "whether there is one is not told");
}

#[actix_web::test]
async fn no_code_counts_twice_nor_one_that_was_shown_when_the_app_was_set_up() {
    let (house, admin) = open().await;
    let (key, _) = enrol(&house, &admin).await;
    let first = challenge(&house).await;
    assert_eq!(
        answer(&house, &first, &shown(&key, 0)).await.expect(401).code(),
        "access.wrong_code"
    );
    house.clock.set(MINUTE_LATER);
    let code = shown(&key, 60);
    answer(&house, &first, &code).await.expect(201);
    let again = answer(&house, &first, &code).await.expect(401);
    assert_eq!(again.code(), "access.challenge_over", "a challenge is used once");
    let second = challenge(&house).await;
    assert_eq!(answer(&house, &second, &code).await.expect(401).code(), "access.wrong_code");
    let before = shown(&key, 30);
    let earlier = answer(&house, &second, &before).await.expect(401);
    assert_eq!(earlier.code(), "access.wrong_code", "nor an earlier one after a later one");
    answer(&house, &second, &shown(&key, 90)).await.expect(201);
}

#[actix_web::test]
async fn the_clock_of_a_phone_may_be_half_a_minute_off() {
    for (seconds, status) in [(0, 401), (30, 201), (60, 201), (90, 201), (120, 401)] {
        let (house, admin) = open().await;
        let (key, _) = enrol(&house, &admin).await;
        house.clock.set(MINUTE_LATER);
        let challenge = challenge(&house).await;
        answer(&house, &challenge, &shown(&key, seconds)).await.expect(status);
    }
}

#[actix_web::test]
async fn a_recovery_code_opens_once() {
    let (house, admin) = open().await;
    let (_, codes) = enrol(&house, &admin).await;
    let asked = challenge(&house).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let token = answer(&house, &asked, &typed).await.expect(201).token();
    let own = house.get(&token, "users/current/security").await.expect(200);
    assert_eq!(own.body["data"]["recovery_codes"], 9);
    let asked = challenge(&house).await;
    assert_eq!(answer(&house, &asked, &codes[3]).await.expect(401).code(), "access.wrong_code");
    let renewed = house.post(&token, "users/current/recovery-codes", &current()).await.expect(200);
    assert_eq!(renewed.body["data"]["recovery_codes"].as_array().unwrap().len(), 10);
    answer(&house, &asked, &codes[4]).await.expect(401);
    let new = renewed.body["data"]["recovery_codes"][0].as_str().unwrap();
    answer(&house, &asked, new).await.expect(201);
}

#[actix_web::test]
async fn codes_are_guessed_as_slowly_as_passwords_and_a_right_password_helps_nobody() {
    let (house, admin) = open().await;
    enrol(&house, &admin).await;
    let mut waits = 0;
    for round in 0..8 {
        // A new challenge for each guess: the password is known to the guesser.
        let asked = house.sign_in("admin", PASSWORD).await;
        if asked.status == 429 {
            waits += 1;
            continue;
        }
        let challenge = asked.body["challenge"].as_str().unwrap().to_owned();
        answer(&house, &challenge, &format!("{round:06}")).await.expect(401);
    }
    assert_eq!(waits, 3, "five are free");
}

#[actix_web::test]
async fn forged_late_and_tried_out_challenges_are_worth_nothing() {
    let (house, admin) = open().await;
    let (key, _) = enrol(&house, &admin).await;
    for forged in ["", "hfw_", &format!("hfw_{}", "0".repeat(64)), &admin] {
        let reply = answer(&house, forged, &shown(&key, 60)).await.expect(401);
        assert_eq!(reply.code(), "access.challenge_over");
    }
    let asked = challenge(&house).await;
    house.get(&asked, "sessions/current").await.expect(401);
    house.clock.set("2026-03-01T12:05:00Z");
    let late = answer(&house, &asked, &shown(&key, 300)).await.expect(401);
    assert_eq!(late.code(), "access.challenge_over");
    let asked = challenge(&house).await;
    for minute in 6..11 {
        house.clock.set(&format!("2026-03-01T12:{minute:02}:00Z").replace("12:10", "12:09"));
        answer(&house, &asked, "no code").await.expect(401);
    }
    house.clock.set("2026-03-01T12:09:50Z");
    let over = answer(&house, &asked, &shown(&key, 590)).await.expect(401);
    assert_eq!(over.code(), "access.challenge_over", "five codes for a password");
}

#[actix_web::test]
async fn a_reset_between_the_steps_ends_the_sign_in() {
    let (house, admin) = open().await;
    let (key, _) = enrol(&house, &admin).await;
    let asked = challenge(&house).await;
    let session = house.get(&admin, "sessions/current").await.expect(200);
    let id = session.body["data"]["user"]["id"].as_str().unwrap().to_owned();
    let new = "nine loud red kites";
    let body = json!({"password": new, "remove_second_factor": true});
    house.post("control", &format!("users/{id}/password"), &body).await.expect(204);
    house.clock.set(MINUTE_LATER);
    let reply = answer(&house, &asked, &shown(&key, 60)).await.expect(401);
    assert_eq!(reply.code(), "access.wrong_credentials");
    house.sign_in("admin", new).await.expect(201);
    assert_eq!(house.count("totp") + house.count("recovery_code"), 0);
    assert_eq!(house.count("audit WHERE detail = 'second_factor_removed'"), 1);
}

#[actix_web::test]
async fn an_account_that_was_disabled_between_the_steps_begins_anew() {
    let (house, admin) = open().await;
    let second = account("second", "administrator");
    house.post(&admin, "users", &second).await.expect(201);
    let other = house.sign_in("second", PASSWORD).await.expect(201).token();
    let (key, _) = enrol(&house, &admin).await;
    let asked = challenge(&house).await;
    let session = house.get(&admin, "sessions/current").await.expect(200);
    let path = format!("users/{}", session.body["data"]["user"]["id"].as_str().unwrap());
    for active in [false, true] {
        house.patch(&other, &path, &json!({"active": active})).await.expect(200);
    }
    house.clock.set(MINUTE_LATER);
    let reply = answer(&house, &asked, &shown(&key, 60)).await.expect(401);
    assert_eq!(reply.code(), "access.challenge_over");
}

#[actix_web::test]
async fn what_one_signs_in_with_changes_only_with_the_password() {
    let (house, admin) = open().await;
    enrol(&house, &admin).await;
    let wrong = json!({"current_password": "wrong horse battery"});
    let offers = house.count("audit WHERE act LIKE 'users.own_%' AND outcome = 'done'");
    for path in [
        "users/current/totp",
        "users/current/totp/remove",
        "users/current/recovery-codes",
        "users/current/passkeys/pky_0000000000001/remove",
    ] {
        let reply = house.page(&format!("hf_session={admin}"), path, &wrong).await;
        assert!(matches!(reply.status, 422 | 429), "{path} {}", reply.body);
    }
    assert_eq!(house.count("totp"), 1, "it is still there");
    let after = house.count("audit WHERE act LIKE 'users.own_%' AND outcome = 'done'");
    assert_eq!(after, offers);
}

#[actix_web::test]
async fn an_offer_is_for_one_person_and_five_codes() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let joy = house.sign_in("joy", PASSWORD).await.expect(201).token();
    let offered = house.post(&admin, "users/current/totp", &current()).await.expect(200);
    let (offer, key) = (&offered.body["data"]["offer"], offered.body["data"]["key"].clone());
    let key = key.as_str().unwrap();
    let body = json!({"offer": offer, "code": shown(key, 0)});
    let foreign = house.post(&joy, "users/current/totp/confirm", &body).await.expect(401);
    assert_eq!(foreign.code(), "access.challenge_over");
    let offered = house.post(&admin, "users/current/totp", &current()).await.expect(200);
    let key = offered.body["data"]["key"].as_str().unwrap();
    for _ in 0..5 {
        let body = json!({"offer": offered.body["data"]["offer"], "code": "000000"});
        let reply = house.post(&admin, "users/current/totp/confirm", &body).await.expect(422);
        assert_eq!(reply.fields(), ["code"]);
    }
    let body = json!({"offer": offered.body["data"]["offer"], "code": shown(key, 0)});
    house.post(&admin, "users/current/totp/confirm", &body).await.expect(401);
    assert_eq!(house.count("totp"), 0);
}

#[actix_web::test]
async fn a_short_password_is_good_beside_a_second_factor_and_not_alone() {
    let (house, admin) = open().await;
    enrol(&house, &admin).await;
    let short = "vT9#kq2!Lm";
    assert!(short.len() < LENGTH_MIN);
    let body = json!({"current_password": PASSWORD, "password": short});
    house.post(&admin, "users/current/password", &body).await.expect(204);
    let body = json!({"current_password": short});
    let kept = house.post(&admin, "users/current/totp/remove", &body).await.expect(409);
    assert_eq!(kept.code(), "access.password_too_short_alone");
    let body = json!({"current_password": short, "password": "nine loud red kites"});
    house.post(&admin, "users/current/password", &body).await.expect(204);
    let body = json!({"current_password": "nine loud red kites"});
    house.post(&admin, "users/current/totp/remove", &body).await.expect(204);
    assert_eq!(house.count("totp") + house.count("recovery_code"), 0);
    house.sign_in("admin", "nine loud red kites").await.expect(201);
}

#[actix_web::test]
async fn a_role_that_must_have_one_can_do_nothing_else_until_it_has() {
    let (house, admin) = open().await;
    let rules = json!({"second_factor_roles": ["nurse"]});
    house.patch(&admin, "hospital/sign-in", &rules).await.expect(200);
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let signed = house.sign_in("joy", PASSWORD).await.expect(201);
    assert_eq!(signed.body["data"]["state"], "enrolling");
    let joy = signed.token();
    for path in ["hospital", "sessions", "users", "hospital/sign-in"] {
        let reply = house.get(&joy, path).await.expect(403);
        assert_eq!(reply.code(), "access.second_factor_required", "{path}");
    }
    house.get(&joy, "sessions/current").await.expect(200);
    let own = house.get(&joy, "users/current/security").await.expect(200);
    assert_eq!(own.body["data"]["second_factor_required"], true);
    enrol(&house, &joy).await;
    house.get(&joy, "hospital").await.expect(200);
    let session = house.get(&joy, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["state"], "open");
    house.get(&admin, "hospital").await.expect(200);
}

#[actix_web::test]
async fn secrets_are_not_in_the_store_in_clear_nor_in_later_answers() {
    let (house, admin) = open().await;
    let (key, codes) = enrol(&house, &admin).await;
    let secret = BASE32_NOPAD.decode(key.replace(' ', "").as_bytes()).unwrap();
    let stored = house
        .desk
        .store()
        .read(SECOND, |tx| tx.one("SELECT secret FROM totp", &[], |row| row.get::<Vec<u8>>(0)));
    let stored: Vec<u8> = stored.map_err(|cause: StoreError| cause).unwrap();
    assert!(!stored.windows(secret.len()).any(|window| window == secret));
    for path in ["users/current/security", "sessions/current", "sessions", "users"] {
        let body = house.get(&admin, path).await.expect(200).body.to_string();
        assert!(!body.contains(&key) && !body.contains(&codes[0]), "{path}");
    }
    let found = house.count(&format!(
        "audit WHERE detail LIKE '%{}%' OR detail LIKE '%{}%'",
        &codes[0][..9],
        &key[..9]
    ));
    assert_eq!(found, 0);
}

#[actix_web::test]
async fn a_password_that_was_hashed_with_less_is_hashed_anew_at_the_next_sign_in() {
    use argon2::password_hash::PasswordHasher;
    let (house, admin) = open().await;
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash = weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    let job = move |tx: &Tx<'_>| {
        tx.execute("UPDATE app_user SET password_hash = ?1", &[hash.as_str().into()])
    };
    house.desk.store().write_blocking(Class::People, job).unwrap();
    let now = || house.count("app_user WHERE password_hash LIKE '%m=19456,t=2,p=1%'");
    assert_eq!(now(), 0);
    house.sign_in("admin", "wrong horse battery").await.expect(401);
    assert_eq!(now(), 0);
    house.sign_in("admin", PASSWORD).await.expect(201);
    assert_eq!(now(), 1);
    house.get(&admin, "sessions/current").await.expect(200);
    house.sign_in("admin", PASSWORD).await.expect(201);
    assert_eq!(house.count("audit WHERE detail = 'password_rehashed'"), 1, "once");
}

//! The second step of people whose password lies elsewhere, and of programs, which have none.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::authenticator::Authenticator;
use super::directory::{put, with_directory};
use super::openid::{tried, with_provider};
use super::passkeys::{ask, begin_with, end, show};
use super::second_factor::{answer, enrol_with, shown};
use super::slapd::PASSWORD as THEIRS;
use super::tokens::make;
use super::workstations::{lock, people, quick};
use super::{House, PASSWORD, Reply, account, open};

const PIN: &str = "271828";

async fn asks_of(house: &House, admin: &str, roles: &[&str]) {
    let rules = json!({"second_factor_roles": roles});
    house.patch(admin, "hospital/sign-in", &rules).await.expect(200);
}

async fn own_id(house: &House, token: &str) -> String {
    let session = house.get(token, "sessions/current").await.expect(200).body;
    session["data"]["user"]["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn people_of_the_directory_show_their_second_factor_after_their_password() {
    let (house, admin, _slapd) = with_directory().await;
    asks_of(&house, &admin, &["nurse"]).await;
    let first = house.sign_in("kofi", THEIRS).await.expect(201);
    assert_eq!(first.body["data"]["state"], "enrolling", "the rule holds for them too");
    let kofi = first.token();
    house.get(&kofi, "hospital").await.expect(403);
    let wrong = json!({"current_password": "wrong horse battery"});
    let refused = house.post(&kofi, "users/current/totp", &wrong).await.expect(422);
    assert_eq!(refused.fields(), ["current_password"]);
    let (key, codes) = enrol_with(&house, &kofi, THEIRS).await;
    house.get(&kofi, "hospital").await.expect(200);

    house.clock.set("2026-03-01T12:01:00Z");
    for typed in ["kofi", "HOSPITAL\\kofi"] {
        let wrong = house.sign_in(typed, "wrong horse battery").await.expect(401);
        assert_eq!(wrong.code(), "access.wrong_credentials", "{typed}");
        let asked = house.sign_in(typed, THEIRS).await.expect(401);
        assert_eq!(asked.code(), "access.second_factor", "{typed}");
        let challenge = asked.body["challenge"].as_str().unwrap();
        let wrong = answer(&house, challenge, "000000").await.expect(401);
        assert_eq!(wrong.code(), "access.wrong_code", "{typed}");
    }
    let asked = house.sign_in("kofi", THEIRS).await.expect(401);
    let challenge = asked.body["challenge"].as_str().unwrap();
    let wrong = answer(&house, challenge, "000000").await.expect(401);
    assert_eq!(wrong.code(), "access.wrong_code");
    let slowed = house.sign_in("HOSPITAL\\kofi", THEIRS).await.expect(429);
    assert_eq!(slowed.code(), "access.slowed", "passwords, codes and ways to write a name");
    house.clock.set("2026-03-01T12:01:02Z");
    answer(&house, challenge, &shown(&key, 60)).await.expect(201);
    let asked = house.sign_in("kofi", THEIRS).await.expect(401);
    let challenge = asked.body["challenge"].as_str().unwrap();
    answer(&house, challenge, &codes[0]).await.expect(201);

    let id = own_id(&house, &kofi).await;
    let path = format!("users/{id}/password");
    let both = json!({"password": "nine loud red kites", "remove_second_factor": true});
    let refused = house.post(&admin, &path, &both).await.expect(409);
    assert_eq!(refused.code(), "access.password_elsewhere");
    house.post(&admin, &path, &json!({})).await.expect(409);
    house.post(&admin, &path, &json!({"remove_second_factor": true})).await.expect(204);
    house.get(&kofi, "sessions/current").await.expect(401);
    let again = house.sign_in("kofi", THEIRS).await.expect(201);
    assert_eq!(again.body["data"]["state"], "enrolling");
    assert_eq!(house.count("audit WHERE act = 'users.second_factor'"), 1);
}

#[actix_web::test]
async fn an_account_of_here_gets_a_new_password_when_its_second_factor_goes() {
    let (house, admin) = open().await;
    let id = house.post(&admin, "users", &account("joy", "nurse")).await.expect(201).id();
    let only = json!({"remove_second_factor": true});
    let refused = house.post(&admin, &format!("users/{id}/password"), &only).await.expect(422);
    assert_eq!(refused.fields(), ["password"]);
}

#[actix_web::test]
async fn people_of_the_directory_come_back_with_a_pin_or_their_password_there() {
    let (house, _admin, slapd) = with_directory().await;
    slapd.member("nurses", "zoe", true);
    let body = json!({"username": "zoe", "password": THEIRS});
    let seat = house.page("", "sessions", &body).await.expect(201).cookies();
    let new = json!({"current_password": THEIRS, "pin": PIN});
    house.page(&seat, "users/current/pin", &new).await.expect(204);
    lock(&house, &seat).await;
    let seen = people(&house, &seat).await;
    assert_eq!((&seen[0]["origin"], &seen[0]["pin"]), (&json!("directory"), &json!(true)));
    let id = seen[0]["user_id"].as_str().unwrap();
    let seat = quick(&house, &seat, id, PIN).await.expect(201).cookies();
    lock(&house, &seat).await;
    let with = |password: &str| json!({"user_id": id, "password": password});
    house.page(&seat, "sessions/quick", &with(PASSWORD)).await.expect(401);
    let seat = house.page(&seat, "sessions/quick", &with(THEIRS)).await.expect(201).cookies();
    let change = json!({"current_password": THEIRS, "password": "nine loud red kites"});
    let refused = house.page(&seat, "users/current/password", &change).await.expect(409);
    assert_eq!(refused.code(), "access.password_elsewhere");
    slapd.member("nurses", "zoe", false);
    lock(&house, &seat).await;
    let refused = house.page(&seat, "sessions/quick", &with(THEIRS)).await.expect(403);
    assert_eq!(refused.code(), "access.no_group");
}

#[actix_web::test]
async fn a_passkey_opens_only_for_whom_the_directory_still_has() {
    let (house, _admin, slapd) = with_directory().await;
    slapd.member("nurses", "zoe", true);
    let zoe = house.sign_in("zoe", THEIRS).await.expect(201).token();
    let begun = begin_with(&house, &zoe, THEIRS).await;
    let mut held = Authenticator::new(7);
    let credential = held.make(&begun["options"]);
    end(&house, &zoe, &begun, credential).await.expect(201);
    let asked = ask(&house).await;
    show(&house, &asked, &held.answer(&asked["options"])).await.expect(201);
    slapd.member("nurses", "zoe", false);
    let asked = ask(&house).await;
    let refused = show(&house, &asked, &held.answer(&asked["options"])).await.expect(403);
    assert_eq!(refused.code(), "access.no_group");
    slapd.member("nurses", "zoe", true);
    slapd.replace_person("zoe");
    let asked = ask(&house).await;
    let refused = show(&house, &asked, &held.answer(&asked["options"])).await.expect(401);
    assert_eq!(refused.code(), "access.wrong_credentials", "somebody else of the same name");
    assert!(refused.cookies().is_empty());
}

#[actix_web::test]
async fn the_second_factor_of_the_provider_counts_only_if_its_proof_says_so() {
    let (house, admin, provider) = with_provider().await;
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "done");
    asks_of(&house, &admin, &["nurse"]).await;
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "second_factor");
    let one = |_: &mut Json, said: &mut Json| said["amr"] = json!(["pwd"]);
    assert_eq!(tried(&house, &provider, one).await, "second_factor");
    // What is only said beside the proof is not signed.
    provider
        .set(|says| says.person = json!({"sub": "person-1", "amr": ["mfa"], "groups": ["nurses"]}));
    let beside = |_: &mut Json, said: &mut Json| {
        said.as_object_mut().unwrap().remove("groups");
    };
    assert_eq!(tried(&house, &provider, beside).await, "second_factor");
    let two = |_: &mut Json, said: &mut Json| said["amr"] = json!(["pwd", "otp", "mfa"]);
    assert_eq!(tried(&house, &provider, two).await, "done");
    assert_eq!(house.count("session WHERE factor = 'openid'"), 1);
    assert_eq!(house.count("session WHERE factor = 'openid_mfa'"), 1);
    assert_eq!(house.count("audit WHERE detail = 'sessions.openid.second_factor'"), 3);
}

#[actix_web::test]
async fn a_provider_that_is_known_to_ask_everybody_need_not_say_so() {
    let (house, admin, provider) = with_provider().await;
    asks_of(&house, &admin, &["nurse"]).await;
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "second_factor");
    let mut known = super::openid::settings(&provider);
    known["settings"]["asks_second_factor"] = json!(true);
    put(&house, &admin, "openid", &known).await.expect(200);
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "done");
}

#[actix_web::test]
async fn people_of_the_provider_set_nothing_up_here_and_are_asked_again_when_the_rule_comes() {
    let (house, admin, provider) = with_provider().await;
    let seat = super::openid::signed_in(&house, &provider).await;
    assert!(seat.contains("hf_workstation=hfp_"), "{seat}");
    let session = house.page_gets(&seat, "sessions/current").await.expect(200).body;
    assert_eq!(session["data"]["user"]["origin"], "openid");
    assert_eq!(session["data"]["factor"], "openid");
    for (path, body) in [
        ("users/current/totp", json!({"current_password": PASSWORD})),
        ("users/current/pin", json!({"current_password": PASSWORD, "pin": PIN})),
        ("users/current/passkeys/options", json!({"current_password": PASSWORD})),
    ] {
        let refused = house.page(&seat, path, &body).await.expect(409);
        assert_eq!(refused.code(), "access.password_elsewhere", "{path}");
    }
    asks_of(&house, &admin, &["nurse"]).await;
    let locked = house.page_gets(&seat, "sessions/current").await.expect(401);
    assert_eq!(locked.code(), "access.locked", "at once");
    let id = session["data"]["user"]["id"].as_str().unwrap();
    let body = json!({"user_id": id, "password": PASSWORD});
    house.page(&seat, "sessions/quick", &body).await.expect(409);
    asks_of(&house, &admin, &[]).await;
    house.page_gets(&seat, "sessions/current").await.expect(200);
}

#[actix_web::test]
async fn a_rule_holds_at_once_in_sessions_that_are_known() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let joy = house.sign_in("joy", PASSWORD).await.expect(201).token();
    house.get(&joy, "hospital").await.expect(200);
    asks_of(&house, &admin, &["nurse"]).await;
    let refused = house.get(&joy, "hospital").await.expect(403);
    assert_eq!(refused.code(), "access.second_factor_required");
    asks_of(&house, &admin, &[]).await;
    house.get(&joy, "hospital").await.expect(200);
}

#[actix_web::test]
async fn programs_have_no_second_factor_and_touch_nobodys() {
    let (house, admin) = open().await;
    let scopes = ["users.write", "users.read", "security.write"];
    let program = &make(&house, &admin, "Program", &scopes).await.token();
    let own = json!({"current_password": PASSWORD});
    for (path, body) in [
        ("users/current/totp", own.clone()),
        ("users/current/totp/confirm", json!({"offer": "x", "code": "000000"})),
        ("users/current/totp/remove", own.clone()),
        ("users/current/recovery-codes", own.clone()),
        ("users/current/passkeys/options", own.clone()),
        ("users/current/passkeys", json!({"ceremony": "x", "name": "x", "credential": {}})),
        ("users/current/passkeys/pky_0000000000001/rename", json!({"name": "x"})),
        ("users/current/passkeys/pky_0000000000001/remove", own.clone()),
        ("users/current/pin", json!({"current_password": PASSWORD, "pin": PIN})),
        ("sessions/current/lock", json!({})),
        ("sessions/current/activity", json!({})),
    ] {
        let request = TestRequest::post().uri(&format!("/api/v1/{path}")).set_json(&body);
        let request = request.insert_header(("host", "healthflow.example"));
        let refused: Reply = house.ask(super::signed(request, program)).await;
        assert_eq!(refused.expect(403).code(), "access.person_only", "{path}");
    }
    house.delete(program, "users/current/pin").await.expect(403);
    house.get(program, "users/current/security").await.expect(403);
    let rules = json!({"second_factor_roles": []});
    let refused = house.patch(program, "hospital/sign-in", &rules).await.expect(403);
    assert_eq!(refused.code(), "access.person_only");
}

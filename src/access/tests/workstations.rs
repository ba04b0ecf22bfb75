//! A workstation that several people use: locking, coming back, and what a guesser gets.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::{House, PASSWORD, Reply, account, of_page, open, signed};
use crate::store::{Class, Tx};

const PIN: &str = "271828";

/// Signs in at a page whose browser has `cookies`; the cookies it has then.
async fn sit_down(house: &House, username: &str, cookies: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    house.page(cookies, "sessions", &body).await.expect(201).cookies()
}

/// A nurse with a PIN: her id.
async fn nurse(house: &House, admin: &str, name: &str) -> String {
    let id = house.post(admin, "users", &account(name, "nurse")).await.expect(201).id();
    let token = house.sign_in(name, PASSWORD).await.expect(201).token();
    let body = json!({"current_password": PASSWORD, "pin": PIN});
    house.post(&token, "users/current/pin", &body).await.expect(204);
    id
}

pub(super) async fn lock(house: &House, cookies: &str) {
    house.page(cookies, "sessions/current/lock", &json!({})).await.expect(204);
}

pub(super) async fn quick(house: &House, cookies: &str, user: &str, pin: &str) -> Reply {
    house.page(cookies, "sessions/quick", &json!({"user_id": user, "pin": pin})).await
}

pub(super) async fn people(house: &House, cookies: &str) -> Vec<Json> {
    let reply = house.page_gets(cookies, "workstations/current").await.expect(200);
    reply.body["data"]["people"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_locked_session_is_refused_everywhere_until_its_person_is_back() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let seat = sit_down(&house, "joy", "").await;
    house.page_gets(&seat, "hospital").await.expect(200);
    lock(&house, &seat).await;
    for path in ["hospital", "hospital/sign-in", "sessions", "sessions/current", "users"] {
        assert_eq!(
            house.page_gets(&seat, path).await.expect(401).code(),
            "access.locked",
            "{path}"
        );
    }
    let current = json!({"current_password": PASSWORD});
    for (path, body) in [
        (
            "users/current/password",
            json!({"current_password": PASSWORD, "password": "nine loud red kites"}),
        ),
        ("users/current/totp", current.clone()),
        ("users/current/totp/confirm", json!({"offer": "hfw_0", "code": "123456"})),
        ("users/current/passkeys/options", current),
        ("users/current/pin", json!({"current_password": PASSWORD, "pin": "271828"})),
        ("sessions/current/activity", json!({})),
        ("users", account("joyce", "nurse")),
    ] {
        let reply = house.page(&seat, path, &body).await.expect(401);
        assert_eq!(reply.code(), "access.locked", "{path}");
    }
    let back = quick(&house, &seat, &joy, PIN).await.expect(201);
    house.page_gets(&back.cookies(), "hospital").await.expect(200);
    house.page_gets(&seat, "hospital").await.expect(401);
    let ended = house.count("session WHERE ended_at IS NOT NULL");
    assert_eq!(ended, 0, "it is the same session under a new secret");
    assert_eq!(house.count("audit WHERE detail IN ('locked', 'unlocked')"), 2);
}

#[actix_web::test]
async fn people_take_turns_at_a_workstation_and_one_is_open_at_a_time() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let efua = nurse(&house, &admin, "efua").await;
    let first = sit_down(&house, "joy", "").await;
    let second = sit_down(&house, "efua", &first).await;
    assert_eq!(house.page_gets(&first, "hospital").await.expect(401).code(), "access.locked");
    let seen = people(&house, &second).await;
    let names: Vec<&str> = seen.iter().map(|one| one["display_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["efua", "joy"]);
    assert_eq!((&seen[0]["current"], &seen[1]["pin"]), (&json!(true), &json!(true)));
    let third = quick(&house, &second, &joy, PIN).await.expect(201).cookies();
    assert_eq!(house.page_gets(&second, "hospital").await.expect(401).code(), "access.locked");
    let session = house.page_gets(&third, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["user"]["username"], "joy");
    quick(&house, &third, &efua, PIN).await.expect(201);
}

#[actix_web::test]
async fn a_name_stays_only_where_its_person_has_signed_in_and_allowed_it() {
    let (house, admin) = open().await;
    nurse(&house, &admin, "joy").await;
    house.post(&admin, "users", &account("shy", "nurse")).await.expect(201);
    let seat = sit_down(&house, "joy", "").await;
    let seat = sit_down(&house, "shy", &seat).await;
    lock(&house, &seat).await;
    assert_eq!(people(&house, &seat).await.len(), 2, "the one who has locked it, and joy");
    let seat = sit_down(&house, "joy", &seat).await;
    let seen = people(&house, &seat).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(people(&house, "").await.is_empty());
    let forged = format!("hf_workstation=hfp_{}", "0".repeat(64));
    assert!(people(&house, &forged).await.is_empty());
    let elsewhere = sit_down(&house, "shy", "").await;
    assert_eq!(people(&house, &elsewhere).await.len(), 1);
}

#[actix_web::test]
async fn a_pin_is_worth_nothing_elsewhere_nor_after_the_shift() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let seat = sit_down(&house, "joy", "").await;
    lock(&house, &seat).await;
    let other = sit_down(&house, "admin", "").await;
    for cookies in ["", &other, "hf_workstation=hfp_x"] {
        let reply = quick(&house, cookies, &joy, PIN).await.expect(401);
        assert_eq!(reply.code(), "access.not_here_any_more", "{cookies}");
    }
    // No page of ours: a foreign one cannot send the header.
    let body = json!({"user_id": joy, "pin": PIN});
    let request = TestRequest::post().uri("/api/v1/sessions/quick").set_json(&body);
    let request = request.insert_header(("cookie", seat.as_str()));
    assert_eq!(house.ask(request).await.expect(401).code(), "access.not_here_any_more");
    let longer =
        |tx: &Tx<'_>| tx.execute("UPDATE session SET expires_at = expires_at + 86400000000", &[]);
    house.desk.store().write_blocking(Class::People, longer).unwrap();
    house.clock.set("2026-03-02T00:00:01Z");
    let late = quick(&house, &seat, &joy, PIN).await.expect(401);
    assert_eq!(late.code(), "access.not_here_any_more", "twelve hours are over");
    assert!(people(&house, &seat).await.is_empty());
    house.clock.set("2026-03-01T23:59:59Z");
    quick(&house, &seat, &joy, PIN).await.expect(201);
}

#[actix_web::test]
async fn three_wrong_pins_and_only_the_password_opens() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let seat = sit_down(&house, "joy", "").await;
    lock(&house, &seat).await;
    let said = |reply: Reply| reply.code().to_owned();
    assert_eq!(said(quick(&house, &seat, &joy, "000000").await.expect(401)), "access.wrong_pin");
    assert_eq!(said(quick(&house, &seat, &joy, "").await.expect(401)), "access.wrong_pin");
    let third = quick(&house, &seat, &joy, &"1".repeat(500)).await.expect(401);
    assert_eq!(third.code(), "access.pin_used_up");
    let right = quick(&house, &seat, &joy, PIN).await.expect(401);
    assert_eq!(right.code(), "access.pin_used_up", "the right one does not open any more");
    assert_eq!(people(&house, &seat).await[0]["pin"], false);
    let body = json!({"user_id": joy, "password": "wrong horse battery"});
    let wrong = house.page(&seat, "sessions/quick", &body).await.expect(401);
    assert_eq!(wrong.code(), "access.wrong_credentials");
    let body = json!({"user_id": joy, "password": PASSWORD});
    let back = house.page(&seat, "sessions/quick", &body).await.expect(201).cookies();
    lock(&house, &back).await;
    quick(&house, &back, &joy, PIN).await.expect(201);
}

#[actix_web::test]
async fn of_many_pins_at_once_three_are_looked_at() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let seat = sit_down(&house, "joy", "").await;
    lock(&house, &seat).await;
    let pins: Vec<String> = (0..30).map(|number| format!("90217{number:02}")).collect();
    let tries = pins.iter().map(|pin| quick(&house, &seat, &joy, pin));
    let replies = futures_util::future::join_all(tries).await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 401 | 429)));
    assert_eq!(house.count("session WHERE pin_failures = 3"), 1);
    assert_eq!(house.count("session WHERE 3 < pin_failures"), 0);
}

#[actix_web::test]
async fn a_page_that_nobody_uses_locks_at_the_server_and_a_program_does_not() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let rules = json!({"lock_minutes": 10, "lock_minutes_of_roles": {"nurse": 5}});
    house.patch(&admin, "hospital/sign-in", &rules).await.expect(200);
    let seat = sit_down(&house, "joy", "").await;
    let boss = sit_down(&house, "admin", "").await;
    house.clock.set("2026-03-01T12:07:00Z");
    house.page_gets(&seat, "hospital").await.expect(200);
    settle(&house, "2026-03-01T12:07:00Z").await;
    house.clock.set("2026-03-01T12:14:00Z");
    house.page_gets(&boss, "sessions/current").await.expect(401);
    house.page_gets(&seat, "sessions/current").await.expect(200);
    settle(&house, "2026-03-01T12:14:00Z").await;
    house.clock.set("2026-03-01T12:21:00.000001Z");
    assert_eq!(house.page_gets(&seat, "hospital").await.expect(401).code(), "access.locked");
    house.get(&admin, "hospital").await.expect(200);
    quick(&house, &seat, &joy, PIN).await.expect(201);
}

/// Waits until the use of a session at `when` was noted, which happens beside the answer.
async fn settle(house: &House, when: &str) {
    let at = when.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    for _ in 0..500 {
        if house.count(&format!("session WHERE last_used_at = {at}")) != 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the use at {when} was not noted");
}

#[actix_web::test]
async fn a_program_has_no_workstation_and_is_not_locked() {
    let (house, admin) = open().await;
    let reply = house.post(&admin, "sessions/current/lock", &json!({})).await.expect(409);
    assert_eq!(reply.code(), "access.no_workstation");
    let plain = house.sign_in("admin", PASSWORD).await.expect(201);
    assert!(!plain.cookies().contains("hf_workstation"), "{}", plain.cookies());
}

#[actix_web::test]
async fn whoever_signs_out_or_is_disabled_cannot_come_back() {
    let (house, admin) = open().await;
    let joy = nurse(&house, &admin, "joy").await;
    let seat = sit_down(&house, "joy", "").await;
    lock(&house, &seat).await;
    let away = TestRequest::delete().uri("/api/v1/sessions/current");
    house.ask(of_page(away, &seat)).await.expect(204);
    quick(&house, &seat, &joy, PIN).await.expect(401);
    let seat = sit_down(&house, "joy", &seat).await;
    lock(&house, &seat).await;
    house.patch(&admin, &format!("users/{joy}"), &json!({"active": false})).await.expect(200);
    assert_eq!(
        quick(&house, &seat, &joy, PIN).await.expect(401).code(),
        "access.not_here_any_more"
    );
}

#[actix_web::test]
async fn rules_are_kept_within_their_bounds_and_changed_by_whoever_may() {
    let (house, admin) = open().await;
    let before = house.get(&admin, "hospital/sign-in").await.expect(200);
    assert_eq!(before.body["data"]["lock_minutes"], 15);
    for (field, wrong) in [
        ("lock_minutes", json!(0)),
        ("lock_minutes", json!(61)),
        ("lock_minutes_of_roles", json!({"nurse": 0})),
        ("lock_minutes_of_roles", json!({"a role": 5})),
        ("second_factor_roles", json!(["x".repeat(65)])),
        ("second_factor_roles", json!([""])),
        ("second_factor_roles", json!(["nurze"])),
        ("lock_minutes_of_roles", json!({"nurze": 5})),
    ] {
        let reply = house.patch(&admin, "hospital/sign-in", &json!({field: wrong})).await;
        assert_eq!(reply.expect(422).fields(), [field]);
    }
    house.patch(&admin, "hospital/sign-in", &json!({"lock_minutes": 60})).await.expect(200);
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let joy = house.sign_in("joy", PASSWORD).await.expect(201).token();
    house.get(&joy, "hospital/sign-in").await.expect(403);
    let body = json!({"lock_minutes": 1});
    let change = TestRequest::patch().uri("/api/v1/hospital/sign-in").set_json(&body);
    let change = change.insert_header(("if-match", "\"0\""));
    house.ask(signed(change, &joy)).await.expect(403);
    let now = house.get(&admin, "hospital/sign-in").await.expect(200);
    assert_eq!(now.body["data"]["lock_minutes"], 60);
    let session = house.get(&joy, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["lock_minutes"], 60);
}

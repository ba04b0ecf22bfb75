//! Sessions that people can see and end, and passwords that they change themselves.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::{House, PASSWORD, SECOND, account, open, signed};
use crate::access::error::AccessError;
use crate::access::sessions::{self, Seat, USUAL_SESSIONS};
use crate::access::users;
use crate::platform::ledger::Work;
use crate::store::ReadTx;
use crate::vocab::actor::{Actor, Call};

const NEW: &str = "another long password";

async fn listed(house: &House, token: &str, query: &str) -> Vec<Json> {
    let reply = house.get(token, &format!("sessions{query}")).await.expect(200);
    reply.body["data"].as_array().unwrap().clone()
}

/// A nurse with `count` sessions: the id of the account and the secrets.
async fn nurse(house: &House, admin: &str, count: usize) -> (String, Vec<String>) {
    let id = house.post(admin, "users", &account("nurse.joy", "nurse")).await.expect(201).id();
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(house.sign_in("nurse.joy", PASSWORD).await.expect(201).token());
    }
    (id, tokens)
}

#[actix_web::test]
async fn people_see_their_own_sessions_and_which_one_they_are_in() {
    let (house, admin) = open().await;
    let (id, tokens) = nurse(&house, &admin, 2).await;
    let lines = listed(&house, &tokens[0], "").await;
    assert_eq!(lines.len(), 2);
    let current: Vec<&Json> = lines.iter().filter(|line| line["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["user_id"], json!(id));
    assert_eq!(current[0]["created_at"], "2026-03-01T12:00:00Z");
    assert_eq!(current[0]["expires_at"], "2026-03-01T13:00:00Z");
    assert!(!lines.iter().any(|line| line.to_string().contains("hfs_")), "{lines:?}");
    let own = listed(&house, &tokens[1], &format!("?user_id={id}")).await;
    assert_eq!(own.len(), 2);
}

#[actix_web::test]
async fn a_session_says_where_it_was_opened() {
    let (house, _) = open().await;
    let body = json!({"username": "admin", "password": PASSWORD});
    let request = TestRequest::post().uri("/api/v1/sessions").set_json(&body);
    let long = format!("Browser/1 {}", "x".repeat(2_000));
    let request =
        request.insert_header(("user-agent", long)).peer_addr("10.0.0.9:4711".parse().unwrap());
    let token = house.ask(request).await.expect(201).token();
    let lines = listed(&house, &token, "").await;
    let own = lines.iter().find(|line| line["current"] == true).unwrap();
    assert_eq!(own["address"], "10.0.0.9");
    let agent = own["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("Browser/1") && agent.len() <= 300, "{agent}");
}

#[actix_web::test]
async fn sessions_of_others_are_seen_and_ended_only_by_whoever_may() {
    let (house, admin) = open().await;
    let (id, tokens) = nurse(&house, &admin, 2).await;
    let of_admin = listed(&house, &admin, "").await[0].clone();
    let (admin_session, admin_id) = (&of_admin["id"], &of_admin["user_id"]);
    let path = format!("sessions/{}", admin_session.as_str().unwrap());
    house.delete(&tokens[0], &path).await.expect(403);
    let unknown = "sessions/ses_0000000000001";
    house.delete(&tokens[0], unknown).await.expect(403);
    house.delete(&admin, unknown).await.expect(404);
    let query = format!("sessions?user_id={}", admin_id.as_str().unwrap());
    house.get(&tokens[0], &query).await.expect(403);
    house.delete(&tokens[0], &query).await.expect(403);
    house.get(&admin, "sessions/current").await.expect(200);

    assert_eq!(listed(&house, &admin, &format!("?user_id={id}")).await.len(), 2);
    let ended = house.delete(&admin, &format!("sessions?user_id={id}")).await.expect(200);
    assert_eq!(ended.body["data"]["ended"], 2);
    for token in &tokens {
        house.get(token, "sessions/current").await.expect(401);
    }
}

#[actix_web::test]
async fn one_session_or_all_others_end_and_the_present_one_stays() {
    let (house, admin) = open().await;
    let (id, tokens) = nurse(&house, &admin, 4).await;
    let lines = listed(&house, &tokens[0], "").await;
    let other = lines.iter().find(|line| line["current"] == false).unwrap();
    let path = format!("sessions/{}", other["id"].as_str().unwrap());
    house.delete(&tokens[0], &path).await.expect(204);
    house.delete(&tokens[0], &path).await.expect(403);
    assert_eq!(listed(&house, &tokens[0], "").await.len(), 3);
    house.delete(&tokens[0], "sessions").await.expect(400);
    house.delete(&tokens[0], "sessions?user_id=x").await.expect(400);
    house.delete(&tokens[0], "sessions?everybody=1").await.expect(400);
    let ended = house.delete(&tokens[0], &format!("sessions?user_id={id}")).await.expect(200);
    assert_eq!(ended.body["data"]["ended"], 2);
    assert_eq!(listed(&house, &tokens[0], "").await.len(), 1);
    for token in &tokens[1..] {
        house.get(token, "sessions/current").await.expect(401);
    }
    house.get(&tokens[0], "sessions/current").await.expect(200);
    let ends = house.count("audit WHERE detail = 'signed_out'");
    assert_eq!(ends, 3, "every ended session has its audit row");
}

#[actix_web::test]
async fn the_last_use_is_noted_at_most_every_five_minutes() {
    let (house, admin) = open().await;
    for (now, noted) in [
        ("2026-03-01T12:03:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:05:00Z", "2026-03-01T12:05:00Z"),
        ("2026-03-01T12:09:00Z", "2026-03-01T12:05:00Z"),
    ] {
        house.clock.set(now);
        house.get(&admin, "sessions/current").await.expect(200);
        let begun = Instant::now();
        loop {
            let lines = listed(&house, &admin, "").await;
            if lines[0]["last_used_at"] == noted {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{now}: {lines:?}");
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[actix_web::test]
async fn whoever_knows_the_present_password_changes_it_and_other_sessions_end() {
    let (house, admin) = open().await;
    let (_, tokens) = nurse(&house, &admin, 2).await;
    let path = "users/current/password";
    for (body, field) in [
        (json!({"current_password": "not this one", "password": NEW}), "current_password"),
        (json!({"current_password": PASSWORD, "password": "short"}), "password"),
        (json!({"current_password": PASSWORD, "password": PASSWORD}), "password"),
        (json!({"current_password": "x".repeat(3_000), "password": NEW}), "current_password"),
    ] {
        let reply = house.post(&tokens[0], path, &body).await.expect(422);
        assert_eq!(reply.fields(), [field], "{}", reply.body);
    }
    house.get(&tokens[1], "sessions/current").await.expect(200);
    let body = json!({"current_password": PASSWORD, "password": NEW});
    house.post(&tokens[0], path, &body).await.expect(204);
    house.get(&tokens[0], "sessions/current").await.expect(200);
    house.get(&tokens[1], "sessions/current").await.expect(401);
    house.sign_in("nurse.joy", PASSWORD).await.expect(401);
    house.sign_in("nurse.joy", NEW).await.expect(201);
    house.post("", path, &body).await.expect(401);
    assert_eq!(house.count("audit WHERE detail = 'password_changed'"), 1);
}

#[actix_web::test]
async fn the_command_line_has_no_sessions_and_no_password_of_its_own() {
    let (house, _) = open().await;
    house.get("control", "sessions").await.expect(403);
    let body = json!({"current_password": PASSWORD, "password": NEW});
    house.post("control", "users/current/password", &body).await.expect(403);
    let away = signed(TestRequest::delete().uri("/api/v1/sessions"), "control");
    house.ask(away).await.expect(400);
}

#[actix_web::test]
async fn a_place_is_usual_until_so_many_sessions_were_opened_elsewhere() {
    let (house, _) = open().await;
    let address = |last: u8| IpAddr::from([10, 0, 0, last]);
    let read = |tx: &ReadTx<'_>| users::find_by_name(tx, "admin");
    let user = house.desk.store().read(SECOND, read).unwrap().unwrap().id;
    let is_usual = |place: IpAddr| {
        let read = |tx: &ReadTx<'_>| sessions::is_usual(tx, user, place);
        house.desk.store().read(SECOND, read).unwrap()
    };
    let open_at = async |last: u8, count: i64| {
        let call = Call::new(Actor::machine("test", Vec::new()), "test");
        let seat = Seat { address: Some(address(last).to_string()), ..Seat::default() };
        let job = move |work: &Work<'_>| {
            for _ in 0..count {
                sessions::open(work, user, &sessions::new_token()?, i64::MAX, &seat)?;
            }
            Ok::<_, AccessError>(())
        };
        house.desk.write(&call, "test", job).await.unwrap();
    };
    assert!(!is_usual(address(9)));
    open_at(9, 1).await;
    open_at(1, USUAL_SESSIONS - 1).await;
    assert!(is_usual(address(9)) && is_usual(address(1)));
    open_at(1, 1).await;
    assert!(!is_usual(address(9)) && is_usual(address(1)), "that was too long ago");
}

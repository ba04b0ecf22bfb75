//! Those at the door who guess, and those who only want to come in meanwhile.

use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::json;

use super::{House, PASSWORD, Reply, SECOND, account, open};
use crate::store::StoreError;

async fn sign_in_from(house: &House, last: u8, name: &str, password: &str) -> Reply {
    let body = json!({"username": name, "password": password});
    let peer = std::net::SocketAddr::from(([127, 0, 0, last], 4_711));
    let request = TestRequest::post().uri("/api/v1/sessions").set_json(&body);
    house.ask(request.peer_addr(peer)).await
}

fn with_status(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[actix_web::test]
async fn of_a_hundred_guesses_at_once_five_are_looked_at() {
    let (house, _) = open().await;
    let guesses = (0..100).map(|_| sign_in_from(&house, 1, "admin", "wrong horse battery"));
    let replies = join_all(guesses).await;
    assert_eq!((with_status(&replies, 401), with_status(&replies, 429)), (5, 95));
    sign_in_from(&house, 2, "admin", PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn addresses_that_flood_the_door_shut_out_nobody_else() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("nurse.joy", "nurse")).await.expect(201);
    let guesses = (0..186).map(|number: u8| {
        let house = &house;
        async move { sign_in_from(house, 1 + number % 3, &format!("nob{number}"), "guess").await }
    });
    let (replies, right) =
        futures_util::join!(join_all(guesses), sign_in_from(&house, 9, "nurse.joy", PASSWORD));
    right.expect(201);
    assert_eq!(with_status(&replies, 401), 90, "thirty from each address");
    assert_eq!(with_status(&replies, 429), 96);
    let waits = sign_in_from(&house, 1, "nurse.joy", PASSWORD).await.expect(429);
    assert_eq!(waits.code(), "access.slowed");
    // At a place where the person has signed in before, nobody else's guesses count.
    sign_in_from(&house, 9, "nurse.joy", PASSWORD).await.expect(201);
    join_all((0..40).map(|_| sign_in_from(&house, 9, "nobody", "guess"))).await;
    sign_in_from(&house, 9, "nurse.joy", PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn the_audit_has_the_name_of_the_account_and_not_what_was_typed() {
    let (house, _) = open().await;
    let padded = format!("{}ADMIN{}", " ".repeat(900), " ".repeat(900));
    sign_in_from(&house, 1, &padded, PASSWORD).await.expect(201);
    let sql = "SELECT actor_name FROM audit WHERE act = 'sessions.create'";
    let names = house.desk.store().read(SECOND, |tx| tx.all(sql, &[], |row| row.get::<String>(0)));
    assert_eq!(names.map_err(|cause: StoreError| cause).unwrap(), ["A. Admin"]);
    let long = sign_in_from(&house, 1, &"a".repeat(65), PASSWORD).await.expect(422);
    assert_eq!(long.fields(), ["username"]);
    sign_in_from(&house, 1, &"a".repeat(64), PASSWORD).await.expect(401);
}

#[actix_web::test]
async fn a_letter_that_only_looks_like_one_is_another_name() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("kim", "nurse")).await.expect(201);
    sign_in_from(&house, 1, "\u{212a}im", PASSWORD).await.expect(401);
    sign_in_from(&house, 1, "KIM", PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn who_is_not_signed_in_learns_no_version() {
    let (house, _) = open().await;
    let told = house.get("", "setup").await.expect(200).body;
    let names: Vec<&String> = told["data"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["accounts", "needed"], "{told}");
}

#[actix_web::test]
async fn whoever_guesses_waits_and_is_told_the_same_whether_or_not_there_is_such_an_account() {
    let (house, _) = open().await;
    let mut told = Vec::new();
    for name in ["admin", "nobody"] {
        for _ in 0..5 {
            house.sign_in(name, "wrong horse battery").await.expect(401);
        }
        let slowed = house.sign_in(name, PASSWORD).await.expect(429);
        assert_eq!(slowed.code(), "access.slowed");
        assert_eq!(slowed.header("retry-after"), "1");
        house.sign_in(name, PASSWORD).await.expect(429);
        told.push(slowed.body["detail"].clone());
    }
    assert_eq!(told[0], told[1]);
    house.clock.set("2026-03-01T12:00:01Z");
    house.sign_in("admin", PASSWORD).await.expect(201);
    house.sign_in("admin", PASSWORD).await.expect(201);
    house.sign_in("nobody", PASSWORD).await.expect(401);
    let sql = "SELECT count(*) FROM audit WHERE act = 'access.refused' AND detail = ?1";
    let rows = |detail: &str| {
        let detail = detail.to_owned();
        house
            .desk
            .store()
            .read(SECOND, move |tx| tx.one(sql, &[detail.into()], |row| row.get::<i64>(0)))
    };
    let until = std::time::Instant::now() + Duration::from_secs(20);
    let seen = || {
        let rows = ["sessions.create", "sessions.slowed"].map(rows);
        rows.map(|rows: Result<i64, StoreError>| rows.unwrap())
    };
    // Rows of refusals ride in a later commit.
    while seen() != [11, 2] && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(seen(), [11, 2], "each wrong password, and each wait once");
}

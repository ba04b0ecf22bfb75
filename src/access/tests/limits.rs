//! How many requests are let in, as people meet it.

use std::net::IpAddr;

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::{House, PASSWORD, Reply, account, open, signed};

fn from(request: TestRequest, address: &str) -> TestRequest {
    request.peer_addr((address.parse::<IpAddr>().unwrap(), 4_711).into())
}

async fn get(house: &House, token: &str, address: &str) -> Reply {
    house.ask(signed(from(TestRequest::get().uri("/api/v1/setup"), address), token)).await
}

async fn read(house: &House, token: &str, address: &str) -> Reply {
    house.ask(signed(from(TestRequest::get().uri("/api/v1/hospital"), address), token)).await
}

async fn set(house: &House, admin: &str, limits: Json) {
    let version = house.get(admin, "limits").await.expect(200).body["data"]["version"].clone();
    let request = TestRequest::patch().uri("/api/v1/limits").set_json(&limits);
    let request = request.insert_header(("if-match", format!("\"{version}\"")));
    house.ask(signed(request, admin)).await.expect(200);
}

fn few(burst: u32) -> Json {
    json!({"burst": burst, "per_minute": 1})
}

#[actix_web::test]
async fn too_many_requests_of_an_address_are_refused_and_others_go_on() {
    let (house, admin) = open().await;
    set(&house, &admin, json!({"anonymous-read": few(3)})).await;
    for left in ["2", "1", "0"] {
        let reply = get(&house, "", "203.0.113.9").await.expect(200);
        assert_eq!(reply.header("ratelimit-policy"), "\"anonymous-read\";q=3;w=180");
        let told = reply.header("ratelimit");
        assert!(told.starts_with(&format!("\"anonymous-read\";r={left};t=")), "{told}");
    }
    let reply = get(&house, "", "203.0.113.9").await.expect(429);
    assert_eq!(reply.code(), "web.too_many_requests");
    assert_eq!(reply.header("retry-after"), "60");
    assert!(reply.header("ratelimit").starts_with("\"anonymous-read\";r=0;t="));
    get(&house, "", "203.0.113.10").await.expect(200);
    read(&house, &admin, "203.0.113.9").await.expect(200);
    for _ in 0..20 {
        let local = get(&house, "", "127.0.0.1").await.expect(200);
        assert_eq!(local.header("ratelimit"), "", "this machine is not counted");
        get(&house, "", "::1").await.expect(200);
    }
    let other = get(&house, "", "2001:db8::1").await.expect(200);
    assert!(other.header("ratelimit").contains("r=2"));
    let same = get(&house, "", "2001:db8::ffff:1").await.expect(200);
    assert!(same.header("ratelimit").contains("r=1"), "one network of IPv6");
}

#[actix_web::test]
async fn an_account_is_counted_wherever_it_is_and_with_its_tokens() {
    let (house, admin) = open().await;
    house.post(&admin, "users", &account("joy", "administrator")).await.expect(201);
    let own = house.sign_in("joy", PASSWORD).await.expect(201).token();
    let body = json!({"name": "Link", "scopes": ["users.read"], "current_password": PASSWORD});
    let token = house.post(&own, "tokens", &body).await.expect(201).token();
    set(&house, &admin, json!({"account-read": few(4)})).await;
    for (secret, address) in [(&own, "203.0.113.1"), (&own, "203.0.113.2"), (&token, "203.0.113.3")]
    {
        read(&house, secret, address).await.expect(200);
    }
    let last = read(&house, &own, "203.0.113.1").await.expect(200);
    assert_eq!(last.header("ratelimit-policy"), "\"account-read\";q=4;w=240");
    for (secret, address) in [(&own, "203.0.113.4"), (&token, "203.0.113.3")] {
        let reply = read(&house, secret, address).await.expect(429);
        assert!(reply.body["detail"].as_str().unwrap().starts_with("Your account"));
    }
    // Another class has its own bucket.
    let body = json!({"name": "Other", "scopes": ["users.read"], "current_password": PASSWORD});
    house.post(&own, "tokens", &body).await.expect(201);
    let unsigned = get(&house, "", "203.0.113.4").await.expect(200);
    assert!(unsigned.header("ratelimit").starts_with("\"anonymous-read\""));
}

#[actix_web::test]
async fn a_false_token_does_not_buy_the_bucket_of_those_who_are_signed_in() {
    let (house, admin) = open().await;
    set(&house, &admin, json!({"anonymous-read": few(3)})).await;
    let forged = format!("hfs_{}", "0".repeat(64));
    for _ in 0..3 {
        read(&house, &forged, "203.0.113.9").await.expect(401);
    }
    assert_eq!(read(&house, &forged, "203.0.113.9").await.expect(429).code(), TOO_MANY);
    read(&house, "", "203.0.113.9").await.expect(429);
    read(&house, &admin, "203.0.113.9").await.expect(200);
}

const TOO_MANY: &str = "web.too_many_requests";

#[actix_web::test]
async fn a_ward_behind_one_address_works_and_whoever_storms_its_door_waits() {
    let (house, admin) = open().await;
    for _ in 0..1_000 {
        // Dozens of people, of whom each has a bucket: the address has one for all of them.
        let reply = read(&house, "control", "203.0.113.9").await.expect(200);
        assert!(reply.header("ratelimit").starts_with("\"address-read\""));
    }
    set(&house, &admin, json!({"anonymous-sign-in": few(2)})).await;
    let body = json!({"username": "admin", "password": "wrong horse battery"});
    let ask = || from(TestRequest::post().uri("/api/v1/sessions").set_json(&body), "203.0.113.9");
    house.ask(ask()).await.expect(401);
    house.ask(ask()).await.expect(401);
    assert_eq!(house.ask(ask()).await.expect(429).code(), TOO_MANY);
    read(&house, &admin, "203.0.113.9").await.expect(200);
}

#[actix_web::test]
async fn whom_a_trusted_proxy_speaks_for_is_counted_and_who_says_so_otherwise_is_not_believed() {
    let (house, admin) = open().await;
    set(&house, &admin, json!({"anonymous-read": few(2)})).await;
    let via = async |peer: &str, client: &str| {
        let request = from(TestRequest::get().uri("/api/v1/setup"), peer);
        house.ask(request.insert_header(("x-forwarded-for", client.to_owned()))).await
    };
    for client in ["198.51.100.1", "198.51.100.2"] {
        via("10.0.0.5", client).await.expect(200);
        via("10.0.0.5", &format!("1.2.3.4, {client}")).await.expect(200);
        via("10.0.0.5", &format!("4.3.2.1, {client}")).await.expect(429);
    }
    for forged in ["198.51.100.7", "198.51.100.8"] {
        via("10.0.0.6", forged).await.expect(200);
    }
    via("10.0.0.6", "198.51.100.9").await.expect(429);
    for _ in 0..5 {
        // A proxy that forgot its header is everybody's address.
        get(&house, "", "10.0.0.5").await.expect(200);
        // So is one on this machine that nobody has named; accounts are counted all the same.
        via("127.0.0.1", "198.51.100.9").await.expect(200);
    }
    assert_eq!(house.proxies.ignored(), 3 + 5);
    let request = from(TestRequest::get().uri("/api/v1/hospital"), "127.0.0.1");
    let request = request.insert_header(("x-forwarded-for", "198.51.100.9"));
    let reply = house.ask(signed(request, &admin)).await.expect(200);
    assert!(reply.header("ratelimit").starts_with("\"account-read\""));
}

#[actix_web::test]
async fn a_session_and_its_audit_know_who_stands_behind_the_proxy() {
    let (house, _) = open().await;
    let body = json!({"username": "admin", "password": PASSWORD});
    let request = from(TestRequest::post().uri("/api/v1/sessions").set_json(&body), "10.0.0.5");
    let request = request.insert_header(("x-forwarded-for", "6.6.6.6, 198.51.100.1"));
    let token = house.ask(request).await.expect(201).token();
    let lines = house.get(&token, "sessions").await.expect(200).body;
    let own = lines["data"].as_array().unwrap().iter().find(|line| line["current"] == true);
    assert_eq!(own.unwrap()["address"], "198.51.100.1");
}

#[actix_web::test]
async fn limits_are_seen_changed_over_their_version_and_kept() {
    let (house, admin) = open().await;
    let before = house.get(&admin, "limits").await.expect(200).body["data"].clone();
    assert_eq!((&before["version"], &before["enforced"]), (&json!(0), &json!(true)));
    assert_eq!(before["limits"].as_object().unwrap().len(), 12);
    let read = &before["limits"]["account-read"];
    assert_eq!(read, &json!({"burst": 500, "per_minute": 3_000, "default": read["default"]}));
    for (field, wrong) in [
        ("account-rest", few(1)),
        ("account-read.burst", json!({"burst": 0, "per_minute": 1})),
        ("account-read.per_minute", json!({"burst": 1, "per_minute": 0})),
        ("account-read.per_minute", json!({"burst": 1, "per_minute": 6_000_001})),
    ] {
        let policy = field.split('.').next().unwrap();
        let request = TestRequest::patch().uri("/api/v1/limits").set_json(json!({policy: wrong}));
        let request = signed(request.insert_header(("if-match", "\"0\"")), &admin);
        assert_eq!(house.ask(request).await.expect(422).fields(), [field]);
    }
    set(&house, &admin, json!({"account-read": few(700), "account-bulk": few(9)})).await;
    set(&house, &admin, json!({"account-bulk": null})).await;
    let after = house.get(&admin, "limits").await.expect(200).body["data"].clone();
    assert_eq!(after["limits"]["account-read"]["burst"], 700);
    assert_eq!(after["limits"]["account-bulk"], before["limits"]["account-bulk"]);
    let stale = TestRequest::patch().uri("/api/v1/limits").set_json(json!({}));
    let stale = stale.insert_header(("if-match", "\"0\""));
    house.ask(signed(stale, &admin)).await.expect(412);
    house.post(&admin, "users", &account("joy", "nurse")).await.expect(201);
    let nurse = house.sign_in("joy", PASSWORD).await.expect(201).token();
    house.get(&nurse, "limits").await.expect(403);
    // A server that starts anew goes by what is kept.
    let again = crate::web::limits::Limiter::new(true);
    let load = |tx: &crate::store::ReadTx<'_>| crate::access::limits::load(tx, &again);
    house.desk.store().read(super::SECOND, load).unwrap();
    let burst = |policy: &str| {
        let all = &crate::web::limits::LIMITS;
        let place = all.iter().position(|limit| limit.policy == policy).unwrap();
        again.quota(place).burst
    };
    assert_eq!((burst("account-read"), burst("account-bulk")), (700, 1_000));
}

//! Signing in with a real directory, and what happens when it is not what it should be.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::slapd::{PASSWORD as THEIRS, READER, READER_PASSWORD, Slapd, authority, free_port};
use super::{House, PASSWORD, Reply, account, open, signed};
use crate::access::directory::watch::{self, Round};
use crate::access::error::AccessError;

pub(super) async fn put(house: &House, token: &str, path: &str, body: &Json) -> Reply {
    let now = house.get(token, path).await.body["data"]["version"].clone();
    let request = TestRequest::put().uri(&format!("/api/v1/{path}")).set_json(body);
    house.ask(signed(request.insert_header(("if-match", format!("\"{now}\""))), token)).await
}

fn rule(group: &str, role: &str) -> Json {
    json!({"group": group, "role": role})
}

/// Settings for a directory at `servers` that shows a certificate of `ca`.
fn settings(servers: &[String], ca: &str) -> Json {
    json!({"bind_password": READER_PASSWORD, "settings": {
        "enabled": true, "flavor": "ldap", "servers": servers, "ca_pem": ca,
        "bind_dn": READER, "base": "ou=people,dc=hospital,dc=example",
        "group_base": "ou=groups,dc=hospital,dc=example", "nested_groups": true,
        "mapping": [rule("it", "administrator"),
            rule("CN=Ward Staff,OU=groups,DC=hospital,DC=example", "nurse")],
    }})
}

fn ldaps(slapd: &Slapd) -> Vec<String> {
    vec![format!("ldaps://localhost:{}", slapd.tls_port)]
}

/// A hospital that signs in with a directory, its local administrator's session, and the
/// directory.
pub(super) async fn with_directory() -> (House, String, Slapd) {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    put(&house, &admin, "directory", &settings(&ldaps(&slapd), &slapd.ca)).await.expect(200);
    (house, admin, slapd)
}

/// One round of the watch, on a thread of its own as it is run.
fn look(house: &House) -> Result<Round, AccessError> {
    let (desk, link) = (house.desk.clone(), house.access.directory.clone());
    std::thread::spawn(move || watch::look(&desk, &link, 0)).join().unwrap()
}

async fn user(house: &House, admin: &str, username: &str) -> Json {
    let users = house.get(admin, "users").await.expect(200).body;
    let mut all = users["data"].as_array().unwrap().iter();
    all.find(|user| user["username"] == username).cloned().unwrap_or(Json::Null)
}

#[actix_web::test]
async fn people_of_the_directory_come_in_with_the_role_of_their_groups() {
    let (house, admin, slapd) = with_directory().await;
    let kofi = house.sign_in("KOFI", THEIRS).await.expect(201);
    let session = house.get(&kofi.token(), "sessions/current").await.expect(200).body;
    assert_eq!(session["data"]["user"]["role"], "nurse", "by a group in a group");
    assert_eq!(session["data"]["user"]["display_name"], "Kofi Boateng");
    let known = user(&house, &admin, "kofi").await;
    assert_eq!(known["origin"], "directory");
    assert!(!known.to_string().contains("external"), "{known}");

    slapd.change_person("kofi", "replace: displayName\ndisplayName: Kofi B. Mensah");
    slapd.member("it", "kofi", true);
    let token = house.sign_in("HOSPITAL\\kofi", THEIRS).await.expect(201).token();
    let again = user(&house, &admin, "kofi").await;
    assert_eq!(again["id"], known["id"]);
    assert_eq!(again["display_name"], "Kofi B. Mensah");
    assert_eq!(again["role"], "administrator", "the first rule that fits");
    house.get(&token, "users").await.expect(200);
    slapd.member("it", "kofi", false);
    house.sign_in("kofi", THEIRS).await.expect(201);
    house.get(&token, "users").await.expect(403);
    assert_eq!(house.count("audit WHERE act = 'directory.admit' AND actor_name = 'directory'"), 3);

    let starttls = settings(&[format!("ldap://127.0.0.1:{}", slapd.port)], &slapd.ca);
    put(&house, &admin, "directory", &starttls).await.expect(200);
    house.sign_in("kofi", THEIRS).await.expect(201);
}

#[actix_web::test]
async fn whoever_is_in_no_group_that_counts_is_not_let_in_and_told_so() {
    let (house, admin, slapd) = with_directory().await;
    for name in ["zoe", "eve"] {
        let refused = house.sign_in(name, THEIRS).await.expect(403);
        assert_eq!(refused.code(), "access.no_group", "{}", refused.body);
        assert_eq!(user(&house, &admin, name).await, Json::Null);
    }
    slapd.member("nurses", "zoe", true);
    let token = house.sign_in("zoe", THEIRS).await.expect(201).token();
    slapd.member("nurses", "zoe", false);
    assert_eq!(house.sign_in("zoe", THEIRS).await.expect(403).code(), "access.no_group");
    house.get(&token, "sessions/current").await.expect(200);
    let round = look(&house).unwrap();
    assert_eq!((round.seen, round.ended), (1, 1));
    house.get(&token, "sessions/current").await.expect(401);
    assert_eq!(house.count("audit WHERE detail = 'sessions.no_group' AND outcome = 'refused'"), 3);
}

#[actix_web::test]
async fn nobody_comes_in_by_a_trick_or_a_guess() {
    let (house, admin, _slapd) = with_directory().await;
    for name in ["*)(uid=*", "*", "am*", "ama)(|(uid=*", "ama\u{0}", "(uid=ama)", "\\61ma", "b\\"] {
        let refused = house.sign_in(name, THEIRS).await.expect(401);
        assert_eq!(refused.code(), "access.wrong_credentials", "{name}");
    }
    // An empty password is no password, though a directory says yes to it.
    for password in ["", "wrong", &"x".repeat(3_000)] {
        house.sign_in("ama", password).await.expect(401);
    }
    for typed in ["HOSPITAL\\ama", "ama@hospital.example"] {
        house.sign_in(typed, "wrong").await.expect(401);
    }
    let slowed = house.sign_in("ama", THEIRS).await.expect(429);
    assert_eq!(slowed.code(), "access.slowed", "one person has no more tries under more names");
    assert_ne!(slowed.header("retry-after"), "");
    house.sign_in("admin", PASSWORD).await.expect(201);
    assert_eq!(user(&house, &admin, "ama").await, Json::Null);
    house.clock.set("2026-03-01T12:20:00Z");
    house.sign_in("ama", THEIRS).await.expect(201);
}

#[actix_web::test]
async fn local_accounts_come_in_by_their_local_password_alone() {
    let (house, admin, _slapd) = with_directory().await;
    house.post(&admin, "users", &account("zoe", "nurse")).await.expect(201);
    house.sign_in("zoe", THEIRS).await.expect(401);
    house.sign_in("zoe", PASSWORD).await.expect(201);
    let id = house.post(&admin, "users", &account("ama", "nurse")).await.expect(201).id();
    house.patch(&admin, &format!("users/{id}"), &json!({"active": false})).await.expect(200);
    house.sign_in("ama", THEIRS).await.expect(401);
    // Neither does somebody of the same name elsewhere take an account over.
    let taken = house.sign_in("HOSPITAL\\ama", THEIRS).await.expect(403);
    assert_eq!(taken.code(), "access.name_taken");
    assert_eq!(user(&house, &admin, "ama").await["origin"], "local");
}

#[actix_web::test]
async fn an_account_is_handed_over_but_for_the_last_administrator_with_a_local_password() {
    let (house, admin, slapd) = with_directory().await;
    let own = user(&house, &admin, "admin").await["id"].as_str().unwrap().to_owned();
    let own = format!("users/{own}");
    let kept = house.patch(&admin, &own, &json!({"origin": "directory"})).await.expect(422);
    assert_eq!(kept.fields(), ["origin"]);
    house.sign_in("ama", THEIRS).await.expect(201);
    // An administrator whose password lies elsewhere does not count.
    let kept = house.patch(&admin, &own, &json!({"active": false})).await.expect(422);
    assert_eq!(kept.fields(), ["active"]);

    let id = house.post(&admin, "users", &account("kofi", "reception")).await.expect(201).id();
    let path = format!("users/{id}");
    let made = house.patch(&admin, &path, &json!({"origin": "openid"})).await.expect(422);
    assert_eq!(made.fields(), ["origin"]);
    let before = house.sign_in("kofi", PASSWORD).await.expect(201).token();
    house.patch(&admin, &path, &json!({"origin": "directory"})).await.expect(200);
    house.get(&before, "sessions/current").await.expect(401);
    house.sign_in("kofi", PASSWORD).await.expect(401);
    let session = house.sign_in("kofi", THEIRS).await.expect(201);
    assert_eq!(user(&house, &admin, "kofi").await["id"], id.as_str());
    assert_eq!(user(&house, &admin, "kofi").await["role"], "nurse");
    let reset = json!({"password": "another long password"});
    let reset = house.post(&admin, &format!("{path}/password"), &reset).await.expect(409);
    assert_eq!(reset.code(), "access.password_elsewhere");
    assert!(reset.body["detail"].as_str().unwrap().contains("hospital's directory"));
    let change = json!({"current_password": THEIRS, "password": "another long password"});
    let change = house.post(&session.token(), "users/current/password", &change).await;
    assert_eq!(change.expect(409).code(), "access.password_elsewhere");

    // Somebody else who is called the same is not the same.
    slapd.replace_person("kofi");
    let other = house.sign_in("kofi", THEIRS).await.expect(403);
    assert_eq!(other.code(), "access.name_taken");
    house.patch(&admin, &path, &json!({"origin": "local"})).await.expect(200);
    house.sign_in("kofi", THEIRS).await.expect(401);
    let new = json!({"password": "another long password"});
    house.post(&admin, &format!("{path}/password"), &new).await.expect(204);
    house.sign_in("kofi", "another long password").await.expect(201);
}

#[actix_web::test]
async fn whoever_is_locked_or_gone_there_is_signed_out_here() {
    let (house, admin, mut slapd) = with_directory().await;
    let (kofi, ama) = (
        house.sign_in("kofi", THEIRS).await.expect(201).token(),
        house.sign_in("ama", THEIRS).await.expect(201).token(),
    );
    let look = || look(&house);
    let round = look().unwrap();
    assert_eq!((round.seen, round.ended), (2, 0));
    slapd.change_person("kofi", "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z");
    house.sign_in("kofi", THEIRS).await.expect(401);
    assert_eq!(look().unwrap().ended, 1);
    house.get(&kofi, "sessions/current").await.expect(401);
    house.get(&ama, "sessions/current").await.expect(200);
    slapd.member("nurses", "ama", true);
    slapd.member("nurses", "kofi", false);
    slapd.change("dn: cn=it,ou=groups,dc=hospital,dc=example\nchangetype: delete\n");
    assert_eq!(look().unwrap().ended, 0);
    let now = house.get(&ama, "sessions/current").await.expect(200).body;
    assert_eq!(now["data"]["user"]["role"], "nurse", "the role of today");
    slapd.stop();
    assert!(look().is_err());
    house.get(&ama, "sessions/current").await.expect(200);
    house.get(&admin, "sessions/current").await.expect(200);
}

#[actix_web::test]
async fn a_server_that_is_not_who_it_should_be_hears_no_password() {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    let (stranger, ..) = authority();
    for servers in [ldaps(&slapd), vec![format!("ldap://127.0.0.1:{}", slapd.port)]] {
        let body = settings(&servers, &stranger);
        let tried = house.post(&admin, "directory/test", &body).await.expect(200).body;
        let steps = tried["data"]["steps"].as_array().unwrap();
        let last = steps.last().unwrap();
        assert_eq!((&last["step"], &last["ok"]), (&json!("tls"), &json!(false)), "{last}");
        assert!(last["detail"].as_str().unwrap().contains("not trusted"), "{last}");
        put(&house, &admin, "directory", &body).await.expect(200);
        let silent = house.sign_in("ama", THEIRS).await.expect(503);
        assert_eq!(silent.code(), "access.directory_silent");
    }
    let shown = house.get(&admin, "directory").await.expect(200).body;
    assert!(shown["data"]["trouble"].as_str().unwrap().contains("not trusted"));
}

#[actix_web::test]
async fn a_directory_that_is_down_or_slow_holds_up_nobody_with_a_local_account() {
    let (house, admin) = open().await;
    // Takes connections and says nothing.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (ca, ..) = authority();
    let slow = format!("ldaps://127.0.0.1:{}", silent.local_addr().unwrap().port());
    put(&house, &admin, "directory", &settings(&[slow], &ca)).await.expect(200);
    let begun = Instant::now();
    let slow = futures_util::future::join_all((0..5).map(|_| house.sign_in("ama", THEIRS)));
    let local = async {
        let begun = Instant::now();
        house.sign_in("admin", PASSWORD).await.expect(201);
        begun.elapsed()
    };
    let (refused, waited) = futures_util::join!(slow, local);
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    assert!(begun.elapsed() < Duration::from_secs(16));
    for reply in &refused {
        assert_eq!((reply.status, reply.code()), (503, "access.directory_silent"));
        let said = "The hospital's directory does not answer; sign in with a local account.";
        assert_eq!(reply.body["detail"], said);
    }
    // From then on nobody waits, and none of it counts as a wrong password.
    let begun = Instant::now();
    for _ in 0..6 {
        house.sign_in("ama", THEIRS).await.expect(503);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[actix_web::test]
async fn the_next_server_is_asked_when_one_is_down() {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    let servers = [
        format!("ldaps://127.0.0.1:{}", free_port()),
        "ldaps://no-such-host.invalid".to_owned(),
        ldaps(&slapd).remove(0),
    ];
    put(&house, &admin, "directory", &settings(&servers, &slapd.ca)).await.expect(200);
    house.sign_in("ama", THEIRS).await.expect(201);
    let begun = Instant::now();
    house.sign_in("ama", THEIRS).await.expect(201);
    assert!(begun.elapsed() < Duration::from_secs(2), "the one that answered is asked first");
}

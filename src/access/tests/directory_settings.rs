//! The settings of the directory: who may see and change them, what is never shown, and what a
//! trial says.

use serde_json::{Value as Json, json};

use super::directory::put;
use super::slapd::{READER, READER_PASSWORD, Slapd};
use super::{House, PASSWORD, SECOND, account, open};
use crate::store::StoreError;

fn body(slapd: &Slapd) -> Json {
    json!({"bind_password": READER_PASSWORD, "settings": {
        "enabled": true, "flavor": "ldap", "ca_pem": slapd.ca, "bind_dn": READER,
        "servers": [format!("ldaps://localhost:{}", slapd.tls_port)],
        "base": "ou=people,dc=hospital,dc=example",
        "group_base": "ou=groups,dc=hospital,dc=example", "nested_groups": true,
        "mapping": [{"group": "nurses", "role": "nurse"}],
    }})
}

/// What each step of a trial came to: its name, with a ! if it did not go well.
async fn steps(house: &House, admin: &str, body: &Json) -> (Vec<String>, Json) {
    let tried = house.post(admin, "directory/test", body).await.expect(200).body;
    let steps = tried["data"]["steps"].as_array().unwrap();
    let told = steps.iter().map(|step| {
        let mark = if step["ok"] == true { "" } else { "!" };
        format!("{}{mark}", step["step"].as_str().unwrap())
    });
    (told.collect(), tried["data"].clone())
}

#[actix_web::test]
async fn the_password_is_kept_sealed_and_never_shown() {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    let fresh = house.get(&admin, "directory").await.expect(200).body;
    assert_eq!(fresh["data"]["enabled"], false);
    assert_eq!(fresh["data"]["has_password"], false);
    let kept = put(&house, &admin, "directory", &body(&slapd)).await.expect(200).body;
    assert_eq!(kept["data"]["has_password"], true);
    assert!(!kept.to_string().contains(READER_PASSWORD));
    let rows = house
        .desk
        .store()
        .read(SECOND, |tx| tx.all("SELECT value FROM setting", &[], |row| row.get::<String>(0)));
    let rows = rows.map_err(|cause: StoreError| cause).unwrap();
    assert!(rows.len() > 3 && !rows.iter().any(|row| row.contains(READER_PASSWORD)));

    // Without it the kept one stays, but goes to no server that it was not typed for.
    let mut again = body(&slapd);
    again.as_object_mut().unwrap().remove("bind_password");
    again["settings"]["mapping"][0]["role"] = json!("clinician");
    put(&house, &admin, "directory", &again).await.expect(200);
    for (field, value) in [
        ("servers", json!(["ldaps://mine.example"])),
        ("bind_dn", json!("cn=other,dc=hospital,dc=example")),
        ("ca_pem", Json::Null),
    ] {
        let mut elsewhere = again.clone();
        elsewhere["settings"][field] = value;
        let refused = put(&house, &admin, "directory", &elsewhere).await.expect(422);
        assert_eq!(refused.fields(), ["bind_password"], "{field}");
        let refused = house.post(&admin, "directory/test", &elsewhere).await.expect(422);
        assert_eq!(refused.fields(), ["bind_password"], "{field}");
    }
    for (field, wrong, told) in
        [("bind_password", json!(""), "bind_password"), ("other", json!(1), "other")]
    {
        let mut sent = body(&slapd);
        sent[field] = wrong;
        let refused = put(&house, &admin, "directory", &sent).await.expect(422);
        assert_eq!(refused.fields(), [told]);
    }
    let mut sent = body(&slapd);
    sent["settings"]["mapping"] = json!([
        {"group": "a", "role": "king"},
        {"group": "b", "role": "nurse", "facility_id": "fac_0000000000001"},
    ]);
    let refused = put(&house, &admin, "directory", &sent).await.expect(422);
    assert_eq!(refused.fields(), ["mapping[0].role", "mapping[1].facility_id"]);
    let stale = actix_web::test::TestRequest::put().uri("/api/v1/directory").set_json(body(&slapd));
    let stale = stale.insert_header(("if-match", "\"1\""));
    house.ask(super::signed(stale, &admin)).await.expect(412);
    assert_eq!(house.count("audit WHERE act = 'directory.amend' AND outcome = 'done'"), 2);
}

#[actix_web::test]
async fn only_who_may_change_settings_sees_or_tries_them() {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    for role in ["reception", "nurse", "clinician"] {
        house.post(&admin, "users", &account(role, role)).await.expect(201);
        let token = house.sign_in(role, PASSWORD).await.expect(201).token();
        house.get(&token, "directory").await.expect(403);
        put(&house, &token, "directory", &body(&slapd)).await.expect(403);
        house.post(&token, "directory/test", &body(&slapd)).await.expect(403);
    }
    house.get("", "directory").await.expect(401);
    let ways = house.get("", "sessions/ways").await.expect(200).body;
    assert_eq!(ways, json!({"data": {"directory": false, "openid": null}}));
}

#[actix_web::test]
async fn a_trial_says_step_by_step_what_is_wrong() {
    let (house, admin) = open().await;
    let slapd = Slapd::start();
    let mut sent = body(&slapd);
    sent["username"] = json!("kofi");
    let (told, data) = steps(&house, &admin, &sent).await;
    let all = ["resolve", "connect", "tls", "bind", "base", "base", "person", "groups", "role"];
    assert_eq!((told, &data["works"]), (all.map(str::to_owned).to_vec(), &json!(true)));
    let detail = |at: usize| data["steps"][at]["detail"].as_str().unwrap().to_owned();
    assert!(detail(6).contains("Kofi Boateng, user name kofi"), "{}", detail(6));
    assert!(detail(7).starts_with("2: ") && detail(7).contains("ward staff"), "{}", detail(7));
    assert_eq!(detail(8), "nurse, by nurses");
    for (change, ends) in [
        (json!({"username": "zoe"}), ["person", "groups!", "role!"]),
        (json!({"username": "nobody"}), ["base", "base", "person!"]),
        (json!({"bind_password": "wrong"}), ["connect", "tls", "bind!"]),
    ] {
        let mut sent = sent.clone();
        for (field, value) in change.as_object().unwrap() {
            sent[field] = value.clone();
        }
        let (told, data) = steps(&house, &admin, &sent).await;
        assert!(told.ends_with(&ends.map(str::to_owned)), "{told:?}");
        assert_eq!(data["works"], false);
        assert!(!data.to_string().contains(READER_PASSWORD));
    }
    for (field, value, end) in [
        ("servers", json!(["ldaps://no-such-host.invalid"]), "resolve!"),
        ("servers", json!(["ldaps://127.0.0.1:1"]), "connect!"),
        ("base", json!("ou=nowhere,dc=hospital,dc=example"), "base!"),
        ("user_filter", json!("(|(uid={name})(objectClass=person))"), "person!"),
    ] {
        let mut sent = sent.clone();
        sent["settings"][field] = value;
        let (told, data) = steps(&house, &admin, &sent).await;
        assert_eq!(told.last().map(String::as_str), Some(end), "{data}");
    }
    // TLS is not spoken where StartTLS is expected, and nothing was sent.
    let mut sent = sent.clone();
    sent["settings"]["servers"] = json!([format!("ldap://127.0.0.1:{}", slapd.tls_port)]);
    let (told, _) = steps(&house, &admin, &sent).await;
    assert_eq!(told.last().map(String::as_str), Some("tls!"));
    let kept = house.get(&admin, "directory").await.expect(200).body;
    assert_eq!(kept["data"]["version"], 0, "nothing was stored");
    house.sign_in("kofi", "six quiet blue whales").await.expect(401);
}

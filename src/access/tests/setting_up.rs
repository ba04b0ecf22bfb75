//! The set-up: open until there is an administrator, by a link that is good for once.

use serde_json::json;

use super::{PASSWORD, account, empty};

#[actix_web::test]
async fn the_link_sets_the_hospital_up_once() {
    let house = empty();
    let needed = house.get("", "setup").await.expect(200);
    assert_eq!(needed.body["data"]["needed"], true);
    for (field, wrong) in [
        ("time_zone", json!("Mars/Base")),
        ("hospital_name", json!(" ")),
        ("hospital_name", json!("St. \u{7}Brigid")),
        ("password", json!("short")),
        ("password", json!("admin     ")),
        ("username", json!("two words")),
    ] {
        let mut body = house.set_up_body();
        body[field] = wrong;
        let reply = house.post("", "setup", &body).await.expect(422);
        assert_eq!(reply.fields(), [field], "{}", reply.body);
    }
    let mut foreign = house.set_up_body();
    foreign["token"] = json!("guess");
    assert_eq!(house.post("", "setup", &foreign).await.expect(403).code(), "access.setup_link");
    assert_eq!((house.count("app_user"), house.count("facility")), (0, 0));

    let token = house.post("", "setup", &house.set_up_body()).await.expect(201).token();
    let session = house.get(&token, "sessions/current").await.expect(200);
    assert_eq!(session.body["data"]["user"]["role"], "administrator");
    assert_eq!(session.body["data"]["hospital"]["time_zone"], "Africa/Accra");
    let again = house.post("", "setup", &house.set_up_body()).await.expect(403);
    assert_eq!(again.code(), "access.setup_link", "the link is spent");
    let (link, body) = (house.access.setup.issue().unwrap(), house.set_up_body());
    let mut body = body;
    body["token"] = json!(link);
    assert_eq!(house.post("", "setup", &body).await.expect(409).code(), "access.setup_done");
    assert_eq!((house.count("app_user"), house.count("facility")), (1, 1));
}

#[actix_web::test]
async fn the_set_up_stays_open_until_there_is_an_administrator() {
    let house = empty();
    let nurse = house.post("control", "users", &account("joy", "nurse")).await.expect(201).id();
    let state = house.get("", "setup").await.expect(200);
    let shown = (&state.body["data"]["needed"], &state.body["data"]["accounts"]);
    assert_eq!(shown, (&json!(true), &json!(true)));
    house.sign_in("joy", PASSWORD).await.expect(201);
    // Nobody is the last administrator: whoever is not one can be disabled.
    house.patch("control", &format!("users/{nurse}"), &json!({"active": false})).await.expect(200);
    let token = house.post("", "setup", &house.set_up_body()).await.expect(201).token();
    let hospital = house.get(&token, "hospital").await.expect(200);
    assert_eq!(hospital.body["data"]["name"], "St. Brigid");
    assert_eq!(
        (house.count("app_user"), house.count("facility WHERE name = 'St. Brigid'")),
        (2, 1)
    );
}

#[actix_web::test]
async fn an_administrator_who_is_added_by_command_ends_the_set_up_and_its_link() {
    let house = empty();
    house.post("control", "users", &account("ama", "administrator")).await.expect(201);
    assert_eq!(house.get("", "setup").await.expect(200).body["data"]["needed"], false);
    let late = house.post("", "setup", &house.set_up_body()).await.expect(403);
    assert_eq!(late.code(), "access.setup_link");
    assert!(!house.access.setup_file.exists());
}

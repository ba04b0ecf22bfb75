//! What the hospital changes of itself while it runs.

use serde_json::json;

use super::{PASSWORD, account, open};

#[actix_web::test]
async fn name_and_time_zone_change_for_everybody_at_once() {
    let (house, admin) = open().await;
    let before = house.get(&admin, "hospital").await.expect(200);
    assert_eq!(before.body["data"]["name"], "St. Brigid");
    house.clock.set("2026-03-01T12:30:00Z");
    let change = json!({"name": " St. Anne ", "time_zone": "Africa/Nairobi"});
    let after = house.patch(&admin, "hospital", &change).await.expect(200);
    assert_eq!(after.body["data"]["name"], "St. Anne");
    assert_eq!(after.body["data"]["updated_at"], "2026-03-01T12:30:00Z");
    let session = house.get(&admin, "sessions/current").await.expect(200);
    let shown = json!({"name": "St. Anne", "time_zone": "Africa/Nairobi"});
    assert_eq!(session.body["data"]["hospital"], shown);
    assert_eq!(house.desk.zone().iana_name(), Some("Africa/Nairobi"));
    assert_eq!(house.count("audit WHERE subject_kind = 'hospital'"), 1);
}

#[actix_web::test]
async fn what_is_wrong_is_told_by_field_and_nothing_is_written() {
    let (house, admin) = open().await;
    for (field, wrong) in
        [("name", json!(" ")), ("name", json!("x".repeat(201))), ("time_zone", json!("Mars/Base"))]
    {
        let reply = house.patch(&admin, "hospital", &json!({field: wrong})).await.expect(422);
        assert_eq!(reply.fields(), [field], "{}", reply.body);
    }
    let now = house.get(&admin, "hospital").await.expect(200);
    assert_eq!(now.body["data"]["name"], "St. Brigid");
    assert_eq!(now.body["data"]["time_zone"], "Africa/Accra");
}

#[actix_web::test]
async fn the_numbers_of_the_hospital_hold_within_their_bounds() {
    let (house, admin) = open().await;
    let now = house.get(&admin, "hospital").await.expect(200).body["data"].clone();
    assert_eq!((&now["break_glass_minutes"], &now["days_after_visit"]), (&json!(60), &json!(30)));
    for (field, wrong) in [
        ("break_glass_minutes", 4),
        ("break_glass_minutes", 721),
        ("days_after_visit", -1),
        ("days_after_visit", 366),
    ] {
        let reply = house.patch(&admin, "hospital", &json!({field: wrong})).await.expect(422);
        assert_eq!(reply.fields(), [field]);
    }
    house.clock.set("2026-03-01T12:30:00Z");
    let change = json!({"break_glass_minutes": 15});
    let after = house.patch(&admin, "hospital", &change).await.expect(200).body["data"].clone();
    assert_eq!(
        (&after["break_glass_minutes"], &after["days_after_visit"]),
        (&json!(15), &json!(30))
    );
    assert_eq!(after["name"], now["name"]);
    assert!(now["version"].as_i64() < after["version"].as_i64());
}

#[actix_web::test]
async fn the_second_of_two_who_change_the_hospital_is_told() {
    let (house, admin) = open().await;
    let seen = house.get(&admin, "hospital").await.expect(200).body["data"]["version"].clone();
    house.patch(&admin, "hospital", &json!({"name": "First"})).await.expect(200);
    let request = actix_web::test::TestRequest::patch()
        .uri("/api/v1/hospital")
        .insert_header(("if-match", format!("\"{seen}\"")))
        .set_json(json!({"name": "Second"}));
    house.ask(super::signed(request, &admin)).await.expect(412);
    let now = house.get(&admin, "hospital").await.expect(200);
    assert_eq!(now.body["data"]["name"], "First");
}

#[actix_web::test]
async fn everybody_sees_the_hospital_and_only_administrators_change_it() {
    let (house, admin) = open().await;
    for role in ["reception", "nurse", "clinician"] {
        house.post(&admin, "users", &account(role, role)).await.expect(201);
        let token = house.sign_in(role, PASSWORD).await.expect(201).token();
        house.patch(&token, "hospital", &json!({"name": "Mine"})).await.expect(403);
    }
}

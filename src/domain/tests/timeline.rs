//! One patient's record in time.

use serde_json::{Value as Json, json};

use super::api::House;
use super::world::World;

async fn items(house: &House, path: &str) -> Vec<Json> {
    house.get(path).await.expect(200).data().as_array().unwrap().clone()
}

/// Every kind on a day of its own, one of them without a time.
async fn record(world: &World) {
    let patient = &world.patient;
    for (path, body) in [
        (
            "encounters",
            json!({"class": "emergency", "started_recorded": "2025-01-01", "code_text": "Fall"}),
        ),
        ("conditions", json!({"code_text": "Fracture", "onset_recorded": "2025-01-02"})),
        (
            "allergies",
            json!({
                "code_text": "Latex", "recorded_recorded": "2025-01-03", "reaction_text": "Hives",
            }),
        ),
        (
            "observations",
            json!({
                "code_text": "Blood pressure", "effective_recorded": "2025-01-04T08:00:00+02:00",
                "components": [
                    {"code": "8480-6", "code_text": "Systolic", "value_decimal": "120",
                        "unit": "mm[Hg]"},
                    {"code": "8462-4", "code_text": "Diastolic", "value_decimal": "80.0",
                        "unit": "mm[Hg]"},
                ],
            }),
        ),
        (
            "medication-requests",
            json!({"code_text": "Ibuprofen", "authored_recorded": "2025-01", "dose_text": "1-0-1"}),
        ),
        ("immunizations", json!({"code_text": "Tetanus", "given_recorded": "2025-01-06"})),
        ("procedures", json!({"code_text": "Cast", "encounter_id": world.encounter})),
    ] {
        let mut body = body;
        body["patient_id"] = json!(patient);
        world.house.post(path, &body).await.expect(201);
    }
}

#[actix_web::test]
async fn a_timeline_tells_every_kind_newest_first() {
    let world = World::new().await;
    record(&world).await;
    let path = format!("patients/{}/timeline", world.patient);
    let told = items(&world.house, &path).await;
    let brief: Vec<_> = told
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} | {} | {}",
                text("kind"),
                text("recorded"),
                text("title"),
                text("detail")
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            "immunization 2025-01-06 | Tetanus | -",
            "observation 2025-01-04T08:00:00+02:00 | Blood pressure | 120/80.0 mmHg",
            "allergy 2025-01-03 | Latex | Hives",
            "condition 2025-01-02 | Fracture | -",
            "medication_request 2025-01 | Ibuprofen | 1-0-1",
            "encounter 2025-01-01 | Fall | -",
            "procedure - | Cast | -",
            "condition - | Asthma | -",
            "encounter - | - | -",
        ]
    );
    let classes = |item: &Json| item["class"].as_str().map(str::to_owned);
    let classes: Vec<_> = told.iter().filter_map(classes).collect();
    assert_eq!(classes, ["emergency", "ambulatory"], "visits tell their setting in a word");
    assert_eq!(told[1]["at"], "2025-01-04T06:00:00Z");
    assert_eq!(told[6]["encounter_id"], json!(world.encounter));
    assert_eq!(told[6]["at"], Json::Null);
    let some = items(&world.house, &format!("{path}?kinds=allergy,immunization")).await;
    assert_eq!(some.len(), 2);
}

#[actix_web::test]
async fn a_pressure_that_is_only_bounded_is_not_told_as_a_number() {
    let world = World::new().await;
    let part = |code: &str, comparator: Json, value: &str| {
        json!({"code": code, "code_text": code, "value_comparator": comparator,
            "value_decimal": value, "unit": "mm[Hg]"})
    };
    let parts = json!([part("8480-6", json!("<"), "60"), part("8462-4", Json::Null, "40")]);
    let body = json!({"patient_id": world.patient, "code_text": "Pressure", "components": parts});
    world.house.post("observations", &body).await.expect(201);
    let told = items(&world.house, &format!("patients/{}/timeline", world.patient)).await;
    let detail = told.iter().find(|item| item["title"] == "Pressure").unwrap()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("<60") || detail.as_str().unwrap().contains("< 60"));
}

#[actix_web::test]
async fn what_was_entered_in_error_stays_in_the_timeline_and_says_so() {
    let world = World::new().await;
    let path = format!("conditions/{}/entered-in-error", world.condition);
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let method = actix_web::http::Method::POST;
    world.house.send(method, &path, &headers, br#"{"reason":"Slip"}"#).await.expect(200);
    let path = format!("patients/{}/timeline?kinds=condition", world.patient);
    assert_eq!(items(&world.house, &path).await[0]["status"], "entered_in_error");
}

#[actix_web::test]
async fn pages_of_a_timeline_hold_every_item_once() {
    let world = World::new().await;
    record(&world).await;
    for turn in 0..40 {
        // Many at the same instant, and some without one.
        let time = if turn % 5 == 0 { Json::Null } else { json!("2024-06-01") };
        let (patient, text) = (&world.patient, format!("Finding {turn}"));
        let body = json!({"patient_id": patient, "code_text": text, "onset_recorded": time});
        world.house.post("conditions", &body).await.expect(201);
        let body = json!({
            "patient_id": patient, "code_text": text, "value_decimal": turn.to_string(),
            "effective_recorded": time,
        });
        world.house.post("observations", &body).await.expect(201);
    }
    let base = format!("patients/{}/timeline", world.patient);
    let all = items(&world.house, &format!("{base}?limit=200")).await;
    assert_eq!(all.len(), 89);
    for limit in [1, 7, 50, 89] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{base}?limit={limit}{cursor}");
            let reply = world.house.get(&path).await.expect(200);
            seen.extend(reply.data().as_array().unwrap().clone());
            // What comes in meanwhile is newer than all, and does not move the others.
            let body = json!({
                "patient_id": world.patient, "code_text": "New", "given_recorded": "2026-02-28",
            });
            world.house.post("immunizations", &body).await.expect(201);
            match reply.body["meta"]["cursor"]["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.retain(|item| item["title"] != "New");
        assert_eq!(seen, all, "limit {limit}");
    }
}

#[actix_web::test]
async fn a_timeline_that_is_not_understood_says_what_is() {
    let world = World::new().await;
    record(&world).await;
    let base = format!("patients/{}/timeline", world.patient);
    let reply = world.house.get(&format!("{base}?limit=1")).await.expect(200);
    let cursor = reply.body["meta"]["cursor"]["next"].as_str().unwrap();
    let other = format!("patients/{}/timeline", world.stranger);
    for (path, field) in [
        (format!("{base}?kinds=visit"), "kinds"),
        (format!("{base}?kinds="), "kinds"),
        (format!("{base}?limit=0"), "limit"),
        (format!("{base}?sort=at"), "sort"),
        (format!("{base}?limit=1&limit=1"), "limit"),
        (format!("{base}?cursor=t9"), "cursor"),
        (format!("{base}?cursor=t0é00000000000000deadbeef"), "cursor"),
        (format!("{base}?cursor={cursor}&kinds=encounter"), "cursor"),
        (format!("{other}?cursor={cursor}"), "cursor"),
    ] {
        let reply = world.house.get(&path.replace('é', "%C3%A9")).await.expect(400);
        assert_eq!(reply.fields(), [field], "{path} {:?}", reply.body);
    }
    // One letter changed.
    let forged = format!("{base}?cursor={}", turned(cursor));
    assert_eq!(world.house.get(&forged).await.expect(400).fields(), ["cursor"]);
    let theirs = format!("{base}?cursor={cursor}");
    let reply = world.house.get_as("nurse", &theirs).await.expect(400);
    assert!(reply.body["errors"][0]["message"].as_str().unwrap().contains("somebody else"));
    world.house.get("patients/pat_0000000000001/timeline").await.expect(404);
    world.house.get("patients/enc_0000000000001/timeline").await.expect(404);
    world.house.send(actix_web::http::Method::POST, &base, &[], b"").await.expect(405);
}

/// The same with its first letter changed.
fn turned(cursor: &str) -> String {
    let first = if cursor.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", &cursor[1..])
}

#[actix_web::test]
async fn a_timeline_goes_on_where_it_was_also_when_its_last_entry_moves() {
    let world = World::new().await;
    record(&world).await;
    let base = format!("patients/{}/timeline?limit=3", world.patient);
    let all = items(&world.house, &format!("patients/{}/timeline", world.patient)).await;
    let reply = world.house.get(&base).await.expect(200);
    let next = reply.body["meta"]["cursor"]["next"].as_str().unwrap().to_owned();
    assert_eq!(reply.data()[2]["kind"], "allergy");
    let allergy = reply.data()[2]["id"].as_str().unwrap().to_owned();
    let later = json!({"recorded_recorded": "2026-02-01"});
    world.house.patch(&format!("allergies/{allergy}"), &later).await.expect(200);
    let rest = items(&world.house, &format!("{base}&cursor={next}")).await;
    assert_eq!(rest, all[3..6]);
}

//! Who sees what: reception sees that somebody comes, not why; and every look is written down.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::api::bearer;
use super::world::World;
use crate::domain::ALL;

const SECRETS: [&str; 8] = [
    "code_system",
    "code",
    "code_text",
    "reason_system",
    "reason_code",
    "reason_text",
    "discharge_text",
    "error_reason",
];

async fn visit(world: &World) -> String {
    let body = json!({
        "patient_id": world.patient, "class": "emergency", "started_recorded": "2026-02-01",
        "code_text": "Detox admission", "code": "D1", "reason_text": "Overdose",
    });
    world.house.post("encounters", &body).await.expect(201).id()
}

fn told(body: &Json) -> bool {
    let text = body.to_string();
    ["Detox", "Overdose", "D1"].iter().any(|secret| text.contains(secret))
}

#[actix_web::test]
async fn reception_sees_when_somebody_comes_and_not_why() {
    let world = World::new().await;
    let (house, patient) = (&world.house, &world.patient);
    let id = visit(&world).await;
    house.patch(&format!("encounters/{id}"), &json!({"class": "inpatient"})).await.expect(200);
    for path in [
        format!("encounters/{id}"),
        format!("encounters/{id}/history"),
        format!("encounters?patient_id={patient}"),
        format!("encounters?patient_id={patient}&fields=class,reason_text,code"),
        format!("encounters?patient_id={patient}&include=patient,participants"),
        format!("patients/{patient}/timeline"),
    ] {
        let nurse = house.get_as("nurse", &path).await.expect(200);
        assert!(told(&nurse.body), "{path} {:?}", nurse.body);
        let reception = house.get_as("reception", &path).await.expect(200);
        assert!(!told(&reception.body), "{path} {:?}", reception.body);
    }
    let one = house.get_as("reception", &format!("encounters/{id}")).await.expect(200);
    for secret in SECRETS {
        assert!(one.data().get(secret).is_none(), "{secret}");
    }
    let by_code = format!("encounters?patient_id={patient}&code=D1");
    house.get_as("nurse", &by_code).await.expect(200);
    assert_eq!(house.get_as("reception", &by_code).await.expect(400).fields(), ["code"]);
    let all = house.get_as("reception", &format!("patients/{patient}/timeline")).await.expect(200);
    let kinds = all.data().as_array().unwrap().iter().map(|item| item["kind"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["encounter", "encounter"]);
}

#[actix_web::test]
async fn reception_changes_a_visit_and_its_reason_stays() {
    let world = World::new().await;
    let house = &world.house;
    let id = visit(&world).await;
    let path = format!("encounters/{id}");
    let refused =
        house.patch_as("reception", &path, 1, &json!({"reason_text": "x"})).await.expect(422);
    assert_eq!(refused.fields(), ["reason_text"]);
    let changed = house.patch_as("reception", &path, 1, &json!({"status": "finished"})).await;
    assert!(!told(&changed.expect(200).body));
    let kept = house.get_as("clinician", &path).await.expect(200);
    assert_eq!(kept.data()["reason_text"], "Overdose");
    let body = json!({"patient_id": world.patient, "class": "home"});
    let made = house.post_as("reception", "encounters", &body).await.expect(201);
    assert!(made.data().get("reason_text").is_none());
    let body = json!({"patient_id": world.patient, "class": "home", "code": "x"});
    house.post_as("reception", "encounters", &body).await.expect(422);
}

#[actix_web::test]
async fn that_allergies_were_asked_for_is_clinical() {
    let world = World::new().await;
    let (house, patient) = (&world.house, &world.patient);
    let path = format!("patients/{patient}");
    let version = house.get(&path).await.expect(200).data()["version"].clone();
    let request = TestRequest::post()
        .uri(&format!("/api/v1/{path}/allergies-reviewed"))
        .insert_header(bearer("clinician"))
        .insert_header(("if-match", format!("\"{version}\"")))
        .set_json(json!({"none_known": true}));
    house.ask(request).await.expect(200);
    for path in [path.clone(), format!("{path}/history"), "patients".to_owned()] {
        let seen = |body: &Json| body.to_string().contains("allergies_reviewed");
        assert!(seen(&house.get_as("nurse", &path).await.expect(200).body), "{path}");
        assert!(!seen(&house.get_as("reception", &path).await.expect(200).body), "{path}");
    }
}

#[actix_web::test]
async fn every_route_asks_for_its_permission() {
    let world = World::new().await;
    let (house, patient) = (&world.house, &world.patient);
    for resource in ALL {
        let clinical = resource.read == "records.read";
        let reply = house.get_as("reception", resource.path).await;
        assert_eq!(reply.status, if clinical { 403 } else { 200 }, "{}", resource.path);
        let body = world.least(resource);
        for (role, may) in [
            ("reception", matches!(resource.path, "patients" | "encounters")),
            ("nurse", resource.column("patient_id").is_some() || resource.path == "patients"),
        ] {
            let reply = house.post_as(role, resource.path, &body).await;
            let told = format!("{role} {} {:?}", resource.path, reply.body);
            assert_eq!(reply.status, if may { 201 } else { 403 }, "{told}");
        }
    }
    for path in [
        format!("patients/{patient}/series"),
        format!("patients/{patient}/timeline?kinds=condition"),
        format!("patients/{patient}/timeline?kinds=encounter,allergy"),
    ] {
        house.get_as("nurse", &path).await.expect(200);
        let reply = house.get_as("reception", &path).await.expect(403);
        assert_eq!(reply.code(), "access.not_allowed");
    }
}

#[actix_web::test]
async fn every_look_at_a_patient_is_written_down() {
    let world = World::new().await;
    let (house, patient) = (&world.house, &world.patient);
    let id = visit(&world).await;
    let looks = [
        (format!("encounters/{id}"), "encounters.read"),
        (format!("encounters/{id}/history"), "encounters.history"),
        (format!("encounters?patient_id={patient}"), "encounters.list"),
        (format!("patients/{patient}"), "patients.read"),
        (format!("patients/{patient}/timeline"), "patients.timeline"),
        (format!("patients/{patient}/series"), "patients.series"),
    ];
    for (path, _) in &looks {
        house.get_as("nurse", path).await.expect(200);
    }
    house.get_as("reception", &format!("patients/{patient}/series")).await.expect(403);
    house.desk.close();
    let patient = crate::domain::patients::PATIENT.parse(patient).unwrap();
    let sql = "SELECT act, actor_name, outcome FROM audit WHERE patient_id = ?1 ORDER BY id";
    let rows = house.read(|tx| {
        tx.all(sql, &[patient.into()], |row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?))
        })
    });
    for (_, act) in looks {
        let row = (act.to_owned(), "nurse".to_owned(), "done".to_owned());
        assert!(rows.contains(&row), "{act} {rows:?}");
    }
    let sql = "SELECT count(*) FROM audit WHERE outcome = 'refused' AND actor_name = 'reception'";
    assert_eq!(house.read(|tx| tx.one(sql, &[], |row| row.get::<i64>(0))), 1);
}

//! How measured values went.

use serde_json::{Value as Json, json};

use super::world::World;

async fn measure(world: &World, fields: &Json) {
    let mut body = json!({"patient_id": world.patient, "code_system": "http://loinc.org"});
    super::world::merge(body.as_object_mut().unwrap(), fields);
    world.house.post("observations", &body).await.expect(201);
}

async fn series(world: &World, query: &str) -> Vec<Json> {
    let path = format!("patients/{}/series{query}", world.patient);
    world.house.get(&path).await.expect(200).data().as_array().unwrap().clone()
}

async fn weights(world: &World) {
    for (day, value) in [("2024-01-03", "70.50"), ("2024-01-01", "71"), ("2024-01-02", "70.9")] {
        measure(
            world,
            &json!({
                "code": "29463-7", "code_text": "Weight", "value_decimal": value, "unit": "kg",
                "effective_recorded": day,
            }),
        )
        .await;
    }
}

#[actix_web::test]
async fn a_series_joins_one_code_in_one_unit_oldest_first() {
    let world = World::new().await;
    weights(&world).await;
    for (unit, value, status) in [("lb", "155", "final"), ("kg", "7", "cancelled")] {
        measure(
            &world,
            &json!({
                "code": "29463-7", "code_text": "Weight", "value_decimal": value, "unit": unit,
                "effective_recorded": "2024-02-01", "status": status,
            }),
        )
        .await;
    }
    let told = series(&world, "?code=29463-7").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((&told[0]["unit"], &told[0]["count"]), (&json!("lb"), &json!(1)));
    let kg = &told[1];
    let values: Vec<_> = kg["points"].as_array().unwrap().iter().map(|it| &it["value"]).collect();
    assert_eq!(values, ["71", "70.9", "70.50"]);
    assert_eq!(kg["points"][0], json!({"at": "2024-01-01T00:00:00Z", "value": "71"}));
    assert_eq!(
        kg["last"],
        json!({"at": "2024-01-03T00:00:00Z", "recorded": "2024-01-03", "value": "70.50"})
    );
    assert_eq!((&kg["title"], &kg["count"]), (&json!("Weight"), &json!(3)));
    let fewer = series(&world, "?code=29463-7&points=2").await;
    assert_eq!(fewer[1]["points"].as_array().unwrap().len(), 2);
    assert_eq!((&fewer[1]["count"], &fewer[1]["last"]), (&json!(3), &kg["last"]));
}

#[actix_web::test]
async fn components_are_series_of_their_own() {
    let world = World::new().await;
    weights(&world).await;
    for (day, systolic, diastolic) in [("2024-03-01", "120", "80"), ("2024-03-02", "118", "79")] {
        let part = |code: &str, value: &str| {
            json!({
                "code_system": "http://loinc.org", "code": code, "code_text": code,
                "value_decimal": value, "unit": "mm[Hg]",
            })
        };
        let parts = [part("8480-6", systolic), part("8462-4", diastolic)];
        measure(
            &world,
            &json!({
                "code": "85354-9", "code_text": "Blood pressure", "components": parts,
                "effective_recorded": day,
            }),
        )
        .await;
    }
    let told = series(&world, "?code=8480-6,8462-4").await;
    let last: Vec<_> = told.iter().map(|it| (&it["code"], &it["last"]["value"])).collect();
    assert_eq!(last, [(&json!("8462-4"), &json!("79")), (&json!("8480-6"), &json!("118"))]);
    let all = series(&world, "").await;
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all[2]["code"], "29463-7");
    assert!(series(&world, "?code=85354-9").await.is_empty());
}

#[actix_web::test]
async fn a_series_that_is_not_understood_says_what_is() {
    let world = World::new().await;
    let base = format!("patients/{}/series", world.patient);
    for (query, field) in [
        ("points=0", "points"),
        ("points=1001", "points"),
        ("points=ten", "points"),
        ("code=", "code"),
        ("code=a&code=b", "code"),
        ("limit=5", "limit"),
    ] {
        let reply = world.house.get(&format!("{base}?{query}")).await.expect(400);
        assert_eq!(reply.fields(), [field], "{query} {:?}", reply.body);
    }
    world.house.get("patients/pat_0000000000001/series").await.expect(404);
}

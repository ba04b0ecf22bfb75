//! What rooms demand beyond the shape of single values.

use serde_json::{Value as Json, json};

use super::world::World;
use crate::domain::ALL;
use crate::platform::resource::Resource;

fn called(path: &str) -> &'static Resource {
    ALL.into_iter().find(|resource| resource.path == path).unwrap()
}

#[actix_web::test]
async fn what_contradicts_itself_is_refused_by_its_field() {
    let world = World::new().await;
    let foreign_visit = json!({"encounter_id": world.strange_encounter});
    let foreign_reason = json!({"reason_condition_id": world.strange_condition});
    let far = "2026-03-03T12:00:01Z";
    let cases = [
        ("conditions", foreign_visit.clone(), "encounter_id"),
        ("allergies", foreign_visit.clone(), "encounter_id"),
        ("procedures", foreign_visit.clone(), "encounter_id"),
        ("immunizations", foreign_visit.clone(), "encounter_id"),
        ("observations", foreign_visit.clone(), "encounter_id"),
        ("medication-requests", foreign_visit, "encounter_id"),
        ("procedures", foreign_reason.clone(), "reason_condition_id"),
        ("medication-requests", foreign_reason, "reason_condition_id"),
        (
            "encounters",
            json!({"started_recorded": "2026-02-03", "ended_recorded": "2026-02-01"}),
            "ended_recorded",
        ),
        (
            "conditions",
            json!({"onset_recorded": "2020", "abated_recorded": "2018-11"}),
            "abated_recorded",
        ),
        (
            "procedures",
            json!({"performed_recorded": "2020-02", "performed_end_recorded": "2020-01-01"}),
            "performed_end_recorded",
        ),
        ("encounters", json!({"started_recorded": far, "status": "arrived"}), "started_recorded"),
        ("conditions", json!({"onset_recorded": far}), "onset_recorded"),
        ("allergies", json!({"recorded_recorded": far}), "recorded_recorded"),
        ("procedures", json!({"performed_recorded": far}), "performed_recorded"),
        ("immunizations", json!({"given_recorded": far}), "given_recorded"),
        ("observations", json!({"effective_recorded": far}), "effective_recorded"),
        ("medication-requests", json!({"authored_recorded": far}), "authored_recorded"),
        ("observations", json!({"value_decimal": null}), "value_decimal"),
        ("observations", json!({"value_text": "heavy"}), "value_text"),
        ("observations", json!({"absent_reason": "refused"}), "absent_reason"),
        (
            "observations",
            json!({"value_decimal": null, "value_text": "x", "value_comparator": "<"}),
            "value_comparator",
        ),
        ("observations", json!({"range_low": "9.5", "range_high": "10e-1"}), "range_high"),
        (
            "observations",
            json!({"components": [{"code_text": "a", "value_decimal": "1", "value_code": "b"}]}),
            "components[0].value_text",
        ),
        ("immunizations", json!({"dose_decimal": "-1"}), "dose_decimal"),
        ("medication-requests", json!({"dose_decimal": "-0.5"}), "dose_decimal"),
        ("encounters", json!({"participants": [{"role_text": "Nurse"}]}), "participants[0].name"),
        ("practitioners", json!({"family": null}), "family"),
    ];
    let weight = world.house.weight();
    for (path, changes, field) in cases {
        let body = world.with(called(path), &changes);
        let reply = world.house.post(path, &body).await.expect(422);
        assert_eq!(reply.fields(), [field], "{path} {changes} {:?}", reply.body);
    }
    assert_eq!(world.house.weight(), weight);
}

#[actix_web::test]
async fn what_is_unusual_but_true_is_taken() {
    let world = World::new().await;
    let cases = [
        ("encounters", json!({"started_recorded": "2027-01-01", "status": "planned"})),
        ("encounters", json!({"started_recorded": "2027-01-01", "status": "cancelled"})),
        // Tomorrow, where clocks and zones differ.
        ("observations", json!({"effective_recorded": "2026-03-02T11:59:00Z"})),
        ("observations", json!({"effective_recorded": "2026-03-02"})),
        // A day without its hour may end at any hour.
        (
            "encounters",
            json!({"started_recorded": "2026-02-03T10:00:00Z", "ended_recorded": "2026-02-03"}),
        ),
        ("conditions", json!({"onset_recorded": "2020-05", "abated_recorded": "2020"})),
        ("procedures", json!({"performed_recorded": "2026-05", "status": "preparation"})),
        ("observations", json!({"value_decimal": null, "absent_reason": "not-performed"})),
        ("observations", json!({"value_decimal": null, "status": "registered"})),
        ("observations", json!({"value_decimal": null, "components": [{"code_text": "Pain"}]})),
        ("observations", json!({"value_comparator": "<", "value_decimal": "0.050"})),
        ("practitioners", json!({"family": null, "given": "Sukarno"})),
    ];
    for (path, changes) in cases {
        let body = world.with(called(path), &changes);
        world.house.post(path, &body).await.expect(201);
    }
}

#[actix_web::test]
async fn what_nobody_says_has_its_natural_value() {
    let world = World::new().await;
    let now = json!("2026-03-01T12:00:00Z");
    let cases: [(&str, Json); 9] = [
        ("encounters", json!({"status": "planned"})),
        ("conditions", json!({"status": "active", "verification": "confirmed"})),
        (
            "allergies",
            json!({"status": "active", "verification": "unconfirmed", "recorded_at": now}),
        ),
        ("procedures", json!({"status": "completed"})),
        ("immunizations", json!({"status": "completed", "primary_source": null})),
        ("observations", json!({"status": "final", "effective_at": null})),
        (
            "medication-requests",
            json!({
                "status": "active", "intent": "order", "as_needed": false, "authored_recorded": now,
            }),
        ),
        ("practitioners", json!({"sex": "unknown", "given": "", "active": true})),
        ("facilities", json!({"active": true, "version": 1})),
    ];
    for (path, natural) in cases {
        let reply = world.house.post(path, &world.least(called(path))).await.expect(201);
        for (name, value) in natural.as_object().unwrap() {
            assert_eq!(&reply.data()[name], value, "{path} {name}");
        }
    }
    let unknown = json!({"recorded_recorded": null});
    let body = world.with(called("allergies"), &unknown);
    let reply = world.house.post("allergies", &body).await.expect(201);
    assert_eq!(
        (&reply.data()["recorded_recorded"], &reply.data()["recorded_at"]),
        (&Json::Null, &Json::Null)
    );
    let over = json!({"abated_recorded": "2020"});
    let body = world.with(called("conditions"), &over);
    let reply = world.house.post("conditions", &body).await.expect(201);
    assert_eq!(reply.data()["status"], "resolved");
}

#[actix_web::test]
async fn a_day_without_a_time_begins_where_the_hospital_stands() {
    let world = World::new().await;
    for (zone, at) in
        [("Africa/Nairobi", "2026-02-28T21:00:00Z"), ("America/New_York", "2026-03-01T05:00:00Z")]
    {
        world.house.desk.set_zone(jiff::tz::TimeZone::get(zone).unwrap());
        let visit = json!({"started_recorded": "2026-03-01"});
        let body = world.with(called("encounters"), &visit);
        let made = world.house.post("encounters", &body).await.expect(201);
        let told = (&made.data()["started_recorded"], &made.data()["started_at"]);
        assert_eq!(told, (&json!("2026-03-01"), &json!(at)), "{zone}");
        let path = format!("encounters/{}", made.id());
        let day = json!({"started_recorded": "2026-02"});
        let changed = world.house.patch(&path, &day).await.expect(200);
        assert_ne!(changed.data()["started_at"], json!("2026-02-01T00:00:00Z"), "{zone}");
    }
}

#[actix_web::test]
async fn a_vital_sign_that_no_body_can_show_is_refused_by_its_field() {
    let world = World::new().await;
    let temperature = |value: &str, unit: &Json| {
        let mut body = json!({
            "code_system": "http://loinc.org", "code": "8310-5", "value_decimal": value,
        });
        body.as_object_mut().unwrap().extend(unit.as_object().unwrap().clone());
        body
    };
    for (value, unit, taken) in [
        ("388", json!({"unit_code": "Cel"}), false),
        ("9.9", json!({"unit_code": "Cel"}), false),
        ("46.5", json!({"unit_code": "Cel"}), true),
        ("388", json!({"unit": "°C"}), false),
        ("388", json!({"unit": "Celsius", "unit_code": "cel"}), false),
        ("101.5", json!({"unit_code": "[degF]"}), true),
        ("116.6", json!({"unit": "degF"}), true),
        ("116.7", json!({"unit": "degF"}), false),
        ("38.5", json!({"unit": "°F", "unit_code": "[degF]"}), false),
        ("388", json!({"unit": "something else"}), true),
    ] {
        let body = world.with(called("observations"), &temperature(value, &unit));
        let reply = world.house.post("observations", &body).await;
        assert_eq!(reply.status, if taken { 201 } else { 422 }, "{value} {unit} {:?}", reply.body);
        if !taken {
            assert_eq!(reply.fields(), ["value_decimal"]);
            assert!(!reply.body.to_string().contains(value), "{:?}", reply.body);
        }
    }
    let part = |code: &str, value: &str| {
        json!({"code_system": "http://loinc.org", "code": code, "code_text": "Pressure",
            "value_decimal": value, "unit": "mm[Hg]"})
    };
    let parts = json!([part("8480-6", "120"), part("8462-4", "800")]);
    let both = json!({"value_decimal": null, "components": parts});
    let body = world.with(called("observations"), &both);
    let reply = world.house.post("observations", &body).await.expect(422);
    assert_eq!(reply.fields(), ["components[1].value_decimal"]);
    for (systolic, diastolic, taken) in
        [("110", "120", false), ("110", "110", true), ("99.5", "100", false), ("110", "70", true)]
    {
        let parts = json!([part("8462-4", diastolic), part("8480-6", systolic)]);
        let both = json!({"value_decimal": null, "components": parts});
        let body = world.with(called("observations"), &both);
        let reply = world.house.post("observations", &body).await;
        assert_eq!(reply.status, if taken { 201 } else { 422 }, "{systolic}/{diastolic}");
        if !taken {
            assert_eq!(reply.fields(), ["components[0].value_decimal"]);
            assert!(reply.body.to_string().contains("above the systolic"), "{:?}", reply.body);
        }
    }
}

#[actix_web::test]
async fn a_record_stays_with_its_patient() {
    let world = World::new().await;
    for resource in ALL.into_iter().filter(|it| it.column("patient_id").is_some()) {
        let id = world.house.post(resource.path, &world.least(resource)).await.expect(201).id();
        let path = format!("{}/{id}", resource.path);
        for other in [json!(world.stranger), Json::Null] {
            let reply = world.house.patch(&path, &json!({"patient_id": other})).await.expect(422);
            assert_eq!(reply.fields(), ["patient_id"], "{path}");
        }
    }
}

#[actix_web::test]
async fn a_number_belongs_to_one_and_whoever_has_it_is_found() {
    let world = World::new().await;
    let number = json!({"identifiers": [{"system": "urn:npi", "value": "9941"}]});
    for path in ["organizations", "practitioners", "locations"] {
        let resource = called(path);
        let body = world.with(resource, &number);
        let id = world.house.post(path, &body).await.expect(201).id();
        let reply = world.house.post(path, &body).await.expect(409);
        assert_eq!((reply.code(), reply.fields()), ("record.taken", vec!["identifiers[0].value"]));
        let twice = json!({"identifiers": [
            {"system": "a", "value": "1"}, {"system": "a", "value": "1"},
        ]});
        // Said twice, it is still one number.
        let reply = world.house.patch(&format!("{path}/{id}"), &twice).await.expect(200);
        assert_eq!(reply.data()["identifiers"].as_array().unwrap().len(), 1);
        let found = world
            .house
            .read(|tx| crate::domain::providers::find_by_identifier(tx, resource, "a", "1"));
        assert_eq!(found, resource.parse_id(&id));
        let found = world
            .house
            .read(|tx| crate::domain::providers::find_by_identifier(tx, resource, "urn", "1"));
        assert_eq!(found, None);
    }
}

#[actix_web::test]
async fn the_last_facility_in_use_stays_in_use() {
    let world = World::new().await;
    let first = world.house.get("facilities").await.expect(200).data()[0]["id"].clone();
    let path = format!("facilities/{}", first.as_str().unwrap());
    let reply = world.house.patch(&path, &json!({"active": false})).await.expect(422);
    assert_eq!(reply.fields(), ["active"]);
    let second = world.house.post("facilities", &json!({"name": "Annex"})).await.expect(201).id();
    world.house.patch(&path, &json!({"active": false})).await.expect(200);
    let made = world.house.post("encounters", &world.least(called("encounters"))).await;
    assert_eq!(made.expect(201).data()["facility_id"], json!(second));
}

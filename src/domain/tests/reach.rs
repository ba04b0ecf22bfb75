//! Who sees which patient, asked over HTTP of every declared kind of record.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::api::{House, Reply, bearer};
use super::wards::{SECRET, Wards};
use crate::domain::ALL;
use crate::platform::resource::Subject;

fn is_refused(reply: &Reply, place: &str) {
    assert_eq!(reply.status, 403, "{place} {:?}", reply.body);
    assert_eq!(reply.code(), "access.out_of_reach", "{place}");
    let text = reply.body.to_string();
    assert!(!text.contains(SECRET) && !text.contains("Okafor"), "{place} {text}");
}

#[actix_web::test]
async fn nothing_of_a_patient_out_of_reach_is_shown_or_changed_under_any_id() {
    let wards = Wards::open().await;
    let (house, patient) = (&wards.house, &wards.patient);
    let before = house.weight();
    for (resource, id) in &wards.records {
        let path = resource.path;
        let one = format!("{path}/{id}");
        let mut places = vec![one.clone(), format!("{one}/history"), format!("{one}?fields=id")];
        if resource.subject == Subject::OfPatient {
            places.push(format!("{path}?patient_id={patient}"));
            places.push(format!("{path}?patient_id={patient}&include=patient&limit=1"));
        }
        for place in places {
            let mine = house.get_as("nurse", &place).await;
            if place.contains("include") && mine.status == 400 {
                continue;
            }
            assert_eq!(mine.status, 200, "{place} {:?}", mine.body);
            is_refused(&house.get_as("stranger", &place).await, &place);
            // What they have is no way to learn that nothing changed.
            let tag = mine.etag.unwrap_or_default();
            let again = TestRequest::get()
                .uri(&format!("/api/v1/{place}"))
                .insert_header(("if-none-match", tag))
                .insert_header(bearer("stranger"));
            is_refused(&house.ask(again).await, &place);
        }
        for version in [1, 9] {
            let patch = house.patch_as("stranger", &one, version, &json!({"note": "x"})).await;
            if patch.status != 422 {
                is_refused(&patch, &one);
            }
            let patch = house.patch_as("stranger", &one, version, &json!({})).await;
            is_refused(&patch, &one);
        }
        if resource.subject == Subject::OfPatient {
            let wrong = TestRequest::post()
                .uri(&format!("/api/v1/{one}/entered-in-error"))
                .insert_header(("if-match", "\"1\""))
                .insert_header(bearer("stranger"))
                .set_json(json!({"reason": "Another person"}));
            is_refused(&house.ask(wrong).await, &one);
            is_refused(&house.post_as("stranger", path, &wards.least(resource)).await, path);
        }
    }
    for place in ["timeline", "series", "print/patient-summary", "care-team"] {
        let place = format!("patients/{patient}/{place}");
        house.get_as("nurse", &place).await.expect(200);
        is_refused(&house.get_as("stranger", &place).await, &place);
    }
    let reviewed = TestRequest::post()
        .uri(&format!("/api/v1/patients/{patient}/allergies-reviewed"))
        .insert_header(("if-match", "\"1\""))
        .insert_header(bearer("stranger"))
        .set_json(json!({"none_known": true}));
    is_refused(&house.ask(reviewed).await, "allergies-reviewed");
    assert_eq!(house.weight(), before);
    assert_eq!(wards.records.len(), ALL.iter().filter(|it| it.subject != Subject::House).count());
}

#[actix_web::test]
async fn lists_hold_only_what_is_in_reach_and_of_patients_who_they_are() {
    let wards = Wards::open().await;
    let house = &wards.house;
    for (resource, id) in &wards.records {
        for place in [resource.path.to_owned(), format!("{}?limit=1", resource.path)] {
            let mine = house.get_as("nurse", &place).await.expect(200);
            let first = !(place.contains("limit") && resource.subject == Subject::Patient);
            assert!(!first || mine.body.to_string().contains(id.as_str()), "{place}");
            let theirs = house.get_as("stranger", &place).await.expect(200);
            let text = theirs.body.to_string();
            assert!(!text.contains(SECRET), "{place} {text}");
            if resource.subject == Subject::OfPatient {
                assert!(!text.contains(id.as_str()), "{place} {text}");
            }
        }
    }
    let related = "patients?include=encounters,conditions,names&fields=phone,mrn";
    for place in ["patients", related] {
        let theirs = house.get_as("stranger", place).await.expect(200);
        let row = row_of(&theirs, &wards.patient).unwrap();
        let fields: Vec<&String> = row.as_object().unwrap().keys().collect();
        let names = [
            "birth_date",
            "birth_date_estimated",
            "family",
            "given",
            "id",
            "mrn",
            "prefix",
            "restricted",
            "sex",
        ];
        assert_eq!(fields, names, "{place}");
        assert_eq!(row["restricted"], true);
    }
}

fn row_of(reply: &Reply, id: &str) -> Option<Json> {
    reply.data().as_array().unwrap().iter().find(|row| row["id"] == id).cloned()
}

#[actix_web::test]
async fn a_page_goes_on_until_it_has_rows_of_ones_own() {
    let wards = Wards::open().await;
    let house = &wards.house;
    // The patient of the other ward, with more visits than three pages hold.
    for _ in 0..12 {
        let body = json!({"patient_id": wards.patient, "class": "home"});
        house.post("encounters", &body).await.expect(201);
    }
    let own = wards.visit_of_stranger.as_str();
    for way in ["id", "-id"] {
        let page = house.get_as("stranger", &format!("encounters?limit=3&sort={way}")).await;
        let page = page.expect(200);
        let ids: Vec<&str> =
            page.data().as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
        assert_eq!(ids, [own], "{way}");
        assert!(page.body["meta"]["cursor"]["next"].is_null(), "{way}");
    }
    // Forwards and back again, with patients in and out of reach between one another.
    let all = |role: &'static str| async move { walk(house, role).await };
    let (mine, theirs) = (all("administrator").await, all("stranger").await);
    assert_eq!(mine.len(), 13 + wards.records.len().min(1));
    assert_eq!(theirs, [own.to_owned()]);
}

/// The ids of all visits, a page of two at a time.
async fn walk(house: &House, role: &str) -> Vec<String> {
    let (mut ids, mut place) = (Vec::new(), "encounters?limit=2&sort=id".to_owned());
    loop {
        let page = house.get_as(role, &place).await.expect(200);
        let rows = page.data().as_array().unwrap().clone();
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["meta"]["cursor"]["next"].as_str() else { return ids };
        place = format!("encounters?limit=2&sort=id&cursor={next}");
    }
}

#[actix_web::test]
async fn nobody_gives_themselves_a_patient() {
    let wards = Wards::open().await;
    let house = &wards.house;
    // A visit in one's own ward would be a reason, were it there before.
    let body = json!({
        "patient_id": wards.patient, "class": "inpatient", "department_id": wards.ward_of_stranger,
    });
    is_refused(&house.post_as("stranger", "encounters", &body).await, "encounters");
    is_refused(&house.get_as("stranger", &format!("patients/{}", wards.patient)).await, "patients");
    // By whoever may: from then on she sees the patient.
    house.post("encounters", &body).await.expect(201);
    house.get_as("stranger", &format!("patients/{}", wards.patient)).await.expect(200);
}

#[actix_web::test]
async fn whoever_registers_somebody_sees_them_and_gets_the_answer_again_for_a_day() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let body = json!({"names": [{"family": "Sato"}]});
    let register = || {
        let request = TestRequest::post().uri("/api/v1/patients");
        let request = request.insert_header(("idempotency-key", "one"));
        house.ask(request.insert_header(bearer("stranger")).set_json(&body))
    };
    let made = register().await.expect(201);
    let place = format!("patients/{}", made.id());
    house.get_as("stranger", &place).await.expect(200);
    house.get_as("nurse", &place).await.expect(403);
    assert_eq!(register().await.expect(201).id(), made.id());
    house.clock.set("2026-03-02T12:00:01Z");
    is_refused(&house.get_as("stranger", &place).await, &place);
    is_refused(&register().await, "a replay shows a record too");
}

#[actix_web::test]
async fn a_search_names_those_out_of_reach_and_says_nothing_else_of_them() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let found = |reply: Reply| {
        let rows = reply.expect(200).data().as_array().unwrap().clone();
        rows.into_iter().find(|row| row["id"] == wards.patient.as_str())
    };
    let by_name = house.get_as("stranger", "patients?q=Okafor").await;
    let row = found(by_name).unwrap();
    assert_eq!((&row["restricted"], &row["matched"]), (&json!(true), &json!(["name"])));
    assert!(row.get("phone").is_none() && row.get("version").is_none());
    // A number that is not shown does not lead to somebody either.
    let by_phone = format!("patients?q={}", wards.phone);
    assert!(found(house.get_as("nurse", &by_phone).await).is_some());
    assert!(found(house.get_as("stranger", &by_phone).await).is_none());
    let body = json!({"q": "Okafor", "include": "encounters,telecoms"});
    let row = found(house.post_as("stranger", "patients/search", &body).await).unwrap();
    assert!(row.get("encounters").is_none() && row.get("telecoms").is_none());
    let matches = format!("patients/matches?family=Okafor&given=Ada&phone={}", wards.phone);
    let row = found(house.get_as("stranger", &matches).await).unwrap();
    assert_eq!(row["restricted"], true);
    assert!(!row["reasons"].to_string().contains("phone"), "{row}");
    let row = found(house.get_as("nurse", &matches).await).unwrap();
    assert!(row["reasons"].to_string().contains("phone"), "{row}");
}

#[actix_web::test]
async fn who_is_refused_is_in_the_audit_with_the_patient() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let place = format!("patients/{}", wards.patient);
    is_refused(&house.get_as("stranger", &place).await, &place);
    is_refused(&house.patch_as("stranger", &place, 1, &json!({"gender": "x"})).await, &place);
    house.desk.close();
    let patient = crate::domain::patients::PATIENT.parse(&wards.patient).unwrap();
    let sql = "SELECT act, detail FROM audit WHERE patient_id = ?1 AND outcome = 'refused' \
        AND actor_name = 'stranger' ORDER BY id";
    let rows = house.read(|tx| {
        tx.all(sql, &[patient.into()], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))
    });
    let told = |act: &str| (act.to_owned(), "access.out_of_reach".to_owned());
    assert_eq!(rows, [told("patients.read"), told("patients.amend")]);
}

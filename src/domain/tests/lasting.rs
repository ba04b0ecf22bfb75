//! No emergency lasts: what is done under broken glass, or by whoever looks after the marks of
//! confidentiality, opens nothing beyond it; whose record was opened on a page is
//! told of it; and why somebody sees whom can be asked.

use serde_json::{Value as Json, json};

use super::glass::TEXT;
use super::wards::Wards;

#[actix_web::test]
async fn taking_a_mark_away_is_reviewed_by_somebody_else() {
    let wards = Wards::open().await;
    let house = &wards.house;
    wards.mark(json!("staff")).await;
    wards.mark(Json::Null).await;
    wards.mark(Json::Null).await;
    let list = "break-glass?reviewed=false";
    let waiting = house.get_as("administrator", list).await.expect(200);
    let rows = waiting.data().as_array().unwrap();
    let row = &rows[0];
    assert_eq!((rows.len(), &row["reason"], &row["text"]), (1, &json!("unmarked"), &json!(TEXT)));
    assert_eq!((&row["open"], &row["user"]["role"]), (&json!(false), &json!("privacy_officer")));
    let review = format!("break-glass/{}/review", row["id"].as_str().unwrap());
    let body = json!({"verdict": "justified"});
    let own = house.post_as("privacy_officer", &review, &body).await.expect(403);
    assert_eq!(own.code(), "break_glass.own");
    house.post_as("administrator", &review, &body).await.expect(204);
    let why = format!("opened_up break-glass {} unmarked", row["id"].as_str().unwrap());
    assert_eq!(wards.audited("patients.confidential").last(), Some(&why));
    // Nobody opens a record for this reason.
    let body = json!({"patient_id": wards.patient, "reason": "unmarked", "text": TEXT});
    let wrong = house.post_as("stranger", "break-glass", &body).await.expect(422);
    assert_eq!(wrong.fields(), ["reason"]);
}

#[actix_web::test]
async fn a_visit_written_under_broken_glass_opens_nothing_to_its_writer_before_the_review() {
    for verdict in ["justified", "not_justified"] {
        let wards = Wards::open().await;
        let house = &wards.house;
        let id = wards.break_glass("stranger").await.expect(201).id();
        let visit = json!({"patient_id": wards.patient, "class": "inpatient",
            "department_id": wards.ward_of_stranger, "started_recorded": "2026-03-01"});
        house.post_as("stranger", "encounters", &visit).await.expect(201);
        wards.delete("stranger", &format!("break-glass/{id}")).await.expect(204);
        assert!(!wards.sees("stranger").await);
        let row = house.get_as("privacy_officer", "break-glass?reviewed=false").await.expect(200);
        assert_eq!(row.data()[0]["visits_recorded"], 1);
        let body = json!({"verdict": verdict, "note": "It was looked into by the ward."});
        let review = format!("break-glass/{id}/review");
        house.post_as("privacy_officer", &review, &body).await.expect(204);
        assert_eq!(wards.sees("stranger").await, verdict == "justified");
    }
}

#[actix_web::test]
async fn a_visit_moved_under_broken_glass_opens_nothing_until_somebody_within_reach_vouches() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let glass = wards.break_glass("stranger").await.expect(201).id();
    let encounter = wards.records.iter().find(|(it, _)| it.path == "encounters").unwrap();
    let place = format!("encounters/{}", encounter.1);
    let body = json!({"department_id": wards.ward_of_stranger});
    house.patch_as("stranger", &place, 1, &body).await.expect(200);
    wards.delete("stranger", &format!("break-glass/{glass}")).await.expect(204);
    assert!(!wards.sees("stranger").await);
    // What says nothing of where the patient lies vouches for nothing, whoever writes it.
    house.patch(&place, &json!({"class": "observation"})).await.expect(200);
    house.patch(&place, &json!({"status": "on_leave"})).await.expect(200);
    assert!(!wards.sees("stranger").await);
    house.patch(&place, &json!({"department_id": null})).await.expect(200);
    house.patch(&place, &json!({"department_id": wards.ward_of_stranger})).await.expect(200);
    assert!(wards.sees("stranger").await);
}

#[actix_web::test]
async fn no_second_emergency_and_no_colleague_makes_the_first_one_last() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let glass = wards.break_glass("stranger").await.expect(201).id();
    let visit = json!({"patient_id": wards.patient, "class": "inpatient", "status": "in_progress",
        "department_id": wards.ward_of_stranger, "started_recorded": "2026-03-01"});
    let visit = house.post_as("stranger", "encounters", &visit).await.expect(201).id();
    wards.delete("stranger", &format!("break-glass/{glass}")).await.expect(204);
    // Somebody else in an emergency of their own, on the same visit.
    wards.mark(json!("vip")).await;
    wards.break_glass("doctor").await.expect(201);
    let place = format!("encounters/{visit}");
    let body = json!({"class": "observation", "status": "on_leave"});
    house.patch_as("doctor", &place, 1, &body).await.expect(200);
    wards.mark(Json::Null).await;
    assert!(!wards.sees("stranger").await);
    // A colleague who sees the patient does not let them in before the review.
    let early = wards.add("nurse", "stranger").await.expect(403);
    assert_eq!(early.code(), "care_team.unreviewed");
    let body = json!({"verdict": "justified"});
    let review = format!("break-glass/{glass}/review");
    house.post_as("privacy_officer", &review, &body).await.expect(204);
    assert!(wards.sees("stranger").await, "the ward is theirs and the reason was good");
    wards.add("nurse", "stranger").await.expect(201);
}

#[actix_web::test]
async fn the_site_of_a_record_stays_in_an_emergency() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let sites = house.get("facilities").await.expect(200);
    let own = sites.data()[0]["id"].clone();
    let other = house.post("facilities", &json!({"name": "Site two"})).await.expect(201).id();
    wards.mark(json!("vip")).await;
    wards.break_glass("administrator").await.expect(201);
    let version = house.get_as("administrator", &wards.place()).await.expect(200).data()["version"]
        .as_i64()
        .unwrap();
    let moved = json!({"facility_id": other});
    let reply = house.patch_as("administrator", &wards.place(), version, &moved).await.expect(422);
    assert_eq!(reply.fields(), ["facility_id"]);
    let stays = json!({"facility_id": own, "gender": "other"});
    house.patch_as("administrator", &wards.place(), version, &stays).await.expect(200);
}

#[actix_web::test]
async fn nobody_reads_through_the_house_one_emergency_after_the_other() {
    let wards = Wards::open().await;
    let house = &wards.house;
    for number in 0..=21 {
        let body = json!({"names": [{"family": format!("Person {number}")}]});
        let patient = house.post("patients", &body).await.expect(201).id();
        let body = json!({"patient_id": patient, "reason": "covering", "text": TEXT});
        let mut reply = house.post_as("stranger", "break-glass", &body).await;
        if number == 20 {
            assert_eq!(reply.expect(409).code(), "break_glass.too_often");
            house.clock.set("2026-03-01T13:00:00.000001Z");
            continue;
        }
        reply = reply.expect(201);
        wards.delete("stranger", &format!("break-glass/{}", reply.id())).await.expect(204);
    }
}

#[actix_web::test]
async fn a_page_that_opens_the_records_of_several_is_in_the_story_of_each() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let story = async || {
        house.desk.settled().await;
        let path = format!("audit?patient={}&limit=200", wards.patient);
        let rows = house.get_as("privacy_officer", &path).await.expect(200);
        let rows = rows.data().as_array().unwrap().iter().map(|row| {
            format!("{} {}", row["act"].as_str().unwrap(), row["detail"].as_str().unwrap_or(""))
        });
        rows.filter(|row| !row.starts_with("audit.")).collect::<Vec<_>>()
    };
    let before = story().await.len();
    // Who somebody is and when they come opens nothing.
    for page in ["patients", "patients?include=names", "encounters?fields=status,patient_id"] {
        house.get_as("nurse", page).await.expect(200);
    }
    assert_eq!(story().await.len(), before);
    let pages = [
        (format!("patients?mrn={}&include=conditions,allergies", wards.mrn), "patients.list"),
        ("patients?q=Okafor&include=conditions".to_owned(), "patients.search"),
        ("conditions".to_owned(), "conditions.list"),
        ("encounters?fields=reason_text".to_owned(), "encounters.list"),
        ("observations?limit=1".to_owned(), "observations.list"),
    ];
    for (number, (page, act)) in (1..).zip(&pages) {
        house.get_as("nurse", page).await.expect(200);
        let rows = story().await;
        assert_eq!(rows.len(), before + number, "{page} {rows:?}");
        assert!(rows[0].starts_with(act), "{page} {rows:?}");
    }
    let rows = story().await;
    assert!(rows.iter().any(|row| row.ends_with(" with conditions, allergies")), "{rows:?}");
    // Of whom only who they are is shown, nothing is opened.
    house.get_as("stranger", &pages[0].0).await.expect(200);
    assert_eq!(story().await.len(), before + pages.len());
}

#[actix_web::test]
async fn why_somebody_sees_a_patient_can_be_asked_by_whoever_reads_the_audit() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let sees = async |who: &str| {
        let user = wards.user(who).await;
        let place = format!("{}/access?user_id={}", wards.place(), user.as_str().unwrap());
        let reply = house.get_as("privacy_officer", &place).await.expect(200);
        let steps = reply.data()["steps"].as_array().unwrap().iter().map(|step| {
            let sign = if step["passes"] == true { "+" } else { "-" };
            format!("{sign}{}", step["code"].as_str().unwrap())
        });
        let steps = steps.skip(3).collect::<Vec<_>>().join(" ");
        format!("{} {steps}", reply.data()["sees"].as_str().unwrap())
    };
    assert_eq!(sees("nurse").await, "record +in_departments -not_member -none");
    assert_eq!(sees("stranger").await, "name -not_in_departments -not_member -none");
    wards.break_glass("stranger").await.expect(201);
    assert_eq!(sees("stranger").await, "emergency -not_in_departments -not_member +open");
    wards.mark(json!("vip")).await;
    wards.add("privacy_officer", "doctor").await.expect(201);
    let closed = "-confidential -in_departments -not_member -none";
    assert_eq!(sees("nurse").await, format!("number {closed}"));
    assert_eq!(sees("doctor").await, "record -confidential -at_facility +member -none");
    assert_eq!(sees("cashier").await.split(' ').next(), Some("number"));
    let place = format!("{}/access", wards.place());
    house.get_as("nurse", &place).await.expect(403);
    let bare = house.get_as("privacy_officer", &place).await.expect(400);
    assert_eq!(bare.fields(), ["user_id"]);
    house.desk.settled().await;
    let mut asked = wards.audited("patients.access");
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 4, "of whom it was asked: {asked:?}");
}

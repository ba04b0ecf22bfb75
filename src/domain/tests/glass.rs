//! Breaking the glass, its review, confidential records and their care teams, over HTTP.

use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::api::{Reply, bearer};
use super::wards::{SECRET, Wards};

pub(super) const TEXT: &str = "Collapsed in the corridor of our ward";

impl Wards {
    pub(super) fn place(&self) -> String {
        format!("patients/{}", self.patient)
    }

    pub(super) async fn break_glass(&self, who: &str) -> Reply {
        let body = json!({"patient_id": self.patient, "reason": "emergency", "text": TEXT});
        self.house.post_as(who, "break-glass", &body).await
    }

    pub(super) async fn delete(&self, who: &str, path: &str) -> Reply {
        let request = TestRequest::delete().uri(&format!("/api/v1/{path}"));
        self.house.ask(request.insert_header(bearer(who))).await
    }

    pub(super) async fn sees(&self, who: &str) -> bool {
        let reply = self.house.get_as(who, &self.place()).await;
        assert!(reply.status == 200 || reply.code() == "access.out_of_reach", "{:?}", reply.body);
        reply.status == 200
    }

    pub(super) async fn mark(&self, word: Json) {
        let place = format!("{}/confidential", self.place());
        let body = json!({"confidential": word, "reason": TEXT});
        self.house.post_as("privacy_officer", &place, &body).await.expect(200);
    }

    pub(super) async fn user(&self, who: &str) -> Json {
        let me = self.house.get_as(who, "sessions/current").await.expect(200);
        me.data()["user"]["id"].clone()
    }

    /// Lets `whom` into the care team, as `who`.
    pub(super) async fn add(&self, who: &str, whom: &str) -> Reply {
        let body = json!({"user_id": self.user(whom).await});
        self.house.post_as(who, &format!("{}/care-team", self.place()), &body).await
    }

    pub(super) fn audited(&self, act: &str) -> Vec<String> {
        let sql = "SELECT trim(coalesce(detail, '') || ' ' || coalesce(reason, '')) FROM audit \
            WHERE act = ?1 ORDER BY id";
        self.house.read(|tx| tx.all(sql, &[act.into()], |row| row.get(0)))
    }
}

#[actix_web::test]
async fn broken_glass_opens_one_record_for_an_hour_to_the_microsecond() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let refused = house.get_as("stranger", &wards.place()).await.expect(403);
    assert_eq!(refused.body["offers"], "break_glass");
    let opened = wards.break_glass("stranger").await.expect(201);
    assert_eq!(opened.data()["expires_at"], "2026-03-01T13:00:00Z");
    assert_eq!(opened.data()["open"], true);
    let seen = house.get_as("stranger", &wards.place()).await.expect(200);
    assert_eq!(seen.data()["gender"], SECRET);
    // A second click is the same one.
    let again = wards.break_glass("stranger").await.expect(200);
    assert_eq!(again.id(), opened.id());
    let body = json!({"patient_id": wards.patient, "code_text": "Syncope"});
    house.post_as("stranger", "conditions", &body).await.expect(201);
    house.clock.set("2026-03-01T12:59:59.999999Z");
    assert!(wards.sees("stranger").await);
    house.clock.set("2026-03-01T13:00:00Z");
    assert!(!wards.sees("stranger").await);
    house.desk.close();
    let why = format!("break-glass {} emergency", opened.id());
    assert_eq!(wards.audited("conditions.create"), ["created", &format!("created {why}")]);
    let reads = wards.audited("patients.read");
    assert_eq!(reads.iter().filter(|detail| **detail == why).count(), 2, "{reads:?}");
    assert_eq!(reads.iter().filter(|detail| *detail == "access.out_of_reach").count(), 2);
}

#[actix_web::test]
async fn whoever_asks_who_looked_reads_why_in_words_and_opening_counts_as_no_change() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let id = wards.break_glass("stranger").await.expect(201).id();
    house.get_as("stranger", &wards.place()).await.expect(200);
    wards.delete("stranger", &format!("break-glass/{id}")).await.expect(204);
    house.desk.settled().await;
    let why = json!({"reason": "emergency", "text": TEXT});
    let path = format!("{}/audit", wards.place());
    let story = house.get_as("privacy_officer", &path).await.expect(200);
    let groups = story.data()["groups"].as_array().unwrap();
    let mine = groups.iter().find(|group| group["emergencies"] != json!([])).unwrap();
    assert_eq!(mine["emergencies"], json!([why]), "once, though three rows say it");
    assert_eq!((&mine["reasons"], &mine["changes"]), (&json!([]), &json!(0)));
    for (query, id) in [("act=patients.read", Json::Null), ("act=break_glass.open", json!(id))] {
        let path = format!("audit?patient={}&{query}&limit=1", wards.patient);
        let rows = house.get_as("privacy_officer", &path).await.expect(200);
        assert_eq!(rows.data()[0]["emergency"], why, "{query}");
        if !id.is_null() {
            assert_eq!(rows.data()[0]["subject_id"], id);
        }
    }
    // One row is one object.
    let file = "audit/export?act=break_glass.open&format=ndjson";
    let row = house.get_as("privacy_officer", file).await.expect(200).body;
    assert_eq!((&row["emergency"], &row["subject_id"]), (&why, &json!(id)));
}

#[actix_web::test]
async fn who_ends_it_is_out_at_once_and_only_who_opened_it_or_reviews_ends_it() {
    let wards = Wards::open().await;
    let id = wards.break_glass("stranger").await.expect(201).id();
    let path = format!("break-glass/{id}");
    wards.delete("nurse", &path).await.expect(404);
    assert!(wards.sees("stranger").await);
    wards.delete("stranger", &path).await.expect(204);
    assert!(!wards.sees("stranger").await);
    wards.delete("stranger", &path).await.expect(204);
    let second = wards.break_glass("stranger").await.expect(201).id();
    assert_ne!(second, id);
    wards.delete("privacy_officer", &format!("break-glass/{second}")).await.expect(204);
    assert!(!wards.sees("stranger").await);
}

#[actix_web::test]
async fn glass_is_broken_with_a_reason_by_those_who_may_and_need_to() {
    let wards = Wards::open().await;
    let house = &wards.house;
    for (change, field) in [
        (json!({"patient_id": "pat_x"}), "patient_id"),
        (json!({"reason": "curious"}), "reason"),
        (json!({"text": "   short   "}), "text"),
        (json!({"text": "x".repeat(501)}), "text"),
        (json!({"text": null}), ""),
    ] {
        let mut body = json!({"patient_id": wards.patient, "reason": "emergency", "text": TEXT});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let reply = house.post_as("stranger", "break-glass", &body).await.expect(422);
        if !field.is_empty() {
            assert_eq!(reply.fields(), [field]);
        }
    }
    let unknown = json!({"patient_id": "pat_0000000000001", "reason": "emergency", "text": TEXT});
    house.post_as("stranger", "break-glass", &unknown).await.expect(404);
    assert_eq!(wards.break_glass("nurse").await.expect(409).code(), "break_glass.not_needed");
    assert_eq!(wards.break_glass("laboratory").await.expect(403).code(), "access.not_allowed");
    let refused = house.get_as("reception", &wards.place()).await;
    assert!(refused.status == 200 || refused.body.get("offers").is_none());
    // So many at once, and one more when one has ended.
    let mut opened = Vec::new();
    for number in 0..11 {
        let body = json!({"names": [{"family": format!("Person {number}")}]});
        let patient = house.post("patients", &body).await.expect(201).id();
        let body = json!({"patient_id": patient, "reason": "covering", "text": TEXT});
        let reply = house.post_as("stranger", "break-glass", &body).await;
        if number < 10 {
            opened.push(reply.expect(201).id());
        } else {
            assert_eq!(reply.expect(409).code(), "break_glass.too_many");
            wards.delete("stranger", &format!("break-glass/{}", opened[0])).await.expect(204);
            house.post_as("stranger", "break-glass", &body).await.expect(201);
        }
    }
}

#[actix_web::test]
async fn each_is_reviewed_by_somebody_else_the_oldest_first() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let first = wards.break_glass("stranger").await.expect(201).id();
    house.clock.set("2026-03-01T12:01:00Z");
    let second = wards.break_glass("administrator").await;
    assert_eq!(second.expect(409).code(), "break_glass.not_needed");
    wards.mark(json!("vip")).await;
    let second = wards.break_glass("administrator").await.expect(201).id();
    house.clock.set("2026-03-08T12:00:30Z");
    let list = "break-glass?reviewed=false";
    let all = house.get_as("privacy_officer", list).await.expect(200);
    let ids: Vec<&str> =
        all.data().as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, [&first, &second]);
    assert_eq!(all.body["meta"]["waiting"], 2);
    assert_eq!(all.body["meta"]["overdue"], 1);
    let row = &all.data()[0];
    assert_eq!((&row["overdue"], &all.data()[1]["overdue"]), (&json!(true), &json!(false)));
    assert_eq!(row["patient"]["family"], "Okafor");
    assert_eq!(row["user"]["display_name"], "stranger");
    assert_eq!(row["text"], TEXT);
    let one = house.get_as("privacy_officer", &format!("{list}&limit=1")).await.expect(200);
    let next = one.body["meta"]["cursor"]["next"].as_str().unwrap().to_owned();
    let two = house.get_as("privacy_officer", &format!("{list}&limit=1&cursor={next}")).await;
    assert_eq!(two.expect(200).data()[0]["id"], second.as_str());
    let by_nurse = house.get_as("stranger", list).await.expect(200);
    assert_eq!(by_nurse.data().as_array().unwrap().len(), 1, "one's own");
    assert!(by_nurse.body["meta"].get("waiting").is_none());
    let others = house
        .get_as("nurse", &format!("{list}&user_id={}", row["user"]["id"].as_str().unwrap()))
        .await;
    assert_eq!(others.expect(200).data(), &json!([]));
    let review = |who: &'static str, id: &str, body: Json| {
        let place = format!("break-glass/{id}/review");
        async move { house.post_as(who, &place, &body).await }
    };
    let fine = || json!({"verdict": "justified"});
    assert_eq!(review("stranger", &first, fine()).await.status, 403);
    assert_eq!(
        review("administrator", &second, fine()).await.expect(403).code(),
        "break_glass.own"
    );
    let bare = review("privacy_officer", &first, json!({"verdict": "not_justified"})).await;
    assert_eq!(bare.expect(422).fields(), ["note"]);
    review("privacy_officer", &first, fine()).await.expect(204);
    let again = review("privacy_officer", &first, fine()).await.expect(409);
    assert_eq!(again.code(), "break_glass.reviewed");
    let left = house.get_as("privacy_officer", list).await.expect(200);
    assert_eq!(left.body["meta"]["waiting"], 1);
    let done = house.get_as("privacy_officer", "break-glass?reviewed=true").await.expect(200);
    assert_eq!(done.data()[0]["reviewed_by"]["display_name"], "privacy_officer");
}

#[actix_web::test]
async fn what_was_not_justified_ends() {
    let wards = Wards::open().await;
    let id = wards.break_glass("stranger").await.expect(201).id();
    let body = json!({"verdict": "not_justified", "note": "There was no emergency on the ward."});
    let place = format!("break-glass/{id}/review");
    wards.house.post_as("privacy_officer", &place, &body).await.expect(204);
    assert!(!wards.sees("stranger").await);
}

#[actix_web::test]
async fn a_confidential_record_is_its_care_teams_and_no_administrators() {
    let wards = Wards::open().await;
    let house = &wards.house;
    wards.mark(json!("staff")).await;
    for who in ["nurse", "doctor", "administrator", "privacy_officer", "stranger"] {
        assert!(!wards.sees(who).await, "{who}");
    }
    // Not by name, and by the number only who it is.
    let found = |reply: Reply| reply.expect(200).data().as_array().unwrap().clone();
    for place in ["patients", "patients?q=Okafor", "patients?birth_date=1980-02-03"] {
        let rows = found(house.get_as("administrator", place).await);
        // Whoever looks after the marks knows of them.
        let named = rows.iter().find(|row| row["id"] == wards.patient.as_str()).unwrap();
        assert_eq!(named["restricted"], true);
        let rows = found(house.get_as("nurse", place).await);
        assert!(!rows.iter().any(|row| row["id"] == wards.patient.as_str()), "{place}");
    }
    for place in [format!("patients?q={}", wards.mrn), format!("patients?mrn={}", wards.mrn)] {
        let rows = found(house.get_as("nurse", &place).await);
        assert_eq!((&rows[0]["restricted"], rows[0].get("phone")), (&json!(true), None), "{place}");
    }
    let matches = "patients/matches?family=Okafor&given=Ada&birth_date=1980-02-03";
    assert_eq!(found(house.get_as("nurse", matches).await), Vec::<Json>::new());
    let visits = house.get_as("administrator", "encounters").await.expect(200);
    assert!(!visits.body.to_string().contains(&wards.patient));
    // Nobody lets themselves in; others do.
    assert_eq!(wards.add("nurse", "nurse").await.expect(403).code(), "access.out_of_reach");
    let own = wards.add("privacy_officer", "privacy_officer").await.expect(403);
    assert_eq!(own.code(), "care_team.oneself");
    let member = wards.add("privacy_officer", "nurse").await.expect(201).id();
    assert!(wards.sees("nurse").await && !wards.sees("privacy_officer").await);
    assert_eq!(wards.add("privacy_officer", "nurse").await.expect(409).code(), "care_team.member");
    wards.add("nurse", "doctor").await.expect(201);
    assert!(wards.sees("doctor").await);
    let team = format!("{}/care-team", wards.place());
    for who in ["nurse", "privacy_officer"] {
        let reply = house.get_as(who, &team).await.expect(200);
        assert_eq!(reply.data().as_array().unwrap().len(), 2);
        assert_eq!(reply.body["meta"]["confidential"], "staff");
    }
    house.get_as("stranger", &team).await.expect(403);
    wards.delete("doctor", &format!("care-team/{member}")).await.expect(204);
    assert!(!wards.sees("nurse").await);
    // What is taken away from one who lets himself in through an emergency: nothing stays.
    wards.break_glass("stranger").await.expect(201);
    assert!(wards.sees("stranger").await);
    let joined = wards.add("stranger", "stranger").await.expect(403);
    assert_eq!(joined.code(), "care_team.emergency");
    wards.mark(Json::Null).await;
    assert!(wards.sees("nurse").await && wards.sees("administrator").await);
    let past = house.get_as("doctor", &format!("{}/history", wards.place())).await.expect(200);
    assert_eq!(past.data()[0]["record"]["confidential"], "staff");
}

#[actix_web::test]
async fn only_who_may_marks_a_record_and_what_is_marked_is_known() {
    let wards = Wards::open().await;
    let house = &wards.house;
    let place = format!("{}/confidential", wards.place());
    for who in ["nurse", "doctor", "stranger"] {
        house.post_as(who, &place, &json!({"confidential": "vip"})).await.expect(403);
    }
    let wrong = json!({"confidential": "secret"});
    let reply = house.post_as("privacy_officer", &place, &wrong).await.expect(422);
    assert_eq!(reply.fields(), ["confidential"]);
    let version = house.get(&wards.place()).await.data()["version"].clone();
    wards.mark(json!("request")).await;
    wards.mark(json!("request")).await;
    wards.add("privacy_officer", "nurse").await.expect(201);
    let now = house.get_as("nurse", &wards.place()).await.expect(200);
    assert_eq!(now.data()["version"].as_i64().unwrap(), version.as_i64().unwrap() + 1);
    assert_eq!(now.data()["confidential"], "request");
    let bare = house.post_as("privacy_officer", &place, &json!({"confidential": null})).await;
    assert_eq!(bare.expect(422).fields(), ["reason"]);
    let body = json!({"confidential": null});
    let refused = house.patch_as("nurse", &wards.place(), 2, &body).await.expect(422);
    assert_eq!(refused.fields(), ["confidential"]);
}

#[actix_web::test]
async fn a_mark_that_was_not_sent_takes_none_away() {
    let wards = Wards::open().await;
    wards.mark(json!("vip")).await;
    let place = format!("{}/confidential", wards.place());
    let empty = wards.house.post_as("privacy_officer", &place, &json!({})).await.expect(422);
    assert_eq!(empty.fields(), ["confidential"]);
    assert!(!wards.sees("nurse").await);
}

#[actix_web::test]
async fn a_change_of_departments_is_felt_by_the_next_request() {
    let wards = Wards::open().await;
    let house = &wards.house;
    assert!(!wards.sees("stranger").await);
    let encounter = wards.records.iter().find(|(it, _)| it.path == "encounters").unwrap();
    let place = format!("encounters/{}", encounter.1);
    house.patch(&place, &json!({"department_id": wards.ward_of_stranger})).await.expect(200);
    assert!(wards.sees("stranger").await && !wards.sees("nurse").await);
}

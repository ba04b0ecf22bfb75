//! Requests that are wrong around the body: each route of each kind, one table.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value as Json, json};

use super::api::{BODY_MAX, bearer};
use super::world::World;
use crate::domain::ALL;
use crate::platform::resource::{Column, Holds, Resource, Served};

const JSON: Header = ("content-type", "application/json");

type Header = (&'static str, &'static str);

/// What one may get wrong in a body, whatever it is for: bytes, headers, status, code.
fn bad_payloads() -> Vec<(Vec<u8>, Vec<Header>, u16, &'static str)> {
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(BODY_MAX)).into_bytes();
    let deep = "[".repeat(10_000).into_bytes();
    vec![
        (b"{".to_vec(), vec![JSON], 400, "web.json"),
        (b"".to_vec(), vec![JSON], 400, "web.json"),
        (b"{\"reason\":\"x\"} trailing".to_vec(), vec![JSON], 400, "web.json"),
        (b"{\"reason\":\"\\ud800\"}".to_vec(), vec![JSON], 400, "web.json"),
        (deep, vec![JSON], 400, "web.json"),
        (b"{\"a\":\"\xff\"}".to_vec(), vec![JSON], 400, "web.not_utf8"),
        (b"[]".to_vec(), vec![JSON], 422, "web.body"),
        (b"\"text\"".to_vec(), vec![JSON], 422, "web.body"),
        (b"[\"reason\"]".to_vec(), vec![JSON], 422, "web.body"),
        (b"{}".to_vec(), vec![("content-type", "text/plain")], 415, "web.content_type"),
        (b"{}".to_vec(), vec![], 415, "web.content_type"),
        (b"{}".to_vec(), vec![JSON, ("content-encoding", "gzip")], 415, "web.content_encoding"),
        (huge, vec![JSON], 413, "web.body_too_large"),
    ]
}

#[actix_web::test]
async fn a_bad_payload_is_refused_by_every_route_that_takes_one() {
    let world = World::new().await;
    for resource in ALL {
        let made = world.house.post(resource.path, &world.least(resource)).await.expect(201).id();
        let one = format!("{}/{made}", resource.path);
        let mut routes = vec![(Method::POST, resource.path.to_owned()), (Method::PATCH, one)];
        if resource.column("error_reason").is_some() {
            let path = format!("{}/{made}/entered-in-error", resource.path);
            routes.push((Method::POST, path));
        }
        let weight = world.house.weight();
        for (method, path) in &routes {
            for (bytes, headers, status, code) in bad_payloads() {
                let headers = [&headers[..], &[("if-match", "\"1\"")]].concat();
                let reply = world.house.send(method.clone(), path, &headers, &bytes).await;
                let told = format!("{method} {path} {code} {:?}", reply.body);
                assert_eq!((reply.status, reply.code()), (status, code), "{told}");
            }
        }
        assert_eq!(world.house.weight(), weight, "{}", resource.path);
    }
}

#[actix_web::test]
async fn a_list_that_is_not_understood_says_what_is() {
    let world = World::new().await;
    for resource in ALL {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=x", "limit"),
            ("limit=5&limit=5", "limit"),
            ("sort=nonsense", "sort"),
            ("sort=", "sort"),
            ("fields=nonsense", "fields"),
            ("include=nonsense", "include"),
            ("nonsense=1", "nonsense"),
            ("cursor=", "cursor"),
            ("cursor=n0000000000000001deadbeef", "cursor"),
            ("cursor=n00000000000000%C3%A91deadbeef", "cursor"),
        ] {
            let reply = world.house.get(&format!("{}?{query}", resource.path)).await.expect(400);
            let told = format!("{}?{query} {:?}", resource.path, reply.body);
            assert_eq!((reply.code(), reply.fields()), ("web.query", vec![field]), "{told}");
            let messages = reply.body["errors"].to_string();
            assert!(!messages.contains("name_key\""), "{told}");
        }
        let reply = world.house.get(&format!("{}?limit=%ff", resource.path)).await;
        assert_eq!(reply.status, 400, "{:?}", reply.body);
    }
}

#[actix_web::test]
async fn filters_and_orders_of_one_patient_need_the_patient() {
    let world = World::new().await;
    for resource in ALL.into_iter().filter(|it| it.column("patient_id").is_some()) {
        let (path, patient) = (resource.path, &world.patient);
        let sort = resource.sort.column;
        for (query, field) in [
            ("status=active".to_owned(), "status"),
            ("code=8302-2".to_owned(), "code"),
            (format!("sort={sort}"), "sort"),
        ] {
            // Visits of all patients are listed by status and by when they began.
            if resource.path == "encounters" && field != "code" {
                continue;
            }
            let reply = world.house.get(&format!("{path}?{query}")).await.expect(400);
            assert_eq!(reply.fields(), [field], "{path}?{query} {:?}", reply.body);
        }
        let wrong = format!("{path}?patient_id={patient}&status=perhaps");
        assert_eq!(world.house.get(&wrong).await.expect(400).fields(), ["status"]);
        let wrong = format!("{path}?patient_id={}", world.encounter);
        assert_eq!(world.house.get(&wrong).await.expect(400).fields(), ["patient_id"]);
        let right = format!("{path}?patient_id={patient}&code=8302-2&sort=-{sort}");
        world.house.get(&right).await.expect(200);
        world.house.get(path).await.expect(200);
    }
}

#[actix_web::test]
async fn visits_of_all_patients_are_listed_by_status_and_by_when_they_began() {
    let world = World::new().await;
    let patient = &world.patient;
    for (started, status) in [
        ("2026-02-27T08:00:00Z", "finished"),
        ("2026-03-01T08:00:00Z", "in_progress"),
        ("2026-02-28T08:00:00Z", "in_progress"),
    ] {
        let body = json!({"patient_id": patient, "class": "ambulatory", "status": status,
            "started_recorded": started});
        world.house.post("encounters", &body).await.expect(201);
    }
    let starts = |reply: &Json| -> Vec<String> {
        let rows = reply["data"].as_array().unwrap().iter();
        rows.filter_map(|row| row["started_at"].as_str().map(str::to_owned)).collect()
    };
    let open = world.house.get("encounters?status=in_progress").await.expect(200);
    assert_eq!(starts(&open.body), ["2026-03-01T08:00:00Z", "2026-02-28T08:00:00Z"]);
    let newest = world.house.get("encounters?sort=-started_at&limit=1").await.expect(200);
    assert_eq!(starts(&newest.body), ["2026-03-01T08:00:00Z"]);
}

#[actix_web::test]
async fn a_cursor_of_another_list_is_refused() {
    let world = World::new().await;
    for resource in ALL {
        for _ in 0..3 {
            world.house.post(resource.path, &world.least(resource)).await.expect(201);
        }
    }
    for resource in ALL {
        let reply = world.house.get(&format!("{}?limit=1", resource.path)).await.expect(200);
        let cursor = reply.body["meta"]["cursor"]["next"].as_str().unwrap().to_owned();
        let same = format!("{}?limit=2&cursor={cursor}", resource.path);
        world.house.get(&same).await.expect(200);
        for other in ALL.into_iter().filter(|other| other.path != resource.path) {
            let reply = world.house.get(&format!("{}?cursor={cursor}", other.path)).await;
            assert_eq!(reply.expect(400).fields(), ["cursor"], "{}", other.path);
        }
        let reply = world.house.get(&format!("{}?sort=-id&cursor={cursor}", resource.path)).await;
        // Where the usual order needs the patient, a list without one goes by id.
        let usual = resource.column(resource.sort.column);
        let natural = usual.is_some_and(|column| matches!(column.sort, Served::Within(_)));
        assert_eq!(reply.status, if natural { 200 } else { 400 }, "{:?}", reply.body);
    }
}

#[actix_web::test]
async fn an_identity_that_is_not_there_is_not_found() {
    let world = World::new().await;
    let nobody = |resource: &Resource| resource.kind.show(1);
    for resource in ALL {
        let ids = [nobody(resource), "xxx_0000000000001".to_owned(), "1".to_owned(), "%00".into()];
        for id in ids {
            let path = format!("{}/{id}", resource.path);
            assert_eq!(world.house.get(&path).await.expect(404).code(), "web.not_found");
            world.house.get(&format!("{path}/history")).await.expect(404);
            let reply = world.house.patch_as("administrator", &path, 1, &json!({})).await;
            reply.expect(404);
            if resource.column("error_reason").is_some() {
                let headers = [JSON, ("if-match", "\"1\"")];
                let path = format!("{path}/entered-in-error");
                let body = br#"{"reason":"wrong patient"}"#;
                world.house.send(Method::POST, &path, &headers, body).await.expect(404);
            }
        }
        world.house.send(Method::DELETE, resource.path, &[], b"").await.expect(405);
    }
}

#[actix_web::test]
async fn a_change_names_the_version_it_is_based_on() {
    let world = World::new().await;
    for resource in ALL {
        let made = world.house.post(resource.path, &world.least(resource)).await.expect(201);
        assert_eq!(made.etag.as_deref(), Some("\"1\""), "{}", resource.path);
        let path = format!("{}/{}", resource.path, made.id());
        let weight = world.house.weight();
        for (tag, status, code) in [
            (None, 428, "web.if_match"),
            (Some("yesterday"), 400, "web.if_match"),
            (Some("\"2\""), 412, "web.precondition"),
        ] {
            let mut headers = vec![JSON];
            headers.extend(tag.map(|tag| ("if-match", tag)));
            let reply = world.house.send(Method::PATCH, &path, &headers, b"{}").await;
            assert_eq!((reply.status, reply.code()), (status, code), "{path} {:?}", reply.body);
        }
        assert_eq!(world.house.weight(), weight, "{path}");
        let reply = world.house.patch_as("administrator", &path, 1, &json!({})).await;
        assert_eq!(reply.expect(200).etag.as_deref(), Some("\"2\""));
        world.house.patch_as("administrator", &path, 1, &json!({})).await.expect(412);
    }
}

#[actix_web::test]
async fn a_key_makes_one_record() {
    let world = World::new().await;
    for resource in ALL {
        let body = world.least(resource);
        let sent = serde_json::to_vec(&body).unwrap();
        let key = ("idempotency-key", "double-click");
        let send = async |bytes: &[u8], key: (&'static str, &str)| {
            world.house.send(Method::POST, resource.path, &[JSON, key], bytes).await
        };
        let first = send(&sent, key).await.expect(201);
        let weight = world.house.weight();
        let second = send(&sent, key).await.expect(201);
        assert_eq!((first.id(), &first.body), (second.id(), &second.body));
        let is_text = |column: &&Column| column.writable && matches!(column.holds, Holds::Text(_));
        let text = resource.columns.iter().find(is_text).unwrap().name;
        let other = world.with(resource, &json!({text: "another"}));
        let reply = send(&serde_json::to_vec(&other).unwrap(), key).await.expect(422);
        assert_eq!(reply.code(), "web.idempotency_key_reused", "{}", resource.path);
        for bad in ["", &"k".repeat(101), "ключ", "two words"] {
            let reply = send(&sent, ("idempotency-key", bad)).await.expect(400);
            assert_eq!(reply.code(), "web.idempotency_key");
        }
        assert_eq!(world.house.weight(), weight, "{}", resource.path);
    }
}

#[actix_web::test]
async fn what_was_entered_in_error_says_why_and_stays() {
    let world = World::new().await;
    for resource in ALL.into_iter().filter(|it| it.column("error_reason").is_some()) {
        let id = world.house.post(resource.path, &world.least(resource)).await.expect(201).id();
        let path = format!("{}/{id}", resource.path);
        let action = format!("{path}/entered-in-error");
        let mark = async |body: Json| {
            let bytes = serde_json::to_vec(&body).unwrap();
            world.house.send(Method::POST, &action, &[JSON, ("if-match", "\"1\"")], &bytes).await
        };
        for wrong in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(401)})] {
            mark(wrong).await.expect(422);
        }
        let reply = mark(json!({"reason": "Wrong patient"})).await.expect(200);
        assert_eq!(reply.data()["status"], "entered_in_error");
        assert_eq!(reply.data()["error_reason"], "Wrong patient");
        let again = world.house.patch(&path, &json!({})).await.expect(409);
        assert_eq!(again.code(), "record.entered_in_error");
        let past = world.house.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(past.data()[0]["version"], 1);
        assert_ne!(past.data()[0]["record"]["status"], "entered_in_error");
        let born_wrong = world.with(resource, &json!({"status": "entered_in_error"}));
        let reply = world.house.post(resource.path, &born_wrong).await.expect(422);
        assert_eq!(reply.fields(), ["status"]);
    }
}

#[actix_web::test]
async fn nobody_in_particular_gets_nothing() {
    let world = World::new().await;
    let patient = &world.patient;
    let mut paths: Vec<String> = ALL.iter().map(|resource| resource.path.to_owned()).collect();
    paths.extend(["timeline", "series", "history"].map(|it| format!("patients/{patient}/{it}")));
    for path in paths {
        let uri = format!("/api/v1/{path}");
        let reply = world.house.ask(TestRequest::get().uri(&uri)).await.expect(401);
        assert_eq!(reply.code(), "access.sign_in");
        let forged = TestRequest::get().uri(&uri).insert_header(bearer("nobody"));
        world.house.ask(forged).await.expect(401);
        let cookie = TestRequest::post().uri(&uri);
        let cookie = cookie.insert_header(("cookie", "hf_session=session-of-administrator"));
        let status = world.house.ask(cookie.set_json(json!({}))).await.status;
        assert!(matches!(status, 403 | 405), "{path} {status}");
    }
}

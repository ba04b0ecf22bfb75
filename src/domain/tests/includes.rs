//! What a record brings along, on lists and alone: just what is named, bounded, allowed, noted,
//! and in one question for each name.

use serde_json::{Value as Json, json};

use super::api::{House, SECOND};
use super::world::World;
use crate::access::gate::command_line;
use crate::domain::patients::PATIENTS;
use crate::domain::{ALL, OF_PATIENT};
use crate::platform::resource::cursor::VALUE_MAX;
use crate::platform::resource::query::{LIMIT_MAX, RELATED_RECORDS_MAX};
use crate::platform::resource::reader::Reader;
use crate::platform::resource::{Holds, RELATED_MOST, Served, include, select};
use crate::store::Store;

/// Rows of child lists on one page that a server and a browser can carry.
const CHILD_ROWS_MAX: usize = 40_000;

fn keys(record: &Json) -> Vec<&str> {
    let mut keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

async fn conditions(house: &House, patient: &str, count: usize) {
    for number in 0..count {
        let day = format!("2020-01-{:02}", number % 28 + 1);
        let body = json!({"patient_id": patient, "code_text": "Finding", "onset_recorded": day});
        house.post("conditions", &body).await.expect(201);
    }
}

#[actix_web::test]
async fn one_record_comes_as_it_is_asked_for() {
    let world = World::new().await;
    let path = format!("patients/{}", world.patient);
    let whole = world.house.get(&path).await.expect(200);
    assert!(keys(whole.data()).contains(&"names") && keys(whole.data()).contains(&"contacts"));
    assert_eq!(whole.etag.as_deref(), Some("\"1\""));
    for (query, expected) in [
        ("fields=mrn,sex", vec!["id", "mrn", "sex"]),
        ("fields=id", vec!["id"]),
        ("fields=mrn&include=names", vec!["id", "mrn", "names"]),
        ("fields=id&include=encounters,allergies", vec!["allergies", "encounters", "id"]),
    ] {
        let reply = world.house.get(&format!("{path}?{query}")).await.expect(200);
        assert_eq!(keys(reply.data()), expected, "{query}");
    }
    let with_names = world.house.get(&format!("{path}?include=names")).await.expect(200);
    assert!(keys(with_names.data()).contains(&"mrn"), "all fields when none are named");
    assert!(!keys(with_names.data()).contains(&"contacts"));
    let encounter = format!("encounters/{}?fields=class&include=patient", world.encounter);
    let reply = world.house.get(&encounter).await.expect(200);
    assert_eq!(reply.data()["patient"]["id"], json!(world.patient));
    world.house.get("patients/pat_0000000000001?fields=mrn").await.expect(404);
}

#[actix_web::test]
async fn a_parameter_of_one_record_that_is_not_understood_is_refused() {
    let world = World::new().await;
    for resource in ALL {
        let made = world.house.post(resource.path, &world.least(resource)).await.expect(201).id();
        let path = format!("{}/{made}", resource.path);
        for (query, field) in [
            ("limit=1", "limit"),
            ("cursor=x", "cursor"),
            ("fields=nonsense", "fields"),
            ("fields=", "fields"),
            ("include=nonsense", "include"),
            ("include=", "include"),
            ("fields=id&fields=id", "fields"),
            ("nonsense=1", "nonsense"),
        ] {
            let reply = world.house.get(&format!("{path}?{query}")).await.expect(400);
            let told = format!("{path}?{query} {:?}", reply.body);
            assert_eq!((reply.code(), reply.fields()), ("web.query", vec![field]), "{told}");
        }
        assert_eq!(world.house.get(&format!("{path}?fields=%ff")).await.status, 400);
        assert_eq!(world.house.get(&format!("{path}/history?limit=1")).await.status, 400);
    }
}

#[actix_web::test]
async fn a_patient_brings_the_newest_of_each_related_list() {
    let world = World::new().await;
    conditions(&world.house, &world.patient, RELATED_MOST + 5).await;
    let own = format!("conditions?patient_id={}&limit={RELATED_MOST}", world.patient);
    let own = world.house.get(&own).await.expect(200);
    let page = world.house.get("patients?include=conditions,encounters").await.expect(200);
    let rows = page.data().as_array().unwrap();
    let of = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(of(&world.patient)["conditions"], *own.data(), "as in their own list");
    assert_eq!(of(&world.stranger)["conditions"][0]["id"], json!(world.strange_condition));
    assert_eq!(of(&world.stranger)["encounters"].as_array().unwrap().len(), 1);
    let one = format!("patients/{}?include=conditions", world.patient);
    let first = world.house.get(&one).await.expect(200);
    assert_eq!(first.data()["conditions"], *own.data());
    // The tag follows what comes along, and still counts as the version for a change.
    let tag = first.etag.unwrap();
    let new = json!({
        "patient_id": world.patient, "code_text": "New", "onset_recorded": "2021-01-01",
    });
    world.house.post("conditions", &new).await.expect(201);
    assert_ne!(world.house.get(&one).await.expect(200).etag.unwrap(), tag);
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let path = format!("patients/{}", world.patient);
    let method = actix_web::http::Method::PATCH;
    world.house.send(method, &path, &headers, b"{\"gender\":\"woman\"}").await.expect(200);
}

#[actix_web::test]
async fn every_related_list_comes_in_one_question_however_many_records() {
    let world = World::new().await;
    for _ in 0..30 {
        let least = world.least(&PATIENTS);
        let id = world.house.post("patients", &least).await.expect(201).id();
        conditions(&world.house, &id, 2).await;
    }
    let desk = &world.house.desk;
    let count = |limit: &str, includes: &str| {
        let parameters = [("limit", limit), ("include", includes)];
        let parameters = parameters.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let actor = command_line();
        let reader = Reader::new(&PATIENTS, &actor, desk.seal().unwrap()).bringing(&OF_PATIENT);
        let query = reader.list(&parameters).unwrap();
        desk.peek(&actor, |sight| {
            let page = select::page(sight, &query)?;
            Ok((page.ids.len(), sight.statements()))
        })
        .unwrap()
    };
    let (few, asked) = count("2", "names,identifiers,conditions,encounters");
    assert_eq!((few, asked), (2, 5), "the page and one for each name");
    let (many, asked) = count("30", "names,identifiers,conditions,encounters");
    assert_eq!((many, asked), (30, 5), "and no more for more records");
}

#[actix_web::test]
async fn includes_need_the_permission_of_what_they_bring() {
    let world = World::new().await;
    let one = format!("patients/{}", world.patient);
    for path in ["patients", one.as_str(), "patients?q=Okafor"] {
        let and = if path.contains('?') { '&' } else { '?' };
        let ask = format!("{path}{and}include=conditions");
        let reply = world.house.get_as("reception", &ask).await.expect(403);
        assert_eq!(reply.code(), "access.not_allowed");
        let ask = format!("{path}{and}include=encounters");
        let reply = world.house.get_as("reception", &ask).await.expect(200);
        let text = reply.data().to_string();
        assert!(!text.contains("reason_text"), "why they came is for others: {text}");
        assert!(text.contains("ambulatory"), "{text}");
    }
}

#[actix_web::test]
async fn the_audit_says_what_came_along() {
    let world = World::new().await;
    let one = format!("patients/{}?include=conditions,names", world.patient);
    world.house.get_as("nurse", &one).await.expect(200);
    world.house.get_as("nurse", "patients?include=encounters").await.expect(200);
    world.house.desk.close();
    let details: Vec<String> = world.house.read(|tx| {
        let sql = "SELECT detail FROM audit WHERE detail LIKE '%with %' ORDER BY id";
        tx.all(sql, &[], |row| row.get(0))
    });
    assert_eq!(details[0], "with names, conditions");
    assert!(details[1].contains(&world.patient) && details[1].ends_with(" with encounters"));
}

#[actix_web::test]
async fn the_more_lists_come_along_the_fewer_records_a_page_has() {
    let world = World::new().await;
    let all: Vec<&str> = OF_PATIENT.iter().map(|related| related.name).collect();
    let all = all.join(",");
    let most = RELATED_RECORDS_MAX / OF_PATIENT.len();
    world.house.get(&format!("patients?include={all}")).await.expect(200);
    world.house.get(&format!("patients?include={all}&limit={most}")).await.expect(200);
    let over = format!("patients?include={all}&limit={}", most + 1);
    let reply = world.house.get(&over).await.expect(400);
    assert_eq!(reply.fields(), ["limit"]);
    let mend = reply.body["errors"][0]["message"].as_str().unwrap();
    assert!(mend.ends_with(&format!("at most {most}.")), "{mend}");
    world.house.get("patients?include=encounters&limit=200").await.expect(200);
}

#[test]
fn every_declaration_keeps_its_pages_and_cursors_within_bounds() {
    for resource in ALL {
        let most: usize = resource.children.iter().map(|child| child.most).sum();
        assert!(most * LIMIT_MAX <= CHILD_ROWS_MAX, "{}", resource.path);
        for column in resource.all_columns().filter(|column| column.sort != Served::No) {
            let bytes = match column.holds {
                Holds::Text(most) => 4 * most,
                Holds::Date | Holds::Time | Holds::Int(..) | Holds::Bool => 10,
                other => panic!("{} sorts by {other:?}", resource.path),
            };
            assert!(bytes <= VALUE_MAX, "{}.{}", resource.path, column.name);
        }
    }
}

#[test]
fn a_related_list_reads_only_the_rows_it_brings() {
    let store = Store::scratch();
    for related in &OF_PATIENT {
        let sql = include::statement(related);
        let steps = store.read(30 * SECOND, |tx| tx.plan(&sql)).unwrap();
        let told = format!("{sql}\n{steps:#?}");
        let own = format!("INDEX {}_patient (patient_id=?)", related.resource.table);
        assert!(steps.iter().any(|step| step.contains(&own)), "{told}");
        let whole = |step: &String| step.starts_with("SCAN") && !step.contains("page");
        assert!(!steps.iter().any(whole), "{told}");
    }
}

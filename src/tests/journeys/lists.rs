//! Pages, filters, fields: every list behaves the same.

use std::collections::BTreeSet;

use healthflow::domain;
use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::harness::Hospital;

fn pages(client: &Client, first: &str) -> Vec<Vec<Json>> {
    let mut found = Vec::new();
    let mut place = first.to_owned();
    loop {
        let page = client.get(&place);
        page.expect_status(200);
        found.push(page.data().as_array().unwrap().clone());
        match page.json()["meta"]["cursor"]["next"].as_str() {
            Some(next) => place = format!("{first}&cursor={next}"),
            None => return found,
        }
        assert!(found.len() < 100, "the pages never end");
    }
}

#[test]
fn pages_show_everybody_once_in_order_also_while_others_register() {
    let hospital = Hospital::open();
    for number in 0..25 {
        hospital.admin.register("Same", &format!("Family{:02}", 24 - number));
    }
    hospital.admin.register("Same", "Family07");
    for sort in ["mrn", "-mrn", "birth_date", "-birth_date"] {
        let pages = pages(&hospital.admin, &format!("/api/v1/patients?limit=7&sort={sort}"));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 5], "{sort}");
        let ids: BTreeSet<&str> =
            pages.iter().flatten().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 26, "{sort}");
    }
    let place = "/api/v1/patients?limit=20";
    let first = hospital.admin.get(place);
    let names: Vec<_> =
        first.data().as_array().unwrap().iter().map(|item| item["family"].to_string()).collect();
    assert!(names.is_sorted(), "{names:?}");
    hospital.admin.register("Same", "Aardvark");
    let next = first.json()["meta"]["cursor"]["next"].as_str().unwrap().to_owned();
    let rest = hospital.admin.get(&format!("{place}&cursor={next}"));
    assert_eq!(rest.data().as_array().unwrap().len(), 6, "nobody twice, nobody missing");
    let back = rest.json()["meta"]["cursor"]["prev"].as_str().unwrap().to_owned();
    let back = hospital.admin.get(&format!("{place}&cursor={back}"));
    assert_eq!(back.data(), first.data(), "back is where it came from");
}

#[test]
fn what_a_list_does_not_understand_is_refused_with_what_it_does() {
    let hospital = Hospital::open();
    hospital.admin.register("Bekele", "Moreau");
    hospital.admin.register("Ama", "Osei");
    let next = hospital.admin.get("/api/v1/patients?limit=1").json()["meta"]["cursor"]["next"]
        .as_str()
        .unwrap()
        .to_owned();
    let wrong = [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=",
        "sort=family",
        "sort=--mrn",
        "fields=nope",
        "fields=name_key",
        "include=nope",
        "colour=blue",
        "mrn=a&mrn=b",
        "cursor=AAAA",
        "cursor=%00",
        "sex=female",
        &format!("sort=mrn&cursor={next}"),
    ];
    for query in wrong {
        let answer = hospital.admin.get(&format!("/api/v1/patients?{query}"));
        let problem = answer.expect_problem(400, "web.query");
        assert_ne!(problem["errors"], json!([]), "{query}");
    }
    let practitioners = format!("/api/v1/practitioners?cursor={next}");
    hospital.admin.get(&practitioners).expect_problem(400, "web.query");
    let few = hospital.admin.get("/api/v1/patients?fields=mrn,sex&include=names&limit=1").data();
    let keys: Vec<_> = few[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(BTreeSet::from_iter(keys), ["id", "mrn", "names", "sex"].map(str::to_owned).into());
}

#[test]
fn every_list_of_the_hospital_has_the_same_shape() {
    let hospital = Hospital::open();
    for resource in domain::ALL {
        let place = format!("/api/v1/{}", resource.path);
        let list = hospital.admin.get(&place);
        list.expect_status(200);
        let json = list.json();
        assert!(json["data"].is_array(), "{place}");
        let cursor = json["meta"]["cursor"].as_object().unwrap();
        assert!(cursor.contains_key("next") && cursor.contains_key("prev"), "{place}");
        assert!(list.header("cache-control").contains("no-store"), "{place}");
        assert_ne!(list.header("etag"), "", "{place}");
        for id in ["1", "pat_1", "xyz_0000000000001", "%00", "pat_0000000000001'--"] {
            let one = hospital.admin.get(&format!("{place}/{id}"));
            one.expect_problem(404, "web.not_found");
        }
        let absent = resource.kind.show(1);
        hospital.admin.get(&format!("{place}/{absent}")).expect_problem(404, "web.not_found");
    }
}

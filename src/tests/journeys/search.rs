//! Found at once, by whatever somebody remembers of a person.

use serde_json::json;

use crate::client::person;
use crate::harness::{Hospital, Server, eventually};

#[test]
fn a_patient_is_found_at_once_by_any_part_of_what_is_known() {
    let hospital = Hospital::open();
    for (given, family) in [("Ama", "Osei"), ("Kofi", "Mensah"), ("Yaa", "Mbeki")] {
        let mut other = person(given, family);
        other["birth_date"] = json!("1991-12-01");
        hospital.admin.register_as(&other);
    }
    let mut sent = person("Bekele Tomás", "Moreau");
    sent["telecoms"] = json!([{"system": "phone", "value": "+233 24 555 0199"}]);
    sent["identifiers"] = json!([{"system": "urn:test:id", "value": "S-9992 7714"}]);
    let patient = hospital.admin.register_as(&sent);
    let id = patient["id"].as_str().unwrap();
    let mrn = patient["mrn"].as_str().unwrap();
    let spellings = [
        "moreau",
        "mor",
        "MOREAU Bekele",
        "bekele moreau",
        "tomas mor",
        "Tomás",
        mrn,
        &mrn[4..],
        "+233245550199",
        "024 555 0199",
        "0199",
        "S-99927714",
        "s9992 7714",
        "1963-05-10",
        "10.05.1963",
        "10 May 1963",
        "10/05/1963",
        "mor 1963",
        "bekele moraeu",
        "bekel moro",
    ];
    for text in spellings {
        let found = hospital.admin.search(text);
        assert_eq!(found.first().map(String::as_str), Some(id), "{text}: {found:?}");
    }
    for text in ["zzzz", "moreau 1964", "osei bekele", "q:*", "\"", "AND OR", "(", "mor*"] {
        let found = hospital.admin.search(text);
        assert!(!found.contains(&id.to_owned()) || text.starts_with("mor*"), "{text}: {found:?}");
    }
}

#[test]
fn whoever_answers_equally_well_is_shown_by_name_and_then_by_birth_date() {
    let hospital = Hospital::open();
    for (given, family, born) in [
        ("Zoe", "Marsh", "1990-01-01"),
        ("Marta", "Abel", "1980-01-01"),
        ("Ann", "Martin", "1985-05-05"),
        ("Ann", "Martin", "1947-02-02"),
        ("Bo", "Marach", "2001-01-01"),
    ] {
        let mut sent = person(given, family);
        sent["birth_date"] = json!(born);
        hospital.admin.register_as(&sent);
    }
    let found = hospital.admin.get("/api/v1/patients?q=mar");
    found.expect_status(200);
    let data = found.data();
    let rows = data.as_array().unwrap().iter();
    let told: Vec<String> =
        rows.map(|row| format!("{} {}", row["family"], row["birth_date"])).collect();
    let expected = [
        r#""Marach" "2001-01-01""#,
        r#""Marsh" "1990-01-01""#,
        r#""Martin" "1947-02-02""#,
        r#""Martin" "1985-05-05""#,
        r#""Abel" "1980-01-01""#,
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_asked_in_a_body_is_answered_as_in_an_address() {
    let hospital = Hospital::open();
    for given in ["Ama", "Kofi", "Yaa"] {
        hospital.admin.register(given, "Moreau");
    }
    let (search, matches) = ("/api/v1/patients/search", "/api/v1/patients/matches");
    let shown = hospital.admin.get("/api/v1/patients?q=moreau&limit=2&fields=family,mrn");
    let asked = json!({"q": "moreau", "limit": 2, "fields": "family,mrn"});
    let answer = hospital.admin.post(search, &asked);
    answer.expect_status(200);
    assert_eq!(answer.json(), shown.json());
    assert_eq!(answer.json()["meta"]["more"], true);
    let shown = hospital.admin.get(&format!("{matches}?family=Moreau&given=Ama"));
    let answer = hospital.admin.post(matches, &json!({"family": "Moreau", "given": "Ama"}));
    answer.expect_status(200);
    assert_eq!(answer.json(), shown.json());
    assert!(!answer.data().as_array().unwrap().is_empty());
    for (place, body, field) in [
        (search, json!({"q": " "}), "q"),
        (search, json!({"q": "a", "limit": 0}), "limit"),
        (search, json!({"q": "a", "fields": "secret"}), "fields"),
        (search, json!({"q": "a", "cursor": "x"}), "cursor"),
        (matches, json!({"name": "x"}), "name"),
    ] {
        let refused = hospital.admin.post(place, &body);
        refused.expect_status(422);
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
}

#[test]
fn an_answer_says_why_and_who_asks_too_much_is_told() {
    let hospital = Hospital::open();
    hospital.admin.register("Bekele", "Moreau");
    let item = hospital.admin.get("/api/v1/patients?q=moreau").data()[0].clone();
    assert_eq!(item["matched"], json!(["name"]));
    assert_eq!(item["family"], "Moreau");
    let long = format!("/api/v1/patients?q={}", "a".repeat(5_000));
    hospital.admin.get(&long).expect_problem(400, "search.text");
    hospital.admin.get("/api/v1/patients?q=a&cursor=b").expect_status(400);
    hospital.admin.get("/api/v1/patients?q=%FF%FE").expect_problem(400, "web.query");
    hospital.admin.get("/api/v1/patients?q=a&limit=0").expect_problem(400, "web.query");
    hospital.admin.get("/api/v1/patients?q=%20").expect_status(200);
}

#[test]
fn a_hit_by_a_former_name_says_which_name_it_was() {
    let hospital = Hospital::open();
    let mut sent = person("Ama", "Osei");
    sent["names"] = json!([
        {"name_use": "official", "family": "Osei", "given": ["Ama", "Serwaa"]},
        {"name_use": "maiden", "family": "Mensah", "given": ["Ama"]},
    ]);
    hospital.admin.register_as(&sent);
    let by_maiden = hospital.admin.get("/api/v1/patients?q=mensah").data()[0].clone();
    assert_eq!(by_maiden["family"], "Osei");
    let told = json!({"name_use": "maiden", "family": "Mensah", "given": ["Ama"]});
    assert_eq!(by_maiden["matched_name"], told);
    let by_own = hospital.admin.get("/api/v1/patients?q=osei").data()[0].clone();
    assert!(by_own.get("matched_name").is_none(), "{by_own}");
}

#[test]
fn an_amended_name_is_found_and_the_old_one_is_not() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Bekele", "Moreau");
    let id = patient["id"].as_str().unwrap();
    let names = json!({"names": [{"family": "Adjei", "given": ["Bekele"]}]});
    hospital.admin.patch(&format!("/api/v1/patients/{id}"), 1, &names).expect_status(200);
    eventually("the new name is found and the old one gone", || {
        hospital.admin.search("adjei") == [id] && hospital.admin.search("moreau").is_empty()
    });
}

#[test]
fn somebody_else_finds_them_and_so_does_everybody_after_a_power_failure() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let ids: Vec<String> = (0..30)
        .map(|number| {
            let patient = hospital.admin.register(&format!("Given{number}x"), "Moreau");
            let id = patient["id"].as_str().unwrap().to_owned();
            assert!(nurse.search(&format!("given{number}x")).contains(&id));
            id
        })
        .collect();
    let Hospital { server, admin, scratch } = hospital;
    server.kill();
    let server = Server::start(&scratch.data(), &[]);
    let admin = server.client().with_token(admin.token());
    for (number, id) in ids.iter().enumerate() {
        eventually("found after the power failure", || {
            admin.search(&format!("given{number}x")).first() == Some(id)
        });
    }
}

#[test]
fn possible_duplicates_are_shown_with_reasons_before_somebody_is_registered_twice() {
    let hospital = Hospital::open();
    let patient = hospital.admin.register("Bekele", "Moreau");
    let place = "/api/v1/patients/matches?family=Moreau&given=Bekele&birth_date=1963-05-10";
    let found = hospital.admin.get(place);
    found.expect_status(200);
    assert_eq!(found.data()[0]["id"], patient["id"]);
    assert!(90 <= found.data()[0]["score"].as_i64().unwrap(), "{}", found.text());
    assert_ne!(found.data()[0]["reasons"], json!([]));
    let stranger = "/api/v1/patients/matches?family=Zimmermann&given=Ute&birth_date=1950-01-01";
    assert_eq!(hospital.admin.get(stranger).data(), json!([]));
    hospital.admin.get("/api/v1/patients/matches?colour=blue").expect_problem(400, "web.query");
}

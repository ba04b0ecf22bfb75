//! The list of all patients opens anywhere; people who cannot be named are told apart.

use serde_json::{Value as Json, json};

use crate::harness::Hospital;

const PATIENTS: &str = "/api/v1/patients";

fn families(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["family"].as_str().unwrap()).collect()
}

#[test]
fn the_list_of_all_patients_opens_at_any_place_and_goes_on_by_cursors() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    for family in ["Dube", "abebe", "Osei", "Ábalos", "حداد", "Okafor", "Eze"] {
        admin.register("Ama", family);
    }
    let shelf = admin.get(&format!("{PATIENTS}/shelf")).data();
    assert_eq!(shelf["total"], 7);
    let letters: Vec<(&str, i64)> =
        shelf["letters"].as_array().unwrap().iter().map(letter).collect();
    assert_eq!(letters, [("a", 0), ("d", 2), ("e", 3), ("o", 4), ("ح", 6)]);
    let kept = |what: &str| admin.get("/api/v1/system").data()["cache"]["shelf"][what].as_i64();
    let misses = kept("misses");
    assert_eq!(admin.get(&format!("{PATIENTS}/shelf")).data(), shelf);
    assert_eq!((kept("hits"), kept("misses")), (Some(1), misses), "nothing changed: no walk");
    let from = |offset: &str| admin.get(&format!("{PATIENTS}?limit=2&offset={offset}"));
    assert_eq!(families(&from("0").data()), ["Ábalos", "abebe"]);
    assert_eq!(families(&from("3").data()), ["Eze", "Okafor"]);
    assert_eq!(families(&from("6").data()), ["حداد"]);
    assert_eq!(families(&from("7").data()), Vec::<&str>::new());
    assert_eq!(families(&from("900").data()), Vec::<&str>::new(), "beyond the end");
    let middle = from("3").json();
    let next = middle["meta"]["cursor"]["next"].as_str().unwrap();
    let after = admin.get(&format!("{PATIENTS}?limit=2&cursor={next}")).data();
    assert_eq!(families(&after), ["Osei", "حداد"]);
    let prev = middle["meta"]["cursor"]["prev"].as_str().unwrap();
    let before = admin.get(&format!("{PATIENTS}?limit=2&cursor={prev}")).data();
    assert_eq!(families(&before), ["abebe", "Dube"]);
    for wrong in ["offset=-1", "offset=x", "offset=2&sort=-id", "offset=2&mrn=MRN-000000017"] {
        admin.get(&format!("{PATIENTS}?{wrong}")).expect_problem(400, "web.query");
    }
    admin.register("Ama", "Fofana");
    let shelf = admin.get(&format!("{PATIENTS}/shelf")).data();
    let letters: Vec<(&str, i64)> =
        shelf["letters"].as_array().unwrap().iter().map(letter).collect();
    assert_eq!(shelf["total"], 8, "whoever was registered is counted at once");
    assert_eq!(letters, [("a", 0), ("d", 2), ("e", 3), ("f", 4), ("o", 5), ("ح", 7)]);
}

fn letter(row: &Json) -> (&str, i64) {
    (row["letter"].as_str().unwrap(), row["place"].as_i64().unwrap())
}

#[test]
fn people_who_cannot_be_named_get_names_that_tell_them_apart() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let unknown = |words: &str| json!({"unknown_person": words, "sex": "male", "age_years": 40});
    let name = |body: &Json| admin.register_as(body)["family"].as_str().unwrap().to_owned();
    assert_eq!(name(&unknown("Unknown male")), "Unknown male 1");
    assert_eq!(name(&unknown("unknown Male")), "unknown Male 2");
    assert_eq!(name(&unknown("Unknown female")), "Unknown female 1");
    assert_eq!(name(&unknown("Inconnu")), "Inconnu 1");
    let third = admin.register_as(&unknown(" Unknown male "));
    assert_eq!(third["family"], "Unknown male 3");
    assert_eq!(third["names"][0]["name_use"], "temporary");
    assert_eq!(third["birth_date_estimated"], true);
    assert_eq!(
        admin.search("unknown male 3").first(),
        third["id"].as_str().map(str::to_owned).as_ref()
    );
    for wrong in ["", "Unknown 7", &"x".repeat(61)] {
        let problem = admin.post(PATIENTS, &unknown(wrong));
        assert_eq!(problem.json()["errors"][0]["field"], "unknown_person", "{wrong}");
    }
    let mut both = unknown("Unknown male");
    both["names"] = json!([{"family": "Moreau"}]);
    admin.post(PATIENTS, &both).expect_status(422);
}

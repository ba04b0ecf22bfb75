//! Imports of small files of our own, over a real store.

use std::fs;

use serde_json::{Value as Json, json};

mod forms;
mod office;
mod owners;
mod tables;
mod trial;
mod undone;
mod whole;

use super::plan::Format;
use super::tally::Tally;
use trial::{Trial, plan};

const AMINA: &str = "11111111-1111-4111-8111-111111111111";
const VISIT: &str = "22222222-2222-4222-8222-222222222222";

fn patient(id: &str, family: &str, born: &str) -> Json {
    json!({
        "resourceType": "Patient", "id": id,
        "name": [{"use": "official", "family": family, "given": ["Amina"]}],
        "gender": "female", "birthDate": born,
        "identifier": [{
            "type": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"
            }]},
            "system": "urn:example:hospital", "value": "4711"
        }],
    })
}

fn visit() -> Json {
    json!({
        "resourceType": "Encounter", "id": VISIT, "status": "finished",
        "class": {"code": "AMB"}, "subject": {"reference": format!("urn:uuid:{AMINA}")},
        "serviceProvider": {"reference": "Organization?identifier=urn:example:org|north"},
        "period": {"start": "2019-05-03T10:00:00-04:00", "end": "2019-05-03T10:30:00-04:00"},
    })
}

fn weight() -> Json {
    let text = r#"{
        "resourceType": "Observation", "id": "weight-1", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
        "subject": {"reference": "Patient/11111111-1111-4111-8111-111111111111"},
        "encounter": {"reference": "Encounter/22222222-2222-4222-8222-222222222222"},
        "effectiveDateTime": "2019-05",
        "valueQuantity": {"value": 70.50, "unit": "kg", "code": "kg"}
    }"#;
    serde_json::from_str(text).unwrap()
}

fn organization() -> Json {
    json!({
        "resourceType": "Organization", "id": "north", "name": "North Clinic",
        "identifier": [{"system": "urn:example:org", "value": "north"}],
    })
}

fn bundle(resources: &[Json]) -> String {
    let entries: Vec<Json> = resources
        .iter()
        .map(|resource| {
            let id = resource["id"].as_str().unwrap();
            json!({
                "fullUrl": format!("urn:uuid:{id}"), "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            })
        })
        .collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
}

#[test]
fn references_are_resolved_whatever_their_order_and_form() {
    let trial = Trial::new("order");
    // The observation comes before its visit, the visit before its patient, in other files.
    trial.file("1.json", &bundle(&[weight(), visit()]));
    trial.file(
        "2.ndjson",
        &format!("{}\n{}\n", organization(), patient(AMINA, "Diallo", "1990-02-03")),
    );
    let tally = trial.import();
    assert_eq!(tally.rejected, 0, "{tally:?}");
    assert_eq!(tally.stored.values().sum::<u64>(), 4, "{tally:?}");
    let joined = "SELECT count(*) FROM observation \
        JOIN encounter ON encounter.id = observation.encounter_id \
        JOIN patient ON patient.id = encounter.patient_id AND patient.id = observation.patient_id \
        JOIN organization ON organization.id = encounter.organization_id";
    assert_eq!(trial.count(joined), 1);
    assert_eq!(trial.count("SELECT count(*) FROM import_waiting"), 0);
    assert_eq!(trial.count("SELECT count(*) FROM import_waiting_link"), 0);
}

#[test]
fn what_was_written_survives_as_it_was_written() {
    let trial = Trial::new("verbatim");
    trial.file("a.json", &bundle(&[patient(AMINA, "Diallo", "1990-02"), visit(), weight()]));
    assert_eq!(trial.import().rejected, 0);
    assert_eq!(trial.text("SELECT value_decimal FROM observation").unwrap(), "70.50");
    assert_eq!(trial.text("SELECT effective_recorded FROM observation").unwrap(), "2019-05");
    let started = trial.text("SELECT started_recorded FROM encounter").unwrap();
    assert_eq!(started, "2019-05-03T10:00:00-04:00");
    assert_eq!(trial.text("SELECT birth_date FROM patient").unwrap(), "1990-02");
}

#[test]
fn the_same_import_twice_changes_nothing_and_a_change_is_kept_with_its_past() {
    let trial = Trial::new("twice");
    let all = [organization(), patient(AMINA, "Diallo", "1990-02-03"), visit(), weight()];
    trial.file("a.json", &bundle(&all));
    assert_eq!(trial.import().stored.values().sum::<u64>(), 4);
    let audited = trial.count("SELECT count(*) FROM audit WHERE act = 'imports.write'");
    // The same resources in another packing are the same.
    fs::remove_file(trial.folder.join("a.json")).unwrap();
    let lines: Vec<String> = all.iter().map(Json::to_string).collect();
    trial.file("a.ndjson", &lines.join("\n"));
    let again = trial.import();
    assert_eq!(again.unchanged.values().sum::<u64>(), 4, "{again:?}");
    assert!(again.stored.is_empty() && again.updated.is_empty(), "{again:?}");
    let after = trial.count("SELECT count(*) FROM audit WHERE act = 'imports.write'");
    assert_eq!(after, audited, "nothing was touched");

    let mut married = all[1].clone();
    married["name"][0]["family"] = json!("Keita");
    trial.file("a.ndjson", &married.to_string());
    let changed = trial.import();
    assert_eq!(changed.updated.get("Patient"), Some(&1), "{changed:?}");
    assert_eq!(trial.text("SELECT family FROM patient").unwrap(), "Keita");
    let past = trial.text("SELECT body FROM history WHERE subject_kind = 'patient'").unwrap();
    assert!(past.contains("Diallo"));
}

#[test]
fn one_person_under_a_new_id_stays_one_and_another_person_is_never_overwritten() {
    let trial = Trial::new("identity");
    trial.file("a.json", &patient(AMINA, "Diallo", "1990-02-03").to_string());
    trial.import();
    let mut moved = patient("other-system-9", "Diallo", "1990-02-03");
    moved["telecom"] = json!([{"system": "phone", "value": "0241234417"}]);
    trial.file("a.json", &moved.to_string());
    let tally = trial.import();
    assert_eq!(tally.updated.get("Patient"), Some(&1), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 1);
    assert_eq!(trial.count("SELECT count(*) FROM patient_telecom"), 1);

    let mut stranger = patient(AMINA, "Okafor", "1955-11-20");
    stranger["identifier"] = json!([]);
    trial.file("a.json", &stranger.to_string());
    let tally = trial.import();
    assert_eq!(tally.rejected, 1, "{tally:?}");
    assert_eq!(trial.text("SELECT family FROM patient").unwrap(), "Diallo");
    let reason = trial.text("SELECT reason FROM import_reject ORDER BY id DESC LIMIT 1").unwrap();
    assert!(reason.contains("another person"), "{reason}");

    // The same id from a system with another name is somebody else.
    let tally = trial.import_from("south");
    assert_eq!(tally.stored.get("Patient"), Some(&1), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 2);
}

#[test]
fn each_bad_resource_is_listed_and_the_rest_goes_in() {
    let trial = Trial::new("rejects");
    let orphan = json!({
        "resourceType": "Condition", "id": "c1",
        "code": {"text": "Cough"}, "subject": {"reference": "Patient/nobody"},
    });
    let lines = [
        patient(AMINA, "Diallo", "1990-02-30").to_string(),
        "{\"resourceType\":\"Patient\",".to_owned(),
        patient("p2", "Osei", "1980-01-02").to_string(),
        orphan.to_string(),
        json!({"resourceType": "Claim", "id": "x"}).to_string(),
        json!({"resourceType": "Spaceship", "id": "y"}).to_string(),
    ];
    trial.file("mixed.ndjson", &lines.join("\n"));
    let tally = trial.import();
    assert_eq!(tally.rejected, 4, "{tally:?}");
    assert_eq!(tally.stored.get("Patient"), Some(&1));
    assert_eq!(tally.left_out["Claim"].count, 1);
    assert!(!tally.left_out["Claim"].reason.is_empty());
    assert_eq!(trial.count("SELECT count(*) FROM import_reject"), 4);
    let lines = "SELECT count(*) FROM import_reject WHERE file = 'mixed.ndjson' AND \
        line IN (1, 2, 4, 6) AND reason <> ''";
    assert_eq!(trial.count(lines), 4, "each with file and line");
    let counted = tally.stored.values().chain(tally.unchanged.values()).sum::<u64>();
    let left = tally.left_out.values().map(|left| left.count).sum::<u64>();
    assert_eq!(tally.read_total(), counted + left + tally.rejected, "{tally:?}");
}

#[test]
fn an_import_that_was_stopped_goes_on() {
    let trial = Trial::new("resume");
    let people: Vec<String> = (0..300)
        .map(|number| {
            let mut one = patient(&format!("p{number}"), &format!("Family{number}"), "1980-01-02");
            one["identifier"] = json!([]);
            one.to_string()
        })
        .collect();
    trial.file("a.ndjson", &people[..200].join("\n"));
    trial.import();
    trial.file("a.ndjson", &people.join("\n"));
    let tally = trial.import();
    assert_eq!(tally.unchanged.get("Patient"), Some(&200));
    assert_eq!(tally.stored.get("Patient"), Some(&100));
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 300);
}

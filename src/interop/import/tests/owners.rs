//! Numbers that several have, and whom a reference means then.

use super::forms::{both_ways, by_number, lines};
use super::*;

const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
const REQUESTERS: &str = "SELECT group_concat(told, ', ') FROM (SELECT note || ' ' || family AS told \
    FROM medication_request JOIN practitioner ON practitioner.id = requester_id ORDER BY note)";

fn practitioner(id: &str, family: &str, given: &str) -> Json {
    json!({
        "resourceType": "Practitioner", "id": id,
        "name": [{"family": family, "given": [given], "prefix": ["Dr."]}],
        "identifier": [{"system": NPI, "value": "99"}],
    })
}

fn request(id: &str, requester: &Json) -> Json {
    json!({
        "resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
        "subject": {"reference": format!("Patient/{AMINA}")}, "requester": requester,
        "medicationCodeableConcept": {"text": "Aspirin"}, "note": [{"text": id}],
    })
}

fn by_id(id: &str) -> Json {
    json!({"reference": format!("Practitioner/{id}")})
}

fn named(display: &str) -> Json {
    let mut reference = by_number("Practitioner", "99");
    reference["display"] = json!(display);
    reference
}

fn unchanged(tally: &Tally) -> bool {
    tally.unchanged.values().sum::<u64>() == tally.read_total()
}

#[test]
fn two_practitioners_with_one_number_stay_two_and_each_request_shows_its_own() {
    for (second_source, name) in [("fhir", "two-alike"), ("south", "two-apart")] {
        let trial = Trial::new(name);
        let amina = patient(AMINA, "Diallo", "1990-02-03");
        let first =
            lines(&[practitioner("d1", "Osei", "Ama"), amina.clone(), request("q1", &by_id("d1"))]);
        // What is asked for comes before who asked, and the number is somebody else's already.
        let second = lines(&[
            amina,
            request("q2", &by_number("Practitioner", "99")),
            request("q3", &by_id("d2")),
            request("q4", &named("Dr. Kofi Mensah")),
            practitioner("d2", "Mensah", "Kofi"),
        ]);
        trial.file("a.ndjson", &first);
        assert_eq!(trial.import().rejected, 0);
        trial.file("a.ndjson", &second);
        let tally = trial.import_from(second_source);
        assert_eq!(tally.stored.get("Practitioner"), Some(&1), "{tally:?}");
        assert_eq!(tally.identifiers_taken.count, 1, "{tally:?}");
        let whose = trial.text(REQUESTERS).unwrap();
        assert_eq!(whose, "q1 Osei, q2 Mensah, q3 Mensah, q4 Mensah");
        let owner = "SELECT family FROM practitioner JOIN practitioner_identifier \
            ON practitioner_id = practitioner.id";
        assert_eq!(trial.text(owner).as_deref(), Some("Osei"));
        assert!(unchanged(&trial.import_from(second_source)));
        trial.file("a.ndjson", &first);
        assert!(unchanged(&trial.import()), "the first once more changes nothing");
        assert_eq!(trial.text(REQUESTERS).unwrap(), whose);
        assert_eq!(trial.count("SELECT count(*) FROM practitioner"), 2);
    }
}

#[test]
fn a_new_id_finds_the_one_of_two_whose_name_it_has() {
    let trial = Trial::new("found-again");
    trial.file(
        "a.ndjson",
        &lines(&[practitioner("d1", "Osei", "Ama"), practitioner("d2", "Mensah", "Kofi")]),
    );
    assert_eq!(trial.import().stored.get("Practitioner"), Some(&2));
    // She has married; he is the one who does not have the number here.
    trial.file(
        "a.ndjson",
        &lines(&[practitioner("e1", "Boateng", "Ama"), practitioner("e2", "MENSAH", "Kofi")]),
    );
    let tally = trial.import_from("south");
    assert_eq!(tally.updated.get("Practitioner"), Some(&2), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM practitioner"), 2);
    let linked = "SELECT family FROM practitioner JOIN import_link \
        ON record_id = practitioner.id WHERE source_id = 'e2'";
    assert_eq!(trial.text(linked).as_deref(), Some("Mensah"));
    assert_eq!(trial.count("SELECT count(*) FROM practitioner_identifier"), 1);
}

#[test]
fn an_id_that_stands_for_another_practitioner_is_refused() {
    let trial = Trial::new("other-id");
    trial.file("a.ndjson", &lines(&[practitioner("d1", "Osei", "Ama")]));
    trial.import();
    trial.file("a.ndjson", &lines(&[practitioner("d1", "Osei-Bonsu", "Ama")]));
    assert_eq!(trial.import().updated.get("Practitioner"), Some(&1), "a name may change");
    trial.file("a.ndjson", &lines(&[practitioner("d1", "Mensah", "Kofi")]));
    for _ in 0..2 {
        assert_eq!(trial.import().rejected, 1);
        let family = trial.text("SELECT family FROM practitioner");
        assert_eq!(family.as_deref(), Some("Osei-Bonsu"));
    }
    let reason = trial.text("SELECT reason FROM import_reject").unwrap();
    assert!(reason.contains("another person"), "{reason}");
}

#[test]
fn a_number_whose_owner_has_another_name_links_nobody() {
    let trial = Trial::new("nobody");
    let amina = patient(AMINA, "Diallo", "1990-02-03");
    trial.file("a.ndjson", &lines(&[practitioner("d1", "Osei", "Ama")]));
    trial.import();
    trial.file(
        "a.ndjson",
        &lines(&[
            amina,
            request("q1", &named("Dr. Kofi Mensah")),
            request("q2", &named("Dr. Ama Osei")),
            request("q3", &by_number("Practitioner", "99")),
        ]),
    );
    for source in ["fhir", "south"] {
        let tally = trial.import_from(source);
        let told = "medication-requests.requester_id (not found)";
        assert_eq!(tally.parts_left_out.get(told), Some(&1), "{tally:?}");
    }
    let whose = trial.text(REQUESTERS).unwrap();
    assert_eq!(whose, "q2 Osei, q2 Osei, q3 Osei, q3 Osei");
}

#[test]
fn a_number_that_its_files_have_taken_back_means_nobody_of_them_any_more() {
    let trial = Trial::new("taken-back");
    let first = practitioner("d1", "Osei", "Ama");
    let mut second = practitioner("d2", "Mensah", "Kofi");
    trial.file("a.ndjson", &lines(&[first, second.clone()]));
    assert_eq!(trial.import().stored.get("Practitioner"), Some(&2));
    assert_eq!(trial.count("SELECT count(*) FROM import_claim"), 2);
    second["identifier"] = json!([]);
    trial.file(
        "a.ndjson",
        &lines(&[
            second,
            patient(AMINA, "Diallo", "1990-02-03"),
            request("q1", &by_number("Practitioner", "99")),
        ]),
    );
    trial.import();
    assert_eq!(trial.count("SELECT count(*) FROM import_claim WHERE kind = 'Practitioner'"), 1);
    assert_eq!(trial.text(REQUESTERS).as_deref(), Some("q1 Osei"));
}

#[test]
fn two_in_the_same_files_are_told_apart_by_the_name_in_the_reference() {
    let all = [
        practitioner("d1", "Osei", "Ama"),
        practitioner("d2", "Mensah", "Kofi"),
        patient(AMINA, "Diallo", "1990-02-03"),
        request("q1", &named("Ama Osei")),
        request("q2", &named("Mensah, Kofi")),
        request("q3", &by_number("Practitioner", "99")),
        request("q4", &named("Attending physician")),
    ];
    both_ways("same-files", &all, |trial, _| {
        assert_eq!(trial.text(REQUESTERS).as_deref(), Some("q1 Osei, q2 Mensah"));
    });
}

#[test]
fn places_with_one_number_are_kept_apart_by_name_and_address() {
    let place = |id: &str, name: &str, line: &str| {
        json!({
            "resourceType": "Organization", "id": id, "name": name,
            "identifier": [{"system": "urn:example:org", "value": "1"}],
            "address": [{"line": [line]}],
        })
    };
    let trial = Trial::new("places");
    trial.file(
        "a.ndjson",
        &lines(&[
            place("o1", "North Clinic", "1 High Street"),
            place("o2", "North Health Centre", "1 High Street"),
            place("o3", "South Clinic", "9 Low Street"),
        ]),
    );
    let tally = trial.import();
    assert_eq!(tally.stored.get("Organization"), Some(&2), "{tally:?}");
    assert_eq!(tally.updated.get("Organization"), Some(&1), "{tally:?}");
    let names =
        "SELECT group_concat(name, ', ') FROM (SELECT name FROM organization ORDER BY name)";
    assert_eq!(trial.text(names).as_deref(), Some("North Clinic, South Clinic"));
    assert!(unchanged(&trial.import()));
}

#[test]
fn a_patient_whose_number_another_has_gets_what_names_the_number_in_its_own_files() {
    let trial = Trial::new("patients-number");
    trial.file("a.ndjson", &patient(AMINA, "Diallo", "1990-02-03").to_string());
    trial.import();
    let mut weight = weight();
    weight["subject"] = json!({"reference": "Patient?identifier=urn:example:hospital|4711"});
    weight.as_object_mut().unwrap().remove("encounter");
    let mut stranger = patient("p2", "Okafor", "1955-11-20");
    stranger["name"][0]["given"] = json!(["Chidi"]);
    trial.file("a.ndjson", &lines(&[weight, stranger]));
    let tally = trial.import_from("south");
    assert_eq!((tally.stored.get("Patient"), tally.rejected), (Some(&1), 0), "{tally:?}");
    let whose = "SELECT family FROM patient JOIN observation ON patient_id = patient.id";
    assert_eq!(trial.text(whose).as_deref(), Some("Okafor"));
}

/// A visit with two participants who come behind it in the file, and what somebody does to its
/// list meanwhile.
fn participants(name: &str, meanwhile: &'static str) -> (Trial, Tally) {
    let trial = Trial::new(name);
    trial.run(meanwhile);
    let mut visit = visit();
    visit.as_object_mut().unwrap().remove("serviceProvider");
    visit["participant"] = json!([
        {"individual": {"reference": "Practitioner/d1", "display": "Dr Osei"}},
        {"individual": {"reference": "Practitioner/d2", "display": "Dr Mensah"}},
    ]);
    let amina = patient(AMINA, "Diallo", "1990-02-03");
    let (first, second) = (practitioner("d1", "Osei", "Ama"), practitioner("d2", "Mensah", "Kofi"));
    trial.file("a.ndjson", &lines(&[amina, visit, first, second]));
    let tally = trial.import();
    assert_eq!(tally.rejected, 0, "{tally:?}");
    (trial, tally)
}

const JOINED: &str = "SELECT group_concat(name || ' ' || coalesce(family, '-'), ', ') FROM \
    (SELECT name, family FROM encounter_participant LEFT JOIN practitioner \
     ON practitioner.id = practitioner_id ORDER BY encounter_participant.position)";

#[test]
fn a_row_is_filled_wherever_somebody_has_put_it() {
    let (trial, _) = participants(
        "row-moved",
        "CREATE TRIGGER meanwhile AFTER INSERT ON practitioner WHEN new.family = 'Mensah' BEGIN \
         UPDATE encounter_participant SET position = position + 10; \
         UPDATE encounter_participant SET position = 11 - position; END",
    );
    assert_eq!(trial.text(JOINED).as_deref(), Some("Dr Mensah Mensah, Dr Osei Osei"));
}

#[test]
fn a_row_that_was_replaced_is_left_alone_and_counted() {
    let (trial, tally) = participants(
        "row-gone",
        "CREATE TRIGGER meanwhile AFTER INSERT ON practitioner WHEN new.family = 'Mensah' BEGIN \
         UPDATE encounter_participant SET name = 'Dr Addo' WHERE position = 0; END",
    );
    assert_eq!(trial.text(JOINED).as_deref(), Some("Dr Addo -, Dr Mensah Mensah"));
    let told = "encounters.participants.practitioner_id (not found)";
    assert_eq!(tally.parts_left_out.get(told), Some(&1), "{tally:?}");
}

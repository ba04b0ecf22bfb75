//! What resources of several kinds make of each other: roles, teams, medications, tables.

use super::*;

fn practitioner() -> Json {
    json!({
        "resourceType": "Practitioner", "id": "d1", "name": [{"family": "Osei", "given": ["Ama"]}],
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "99"}],
    })
}

pub(super) fn lines(resources: &[Json]) -> String {
    resources.iter().map(Json::to_string).collect::<Vec<_>>().join("\n")
}

pub(super) fn by_number(kind: &str, value: &str) -> Json {
    json!({"reference": format!("{kind}?identifier=http://hl7.org/fhir/sid/us-npi|{value}")})
}

/// `resources` in this order and in the opposite one give the same.
pub(super) fn both_ways(name: &str, resources: &[Json], check: impl Fn(&Trial, &Tally)) {
    for backwards in [false, true] {
        let trial = Trial::new(&format!("{name}-{backwards}"));
        let mut resources = resources.to_vec();
        if backwards {
            resources.reverse();
        }
        trial.file("a.ndjson", &lines(&resources));
        let tally = trial.import();
        assert_eq!(tally.rejected, 0, "{:?}", trial.text("SELECT reason FROM import_reject"));
        check(&trial, &tally);
        let again = trial.import();
        assert_eq!(again.unchanged.values().sum::<u64>(), again.read_total(), "{again:?}");
    }
}

#[test]
fn roles_and_teams_add_to_practitioners_and_encounters() {
    let mut visit = visit();
    visit["participant"] = json!([{"individual": {"reference": "PractitionerRole/r1"}}]);
    visit["serviceProvider"] = json!({"reference": "Organization/north"});
    let role = json!({
        "resourceType": "PractitionerRole", "id": "r1", "practitioner": by_number("Practitioner", "99"),
        "organization": {"reference": "Organization/north"}, "specialty": [{"text": "Cardiology"}],
    });
    let team = json!({
        "resourceType": "CareTeam", "id": "t1", "subject": {"reference": format!("urn:uuid:{AMINA}")},
        "encounter": {"reference": format!("Encounter/{VISIT}")},
        "participant": [
            {"member": {"reference": format!("urn:uuid:{AMINA}"), "display": "Amina Diallo"}},
            {"member": {"reference": "urn:uuid:north", "display": "North Clinic"}},
            {"member": {"reference": "urn:uuid:d1"}, "role": [{"text": "Lead"}]},
            {"member": {"reference": "Practitioner/d2", "display": "Dr Two"}, "role": [{"text": "Nurse"}]},
        ],
    });
    let mut second = practitioner();
    second["id"] = json!("d2");
    second["identifier"][0]["value"] = json!("98");
    let amina = patient(AMINA, "Diallo", "1990-02-03");
    let all = [organization(), practitioner(), second, role, amina, visit, team];
    both_ways("roles", &all, |trial, _| {
        let specialty = "SELECT specialty_text FROM practitioner WHERE organization_id IS NOT NULL";
        assert_eq!(trial.text(specialty).as_deref(), Some("Cardiology"));
        let known = "SELECT count(*) FROM encounter_participant JOIN practitioner \
            ON practitioner.id = practitioner_id";
        assert_eq!(trial.count(known), 2, "each practitioner once, whoever names them");
        assert_eq!(trial.count("SELECT count(*) FROM encounter_participant"), 2);
    });
}

#[test]
fn a_request_takes_the_name_of_its_medication() {
    let request = |id: &str, medication: Json| {
        json!({
            "resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "subject": {"reference": format!("Patient/{AMINA}")}, "medicationReference": medication,
            "requester": by_number("Practitioner", "99"),
        })
    };
    let all = [
        json!({
            "resourceType": "Medication", "id": "m1",
            "code": {"coding": [{"system": "rx", "code": "7", "display": "Ibuprofen 200 mg"}]}
        }),
        practitioner(),
        patient(AMINA, "Diallo", "1990-02-03"),
        request("q1", json!({"reference": "Medication/m1"})),
        request("q2", json!({"reference": "Medication/gone", "display": "Aspirin"})),
    ];
    both_ways("medications", &all, |trial, _| {
        let sql = "SELECT code FROM medication_request WHERE code_text = 'Ibuprofen 200 mg'";
        assert_eq!(trial.text(sql).as_deref(), Some("7"));
        let sql = "SELECT count(*) FROM medication_request \
            WHERE code_text = 'Aspirin' AND code IS NULL AND requester_id IS NOT NULL";
        assert_eq!(trial.count(sql), 1);
    });
}

#[test]
fn a_diastolic_pressure_above_the_systolic_is_refused_and_listed() {
    let part = |code: &str, value: u64| {
        json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": code},
            "valueQuantity": {"value": value, "unit": "mm[Hg]", "code": "mm[Hg]"}})
    };
    let mut pressure = weight();
    pressure["code"]["text"] = json!("Pressure");
    pressure.as_object_mut().unwrap().remove("valueQuantity");
    pressure["component"] = json!([part("8462-4", 120), part("8480-6", 110)]);
    let trial = Trial::new("pressures");
    let all = [organization(), patient(AMINA, "Diallo", "1990-02-03"), visit(), pressure];
    trial.file("a.ndjson", &lines(&all));
    assert_eq!(trial.import().rejected, 1);
    let reason = trial.text("SELECT reason FROM import_reject").unwrap();
    assert!(reason.contains("above the systolic"), "{reason}");
    assert_eq!(trial.count("SELECT count(*) FROM observation"), 0);
}

#[test]
fn a_medication_that_never_comes_is_said() {
    let trial = Trial::new("no-medication");
    let request = json!({
        "resourceType": "MedicationRequest", "id": "q1", "status": "active", "intent": "order",
        "subject": {"reference": format!("Patient/{AMINA}")},
        "medicationReference": {"reference": "Medication/gone"},
    });
    trial.file("a.ndjson", &lines(&[patient(AMINA, "Diallo", "1990-02-03"), request]));
    assert_eq!(trial.import().rejected, 1);
    let reason = trial.text("SELECT reason FROM import_reject").unwrap();
    assert!(reason.starts_with("medicationReference:"), "{reason}");
}

#[test]
fn what_the_source_takes_out_goes_and_what_it_only_rewrites_stays() {
    let trial = Trial::new("taken-out");
    let problem = |fields: Json| {
        let mut problem = json!({
            "resourceType": "Condition", "id": "c1", "code": {"text": "Asthma"},
            "subject": {"reference": format!("Patient/{AMINA}")}, "onsetDateTime": "2019",
        });
        problem.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        problem
    };
    let amina = patient(AMINA, "Diallo", "1990-02-03");
    trial.file("a.ndjson", &lines(&[amina, problem(json!({"abatementDateTime": "2020"}))]));
    trial.import();
    trial.file("a.ndjson", &lines(&[problem(json!({}))]));
    assert_eq!(trial.import().updated.get("Condition"), Some(&1));
    assert_eq!(trial.text("SELECT abated_recorded FROM condition"), None);
    assert_eq!(trial.count("SELECT count(*) FROM condition WHERE abated_at IS NULL"), 1);
    // The same patient, named in another way: nothing has changed here.
    let named = problem(json!({"subject": {"reference": format!("urn:uuid:{AMINA}")}}));
    trial.file("a.ndjson", &lines(&[named]));
    assert_eq!(trial.import().unchanged.get("Condition"), Some(&1));
    assert_eq!(trial.count("SELECT count(*) FROM history WHERE subject_kind = 'condition'"), 1);
    // Withdrawn at the source: it stays readable here.
    let wrong = json!({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}});
    trial.file("a.ndjson", &lines(&[problem(wrong)]));
    assert_eq!(trial.import().updated.get("Condition"), Some(&1));
    assert_eq!(trial.count("SELECT count(*) FROM condition WHERE status = 'entered_in_error'"), 1);
    assert_eq!(trial.import().unchanged.get("Condition"), Some(&1));
}

#[test]
fn a_bundle_that_gives_out_new_ids_each_time_finds_its_own_again() {
    let trial = Trial::new("new-urns");
    for run in ["run-1", "run-2"] {
        let entry = |urn: &str, resource: &Json| json!({"fullUrl": urn, "resource": resource});
        let urn = format!("urn:uuid:{run}");
        let problem = json!({
            "resourceType": "Condition", "id": "c1", "code": {"text": "Asthma"},
            "subject": {"reference": urn},
        });
        let amina = patient(AMINA, "Diallo", "1990-02-03");
        let entries = [entry("urn:uuid:c", &problem), entry(&urn, &amina)];
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        trial.file("a.json", &bundle.to_string());
        let tally = trial.import();
        assert_eq!(tally.rejected, 0);
        assert!(tally.updated.is_empty(), "{tally:?}");
    }
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 1);
    assert_eq!(trial.count("SELECT count(*) FROM condition"), 1);
}

#[test]
fn tables_of_patients_go_in_once() {
    let trial = Trial::new("csv");
    trial.file(
        "a.csv",
        "Id,LAST,FIRST,BIRTHDATE,GENDER,SSN,RACE\n1,Diallo,Amina,1990-02-03,F,999-1,x\n\
         2,Osei,Kofi,1980-02-30,M,999-2,x\n3,Osei,Ama,1981-02-03,F,,x\n",
    );
    let mut tally = trial.import_as(Format::Csv, "table");
    assert_eq!(tally.stored.get("Patient"), Some(&2), "{tally:?}");
    assert_eq!(tally.rejected, 1);
    assert_eq!(tally.parts_left_out.get("column RACE"), Some(&2));
    assert_eq!(trial.count("SELECT count(*) FROM import_reject WHERE line = 3"), 1);
    tally = trial.import_as(Format::Csv, "table");
    assert_eq!(tally.unchanged.get("Patient"), Some(&2), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 2);
}

#[test]
fn a_number_that_somebody_else_has_keeps_nobody_out() {
    let trial = Trial::new("taken-number");
    let mut stranger = patient("p2", "Okafor", "1955-11-20");
    let card = json!({"system": "urn:example:card", "value": "8"});
    stranger["identifier"].as_array_mut().unwrap().push(card);
    trial.file("a.ndjson", &lines(&[patient(AMINA, "Diallo", "1990-02-03"), stranger]));
    let tally = trial.import();
    assert_eq!((tally.stored.get("Patient"), tally.rejected), (Some(&2), 0), "{tally:?}");
    assert_eq!((tally.identifiers_taken.count, tally.identifiers_taken.places[0].line), (1, 2));
    assert!(tally.parts_left_out.is_empty(), "the number has a place: {tally:?}");
    let first = "SELECT family FROM patient JOIN patient_identifier ON patient_id = patient.id \
        WHERE value = '4711'";
    assert_eq!(trial.text(first).as_deref(), Some("Diallo"));
    let second = "SELECT family FROM patient JOIN patient_identifier ON patient_id = patient.id \
        WHERE value = '8'";
    assert_eq!(trial.text(second).as_deref(), Some("Okafor"));
    assert_eq!(trial.import().unchanged.get("Patient"), Some(&2));
}

//! What is refused leaves nothing half done, and each resource is counted once.

use super::*;

fn numbers(id: &str, values: &[&str]) -> Json {
    let rows: Vec<Json> =
        values.iter().map(|value| json!({"system": "urn:example:org", "value": value})).collect();
    json!({"resourceType": "Organization", "id": id, "name": id, "identifier": rows})
}

fn accounted(tally: &Tally) -> u64 {
    let stored = tally.stored.values().chain(tally.updated.values());
    let known = stored.chain(tally.unchanged.values()).sum::<u64>();
    known + tally.left_out.values().map(|left| left.count).sum::<u64>() + tally.rejected
}

#[test]
fn a_number_is_kept_once_and_stays_with_its_owner() {
    let trial = Trial::new("numbers");
    let twice = numbers("twice", &["a", "a", "b"]);
    let owner = numbers("owner", &["c"]);
    trial.file("a.ndjson", &format!("{twice}\n{owner}\n"));
    let tally = trial.import();
    assert_eq!(tally.stored.get("Organization"), Some(&2), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM organization_identifier"), 3);

    let again = trial.import();
    assert_eq!(again.unchanged.get("Organization"), Some(&2), "{again:?}");

    // The first asks for the second's number in a later file, and for a new name.
    let mut greedy = numbers("twice", &["a", "b", "c"]);
    greedy["name"] = json!("Renamed");
    trial.file("a.ndjson", &greedy.to_string());
    let tally = trial.import();
    assert_eq!(tally.updated.get("Organization"), Some(&1), "{tally:?}");
    assert_eq!(tally.identifiers_taken.count, 1, "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM organization_identifier"), 3);
    assert_eq!(trial.count("SELECT count(*) FROM organization WHERE name = 'Renamed'"), 1);
    assert_eq!(trial.count("SELECT count(*) FROM history"), 1);
}

#[test]
fn tables_of_patients_among_other_files_are_taken_and_others_refused_for_what_they_are() {
    let trial = Trial::new("mixed");
    trial.file("a.json", &bundle(&[patient(AMINA, "Diallo", "1990-02-03")]));
    trial.file("patients.csv", "Id,BIRTHDATE,FIRST,LAST\np1,1980-05-10,Ana,Lima\n");
    trial.file("visits.csv", "Id,START,PATIENT\nv1,2020-01-01,p1\n");
    let tally = trial.import();
    assert_eq!(tally.stored.get("Patient"), Some(&2), "{tally:?}");
    assert_eq!((tally.rejected, tally.files), (1, 3), "{tally:?}");
    let reason = trial.text("SELECT file || ': ' || reason FROM import_reject").unwrap();
    let start = "visits.csv: this does not look like a table of patients";
    assert!(reason.starts_with(start) && reason.contains("Id, START, PATIENT"), "{reason}");
    assert_eq!(trial.import().unchanged.get("Patient"), Some(&2));
}

#[test]
fn resources_of_a_bundle_in_a_line_are_counted_once() {
    let trial = Trial::new("nested");
    let mut inner: Json = serde_json::from_str(&bundle(&[organization(), weight()])).unwrap();
    inner["id"] = json!("inner");
    let people = bundle(&[visit(), patient(AMINA, "Diallo", "1990-02-03")]);
    trial.file("a.ndjson", &format!("{inner}\nnot json\n{people}\n"));
    let tally = trial.import();
    assert_eq!(tally.rejected, 1, "{tally:?}");
    assert_eq!(tally.stored.values().sum::<u64>(), 4, "{tally:?}");
    assert_eq!(tally.read_total(), accounted(&tally), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM import_waiting"), 0);
}

#[test]
fn a_field_that_is_filled_later_is_a_new_version_with_its_past() {
    let trial = Trial::new("linked");
    let mut visit = visit();
    visit["serviceProvider"] = json!({"reference": "Organization/north"});
    let amina = patient(AMINA, "Diallo", "1990-02-03");
    trial.file("a.ndjson", &format!("{amina}\n{visit}\n{}\n", organization()));
    assert_eq!(trial.import().rejected, 0);
    let linked = "SELECT version FROM encounter WHERE organization_id IS NOT NULL";
    assert_eq!(trial.count(linked), 2);
    let past = "SELECT count(*) FROM history WHERE subject_kind = 'encounter' AND version = 1";
    assert_eq!(trial.count(past), 1);
    let audited = "SELECT count(*) FROM audit WHERE detail LIKE '%encounter linked 1%'";
    assert_eq!(trial.count(audited), 1);
}

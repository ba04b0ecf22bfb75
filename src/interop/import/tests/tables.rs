//! Tables of patients from their files into the store, and what the counts say of them.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::interop::import::plan::Plan;
use crate::interop::import::run::Run;
use crate::interop::import::tally::Outcome;

#[test]
fn every_row_of_a_table_is_counted_and_an_import_again_changes_nothing() {
    let trial = Trial::new("table-whole");
    trial.file(
        "a.csv",
        "id,family,given,dob\n901,A,B,1980-01-01\n902,\"Open,Quote,1980-01-01\n\
         903,C,D,1981-01-01\n904,\"E\",F,1982-01-01\n901,G,H,1980-01-01\n",
    );
    let tally = trial.import_as(Format::Csv, "table");
    assert_eq!((tally.read_total(), tally.rejected), (5, 2), "{tally:?}");
    assert_eq!(tally.stored.get("Patient"), Some(&3), "{tally:?}");
    assert_eq!(trial.count("SELECT count(*) FROM patient WHERE family IN ('A', 'C', 'E')"), 3);
    assert_eq!(trial.count("SELECT count(*) FROM import_reject WHERE line IN (3, 6)"), 2);
    let again = trial.import_as(Format::Csv, "table");
    assert_eq!(again.unchanged.get("Patient"), Some(&3), "{again:?}");
    assert!(again.updated.is_empty() && again.stored.is_empty(), "{again:?}");
    assert_eq!(trial.count("SELECT count(*) FROM history"), 0);
}

#[test]
fn a_table_of_nothing_but_a_header_took_nothing_in() {
    let trial = Trial::new("table-header");
    trial.file("a.csv", "id,family,given,dob\n");
    let tally = trial.import_as(Format::Csv, "table");
    assert_eq!((tally.read_total(), tally.rejected), (0, 0));
    assert_eq!(tally.outcome, Outcome::Nothing);
}

#[test]
fn a_record_number_that_another_patient_has_is_told_by_its_line() {
    let trial = Trial::new("table-number");
    trial.file("a.csv", "id,family,dob,mrn\n1,A,1980-01-01,77\n2,B,1990-02-02,77\n");
    let tally = trial.import_as(Format::Csv, "table");
    assert_eq!(tally.stored.get("Patient"), Some(&2), "{tally:?}");
    let taken = &tally.identifiers_taken;
    assert_eq!((taken.count, taken.places.len()), (1, 1), "{tally:?}");
    assert_eq!((taken.places[0].file.as_str(), taken.places[0].line), ("a.csv", 3));
    assert!(tally.parts_left_out.is_empty(), "{tally:?}");
}

#[test]
fn an_import_that_was_interrupted_says_so_and_what_it_had_stored() {
    let trial = Trial::new("table-resumed");
    let rows = |count: u32| {
        let rows = (0..count).map(|id| format!("{id},Family{id},1980-01-01\n"));
        format!("id,family,dob\n{}", rows.collect::<String>())
    };
    let paths = vec![trial.folder.clone()];
    let plan = Plan { format: Format::Csv, paths, ..plan() };
    let id = trial.left(plan.clone());
    let (go, stopped) = (AtomicBool::new(false), AtomicBool::new(true));
    // What a killed process leaves: counts of what it did, and an import that still runs.
    for (count, stop) in [(200, &go), (200, &stopped), (300, &go)] {
        trial.file("a.csv", &rows(count));
        let outcome = Run::new(&trial.desk, &trial.call, (id, &plan), stop).work();
        match (count, outcome) {
            (200, Ok(tally)) => assert_eq!(tally.before, None),
            (200, Err(_)) => assert!(stop.load(std::sync::atomic::Ordering::SeqCst)),
            (_, outcome) => {
                let tally = outcome.unwrap();
                let before = tally.before.unwrap();
                assert_eq!((before.interruptions, before.stored), (1, 200));
                assert_eq!(tally.unchanged.get("Patient"), Some(&200));
                assert_eq!(tally.stored.get("Patient"), Some(&100));
            }
        }
    }
}

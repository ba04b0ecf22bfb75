//! What is undone, tried again or kept from being lost when the store says no.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::domain::encounters::ENCOUNTERS;
use crate::interop::fhir::{Kind, Link, Reference};
use crate::interop::import::job::Halt;
use crate::interop::import::resource::IMPORTS;
use crate::interop::import::run::{Run, RunError};
use crate::interop::import::waiting::{OpenLink, keep_link, next_links};
use crate::platform::ledger::RecordError;
use crate::platform::resource::verbs;
use crate::store::{Class, Store, StoreError, StoreOptions};
use crate::vocab::clock::SystemClock;

const SECONDS: Duration = Duration::from_secs(5);

fn with_phone(id: &str, family: &str, phone: &str) -> String {
    let mut one = patient(id, family, "1980-01-02");
    one["identifier"] = json!([]);
    one["telecom"] = json!([{"system": "phone", "value": phone}]);
    one.to_string()
}

#[test]
fn a_resource_that_is_refused_when_half_of_it_is_written_leaves_nothing_and_costs_only_itself() {
    let trial = Trial::new("half-written");
    // Stands for a rule of the store that the rooms above do not foresee. The number is written
    // after the patient and the name.
    trial.run("CREATE UNIQUE INDEX patient_telecom_one ON patient_telecom (value)");
    let people = [
        with_phone("p1", "Osei", "0241234411"),
        with_phone("p2", "Mensah", "0241234411"),
        with_phone("p3", "Addo", "0241234433"),
    ];
    trial.file("a.ndjson", &people.join("\n"));
    let tally = trial.import();
    assert_eq!((tally.stored.get("Patient"), tally.rejected), (Some(&2), 1), "{tally:?}");
    assert_eq!(tally.read_total(), 3);
    let whole = "SELECT count(*) FROM patient JOIN patient_name ON patient_name.patient_id = \
        patient.id JOIN patient_telecom ON patient_telecom.patient_id = patient.id";
    assert_eq!(trial.count(whole), 2);
    for table in [
        "SELECT count(*) FROM patient",
        "SELECT count(*) FROM patient_name",
        "SELECT count(*) FROM import_link",
    ] {
        assert_eq!(trial.count(table), 2, "{table}");
    }
    let reject = "SELECT resource || ' ' || line || ' ' || reason FROM import_reject";
    let told = trial.text(reject).unwrap();
    assert!(told.starts_with("Patient/p2 2 ") && told.contains("telecoms"), "{told}");
}

#[test]
fn an_import_waits_while_the_store_is_busy_and_loses_nothing() {
    let folder = std::env::temp_dir().join(format!("healthflow-busy-{}", std::process::id()));
    let mut options = StoreOptions::new(&folder);
    options.bulk_queue_max = 1;
    options.bulk_wait = Duration::from_millis(20);
    let store = Store::open(options, std::sync::Arc::new(SystemClock)).unwrap();
    let trial = Trial::over(store.clone(), "busy");
    trial.file("a.ndjson", &with_phone("p1", "Osei", "0241234411"));
    let plan = crate::interop::import::plan::Plan { paths: vec![trial.folder.clone()], ..plan() };
    let id = trial.left(plan.clone());

    let (begun, has_begun) = channel();
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let (stopped, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let held = store.clone();
            held.write_blocking(Class::People, move |_| {
                let _ = begun.send(());
                // Ends when the other end is dropped.
                let _ = released.lock().unwrap().recv();
                Ok::<_, StoreError>(())
            })
        });
        has_begun.recv().unwrap();
        // One of two takes the only place in the queue.
        let (told, outcomes) = channel();
        for told in [told.clone(), told] {
            let store = store.clone();
            scope.spawn(move || {
                let _ = told.send(store.write_blocking(Class::Bulk, |_| Ok::<_, StoreError>(())));
            });
        }
        assert!(matches!(outcomes.recv().unwrap(), Err(StoreError::Busy { .. })));
        let cancelled = scope
            .spawn(|| Run::new(&trial.desk, &trial.call, (id, &plan), &stopped).work().map(|_| ()));
        let patient_one =
            scope.spawn(|| Run::new(&trial.desk, &trial.call, (id, &plan), &stop).work());
        std::thread::sleep(Duration::from_millis(300));
        stopped.store(true, Ordering::Relaxed);
        assert!(matches!(cancelled.join().unwrap(), Err(RunError::Stopped)), "it need not wait");
        assert!(!patient_one.is_finished());
        drop(release);
        let tally = patient_one.join().unwrap().unwrap();
        assert_eq!(tally.stored.get("Patient"), Some(&1), "{tally:?}");
    });
    assert_eq!(trial.count("SELECT count(*) FROM patient"), 1);
    drop((trial, store));
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn however_many_links_a_record_has_each_gets_a_place_of_its_own_in_the_queue() {
    let trial = Trial::new("places-in-queue");
    let run = trial.left(plan());
    let open = |record: i64, number: usize| OpenLink {
        resource: &ENCOUNTERS,
        record,
        link: Link {
            field: format!("participants.{number}.practitioner_id"),
            wants: &[Kind::Practitioner],
            to: Reference::Resource { kind: None, id: format!("d{number}") },
            display: None,
        },
        said: None,
    };
    let kept = trial.desk.write_bulk(&trial.call, "test", move |work| {
        for record in [1, 2] {
            for number in 0..300 {
                keep_link(work.tx(), run, &open(record, number))?;
            }
        }
        Ok::<_, Halt>(())
    });
    kept.unwrap();
    let rows = trial.desk.store().read(SECONDS, |tx| next_links(tx, run, 0, 1_000)).unwrap();
    let places: Vec<i64> = rows.iter().map(|row| row.position).collect();
    assert_eq!(places, (1..=600).collect::<Vec<_>>());
    assert_eq!(rows.iter().filter(|row| row.record == 2).count(), 300);
}

#[test]
fn a_stored_record_that_is_damaged_is_a_fault_and_not_an_empty_record() {
    let trial = Trial::new("damaged");
    let id = trial.left(plan());
    trial.run("UPDATE import_run SET summary = '{'");
    let outcome = trial.desk.write_blocking(&trial.call, "test", move |work| {
        verbs::amend(work, &IMPORTS, (id, None), &serde_json::Map::new()).map(|_| ())
    });
    let unreadable = StoreError::Unreadable { kind: "import" };
    assert!(matches!(&outcome, Err(RecordError::Store(it)) if *it == unreadable), "{outcome:?}");
    assert_eq!(trial.count("SELECT count(*) FROM import_run WHERE label <> ''"), 1);
    assert_eq!(trial.count("SELECT version FROM import_run"), 1);
    assert_eq!(trial.count("SELECT count(*) FROM history"), 0);
}

//! The same order gives the same hospital.

use std::path::Path;

use super::super::load::{fill, refuse_unfinished};
use super::super::{DemoError, History, make};
use super::*;
use crate::vocab::digest::{hex, sha256};

/// A digest over everything but the salt of the password.
fn digest(desk: &Desk) -> String {
    let audit = read(desk, |tx| {
        tx.all("SELECT hash FROM audit ORDER BY id", &[], |row| row.get::<Vec<u8>>(0))
    });
    hex(&sha256(&[format!("{:?}{audit:?}", dump(desk)).as_bytes()]))
}

#[test]
fn the_same_order_gives_the_same_hospital_and_another_seed_another() {
    let light = order(600, History::Light);
    let first = digest(&hospital(&light));
    assert_eq!(first, digest(&hospital(&light)));
    let aside = desk();
    fill(&aside, light.clone(), 1, &mut |_| {}).unwrap();
    assert_eq!(first, digest(&aside), "the same, when indexes are built over finished rows");
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN \
        ('patient_name_key', 'patient_birth_date')";
    assert_eq!(number(&aside, sql), 2);
    let other = Order { seed: 2, ..light };
    assert_ne!(first, digest(&hospital(&other)));
}

#[test]
fn patient_k_is_the_same_however_many_there_are() {
    let (few, many) = (hospital(&order(21, History::Full)), hospital(&order(90, History::Full)));
    let (few, many) = (dump(&few), dump(&many));
    assert!(500 < few.len() && few.len() * 2 < many.len(), "{} {}", few.len(), many.len());
    let mut rest = many.iter();
    // In the order of each table, so that what is only in the larger one is passed over.
    let missing = few.iter().find(|row| !rest.any(|other| other == *row));
    assert_eq!(missing, None);
}

#[test]
fn progress_ends_with_all_patients_and_each_batch_has_its_audit_row() {
    let desk = desk();
    let (mut done, mut calls) = (0, 0);
    let made = fill(&desk, order(2_500, History::None), u64::MAX, &mut |count| {
        done += count;
        calls += 1;
    });
    assert_eq!((done, calls), (2_500, 3));
    assert_eq!(made.unwrap().records, [("patients", 2_500)]);
    assert_eq!(number(&desk, "SELECT count(*) FROM audit WHERE act = 'demo.batch'"), 3);
    let chain = read(&desk, crate::platform::ledger::chain::verify);
    assert_eq!(chain.broken, None);
    assert_eq!(number(&desk, "SELECT value FROM counter WHERE name = 'mrn'"), 2_500);
    let last = "SELECT count(*) FROM patient WHERE mrn LIKE 'MRN-00002500_'";
    assert_eq!(number(&desk, last), 1);
}

#[test]
fn a_folder_with_a_hospital_or_with_half_of_one_is_refused() {
    let folder = std::env::temp_dir().join(format!("healthflow-demo-{}", std::process::id()));
    let try_again = |folder: &Path| make(folder, order(3, History::Light), &mut |_| {});
    try_again(&folder).unwrap();
    assert!(matches!(try_again(&folder), Err(DemoError::NotEmpty { .. })));
    let open = || {
        let options = crate::store::StoreOptions::new(&folder);
        Store::open(options, Arc::new(FrozenClock::at(NOW))).unwrap()
    };
    let store = open();
    refuse_unfinished(&store).unwrap();
    store
        .write_blocking::<_, StoreError>(crate::store::Class::People, |tx| {
            tx.execute("UPDATE setting SET value = 'unfinished' WHERE name = 'demo'", &[])
        })
        .unwrap();
    assert!(matches!(refuse_unfinished(&store), Err(DemoError::Unfinished)));
    store.close();
    assert!(matches!(try_again(&folder), Err(DemoError::NotEmpty { .. })));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_order_that_cannot_be_is_refused_before_anything_is_made() {
    let folder = std::env::temp_dir().join(format!("healthflow-order-{}", std::process::id()));
    let light = order(5, History::Light);
    for (wrong, named) in [
        (Order { patients: 0, ..light.clone() }, "patients"),
        (Order { patients: super::super::PATIENTS_MAX + 1, ..light.clone() }, "patients"),
        (Order { today: date(9_000, 1, 1), ..light.clone() }, "as-of"),
        (Order { today: date(2023, 12, 31), ..light.clone() }, "as-of"),
    ] {
        let refused = make(&folder, wrong, &mut |_| {}).unwrap_err();
        assert!(matches!(refused, DemoError::Order { field, .. } if field == named), "{refused}");
        assert!(!folder.exists());
    }
}

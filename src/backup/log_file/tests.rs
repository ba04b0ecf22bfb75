//! What stands in a shipped log, also what somebody else put there.

use super::*;
use crate::store::Store;

const CHAIN: &str = "00000000000000aa";

/// A chain of two records in a file each; it goes with the store.
fn chain() -> (Store, Target, SecretKey, Vec<Record>) {
    let store = Store::scratch();
    let (target, key) = (Target::folder(store.folder()), SecretKey::generate());
    let mut records: Vec<Record> = Vec::new();
    for number in 1..=2 {
        let offset = records.last().map_or(0, |before| before.end().offset);
        let place = LogPlace { generation: 1, offset };
        let piece = LogPiece { place, bytes: vec![7; 100] };
        let last = records.last().map(Record::print).unwrap_or_default();
        let (record, bytes) = Record::seal(&piece, 5, &[key.recipient()], &last).unwrap();
        target.append(&path_of(CHAIN, number), &bytes).unwrap();
        records.push(record);
    }
    (store, target, key, records)
}

#[test]
fn a_chain_ends_with_its_last_record_however_many_files_are_empty() {
    let (_store, target, _, records) = chain();
    let last = records[1].clone();
    assert_eq!(end_of(&target, CHAIN).unwrap(), End::At(last.clone(), 2));
    for number in 3..60 {
        target.append(&path_of(CHAIN, number), b"").unwrap();
    }
    assert_eq!(end_of(&target, CHAIN).unwrap(), End::At(last.clone(), 59));
    target.append(&path_of(CHAIN, 60), &[20, 0, 0, 0, b'{']).unwrap();
    assert_eq!(end_of(&target, CHAIN).unwrap(), End::At(last, 60));
    for number in 61..=81 {
        target.append(&path_of(CHAIN, number), &[20]).unwrap();
    }
    assert_eq!(end_of(&target, CHAIN).unwrap(), End::Lost);
    assert_eq!(end_of(&target, "00000000000000bb").unwrap(), End::Empty(0));
}

#[test]
fn nobody_goes_on_behind_a_file_that_ends_in_zeros() {
    for number in [1, 2] {
        let (_store, target, ..) = chain();
        target.append(&path_of(CHAIN, number), &[0; 4_096]).unwrap();
        // Behind the older one there was somebody who could still go on.
        let lost = end_of(&target, CHAIN).unwrap() == End::Lost;
        assert_eq!(lost, number == 2);
    }
    let (_store, target, ..) = chain();
    target.append(&path_of(CHAIN, 3), &[0; 4_096]).unwrap();
    assert_eq!(end_of(&target, CHAIN).unwrap(), End::Lost);
}

#[test]
fn a_record_that_says_of_itself_what_cannot_be_is_none() {
    let (_store, target, key, records) = chain();
    let mut sealed = Vec::new();
    let plain = &mut &[7_u8; 100][..];
    sealing::seal(plain, &mut sealed, &[key.recipient()], &mut |_| Ok(())).unwrap();
    let (bytes, print) = sealing::fingerprint(&mut &sealed[..], &mut |_| Ok(())).unwrap();
    let last = &records[1];
    let said = Record {
        place: last.end(),
        stored_bytes: bytes,
        stored_sha256: print,
        previous: last.print(),
        ..last.clone()
    };
    let offset = |offset| LogPlace { offset, ..last.place };
    for (record, is_one) in [
        (Record { bytes: 1 << 31, ..said.clone() }, false),
        (Record { place: offset(u64::MAX - 7), ..said.clone() }, false),
        (Record { stored_bytes: u64::MAX, ..said.clone() }, false),
        (said.clone(), true),
    ] {
        let head = record.head();
        let length = u32::try_from(head.len()).unwrap().to_le_bytes();
        let file = path_of(CHAIN, 3);
        target.append(&file, &[&length[..], &head, &sealed].concat()).unwrap();
        let end = end_of(&target, CHAIN).unwrap();
        assert_eq!(end == End::At(record.clone(), 3), is_one, "{record:?}: {end:?}");
        target.remove(&file).unwrap();
    }
    let less = Record { bytes: 99, ..said.clone() };
    assert!(less.unseal(&sealed, &key).is_err(), "it stops at what the record says");
    assert_eq!(said.unseal(&sealed, &key).unwrap().len(), 100);
}

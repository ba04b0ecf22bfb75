//! Archives that hold two members of one name.

use super::{PATIENT, read_one, tar, zip};

#[test]
fn two_members_of_one_name_are_both_read() {
    let (one, other) = (PATIENT.as_bytes(), PATIENT.replace("p1", "p2"));
    // What writes a zip refuses twins, so the second is renamed in the bytes.
    let mut zipped = zip(&[("a.json", one), ("b.json", other.as_bytes())]);
    let places: Vec<usize> =
        (0..zipped.len()).filter(|at| zipped[*at..].starts_with(b"b.json")).collect();
    assert_eq!(places.len(), 2, "beside the member and in the directory");
    places.iter().for_each(|at| zipped[*at] = b'a');
    let tarred = tar(&[("a.json", one), ("a.json", other.as_bytes())]);
    for (name, bytes) in [("t.tar", tarred), ("t.zip", zipped)] {
        let (items, rejects) = read_one(name, bytes);
        assert_eq!(items, ["p1", "p2"].map(|id| format!("{name}!a.json:1 Patient/{id}")));
        assert!(rejects.is_empty(), "{rejects:?}");
    }
}

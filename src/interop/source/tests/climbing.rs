//! Archives with names that lead out of them.

use super::{PATIENT, read_one, zip};

/// The crate refuses such names where it writes them.
fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn a_member_whose_name_leads_out_of_the_archive_is_refused_aloud() {
    let members: [(&str, &[u8]); 3] =
        [("../a.json", b"{"), ("x/../../README.md", b"x"), ("b.json", PATIENT.as_bytes())];
    for (name, bytes) in [("t.tar", tar(&members)), ("t.zip", zip(&members))] {
        let (items, rejects) = read_one(name, bytes);
        assert_eq!(items, [format!("{name}!b.json:1 Patient/p1")]);
        assert_eq!(rejects.len(), 2, "{rejects:?}");
        assert!(rejects.iter().all(|it| it.contains("leads out of the archive")), "{rejects:?}");
    }
}

//! What stands among files and is none.

use super::{Limits, PATIENT, Scratch, read_all, read_one, zip};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

#[test]
fn links_and_what_is_no_file_are_listed_with_the_reason() {
    let scratch = Scratch::new().with("a.json", PATIENT);
    symlink(scratch.0.join("a.json"), scratch.0.join("b.json")).unwrap();
    symlink("/nowhere/at/all", scratch.0.join("c.json")).unwrap();
    symlink(".", scratch.0.join("loop")).unwrap();
    let _socket = UnixListener::bind(scratch.0.join("socket")).unwrap();
    let (items, rejects) = read_all(&scratch.0, &Limits::STANDARD);
    assert_eq!(items, ["a.json:1 Patient/p1"]);
    let link = "cannot be read: a link is not followed; name its target";
    let links = ["b.json", "c.json", "loop"].map(|name| format!("{name} {link}"));
    assert_eq!(rejects[..3], links);
    assert_eq!(rejects[3..], ["socket cannot be read: it is neither a file nor a folder"]);
}

#[test]
fn links_in_archives_are_listed_and_folders_are_not() {
    let mut tarred = tar::Builder::new(Vec::new());
    let mut header = |kind: tar::EntryType, name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        if kind.is_symlink() {
            tarred.append_link(&mut header, name, "/etc/target").unwrap();
        } else {
            tarred.append_data(&mut header, name, bytes).unwrap();
        }
    };
    header(tar::EntryType::Directory, "folder", b"");
    header(tar::EntryType::Symlink, &format!("{}.json", "l".repeat(120)), b"");
    header(tar::EntryType::Fifo, "pipe", b"");
    header(tar::EntryType::Regular, "a.json", PATIENT.as_bytes());
    let (items, rejects) = read_one("t.tar", tarred.into_inner().unwrap());
    assert_eq!(items, ["t.tar!a.json:1 Patient/p1"]);
    assert_eq!(rejects.len(), 2, "{rejects:?}");
    assert!(rejects[0].starts_with("t.tar!lll") && rejects[0].contains("as a link"), "{rejects:?}");
    assert!(rejects[1].starts_with("t.tar!pipe it is not packed"), "{rejects:?}");

    let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default;
    zipped.add_directory("folder", plain()).unwrap();
    zipped.add_symlink("l.json", "a.json", plain()).unwrap();
    let (items, rejects) = read_one("t.zip", zipped.finish().unwrap().into_inner());
    assert!(items.is_empty());
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    assert!(rejects[0].starts_with("t.zip!l.json it is not packed"), "{rejects:?}");
    assert!(read_one("e.zip", zip(&[])).1.is_empty(), "nothing in it is nothing to say");
}

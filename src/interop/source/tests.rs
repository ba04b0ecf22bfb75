//! The reader on files of every packing and every fault, written here by the tests.

use super::*;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

mod climbing;
mod odd;
mod twins;

/// A folder that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hf-source-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Everything at `path`: items as `file:line name` and rejects as `file:line name reason`.
fn read_all(path: &Path, limits: &Limits) -> (Vec<String>, Vec<String>) {
    let (mut items, mut rejects) = (Vec::new(), Vec::new());
    let Listing { files, rejects: unlisted, skipped } = list(path);
    rejects.extend(unlisted);
    items.extend(skipped.into_iter().map(|name| format!("{name} skipped")));
    let progress = Progress::default();
    let total: u64 = files.iter().map(|file| file.bytes).sum();
    for file in &files {
        let flow = read(file, limits, &progress, &mut |found| {
            match found {
                Found::Reject(reject) => rejects.push(reject),
                Found::Skipped(name) => items.push(format!("{name} skipped")),
                Found::Table => items.push("a table".to_owned()),
                Found::Piece(piece) => {
                    for item in piece.items(limits) {
                        match item {
                            Ok(item) => {
                                items.push(format!("{}:{} {}", item.file, item.line, item.name()));
                            }
                            Err(reject) => rejects.push(reject),
                        }
                    }
                }
            }
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
    }
    assert_eq!(progress.bytes(), total, "progress ends at the sum of the files");
    let rejects = rejects.into_iter().map(|reject| {
        let line = reject.line.map_or(String::new(), |line| format!(":{line}"));
        let name = reject.resource.map_or(String::new(), |name| format!(" {name}"));
        format!("{}{line}{name} {}", reject.file, reject.reason)
    });
    (items, rejects.collect())
}

/// One file `name` with `bytes`, read under the standard limits.
fn read_one(name: &str, bytes: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
    let scratch = Scratch::new().with(name, bytes);
    read_all(&scratch.0.join(name), &Limits::STANDARD)
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1"}"#;
const BUNDLE: &str = r#"{
  "resourceType": "Bundle",
  "type": "transaction",
  "entry": [
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p1"}},
    {
      "resource": {"resourceType": "Observation", "id": "o1", "valueString": "a \"] } [ b"}
    }
  ]
}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn every_form_and_packing_gives_the_same_resources() {
    let bundle = BUNDLE.as_bytes();
    let ndjson = format!("{PATIENT}\n\n{{\"resourceType\":\"Observation\",\"id\":\"o1\"}}\n");
    let long = format!("{}/x.json", "d".repeat(150));
    let cases: Vec<(&str, Vec<u8>, [&str; 2])> = vec![
        ("a.json", bundle.to_vec(), ["a.json:5", "a.json:6"]),
        ("a.JSON", [b"\xef\xbb\xbf", bundle].concat(), ["a.JSON:5", "a.JSON:6"]),
        ("a.ndjson", ndjson.clone().into(), ["a.ndjson:1", "a.ndjson:3"]),
        ("a.txt", ndjson.clone().into(), ["a.txt:1", "a.txt:3"]),
        ("a.ndjson", bundle.to_vec(), ["a.ndjson:5", "a.ndjson:6"]),
        ("a.ndjson.gz", gzip(ndjson.as_bytes()), ["a.ndjson.gz:1", "a.ndjson.gz:3"]),
        ("lies.json", gzip(bundle), ["lies.json:5", "lies.json:6"]),
        ("a.json.zst", zstd(bundle), ["a.json.zst:5", "a.json.zst:6"]),
        ("a.tar", tar(&[("x.json", bundle)]), ["a.tar!x.json:5", "a.tar!x.json:6"]),
        ("a.tgz", gzip(&tar(&[("./x.json", bundle)])), ["a.tgz!x.json:5", "a.tgz!x.json:6"]),
        ("a.tzst", zstd(&tar(&[("x.gz", &gzip(bundle))])), ["a.tzst!x.gz:5", "a.tzst!x.gz:6"]),
        ("a.zip", zip(&[("f/x.json", bundle)]), ["a.zip!f/x.json:5", "a.zip!f/x.json:6"]),
        ("b.zip", zip(&[("x.gz", &gzip(bundle))]), ["b.zip!x.gz:5", "b.zip!x.gz:6"]),
        ("l.tar", tar(&[(&long, PATIENT.as_bytes()), ("o.json", bundle)]), ["", ""]),
    ];
    for (name, bytes, places) in cases {
        let (items, rejects) = read_one(name, bytes);
        assert_eq!(rejects, Vec::<String>::new(), "{name}");
        if name == "l.tar" {
            assert_eq!(items[0], format!("l.tar!{long}:1 Patient/p1"));
            continue;
        }
        let expected =
            [format!("{} Patient/p1", places[0]), format!("{} Observation/o1", places[1])];
        assert_eq!(items, expected, "{name}");
    }
}

#[test]
fn a_folder_is_read_in_order_without_clutter() {
    let scratch = Scratch::new()
        .with("b.json", PATIENT)
        .with("a/z.json", PATIENT)
        .with(".DS_Store", "\0\0")
        .with("c.zip", zip(&[("__MACOSX/x.json", b"{"), ("x.json", PATIENT.as_bytes())]))
        .with("notes.txt", "call the lab");
    let (items, rejects) = read_all(&scratch.0, &Limits::STANDARD);
    assert_eq!(
        items,
        ["a/z.json:1 Patient/p1", "b.json:1 Patient/p1", "c.zip!x.json:1 Patient/p1"]
    );
    assert_eq!(rejects.len(), 1);
    assert!(rejects[0].starts_with("notes.txt:1 this is not FHIR JSON"), "{rejects:?}");
}

#[test]
fn files_for_people_are_skipped_and_said_unless_they_are_named_themselves() {
    let members: [(&str, &[u8]); 3] =
        [("README.md", b"# Hello"), ("x/LICENSE", b"Free"), ("b.json", PATIENT.as_bytes())];
    for (name, bytes) in [("t.tar", tar(&members)), ("t.zip", zip(&members))] {
        let (items, rejects) = read_one(name, bytes);
        let told = ["README.md skipped", "x/LICENSE skipped", "b.json:1 Patient/p1"];
        assert_eq!(items, told.map(|it| format!("{name}!{it}")));
        assert!(rejects.is_empty(), "{rejects:?}");
    }
    let scratch = Scratch::new().with("README.md", "# Hello").with("readme.json", PATIENT);
    let (items, rejects) = read_all(&scratch.0, &Limits::STANDARD);
    assert_eq!(items, ["README.md skipped", "readme.json:1 Patient/p1"]);
    assert!(rejects.is_empty(), "{rejects:?}");
    let (items, rejects) = read_all(&scratch.0.join("README.md"), &Limits::STANDARD);
    assert_eq!((items.len(), rejects.len()), (0, 1), "whoever names it means it");
}

#[test]
fn forms_of_bundles_and_lists_are_taken() {
    let nested = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{PATIENT}}}]}}"#);
    let cases = [
        // Keys sorted by name: the entries come before anybody knows that it is a Bundle.
        (format!(r#"{{"entry":[{{"resource":{PATIENT}}}],"resourceType":"Bundle"}}"#), 1),
        (format!("[{PATIENT},{PATIENT}]"), 2),
        (format!("{PATIENT}{PATIENT}"), 2),
        (format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{nested}}}]}}"#), 1),
        (format!("{nested}\n{nested}\n"), 2),
        (r#"{"resourceType":"Bundle","type":"searchset","total":0}"#.to_owned(), 0),
        (r#"{"resourceType":"List","id":"l","entry":[{"item":{"display":"x"}}]}"#.to_owned(), 1),
        (r#"{"resourceType":"Patient","id":"p","x":-1.50e3}"#.to_owned(), 1),
    ];
    for (text, count) in cases {
        let (items, rejects) = read_one("a.json", &text);
        assert_eq!((items.len(), rejects.as_slice()), (count, [].as_slice()), "{text}");
    }
}

#[test]
fn digits_survive_and_the_digest_is_of_the_text() {
    let text = r#"{"resourceType":"Observation","valueQuantity":{"value":6.80}}"#;
    let piece =
        Piece { file: "a".into(), line: 1, bytes: text.as_bytes().to_vec(), is_entry: false };
    let item = piece.items(&Limits::STANDARD).remove(0).unwrap();
    assert_eq!(item.resource["valueQuantity"]["value"].to_string(), "6.80");
    assert_eq!(
        crate::vocab::digest::hex(&item.digest),
        "611ceb9726803342a2717a4935f4db552fc4ed2227d5593fbb699b3e4292f891"
    );
}

#[test]
fn requests_of_entries_are_kept() {
    let text = r#"{"fullUrl":"urn:uuid:7","request":{"method":"POST","url":"Organization",
        "ifNoneExist":"identifier=a|b"},"resource":{"resourceType":"Organization"}}"#;
    let piece =
        Piece { file: "a".into(), line: 1, bytes: text.as_bytes().to_vec(), is_entry: true };
    let item = piece.items(&Limits::STANDARD).remove(0).unwrap();
    assert_eq!(item.full_url.as_deref(), Some("urn:uuid:7"));
    assert_eq!(item.request.unwrap().if_none_exist.as_deref(), Some("identifier=a|b"));
}

/// `text` between two good resources: both are taken, and the one reject says what is wrong.
#[test]
fn a_bad_resource_costs_only_itself() {
    let deep = format!(
        r#"{{"resourceType":"Patient","id":"d","x":{}1{}}}"#,
        "[".repeat(80),
        "]".repeat(80)
    );
    let huge = format!(r#"{{"resourceType":"Binary","id":"h","data":"{}"}}"#, "A".repeat(5000));
    let cases: [(&[u8], &str); 13] = [
        (br#"{"resourceType":"Patient","id":"x","a":}"#, "Patient/x line 4, column 41 is not JSON"),
        (br#"{"resourceType":"Patient","id":"x","a":01}"#, "column"),
        (br#"{"resourceType":"Patient","id":"x","a":nul}"#, "column"),
        (br#"{"resourceType":"Patient","id":"x","a":[1}}"#, "column"),
        (b"{\"resourceType\":\"Patient\",\"id\":\"x\",\"a\":\"M\xfcller\"}", "(byte 0xFC); save"),
        (b"{\"resourceType\":\"Patient\",\"id\":\"x\",\"a\":\"\0\"}", "Patient/x line 4"),
        (
            br#"{"resourceType":"Patient","id":"x","name":[{"family":"a\u0000b"}]}"#,
            "Patient/x name[0].family holds a NUL character; remove it",
        ),
        (
            br#"{"resourceType":"Patient","id":"x","gender":"male","gender":"female"}"#,
            "Patient/x \"gender\" is given twice; keep the right one",
        ),
        (
            br#"{"resourceType":"Patient","id":"x","n":[{"a":1,"b":{"c":1,"c":2}}]}"#,
            "\"c\" is given twice",
        ),
        (br#"{"id":"x"}"#, "resourceType is missing; this is not a FHIR resource"),
        (br#"{"resourceType":7,"id":"x"}"#, "resourceType is missing"),
        (deep.as_bytes(), "Patient/d it is nested more than 64 deep"),
        (huge.as_bytes(), "Binary/h it is longer than"),
    ];
    let limits = Limits { resource_bytes_max: 4000, ..Limits::STANDARD };
    for (bad, expected) in cases {
        let shown = String::from_utf8_lossy(bad);
        let mut bundle = b"{\"resourceType\":\"Bundle\",\n\"entry\":[\n{\"resource\":".to_vec();
        bundle.extend_from_slice(PATIENT.as_bytes());
        bundle.extend_from_slice(b"},\n{\"resource\":");
        bundle.extend_from_slice(bad);
        bundle.extend_from_slice(b"},\n{\"resource\":");
        bundle.extend_from_slice(PATIENT.as_bytes());
        bundle.extend_from_slice(b"}]}");
        let lines = [PATIENT.as_bytes(), b"", b"", bad, PATIENT.as_bytes()].join(&b'\n');
        let scratch = Scratch::new().with("a.json", &bundle).with("b.ndjson", &lines);
        for (name, good) in [("a.json", [3, 5]), ("b.ndjson", [1, 5])] {
            let (items, rejects) = read_all(&scratch.0.join(name), &limits);
            assert_eq!(items, good.map(|line| format!("{name}:{line} Patient/p1")), "{shown}");
            assert_eq!(rejects.len(), 1, "{shown} {rejects:?}");
            // The column differs by the entry around the resource.
            let expected = expected.split(", column").next().unwrap();
            assert!(rejects[0].starts_with(&format!("{name}:4")), "{shown} {rejects:?}");
            assert!(rejects[0].contains(expected), "{shown} {rejects:?}");
        }
    }
}

#[test]
fn a_bad_file_is_one_clear_reject_and_keeps_what_came_before() {
    let cut = &BUNDLE.as_bytes()[..BUNDLE.len() - 30];
    let mut torn_gzip = gzip(BUNDLE.as_bytes());
    torn_gzip.truncate(torn_gzip.len() - 12);
    let mut torn_zstd = zstd(BUNDLE.as_bytes());
    torn_zstd.truncate(torn_zstd.len() - 12);
    let mut garbled = gzip(&[b' '; 4000]);
    garbled[20] ^= 0xff;
    let cases: [(&str, Vec<u8>, usize, &str); 18] = [
        ("a.json", cut.to_vec(), 1, "a.json:6 Observation/o1 the text ends in the middle"),
        ("a.json", b"{\"resourceType\":\"Patient\"".to_vec(), 0, "a.json:1 Patient the text ends"),
        ("a.json", Vec::new(), 0, "a.json it is empty"),
        ("a.json", b"{,}".to_vec(), 0, "a.json:1 a field name in double quotes is missing"),
        ("a.json", b"{\"a\" 1}".to_vec(), 0, "a.json:1 a colon is missing here"),
        ("a.json", format!("[{PATIENT} {PATIENT}]").into(), 1, "a comma or ] is missing here"),
        ("a.json", format!("{PATIENT}\nrubbish").into(), 1, "a.json:2 this is not FHIR JSON"),
        ("a.json", b"<Patient/>".to_vec(), 0, "this is XML; export it as JSON"),
        ("a.json", b"\xff\xfe{\0}\0".to_vec(), 0, "a.json it is written in UTF-16"),
        ("a.ndjson", format!("{PATIENT} {PATIENT}").into(), 1, "more than one value on this"),
        ("a.json.xz", b"\xfd7zXZ\0\0".to_vec(), 0, "packed with xz"),
        ("a.json.gz", torn_gzip, 0, "the file ends too early"),
        ("a.json.zst", torn_zstd, 0, "the file ends too early"),
        ("a.json.gz", garbled, 0, "its packing is damaged"),
        ("a.zip", zip(&[("x.json", PATIENT.as_bytes())])[..60].to_vec(), 0, "ends too early"),
        ("a.zip", zip(&[("i.tar", &tar(&[]))]), 0, "a.zip!i.tar"),
        ("a.xlsx", zip(&[("xl/workbook.xml", b"<x/>")]), 0, "this is an Excel workbook: save it"),
        ("a.tar", tar(&[("i.zip", &zip(&[]))]), 0, "an archive inside an archive"),
    ];
    for (name, bytes, items_min, expected) in cases {
        let (items, rejects) = read_one(name, bytes);
        assert!(items_min <= items.len(), "{name} {items:?}");
        assert_eq!(rejects.len(), 1, "{name} {rejects:?}");
        assert!(rejects[0].contains(expected), "{name} {rejects:?}");
    }
}

#[test]
fn a_damaged_member_does_not_end_its_archive() {
    let mut torn = gzip(PATIENT.as_bytes());
    torn.truncate(20);
    let members: [(&str, &[u8]); 3] =
        [("a.gz", &torn), ("b.json", b"{"), ("c.json", PATIENT.as_bytes())];
    for (name, bytes) in [("t.tar", tar(&members)), ("t.zip", zip(&members))] {
        let (items, rejects) = read_one(name, bytes);
        assert_eq!(items, [format!("{name}!c.json:1 Patient/p1")]);
        assert_eq!(rejects.len(), 2, "{rejects:?}");
        assert!(rejects[0].starts_with(&format!("{name}!a.gz")), "{rejects:?}");
        assert!(rejects[1].starts_with(&format!("{name}!b.json:1")), "{rejects:?}");
    }
}

#[test]
fn files_made_to_exhaust_the_computer_are_stopped() {
    let limits = Limits {
        ratio_from_bytes: 1 << 20,
        members_max: 3,
        resource_bytes_max: 1 << 10,
        ..Limits::STANDARD
    };
    let zeros = vec![b' '; 8 << 20];
    let many: Vec<(String, Vec<u8>)> =
        (0..5).map(|number| (format!("{number}.json"), PATIENT.into())).collect();
    let many: Vec<(&str, &[u8])> =
        many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("a.gz", gzip(&zeros), "it unpacks to more than"),
        ("a.zst", zstd(&zeros), "it unpacks to more than"),
        ("a.zip", zip(&[("x", &zeros), ("y", &zeros)]), "it unpacks to more than"),
        ("b.zip", zip(&many), "too many members"),
        ("b.tar", tar(&many), "too many members"),
        ("q.gz", gzip(&gzip(&gzip(&gzip(PATIENT.as_bytes())))), "packed too many times over"),
    ];
    for (name, bytes, expected) in cases {
        let scratch = Scratch::new().with(name, bytes);
        let (_, rejects) = read_all(&scratch.0.join(name), &limits);
        assert_eq!(rejects.len(), 1, "{name} {rejects:?}");
        assert!(rejects[0].contains(expected), "{name} {rejects:?}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let (items, rejects) = read_all(Path::new("/nowhere/at/all.json"), &Limits::STANDARD);
    assert!(items.is_empty());
    assert!(rejects[0].starts_with("all.json cannot be read"), "{rejects:?}");
}

#[test]
fn the_caller_can_end_it() {
    let scratch = Scratch::new().with("a.tar", tar(&[("x", BUNDLE.as_bytes())]));
    let files = list(&scratch.0.join("a.tar")).files;
    let mut count = 0;
    let flow = read(&files[0], &Limits::STANDARD, &Progress::default(), &mut |_| {
        count += 1;
        ControlFlow::Break(())
    });
    assert_eq!((flow, count), (ControlFlow::Break(()), 1));
}

//! The guide for programs is true: its examples are run, as they stand, against a server.

use std::process::{Command, Stdio};

use crate::harness::{Hospital, PASSWORD, Scratch};

const GUIDE: &str = include_str!("../API.md");

/// The examples in a shell, in order: they build on one another.
fn script() -> String {
    let blocks = GUIDE.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<&str> = blocks.collect();
    assert!(10 < blocks.len(), "{}", blocks.len());
    format!("set -euo pipefail\n{}", blocks.join("\n"))
}

#[test]
fn every_example_of_the_guide_works() {
    let hospital = Hospital::open();
    let scratch = Scratch::new();
    let ended = Command::new("bash")
        .args(["-c", &script()])
        .current_dir(scratch.path())
        .env("HEALTHFLOW", &hospital.server.url)
        .env("NAME", "admin")
        .env("PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    let wrong = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{told}\n{wrong}");
    assert_eq!(wrong, "");
    let paged: Vec<&str> = told.lines().filter(|line| line.starts_with("patient ")).collect();
    assert_eq!(paged.len(), 6, "every patient once: {told}");
    for part in [
        r#""code_text":"Gout","status":"active"}"#,
        r#""conditions":["Gout","Hypertension","Asthma"]"#,
        r#"{"version":2}"#,
        "entered_in_error",
        r#""code":"web.query","errors":[{"field":"limit","message":"Send a number, 1 to 200."}]"#,
        r#"["patients.ndjson","fhir"]"#,
        r#""matched":["name"]"#,
        r#"["patients.read","encounters.read"]"#,
        "The role Administrator includes records.read.",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

//! What goes out to whoever helps: a patient with words that nobody else has, and secrets, are
//! planted, and nothing of them may be in it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use healthflow::vocab::digest::hex;
use serde_json::json;

use crate::harness::{Hospital, PASSWORD, nonce, run};

/// Names and texts in a bundle that was saved.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
            file.read_to_string(&mut text).unwrap();
            (name, text)
        })
        .collect()
}

fn saved(data: &Path, path: &Path) -> BTreeMap<String, String> {
    let ended = run(&["support-bundle", "--output", path.to_str().unwrap()], data, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("about.json"), "{ended:?}");
    unzipped(&std::fs::read(path).unwrap())
}

#[test]
fn nothing_of_a_patient_and_no_secret_is_in_a_bundle_however_it_is_made() {
    let hospital = Hospital::open_with(&["--log-level", "debug"]);
    let family = format!("Quaye{}", hex(&nonce()[..6]));
    let number = format!("GH{}", hex(&nonce()[..6]));
    let admin = &hospital.admin;
    let patient = json!({
        "names": [{"family": family, "given": ["Esi"]}], "birth_date": "1963-05-10",
        "identifiers": [{"system": "urn:test:card", "value": number}],
    });
    let made = admin.post("/api/v1/patients", &patient);
    made.expect_status(201);
    // A file that is named after a patient, and cannot be read.
    let file = hospital.scratch.path().join(format!("{family}.csv"));
    std::fs::write(&file, format!("family,given\n{family},\"Esi\n\n")).unwrap();
    run(&["import", file.to_str().unwrap()], &hospital.data(), "");
    let answer = admin.send(
        "GET",
        &format!("/api/v1/patients?q={family}"),
        &[("x-request-id", &number)],
        b"",
    );
    answer.expect_status(200);
    let control = healthflow::server::control::find(&hospital.data()).unwrap();
    let secrets = [PASSWORD.to_owned(), admin.token().to_owned(), control.token];
    let key = std::fs::read(hospital.data().join("secret.key")).unwrap();
    let planted: Vec<String> =
        [family.clone(), number.clone(), hex(&key)].into_iter().chain(secrets).collect();
    let expect_clean = |how: &str, bundle: &BTreeMap<String, String>| {
        for (name, text) in bundle {
            let text = text.to_lowercase();
            for word in &planted {
                assert!(!text.contains(&word.to_lowercase()), "{how}: {word} stands in {name}");
            }
        }
    };

    let told = admin.get("/api/v1/system/support-bundle");
    told.expect_status(200);
    let told = told.data();
    let entries = told["entries"].as_array().unwrap();
    let shown: BTreeMap<String, String> = entries
        .iter()
        .map(|it| (it["name"].as_str().unwrap().into(), it["text"].as_str().unwrap().into()))
        .collect();
    let names = ["about.json", "database.json", "doctor.txt", "jobs.json", "metrics.txt"];
    assert!(names.iter().all(|name| shown.contains_key(*name)), "{:?}", shown.keys());
    assert!(shown.keys().any(|name| name.starts_with("log/")), "{:?}", shown.keys());
    assert!(shown["database.json"].contains("\"patient\": "), "{}", shown["database.json"]);
    let log = shown.iter().find(|(name, _)| name.starts_with("log/")).unwrap().1;
    assert!(log.contains("HealthFlow serves at") && log.contains("\"message\":\"Answered\""));
    expect_clean("shown", &shown);

    let place = format!("/api/v1/system/support-bundle/file?of={}", told["id"].as_str().unwrap());
    let file = admin.get(&place);
    file.expect_status(200);
    assert_eq!(unzipped(&file.body), shown, "what is saved is what was shown");
    let gone = admin.get("/api/v1/system/support-bundle/file?of=nothing");
    gone.expect_problem(404, "bundle.gone");
    admin.get("/api/v1/system/support-bundle/file").expect_problem(400, "web.query");
    hospital.sign_in_as("nurse").get(&place).expect_status(403);
    for _ in 0..4 {
        admin.get("/api/v1/system/support-bundle").expect_status(200);
    }
    admin.get(&place).expect_problem(404, "bundle.gone");

    let running = saved(&hospital.data(), &hospital.scratch.path().join("running.zip"));
    assert_eq!(running.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>());
    expect_clean("with a server", &running);
    let again = hospital.scratch.path().join("running.zip");
    let line = ["support-bundle", "--output", again.to_str().unwrap()];
    let refused = run(&line, &hospital.data(), "");
    assert_eq!(refused.code, Some(1), "nothing is written over: {refused:?}");
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let stopped = saved(&scratch.data(), &scratch.path().join("stopped.zip"));
    assert!(stopped["database.json"].contains("\"patient\": "), "{stopped:?}");
    expect_clean("without a server", &stopped);
    let show = run(&["support-bundle", "--show"], &scratch.data(), "");
    assert!(show.stdout.contains("--- about.json"), "{show:?}");
    expect_clean("on the screen", &BTreeMap::from([("it".to_owned(), show.stdout)]));
}

#[test]
fn a_hospital_that_does_not_open_still_has_a_bundle() {
    let hospital = Hospital::open();
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let database = scratch.data().join("healthflow.db");
    std::fs::write(&database, vec![7; 8192]).unwrap();
    let bundle = saved(&scratch.data(), &scratch.path().join("broken.zip"));
    assert!(bundle["doctor.txt"].contains("FAIL  database"), "{}", bundle["doctor.txt"]);
    assert!(!bundle.contains_key("database.json"), "{:?}", bundle.keys());
}

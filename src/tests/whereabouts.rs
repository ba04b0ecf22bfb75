//! Where the data lies: a mistyped path makes no hospital, a new one is announced, and a run that
//! did not end well is told of.

use std::path::{Path, PathBuf};

use crate::harness::{Ended, Hospital, PASSWORD, Scratch, Server, eventually, run};

/// Everything in the log files of the hospital.
fn log(data: &Path) -> String {
    let files = std::fs::read_dir(data.join("logs")).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

const ADD: [&str; 6] = ["user", "add", "kofi", "--role", "nurse", "--password-stdin"];

fn expect_no_hospital(ended: &Ended, data: &Path, meant: Option<&Path>) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let shown = data.display().to_string();
    let mut parts = vec!["There is no hospital in", &shown, "flag --data", "Check the path"];
    let meant = meant.map(|meant| format!("there is one in {}.", meant.display()));
    parts.push(meant.as_deref().unwrap_or("healthflow serve makes a new hospital"));
    for part in parts {
        assert!(ended.stderr.contains(part), "{part}: {ended:?}");
    }
}

#[test]
fn a_mistyped_folder_becomes_no_hospital_and_the_one_that_was_meant_is_named() {
    let hospital = Hospital::open();
    let real = hospital.data();
    let file = hospital.scratch.path().join("people.ndjson");
    std::fs::write(&file, "").unwrap();
    let typed = hospital.scratch.path().join("dtaa");
    let inner: PathBuf = real.join("data");
    for wrong in [&typed, &inner] {
        for line in [
            &ADD[..],
            &["user", "list"],
            &["user", "disable", "kofi"],
            &["user", "reset-password", "kofi", "--password-stdin"],
            &["import", file.to_str().unwrap()],
        ] {
            expect_no_hospital(&run(line, wrong, PASSWORD), wrong, Some(&real));
        }
        let shown = run(&["config", "--json"], wrong, "");
        assert!(shown.json()["data"]["warnings"].to_string().contains("There is no hospital in"));
        assert!(run(&["config"], wrong, "").stdout.contains("There is no hospital in"));
        let told = run(&["doctor", "--json", "--listen", "127.0.0.1:0"], wrong, "").json();
        let checks = told["data"]["checks"].as_array().unwrap();
        let folder = checks.iter().find(|check| check["name"] == "data folder").unwrap();
        assert_eq!(folder["state"], "warn", "{folder}");
        assert!(folder["detail"].as_str().unwrap().contains("There is no hospital in"));
        assert!(!wrong.exists(), "nothing was made");
    }
    std::fs::create_dir(&typed).unwrap();
    expect_no_hospital(&run(&["user", "list"], &typed, ""), &typed, Some(&real));
    std::fs::write(typed.join("letter.txt"), "").unwrap();
    expect_no_hospital(&run(&ADD, &typed, PASSWORD), &typed, Some(&real));
    assert_eq!(std::fs::read_dir(&typed).unwrap().count(), 1, "nothing was made");
}

#[test]
fn an_empty_folder_that_is_there_takes_its_first_user_and_no_import_before_that() {
    let scratch = Scratch::new();
    let data = scratch.data();
    std::fs::create_dir(&data).unwrap();
    let file = scratch.path().join("people.ndjson");
    let patient = r#"{"resourceType":"Patient","id":"1","name":[{"family":"Moreau"}]}"#;
    std::fs::write(&file, patient).unwrap();
    let import = ["import", file.to_str().unwrap()];
    expect_no_hospital(&run(&import, &data, ""), &data, None);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0, "nothing was made");
    assert_eq!(run(&["init"], &data, "").code, Some(0));
    let early = run(&import, &data, "");
    assert_eq!((early.code, early.stdout.as_str()), (Some(1), ""), "{early:?}");
    assert!(early.stderr.contains("not set up yet") && early.stderr.contains("healthflow init"));

    let scratch = Scratch::new();
    let data = scratch.data();
    std::fs::create_dir(&data).unwrap();
    let ended = run(&ADD, &data, PASSWORD);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("A new, empty hospital in "), "{ended:?}");
    let imported = run(&import, &data, "");
    assert_eq!((imported.code, imported.stderr.as_str()), (Some(0), ""), "{imported:?}");
}

#[test]
fn serve_says_that_a_hospital_is_new_and_warns_of_one_that_may_have_been_meant() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &[]);
    eventually("it serves", || server.stderr().contains("HealthFlow serves at"));
    assert!(!server.stderr().contains("WARN"), "nothing is near: {}", server.stderr());
    server.stop();
    let again = Server::start(&scratch.data(), &[]);
    again.stop();
    assert_eq!(log(&scratch.data()).matches("A new, empty hospital").count(), 1);
    let typed = scratch.path().join("dat");
    let beside = Server::start(&typed, &[]);
    let real = format!("there is one in {}", scratch.data().display());
    eventually("it serves", || log(&typed).contains("HealthFlow serves at"));
    for told in [beside.stderr(), log(&typed)] {
        let warning = told.lines().find(|line| line.contains("WARN")).unwrap_or_default();
        assert!(warning.contains("A new, empty hospital") && warning.contains(&real), "{told}");
    }
    assert!(typed.join("healthflow.db").exists(), "it serves all the same");
}

#[test]
fn a_run_that_was_killed_is_told_of_once_in_the_log_and_on_the_screen() {
    const TOLD: &str = "The last run did not end in order";
    let hospital = Hospital::open();
    hospital.admin.register("Ada", "Moreau");
    let Hospital { server, scratch, .. } = hospital;
    assert!(!server.stderr().contains(TOLD), "the first run follows none");
    server.kill();
    let server = Server::start(&scratch.data(), &[]);
    let serves = |server: &Server| {
        eventually("it serves", || server.stderr().contains("HealthFlow serves at"));
    };
    serves(&server);
    eventually("it is told", || log(&scratch.data()).contains(TOLD));
    for told in [server.stderr(), log(&scratch.data())] {
        assert_eq!(told.matches(TOLD).count(), 1, "{told}");
        let line = told.lines().find(|line| line.contains(TOLD)).unwrap();
        for part in
            ["last alive at 20", "pages of the database", "No change is known to be missing"]
        {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    server.stop();
    let server = Server::start(&scratch.data(), &[]);
    serves(&server);
    assert!(!server.stderr().contains(TOLD), "{}", server.stderr());
    server.kill();
    let listed = run(&["user", "list"], &scratch.data(), "");
    assert!(listed.stderr.contains(TOLD), "{listed:?}");
    let listed = run(&["user", "list"], &scratch.data(), "");
    assert_eq!(listed.stderr, "", "that command ended in order");
}

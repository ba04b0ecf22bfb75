//! The command line: beside a running server and without one, for people and for programs.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::harness::{Ended, Hospital, PASSWORD, PATIENCE, Scratch, Server, run, sign_in};

fn well(arguments: &[&str], data: &Path, input: &str) -> Json {
    let ended = run(&[arguments, &["--json"]].concat(), data, input);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.json()["data"].clone()
}

/// The problem that a failed command tells a program, with nothing on standard output.
fn refused(arguments: &[&str], data: &Path, input: &str, exit: i32) -> Json {
    let ended = run(&[arguments, &["--json"]].concat(), data, input);
    assert_eq!(ended.code, Some(exit), "{ended:?}");
    assert_eq!(ended.stdout, "", "{ended:?}");
    problem(&ended)
}

/// The last line of standard error that is JSON with a code.
fn problem(ended: &Ended) -> Json {
    let lines = ended.stderr.lines().rev();
    let mut found = lines.filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let problem = found.find(|json| json["code"].is_string());
    problem.unwrap_or_else(|| panic!("no problem is told: {ended:?}"))
}

const SET_UP: [&str; 9] = [
    "init",
    "--hospital-name",
    "Korle Hospital",
    "--time-zone",
    "Africa/Accra",
    "--username",
    "ama",
    "--password-stdin",
    "--display-name=Ama Admin",
];

const ADD: [&str; 6] = ["user", "add", "Kofi", "--role", "nurse", "--password-stdin"];

fn names(users: &Json) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn init_sets_a_hospital_up_once_and_the_accounts_work_in_the_server() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let fresh = well(&["init"], &data, "");
    assert_eq!(fresh["needs_setup"], true);
    let link = data.join("setup-link.txt");
    assert!(!link.exists(), "nobody would answer it");
    let server = Server::start(&data, &[]);
    assert!(link.exists());
    server.stop();
    assert!(!link.exists(), "nor any more");
    refused(&["init", "--hospital-name", "Korle"], &data, "", 2);
    let weak = refused(&SET_UP, &data, "short\n", 1);
    assert_eq!(weak["errors"][0]["field"], "password");
    let weak = run(&SET_UP, &data, "short\n");
    assert!(weak.stderr.contains("\n  password: Use 15 to 200 characters"), "{weak:?}");
    let made = well(&SET_UP, &data, &format!("{PASSWORD}\n"));
    assert_eq!(made["user"]["role"], "administrator");
    assert_eq!(refused(&SET_UP, &data, PASSWORD, 1)["code"], "access.setup_done");
    assert_eq!(well(&["init"], &data, "")["needs_setup"], false);
    let server = Server::start(&data, &[]);
    assert_eq!(server.setup_link, None);
    sign_in(&server, "ama").get("/api/v1/users").expect_status(200);
}

#[test]
fn users_are_kept_without_a_server_and_beside_one_alike() {
    let hospital = Hospital::open();
    let data = hospital.data();
    users_come_and_go(&data, Some(&hospital.server));
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let again = run(&["user", "list"], &scratch.data(), "");
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stdout.contains("kofi") && again.stdout.contains("disabled"), "{again:?}");
    let alone = Scratch::new();
    well(&SET_UP, &alone.data(), PASSWORD);
    users_come_and_go(&alone.data(), None);
}

fn users_come_and_go(data: &Path, server: Option<&Server>) {
    let added = well(&ADD, data, &format!("{PASSWORD}\r\n"));
    assert_eq!((added["username"].as_str(), added["role"].as_str()), (Some("kofi"), Some("nurse")));
    assert!(!added.to_string().contains("argon2"), "{added}");
    assert_eq!(names(&well(&["user", "list"], data, "")).len(), 2);
    assert_eq!(refused(&ADD, data, PASSWORD, 1)["code"], "record.taken");
    let kofi = server.map(|server| sign_in(server, "kofi"));
    let new = "nine loud red kites\n";
    well(&["user", "reset-password", "KOFI", "--password-stdin"], data, new);
    if let Some(kofi) = kofi {
        kofi.get("/api/v1/patients").expect_problem(401, "access.sign_in");
    }
    let lost = ["user", "reset-password", "kofi", "--remove-second-factor", "--password-stdin"];
    assert_eq!(well(&lost, data, new)["second_factor"], "removed");
    let missing = ["user", "reset-password", "nobody", "--password-stdin"];
    assert_eq!(refused(&missing, data, new, 1)["code"], "cli.no_user");
    let restored = well(&["user", "restore-role", "administrator"], data, "");
    assert_eq!(restored["code"], "administrator");
    let unknown = refused(&["user", "restore-role", "admin"], data, "", 1);
    assert_eq!(unknown["code"], "cli.no_role");
    let gone = well(&["user", "disable", "kofi"], data, "");
    assert_eq!(gone["active"], false);
    if let Some(server) = server {
        let body = json!({"username": "kofi", "password": new.trim()});
        server.client().post("/api/v1/sessions", &body).expect_status(401);
    }
    let only = if server.is_some() { "admin" } else { "ama" };
    refused(&["user", "disable", only], data, "", 1);
}

#[test]
fn who_is_added_before_the_set_up_is_let_in_and_the_set_up_stays_open() {
    let scratch = Scratch::new();
    let data = scratch.data();
    std::fs::create_dir(&data).unwrap();
    let added = run(&ADD, &data, PASSWORD);
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.stderr.contains("warning: No administrator exists yet"), "{added:?}");
    let looked = |code| {
        let ended = run(&["doctor", "--json", "--listen", "127.0.0.1:0"], &data, "");
        let checks = ended.json()["data"]["checks"].clone();
        let found = checks.as_array().unwrap().iter().find(|it| it["name"] == "administrator");
        assert_eq!(found.map(|it| it["state"].clone()), Some(json!(code)), "{ended:?}");
    };
    looked("warn");
    let server = Server::start(&data, &[]);
    assert!(server.setup_link.is_some(), "nobody else could let anybody in");
    looked("warn");
    let admin = ["user", "add", "ama", "--role", "administrator", "--password-stdin"];
    let added = run(&admin, &data, PASSWORD);
    assert!(added.stdout.contains("That completes the set-up"), "{added:?}");
    assert!(!added.stderr.contains("No administrator"), "{added:?}");
    assert!(!data.join("setup-link.txt").exists());
    looked("ok");
    sign_in(&server, "ama").get("/api/v1/users").expect_status(200);
    let listed = run(&["user", "list"], &data, "");
    let row = listed.stdout.lines().find(|line| line.starts_with("ama")).unwrap().to_owned();
    assert!(!row.contains('T') && row.contains(':'), "a time for people: {row}");
    server.stop();
    looked("ok");
}

#[test]
fn what_is_typed_wrong_is_told_and_ends_with_two() {
    let scratch = Scratch::new();
    for arguments in [
        &["frobnicate"][..],
        &["user", "add"],
        &["user", "add", "kofi", "--password-stdin", "--role"],
        &["serve", "--no-such-flag"],
        &[],
    ] {
        let ended = run(arguments, &scratch.data(), "");
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.contains("error: "), "{arguments:?}: {ended:?}");
    }
    for arguments in [&["--help"][..], &["user", "add", "--help"], &["--version"]] {
        let ended = run(arguments, &scratch.data(), "");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.stdout.contains("healthflow"), "{arguments:?}");
    }
    let no_password = refused(&ADD[..5], &scratch.data(), "", 1);
    assert_eq!(no_password["code"], "cli.password");
    assert!(!scratch.data().exists(), "what was typed wrong leaves nothing behind");
}

#[test]
fn config_shows_what_holds_and_a_wrong_value_names_key_place_and_range() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let shown = well(&["config", "--workers", "3"], &data, "");
    let settings = shown["settings"].as_array().unwrap();
    let workers = settings.iter().find(|setting| setting["key"] == "workers").unwrap();
    assert_eq!(workers["value"], 3);
    assert_eq!(workers["origin"]["name"], "--workers");
    let wrong = run(&["config", "--workers", "many"], &data, "");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    for part in ["workers", "auto or a whole number from 1 to 256"] {
        assert!(wrong.stderr.contains(part), "{wrong:?}");
    }
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("healthflow.toml"), "wrokers = 3\nmax_body_mib = 0\n").unwrap();
    let wrong = run(&["serve", "--listen", "127.0.0.1:0"], &data, "");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    for part in ["wrokers", "workers", "healthflow.toml", "max_body_mib", "from 1 to 256"] {
        assert!(wrong.stderr.contains(part), "{part}: {wrong:?}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused_in_plain_words() {
    let hospital = Hospital::open();
    let second = Server::try_start(&hospital.data(), &[]).unwrap_err();
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    let detail = problem(&second)["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("in use by another HealthFlow"), "{detail}");
    assert!(detail.contains(&hospital.data().display().to_string()), "{detail}");
    hospital.admin.get("/api/v1/patients").expect_status(200);
    let scratch = Scratch::new();
    let taken = hospital.server.address().to_owned();
    let third = run(&["serve", "--listen", &taken], &scratch.data(), "");
    assert_eq!(third.code, Some(1), "{third:?}");
    assert!(!scratch.data().exists(), "no hospital begins where nobody can be served");
    assert!(third.stderr.contains("cannot serve at") && third.stderr.contains("--listen"));
}

#[test]
fn the_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let hospital = Hospital::open();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&hospital.data()), 0o700);
    let mut seen = 0;
    for entry in std::fs::read_dir(hospital.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
            seen += 1;
        }
    }
    assert!(3 < seen, "database, lock, server.json and more");
}

#[test]
fn doctor_walks_the_checklist_and_its_exit_code_says_whether_all_is_well() {
    let hospital = Hospital::open();
    let port = ["--listen", "127.0.0.1:0"];
    let ended = run(&["doctor", "--json", port[0], port[1]], &hospital.data(), "");
    let told = ended.json()["data"].clone();
    assert_eq!(ended.code, Some(if told["ok"] == true { 0 } else { 1 }), "{ended:?}");
    let checks = told["checks"].as_array().unwrap();
    assert!(8 < checks.len(), "{told}");
    assert!(checks.iter().all(|check| check["detail"] != ""), "{told}");
    let wrong = run(&["doctor", "--json", "--workers", "0"], &hospital.data(), "");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert_eq!(wrong.json()["data"]["ok"], false);
}

#[test]
fn doctor_says_where_it_serves_and_how_the_last_run_ended() {
    let Hospital { server, scratch, .. } = Hospital::open();
    let told = |name: &str| {
        let told = run(&["doctor", "--json"], &scratch.data(), "").json()["data"].clone();
        let mut checks = told["checks"].as_array().unwrap().iter();
        checks.find(|check| check["name"] == name).cloned()
    };
    let served = told("port").unwrap();
    assert!(served["detail"].as_str().unwrap().contains(server.address()), "{served}");
    assert_eq!(told("last run"), None, "it still runs");
    server.kill();
    let killed = told("last run").unwrap();
    assert_eq!(killed["state"], "warn");
    assert!(killed["detail"].as_str().unwrap().contains("last alive at"), "{killed}");
    Server::start(&scratch.data(), &[]).stop();
    assert_eq!(told("last run").unwrap()["state"], "ok");
}

#[test]
fn doctor_says_when_the_search_index_is_gone() {
    let hospital = Hospital::open();
    hospital.admin.register("Ada", "Moreau");
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let state = || {
        let told = run(&["doctor", "--json"], &scratch.data(), "").json()["data"].clone();
        let mut checks = told["checks"].as_array().unwrap().iter();
        checks.find(|check| check["name"] == "search index").unwrap()["state"].clone()
    };
    assert_eq!(state(), "ok");
    std::fs::remove_dir_all(scratch.data().join("search")).unwrap();
    assert_eq!(state(), "warn");
}

#[test]
fn what_came_of_an_import_is_the_same_in_its_exit_code_its_words_and_the_api() {
    let hospital = Hospital::open();
    let known = r#"{"resourceType":"Patient","id":"a","name":[{"family":"Osei"}]}"#;
    let wrong = r#"{"resourceType":"Patient","id":"b","birthDate":"soon"}"#;
    let claim = r#"{"resourceType":"Claim","id":"c"}"#;
    let file = hospital.scratch.path().join("some.ndjson");
    for (lines, code, outcome, words) in [
        ([known, claim], 0, "all", "Completed. "),
        ([known, wrong], 3, "partly", "Completed, but not all of it was taken. "),
        ([wrong, claim], 1, "nothing", "Nothing was taken. "),
        (["", ""], 1, "nothing", "Nothing was read: "),
    ] {
        std::fs::write(&file, lines.join("\n")).unwrap();
        let ended = run(&["import", file.to_str().unwrap()], &hospital.data(), "");
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.stdout.contains(words), "{ended:?}");
        let told = hospital.admin.get("/api/v1/imports?limit=1").data();
        assert_eq!(told[0]["summary"]["outcome"], outcome, "{told}");
    }
}

#[test]
fn the_command_line_is_in_the_audit_and_does_not_wait_for_ever() {
    let hospital = Hospital::open();
    let begun = Instant::now();
    well(&ADD, &hospital.data(), PASSWORD);
    assert!(begun.elapsed() < PATIENCE);
    let (store, _scratch) = hospital.stop_and_open_store();
    let by = store.read::<_, healthflow::store::StoreError>(PATIENCE, |tx| {
        let sql = "SELECT actor_name FROM audit WHERE act = 'users.create'";
        tx.one(sql, &[], |row| row.get::<String>(0))
    });
    assert_eq!(by.unwrap(), "command line");
}

fn add<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["user", "add"], rest, &["--password-stdin"]].concat()
}

#[test]
fn people_are_added_to_roles_sites_and_departments_by_their_names() {
    let hospital = Hospital::open();
    let (data, admin) = (hospital.data(), &hospital.admin);
    let site = admin.get("/api/v1/facilities").json()["data"][0]["id"].clone();
    let other = admin.post("/api/v1/facilities", &json!({"name": "Hill"})).data()["id"].clone();
    let ward = |name: &str, of: &Json| {
        let body = json!({"name": name, "kind": "ward", "facility_id": of});
        admin.post("/api/v1/departments", &body).data()["id"].clone()
    };
    let [first, second] = ["Ward 1", "Ward 2"].map(|name| ward(name, &site));
    let there = ward("Ward 1", &other);
    let role = json!({"code": "porter", "name": "Porter", "reach": "facility"});
    admin.post("/api/v1/roles", &role).expect_status(201);
    for (rest, facility, departments) in [
        (&["a", "--role", "porter"][..], Json::Null, json!([])),
        (&["b", "--role", "nurse", "--facility", "hill"], other.clone(), json!([])),
        (&["c", "--role", "nurse", "--department", "ward 2"], site.clone(), json!([second])),
        (
            &["d", "--role", "nurse", "--facility", "Hill", "--department", "Ward 1"],
            other.clone(),
            json!([there]),
        ),
        (
            &[
                "e",
                "--role",
                "nurse",
                "--department",
                "Ward 2",
                "--department",
                first.as_str().unwrap(),
            ],
            site,
            json!([second, first]),
        ),
    ] {
        let added = well(&add(rest), &data, PASSWORD);
        assert_eq!((&added["facility_id"], &added["departments"]), (&facility, &departments));
    }
    for (rest, code, words) in [
        (&["x", "--role", "king"][..], "record.invalid", "nurse, clinician"),
        (&["x", "--role", "king"], "record.invalid", "integration, porter"),
        (&["x", "--role", "nurse", "--facility", "Moon"], "cli.no_place", "There are: "),
        (&["x", "--role", "nurse", "--department", "Ward 9"], "cli.no_place", "Ward 2"),
        (&["x", "--role", "nurse", "--department", "Ward 1"], "cli.several", "--facility"),
        (
            &["x", "--role", "nurse", "--facility", "Hill", "--department", "Ward 2"],
            "cli.no_place",
            "There are: Ward 1.",
        ),
    ] {
        let problem = refused(&add(rest), &data, PASSWORD, 1);
        assert_eq!(problem["code"], code, "{rest:?}");
        assert!(problem.to_string().contains(words), "{problem}");
    }
    assert_eq!(names(&well(&["user", "list"], &data, "")).len(), 6);
}

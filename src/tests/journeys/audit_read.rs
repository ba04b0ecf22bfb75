//! Who looked at this patient, and why: asked by those who may, and on record itself.

use serde_json::{Value as Json, json};

use crate::client::{Answer, Client};
use crate::harness::{Hospital, eventually};

/// Waits for the rows of reads, which follow their answers within a moment.
fn listed(client: &Client, query: &str, least: usize) -> Vec<Json> {
    let mut rows = Vec::new();
    eventually("the rows of reads", || {
        let answer = client.get(&format!("/api/v1/audit?{query}"));
        answer.expect_status(200);
        rows = answer.data().as_array().unwrap().clone();
        least <= rows.len()
    });
    rows
}

fn id_of(record: &Json) -> String {
    record["id"].as_str().unwrap().to_owned()
}

fn texts(rows: &[Json], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_story_of_a_patient_says_who_looked_how_often_and_from_where() {
    let hospital = Hospital::open();
    let (nurse, officer) =
        (hospital.sign_in_as("clinician"), hospital.sign_in_as("privacy_officer"));
    let patient = hospital.admin.register("Ada", "Moreau");
    let other = hospital.admin.register("Bo", "Keller");
    let path = format!("/api/v1/patients/{}", id_of(&patient));
    for _ in 0..5 {
        nurse.get(&path).expect_status(200);
    }
    nurse.get(&format!("{path}/timeline")).expect_status(200);
    hospital.admin.get(&format!("/api/v1/patients/{}", id_of(&other))).expect_status(200);
    let story = format!("{path}/audit");
    let mut told = Json::Null;
    eventually("what was looked at", || {
        let answer = officer.get(&story);
        answer.expect_status(200);
        told = answer.data();
        told["groups"].to_string().contains("patients.timeline")
    });
    assert_eq!(told["patient"]["family"], "Moreau");
    let groups = told["groups"].as_array().unwrap();
    let of = |name: &str| {
        let found = groups.iter().find(|group| group["actor_name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in {groups:?}")).clone()
    };
    let nurses = of("A clinician");
    // The further views of a page are a row once their minute is over.
    assert_eq!(nurses["views"], 2, "{nurses}");
    assert_eq!(nurses["addresses"], json!(["127.0.0.1"]));
    assert_eq!(nurses["roles"], json!(["clinician"]));
    assert_eq!((&nurses["changes"], &nurses["refused"]), (&json!(0), &json!(0)));
    assert_eq!(of("Ama Admin")["changes"], 1);
    // Whoever asks stands in it from then on.
    let asked = listed(&officer, &format!("patient={}&act=audit.story", id_of(&patient)), 1);
    assert_eq!(asked[0]["actor_name"], "A privacy_officer");
    assert_eq!(asked[0]["class"], "administration");
    officer.get("/api/v1/patients/pat_0000000000001/audit").expect_problem(404, "web.not_found");
    for who in [&nurse, &hospital.sign_in_as("nurse")] {
        who.get(&story).expect_problem(403, "access.not_allowed");
        who.get("/api/v1/audit").expect_problem(403, "access.not_allowed");
        who.get("/api/v1/audit/export").expect_problem(403, "access.not_allowed");
    }
    let (store, _scratch) = hospital.stop_and_open_store();
    let sql = "SELECT sum(count), count(*) FROM audit WHERE act = 'patients.read' \
        AND actor_name = 'A clinician'";
    let deadline = std::time::Duration::from_secs(5);
    let counts = store.read::<_, healthflow::store::StoreError>(deadline, |tx| {
        tx.one(sql, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))
    });
    assert_eq!(counts.unwrap(), (5, 2), "five views are two rows, and none is lost");
}

#[test]
fn the_list_is_narrowed_by_every_filter_and_goes_on_page_by_page() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let reception = hospital.sign_in_as("reception");
    let patients: Vec<String> =
        (0..6).map(|number| id_of(&admin.register("Ada", &format!("Moreau{number}")))).collect();
    for id in &patients {
        reception.get(&format!("/api/v1/patients/{id}")).expect_status(200);
    }
    reception.get("/api/v1/allergies").expect_status(403);
    let me = reception.get("/api/v1/sessions/current").data()["user"]["id"].take();
    let mine = format!("actor={}", me.as_str().unwrap());
    let rows = listed(admin, &format!("{mine}&class=reads"), 6);
    assert_eq!(texts(&rows, "act"), vec!["patients.read"; 6]);
    assert_eq!(texts(&rows, "patient_id"), patients.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(rows[0]["patient"]["family"], "Moreau5");
    let refused = listed(admin, &format!("{mine}&outcome=refused"), 1);
    assert_eq!((refused.len(), &refused[0]["act"]), (1, &json!("access.refused")));
    assert_eq!(refused[0]["class"], "access");
    let one = listed(admin, &format!("patient={}&class=changes", patients[0]), 1);
    assert_eq!(texts(&one, "act"), ["patients.create"]);
    let nowhere = admin.get("/api/v1/audit?address=10.0.0.1");
    assert_eq!(nowhere.data(), json!([]));
    assert!(12 <= listed(admin, "address=127.0.0.1&limit=200", 12).len());
    for (from, to, some) in
        [("2020-01-01", "2020-12-31", false), ("2020-01-01", "2100-01-01", true)]
    {
        let found = admin.get(&format!("/api/v1/audit?from={from}&to={to}")).data();
        assert_eq!(!found.as_array().unwrap().is_empty(), some, "{from}");
    }
    let (mut pages, mut next, mut seen) = (0, String::new(), Vec::new());
    loop {
        let page = admin.get(&format!("/api/v1/audit?{mine}&limit=3{next}"));
        page.expect_status(200);
        seen.extend(texts(page.data().as_array().unwrap(), "id"));
        pages += 1;
        match page.json()["meta"]["cursor"]["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let numbers: Vec<i64> = seen.iter().map(|id| id.parse().unwrap()).collect();
    assert!(3 <= pages && numbers.is_sorted_by(|a, b| b < a), "{numbers:?}");
    let wrong = |answer: Answer, field: &str| {
        let problem = answer.expect_problem(400, "web.query");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    };
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("actor=1", "actor"),
        ("patient=usr_0000000000001", "patient"),
        ("class=all", "class"),
        ("act=", "act"),
        ("outcome=maybe", "outcome"),
        ("address=here", "address"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("name=x", "name"),
    ] {
        wrong(admin.get(&format!("/api/v1/audit?{query}")), field);
    }
    let other = next.replacen("&cursor=", "class=reads&cursor=", 1);
    wrong(admin.get(&format!("/api/v1/audit?{other}")), "cursor");
    wrong(admin.get("/api/v1/audit/export?format=xml"), "format");
}

#[test]
fn a_file_to_take_along_holds_every_row_and_no_formula() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let account = json!({
        "username": "eve", "display_name": "=HYPERLINK(\"http://x\")", "role": "clinician",
        "password": crate::harness::PASSWORD,
    });
    admin.post("/api/v1/users", &account).expect_status(201);
    let eve = crate::harness::sign_in(&hospital.server, "eve");
    let id = id_of(&admin.register("Ada", "+Moreau, \"A\""));
    eve.get(&format!("/api/v1/patients/{id}")).expect_status(200);
    listed(admin, &format!("patient={id}&class=reads"), 1);
    let csv = admin.get(&format!("/api/v1/audit/export?patient={id}"));
    csv.expect_status(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let text = csv.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("\u{FEFF}\"number\",\"time\""), "{}", lines[0]);
    let eves = lines.iter().find(|line| line.contains("\"patients.read\"")).unwrap();
    assert!(eves.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{eves}");
    assert!(eves.contains("\"'+Moreau, \"\"A\"\" Ada\""), "{eves}");
    listed(admin, "act=audit.export", 1);
    let rows = admin.get("/api/v1/audit/export?format=ndjson").text();
    let rows: Vec<Json> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<i64> =
        rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(*numbers.last().unwrap(), 1);
    assert!(numbers.is_sorted_by(|a, b| *b == a - 1), "every row, once: {numbers:?}");
    assert!(rows.iter().any(|row| row["act"] == "audit.export"), "taking it along is on record");
}

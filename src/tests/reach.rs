//! Nobody guesses their way to a patient: every route that is mounted, asked with the ids of a
//! record of another ward and of another site, shows and changes nothing; and open screens are
//! told nothing of it.

use std::time::Duration;

use healthflow::access::break_glass::BREAK_GLASS;
use healthflow::access::care_team::CARE_TEAM_MEMBER;
use healthflow::domain;
use healthflow::platform::resource::Subject;
use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::harness::{Hospital, PASSWORD, sign_in};
use crate::live::Screen;
use crate::routes::{METHODS, addresses, ask};

/// Stands in every record of the patient and nowhere else.
const SECRET: &str = "Zanzibar";
/// As who they are, and so only where that may be told.
const NAME: &str = "Okonkwo";

/// Two sites; a ward with a patient who has a record of every kind.
struct Wards {
    hospital: Hospital,
    patient: String,
    ward: String,
    /// An address of each kind, and the id of the patient's record.
    records: Vec<(&'static str, String)>,
    /// Those who do not see the patient, by what they are.
    strangers: Vec<(&'static str, Client)>,
}

fn made(client: &Client, path: &str, body: &Json) -> String {
    let answer = client.post(&format!("/api/v1/{path}"), body);
    answer.expect_status(201);
    answer.data()["id"].as_str().unwrap().to_owned()
}

fn account(hospital: &Hospital, name: &str, more: &Json) -> Client {
    let mut body = json!({"username": name, "display_name": name, "password": PASSWORD});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    made(&hospital.admin, "users", &body);
    sign_in(&hospital.server, name)
}

impl Wards {
    fn open() -> Self {
        let hospital = Hospital::open();
        let admin = &hospital.admin;
        let site = admin.get("/api/v1/facilities").data()[0]["id"].clone();
        let other = made(admin, "facilities", &json!({"name": "Other site"}));
        let ward = |name: &str| {
            made(admin, "departments", &json!({"name": name, "kind": "ward", "facility_id": site}))
        };
        let (ward, next) = (ward("First ward"), ward("Second ward"));
        let body = json!({
            "names": [{"family": NAME, "given": ["Ada"]}], "gender": SECRET, "facility_id": site,
            "birth_date": "1980-02-03",
        });
        let patient = made(admin, "patients", &body);
        let mut records = vec![("patients", patient.clone())];
        for resource in domain::ALL.into_iter().filter(|it| it.subject == Subject::OfPatient) {
            let body = match resource.path {
                "encounters" => json!({
                    "patient_id": patient, "class": "inpatient", "department_id": ward,
                    "reason_text": SECRET,
                }),
                "observations" => json!({
                    "patient_id": patient, "code_text": SECRET, "value_decimal": "70.0",
                }),
                _ => json!({"patient_id": patient, "code_text": SECRET}),
            };
            records.push((resource.path, made(admin, resource.path, &body)));
        }
        let me = admin.get("/api/v1/sessions/current").data()["user"]["id"].clone();
        let team = format!("patients/{patient}/care-team");
        records.push(("care-team", made(admin, &team, &json!({"user_id": me}))));
        let of = |name: &str, more: Json| account(&hospital, name, &more);
        let helper =
            of("helper", json!({"role": "nurse", "facility_id": site, "departments": [next]}));
        let why = json!({
            "patient_id": patient, "reason": "emergency", "text": format!("{SECRET} at the door"),
        });
        records.push(("break-glass", made(&helper, "break-glass", &why)));
        let strangers = vec![
            (
                "a nurse of another ward",
                of("next", json!({"role": "nurse", "facility_id": site, "departments": [next]})),
            ),
            (
                "a doctor of another site",
                of("far", json!({"role": "clinician", "facility_id": other})),
            ),
            (
                "a desk of another site",
                of("desk", json!({"role": "reception", "facility_id": other})),
            ),
            (
                "a laboratory of another site",
                of("lab", json!({"role": "laboratory", "facility_id": other})),
            ),
        ];
        Self { hospital, patient, ward, records, strangers }
    }

    /// The address with the ids of the patient's records.
    fn filled(&self, address: &str) -> Option<String> {
        let path = address.trim_start_matches("/api/v1/").split('/').next()?;
        let (_, id) = self.records.iter().find(|(of, _)| *of == path)?;
        address.contains("{id}").then(|| address.replace("{id}", id))
    }
}

#[test]
fn no_route_shows_or_changes_a_record_of_another_ward_or_site() {
    let wards = Wards::open();
    let before: Vec<Json> = wards.shown_to_admin();
    let mut checked = 0;
    for address in addresses() {
        let Some(place) = wards.filled(&address) else { continue };
        for method in METHODS {
            for (who, client) in &wards.strangers {
                let answer = ask(client, method, &place);
                let told = format!("{who} {method} {place}: {} {}", answer.status, answer.text());
                assert!((400..500).contains(&answer.status), "{told}");
                assert!(!answer.text().contains(SECRET), "{told}");
                assert!(!answer.text().contains(NAME), "{told}");
                checked += usize::from(answer.status == 403);
            }
        }
    }
    assert!(100 < checked, "{checked}");
    assert_eq!(wards.shown_to_admin(), before);
}

#[test]
fn no_list_and_no_search_holds_more_than_who_somebody_is() {
    let wards = Wards::open();
    for address in addresses().into_iter().filter(|address| !address.contains("{id}")) {
        for (who, client) in &wards.strangers {
            for query in ["", "?limit=200", "?q=Okonkwo", "?family=Okonkwo&given=Ada"] {
                let answer = client.get(&format!("{address}{query}"));
                let told = format!("{who} {address}{query}: {} {}", answer.status, answer.text());
                assert!(answer.status < 500, "{told}");
                assert!(!answer.text().contains(SECRET), "{told}");
                let named = answer.text().contains(NAME);
                assert!(!named || address.starts_with("/api/v1/patients"), "{told}");
                for (path, id) in wards.records.iter().filter(|(path, _)| *path != "patients") {
                    assert!(!answer.text().contains(id), "{path} {told}");
                }
            }
        }
    }
}

impl Wards {
    /// Each record with its version, as it stands.
    fn shown_to_admin(&self) -> Vec<Json> {
        let of_record = |(path, id): &(&str, String)| {
            let one = self.hospital.admin.get(&format!("/api/v1/{path}/{id}"));
            (one.status == 200).then(|| one.data())
        };
        self.records.iter().filter_map(of_record).collect()
    }

    fn break_glass(&self, client: &Client) -> String {
        let why = json!({
            "patient_id": self.patient, "reason": "emergency", "text": "Collapsed on our ward",
        });
        made(client, "break-glass", &why)
    }

    fn diagnose(&self) {
        let body = json!({"patient_id": self.patient, "code_text": "Cough"});
        made(&self.hospital.admin, "conditions", &body);
    }
}

#[test]
fn an_open_screen_is_told_of_those_it_sees_and_of_nobody_else() {
    let wards = Wards::open();
    let (server, nurse) = (&wards.hospital.server, &wards.strangers[0].1);
    let topic = format!("patient:{}", wards.patient);
    crate::live::all_told(&wards.hospital.admin);
    let mut screen = Screen::open(server, nurse);
    screen.send(&json!({"subscribe": [topic], "since": null}));
    let refused = screen.next();
    assert_eq!(refused["error"]["code"], "access.out_of_reach", "{refused}");
    // Neither by the lists that they may follow.
    screen.follow(&["conditions", "patients"]);
    wards.diagnose();
    screen.expect_silence(Duration::from_millis(500));
    let glass = wards.break_glass(nurse);
    screen.follow(&[&topic]);
    wards.diagnose();
    let mut told = vec![screen.event().0, screen.event().0];
    told.sort();
    assert_eq!(told, ["conditions condition created", &format!("{topic} condition created")]);
    // Ended: what comes then is not told any more, though the topic is still followed.
    nurse.send("DELETE", &format!("/api/v1/break-glass/{glass}"), &[], b"").expect_status(204);
    wards.diagnose();
    screen.expect_silence(Duration::from_millis(500));
}

#[test]
fn who_reviews_is_told_at_once_that_somebody_broke_the_glass() {
    let wards = Wards::open();
    let officer = account(&wards.hospital, "officer", &json!({"role": "privacy_officer"}));
    crate::live::all_told(&wards.hospital.admin);
    let mut screen = Screen::open(&wards.hospital.server, &officer);
    screen.follow(&["break-glass"]);
    wards.break_glass(&wards.strangers[0].1);
    assert_eq!(screen.event().0, "break-glass break_glass opened");
    let mut other = Screen::open(&wards.hospital.server, &wards.strangers[0].1);
    other.send(&json!({"subscribe": ["break-glass"], "since": null}));
    assert_eq!(other.next()["error"]["code"], "access.not_allowed");
}

#[test]
fn the_kinds_of_this_part_have_tags_that_no_other_has() {
    let tags = domain::ALL.map(|resource| resource.kind.tag);
    for kind in [BREAK_GLASS, CARE_TEAM_MEMBER] {
        assert!(!tags.contains(&kind.tag), "{}", kind.tag);
    }
}

#[test]
fn a_ward_sees_its_patient_again_when_they_come_back() {
    let wards = Wards::open();
    let nurse = &wards.strangers[0].1;
    let place = format!("/api/v1/patients/{}", wards.patient);
    nurse.get(&place).expect_problem(403, "access.out_of_reach");
    let me = nurse.get("/api/v1/sessions/current").data()["user"]["id"].clone();
    let user = format!("/api/v1/users/{}", me.as_str().unwrap());
    let version = || wards.hospital.admin.get(&user).data()["version"].as_i64().unwrap();
    let change = json!({"departments": [wards.ward]});
    wards.hospital.admin.patch(&user, version(), &change).expect_status(200);
    nurse.get(&place).expect_status(200);
}

#[test]
fn nobody_lets_themselves_in_by_a_file() {
    let hospital = Hospital::open();
    let role = json!({"code": "clerk", "name": "Clerk", "reach": "facility",
        "permissions": ["imports.run", "patients.read"]});
    made(&hospital.admin, "roles", &role);
    let site = hospital.admin.get("/api/v1/facilities").data()[0]["id"].clone();
    let clerk = account(&hospital, "clerk", &json!({"role": "clerk", "facility_id": site}));
    let send = |client: &Client| {
        let file = br#"{"resourceType":"Patient","id":"p1","name":[{"family":"Okonkwo"}]}"#;
        let sent = [("content-type", "application/octet-stream")];
        client.send("POST", "/api/v1/imports?name=a.ndjson", &sent, file)
    };
    send(&clerk).expect_problem(403, "access.elsewhere");
    send(&hospital.admin).expect_status(202);
}

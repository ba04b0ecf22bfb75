//! Words that only one patient has, and secrets, are planted and then searched for where they
//! must never be: in the logs, in what the program says to people, in answers that are errors or
//! tell of the machine, in its command line, and in files beside the store.

use std::path::{Path, PathBuf};

use healthflow::vocab::digest::hex;
use serde_json::{Value as Json, json};

use crate::client::{Answer, Client, encoded};
use crate::harness::{Hospital, PASSWORD, eventually, nonce, run};
use crate::routes::{METHODS, addresses, filled, is_mounted};

/// What was planted: what it is, and the text that is searched for.
struct Planted(Vec<(&'static str, String)>);

impl Planted {
    fn new() -> Self {
        let word = |what: &str| format!("{what}{}", hex(&nonce()[..6]));
        let digits = nonce()[..5].iter().map(|byte| format!("{byte:03}")).collect::<String>();
        Self(vec![
            ("family", word("Quaye")),
            ("given", word("Esi")),
            ("identifier", word("GH-")),
            ("phone", format!("+233{digits}")),
            ("note", word("secretly pregnant ")),
            ("city", word("Nsawam")),
            ("typed password", word("Wrong but close ")),
            ("new password", word("a good long one ")),
            ("unknown field", word("field_")),
        ])
    }

    fn text(&self, what: &str) -> &str {
        &self.0.iter().find(|(named, _)| *named == what).unwrap().1
    }

    fn add(&mut self, what: &'static str, text: &str) {
        self.0.push((what, text.to_owned()));
    }

    #[track_caller]
    fn expect_none_in(&self, place: &str, text: &str) {
        let text = text.to_lowercase();
        for (what, planted) in &self.0 {
            for form in [planted.to_lowercase(), encoded(planted).to_lowercase()] {
                assert!(!text.contains(&form), "the {what} stands in {place}");
            }
        }
    }

    fn patient(&self) -> Json {
        json!({
            "names": [{"family": self.text("family"), "given": [self.text("given")]}],
            "birth_date": "1963-05-10", "sex": "female",
            "identifiers": [{"system": "urn:test:card", "value": self.text("identifier")}],
            "telecoms": [{"system": "phone", "value": self.text("phone")}],
            "addresses": [{"city": self.text("city")}],
        })
    }

    /// Bodies that every route refuses, or takes.
    fn bodies(&self) -> Vec<Vec<u8>> {
        let person = self.patient().to_string();
        vec![
            person.clone().into_bytes(),
            person.as_bytes()[..person.len() - 3].to_vec(),
            [person.as_bytes(), b"\xff"].concat(),
            json!({self.text("unknown field"): self.text("family")}).to_string().into_bytes(),
            json!({"names": self.text("family"), "note": self.text("note")}).to_string().into(),
            json!([self.text("note"), {"password": self.text("new password")}]).to_string().into(),
            json!({"status": self.text("note"), "patient_id": self.text("identifier"),
                "code_text": {"x": self.text("family")}, "username": self.text("family"),
                "password": self.text("typed password")})
            .to_string()
            .into(),
        ]
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The record itself may be shown to whoever may see it; errors may not show anything of it.
fn expect_clean(planted: &Planted, place: &str, answer: &Answer) {
    let headers = format!("{:?}", answer.headers);
    planted.expect_none_in(&format!("the headers of {place}"), &headers);
    if 400 <= answer.status {
        let text = answer.text();
        // A problem names the field that was sent, so that its sender finds it; only to him.
        let told = text.replace(planted.text("unknown field"), "");
        planted.expect_none_in(&format!("the answer {} of {place}", answer.status), &told);
    }
}

/// Every route, by everybody, with everything that was planted.
fn ask_everything(planted: &Planted, people: &[Client], patient: &str) {
    let place = |address: &str| match address.contains("patients/{id}") {
        true => address.replace("{id}", patient),
        false => filled(address),
    };
    for client in people {
        for address in addresses() {
            let place = place(&address);
            for method in METHODS {
                if method == "DELETE" && address.contains("sessions") {
                    continue;
                }
                let headers = [("content-type", "application/json"), ("if-match", "\"99\"")];
                let bodies = if method == "GET" { vec![Vec::new()] } else { planted.bodies() };
                for body in bodies {
                    let answer = client.send(method, &place, &headers, &body);
                    if !is_mounted(&answer) {
                        break;
                    }
                    expect_clean(planted, &format!("{method} {address}"), &answer);
                }
            }
        }
        for text in [planted.text("family"), planted.text("phone"), planted.text("identifier")] {
            let bad = format!("/api/v1/patients?q={}&limit=x", encoded(text));
            expect_clean(planted, "a search", &client.get(&bad));
            client.get(&format!("/api/v1/patients?q={}", encoded(text)));
            client.post("/api/v1/patients/search", &json!({"q": text, "limit": "x"}));
            client.get(&format!("/{}", encoded(text)));
        }
    }
}

fn try_to_sign_in(planted: &Planted, nobody: &Client) {
    for name in ["admin", planted.text("family")] {
        let body = json!({"username": name, "password": planted.text("typed password")});
        expect_clean(planted, "sign-in", &nobody.post("/api/v1/sessions", &body));
    }
    let forged = nobody.clone().with_token(planted.text("note"));
    expect_clean(planted, "a forged token", &forged.get("/api/v1/patients"));
}

#[test]
fn neither_patients_nor_secrets_stand_in_logs_errors_or_the_list_of_processes() {
    let mut planted = Planted::new();
    let hospital = Hospital::open_with(&["--log-level", "trace", "--log-format", "json"]);
    let link = hospital.server.setup_link.clone().unwrap();
    planted.add("set-up token", link.split_once("#token=").unwrap().1);
    planted.add("password", PASSWORD);
    planted.add("token", hospital.admin.token());
    let nurse = hospital.sign_in_as("nurse");
    planted.add("token", nurse.token());
    let patient = hospital.admin.register_as(&planted.patient());
    let id = patient["id"].as_str().unwrap();
    planted.add("record number", patient["mrn"].as_str().unwrap());
    let condition = json!({"patient_id": id, "code_text": planted.text("note"),
        "status": "active", "verification": "confirmed"});
    hospital.admin.post("/api/v1/conditions", &condition).expect_status(201);

    let nobody = hospital.server.client();
    try_to_sign_in(&planted, &nobody);
    let reset = ["user", "reset-password", "admin", "--password-stdin"];
    let ended = run(&reset, &hospital.data(), planted.text("new password"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    planted.expect_none_in("what a command says", &format!("{ended:?}"));
    let people = [hospital.admin.clone(), nurse, nobody];
    ask_everything(&planted, &people, id);
    eventually("somebody is found", || !people[1].search(planted.text("family")).is_empty());

    for about in ["/api/health", "/api/v1/system", "/api/v1/system/settings"] {
        for client in &people {
            planted.expect_none_in(about, &client.get(about).text());
        }
    }
    let command = std::fs::read(format!("/proc/{}/cmdline", hospital.server.pid())).unwrap();
    planted.expect_none_in("the list of processes", &String::from_utf8_lossy(&command));
    let environment = std::fs::read(format!("/proc/{}/environ", hospital.server.pid())).unwrap();
    planted.expect_none_in("the environment", &String::from_utf8_lossy(&environment));

    let (said, data) = (hospital.server.stderr(), hospital.data());
    planted.expect_none_in("what the server says", &said);
    hospital.server.stop();
    let is_store = |file: &Path| {
        let name = file.strip_prefix(&data).unwrap().to_string_lossy().into_owned();
        name.starts_with("healthflow.db") || name.starts_with("search/")
    };
    let mut logged = 0;
    for file in files_below(&data).into_iter().filter(|file| !is_store(file)) {
        let content = std::fs::read(&file).unwrap();
        planted.expect_none_in(&file.display().to_string(), &String::from_utf8_lossy(&content));
        logged += usize::from(file.starts_with(data.join("logs")) && !content.is_empty());
    }
    assert!(0 < logged, "there is a log to be searched");
    let store = std::fs::read(data.join("healthflow.db")).unwrap();
    let store = String::from_utf8_lossy(&store);
    assert!(store.contains(planted.text("family")), "the patient is where he belongs");
    for (what, text) in planted.0.iter().filter(|(what, _)| what.ends_with("password")) {
        assert!(!store.contains(text.as_str()), "the {what} lies in clear in the store");
    }
    for (what, text) in planted.0.iter().filter(|(what, _)| what.ends_with("token")) {
        assert!(!store.contains(text.as_str()), "the {what} lies in clear in the store");
    }
}

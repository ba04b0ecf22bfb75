//! Two wards of one site: a patient with a record of every kind on the first, and a nurse on each.

use serde_json::{Value as Json, json};

use super::api::House;
use crate::access::gate::command_line;
use crate::access::{sessions, users};
use crate::domain::ALL;
use crate::domain::facilities::FACILITY;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Resource, Subject};
use crate::vocab::actor::Call;

/// Stands in every record of the patient and nowhere else.
pub(super) const SECRET: &str = "Zanzibar";

pub(super) struct Wards {
    pub(super) house: House,
    /// On the ward of `nurse`; `stranger` is a nurse of the other one.
    pub(super) patient: String,
    pub(super) mrn: String,
    pub(super) phone: String,
    /// One of each kind that belongs to a patient.
    pub(super) records: Vec<(&'static Resource, String)>,
    pub(super) ward_of_stranger: String,
    pub(super) visit_of_stranger: String,
}

impl Wards {
    pub(super) async fn open() -> Self {
        let house = House::open_with(crate::access::api::mount).await;
        let site = house.get("facilities").await.expect(200).data()[0]["id"].clone();
        let ward = async |name: &str| {
            let body = json!({"name": name, "kind": "ward", "facility_id": site});
            house.post("departments", &body).await.expect(201).id()
        };
        let (first, second) = (ward("First ward").await, ward("Second ward").await);
        let site_id = FACILITY.parse(site.as_str().unwrap()).unwrap();
        for (name, role, ward) in [
            ("nurse", "nurse", Some(&first)),
            ("stranger", "nurse", Some(&second)),
            ("doctor", "clinician", None),
        ] {
            account(&house, (name, role), site_id, ward);
        }
        let phone = "0551234987".to_owned();
        let body = json!({
            "names": [{"family": "Okafor", "given": ["Ada"]}], "birth_date": "1980-02-03",
            "gender": SECRET, "telecoms": [{"system": "phone", "value": phone}],
        });
        let made = house.post("patients", &body).await.expect(201);
        let (patient, mrn) = (made.id(), made.data()["mrn"].as_str().unwrap().to_owned());
        let body = json!({"names": [{"family": "Lindqvist"}]});
        let other = house.post("patients", &body).await.expect(201).id();
        let visit = |whose: &str, ward: &str, why: &str| {
            json!({"patient_id": whose, "class": "inpatient", "department_id": ward,
                "started_recorded": "2026-02-28", "reason_text": why})
        };
        let body = visit(&other, &second, "Fever");
        let visit_of_stranger = house.post("encounters", &body).await.expect(201).id();
        let body = visit(&patient, &first, SECRET);
        let encounter = house.post("encounters", &body).await.expect(201).id();
        let mut wards = Self {
            house,
            patient,
            mrn,
            phone,
            records: Vec::new(),
            ward_of_stranger: second,
            visit_of_stranger,
        };
        for resource in ALL.into_iter().filter(|it| it.subject != Subject::House) {
            let id = match resource.path {
                "patients" => wards.patient.clone(),
                "encounters" => encounter.clone(),
                path => wards.house.post(path, &wards.least(resource)).await.expect(201).id(),
            };
            wards.records.push((resource, id));
        }
        wards
    }

    /// The least that a record of `resource` needs.
    pub(super) fn least(&self, resource: &Resource) -> Json {
        match resource.path {
            "encounters" => json!({"patient_id": self.patient, "class": "inpatient"}),
            "observations" => json!({
                "patient_id": self.patient, "code_text": SECRET, "value_decimal": "70.0",
                "effective_recorded": "2026-02-28",
            }),
            _ => json!({"patient_id": self.patient, "code_text": SECRET}),
        }
    }
}

/// An account at the site, with a session `session-of-<name>`, in place of the one of that name.
fn account(house: &House, (name, role): (&str, &str), site: i64, ward: Option<&String>) {
    let (name, role) = (name.to_owned(), role.to_owned());
    let ward = ward.map(|ward| users::DEPARTMENT.parse(ward).unwrap());
    let job = move |work: &Work<'_>| {
        let tx = work.tx();
        tx.execute(
            "UPDATE app_user SET username = 'x' || id WHERE username = ?1",
            &[name.as_str().into()],
        )?;
        let token = format!("session-of-{name}");
        let sql = "UPDATE session SET ended_at = 1, token_hash = CAST(id AS BLOB) \
            WHERE token_hash = ?1";
        tx.execute(sql, &[sessions::token_hash(&token).into()])?;
        let fields = json!({
            "username": name, "display_name": name, "role": role,
            "facility_id": FACILITY.show(site),
        });
        let form = Form::read(&users::USERS, fields.as_object().unwrap(), work.zone())?;
        let id = users::add(work, form, "no password")?;
        if let Some(ward) = ward {
            let sql = "INSERT INTO user_department (user_id, position, department_id) \
                VALUES (?1, 0, ?2)";
            tx.execute(sql, &[id.into(), ward.into()])?;
        }
        sessions::open(work, id, &token, i64::MAX, &Default::default()).unwrap();
        Ok::<_, RecordError>(())
    };
    house.desk.write_blocking(&Call::new(command_line(), "people"), "setup", job).unwrap();
}

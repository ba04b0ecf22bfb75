//! People and records that other tests write about, and the least that each kind needs.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value as Json, json};

use super::api::House;
use crate::platform::resource::{Holds, Resource};

/// Two patients with a visit each, and those who treat them.
pub(super) struct World {
    pub(super) house: House,
    pub(super) patient: String,
    pub(super) stranger: String,
    pub(super) encounter: String,
    pub(super) strange_encounter: String,
    pub(super) condition: String,
    pub(super) strange_condition: String,
    pub(super) practitioner: String,
    pub(super) organization: String,
    pub(super) location: String,
    departments: AtomicU32,
}

impl World {
    pub(super) async fn new() -> Self {
        let house = House::open().await;
        let make = async |path: &str, body: Json| house.post(path, &body).await.expect(201).id();
        let person = |name: &str| json!({"names": [{"family": name}], "birth_date": "1980"});
        let patient = make("patients", person("Okafor")).await;
        let stranger = make("patients", person("Lindqvist")).await;
        let visit = |whose: &str| json!({"patient_id": whose, "class": "ambulatory"});
        let encounter = make("encounters", visit(&patient)).await;
        let strange_encounter = make("encounters", visit(&stranger)).await;
        let problem = |whose: &str| json!({"patient_id": whose, "code_text": "Asthma"});
        let condition = make("conditions", problem(&patient)).await;
        let strange_condition = make("conditions", problem(&stranger)).await;
        let practitioner = make("practitioners", json!({"family": "Osei"})).await;
        let organization = make("organizations", json!({"name": "Harbour clinic"})).await;
        let location = make("locations", json!({"name": "Ward 1"})).await;
        Self {
            patient,
            stranger,
            encounter,
            strange_encounter,
            condition,
            strange_condition,
            practitioner,
            organization,
            location,
            departments: AtomicU32::new(1),
            house,
        }
    }

    /// The least that a record of `resource` needs.
    pub(super) fn least(&self, resource: &Resource) -> Json {
        match resource.path {
            "facilities" | "organizations" | "locations" => json!({"name": "Hill house"}),
            "departments" => {
                // A facility has no two of one name.
                let number = self.departments.fetch_add(1, Ordering::Relaxed);
                json!({"name": format!("Ward {number}"), "kind": "ward"})
            }
            "practitioners" => json!({"family": "Mensah"}),
            "patients" => json!({"names": [{"given": ["Amina"]}]}),
            "encounters" => json!({"patient_id": self.patient, "class": "inpatient"}),
            "observations" => json!({
                "patient_id": self.patient, "code_text": "Weight", "value_decimal": "70.0",
            }),
            _ => json!({"patient_id": self.patient, "code_text": "Something"}),
        }
    }

    /// [`least`](Self::least) with `changes`.
    pub(super) fn with(&self, resource: &Resource, changes: &Json) -> Json {
        let mut body = self.least(resource);
        merge(body.as_object_mut().unwrap(), changes);
        body
    }

    /// A record of `resource` with every column that callers may send.
    pub(super) fn most(&self, resource: &'static Resource) -> Json {
        let mut body = self.least(resource);
        let fields = body.as_object_mut().unwrap();
        for column in resource.columns.iter().filter(|column| column.writable) {
            let value = match (column.name, column.holds) {
                ("absent_reason" | "value_code" | "value_text", _) => continue,
                ("facility_id", _) => continue,
                ("name", _) if resource.path == "departments" => continue,
                ("patient_id", _) => json!(self.patient),
                ("encounter_id", _) => json!(self.encounter),
                ("reason_condition_id", _) => json!(self.condition),
                ("practitioner_id" | "requester_id", _) => json!(self.practitioner),
                ("organization_id", _) => json!(self.organization),
                ("location_id", _) => json!(self.location),
                (_, Holds::Words(words)) => json!(words[0]),
                (_, Holds::Text(_)) => json!("text"),
                (_, Holds::Recorded) => json!("2024-05-03T10:00:00+02:00"),
                (_, Holds::Date) => json!("1990-05"),
                (_, Holds::Int(low, _)) => json!(low),
                (_, Holds::Bool) => json!(true),
                (_, Holds::Decimal) => json!("6.80"),
                (_, Holds::List) => json!(["one", "two"]),
                (_, Holds::Id(_) | Holds::Time | Holds::Json) => continue,
            };
            fields.insert(column.name.to_owned(), value);
        }
        body
    }
}

/// Puts `changes` over `body`.
pub(super) fn merge(body: &mut Map<String, Json>, changes: &Json) {
    for (name, value) in changes.as_object().unwrap() {
        body.insert(name.clone(), value.clone());
    }
}

//! Adding a kind of record, as `src/ARCHITECTURE.md` tells it: a table, a declaration, two lines
//! of routes. Everything else of the API comes from these.

use actix_web::web::ServiceConfig;
use serde_json::json;

use super::api::House;
use crate::domain::encounters::{ENCOUNTER, ENCOUNTERS};
use crate::domain::facilities::{self, FACILITY};
use crate::domain::patients::PATIENT;
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::api::{Offered, Offers, mount as mount_resource};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Parent, Resource, Sort, Subject};
use crate::store::{Class, StoreError, Tx};
use crate::vocab::id::Kind;
use crate::web::openapi::Document;

/// The migration: every kind has an id, a version and two times; an index serves each filter
/// and order that is offered.
const MIGRATION: [&str; 2] = [
    "CREATE TABLE device (
       id INTEGER PRIMARY KEY,
       facility_id INTEGER NOT NULL REFERENCES facility (id),
       patient_id INTEGER NOT NULL REFERENCES patient (id),
       encounter_id INTEGER REFERENCES encounter (id),
       status TEXT NOT NULL CHECK (status IN ('active', 'removed', 'entered_in_error')),
       name TEXT NOT NULL,
       serial_number TEXT,
       implanted_at INTEGER,
       implanted_recorded TEXT,
       error_reason TEXT,
       version INTEGER NOT NULL DEFAULT 1,
       created_at INTEGER NOT NULL,
       updated_at INTEGER NOT NULL
     ) STRICT",
    "CREATE INDEX device_patient ON device (patient_id, implanted_at, id)",
];

const DEVICE: Kind = Kind::new("device", "dev");

/// The declaration.
static DEVICES: Resource = Resource {
    kind: DEVICE,
    path: "devices",
    table: "device",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "implanted_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER),
        Column::words("status", &["active", "removed", "entered_in_error"])
            .filter_within("patient_id"),
        Column::text("name").required(),
        Column::long_text("serial_number", 60),
        Column::time("implanted_at").sort_within("patient_id"),
        Column::recorded("implanted_recorded"),
        Column::text("error_reason").read_only(),
    ],
    children: &[],
    parents: &[Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS }],
    prepare,
};

/// The rules that no column can say.
fn prepare(work: &Work<'_>, form: &mut Form, _: Occasion) -> Result<(), RecordError> {
    facilities::settle(work, form)?;
    if form.text("status").is_none() {
        form.set("status", "active");
    }
    if form.text("name") == Some("device") {
        return Err(RecordError::field("name", "Say which device it is."));
    }
    Ok(())
}

/// The routes; `domain::mount` would call it.
fn mount(config: &mut ServiceConfig) {
    mount_resource(config, &DEVICES, Offers::ClinicalChanges);
}

/// The description of the routes; `domain::describe` would call it.
fn describe(document: &mut Document) {
    Offered::new(&DEVICES, Offers::ClinicalChanges).describe(document);
}

async fn open() -> (House, String) {
    let house = House::open_with(mount).await;
    let migrate =
        |tx: &Tx<'_>| MIGRATION.iter().try_for_each(|sql| tx.execute(sql, &[]).map(|_| ()));
    house.desk.store().write_blocking::<_, StoreError>(Class::People, migrate).unwrap();
    let patient = house.post("patients", &json!({"names": [{"family": "Okafor"}]})).await;
    let patient = patient.expect(201).id();
    (house, patient)
}

#[actix_web::test]
async fn a_kind_that_is_declared_can_be_listed_shaped_filtered_sorted_and_paged() {
    let (house, patient) = open().await;
    for (name, year) in [("Pacemaker", "2019"), ("Stent", "2021-03"), ("Hip joint", "2024")] {
        let body = json!({"patient_id": patient, "name": name, "implanted_recorded": year});
        house.post("devices", &body).await.expect(201);
    }
    let list = format!("devices?patient_id={patient}&fields=name&include=encounter&limit=2");
    let first = house.get(&list).await.expect(200);
    let names = |body: &serde_json::Value| {
        let rows = body["data"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first.body), ["Hip joint", "Stent"]);
    assert!(first.body["data"][0]["encounter"].is_null());
    assert!(first.body["data"][0].get("status").is_none());
    let next = first.body["meta"]["cursor"]["next"].as_str().unwrap();
    let second = house.get(&format!("{list}&cursor={next}")).await.expect(200);
    assert_eq!(names(&second.body), ["Pacemaker"]);
    let up = format!("devices?patient_id={patient}&status=active&sort=implanted_at");
    assert_eq!(names(&house.get(&up).await.expect(200).body)[0], "Pacemaker");
    let wrong = house.get("devices?colour=red&fields=weight&status=active").await.expect(400);
    assert_eq!(wrong.fields(), ["colour", "fields", "status"]);
}

#[actix_web::test]
async fn a_kind_that_is_declared_is_checked_versioned_audited_and_kept_from_others() {
    let (house, patient) = open().await;
    let body = json!({"patient_id": patient, "name": "device", "serial_number": "x".repeat(61)});
    let refused = house.post("devices", &body).await.expect(422);
    assert_eq!(refused.fields(), ["serial_number"]);
    let body = json!({"patient_id": patient, "name": "device"});
    assert_eq!(house.post("devices", &body).await.expect(422).fields(), ["name"]);
    let body = json!({"patient_id": patient, "name": "Pacemaker"});
    house.post_as("reception", "devices", &body).await.expect(403);
    let made = house.post("devices", &body).await.expect(201);
    let one = format!("devices/{}", made.id());
    house.get_as("reception", &one).await.expect(403);
    assert_eq!(house.get_as("nurse", &one).await.expect(200).data()["status"], "active");
    let changed = house.patch_as("nurse", &one, 1, &json!({"status": "removed"})).await;
    assert_eq!(changed.expect(200).data()["version"], 2);
    house.patch_as("nurse", &one, 1, &json!({"status": "active"})).await.expect(412);
    let past = house.get(&format!("{one}/history")).await.expect(200);
    assert_eq!(past.body["data"][0]["record"]["status"], "active");
    house.desk.close();
    let acts: Vec<String> = house.read(|tx| {
        let sql = "SELECT act FROM audit WHERE subject_kind = 'device' ORDER BY id";
        tx.all(sql, &[], |row| row.get(0))
    });
    for act in ["devices.create", "devices.read", "devices.amend", "devices.history"] {
        assert!(acts.iter().any(|other| other == act), "{act} is not in {acts:?}");
    }
}

#[test]
fn a_kind_that_is_declared_is_described() {
    let mut document = Document::new();
    describe(&mut document);
    let document = document.finish("Test", "");
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let all = ["", "/{id}", "/{id}/entered-in-error", "/{id}/history"];
    assert_eq!(paths, all.map(|rest| format!("/api/v1/devices{rest}")).iter().collect::<Vec<_>>());
    let device = &document["components"]["schemas"]["Device"]["properties"];
    assert_eq!(device["name"]["maxLength"], 400);
}

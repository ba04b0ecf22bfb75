//! A hospital with two sites, wards and people who are signed in.

use serde_json::{Value as Json, json};

use super::*;
use crate::access::gate::command_line;
use crate::access::users::{FACILITY, USERS};
use crate::access::{sessions, users};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::vocab::actor::Call;

/// A hospital with two sites and wards, and people signed in as `session-of-<name>`.
pub(super) struct Staffed {
    pub(super) house: House,
    pub(super) sites: [String; 2],
    pub(super) wards: Vec<String>,
}

pub(super) const ADMIN: &str = "session-of-ada";

impl Staffed {
    pub(super) fn open() -> Self {
        let house = empty();
        let wards = [(1_001, 1_001), (1_002, 1_001), (1_003, 1_002)];
        let make = move |work: &Work<'_>| {
            for id in [1_001_i64, 1_002] {
                let sql = "INSERT INTO facility (id, name, created_at, updated_at) \
                    VALUES (?1, ?1, 0, 0)";
                work.tx().execute(sql, &[id.into()])?;
            }
            for (id, site) in wards {
                let sql = "INSERT INTO department \
                    (id, facility_id, name, kind, created_at, updated_at) \
                    VALUES (?1, ?2, ?1, 'ward', 0, 0)";
                work.tx().execute(sql, &[id.into(), site.into()])?;
            }
            Ok::<_, StoreError>(())
        };
        let call = Call::new(command_line(), "test");
        house.desk.write_blocking(&call, "test", make).unwrap();
        let wards = wards.map(|(id, _)| users::DEPARTMENT.show(id)).to_vec();
        let sites = [1_001, 1_002].map(|id| FACILITY.show(id));
        let staffed = Self { house, sites, wards };
        staffed.hire("ada", json!({"role": "administrator"}));
        staffed
    }

    /// Somebody who is signed in; their id.
    pub(super) fn hire(&self, name: &'static str, fields: Json) -> String {
        let mut body = json!({"username": name, "display_name": name});
        for (field, value) in fields.as_object().unwrap() {
            body[field] = value.clone();
        }
        let job = move |work: &Work<'_>| {
            let form = Form::read(&USERS, body.as_object().unwrap(), work.zone())?;
            let id = users::add(work, form, "no password")?;
            let token = format!("session-of-{name}");
            sessions::open(work, id, &token, i64::MAX, &sessions::Seat::default()).unwrap();
            Ok::<_, RecordError>(id)
        };
        let call = Call::new(command_line(), "test");
        users::USER.show(self.house.desk.write_blocking(&call, "test", job).unwrap())
    }

    pub(super) async fn role(&self, code: &str, permissions: &[&str], reach: &str) -> String {
        let body = json!({"code": code, "name": code, "permissions": permissions, "reach": reach});
        self.house.post(ADMIN, "roles", &body).await.expect(201).id()
    }

    /// The id of the role `code`.
    pub(super) async fn id_of(&self, code: &str) -> String {
        let all = self.house.get(ADMIN, "roles").await.expect(200);
        let all = all.body["data"].as_array().unwrap().clone();
        let found = all.iter().find(|role| role["code"] == code).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn permissions(&self, token: &str) -> Vec<String> {
        let session = self.house.get(token, "sessions/current").await.expect(200);
        let held = session.body["data"]["permissions"].as_array().unwrap().clone();
        held.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    }
}

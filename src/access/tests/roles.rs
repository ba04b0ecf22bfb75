//! Roles: what may be given by whom, who always stays, and when a change is felt.

use serde_json::{Value as Json, json};

use super::*;
use crate::access::gate::command_line;
use crate::access::roles::declared::built_in;
use crate::access::roles::{PERMISSIONS, defaults};
use crate::access::users::{FACILITY, USERS};
use crate::access::{sessions, users};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::vocab::actor::Call;

/// A hospital with two sites and wards, and people signed in as `session-of-<name>`.
struct Staffed {
    house: House,
    sites: [String; 2],
    wards: Vec<String>,
}

const ADMIN: &str = "session-of-ada";

impl Staffed {
    fn open() -> Self {
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
    fn hire(&self, name: &'static str, fields: Json) -> String {
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

    async fn role(&self, code: &str, permissions: &[&str], reach: &str) -> String {
        let body = json!({"code": code, "name": code, "permissions": permissions, "reach": reach});
        self.house.post(ADMIN, "roles", &body).await.expect(201).id()
    }

    /// The id of the role `code`.
    async fn id_of(&self, code: &str) -> String {
        let all = self.house.get(ADMIN, "roles").await.expect(200);
        let all = all.body["data"].as_array().unwrap().clone();
        let found = all.iter().find(|role| role["code"] == code).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    async fn permissions(&self, token: &str) -> Vec<String> {
        let session = self.house.get(token, "sessions/current").await.expect(200);
        let held = session.body["data"]["permissions"].as_array().unwrap().clone();
        held.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    }
}

/// Two administer a part of the hospital only: Mo may do little, Site everything at one site.
async fn with_limited_administrators() -> Staffed {
    let staffed = Staffed::open();
    let few = ["users.read", "users.write", "roles.read", "roles.write", "patients.read"];
    staffed.role("manager", &few, "everybody").await;
    staffed.role("viewer", &["patients.read"], "everybody").await;
    staffed.role("site_manager", &PERMISSIONS, "facility").await;
    staffed.role("ward_manager", &PERMISSIONS, "departments").await;
    let [here, _] = &staffed.sites;
    staffed.hire("mo", json!({"role": "manager"}));
    staffed.hire("site", json!({"role": "site_manager", "facility_id": here}));
    let ward = json!({
        "role": "ward_manager", "facility_id": here, "departments": [staffed.wards[0]],
    });
    staffed.hire("ward", ward);
    staffed
}

#[actix_web::test]
async fn nobody_gives_a_permission_or_a_reach_that_is_not_his_own() {
    let staffed = with_limited_administrators().await;
    let house = &staffed.house;
    let (mo, site, ward) = ("session-of-mo", "session-of-site", "session-of-ward");
    let role = |code: &str, permissions: &[&str], reach: &str| json!({"code": code, "name": code, "permissions": permissions, "reach": reach});
    for (who, body, refused) in [
        (mo, role("a", &["patients.read"], "everybody"), None),
        (mo, role("b", &["records.read"], "everybody"), Some("permissions")),
        (mo, role("c", &PERMISSIONS, "facility"), Some("permissions")),
        (site, role("d", &PERMISSIONS, "facility"), None),
        (site, role("e", &["patients.read"], "everybody"), Some("reach")),
        (ward, role("f", &["patients.read"], "departments"), None),
        (ward, role("g", &["patients.read"], "facility"), Some("reach")),
    ] {
        let reply = house.post(who, "roles", &body).await;
        match refused {
            None => drop(reply.expect(201)),
            Some(field) => assert_eq!(reply.expect(422).fields()[0], field, "{who} {body}"),
        }
    }
    let (own, nurse, viewer) = (
        staffed.id_of("manager").await,
        staffed.id_of("nurse").await,
        staffed.id_of("viewer").await,
    );
    let few = json!(["users.read", "users.write", "roles.read", "roles.write", "records.read"]);
    for (who, id, change, refused) in [
        (mo, &own, json!({"permissions": few}), Some("permissions")),
        (mo, &own, json!({"permissions": PERMISSIONS}), Some("permissions")),
        // What a role held before is not given by whoever changes its name.
        (mo, &viewer, json!({"name": "Looks only"}), None),
        (mo, &viewer, json!({"permissions": ["patients.write"]}), Some("permissions")),
        (mo, &nurse, json!({"permissions": ["patients.read"]}), None),
        (
            mo,
            &nurse,
            json!({"permissions": ["patients.read", "records.read"]}),
            Some("permissions"),
        ),
        (site, &viewer, json!({"permissions": []}), None),
        (site, &nurse, json!({"reach": "everybody"}), Some("reach")),
        (site, &nurse, json!({"reach": "facility"}), None),
        (ward, &nurse, json!({"reach": "departments"}), None),
        (ward, &nurse, json!({"reach": "facility"}), Some("reach")),
    ] {
        let reply = house.patch(who, &format!("roles/{id}"), &change).await;
        match refused {
            None => drop(reply.expect(200)),
            Some(field) => assert_eq!(reply.expect(422).fields()[0], field, "{who} {change}"),
        }
    }
    // To restore is to give.
    let version = house.get(mo, &format!("roles/{nurse}")).await.body["data"]["version"].clone();
    let restore = |who: &str| {
        let request = TestRequest::post().uri(&format!("/api/v1/roles/{nurse}/default"));
        signed(request.insert_header(("if-match", format!("\"{version}\""))), who)
    };
    assert_eq!(house.ask(restore(mo)).await.expect(422).fields()[0], "permissions");
    house.ask(restore(ADMIN)).await.expect(200);
}

#[actix_web::test]
async fn nobody_makes_or_changes_an_account_that_goes_beyond_his_own() {
    let staffed = with_limited_administrators().await;
    let house = &staffed.house;
    let (mo, site, ward) = ("session-of-mo", "session-of-site", "session-of-ward");
    let [here, there] = &staffed.sites;
    let [first, second, far] = staffed.wards.as_slice() else { unreachable!() };
    let made = |name: &str, fields: Json| {
        let mut body = account(name, "viewer");
        for (field, value) in fields.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    };
    for (who, body, refused) in [
        (mo, made("m1", json!({})), None),
        (mo, made("m2", json!({"role": "manager"})), None),
        (mo, made("m3", json!({"role": "nurse"})), Some("role")),
        (mo, made("m4", json!({"role": "administrator"})), Some("role")),
        (site, made("s1", json!({"role": "nurse", "facility_id": here})), None),
        (site, made("s2", json!({"role": "site_manager", "facility_id": here})), None),
        (site, made("s3", json!({"facility_id": here})), Some("role")),
        (site, made("s4", json!({"role": "nurse", "facility_id": there})), Some("facility_id")),
        (site, made("s5", json!({"role": "nurse"})), Some("facility_id")),
        (
            ward,
            made("w1", json!({"role": "nurse", "facility_id": here, "departments": [first]})),
            None,
        ),
        (
            ward,
            made("w2", json!({"role": "nurse", "facility_id": here, "departments": [second]})),
            Some("departments[0]"),
        ),
        (
            ADMIN,
            made("a1", json!({"role": "nurse", "facility_id": here, "departments": [far]})),
            Some("departments[0]"),
        ),
        (
            ADMIN,
            made("a2", json!({"departments": [far, "dep_0000000000001"]})),
            Some("departments[1]"),
        ),
        (ADMIN, made("a3", json!({"departments": [far, far]})), Some("departments")),
        (ADMIN, made("a4", json!({"role": "king"})), Some("role")),
    ] {
        let reply = house.post(who, "users", &body).await;
        match refused {
            None => drop(reply.expect(201)),
            Some(field) => {
                assert!([409, 422].contains(&reply.status), "{who} {body} {}", reply.body);
                assert_eq!(reply.fields()[0], field, "{who} {body}");
            }
        }
    }
    let nurse = staffed.hire("joy", json!({"role": "nurse", "facility_id": there}));
    let viewer = staffed.hire("vic", json!({"role": "viewer"}));
    let admin = house.get(ADMIN, "sessions/current").await.body["data"]["user"]["id"].clone();
    let admin = admin.as_str().unwrap().to_owned();
    let password = json!({"password": "nine loud red kites"});
    for (who, id, may) in [
        (mo, &viewer, true),
        (mo, &nurse, false),
        (mo, &admin, false),
        (site, &nurse, false),
        (site, &admin, false),
        (ADMIN, &nurse, true),
    ] {
        let status = if may { 204 } else { 403 };
        house.post(who, &format!("users/{id}/password"), &password).await.expect(status);
        let change = json!({"display_name": format!("changed by {who}")});
        let status = if may { 200 } else { 422 };
        house.patch(who, &format!("users/{id}"), &change).await.expect(status);
        let disabled = house.patch(who, &format!("users/{id}"), &json!({"active": false})).await;
        disabled.expect(status);
    }
    let mine = house.get(mo, "sessions/current").await.body["data"]["user"]["id"].clone();
    let own = format!("users/{}", mine.as_str().unwrap());
    let raised = house.patch(mo, &own, &json!({"role": "administrator"})).await.expect(422);
    assert_eq!(raised.fields(), ["role"]);
}

#[actix_web::test]
async fn somebody_who_can_let_others_in_is_always_left() {
    let staffed = Staffed::open();
    let house = &staffed.house;
    let deputy = ["users.read", "users.write", "roles.read", "roles.write"];
    let deputies = format!("roles/{}", staffed.role("deputy", &deputy, "everybody").await);
    let administrators = format!("roles/{}", staffed.id_of("administrator").await);
    let me = house.get(ADMIN, "sessions/current").await.body["data"]["user"]["id"].clone();
    let me = format!("users/{}", me.as_str().unwrap());
    let without = |code: &str| {
        let held: Vec<&str> = PERMISSIONS.into_iter().filter(|held| *held != code).collect();
        json!({"permissions": held})
    };
    let alone = [
        (&me, json!({"active": false}), "active"),
        (&me, json!({"role": "nurse"}), "role"),
        (&administrators, without("users.write"), "permissions"),
        (&administrators, without("roles.write"), "permissions"),
        (&administrators, json!({"permissions": null}), "permissions"),
        (&administrators, json!({"active": false}), "active"),
    ];
    for (place, change, field) in &alone {
        let reply = house.patch(ADMIN, place, change).await.expect(422);
        assert_eq!(reply.fields(), [*field], "{place} {change}");
    }
    // A deputy who is disabled, or whose role nobody holds, lets nobody in.
    let other = format!("users/{}", staffed.hire("dee", json!({"role": "deputy"})));
    house.patch(ADMIN, &other, &json!({"active": false})).await.expect(200);
    for (place, change, _) in &alone {
        house.patch(ADMIN, place, change).await.expect(422);
    }
    let other = format!("users/{}", staffed.hire("dora", json!({"role": "deputy"})));
    // Now there are two, and either may go, but not both.
    house.patch(ADMIN, &administrators, &without("users.write")).await.expect(200);
    for (place, change, field) in [
        (&other, json!({"active": false}), "active"),
        (&other, json!({"role": "nurse"}), "role"),
        (&deputies, json!({"permissions": ["users.read", "users.write"]}), "permissions"),
    ] {
        let reply = house.patch("session-of-dora", place, &change).await;
        assert_eq!(reply.expect(422).fields(), [field], "{place} {change}");
    }
}

#[actix_web::test]
async fn a_change_of_a_role_is_felt_at_the_next_request_by_everybody_who_holds_it() {
    let staffed = Staffed::open();
    let people = ["ann", "bob", "cho"];
    for name in people {
        staffed.hire(name, json!({"role": "cashier"}));
    }
    let cashier = format!("roles/{}", staffed.id_of("cashier").await);
    for held in [&["patients.read", "records.read"][..], &[], &["system.read"]] {
        let tokens = people.map(|name| format!("session-of-{name}"));
        for token in &tokens {
            staffed.permissions(token).await;
        }
        let change = json!({"permissions": held});
        staffed.house.patch(ADMIN, &cashier, &change).await.expect(200);
        for token in &tokens {
            assert_eq!(staffed.permissions(token).await, held);
        }
    }
    // What another program has written is not a permission, and is not shown as one.
    let strange = move |work: &Work<'_>| {
        let sql = "INSERT INTO role_permission (role_id, position, permission) \
            VALUES (107, 90, 'moon.fly')";
        work.tx().execute(sql, &[]).map(drop)
    };
    let call = Call::new(command_line(), "test");
    staffed.house.desk.write_blocking::<_, StoreError>(&call, "test", strange).unwrap();
    let shown = staffed.house.get(ADMIN, &cashier).await.expect(200);
    assert_eq!(shown.body["data"]["permissions"], json!(["system.read"]));
    staffed.house.patch(ADMIN, &cashier, &json!({"reach": "everybody"})).await.expect(200);
    assert_eq!(staffed.permissions("session-of-ann").await, ["system.read"]);
}

#[actix_web::test]
async fn a_role_is_made_copied_amended_and_retired_when_nobody_holds_it() {
    let staffed = Staffed::open();
    let house = &staffed.house;
    let body = |code: &str, name: &str| json!({"code": code, "name": name, "reach": "facility"});
    for (body, field) in [
        (body("", "Nothing"), "code"),
        (body("Big", "Big"), "code"),
        (body("9lives", "Nine"), "code"),
        (body("a b", "A b"), "code"),
        (body("machine", "Machine"), "code"),
        (body("ok", " "), "name"),
        (json!({"code": "ok", "name": "Ok"}), "reach"),
        (json!({"code": "ok", "name": "Ok", "reach": "moon"}), "reach"),
        (
            json!({"code": "ok", "name": "Ok", "reach": "facility", "permissions": ["x"]}),
            "permissions[0]",
        ),
        (
            json!({"code": "ok", "name": "Ok", "reach": "facility", "permissions": [1]}),
            "permissions[0]",
        ),
        (
            json!({"code": "ok", "name": "Ok", "reach": "facility", "permissions": "x"}),
            "permissions",
        ),
    ] {
        let reply = house.post(ADMIN, "roles", &body).await.expect(422);
        assert_eq!(reply.fields()[0], field, "{body}");
    }
    assert_eq!(
        house.post(ADMIN, "roles", &body("nurse", "N")).await.expect(409).fields(),
        ["code"]
    );
    let copy =
        staffed.role("night_nurse", built_in("nurse").unwrap().permissions, "facility").await;
    let copy = format!("roles/{copy}");
    let held = built_in("nurse").unwrap().permissions;
    assert_eq!(house.get(ADMIN, &copy).await.body["data"]["permissions"], json!(held));
    house.patch(ADMIN, &copy, &json!({"code": "other"})).await.expect(422);
    house.patch(ADMIN, &copy, &json!({"name": "Nurse at night"})).await.expect(200);
    let joy = format!("users/{}", staffed.hire("joy", json!({"role": "night_nurse"})));
    let retire = json!({"active": false});
    assert_eq!(house.patch(ADMIN, &copy, &retire).await.expect(422).fields(), ["active"]);
    house.patch(ADMIN, &joy, &retire).await.expect(200);
    house.patch(ADMIN, &copy, &retire).await.expect(200);
    let back = house.patch(ADMIN, &joy, &json!({"active": true})).await.expect(422);
    assert_eq!(back.fields(), ["role"], "her role is not in use any more");
    house.patch(ADMIN, &joy, &json!({"active": true, "role": "nurse"})).await.expect(200);
    let nurse = format!("roles/{}", staffed.id_of("nurse").await);
    for (change, field) in [
        (json!({"name": "Sister"}), "name"),
        (json!({"active": false}), "active"),
        (json!({"code": "sister"}), "code"),
        (json!({"built_in": false}), "built_in"),
    ] {
        assert_eq!(house.patch(ADMIN, &nurse, &change).await.expect(422).fields(), [field]);
    }
    let history = house.get(ADMIN, &format!("{copy}/history")).await.expect(200);
    assert_eq!(history.body["data"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_newer_program_adds_to_a_built_in_role_and_keeps_what_was_changed() {
    let staffed = Staffed::open();
    let (house, nurse) = (&staffed.house, format!("roles/{}", staffed.id_of("nurse").await));
    let declared = built_in("nurse").unwrap();
    // An administrator has taken one and given one.
    let mut mine: Vec<&str> =
        declared.permissions.iter().copied().filter(|code| *code != "patients.write").collect();
    mine.push("system.read");
    house.patch(ADMIN, &nurse, &json!({"permissions": mine})).await.expect(200);
    let version = |reply: &Reply| reply.body["data"]["version"].as_i64().unwrap();
    let before = house.get(ADMIN, &nurse).await;
    defaults::settle(&house.desk).unwrap();
    assert_eq!(version(&house.get(ADMIN, &nurse).await), version(&before), "nothing is new");
    // The program before this one did not know break_glass.use, and still gave facilities.write.
    let older = |work: &Work<'_>| {
        for sql in [
            "DELETE FROM role_default WHERE role_id = 103 AND permission = 'break_glass.use'",
            "DELETE FROM role_permission WHERE role_id = 103 AND permission = 'break_glass.use'",
            "INSERT INTO role_default VALUES (103, 'facilities.write')",
            "INSERT INTO role_permission VALUES (103, 90, 'facilities.write')",
        ] {
            work.tx().execute(sql, &[])?;
        }
        Ok::<_, StoreError>(())
    };
    let call = Call::new(command_line(), "test");
    house.desk.write_blocking(&call, "test", older).unwrap();
    defaults::settle(&house.desk).unwrap();
    let after = house.get(ADMIN, &nurse).await;
    let held = after.body["data"]["permissions"].as_array().unwrap().clone();
    let held: Vec<&str> = held.iter().filter_map(Json::as_str).collect();
    let expected: Vec<&str> = PERMISSIONS.into_iter().filter(|code| mine.contains(code)).collect();
    assert_eq!(held, expected, "added and taken away again, and nothing else");
    assert_eq!(version(&after), version(&before) + 1);
    let restore = TestRequest::post()
        .uri(&format!("/api/v1/{nurse}/default"))
        .insert_header(("if-match", format!("\"{}\"", version(&after))));
    let restored = house.ask(signed(restore, ADMIN)).await.expect(200);
    assert_eq!(restored.body["data"]["permissions"], json!(declared.permissions));
    let own = staffed.role("own", &["patients.read"], "facility").await;
    let restore = TestRequest::post()
        .uri(&format!("/api/v1/roles/{own}/default"))
        .insert_header(("if-match", "\"1\""));
    house.ask(signed(restore, ADMIN)).await.expect(422);
}

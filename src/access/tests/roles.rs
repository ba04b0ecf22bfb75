//! Roles: when a change is felt, how they are made and retired, and what a newer program adds.

use serde_json::{Value as Json, json};

use super::staffed::{ADMIN, Staffed};
use super::*;
use crate::access::gate::command_line;
use crate::access::roles::declared::built_in;
use crate::access::roles::{PERMISSIONS, defaults};
use crate::platform::ledger::Work;
use crate::vocab::actor::Call;

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

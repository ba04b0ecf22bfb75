//! Nobody gives what he does not hold, and somebody who can let others in is always left.

use serde_json::{Value as Json, json};

use super::staffed::{ADMIN, Staffed};
use super::*;
use crate::access::roles::PERMISSIONS;

/// Two administer a part of the hospital only: Mo may do little, Site everything at one site.
pub(super) async fn with_limited_administrators() -> Staffed {
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

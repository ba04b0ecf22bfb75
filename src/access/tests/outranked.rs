//! Whoever administers a part of the hospital gets no further by what they may do there.

use serde_json::json;

use super::explain::run;
use super::giving::with_limited_administrators;
use super::staffed::{ADMIN, Staffed};
use super::tokens::make;
use super::workstations::{lock, people};
use super::{PASSWORD, account, open};

const NEW: &str = "seven quiet blue lamps";

#[actix_web::test]
async fn nobody_makes_a_token_that_acts_for_somebody_who_may_more() {
    let staffed = with_limited_administrators().await;
    let house = &staffed.house;
    let [here, there] = &staffed.sites;
    let hire = |name, role: &str, site: &String, wards: &[String]| {
        staffed.hire(name, json!({"role": role, "facility_id": site, "departments": wards}))
    };
    let chief = staffed.hire("chief", json!({"role": "administrator"}));
    let other = hire("other", "nurse", there, &[]);
    let (own, neighbour) = (
        hire("own", "nurse", here, &staffed.wards[..1]),
        hire("neighbour", "nurse", here, &staffed.wards[1..2]),
    );
    house.post(ADMIN, "users", &account("somebody", "nurse")).await.expect(201);
    run(
        house,
        "UPDATE app_user SET password_hash = \
        (SELECT password_hash FROM app_user WHERE username = 'somebody')",
    );
    for (who, whom, code) in [
        ("site", &chief, "access.outranked"),
        ("site", &other, "access.elsewhere"),
        ("ward", &neighbour, "access.elsewhere"),
        ("site", &neighbour, ""),
        ("ward", &own, ""),
    ] {
        let token = format!("session-of-{who}");
        let body = json!({"name": "x", "scopes": ["patients.read"], "user_id": whom,
            "current_password": PASSWORD});
        let made = house.post(&token, "tokens", &body).await;
        let sessions = house.delete(&token, &format!("sessions?user_id={whom}")).await;
        let (path, body) = (format!("users/{whom}/password"), json!({"password": NEW}));
        let reset = house.post(&token, &path, &body).await;
        match code {
            "" => drop((made.expect(201), sessions.expect(200), reset.expect(204))),
            code => {
                assert_eq!(made.expect(403).code(), code, "{who} {whom}");
                assert_eq!(reset.expect(403).code(), code, "{who} {whom}");
                assert_eq!(sessions.expect(403).code(), code, "{who} {whom}");
            }
        }
    }
}

#[actix_web::test]
async fn who_may_less_does_not_disarm_those_who_administer() {
    let staffed = with_limited_administrators().await;
    let administrator = staffed.id_of("administrator").await;
    let few = json!({"permissions": ["users.write", "roles.write", "roles.read"]});
    let path = format!("roles/{administrator}");
    for who in ["session-of-mo", "session-of-site"] {
        let refused = staffed.house.patch(who, &path, &few).await.expect(422);
        assert_eq!(refused.fields()[0], "permissions", "{who}");
    }
}

#[actix_web::test]
async fn nobody_gives_themselves_a_password_without_the_present_one() {
    let (house, admin) = open().await;
    let session = house.get(&admin, "sessions/current").await.expect(200).body;
    let own = session["data"]["user"]["id"].as_str().unwrap();
    let body = json!({"password": NEW, "remove_second_factor": true});
    let refused = house.post(&admin, &format!("users/{own}/password"), &body).await.expect(403);
    assert_eq!(refused.code(), "access.own_account");
    house.sign_in("admin", PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn nothing_that_was_made_with_the_old_password_outlives_a_reset() {
    let (house, admin) = open().await;
    let joy = house.post(&admin, "users", &account("joy", "administrator")).await.expect(201).id();
    let body = json!({"username": "joy", "password": PASSWORD});
    let seat = house.page("", "sessions", &body).await.expect(201);
    let (token, seat) = (seat.token(), seat.cookies());
    let pin = json!({"current_password": PASSWORD, "pin": "271828"});
    house.post(&token, "users/current/pin", &pin).await.expect(204);
    let made = make(&house, &token, "of her own", &["users.read"]).await.token();
    let body = json!({"name": "given", "scopes": ["users.read"], "user_id": joy,
        "current_password": PASSWORD});
    let given = house.post(&admin, "tokens", &body).await.expect(201).token();
    let reset = json!({"password": NEW});
    house.post(&admin, &format!("users/{joy}/password"), &reset).await.expect(204);
    house.get(&made, "users").await.expect(401);
    house.get(&given, "users").await.expect(401);
    let body = json!({"username": "joy", "password": NEW});
    let seat = house.page(&seat, "sessions", &body).await.expect(201).cookies();
    lock(&house, &seat).await;
    assert_eq!(people(&house, &seat).await[0]["pin"], false, "the old PIN is gone");
}

#[actix_web::test]
async fn nobody_takes_the_second_factor_from_those_who_may_more() {
    let staffed = Staffed::open();
    let house = &staffed.house;
    staffed.role("keeper", &["security.write", "patients.read"], "everybody").await;
    staffed.hire("keeper", json!({"role": "keeper"}));
    let rules = json!({"second_factor_roles": ["administrator", "keeper"]});
    house.patch(ADMIN, "hospital/sign-in", &rules).await.expect(200);
    run(house, "UPDATE session SET factor = 'totp'");
    let own = "session-of-keeper";
    let fewer = json!({"second_factor_roles": ["keeper"]});
    let refused = house.patch(own, "hospital/sign-in", &fewer).await.expect(422);
    assert_eq!(refused.fields(), ["second_factor_roles"]);
    let own_role = json!({"second_factor_roles": ["administrator"]});
    house.patch(own, "hospital/sign-in", &own_role).await.expect(200);
    house.patch(ADMIN, "hospital/sign-in", &json!({"second_factor_roles": []})).await.expect(200);
}

#[actix_web::test]
async fn nobody_revokes_a_token_of_those_who_may_more() {
    let staffed = with_limited_administrators().await;
    let house = &staffed.house;
    let chief = staffed.hire("chief", json!({"role": "administrator"}));
    let body = json!({"name": "Link", "scopes": ["patients.read"], "user_id": chief});
    let made = house.post("control", "tokens", &body).await.expect(201).id();
    let place = format!("tokens/{made}");
    let refused = house.delete("session-of-site", &place).await.expect(403);
    assert_eq!(refused.code(), "access.outranked");
    house.delete(ADMIN, &place).await.expect(204);
}

//! Who is let in, and who is shown out.

use std::time::{Duration, Instant};

use serde_json::json;

use super::delivery::{diagnose, register};
use super::{Screen, all_told};
use crate::harness::{Hospital, PASSWORD, sign_in};

const SESSION_ENDED: u16 = 4401;
/// Far below the beat at which every session is looked at.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn a_page_of_this_server_may_use_the_cookie_and_no_other_page() {
    let hospital = Hospital::open();
    let cookie = format!("hf_session={}", hospital.admin.token());
    let own = format!("http://{}", hospital.server.address());
    let mut screen =
        Screen::connect(&hospital.server, &[("cookie", &cookie), ("origin", &own)]).unwrap();
    assert!(screen.next()["hello"].is_object());
    for foreign in ["http://example.org", "null", "", "http://127.0.0.1", &format!("{own}.org")] {
        let headers = [("cookie", cookie.as_str()), ("origin", foreign)];
        assert_eq!(Screen::connect(&hospital.server, &headers).unwrap_err(), 403, "{foreign}");
    }
    assert_eq!(Screen::connect(&hospital.server, &[("cookie", &cookie)]).unwrap_err(), 403);
}

#[test]
fn who_is_not_signed_in_is_told_so_and_gets_nothing() {
    let hospital = Hospital::open();
    for headers in
        [&[][..], &[("authorization", "Bearer hfs_wrong")], &[("cookie", "hf_session=x")]]
    {
        let mut screen = Screen::connect(&hospital.server, headers).unwrap();
        assert_eq!(screen.expect_close(), SESSION_ENDED);
    }
    hospital.admin.get("/api/v1/live").expect_problem(400, "live.handshake");
    hospital.server.client().get("/api/v1/live").expect_problem(401, "access.sign_in");
}

#[test]
fn a_session_that_ends_ends_its_connections_at_once_and_no_others() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let username = nurse.get("/api/v1/sessions/current").data()["user"]["username"].clone();
    let other = sign_in(&hospital.server, username.as_str().unwrap());
    let mut screen = Screen::open(&hospital.server, &nurse);
    let mut of_other = Screen::open(&hospital.server, &other);
    // Ended again and again, because the two ways by which it is known run beside each other.
    for _ in 0..10 {
        let third = sign_in(&hospital.server, username.as_str().unwrap());
        let mut screen = Screen::open(&hospital.server, &third);
        let begun = Instant::now();
        third.send("DELETE", "/api/v1/sessions/current", &[], b"").expect_status(204);
        assert_eq!(screen.expect_close(), SESSION_ENDED);
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    }
    let begun = Instant::now();
    nurse.send("DELETE", "/api/v1/sessions/current", &[], b"").expect_status(204);
    assert_eq!(screen.expect_close(), SESSION_ENDED);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    of_other.expect_silence(Duration::from_millis(300));
    // A new password ends the others.
    let id = other.get("/api/v1/sessions/current").data()["user"]["id"].clone();
    let place = format!("/api/v1/users/{}/password", id.as_str().unwrap());
    let body = json!({"password": format!("{PASSWORD} again")});
    assert!(hospital.admin.post(&place, &body).status < 300);
    assert_eq!(of_other.expect_close(), SESSION_ENDED);
    assert!(begun.elapsed() < 2 * AT_ONCE, "{:?}", begun.elapsed());
}

#[test]
fn who_is_disabled_or_gets_another_role_sees_only_what_is_allowed_from_then_on() {
    let hospital = Hospital::open();
    let nurse = hospital.sign_in_as("nurse");
    let patient = register(&nurse, "Moreau");
    let topic = format!("patient:{patient}");
    let user = nurse.get("/api/v1/sessions/current").data()["user"]["id"].clone();
    let place = format!("/api/v1/users/{}", user.as_str().unwrap());
    all_told(&hospital.admin);
    let mut screen = Screen::open(&hospital.server, &nurse);
    screen.follow(&[&topic]);
    diagnose(&hospital.admin, &patient);
    assert_eq!(screen.event().0, format!("{topic} condition created"));
    let version = || hospital.admin.get(&place).data()["version"].as_i64().unwrap();
    let role = json!({"role": "reception"});
    hospital.admin.patch(&place, version(), &role).expect_status(200);
    diagnose(&hospital.admin, &patient);
    let phone = json!({"telecoms": [{"system": "phone", "value": "0301 234 567"}]});
    let at = format!("/api/v1/patients/{patient}");
    hospital.admin.patch(&at, 1, &phone).expect_status(200);
    assert_eq!(screen.event().0, format!("{topic} patient amended"), "not the second condition");
    let begun = Instant::now();
    hospital.admin.patch(&place, version(), &json!({"active": false})).expect_status(200);
    assert_eq!(screen.expect_close(), SESSION_ENDED);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}

#[test]
fn what_a_hidden_column_dates_is_told_only_to_those_who_see_it() {
    let hospital = Hospital::open();
    let (nurse, reception) = (hospital.sign_in_as("nurse"), hospital.sign_in_as("reception"));
    let patient = register(&nurse, "Moreau");
    let topic = format!("patient:{patient}");
    all_told(&hospital.admin);
    let mut at_ward = Screen::open(&hospital.server, &nurse);
    let mut at_desk = Screen::open(&hospital.server, &reception);
    at_ward.follow(&[&topic]);
    at_desk.follow(&[&topic]);
    let at = format!("/api/v1/patients/{patient}");
    let none_known = json!({"none_known": true}).to_string();
    let headers = [("if-match", "\"1\""), ("content-type", "application/json")];
    let review = format!("{at}/allergies-reviewed");
    nurse.send("POST", &review, &headers, none_known.as_bytes()).expect_status(200);
    let phone = json!({"telecoms": [{"system": "phone", "value": "0301 234 567"}]});
    nurse.patch(&at, 2, &phone).expect_status(200);
    assert_eq!(at_ward.event().0, format!("{topic} patient allergies_reviewed"));
    assert_eq!(at_desk.event().0, format!("{topic} patient amended"));
}

#[test]
fn connections_of_one_session_are_bounded() {
    let hospital = Hospital::open();
    let mut screens: Vec<Screen> =
        (0..32).map(|_| Screen::open(&hospital.server, &hospital.admin)).collect();
    let bearer = format!("Bearer {}", hospital.admin.token());
    let next = || Screen::connect(&hospital.server, &[("authorization", &bearer)]).unwrap();
    assert_eq!(next().expect_close(), 4429);
    screens.pop().unwrap().cut();
    crate::harness::eventually("there is room again", || {
        let mut screen = next();
        matches!(screen.socket().read(), Ok(message) if message.is_text())
    });
}

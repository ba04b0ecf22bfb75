//! Who is behind a proxy, and who only says so; with the limits that go by it.

use serde_json::json;

use crate::client::Client;
use crate::harness::{Hospital, PASSWORD};

/// Asks as `client` behind the proxies `via`.
fn ask(hospital: &Hospital, via: &str, place: &str) -> crate::client::Answer {
    hospital.server.client().get_with(place, ("x-forwarded-for", via))
}

fn system(admin: &Client) -> serde_json::Value {
    admin.get("/api/v1/system").data()
}

#[test]
fn behind_a_trusted_proxy_each_address_has_its_own_bucket_and_forgers_have_none() {
    let hospital = Hospital::open_with(&["--trusted-proxies", "127.0.0.1"]);
    let limits = hospital.admin.get("/api/v1/limits").data();
    let few = json!({"anonymous-read": {"burst": 3, "per_minute": 1}});
    hospital
        .admin
        .patch("/api/v1/limits", limits["version"].as_i64().unwrap(), &few)
        .expect_status(200);
    for client in ["198.51.100.1", "198.51.100.2", "2001:db8::1"] {
        for forged in ["", "127.0.0.1, ", "9.9.9.9, "] {
            let answer = ask(&hospital, &format!("{forged}{client}"), "/api/v1/setup");
            answer.expect_status(200);
            assert!(answer.header("ratelimit-policy").starts_with("\"anonymous-read\";q=3;"));
        }
        let refused = ask(&hospital, client, "/api/v1/setup");
        refused.expect_problem(429, "web.too_many_requests");
        assert_eq!(refused.header("retry-after"), "60");
        ask(&hospital, client, "/api/health").expect_status(200);
        ask(&hospital, client, "/").expect_status(200);
    }
    hospital.server.client().get("/api/v1/setup").expect_status(200);
    assert_eq!(system(&hospital.admin)["rate_limits"]["refused"], 3);
    assert_eq!(system(&hospital.admin)["forwarded_ignored"], 0);
}

#[test]
fn whoever_is_no_trusted_proxy_is_not_believed_and_that_is_told_once() {
    let hospital = Hospital::open();
    for last in 0..20 {
        ask(&hospital, &format!("198.51.100.{last}"), "/api/v1/setup").expect_status(200);
    }
    let body = json!({"username": "admin", "password": PASSWORD});
    let headers = [("x-forwarded-for", "198.51.100.9"), ("forwarded", "for=198.51.100.8")];
    let answer = hospital.server.client().post_with("/api/v1/sessions", &headers, &body);
    answer.expect_status(201);
    let own = hospital.server.client().with_token(answer.json()["token"].as_str().unwrap());
    let sessions = own.get("/api/v1/sessions").data();
    let addresses = sessions.as_array().unwrap().iter().map(|line| &line["address"]);
    assert!(addresses.into_iter().all(|address| address == "127.0.0.1"), "{sessions}");
    assert_eq!(system(&hospital.admin)["forwarded_ignored"], 21);
    let told = hospital.server.stderr().matches("trusted_proxies").count();
    assert_eq!(told, 1, "{}", hospital.server.stderr());
}

#[test]
fn what_a_trusted_proxy_says_of_encryption_holds_for_cookies_origins_and_hsts() {
    let trusting = Hospital::open_with(&["--trusted-proxies", "127.0.0.1"]);
    let strict = Hospital::open();
    let body = json!({"username": "admin", "password": PASSWORD});
    for (hospital, said, encrypted) in [
        (
            &trusting,
            &[("x-forwarded-proto", "https"), ("x-forwarded-for", "198.51.100.2")][..],
            true,
        ),
        (&trusting, &[("x-forwarded-proto", "http"), ("x-forwarded-for", "198.51.100.2")], false),
        (&trusting, &[], false),
        (&strict, &[("x-forwarded-proto", "https"), ("x-forwarded-for", "198.51.100.2")], false),
    ] {
        let browser = hospital.server.client();
        let signed = browser.post_with("/api/v1/sessions", said, &body);
        signed.expect_status(201);
        let set = signed.header("set-cookie").to_owned();
        assert_eq!(set.starts_with("__Host-hf_session=hfs_"), encrypted, "{said:?}: {set}");
        assert_eq!(set.contains("Secure"), encrypted, "{said:?}: {set}");
        let hsts = if encrypted { "max-age=86400" } else { "" };
        assert_eq!(signed.header("strict-transport-security"), hsts, "{said:?}");
        let (cookie, host) = (set.split(';').next().unwrap(), "his:443");
        let change = |more: &[(&str, &str)]| {
            let own = [("cookie", cookie), ("host", host), ("x-healthflow-client", "web")];
            let headers = [said, &own, more].concat();
            browser.post_with("/api/v1/facilities", &headers, &json!({"name": "Ward"})).status
        };
        assert_eq!(change(&[("origin", "https://his")]), 201, "{said:?}");
        assert_eq!(change(&[("origin", "https://HIS:443")]), 201, "{said:?}");
        assert_eq!(change(&[("origin", "https://evil.example")]), 403, "{said:?}");
        // In clear a page of the same name may be anybody's, where people come encrypted.
        let in_clear = if encrypted { 403 } else { 201 };
        assert_eq!(change(&[("origin", "http://his:443")]), in_clear, "{said:?}");
        let ended = hospital.server.client().send(
            "DELETE",
            "/api/v1/sessions/current",
            &[said, &[("cookie", cookie), ("x-healthflow-client", "web")]].concat(),
            b"",
        );
        ended.expect_status(204);
        assert_eq!(ended.header("set-cookie").contains("Secure"), encrypted, "{said:?}");
    }
}

#[test]
fn the_limits_can_be_turned_off_and_a_proxy_of_all_addresses_is_refused() {
    let hospital = Hospital::open_with(&["--trusted-proxies", "127.0.0.1", "--rate-limits", "off"]);
    let few = json!({"anonymous-read": {"burst": 1, "per_minute": 1}});
    hospital.admin.patch("/api/v1/limits", 0, &few).expect_status(200);
    assert_eq!(hospital.admin.get("/api/v1/limits").data()["enforced"], false);
    for _ in 0..5 {
        let answer = ask(&hospital, "198.51.100.1", "/api/v1/setup");
        answer.expect_status(200);
        assert_eq!(answer.header("ratelimit"), "");
    }
    let all = ["serve", "--trusted-proxies", "0.0.0.0/0"];
    let ended = crate::harness::run(&all, &hospital.data(), "");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("trusted_proxies"), "{ended:?}");
}

#[test]
fn a_storm_at_the_door_from_one_address_leaves_the_others_alone() {
    let hospital = Hospital::open_with(&["--trusted-proxies", "127.0.0.1"]);
    let body = json!({"username": "admin", "password": "wrong horse battery"});
    let knock = |from: &str| {
        let headers = [("x-forwarded-for", from)];
        hospital.server.client().post_with("/api/v1/sessions", &headers, &body).status
    };
    let storm: Vec<u16> = (0..400).map(|_| knock("198.51.100.1")).collect();
    assert!(storm.iter().all(|status| [401, 429].contains(status)), "{storm:?}");
    assert!(storm.contains(&429));
    let right = json!({"username": "admin", "password": PASSWORD});
    let headers = [("x-forwarded-for", "198.51.100.2")];
    let answer = hospital.server.client().post_with("/api/v1/sessions", &headers, &right);
    answer.expect_status(201);
}

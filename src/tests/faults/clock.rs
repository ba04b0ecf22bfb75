//! A clock that was set back: it is said, and what is made stays in order.

use healthflow::store::{Class, StoreError};
use serde_json::Value as Json;

use crate::harness::{Hospital, Server, run};

const HOUR: i64 = 3_600_000_000;

#[test]
fn a_clock_before_the_newest_entry_is_told_loudly_and_what_is_made_stays_in_order() {
    let hospital = Hospital::open();
    let before = hospital.admin.register("Ada", "Moreau")["id"].as_str().unwrap().to_owned();
    let token = hospital.admin.token().to_owned();
    let (store, scratch) = hospital.stop_and_open_store();
    // As if all of it had been written by a clock that is an hour ahead.
    let ahead = store.write_blocking(Class::People, |tx| {
        tx.execute("UPDATE audit SET at = at + ?1", &[HOUR.into()])?;
        tx.execute("UPDATE session SET expires_at = expires_at + ?1", &[HOUR.into()])?;
        Ok::<_, StoreError>(())
    });
    ahead.unwrap();
    store.close();
    drop(store);
    let of = |checks: &Json| {
        let found = checks.as_array().unwrap().iter().find(|check| check["name"] == "clock");
        found.unwrap().clone()
    };
    let outside = run(&["doctor", "--json"], &scratch.data(), "").json();
    let outside = of(&outside["data"]["checks"]);
    assert_eq!(outside["state"], "warn", "{outside}");
    assert!(outside["detail"].as_str().unwrap().contains("entry of the audit"), "{outside}");

    let server = Server::start(&scratch.data(), &[]);
    assert!(server.stderr().contains("The clock of this machine is wrong"), "{}", server.stderr());
    let health = server.client().get("/api/health").json();
    assert_eq!(health["services"]["clock"], "behind", "{health}");
    assert_eq!(health["status"], "degraded", "{health}");
    let admin = server.client().with_token(&token);
    let inside = of(&admin.get("/api/v1/system/doctor").data()["checks"]);
    assert_eq!(inside["state"], "warn", "{inside}");
    let mut ids = vec![before];
    for family in ["Owusu", "Mensah", "Quaye"] {
        ids.push(admin.register("Esi", family)["id"].as_str().unwrap().to_owned());
    }
    assert!(ids.is_sorted(), "{ids:?}");
    server.stop();
}

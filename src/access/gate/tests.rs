//! What the gate remembers, and how soon it knows of a change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::access::users::{self, USERS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::verbs;
use crate::store::Store;
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;

const NOON: &str = "2026-03-01T12:00:00Z";

fn call() -> Call {
    Call::new(command_line(), "request-1")
}

fn door() -> (Door, FrozenClock) {
    let clock = FrozenClock::at(NOON);
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let ids = IdSource::new(shared.clone(), 0);
    let desk = Desk::open(Store::scratch(), shared, ids, Duration::from_secs(5));
    crate::access::roles::defaults::settle(&desk).unwrap();
    (Door::new(desk, "control"), clock)
}

/// An account with this role and a session `token` of an hour; its id.
fn signed_in(door: &Door, role: &'static str, token: &'static str) -> i64 {
    let job = move |work: &Work<'_>| {
        let fields = json!({"username": token, "display_name": token, "role": role});
        let form = Form::read(&USERS, fields.as_object().unwrap(), work.zone())
            .map_err(RecordError::from)?;
        let id = users::add(work, form, "hash")?;
        let expires_at = work.now() + 3_600_000_000;
        sessions::open(work, id, token, expires_at, &sessions::Seat::default())
            .map_err(|_| RecordError::NotFound("session"))?;
        Ok::<_, RecordError>(id)
    };
    door.desk.write_blocking(&call(), "test", job).unwrap()
}

fn amend(door: &Door, id: i64, fields: serde_json::Value) {
    let job =
        move |work: &Work<'_>| verbs::amend(work, &USERS, (id, None), fields.as_object().unwrap());
    door.desk.write_blocking::<_, RecordError>(&call(), "test", job).unwrap();
}

fn role(door: &Door, token: &str) -> Option<String> {
    door.identify(token, None).unwrap().map(|actor| actor.role().to_owned())
}

#[test]
fn a_session_is_looked_up_once_a_minute_and_ends_with_its_time() {
    let (door, clock) = door();
    signed_in(&door, "nurse", "one");
    let asked = |door: &Door| (door.known.status().hits, door.known.status().misses);
    for _ in 0..5 {
        assert_eq!(role(&door, "one").as_deref(), Some("nurse"));
    }
    assert_eq!(asked(&door), (4, 1));
    clock.set("2026-03-01T12:01:00Z");
    role(&door, "one");
    assert_eq!(asked(&door), (4, 2));
    clock.set("2026-03-01T12:59:59.5Z");
    assert!(role(&door, "one").is_some());
    clock.set("2026-03-01T13:00:00Z");
    assert_eq!(role(&door, "one"), None, "known for a minute, but not beyond its end");
    assert_eq!(role(&door, "never"), None);
}

#[test]
fn what_stays_open_is_no_sign_of_anybody_being_there() {
    let (door, clock) = door();
    signed_in(&door, "nurse", "one");
    let at_workstation = |tx: &Tx<'_>| tx.execute("UPDATE session SET workstation = x'00'", &[]);
    door.desk.store().write_blocking(Class::People, at_workstation).unwrap();
    // The hospital's 15 minutes, and two.
    for minute in 1..=17 {
        clock.set(&format!("2026-03-01T12:{minute:02}:00Z"));
        assert!(door.peek("one", None).unwrap().is_some(), "{minute}");
    }
    clock.set("2026-03-01T12:18:00.5Z");
    assert_eq!(door.peek("one", None).unwrap_err().code(), "access.locked");
    assert_eq!(door.identify("one", None).unwrap_err().code(), "access.locked");
}

#[test]
fn a_change_of_a_session_or_its_account_is_known_at_the_next_request() {
    let (door, _) = door();
    signed_in(&door, "administrator", "admin");
    let (one, two) = (signed_in(&door, "nurse", "one"), signed_in(&door, "nurse", "two"));
    assert!(["one", "two"].iter().all(|token| role(&door, token).is_some()));
    amend(&door, one, json!({"role": "reception"}));
    assert_eq!(role(&door, "one").as_deref(), Some("reception"));
    amend(&door, one, json!({"active": false}));
    assert_eq!(role(&door, "one"), None);
    let session = door.identify("two", None).unwrap().unwrap().session().unwrap();
    let end = move |work: &Work<'_>| sessions::end(work, session);
    door.desk.write_blocking::<_, StoreError>(&call(), "test", end).unwrap();
    assert_eq!(role(&door, "two"), None);
    assert_ne!(one, two);
    assert!(role(&door, "admin").is_some());
}

#[test]
fn whoever_asks_while_the_role_changes_never_brings_the_old_one_back() {
    let (door, _) = door();
    // Without one nobody's role could be changed.
    signed_in(&door, "administrator", "admin");
    let id = signed_in(&door, "nurse", "one");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    role(&door, "one");
                }
            });
        }
        let changes = || {
            (0..200).all(|round| {
                let now = if round % 2 == 0 { "reception" } else { "nurse" };
                amend(&door, id, json!({"role": now}));
                (0..5).all(|_| role(&door, "one").as_deref() == Some(now))
            })
        };
        // The others end also when something is wrong here.
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(changes));
        stop.store(true, Ordering::Relaxed);
        assert!(held.unwrap(), "an old role came back");
    });
}

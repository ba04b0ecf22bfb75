//! The rule as a table, and the clock to the microsecond.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::store::{Class, Store, Tx};

const SEVERAL: [Reach; 3] = [Reach::Everybody, Reach::Facility, Reach::Departments(Vec::new())];

fn open(facts: &Facts) -> [Standing; 3] {
    SEVERAL.map(|reach| decide(&reach, facts))
}

#[test]
fn the_rule_is_what_the_table_says() {
    use Standing::{Hidden, Named, Open};
    let why = || Some(Emergency { id: 1, why: "break-glass btg_1 emergency".to_owned() });
    let emergency = || Standing::Emergency(why().unwrap());
    let none = Facts::default;
    let table = [
        (none(), [Open, Named, Named]),
        (Facts { at_facility: true, ..none() }, [Open, Open, Named]),
        (Facts { in_departments: true, ..none() }, [Open, Named, Open]),
        (Facts { registered: true, ..none() }, [Open, Open, Open]),
        (Facts { care_team: true, ..none() }, [Open, Open, Open]),
        (Facts { administers: true, ..none() }, [Open, Named, Named]),
        (Facts { emergency: why(), ..none() }, [Open, emergency(), emergency()]),
        (Facts { confidential: true, ..none() }, [Hidden, Hidden, Hidden]),
        (
            Facts {
                confidential: true,
                at_facility: true,
                in_departments: true,
                registered: true,
                ..none()
            },
            [Hidden, Hidden, Hidden],
        ),
        (Facts { confidential: true, administers: true, ..none() }, [Named, Named, Named]),
        (Facts { confidential: true, care_team: true, ..none() }, [Open, Open, Open]),
        (
            Facts { confidential: true, emergency: why(), ..none() },
            [emergency(), emergency(), emergency()],
        ),
        (
            Facts { confidential: true, care_team: true, emergency: why(), ..none() },
            [Open, Open, Open],
        ),
    ];
    for (facts, expected) in table {
        assert_eq!(open(&facts), expected, "{facts:?}");
    }
}

const PATIENT_ID: i64 = 900;
const USER_ID: i64 = 500;
const SITE: i64 = 10;
const OTHER_SITE: i64 = 11;
const WARD: i64 = 20;
const DAY: i64 = 24 * 3_600 * 1_000_000;
const NOW: i64 = 1_000 * DAY;

/// A patient of another site, somebody, and what `also` adds.
fn house(also: &[&'static str]) -> Store {
    let store = Store::scratch();
    let mut all = vec![
        "INSERT INTO facility (id, name, created_at, updated_at) VALUES (10, 'A', 0, 0), \
         (11, 'B', 0, 0)",
        "INSERT INTO department (id, facility_id, name, kind, created_at, updated_at) VALUES \
         (20, 10, 'Ward 1', 'ward', 0, 0), (21, 10, 'Ward 2', 'ward', 0, 0)",
        "INSERT INTO app_user (id, username, display_name, role, password_hash, created_at, \
         updated_at) VALUES (500, 'n', 'N', 'nurse', '', 0, 0), (501, 'm', 'M', 'nurse', '', 0, 0)",
        "INSERT INTO patient (id, facility_id, mrn, family, name_key, sex, created_at, updated_at) \
         VALUES (900, 11, 'M1', 'Okafor', 'okafor', 'female', 0, 0)",
    ];
    all.extend(also);
    let all = Arc::new(all);
    let job = move |tx: &Tx<'_>| all.iter().try_for_each(|sql| tx.execute(sql, &[]).map(|_| ()));
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    store
}

fn who(reach: Reach) -> Actor {
    Actor::user(USER_ID, "n", "nurse", Some(SITE), None, vec![BREAK_GLASS_USE]).reaching(reach)
}

fn sees_at(store: &Store, reach: Reach, now: i64) -> bool {
    let look = |tx: &ReadTx<'_>| standing(tx, &who(reach.clone()), now, PATIENT_ID);
    store.read(Duration::from_secs(5), look).unwrap().is_open()
}

fn sees(store: &Store, reach: Reach) -> bool {
    sees_at(store, reach, NOW)
}

fn ward() -> Reach {
    Reach::Departments(vec![WARD])
}

/// A visit as the columns `facility_id, department_id, status, ended_at` say.
fn visit(what: &str) -> Store {
    let sql = format!(
        "INSERT INTO encounter (id, patient_id, class, created_at, updated_at, facility_id, \
         department_id, status, ended_at) VALUES (1, 900, 'inpatient', 0, 0, {what})"
    );
    house(&[Box::leak(sql.into_boxed_str())])
}

#[test]
fn a_ward_sees_visits_that_are_open_or_ended_lately() {
    for status in ["planned", "arrived", "triaged", "in_progress", "on_leave"] {
        assert!(sees(&visit(&format!("10, 20, '{status}', NULL")), ward()), "{status}");
        assert!(!sees(&visit(&format!("10, 21, '{status}', NULL")), ward()), "another ward");
        assert!(!sees(&visit(&format!("10, NULL, '{status}', NULL")), ward()), "no ward");
    }
    for status in ["cancelled", "entered_in_error", "unknown", "finished"] {
        assert!(!sees(&visit(&format!("10, 20, '{status}', NULL")), ward()), "{status}");
    }
    let edge = NOW - DAYS_AFTER * DAY;
    assert!(sees(&visit(&format!("10, 20, 'finished', {edge}")), ward()));
    assert!(!sees(&visit(&format!("10, 20, 'finished', {}", edge - 1)), ward()));
    assert!(!sees(&visit(&format!("10, 20, 'cancelled', {NOW}")), ward()));
    assert!(!sees(&visit(&format!("10, 20, 'entered_in_error', {NOW}")), ward()));
}

#[test]
fn the_hospital_says_how_long_a_visit_counts_after_its_end() {
    let ended = NOW - 3 * DAY;
    let store = visit(&format!("10, 20, 'finished', {ended}"));
    let set = |days: &'static str| {
        let job = move |tx: &Tx<'_>| {
            let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, 0) \
                ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            tx.execute(sql, &[DAYS_AFTER_SETTING.into(), days.into()]).map(|_| ())
        };
        store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    };
    assert!(sees(&store, ward()));
    set("2");
    assert!(!sees(&store, ward()));
    set("3");
    assert!(sees(&store, ward()));
    assert!(IN_DEPARTMENTS.contains(&format!("'{DAYS_AFTER_SETTING}'), {DAYS_AFTER})")));
}

#[test]
fn a_site_sees_its_patients_and_those_who_have_come_to_it() {
    let elsewhere = house(&[]);
    assert!(sees(&elsewhere, Reach::Everybody));
    assert!(!sees(&elsewhere, Reach::Facility));
    assert!(sees(&visit("10, NULL, 'cancelled', 5"), Reach::Facility));
    assert!(!sees(&visit("10, NULL, 'entered_in_error', 5"), Reach::Facility));
    assert!(!sees(&visit(&format!("{OTHER_SITE}, NULL, 'finished', 5")), Reach::Facility));
    let own = house(&["UPDATE patient SET facility_id = 10"]);
    assert!(sees(&own, Reach::Facility));
    assert!(!sees(&own, ward()));
}

#[test]
fn whoever_registered_somebody_sees_them_for_a_day() {
    let store = house(&["UPDATE patient SET registered_by = 500, created_at = 5"]);
    assert!(sees_at(&store, ward(), 5 + REGISTERED_FOR - 1));
    assert!(!sees_at(&store, ward(), 5 + REGISTERED_FOR));
    let other = house(&["UPDATE patient SET registered_by = 501, created_at = 5"]);
    assert!(!sees_at(&other, ward(), 6));
}

#[test]
fn an_emergency_and_a_membership_end_at_their_microsecond() {
    let glass = house(&["INSERT INTO break_glass (id, user_id, patient_id, reason, text, \
        opened_at, expires_at, created_at, updated_at) \
        VALUES (7, 500, 900, 'emergency', 'Fell on the stairs', 0, 1000, 0, 0)"]);
    assert!(sees_at(&glass, ward(), 999));
    assert!(!sees_at(&glass, ward(), 1_000));
    let member = house(&["INSERT INTO care_team_member (id, patient_id, user_id, since_at, \
        until_at, created_at, updated_at) VALUES (7, 900, 500, 100, 1000, 0, 0)"]);
    assert!(!sees_at(&member, ward(), 99));
    assert!(sees_at(&member, ward(), 100) && sees_at(&member, ward(), 999));
    assert!(!sees_at(&member, ward(), 1_000));
    let of_another = house(&["INSERT INTO care_team_member (id, patient_id, user_id, since_at, \
        created_at, updated_at) VALUES (7, 900, 501, 0, 0, 0)"]);
    assert!(!sees(&of_another, ward()));
}

#[test]
fn several_are_judged_as_each_alone() {
    let store = house(&[
        "INSERT INTO patient (id, facility_id, mrn, family, name_key, sex, created_at, updated_at, \
         confidential) VALUES (901, 10, 'M2', 'B', 'b', 'male', 0, 0, NULL), \
         (902, 10, 'M3', 'C', 'c', 'male', 0, 0, 'vip'), (903, 11, 'M4', 'D', 'd', 'male', 0, 0, \
         'staff'), (904, 11, 'M5', 'E', 'e', 'male', 0, 0, NULL)",
        "INSERT INTO care_team_member (id, patient_id, user_id, since_at, created_at, updated_at) \
         VALUES (7, 903, 500, 0, 0, 0)",
        "INSERT INTO break_glass (id, user_id, patient_id, reason, text, opened_at, expires_at, \
         created_at, updated_at) VALUES (7, 500, 904, 'consult', 'Asked for advice', 0, \
         9000000000000000, 0, 0)",
    ]);
    let ids = [900, 901, 902, 903, 904, 999];
    for reach in [Reach::Everybody, Reach::Facility, ward()] {
        let actor = who(reach);
        let look = |tx: &ReadTx<'_>| {
            let together = Reaching.standings(tx, &actor, (NOW, &ids))?;
            for id in ids {
                assert_eq!(together.get(&id), Some(&standing(tx, &actor, NOW, id)?), "{id}");
            }
            Ok::<_, StoreError>(together)
        };
        let together = store.read(Duration::from_secs(5), look).unwrap();
        assert_eq!(together[&902], Standing::Hidden);
        assert_eq!(together[&903], Standing::Open);
        assert_eq!(together[&999], Standing::Open, "there is nothing of somebody who is not there");
        assert!(together[&904].is_open());
    }
}

#[test]
fn no_question_walks_a_table() {
    let store = Store::scratch();
    for sql in statements() {
        let plan = |tx: &ReadTx<'_>| tx.plan(&sql);
        let steps = store.read::<_, StoreError>(Duration::from_secs(5), plan).unwrap();
        let walks = |step: &&String| step.starts_with("SCAN") && !step.contains("json_each");
        assert_eq!(steps.iter().find(walks), None, "{sql}\n{steps:#?}");
        for step in steps.iter().filter(|step| step.contains("SEARCH visit")) {
            assert!(step.contains("encounter_patient"), "{sql}\n{steps:#?}");
        }
    }
}

//! What an upgrade makes of a store that knew four roles by their words.

use super::*;
use crate::access::roles::{PERMISSIONS, declared::built_in, defaults};
use crate::access::{sessions, users};
use crate::vocab::actor::Reach;
use crate::vocab::digest::{hex, sha256};

const BEFORE: [&str; 6] = [
    "INSERT INTO facility (id, name, created_at, updated_at) VALUES (7, 'Korle', 1, 1)",
    "INSERT INTO app_user (id, facility_id, username, display_name, role, password_hash, active, \
     last_sign_in_at, version, created_at, updated_at) VALUES \
     (11, 7, 'ama', 'Ama Admin', 'administrator', 'hash-a', 1, 5, 3, 1, 2), \
     (12, NULL, 'kofi', 'Kofi', 'nurse', 'hash-k', 1, NULL, 1, 1, 1), \
     (13, 7, 'esi', 'Esi', 'reception', 'hash-e', 0, 4, 2, 1, 2), \
     (14, 7, 'yaw', 'Dr Yaw', 'clinician', 'hash-y', 1, 4, 2, 1, 2)",
    "INSERT INTO patient (id, facility_id, mrn, sex, allergies_reviewed_by, family, given, \
     name_key, created_at, updated_at) VALUES (21, 7, 'MRN-1', 'female', 14, 'A', 'B', 'a b', 1, 1)",
    "INSERT INTO encounter (id, facility_id, patient_id, status, class, created_at, updated_at) \
     VALUES (31, 7, 21, 'finished', 'inpatient', 1, 1)",
    "INSERT INTO session (id, token_hash, user_id, created_at, expires_at, last_used_at) VALUES \
     (41, x'00', 11, 1, 9000000000000000, 2), (42, x'01', 12, 1, 9000000000000000, NULL), \
     (43, x'02', 13, 1, 9000000000000000, NULL)",
    "INSERT INTO import_run (id, source, label, format, status, plan, started_by, started_at, \
     created_at, updated_at) VALUES (51, 's', 'l', 'csv', 'completed', '{}', 11, 1, 1, 1)",
];

#[actix_web::test]
async fn accounts_sessions_and_what_names_them_are_kept_and_may_what_they_might() {
    let store = Store::scratch_since(5, &BEFORE);
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = Desk::open(store.clone(), clock.clone(), IdSource::new(clock, 0), SECOND);
    let asked = |desk: &Desk| desk.store().read(SECOND, users::has_administrator);
    assert!(!asked(&desk).map_err(|cause: StoreError| cause).unwrap(), "roles hold nothing yet");
    defaults::settle(&desk).unwrap();
    assert!(asked(&desk).unwrap());
    // The secret of a session is its hash in the store; put in by what it is made of.
    for (id, token) in [(41, "ama"), (42, "kofi"), (43, "esi")] {
        let sql = format!(
            "UPDATE session SET token_hash = x'{}' WHERE id = {id}",
            hex(&sha256(&[b"session", token.as_bytes()]))
        );
        let change = move |tx: &crate::store::Tx<'_>| tx.execute(&sql, &[]).map(drop);
        store.write_blocking::<_, StoreError>(crate::store::Class::People, change).unwrap();
    }
    let held = |token: &str| {
        let found = store.read(SECOND, |tx| sessions::find(tx, token, 1));
        found.map_err(|cause: StoreError| cause).unwrap().map(|held| held.actor)
    };
    let ama = held("ama").unwrap();
    assert_eq!((ama.role(), ama.name(), ama.facility()), ("administrator", "Ama Admin", Some(7)));
    assert_eq!(ama.permissions(), PERMISSIONS);
    let kofi = held("kofi").unwrap();
    assert_eq!(kofi.permissions(), built_in("nurse").unwrap().permissions);
    assert_eq!(*kofi.reach(), Reach::Everybody, "as before: no facility and no departments");
    assert!(held("esi").is_none(), "disabled as before");
    let row = |sql: &str| {
        let row = store.read(SECOND, |tx| tx.one(sql, &[], |row| row.get::<String>(0)));
        row.map_err(|cause: StoreError| cause).unwrap()
    };
    let whole = "SELECT group_concat(id || username || display_name || role || password_hash || \
        active || coalesce(facility_id, '-') || coalesce(last_sign_in_at, '-') || version) \
        FROM (SELECT * FROM app_user ORDER BY id)";
    assert_eq!(
        row(whole),
        "11amaAma Adminadministratorhash-a1753,12kofiKofinursehash-k1--1,\
         13esiEsireceptionhash-e0742,14yawDr Yawclinicianhash-y1742"
    );
    assert_eq!(row("SELECT count(*) || '' FROM pragma_foreign_key_check"), "0");
    assert_eq!(row("SELECT coalesce(department_id, 'none') FROM encounter"), "none");
    // Names are still told apart without their case, and a role must be one.
    let again = |sql: &'static str| {
        store.write_blocking(crate::store::Class::People, move |tx| tx.execute(sql, &[]))
    };
    let twice = "INSERT INTO app_user (id, username, display_name, role, password_hash, \
        created_at, updated_at) VALUES (15, 'AMA', '', 'nurse', '', 1, 1)";
    assert!(matches!(again(twice), Err(StoreError::Unique { .. })));
    assert_eq!(again("UPDATE app_user SET role = 'king'"), Err(StoreError::ForeignKey));
}

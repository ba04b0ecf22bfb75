//! What the ledger promises: no change without its audit row, nothing half-written, one key one
//! record.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::{Desk, OutOfReach, RecordError, Seen, Standing, Touch, Warden, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Column, Occasion, Resource, Sort, Subject, verbs};
use crate::store::{ReadTx, Store, StoreError};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::{IdSource, Kind};
use crate::vocab::problem::Explain;

mod full;
mod repeated;

const SECOND: Duration = Duration::from_secs(1);
const SITE: Kind = Kind::new("facility", "fac");

static SITES: Resource = Resource {
    kind: SITE,
    path: "facilities",
    table: "facility",
    read: "facilities.read",
    write: "facilities.write",
    subject: Subject::House,
    sort: Sort { column: "id", descending: false },
    columns: &[Column::text("name").required(), Column::text("phone")],
    children: &[],
    parents: &[],
    prepare: |_: &Work<'_>, _: &mut Form, _: Occasion| Ok(()),
};

fn desk() -> Desk {
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = Desk::open(Store::scratch(), clock.clone(), IdSource::new(clock, 0), SECOND);
    desk.ask_warden(Box::new(Open));
    desk
}

/// Lets everybody see everybody but one.
struct Open;

impl Warden for Open {
    fn standings(
        &self,
        _: &ReadTx<'_>,
        _: &Actor,
        (_, patients): (i64, &[i64]),
    ) -> Result<HashMap<i64, Standing>, StoreError> {
        let of = |id: i64| if id == SHUT { Standing::Named } else { Standing::Open };
        Ok(patients.iter().map(|id| (*id, of(*id))).collect())
    }

    fn refusal(&self, _: &Actor) -> OutOfReach {
        OutOfReach { may_break_glass: true }
    }
}

/// Whom nobody sees.
const SHUT: i64 = 1 << 40;

fn call() -> Call {
    Call::new(Actor::user(7, "Dr Osei", "clinician", None, None, Vec::new()), "request-1")
}

fn body(name: &str) -> Map<String, Json> {
    json!({"name": name}).as_object().cloned().unwrap()
}

fn count(desk: &Desk, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    desk.store().read(SECOND, |tx| tx.one(&sql, &[], |row| row.get(0))).unwrap()
}

/// Act, outcome, record and patient of every audit row.
fn audited(desk: &Desk) -> Vec<(String, String, Option<i64>, Option<i64>)> {
    let sql = "SELECT act, outcome, subject_id, patient_id FROM audit ORDER BY id";
    let row = |row: &crate::store::Row<'_>| {
        Ok::<_, StoreError>((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    desk.store().read(SECOND, |tx| tx.all(sql, &[], row)).unwrap()
}

#[actix_web::test]
async fn a_change_carries_its_audit_row_and_its_event() {
    let desk = desk();
    let sent = body("Hill house");
    let job = move |work: &Work<'_>| verbs::create(work, &SITES, &sent);
    let id = desk.write(&call(), "facilities.create", job).await.unwrap();
    assert_eq!(
        audited(&desk),
        [("facilities.create".to_owned(), "done".to_owned(), Some(id), None)]
    );
    let sql = "SELECT event FROM outbox WHERE seq = 1 AND subject_id = ?1";
    let event = desk.store().read(SECOND, |tx| tx.one(sql, &[id.into()], |row| row.get(0)));
    assert_eq!(event, Ok("created".to_owned()));
}

#[actix_web::test]
async fn rows_of_reads_gather_for_ten_milliseconds_and_none_is_lost() {
    let desk = desk();
    let begun = Instant::now();
    let mut reads = 0;
    while begun.elapsed() < Duration::from_millis(150) {
        let seen = Seen { kind: "patient", id: Some(reads), patient: Some(reads), detail: None };
        desk.read(&call(), "patients.read", |_| Ok::<_, StoreError>(((), seen))).await.unwrap();
        reads += 1;
        std::thread::sleep(Duration::from_micros(200));
    }
    let most = u64::try_from(begun.elapsed().as_millis() / 10).unwrap() + 3;
    let commits = desk.store().status().commits;
    assert!(commits <= most, "{commits} commits for {reads} reads, {most} were enough");
    let closing = Instant::now();
    desk.close();
    assert!(closing.elapsed() < SECOND);
    assert_eq!(count(&desk, "audit"), reads);
}

#[actix_web::test]
async fn a_refused_change_writes_nothing_but_the_refusal() {
    let desk = desk();
    let sent = body("Hill house");
    let job = move |work: &Work<'_>| -> Result<i64, RecordError> {
        verbs::create(work, &SITES, &sent)?;
        Err(RecordError::field("name", "No."))
    };
    let refused = desk.write(&call(), "facilities.create", job).await.unwrap_err();
    assert_eq!(refused.code(), "record.invalid");
    desk.close();
    assert_eq!((count(&desk, "facility"), count(&desk, "outbox")), (0, 0));
    assert_eq!(
        audited(&desk),
        [("facilities.create".to_owned(), "refused".to_owned(), None, None)]
    );
}

#[actix_web::test]
async fn a_change_that_panics_writes_nothing_and_the_next_goes_through() {
    let desk = desk();
    let job = |work: &Work<'_>| -> Result<i64, RecordError> {
        verbs::create(work, &SITES, &body("Hill house"))?;
        panic!("on purpose");
    };
    let failed = desk.write(&call(), "facilities.create", job).await.unwrap_err();
    assert!(matches!(failed, RecordError::Store(StoreError::Panicked)), "{failed:?}");
    assert_eq!((count(&desk, "facility"), count(&desk, "audit")), (0, 0));
    let job = |work: &Work<'_>| verbs::create(work, &SITES, &body("Hill house"));
    desk.write(&call(), "facilities.create", job).await.unwrap();
    assert_eq!(count(&desk, "facility"), 1);
}

#[actix_web::test]
async fn every_read_leaves_a_row_before_the_desk_closes() {
    let desk = desk();
    for patient in 1..=300_i64 {
        let look = move |_: &super::Sight<'_>| {
            let seen =
                Seen { kind: "patient", id: Some(patient), patient: Some(patient), detail: None };
            Ok::<_, StoreError>(((), seen))
        };
        desk.read(&call(), "patients.read", look).await.unwrap();
    }
    desk.note_refusal(&call(), "records.read");
    desk.close();
    let rows = audited(&desk);
    assert_eq!(rows.len(), 301);
    assert!(rows.iter().take(300).zip(1..).all(|(row, patient)| row.3 == Some(patient)));
    assert_eq!((rows[300].0.as_str(), rows[300].1.as_str()), ("access.refused", "refused"));
    // Afterwards nobody looks unseen.
    let look = |_: &super::Sight<'_>| {
        let seen = Seen { kind: "patient", id: None, patient: None, detail: None };
        Ok::<_, StoreError>(((), seen))
    };
    assert_eq!(desk.read(&call(), "patients.read", look).await, Err(StoreError::Closed));
}

#[actix_web::test]
async fn nothing_leaves_the_desk_of_whom_one_does_not_see_and_nothing_is_written() {
    let (desk, call) = (desk(), call());
    let seen = || Seen { kind: "patient", id: Some(SHUT), patient: Some(SHUT), detail: None };
    let read = desk.read(&call, "patients.read", |_| Ok::<_, RecordError>(("secret", seen())));
    assert!(matches!(read.await, Err(RecordError::OutOfReach(it)) if it.may_break_glass));
    let look = move |_: &super::Sight<'_>| Ok::<_, RecordError>(("secret", seen()));
    let read = desk.read_slow(&call, "patients.series", look);
    assert!(matches!(read.await, Err(RecordError::OutOfReach(_))));
    // Also where a room has forgotten to ask before it wrote.
    let touch = |work: &Work<'_>| {
        verbs::create(work, &SITES, &body("Hill house"))?;
        work.touched(Touch { kind: SITE, id: 1, patient: Some(SHUT), event: "amended" });
        Ok::<_, RecordError>(())
    };
    let wrote = desk.write(&call, "facilities.create", touch).await;
    assert!(matches!(wrote, Err(RecordError::OutOfReach(_))));
    assert!(desk.write_blocking(&call, "facilities.create", touch).is_err());
    assert_eq!(count(&desk, "facility"), 0);
    let machine = Call::new(Actor::machine("command line", Vec::new()), "request-2");
    desk.write(&machine, "facilities.create", touch).await.unwrap();
    desk.close();
    let rows = audited(&desk);
    let refused: Vec<_> = rows.iter().filter(|row| row.1 == "refused").collect();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|row| row.3 == Some(SHUT)), "{refused:?}");
    // A desk of which nobody has said who decides shows nobody to anybody.
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
    let bare = Desk::open(Store::scratch(), clock.clone(), IdSource::new(clock, 0), SECOND);
    let seen = Seen { kind: "patient", id: Some(1), patient: Some(1), detail: None };
    let read = bare.read(&call, "patients.read", |_| Ok::<_, RecordError>(((), seen)));
    assert!(matches!(read.await, Err(RecordError::OutOfReach(_))));
    bare.close();
}

#[actix_web::test]
async fn one_key_makes_one_record_for_each_person_and_request() {
    let desk = desk();
    let make = async |call: &Call, key: &str, name: &str| {
        let sent = body(name);
        let bytes = serde_json::to_vec(&sent).unwrap();
        let job = move |work: &Work<'_>| verbs::create(work, &SITES, &sent);
        desk.create(call, &SITES, (Some(key), &bytes), job).await
    };
    let first = make(&call(), "k", "Hill house").await.unwrap();
    let again = make(&call(), "k", "Hill house").await.unwrap();
    assert_eq!((first.id, &first.body), (again.id, &again.body));
    assert_eq!((first.replayed, again.replayed), (false, true));
    let other = make(&call(), "k", "Annex").await.unwrap_err();
    assert_eq!(other.code(), "web.idempotency_key_reused");
    let nurse = Call::new(Actor::user(8, "Nurse", "nurse", None, None, Vec::new()), "request-2");
    assert_ne!(make(&nurse, "k", "Hill house").await.unwrap().id, first.id);
    assert_ne!(make(&call(), "other", "Hill house").await.unwrap().id, first.id);
    assert_eq!(count(&desk, "facility"), 3);
    // A replay is no change.
    assert_eq!(count(&desk, "outbox"), 3);
}

#[actix_web::test]
async fn a_key_of_a_refused_create_can_be_used_again() {
    let desk = desk();
    let request: (Option<&str>, &[u8]) = (Some("k"), b"{}");
    let empty = |work: &Work<'_>| verbs::create(work, &SITES, &Map::new());
    desk.create(&call(), &SITES, request, empty).await.unwrap_err();
    let named = |work: &Work<'_>| verbs::create(work, &SITES, &body("Hill house"));
    desk.create(&call(), &SITES, request, named).await.unwrap();
}

#[test]
fn bulk_work_leaves_one_row_for_each_patient() {
    let desk = desk();
    let job = |work: &Work<'_>| -> Result<(), StoreError> {
        for (patient, event) in [(1, "created"), (1, "created"), (1, "amended"), (2, "created")] {
            let patient = Some(patient);
            work.touched(Touch { kind: SITE, id: 9, patient, event });
        }
        Ok(())
    };
    desk.write_bulk(&call(), "import", job).unwrap();
    let sql = "SELECT patient_id, detail FROM audit ORDER BY patient_id";
    let rows: Vec<(i64, String)> = desk
        .store()
        .read(SECOND, |tx| tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(|cause: StoreError| cause)
        .unwrap();
    let told = ["facility amended 1, facility created 2", "facility created 1"];
    assert_eq!(rows, [(1, told[0].to_owned()), (2, told[1].to_owned())]);
    assert_eq!(count(&desk, "outbox"), 2);
}

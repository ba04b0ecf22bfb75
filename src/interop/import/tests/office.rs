//! What the office promises: no upload stays longer than an import needs it, what is said to
//! one import is heard by no other, and no order is lost.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::trial::{Trial, plan};
use crate::interop::import::at_work::AtWork;
use crate::interop::import::office::{Imports, QUEUE_MAX};
use crate::interop::import::plan::{Format, Plan};
use crate::interop::import::refusal::ImportError;
use crate::interop::import::upload::{PACE, Pace, Staged, UPLOADS_MAX, receive};
use crate::platform::ledger::{Created, RecordError};
use crate::store::StoreError;

const SECOND: Duration = Duration::from_secs(1);
const PATIENT: &str = r#"{"resourceType":"Patient","id":"a","name":[{"family":"Bekele"}]}"#;

impl Trial {
    fn staged(&self, name: &str) -> (PathBuf, Staged) {
        let path = self.folder.join(format!("{name}.upload"));
        fs::write(&path, PATIENT).unwrap();
        (path.clone(), Staged::new(path))
    }

    async fn order(&self, staged: Staged, key: &str) -> Result<Created, ImportError> {
        let plan = plan();
        let request = plan.request(b"digest");
        self.office.order(&self.call, plan, Some(staged), (Some(key), &request)).await
    }

    fn status(&self, id: i64) -> String {
        let sql = "SELECT status FROM import_run WHERE id = ?1";
        let read = self
            .desk
            .store()
            .read(SECOND, |tx| tx.one(sql, &[id.into()], |row| row.get::<String>(0)));
        read.unwrap_or_else(|cause: StoreError| panic!("{cause}"))
    }

    fn files(&self) -> usize {
        fs::read_dir(&self.folder).unwrap().count()
    }
}

#[actix_web::test]
async fn an_upload_stays_until_it_is_imported_and_no_longer() {
    let trial = Trial::new("done");
    let (path, staged) = trial.staged("one");
    let id = trial.order(staged, "key").await.unwrap().id;
    assert!(path.exists());
    assert!(trial.office.work_off_all());
    assert_eq!(trial.status(id), "completed");
    assert!(!path.exists());
}

#[actix_web::test]
async fn a_cancelled_import_that_waited_leaves_no_upload() {
    let trial = Trial::new("cancelled");
    let (path, staged) = trial.staged("one");
    let id = trial.order(staged, "key").await.unwrap().id;
    trial.office.cancel(id).unwrap();
    assert_eq!(trial.status(id), "cancelled");
    assert!(!path.exists());
}

#[actix_web::test]
async fn an_import_cancelled_just_before_it_begins_is_not_carried_out() {
    let trial = Trial::new("late");
    let (path, staged) = trial.staged("one");
    let id = trial.order(staged, "key").await.unwrap().id;
    trial.run("UPDATE import_run SET status = 'cancelled'");
    trial.office.work_off(id).unwrap();
    assert_eq!(trial.status(id), "cancelled");
    assert!(!path.exists());
}

#[actix_web::test]
async fn a_refused_or_repeated_order_leaves_no_upload() {
    let trial = Trial::new("refused");
    let (first, staged) = trial.staged("first");
    let created = trial.order(staged, "key").await.unwrap();
    let (again, staged) = trial.staged("again");
    let replayed = trial.order(staged, "key").await.unwrap();
    assert!(replayed.replayed && replayed.id == created.id);
    let (other, staged) = trial.staged("other");
    let different = Plan { label: "other.json".to_owned(), ..plan() };
    let request = different.request(b"digest");
    let order = (Some("key"), request.as_slice());
    let refused = trial.office.order(&trial.call, different, Some(staged), order).await;
    assert!(matches!(refused, Err(ImportError::Record(RecordError::KeyReused))));
    assert!(first.exists() && !again.exists() && !other.exists());
}

#[actix_web::test]
async fn a_full_queue_is_no_answer_that_a_key_repeats() {
    let trial = Trial::new("full");
    let waiting: Vec<i64> = (0..=QUEUE_MAX).map(|_| trial.left(plan())).collect();
    let (path, staged) = trial.staged("one");
    let refused = trial.order(staged, "key").await;
    assert!(matches!(refused, Err(ImportError::QueueFull)));
    assert!(!path.exists());
    trial.office.cancel(waiting[0]).unwrap();
    let (path, staged) = trial.staged("one");
    let created = trial.order(staged, "key").await.unwrap();
    assert!(!created.replayed && path.exists());
}

#[test]
fn the_file_is_not_all_that_makes_two_orders_the_same() {
    let request = plan().request(b"digest");
    let mapping = [("family".to_owned(), "LAST".to_owned())].into();
    let others = [
        Plan { source: "lab".to_owned(), ..plan() },
        Plan { label: "b.json".to_owned(), ..plan() },
        Plan { format: Format::Csv, ..plan() },
        Plan { mapping: Some(mapping), ..plan() },
    ];
    for other in others {
        assert_ne!(other.request(b"digest"), request, "{other:?}");
    }
    assert_ne!(plan().request(b"other"), request);
    assert_eq!(plan().request(b"digest"), request);
}

#[test]
fn uploads_that_no_import_names_go_at_the_start() {
    let trial = Trial::new("sweep");
    let needed = trial.folder.join("needed.upload");
    for name in ["needed.upload", "orphan.upload", "else.txt"] {
        fs::write(trial.folder.join(name), PATIENT).unwrap();
    }
    trial.left(Plan { paths: vec![needed.clone()], staged: true, ..plan() });
    drop(Imports::prepare(trial.desk.clone(), trial.folder.clone(), 1_000).unwrap());
    assert!(needed.exists());
    assert!(!trial.folder.join("orphan.upload").exists());
    assert!(trial.folder.join("else.txt").exists());
}

#[test]
fn however_many_were_interrupted_all_go_on() {
    let trial = Trial::new("many");
    let unreadable = trial.left(plan());
    trial.run("UPDATE import_run SET plan = '{}'");
    let ids: Vec<i64> = (0..70).map(|_| trial.left(plan())).collect();
    assert!(trial.office.work_off_all());
    assert_eq!(trial.status(unreadable), "failed");
    for id in ids {
        assert_eq!(trial.status(id), "completed");
    }
}

#[actix_web::test]
async fn an_order_wakes_the_worker() {
    let trial = Trial::new("bell");
    let office = Imports::open(trial.desk.clone(), trial.folder.clone(), 1_000).unwrap();
    let (_, staged) = trial.staged("one");
    let order = (None, b"".as_slice());
    let id = office.order(&trial.call, plan(), Some(staged), order).await.unwrap().id;
    for _ in 0..500 {
        if trial.status(id) == "completed" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    office.close();
    assert_eq!(trial.status(id), "completed");
}

#[actix_web::test]
async fn an_import_that_the_server_stopped_goes_on_at_the_next_start() {
    let trial = Trial::new("stopped");
    let (path, staged) = trial.staged("one");
    let id = trial.order(staged, "key").await.unwrap().id;
    trial.office.close();
    trial.office.work_off(id).unwrap();
    assert_eq!(trial.status(id), "running");
    assert!(path.exists());
    let (next, _) = Imports::prepare(trial.desk.clone(), trial.folder.clone(), 1_000).unwrap();
    assert!(next.work_off_all());
    assert_eq!(trial.status(id), "completed");
}

#[test]
fn what_is_said_to_one_import_is_heard_by_no_other() {
    let at_work = AtWork::default();
    let first = at_work.begin(1);
    assert!(!at_work.cancel(2));
    assert!(!first.load(Ordering::SeqCst) && !at_work.is_cancelled());
    assert!(at_work.cancel(1));
    assert!(first.load(Ordering::SeqCst) && at_work.is_cancelled());
    at_work.end();
    let second = at_work.begin(2);
    assert!(!at_work.cancel(1));
    assert!(!second.load(Ordering::SeqCst) && !at_work.is_cancelled());
    at_work.close();
    assert!(second.load(Ordering::SeqCst) && !at_work.is_cancelled());
    at_work.end();
    assert!(at_work.begin(3).load(Ordering::SeqCst));
}

#[actix_web::test]
async fn an_upload_that_does_not_end_well_leaves_nothing() {
    let trial = Trial::new("broken");
    let chunk = || Ok::<_, ()>(vec![b'x'; 600]);
    let broken = stream::iter([chunk(), Err(())]);
    let outcome = receive(&trial.folder, 1_000, PACE, broken).await;
    assert!(matches!(outcome, Err(ImportError::Incomplete)));
    let large = stream::iter([chunk(), chunk()]);
    let outcome = receive(&trial.folder, 1_000, PACE, large).await;
    assert!(matches!(outcome, Err(ImportError::TooLarge { max: 1_000 })));
    let still = stream::iter([chunk()]).chain(stream::pending());
    let soon = Pace { still_max: Duration::from_millis(50), ..PACE };
    let outcome = receive(&trial.folder, 1_000, soon, still).await;
    assert!(matches!(outcome, Err(ImportError::Still { .. })));
    assert_eq!(trial.files(), 0);
    let whole = receive(&trial.folder, 1_000, PACE, stream::iter([chunk()])).await;
    assert_eq!(fs::read(whole.unwrap().0.path()).unwrap().len(), 600);
}

#[actix_web::test]
async fn an_upload_that_trickles_is_cut_off_and_one_that_keeps_pace_is_not() {
    let trial = Trial::new("trickle");
    let span = Duration::from_millis(200);
    let pace = Pace { still_max: SECOND, span, bytes_min: 100 };
    // Never still, and without an end.
    let trickle = |bytes: usize| {
        let next = move |sent: usize| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, ()>(vec![b'x'; bytes]), sent + bytes))
        };
        Box::pin(stream::unfold(0, next))
    };
    let begun = std::time::Instant::now();
    let outcome = receive(&trial.folder, 1 << 20, pace, trickle(1)).await;
    assert!(matches!(outcome, Err(ImportError::TooSlow { .. })), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(trial.files(), 0);
    let enough = trickle(400).take(30);
    let whole = receive(&trial.folder, 1 << 20, pace, enough).await;
    assert_eq!(fs::read(whole.unwrap().0.path()).unwrap().len(), 12_000);
}

#[actix_web::test]
async fn an_upload_whose_sender_went_away_leaves_nothing() {
    let trial = Trial::new("gone");
    let still = stream::iter([Ok::<_, ()>(vec![b'x'; 600])]).chain(stream::pending());
    let upload = receive(&trial.folder, 1_000, PACE, still);
    let began = async {
        while trial.files() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = upload => panic!("an upload that goes on has ended"),
        () = began => {}
    }
    for _ in 0..500 {
        if trial.files() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the upload is still there");
}

#[test]
fn only_so_many_upload_at_once() {
    let trial = Trial::new("slots");
    let mut slots: Vec<_> = (0..UPLOADS_MAX).map(|_| trial.office.upload_slot().unwrap()).collect();
    assert!(matches!(trial.office.upload_slot(), Err(ImportError::UploadsFull)));
    slots.pop();
    assert!(trial.office.upload_slot().is_ok());
}

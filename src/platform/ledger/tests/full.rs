//! Queues and disks that are full: no row of the audit is lost.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use super::*;
use crate::platform::ledger::AuditState;
use crate::store::{Class, StoreOptions, Tx};
use crate::vocab::clock::SystemClock;

/// A data folder that goes away with the test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hf-audit-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    /// A desk over a database of at most so many pages; 0 for as many as it likes.
    fn open(&self, pages_max: u32) -> Desk {
        let mut options = StoreOptions::new(&self.0);
        options.pages_max = pages_max;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(options, clock.clone()).unwrap();
        let desk = Desk::open(store, clock.clone(), IdSource::new(clock, 0), SECOND);
        desk.ask_warden(Box::new(super::Open));
        desk
    }

    /// One that can hardly grow any more.
    fn open_full(&self) -> Desk {
        let desk = self.open(0);
        let sql = "SELECT page_count FROM pragma_page_count";
        let pages: i64 =
            desk.store().read(SECOND, |tx| tx.one(sql, &[], |row| row.get(0))).unwrap();
        close(&desk);
        self.open(u32::try_from(pages + 2).unwrap())
    }

    fn spool(&self) -> PathBuf {
        self.0.join("audit.spool")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn close(desk: &Desk) {
    desk.close();
    desk.store().close();
}

async fn look(desk: &Desk, patient: i64) -> Result<(), StoreError> {
    let seen = Seen { kind: "patient", id: Some(patient), patient: Some(patient), detail: None };
    desk.read(&call(), "patients.read", |_| Ok::<_, StoreError>(((), seen))).await
}

fn wait_for(desk: &Desk, wanted: AuditState) {
    let until = Instant::now() + 20 * SECOND;
    while desk.audit_state() != wanted && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(desk.audit_state(), wanted);
}

fn patients_seen(desk: &Desk) -> Vec<i64> {
    let rows = audited(desk).into_iter().filter(|row| row.0 == "patients.read");
    rows.filter_map(|row| row.3).collect()
}

/// How many refusals each row stands for.
fn refusals_in(desk: &Desk) -> Vec<usize> {
    let sql = "SELECT count FROM audit WHERE act = 'access.refused'";
    let count = |row: &crate::store::Row<'_>| Ok(usize::try_from(row.get::<i64>(0)?).unwrap());
    let read = |tx: &crate::store::ReadTx<'_>| tx.all(sql, &[], count);
    desk.store().read::<_, StoreError>(20 * SECOND, read).unwrap()
}

/// Holds the writer up until the first is dropped.
fn hold(desk: &Desk) -> (Sender<()>, JoinHandle<Result<(), StoreError>>) {
    let (held, begun) = channel();
    let (release, released) = channel::<()>();
    let released = std::sync::Mutex::new(released);
    let store = desk.store().clone();
    let holder = std::thread::spawn(move || {
        store.write_blocking::<_, StoreError>(Class::People, move |_: &Tx<'_>| {
            let _ = held.send(());
            let _ = released.lock().map(|released| released.recv());
            Ok(())
        })
    });
    begun.recv().unwrap();
    (release, holder)
}

#[actix_web::test]
async fn a_refusal_waits_for_its_row_so_long_and_no_longer() {
    let desk = desk();
    let (release, holder) = hold(&desk);
    let begun = Instant::now();
    desk.settled().await;
    assert!(begun.elapsed() < SECOND, "nothing waits to be written");
    desk.note_refusal(&call(), "records.read");
    let begun = Instant::now();
    desk.settled().await;
    let waited = begun.elapsed();
    assert!((2 * SECOND..4 * SECOND).contains(&waited), "{waited:?}");
    drop(release);
    holder.join().unwrap().unwrap();
    desk.settled().await;
    assert_eq!(refusals_in(&desk).len(), 1, "its row is written all the same");
    desk.close();
}

#[test]
fn refusals_that_find_the_queue_full_are_counted_and_written_later() {
    let desk = desk();
    let (release, holder) = hold(&desk);
    let refusals = 28_000;
    for number in 0..refusals {
        let permission = if number % 4 == 0 { "records.read" } else { "users.read" };
        desk.note_refusal(&call(), permission);
    }
    drop(release);
    holder.join().unwrap().unwrap();
    desk.close();
    let counts = refusals_in(&desk);
    assert_eq!(counts.iter().sum::<usize>(), refusals);
    let folded: Vec<_> = counts.iter().filter(|count| 1 < **count).collect();
    assert_eq!(folded.len(), 2, "one row for each permission: {folded:?}");
}

#[actix_web::test]
async fn what_is_read_while_the_disk_is_full_is_audited_at_the_next_start_once() {
    let home = Home::new("spool");
    let desk = home.open_full();
    let mut reads = 0;
    while desk.audit_state() == AuditState::Ok && reads < 20_000 {
        reads += 1;
        look(&desk, reads).await.unwrap();
        std::thread::sleep(Duration::from_micros(50));
    }
    assert_eq!(desk.audit_state(), AuditState::Waiting);
    for _ in 0..60 {
        reads += 1;
        look(&desk, reads).await.unwrap();
    }
    close(&desk);
    let spooled = std::fs::read(home.spool()).unwrap();
    assert_ne!(spooled[0], 0, "something waits");
    let all: Vec<i64> = (1..=reads).collect();
    let desk = home.open(0);
    close(&desk);
    let desk = home.open(0);
    assert_eq!(patients_seen(&desk), all, "each once and in order");
    let sound = desk.store().read(20 * SECOND, crate::platform::ledger::chain::verify);
    assert_eq!(sound.unwrap().broken, None);
    close(&desk);
    assert_eq!(std::fs::read(home.spool()).unwrap()[0], 0, "nothing waits");
    // The power failed after the commit and before the spool was emptied.
    std::fs::write(home.spool(), &spooled).unwrap();
    let desk = home.open(0);
    look(&desk, reads + 1).await.unwrap();
    close(&desk);
    // A damaged row keeps no other from being taken in, nor the file from being emptied.
    let mut damaged = spooled;
    damaged[0] = b'x';
    std::fs::write(home.spool(), &damaged).unwrap();
    let desk = home.open(0);
    close(&desk);
    let desk = home.open(0);
    assert_eq!(patients_seen(&desk), (1..=reads + 1).collect::<Vec<_>>());
    close(&desk);
    assert_eq!(std::fs::read(home.spool()).unwrap()[0], 0);
}

#[actix_web::test]
async fn what_cannot_be_audited_anywhere_is_not_shown() {
    let home = Home::new("nowhere");
    let desk = home.open(0);
    let ballast = |tx: &Tx<'_>| {
        let sql = "INSERT INTO setting (name, value, updated_at) VALUES ('ballast', ?1, 0)";
        tx.execute(sql, &["x".repeat(10_000_000).into()])
    };
    desk.store().write_blocking::<_, StoreError>(Class::People, ballast).unwrap();
    close(&desk);
    std::fs::remove_file(home.spool()).unwrap();
    // No spool can be made there.
    std::fs::create_dir(home.spool()).unwrap();
    let desk = home.open_full();
    let mut patient = 0;
    let refused = loop {
        patient += 1;
        assert!(patient < 20_000);
        if let Err(refused) = look(&desk, patient).await {
            break refused;
        }
        std::thread::sleep(Duration::from_micros(50));
    };
    assert_eq!(refused, StoreError::DiskFull);
    wait_for(&desk, AuditState::Refusing);
    let refusals = 20_000;
    (0..refusals).for_each(|_| desk.note_refusal(&call(), "records.read"));
    let begun = Instant::now();
    desk.settled().await;
    assert!(begun.elapsed() < 4 * SECOND, "a refusal is told all the same");
    make_room(&desk);
    wait_for(&desk, AuditState::Ok);
    look(&desk, patient).await.unwrap();
    desk.settled().await;
    let until = Instant::now() + 20 * SECOND;
    while refusals_in(&desk).iter().sum::<usize>() < refusals && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(refusals_in(&desk).iter().sum::<usize>(), refusals);
    close(&desk);
    let desk = home.open(0);
    assert_eq!(patients_seen(&desk).len(), usize::try_from(patient).unwrap());
    close(&desk);
}

/// Takes the ballast away.
fn make_room(desk: &Desk) {
    let shrink = |tx: &Tx<'_>| tx.execute("DELETE FROM setting", &[]);
    desk.store().write_blocking::<_, StoreError>(Class::People, shrink).unwrap();
}

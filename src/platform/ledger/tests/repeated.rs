//! Views of one page by one person within a minute are one row with a count, however the program
//! ends.

use std::path::PathBuf;

use super::*;
use crate::store::StoreOptions;

/// A data folder that goes away with the test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hf-repeats-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self, clock: &FrozenClock) -> Desk {
        let clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let store = Store::open(StoreOptions::new(&self.0), clock.clone()).unwrap();
        Desk::open(store, clock.clone(), IdSource::new(clock, 0), SECOND)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("audit.repeats")
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

async fn look(desk: &Desk, patient: i64) {
    let seen = Seen { kind: "patient", id: Some(patient), patient: Some(patient), detail: None };
    desk.read(&call(), "patients.read", |_| Ok::<_, StoreError>(((), seen))).await.unwrap();
}

/// Patient, count, and whether the time of the last is another, of every row.
fn counted(desk: &Desk) -> Vec<(i64, i64, bool)> {
    let sql = "SELECT patient_id, count, last_at IS NOT NULL FROM audit ORDER BY id";
    let read = |row: &crate::store::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    desk.store().read::<_, StoreError>(SECOND, |tx| tx.all(sql, &[], read)).unwrap()
}

/// Waits until the audit has so many rows.
fn wait_for(desk: &Desk, rows: usize) {
    let until = Instant::now() + 20 * SECOND;
    while counted(desk).len() < rows && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(counted(desk).len(), rows);
}

#[actix_web::test]
async fn the_first_view_is_written_at_once_and_the_others_when_their_minute_is_over() {
    let (home, clock) = (Home::new("minute"), FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = home.open(&clock);
    look(&desk, 1).await;
    wait_for(&desk, 1);
    for second in 1..5 {
        clock.set(&format!("2026-03-01T12:00:0{second}Z"));
        look(&desk, 1).await;
        look(&desk, 2).await;
    }
    wait_for(&desk, 2);
    clock.set("2026-03-01T12:00:59.9Z");
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(counted(&desk), [(1, 1, false), (2, 1, false)], "their minute is not over");
    clock.set("2026-03-01T12:01:01Z");
    // Nobody comes any more, and they are written all the same.
    wait_for(&desk, 4);
    assert_eq!(counted(&desk)[2..], [(1, 4, true), (2, 3, true)]);
    close(&desk);
    let sound = home.open(&clock);
    assert_eq!(counted(&sound).len(), 4, "none is written twice");
    close(&sound);
}

#[actix_web::test]
async fn what_was_counted_is_written_at_the_stop() {
    let (home, clock) = (Home::new("stop"), FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = home.open(&clock);
    for _ in 0..10 {
        look(&desk, 1).await;
    }
    close(&desk);
    let desk = home.open(&clock);
    assert_eq!(counted(&desk), [(1, 1, false), (1, 9, true)]);
    close(&desk);
}

#[actix_web::test]
async fn a_program_that_is_killed_loses_no_view_and_counts_none_twice() {
    let (home, clock) = (Home::new("kill"), FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = home.open(&clock);
    for patient in [1, 2, 1, 1, 2, 1, 3] {
        look(&desk, patient).await;
    }
    wait_for(&desk, 3);
    let begun = Instant::now();
    let lines = || std::fs::read(home.journal()).unwrap().iter().filter(|it| **it == b'\n').count();
    while lines() < 4 && begun.elapsed() < 20 * SECOND {
        std::thread::sleep(Duration::from_millis(5));
    }
    let at_the_kill = std::fs::read(home.journal()).unwrap();
    close(&desk);
    let once = [(1, 1, false), (1, 3, true), (2, 1, false), (2, 1, false), (3, 1, false)];
    // Those that were counted have one time, and no order among them.
    let counted = |desk: &Desk| {
        let mut rows = counted(desk);
        rows.sort_unstable();
        rows
    };
    let desk = home.open(&clock);
    assert_eq!(counted(&desk), once);
    // As if it had been killed just before they were written.
    let undo = |tx: &crate::store::Tx<'_>| tx.execute("DELETE FROM audit WHERE 3 < id", &[]);
    desk.store().write_blocking::<_, StoreError>(crate::store::Class::People, undo).unwrap();
    close(&desk);
    std::fs::write(home.journal(), &at_the_kill).unwrap();
    let desk = home.open(&clock);
    wait_for(&desk, 5);
    assert_eq!(counted(&desk), once);
    close(&desk);
    // As if it had been killed just after.
    std::fs::write(home.journal(), &at_the_kill).unwrap();
    let desk = home.open(&clock);
    close(&desk);
    let desk = home.open(&clock);
    assert_eq!(counted(&desk), once);
    assert_eq!(std::fs::read(home.journal()).unwrap()[0], 0, "nothing waits");
    let sound = desk.store().read(20 * SECOND, crate::platform::ledger::chain::verify);
    assert_eq!(sound.unwrap().broken, None);
    close(&desk);
}

#[actix_web::test]
async fn a_full_file_of_counted_views_is_written_and_begun_anew() {
    let (home, clock) = (Home::new("full"), FrozenClock::at("2026-03-01T12:00:00Z"));
    let desk = home.open(&clock);
    let views = 12_000;
    for view in 0..views {
        look(&desk, 1 + view % 3).await;
    }
    close(&desk);
    let desk = home.open(&clock);
    let rows = counted(&desk);
    assert_eq!(rows.iter().map(|row| row.1).sum::<i64>(), views);
    assert!((6..60).contains(&rows.len()), "{}", rows.len());
    assert_eq!(std::fs::metadata(home.journal()).unwrap().len(), 2 << 20);
    close(&desk);
}

#[test]
fn what_is_spooled_comes_back_with_its_count_and_a_line_of_before_is_understood() {
    use crate::platform::ledger::spool::{Line, take_in};
    let store = Store::scratch();
    let seen = Seen { kind: "patient", id: Some(1), patient: Some(1), detail: None };
    let call = call().sent_from(Some([10, 0, 0, 7].into())).because(Some("birth".to_owned()));
    let mut entry = crate::platform::ledger::Entry::new(&call, 5, "patients.read", seen);
    (entry.count, entry.last_at) = (3, Some(9));
    let told = serde_json::to_string(&Line::of(&entry)).unwrap();
    let before = r#"{"at":7,"actor_id":null,"actor_name":"A","act":"x.read","refused":false,
        "kind":"patient","id":2,"patient":2,"detail":null,"request_id":"r"}"#;
    let lines: Vec<Line<'static>> =
        [told.as_str(), before].iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let job = move |tx: &crate::store::Tx<'_>| take_in(tx, &lines);
    store.write_blocking::<_, StoreError>(crate::store::Class::People, job).unwrap();
    type Told = (i64, i64, Option<i64>, Option<String>, Option<String>, Option<String>);
    let sql = "SELECT at, count, last_at, role, address, reason FROM audit ORDER BY id";
    let rows: Vec<Told> = store
        .read::<_, StoreError>(SECOND, |tx| {
            tx.all(sql, &[], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })
        })
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    let spooled = (5, 3, Some(9), text("clinician"), text("10.0.0.7"), text("birth"));
    assert_eq!(rows, [spooled, (7, 1, None, None, None, None)]);
}

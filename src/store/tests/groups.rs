//! What shares a commit, and what does not share a failure.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

#[test]
fn a_refusing_and_a_panicking_job_undo_only_themselves() {
    let home = Home::new();
    let store = home.open().unwrap();
    let held = hold(&store);
    let first = enqueue(&store, Class::People, |tx| add(tx, "first"));
    let refusing = enqueue(&store, Class::People, |tx| {
        add(tx, "written, then refused")?;
        Err::<(), _>(StoreError::NoRow)
    });
    let panicking = enqueue(&store, Class::People, |tx| -> Result<(), StoreError> {
        add(tx, "written, then lost")?;
        panic!("a fault in a job");
    });
    let twice = enqueue(&store, Class::People, |tx| add(tx, "first"));
    let last = enqueue(&store, Class::People, |tx| add(tx, "last"));
    drop(held);
    assert_eq!(first.recv().unwrap(), Ok(()));
    assert_eq!(refusing.recv().unwrap(), Err(StoreError::NoRow));
    assert_eq!(panicking.recv().unwrap(), Err(StoreError::Panicked));
    assert_eq!(twice.recv().unwrap(), Err(StoreError::Unique { index: "note_text".to_owned() }));
    assert_eq!(last.recv().unwrap(), Ok(()));
    assert_eq!(notes(&store), ["first", "last"]);
}

#[test]
fn what_waits_together_commits_together() {
    let home = Home::new();
    let store = home.open().unwrap();
    let held = hold(&store);
    let answers: Vec<_> = (0..100)
        .map(|i| enqueue(&store, Class::People, move |tx| add(tx, &format!("note {i}"))))
        .collect();
    drop(held);
    for answer in answers {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    let status = store.status();
    assert!(status.commits <= 3, "100 jobs took {} commits", status.commits);
    assert!(50 <= status.group_largest, "largest group {}", status.group_largest);
    assert_eq!(count(&store), 100);
}

#[test]
fn a_job_that_takes_the_transaction_down_harms_nobody_else() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "there")).unwrap();
    let held = hold(&store);
    let before = enqueue(&store, Class::People, |tx| add(tx, "before"));
    let culprit = enqueue(&store, Class::People, |tx| {
        // The engine gives up the whole transaction, as it does when the disk is full; the
        // closure looks away and writes on.
        let _ = tx.execute(
            "INSERT OR ROLLBACK INTO note (list_id, text) VALUES (1, ?1)",
            &params!["there"],
        );
        let _ = add(tx, "written outside of any transaction");
        Ok(())
    });
    let after = enqueue(&store, Class::People, |tx| add(tx, "after"));
    drop(held);
    assert_eq!(before.recv().unwrap(), Ok(()));
    assert_eq!(culprit.recv().unwrap(), Err(StoreError::Unique { index: "note_text".to_owned() }));
    assert_eq!(after.recv().unwrap(), Ok(()));
    assert_eq!(notes(&store), ["there", "before", "after"]);
}

#[test]
fn a_deferred_constraint_fails_the_one_that_broke_it() {
    let home = Home::new();
    let deferred = Migration {
        version: 2,
        name: "0002_deferred",
        sql: "CREATE TABLE part (id INTEGER PRIMARY KEY,
              whole INTEGER REFERENCES list (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
    };
    let store = home.open_as(|_| {}, &[LISTS, deferred]).unwrap();
    let held = hold(&store);
    let good = enqueue(&store, Class::People, |tx| add(tx, "good"));
    let bad = enqueue(&store, Class::People, |tx| {
        tx.execute("INSERT INTO part (whole) VALUES (99)", &params![])
    });
    drop(held);
    assert_eq!(good.recv().unwrap(), Ok(()));
    assert_eq!(bad.recv().unwrap(), Err(StoreError::ForeignKey));
    assert_eq!(notes(&store), ["good"]);
}

#[test]
fn a_job_that_never_ends_is_undone_and_the_others_go_on() {
    let home = Home::new();
    let store =
        home.open_with(|options| options.job_time_max = Duration::from_millis(100)).unwrap();
    let runaway = enqueue(&store, Class::People, |tx| {
        add(tx, "before the runaway")?;
        tx.one(RUNAWAY, &params![], |row| row.get::<i64>(0))
    });
    let next = enqueue(&store, Class::People, |tx| add(tx, "next"));
    assert_eq!(runaway.recv().unwrap(), Err(StoreError::Deadline));
    assert_eq!(next.recv().unwrap(), Ok(()));
    assert_eq!(notes(&store), ["next"]);
}

#[test]
fn people_go_first_and_bulk_is_not_starved() {
    let home = Home::new();
    let store = home.open_with(|options| options.group_max = 10).unwrap();
    let held = hold(&store);
    let mut answers = Vec::new();
    for i in 0..3 {
        let job = move |tx: &Tx<'_>| add(tx, &format!("bulk {i}"));
        answers.push(enqueue(&store, Class::Bulk, job));
    }
    for i in 0..100 {
        let job = move |tx: &Tx<'_>| add(tx, &format!("people {i}"));
        answers.push(enqueue(&store, Class::People, job));
    }
    drop(held);
    for answer in answers {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    let order = notes(&store);
    let place = |text: &str| order.iter().position(|note| note == text).unwrap();
    // One bulk job rides in every group, however many people wait: the first one with the gate.
    assert_eq!(place("bulk 0"), 0);
    assert!(place("people 0") < place("bulk 1"), "people come first");
    assert!(place("bulk 1") <= 11, "bulk came at {}", place("bulk 1"));
    assert!(place("bulk 2") <= 22, "bulk came at {}", place("bulk 2"));
}

#[test]
fn a_full_queue_says_so_at_once() {
    let home = Home::new();
    let store = home
        .open_with(|options| {
            options.queue_max = 3;
            options.bulk_queue_max = 1;
            options.bulk_wait = Duration::from_millis(80);
        })
        .unwrap();
    let held = hold(&store);
    let waiting: Vec<_> = (0..3)
        .map(|i| enqueue(&store, Class::People, move |tx| add(tx, &format!("note {i}"))))
        .collect();
    let started = Instant::now();
    let refused = store.write_blocking(Class::People, |tx| add(tx, "one too many"));
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert!(started.elapsed() < Duration::from_millis(50));

    let bulk = enqueue(&store, Class::Bulk, |tx| add(tx, "bulk"));
    let started = Instant::now();
    let refused = store.write_blocking(Class::Bulk, |tx| add(tx, "bulk too many"));
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert!(Duration::from_millis(80) <= started.elapsed(), "an import waits for room");

    drop(held);
    for answer in waiting {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    assert_eq!(bulk.recv().unwrap(), Ok(()));
    assert_eq!(count(&store), 4, "what was refused was not written");
}

#[tokio::test]
async fn listeners_wake_after_the_commit_and_see_it() {
    let home = Home::new();
    let store = home.open().unwrap();
    let mut commits = store.after_commit();
    commits.mark_unchanged();
    let writing = store.clone();
    let write =
        tokio::spawn(async move { writing.write(Class::People, |tx| add(tx, "news")).await });
    commits.changed().await.unwrap();
    assert_eq!(notes(&store), ["news"]);
    assert_eq!(write.await.unwrap(), Ok(()));
}

#[test]
fn closing_finishes_what_is_queued_and_refuses_the_rest() {
    let home = Home::new();
    let store = home.open().unwrap();
    let held = hold(&store);
    let answers: Vec<_> = (0..20)
        .map(|i| enqueue(&store, Class::People, move |tx| add(tx, &format!("note {i}"))))
        .collect();
    let closing = store.clone();
    let closer = std::thread::spawn(move || closing.close());
    while !store.status().closed {
        std::thread::yield_now();
    }
    let late = store.write_blocking(Class::People, |tx| add(tx, "late"));
    assert_eq!(late, Err(StoreError::Closed));
    drop(held);
    closer.join().unwrap();
    for answer in answers {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    let read = store.read(SCREEN, |tx| tx.opt("SELECT 1", &params![], |row| row.get::<i64>(0)));
    assert_eq!(read, Err(StoreError::Closed));
    assert_eq!(store.status().wal_bytes, 0, "everything is in the one file");
    store.close();
    let again = home.open().unwrap();
    assert_eq!(count(&again), 20);
}

#[test]
fn a_job_may_hold_the_last_clone_of_its_store() {
    let home = Home::new();
    let store = home.open().unwrap();
    let held = hold(&store);
    let carried = store.clone();
    let answer = enqueue(&store, Class::People, move |tx| {
        let _keeps = &carried;
        add(tx, "last")
    });
    drop(store);
    drop(held);
    assert_eq!(answer.recv_timeout(Duration::from_secs(10)).unwrap(), Ok(()));
}

/// What a job of the property below does after it has written its own note.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Agrees,
    Refuses,
    Panics,
    TakesDown,
    TakesTheBed,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => Just(Turn::Agrees),
        2 => Just(Turn::Refuses),
        1 => Just(Turn::Panics),
        1 => Just(Turn::TakesDown),
        1 => Just(Turn::TakesTheBed),
    ]
}

fn take_turn(tx: &Tx<'_>, number: usize, turn: Turn) -> Result<(), StoreError> {
    add(tx, &format!("note {number}"))?;
    match turn {
        Turn::Agrees => Ok(()),
        Turn::Refuses => Err(StoreError::NoRow),
        Turn::Panics => std::panic::resume_unwind(Box::new("a fault in a job")),
        Turn::TakesDown => {
            let sql = "INSERT OR ROLLBACK INTO note (list_id, text) VALUES (1, ?1)";
            let _ = tx.execute(sql, &params![format!("note {number}")]);
            Ok(())
        }
        Turn::TakesTheBed => add(tx, "the one bed"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_acknowledged_is_exactly_what_is_there(
        turns in prop::collection::vec(turn(), 1..40),
        group_max in 1_usize..12,
    ) {
        let home = Home::new();
        let store = home.open_with(|options| options.group_max = group_max).unwrap();
        let held = hold(&store);
        let answers: Vec<_> = (0..)
            .zip(&turns)
            .map(|(number, &turn)| {
                enqueue(&store, Class::People, move |tx| take_turn(tx, number, turn))
            })
            .collect();
        drop(held);
        let mut acknowledged = BTreeSet::new();
        let mut beds = 0;
        for (number, (answer, turn)) in answers.iter().zip(turns).enumerate() {
            if answer.recv().unwrap().is_ok() {
                acknowledged.insert(format!("note {number}"));
                if matches!(turn, Turn::TakesTheBed) {
                    acknowledged.insert("the one bed".to_owned());
                    beds += 1;
                }
            }
        }
        prop_assert!(beds <= 1, "{} of them have the one bed", beds);
        let there: BTreeSet<String> = notes(&store).into_iter().collect();
        prop_assert_eq!(acknowledged, there);
    }
}

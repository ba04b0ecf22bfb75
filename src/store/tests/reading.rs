//! Reads: consistent, bounded in time, and unable to write.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn a_runaway_read_ends_at_its_deadline() {
    let home = Home::new();
    let store = home.open().unwrap();
    let started = Instant::now();
    let answer = store
        .read(Duration::from_millis(50), |tx| tx.one(RUNAWAY, &params![], |row| row.get::<i64>(0)));
    assert_eq!(answer, Err(StoreError::Deadline));
    assert!(started.elapsed() < Duration::from_secs(1), "took {:?}", started.elapsed());
    assert_eq!(store.status().readers_in_use, 0, "its snapshot is let go");
    assert_eq!(count(&store), 0, "the connection reads on");
}

#[test]
fn a_statement_keeps_its_plan_whatever_numbers_are_bound_to_it() {
    let home = Home::new();
    home.open().unwrap().close();
    let options = StoreOptions::new(home.path());
    let deadline = std::sync::Arc::new(super::super::deadline::Deadline::new());
    let conn = super::super::connection::open_reader(&home.database(), &options, &deadline);
    let conn = conn.unwrap();
    let sql = "SELECT id FROM note WHERE list_id = ?1 LIMIT ?2";
    let mut statement = conn.prepare(sql).unwrap();
    for limit in 1..20_i64 {
        assert!(!statement.exists([limit, limit]).unwrap());
    }
    let planned_again = statement.get_status(rusqlite::StatementStatus::RePrepare);
    assert_eq!(planned_again, 0);
}

#[test]
fn many_small_questions_end_at_the_deadline_too() {
    let home = Home::new();
    let store = home.open().unwrap();
    let mut asked = 0_u64;
    let answer = store.read(Duration::from_millis(50), |tx| -> Result<(), StoreError> {
        loop {
            tx.opt("SELECT 1", &params![], |row| row.get::<i64>(0))?;
            asked += 1;
        }
    });
    assert_eq!(answer, Err(StoreError::Deadline));
    assert!(1 < asked);
}

#[test]
fn readers_cannot_write() {
    let home = Home::new();
    let store = home.open().unwrap();
    let insert = "INSERT INTO note (list_id, text) VALUES (1, 'no') RETURNING id";
    let answer = store.read(SCREEN, |tx| tx.one(insert, &params![], |row| row.get::<i64>(0)));
    assert_eq!(answer, Err(StoreError::ReadOnly));
    for sql in
        ["PRAGMA query_only = OFF", "  attach database 'other.db' as other", "COMMIT", "vacuum"]
    {
        let answer = store.read(SCREEN, |tx| tx.opt(sql, &params![], |_| Ok(())));
        assert!(matches!(answer, Err(StoreError::Statement { .. })), "{sql}: {answer:?}");
    }
    assert_eq!(count(&store), 0);
}

#[test]
fn a_job_cannot_end_its_own_transaction() {
    let home = Home::new();
    let store = home.open().unwrap();
    for sql in ["COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE job", "PRAGMA synchronous = OFF"] {
        let answer = store.write_blocking(Class::People, move |tx| {
            add(tx, "before")?;
            tx.execute(sql, &params![])
        });
        assert!(matches!(answer, Err(StoreError::Statement { .. })), "{sql}: {answer:?}");
        assert_eq!(count(&store), 0, "{sql}");
    }
    // Hidden behind a comment it gets through to the engine, and then nothing is kept.
    let answer = store.write_blocking(Class::People, |tx| {
        add(tx, "before")?;
        tx.execute("/* */ ROLLBACK", &params![])?;
        add(tx, "after")
    });
    assert!(matches!(answer, Err(StoreError::Statement { .. })), "{answer:?}");
    assert_eq!(count(&store), 0);
}

#[test]
fn one_closure_sees_one_state() {
    let home = Home::new();
    let store = home.open().unwrap();
    let seen = store
        .read(SCREEN, |tx| {
            let look = || tx.one("SELECT count(*) FROM note", &params![], |row| row.get::<i64>(0));
            let before = look()?;
            store.write_blocking(Class::People, |tx| add(tx, "meanwhile"))?;
            Ok::<_, StoreError>((before, look()?))
        })
        .unwrap();
    assert_eq!(seen, (0, 0));
    assert_eq!(count(&store), 1);
}

#[test]
fn a_question_may_be_asked_inside_another() {
    let home = Home::new();
    let store = home.open().unwrap();
    store.write_blocking(Class::People, |tx| add(tx, "one")).unwrap();
    let answer = store.read(SCREEN, |tx| {
        let mut found = Vec::new();
        tx.each("SELECT id FROM note", &params![], |row| {
            let id: i64 = row.get(0)?;
            let text: String =
                tx.one("SELECT text FROM note WHERE id = ?1", &params![id], |row| row.get(0))?;
            found.push((text, count(&store)));
            Ok(())
        })?;
        Ok::<_, StoreError>(found)
    });
    assert_eq!(answer, Ok(vec![("one".to_owned(), 1)]));
}

#[test]
fn a_panic_in_a_read_leaves_no_snapshot_open() {
    let home = Home::new();
    let store = home.open().unwrap();
    let asked = store.clone();
    let outcome = std::thread::spawn(move || {
        asked.read(SCREEN, |tx| -> Result<(), StoreError> {
            tx.one("SELECT count(*) FROM note", &params![], |row| row.get::<i64>(0))?;
            panic!("a fault in a read");
        })
    })
    .join();
    assert!(outcome.is_err());
    assert_eq!(store.status().readers_in_use, 0);
}

#[tokio::test]
async fn slow_reads_are_bounded_in_number_and_time() {
    let home = Home::new();
    let store = home
        .open_with(|options| {
            options.readers = 1;
            options.slow_queue_max = 1;
        })
        .unwrap();
    let (started, begun) = channel();
    let span = Duration::from_millis(300);
    let running = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .read_slow(span, move |tx| {
                    let _ = started.send(());
                    tx.one(RUNAWAY, &params![], |row| row.get::<i64>(0))
                })
                .await
        }
    });
    tokio::task::spawn_blocking(move || begun.recv()).await.unwrap().unwrap();
    let status = store.status();
    assert_eq!(status.readers_in_use, 1);
    assert_eq!(status.snapshot_holder.as_deref(), Some("store-reader-1"));

    let hurried = tokio::spawn({
        let store = store.clone();
        let span = Duration::from_millis(20);
        async move {
            store
                .read_slow(span, |tx| tx.one("SELECT 1", &params![], |row| row.get::<i64>(0)))
                .await
        }
    });
    while store.status().queue_slow_reads == 0 {
        tokio::task::yield_now().await;
    }
    let one = |tx: &ReadTx<'_>| tx.one("SELECT 1", &params![], |row| row.get::<i64>(0));
    let refused = store.read_slow(span, one).await;
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert_eq!(running.await.unwrap(), Err(StoreError::Deadline));
    assert_eq!(hurried.await.unwrap(), Err(StoreError::Deadline), "waiting counts");

    let panicking = store
        .read_slow(span, |_| -> Result<i64, StoreError> { panic!("a fault in a slow read") })
        .await;
    assert_eq!(panicking, Err(StoreError::Panicked));
    assert_eq!(store.read_slow(span, one).await, Ok(1), "the thread lives on");
}

#[test]
fn plans_name_the_index() {
    let home = Home::new();
    let store = home.open().unwrap();
    let plan = store.read(SCREEN, |tx| tx.plan("SELECT id FROM note WHERE text = ?1")).unwrap();
    assert_eq!(plan.len(), 1);
    assert!(plan[0].contains("note_text"), "{plan:?}");
}

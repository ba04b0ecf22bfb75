//! What is timed of the statements that really ran.

use std::time::Duration;

use super::*;
use crate::store::SLOW;

#[test]
fn a_statement_that_ran_into_its_deadline_is_kept_with_its_plan_and_without_values() {
    let home = Home::new();
    let store = home.open().unwrap();
    let asked = store.read(SLOW + Duration::from_millis(50), |tx: &ReadTx<'_>| {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT count(*) FROM n WHERE i <> ?1";
        tx.one(sql, &params!["a secret"], |row| row.get::<i64>(0))
    });
    assert_eq!(asked.unwrap_err(), StoreError::Deadline);
    let slow = store.slow_statements();
    assert_eq!((slow.len(), slow[0].times), (1, 1));
    assert!(slow[0].sql.starts_with("WITH RECURSIVE n(i)") && SLOW <= slow[0].longest);
    assert!(slow[0].plan.iter().any(|step| step.contains("SCAN n")), "{:?}", slow[0].plan);
    assert!(!format!("{slow:?}").contains("secret"));
    // The thread reads on.
    let one = store.read(SCREEN, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
    assert_eq!(one, Ok::<_, StoreError>(1));
}

#[test]
fn reads_and_writes_are_counted_by_their_text_and_what_is_not_named_is_other() {
    let home = Home::new();
    let store = home.open().unwrap();
    let before = store.statement_totals().calls;
    let sql = "UPDATE list SET name = name WHERE id = ?1";
    for _ in 0..3 {
        let job = move |tx: &Tx<'_>| tx.execute(sql, &params![1]).map(drop);
        store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    }
    let costs = store.costliest_statements(1_000);
    let cost = costs.iter().find(|cost| cost.sql == sql).unwrap();
    assert_eq!(cost.calls, 3);
    assert!(cost.longest <= cost.total && Duration::ZERO < cost.longest);
    assert_eq!(store.statement_totals().calls, before + 3);
    let named = |of: &str| {
        let all = store.named_statements();
        all.iter().find(|cost| cost.sql == of).map(|cost| cost.calls)
    };
    assert_eq!((named(sql), named("other")), (Some(0), Some(before + 3)), "none was named then");
    let job = move |tx: &Tx<'_>| tx.execute(sql, &params![1]).map(drop);
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    assert_eq!((named(sql), named("other")), (Some(1), Some(before + 3)));
    store.time_statements(false);
    let job = move |tx: &Tx<'_>| tx.execute(sql, &params![1]).map(drop);
    store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
    assert_eq!(named(sql), Some(1));
}

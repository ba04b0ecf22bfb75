//! What of the database goes into a bundle: how many rows each table has, which schema it is, and
//! which kinds of job fail with which codes. No cell of a record.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::store::{ReadTx, StoreError};

/// For counting all tables; those that are left are told without a number.
const COUNTING_MAX: Duration = Duration::from_secs(3);
/// Failures that are told.
const FAILURES_MAX: i64 = 100;

/// What a database says of itself.
#[derive(Debug)]
pub struct Records {
    /// Schema and rows.
    pub database: Json,
    /// Kinds of job, their states and failures.
    pub jobs: Json,
}

/// What the database behind `tx` says of itself.
///
/// # Errors
/// What the store says.
pub fn of_tx(tx: &ReadTx<'_>) -> Result<Records, StoreError> {
    Ok(Records { database: database(tx)?, jobs: jobs(tx)? })
}

fn database(tx: &ReadTx<'_>) -> Result<Json, StoreError> {
    let schema =
        tx.one("SELECT user_version FROM pragma_user_version", &[], |row| row.get::<i64>(0))?;
    let begun = Instant::now();
    let mut tables = serde_json::Map::new();
    for table in tx.tables()? {
        let rows = match begun.elapsed() < COUNTING_MAX {
            true => json!(tx.one(&format!("SELECT count(*) FROM \"{table}\""), &[], |row| {
                row.get::<i64>(0)
            })?),
            false => Json::Null,
        };
        tables.insert(table, rows);
    }
    Ok(json!({ "schema": schema, "rows": tables }))
}

fn jobs(tx: &ReadTx<'_>) -> Result<Json, StoreError> {
    let sql = "SELECT kind, state, count(*) FROM job GROUP BY kind, state ORDER BY kind, state";
    let counts = tx.all(sql, &[], |row| {
        let (kind, state) = (row.get::<String>(0)?, row.get::<String>(1)?);
        Ok(json!({ "kind": kind, "state": state, "count": row.get::<i64>(2)? }))
    })?;
    // The code alone: a detail may name a file that somebody has sent.
    let sql = "SELECT job.kind, job_attempt.outcome, job_attempt.error_code, \
        job_attempt.started_at, job_attempt.ended_at \
        FROM job_attempt JOIN job ON job.id = job_attempt.job_id \
        WHERE job_attempt.outcome IN ('failed', 'timed_out') \
        ORDER BY job.id DESC, job_attempt.position DESC LIMIT ?1";
    let failures = tx.all(sql, &[FAILURES_MAX.into()], |row| {
        let at =
            |micros: Option<i64>| micros.map(|at| crate::vocab::clock::instant(at).to_string());
        Ok(json!({
            "kind": row.get::<String>(0)?,
            "outcome": row.get::<String>(1)?,
            "code": row.get::<Option<String>>(2)?,
            "started_at": at(row.get(3)?),
            "ended_at": at(row.get(4)?),
        }))
    })?;
    Ok(json!({ "counts": counts, "failures": failures }))
}

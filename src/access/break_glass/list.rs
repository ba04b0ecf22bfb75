//! The list of emergencies: one's own, and for reviewers all, with who it was and whom.

use serde_json::{Value as Json, json};

use super::{BREAK_GLASS, REVIEW_WITHIN};
use crate::access::reach::PATIENT;
use crate::access::users::USER;
use crate::platform::resource::list;
use crate::store::{ReadTx, Row, StoreError, Value};
use crate::vocab::clock::instant;

/// Rows on a page when no `limit` is given.
pub const LIMIT_DEFAULT: usize = 50;
/// The most rows on a page.
pub const LIMIT_MAX: usize = 200;
/// Those that wait for their review are counted up to here.
pub const COUNTED_MAX: i64 = 1_000;

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Whose.
    pub user: Option<i64>,
    /// Of whom.
    pub patient: Option<i64>,
    /// One.
    pub id: Option<i64>,
    /// Whether it was reviewed.
    pub reviewed: Option<bool>,
    /// Open just now only.
    pub open: bool,
}

/// A row of the list.
#[derive(Debug)]
pub struct Line {
    /// Which.
    pub id: i64,
    /// When it was opened, microseconds: what the list is ordered by.
    pub opened_at: i64,
    /// As it is shown.
    pub json: Json,
}

/// At most `most` rows after the place `after`. Those that wait for a review come with the oldest
/// first, because they have waited longest; all others with the newest.
///
/// # Errors
/// What the store says.
pub fn page(
    tx: &ReadTx<'_>,
    narrowed: &Narrowed,
    after: Option<(i64, i64)>,
    (now, most): (i64, usize),
) -> Result<Vec<Line>, StoreError> {
    let (sql, mut params) = statement(narrowed, after.is_some(), now);
    if let Some((opened_at, id)) = after {
        params.extend([opened_at.into(), id.into()]);
    }
    params.push(i64::try_from(most).unwrap_or(i64::MAX).into());
    tx.all(&sql, &params, |row| line(row, now))
}

/// The statement of a page but for its place and length, and its parameters.
#[must_use]
pub fn statement(narrowed: &Narrowed, from_place: bool, now: i64) -> (String, Vec<Value>) {
    let (mut conditions, mut params) = (Vec::new(), Vec::new());
    let wanted = [
        ("glass.user_id", narrowed.user),
        ("glass.patient_id", narrowed.patient),
        ("glass.id", narrowed.id),
    ];
    for (column, value) in wanted {
        if let Some(value) = value {
            params.push(Value::Int(value));
            conditions.push(format!("{column} = ?{}", params.len()));
        }
    }
    match narrowed.reviewed {
        Some(true) => conditions.push("reviewed_at IS NOT NULL".to_owned()),
        Some(false) => conditions.push("reviewed_at IS NULL".to_owned()),
        None => {}
    }
    if narrowed.open {
        params.push(now.into());
        conditions.push(format!("closed_at IS NULL AND ?{} < expires_at", params.len()));
    }
    let (way, beyond) = if narrowed.reviewed == Some(false) { ("ASC", ">") } else { ("DESC", "<") };
    let mut next = params.len() + 1;
    if from_place {
        conditions.push(format!("(opened_at, glass.id) {beyond} (?{next}, ?{})", next + 1));
        next += 2;
    }
    let conditions = match conditions.as_slice() {
        [] => String::new(),
        all => format!(" WHERE {}", all.join(" AND ")),
    };
    let sql = format!(
        "SELECT glass.id, opened_at, expires_at, closed_at, reason, text, \
         reviewed_at, verdict, review_note, glass.version, \
         who.id, who.display_name, who.role, reviewed_by, reviewer.display_name, \
         patient.id, mrn, family, given, prefix, birth_date, sex, \
         (SELECT count(*) FROM encounter_emergency WHERE emergency_id = glass.id) \
         FROM break_glass AS glass CROSS JOIN app_user AS who ON who.id = glass.user_id \
         CROSS JOIN patient ON patient.id = glass.patient_id \
         LEFT JOIN app_user AS reviewer ON reviewer.id = glass.reviewed_by{conditions} \
         ORDER BY opened_at {way}, glass.id {way} LIMIT ?{next}"
    );
    (sql, params)
}

fn line(row: &Row<'_>, now: i64) -> Result<Line, StoreError> {
    let time = |at: Option<i64>| at.map(|at| instant(at).to_string());
    let (id, opened_at) = (row.get::<i64>(0)?, row.get::<i64>(1)?);
    let (expires_at, closed_at) = (row.get::<i64>(2)?, row.get::<Option<i64>>(3)?);
    let reviewed_at = row.get::<Option<i64>>(6)?;
    let reviewer = match row.get::<Option<i64>>(13)? {
        Some(id) => json!({"id": USER.show(id), "display_name": row.get::<Option<String>>(14)?}),
        None => Json::Null,
    };
    let given: Vec<String> = list::split(&row.get::<String>(18)?).collect();
    let json = json!({
        "id": BREAK_GLASS.show(id),
        "user": {
            "id": USER.show(row.get(10)?),
            "display_name": row.get::<String>(11)?,
            "role": row.get::<String>(12)?,
        },
        "patient": {
            "id": PATIENT.show(row.get(15)?),
            "mrn": row.get::<String>(16)?,
            "family": row.get::<String>(17)?,
            "given": given,
            "prefix": row.get::<Option<String>>(19)?,
            "birth_date": row.get::<Option<String>>(20)?,
            "sex": row.get::<String>(21)?,
        },
        "reason": row.get::<String>(4)?,
        "text": row.get::<String>(5)?,
        "opened_at": time(Some(opened_at)),
        "expires_at": time(Some(expires_at)),
        "closed_at": time(closed_at),
        "open": closed_at.is_none() && now < expires_at,
        "reviewed_at": time(reviewed_at),
        "reviewed_by": reviewer,
        "verdict": row.get::<Option<String>>(7)?,
        "review_note": row.get::<Option<String>>(8)?,
        "visits_recorded": row.get::<i64>(22)?,
        "overdue": reviewed_at.is_none() && opened_at + REVIEW_WITHIN < now,
        "version": row.get::<i64>(9)?,
    });
    Ok(Line { id, opened_at, json })
}

/// How many wait for their review, and how many of these too long; counted up to
/// [`COUNTED_MAX`].
///
/// # Errors
/// What the store says.
pub fn waiting(tx: &ReadTx<'_>, now: i64) -> Result<(i64, i64), StoreError> {
    let params = [(now - REVIEW_WITHIN).into(), COUNTED_MAX.into()];
    tx.one(WAITING, &params, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The statement, for the test that reads query plans.
pub const WAITING: &str = "SELECT count(*), coalesce(sum(opened_at < ?1), 0) FROM \
     (SELECT opened_at FROM break_glass WHERE reviewed_at IS NULL ORDER BY opened_at LIMIT ?2)";

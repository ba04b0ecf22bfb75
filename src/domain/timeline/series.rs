//! How measured values went: for each code and unit the latest points, oldest first.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::clock::instant;

/// Points of each series when none are asked for.
pub(super) const POINTS_DEFAULT: usize = 50;
/// The most points of each series.
pub(super) const POINTS_MAX: usize = 1_000;
/// The most codes in one question.
pub(super) const CODES_MAX: usize = 50;

/// Values of observations and of their components; what was entered in error or cancelled is no
/// measurement, and what has no time has no place on a line.
const VALUES: &str = "SELECT code_system, code, code_text, coalesce(unit, unit_code), \
     effective_at, effective_recorded, value_comparator, value_decimal FROM observation \
     WHERE patient_id = ?1 AND effective_at IS NOT NULL AND value_decimal IS NOT NULL \
     AND status NOT IN ('entered_in_error', 'cancelled') \
     AND (?2 IS NULL OR code IN (SELECT value FROM json_each(?2))) \
     ORDER BY effective_at, id";
const COMPONENTS: &str = "SELECT part.code_system, part.code, part.code_text, \
     coalesce(part.unit, part.unit_code), effective_at, effective_recorded, \
     part.value_comparator, part.value_decimal \
     FROM observation JOIN observation_component AS part ON part.observation_id = observation.id \
     WHERE patient_id = ?1 AND effective_at IS NOT NULL AND part.value_decimal IS NOT NULL \
     AND status NOT IN ('entered_in_error', 'cancelled') \
     AND (?2 IS NULL OR part.code IN (SELECT value FROM json_each(?2))) \
     ORDER BY effective_at, observation.id";

/// The statements, for the test that reads query plans.
#[must_use]
pub fn statements() -> [&'static str; 2] {
    [VALUES, COMPONENTS]
}

/// The values of one code in one unit.
#[derive(Debug, Serialize)]
pub(super) struct Series {
    system: Option<String>,
    code: Option<String>,
    title: String,
    unit: Option<String>,
    /// All values, also those that are no points here.
    count: usize,
    last: Option<Last>,
    points: VecDeque<Point>,
}

#[derive(Debug, Clone, Serialize)]
struct Last {
    at: String,
    recorded: Option<String>,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparator: Option<String>,
}

#[derive(Debug, Serialize)]
struct Point {
    #[serde(serialize_with = "as_instant")]
    at: i64,
    value: String,
    /// `<` where the value is only known to lie below.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparator: Option<String>,
    #[serde(skip)]
    recorded: Option<String>,
}

fn as_instant<S: serde::Serializer>(at: &i64, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&instant(*at).to_string())
}

/// System, code (or title, where there is none) and unit.
type Key = (Option<String>, String, Option<String>);

/// The series of `patient` for `codes` (all, if none), each with its latest `points`. Series
/// with the newest values come first.
///
/// # Errors
/// What the store says.
pub(super) fn of(
    tx: &ReadTx<'_>,
    patient: i64,
    codes: &[String],
    points: usize,
) -> Result<Vec<Series>, StoreError> {
    let codes = match codes {
        [] => Value::Null,
        codes => Value::Text(serde_json::to_string(codes).unwrap_or_default()),
    };
    let mut found: HashMap<Key, Series> = HashMap::new();
    for sql in [VALUES, COMPONENTS] {
        tx.each(sql, &[patient.into(), codes.clone()], |row| {
            let (system, code) = (row.get::<Option<String>>(0)?, row.get::<Option<String>>(1)?);
            let (title, unit) = (row.get::<String>(2)?, row.get::<Option<String>>(3)?);
            let name = code.clone().unwrap_or_else(|| title.clone());
            let series = found.entry((system.clone(), name, unit.clone())).or_insert_with(|| {
                let points = VecDeque::new();
                Series { system, code, title: String::new(), unit, count: 0, last: None, points }
            });
            series.title = title;
            series.count += 1;
            series.points.push_back(Point {
                at: row.get(4)?,
                recorded: row.get(5)?,
                comparator: row.get(6)?,
                value: row.get(7)?,
            });
            // Twice as many are kept: a code may be a value here and a component there.
            if 2 * points < series.points.len() {
                series.points.pop_front();
            }
            Ok(())
        })?;
    }
    let mut all: Vec<Series> = found.into_values().collect();
    for series in &mut all {
        settle(series, points);
    }
    all.sort_by(|one, other| {
        let newest = |it: &Series| it.points.back().map(|point| point.at);
        newest(other).cmp(&newest(one)).then_with(|| one.title.cmp(&other.title))
    });
    Ok(all)
}

/// Oldest first, the latest `most` of them.
fn settle(series: &mut Series, most: usize) {
    series.points.make_contiguous().sort_by_key(|point| point.at);
    while most < series.points.len() {
        series.points.pop_front();
    }
    series.last = series.points.back().map(|point| Last {
        at: instant(point.at).to_string(),
        recorded: point.recorded.clone(),
        value: point.value.clone(),
        comparator: point.comparator.clone(),
    });
}

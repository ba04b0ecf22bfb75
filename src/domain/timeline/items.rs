//! One page of a timeline: each source by its index, merged.

use std::collections::HashMap;

use serde::Serialize;

use super::sources::{SAID, SOURCES, Said, Source, detail, measured};
use crate::domain::encounters::ENCOUNTER;
use crate::domain::observations::OBSERVATION;
use crate::domain::patients::PATIENT;
use crate::platform::resource::cursor::{Cursor, Scope};
use crate::store::{ReadTx, Row, StoreError, Value};
use crate::vocab::actor::Actor;
use crate::vocab::clock::instant;

/// Components of an observation that its detail names.
const COMPONENTS_MAX: usize = 6;

/// LOINC of the two pressures of blood.
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// What is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) patient: i64,
    pub(super) sources: Vec<&'static Source>,
    pub(super) after: Option<Cursor>,
    pub(super) limit: usize,
    /// Whether the viewer may read records.
    pub(super) clinical: bool,
}

/// One entry.
#[derive(Debug)]
pub(super) struct Item {
    source: usize,
    id: i64,
    at: Option<i64>,
    recorded: Option<String>,
    /// The setting of a visit.
    class: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    status: String,
    encounter: Option<i64>,
}

#[derive(Serialize)]
struct View<'a> {
    kind: &'static str,
    id: String,
    at: Option<String>,
    recorded: Option<&'a str>,
    class: Option<&'a str>,
    title: Option<&'a str>,
    detail: Option<&'a str>,
    status: &'a str,
    encounter_id: Option<String>,
}

impl Item {
    /// The entry as JSON.
    pub(super) fn json(&self) -> Vec<u8> {
        let kind = SOURCES[self.source].resource.kind;
        let view = View {
            kind: kind.name,
            id: kind.show(self.id),
            at: self.at.map(|at| instant(at).to_string()),
            recorded: self.recorded.as_deref(),
            class: self.class.as_deref(),
            title: self.title.as_deref(),
            detail: self.detail.as_deref(),
            status: &self.status,
            encounter_id: self.encounter.map(|id| ENCOUNTER.show(id)),
        };
        serde_json::to_vec(&view).unwrap_or_default()
    }
}

impl Asked {
    /// What a cursor of this timeline is good for.
    pub(super) fn scope(&self, viewer: &Actor) -> Scope {
        let patient = PATIENT.show(self.patient);
        let kinds = self.sources.iter().map(|source| ("kind", source.resource.kind.name));
        let filters: Vec<_> = kinds.chain([("patient_id", patient.as_str())]).collect();
        Scope::new("timeline", viewer, "newest", &filters)
    }
}

/// The entries of a page and where the next one starts.
type Page = (Vec<Item>, Option<Cursor>);

/// One page and where the next one starts.
///
/// # Errors
/// What the store says.
pub(super) fn page(tx: &ReadTx<'_>, asked: &Asked) -> Result<Page, StoreError> {
    let (mut timed, untimed) = start(asked);
    let mut items = Vec::new();
    if let Some((at, id)) = timed.take() {
        for source in &asked.sources {
            let params = [asked.patient.into(), at.into(), id.into(), most(asked)];
            let found = tx.all(&source.timed(), &params, |row| item(source, asked, row))?;
            items.extend(found);
        }
        items.sort_by_key(|item| std::cmp::Reverse((item.at, item.id)));
    }
    if items.len() <= asked.limit {
        let mut rest = Vec::new();
        for source in &asked.sources {
            let params = [asked.patient.into(), untimed.into(), most(asked)];
            rest.extend(tx.all(&source.untimed(), &params, |row| item(source, asked, row))?);
        }
        rest.sort_by_key(|item| std::cmp::Reverse(item.id));
        items.extend(rest);
    }
    let more = asked.limit < items.len();
    items.truncate(asked.limit);
    name_components(tx, &mut items)?;
    let last = items.last().filter(|_| more);
    let next = last.map(|item| Cursor {
        id: item.id,
        value: item.at.map_or(Value::Null, Value::Int),
        backwards: false,
    });
    Ok((items, next))
}

type Place = (i64, i64);

/// Where the timed entries go on, unless they are through, and below which identity those
/// without a time do.
fn start(asked: &Asked) -> (Option<Place>, i64) {
    match &asked.after {
        None => (Some((i64::MAX, i64::MAX)), i64::MAX),
        Some(Cursor { value: Value::Int(at), id, .. }) => (Some((*at, *id)), i64::MAX),
        Some(Cursor { id, .. }) => (None, *id),
    }
}

/// One more than asked for, to know whether there is a next page.
fn most(asked: &Asked) -> Value {
    Value::Int(i64::try_from(asked.limit + 1).unwrap_or(i64::MAX))
}

impl Source {
    /// Entries with a time that come after `(?2, ?3)`, newest first.
    fn timed(&self) -> String {
        let (select, time) = (self.select(), self.time);
        format!("{select} AND ({time}_at, id) < (?2, ?3) ORDER BY {time}_at DESC, id DESC LIMIT ?4")
    }

    /// Entries without a time that come after `?2`.
    fn untimed(&self) -> String {
        let (select, time) = (self.select(), self.time);
        format!("{select} AND {time}_at IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3")
    }

    fn select(&self) -> String {
        let Self { resource, time, encounter, said, .. } = self;
        format!(
            "SELECT id, {time}_at, {time}_recorded, status, {encounter}, {} FROM {} \
             WHERE patient_id = ?1",
            said.join(", "),
            resource.table
        )
    }
}

/// Every statement of a timeline, for the test that reads query plans.
#[must_use]
pub fn statements() -> Vec<String> {
    SOURCES.iter().flat_map(|source| [source.timed(), source.untimed()]).collect()
}

fn item(source: &'static Source, asked: &Asked, row: &Row<'_>) -> Result<Item, StoreError> {
    let mut said = Said::default();
    for (place, text) in said.iter_mut().enumerate().take(SAID) {
        *text = row.get(5 + place)?;
    }
    let (title, detail) = (source.tell)(&said, asked.clinical);
    let is_visit = source.resource.kind == ENCOUNTER;
    let number = SOURCES.iter().position(|it| std::ptr::eq(it, source)).unwrap_or_default();
    Ok(Item {
        source: number,
        id: row.get(0)?,
        at: row.get(1)?,
        recorded: row.get(2)?,
        class: said[0].take().filter(|_| is_visit),
        title,
        detail,
        status: row.get(3)?,
        encounter: row.get(4)?,
    })
}

/// An observation without a value of its own is told by its components.
fn name_components(tx: &ReadTx<'_>, items: &mut [Item]) -> Result<(), StoreError> {
    let bare =
        |item: &Item| item.detail.is_none() && SOURCES[item.source].resource.kind == OBSERVATION;
    let ids: Vec<i64> = items.iter().filter(|item| bare(item)).map(|item| item.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "SELECT observation_id, code_text, value_comparator, value_decimal, \
        coalesce(unit, unit_code), coalesce(value_text, value_code), code \
        FROM observation_component \
        WHERE observation_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) \
        ORDER BY observation_id, position";
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let mut told: HashMap<i64, Vec<Part>> = HashMap::new();
    tx.each(sql, &[ids.into()], |row| {
        let text = |place: usize| row.get::<Option<String>>(place);
        let (comparator, decimal, unit) = (text(2)?, text(3)?, text(4)?);
        let number = measured(comparator.as_deref(), decimal.as_deref(), unit.as_deref());
        let value = number.or(text(5)?).unwrap_or_default();
        let line = format!("{} {value}", row.get::<String>(1)?).trim_end().to_owned();
        // `<60` is no plain number.
        let digits = decimal.filter(|_| comparator.is_none());
        let part = Part { code: text(6)?, digits, unit, line };
        told.entry(row.get(0)?).or_default().push(part);
        Ok(())
    })?;
    for item in items.iter_mut().filter(|item| bare(item)) {
        let Some(lines) = told.get(&item.id) else { continue };
        item.detail = detail(&pressure(lines).unwrap_or_else(|| listed(lines)));
    }
    Ok(())
}

/// A component as it is told.
struct Part {
    code: Option<String>,
    digits: Option<String>,
    unit: Option<String>,
    line: String,
}

fn listed(parts: &[Part]) -> String {
    let shown = parts.len().min(COMPONENTS_MAX);
    let rest = if shown < parts.len() { ", …" } else { "" };
    let lines: Vec<&str> = parts[..shown].iter().map(|part| part.line.as_str()).collect();
    format!("{}{rest}", lines.join(", "))
}

/// The two pressures of blood as everybody writes them: `110/90 mmHg`.
fn pressure(parts: &[Part]) -> Option<String> {
    let of = |code: &str| parts.iter().find(|part| part.code.as_deref() == Some(code));
    let (systolic, diastolic) = (of(SYSTOLIC)?, of(DIASTOLIC)?);
    let unit = systolic.unit.as_deref().filter(|unit| ["mm[Hg]", "mmHg"].contains(unit))?;
    if parts.len() != 2 || diastolic.unit.as_deref() != Some(unit) {
        return None;
    }
    let digits = (systolic.digits.as_deref()?, diastolic.digits.as_deref()?);
    Some(format!("{}/{} mmHg", digits.0, digits.1))
}

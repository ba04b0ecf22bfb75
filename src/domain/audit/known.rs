//! What rows of the audit only refer to, looked up for a page at once: who patients are, what
//! accounts, roles and the like are called, and why somebody broke the glass. Rows stay as they
//! were written.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use crate::access::break_glass::BREAK_GLASS;
use crate::access::roles::ROLE;
use crate::access::tokens::API_TOKEN;
use crate::access::users::{DEPARTMENT, FACILITY, USER};
use crate::domain::patients::PATIENTS;
use crate::platform::ledger::AuditRow;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Reach};
use crate::vocab::id::Kind;

/// Before the id in the reason of rows under broken glass (`access::reach`).
const BROKE: &str = "break-glass ";
/// The act of breaking it.
const OPENED: &str = "break_glass.open";

/// What has a name that says which it is: none of them is a patient.
const NAMED: [(Kind, &str); 5] = [
    (
        USER,
        "SELECT id, display_name || ' (' || username || ')' FROM app_user \
         WHERE id IN (SELECT value FROM json_each(?1))",
    ),
    (ROLE, "SELECT id, name FROM role WHERE id IN (SELECT value FROM json_each(?1))"),
    (FACILITY, "SELECT id, name FROM facility WHERE id IN (SELECT value FROM json_each(?1))"),
    (DEPARTMENT, "SELECT id, name FROM department WHERE id IN (SELECT value FROM json_each(?1))"),
    (
        API_TOKEN,
        "SELECT api_token.id, api_token.name || ' (' || app_user.username || ')' \
         FROM api_token JOIN app_user ON app_user.id = api_token.user_id \
         WHERE api_token.id IN (SELECT value FROM json_each(?1))",
    ),
];

/// Who a patient is, for those who may know.
#[derive(Debug, Clone)]
pub(super) struct Who {
    mrn: String,
    family: String,
    given: String,
    birth_date: Option<String>,
}

impl Who {
    pub(super) fn json(&self) -> Json {
        let Self { mrn, family, given, birth_date } = self;
        json!({"mrn": mrn, "family": family, "given": given, "birth_date": birth_date})
    }
}

/// Why somebody broke the glass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Emergency {
    /// The word that was chosen.
    pub(super) reason: String,
    /// What was typed.
    pub(super) text: String,
}

impl Emergency {
    pub(super) fn json(&self) -> Json {
        json!({"reason": self.reason, "text": self.text})
    }
}

/// Whether `viewer` may know who patients are, whoever they are.
pub(super) fn may_know(viewer: &Actor) -> bool {
    viewer.may(PATIENTS.read) && *viewer.reach() == Reach::Everybody
}

/// Under which broken glass `row` was done, or which it tells of.
pub(super) fn broken_glass(row: &AuditRow) -> Option<i64> {
    if row.act == OPENED && row.subject_kind == BREAK_GLASS.name {
        return row.subject_id;
    }
    let said = row.reason.as_deref()?.strip_prefix(BROKE)?;
    BREAK_GLASS.parse(said.split(' ').next()?)
}

/// What a page of rows refers to.
#[derive(Debug, Default)]
pub(super) struct Known {
    patients: HashMap<i64, Who>,
    names: HashMap<(&'static str, i64), String>,
    emergencies: HashMap<i64, Emergency>,
}

impl Known {
    /// Of `rows`; who patients are only if the viewer `may_know`.
    pub(super) fn of(
        tx: &ReadTx<'_>,
        rows: &[AuditRow],
        may_know: bool,
    ) -> Result<Self, StoreError> {
        let patients = rows.iter().filter(|_| may_know).filter_map(|row| row.patient_id);
        let mut names = HashMap::new();
        for (kind, sql) in &NAMED {
            let such = rows.iter().filter(|row| row.subject_kind == kind.name);
            let Some(ids) = listed(such.filter_map(|row| row.subject_id)) else { continue };
            let found = tx.all(sql, &[ids.into()], |row| {
                Ok(((kind.name, row.get::<i64>(0)?), row.get::<String>(1)?))
            })?;
            names.extend(found);
        }
        Ok(Self {
            patients: people(tx, patients)?,
            names,
            emergencies: emergencies(tx, rows.iter().filter_map(broken_glass))?,
        })
    }

    /// Who the patient of `row` is.
    pub(super) fn patient(&self, row: &AuditRow) -> Option<&Who> {
        row.patient_id.and_then(|id| self.patients.get(&id))
    }

    /// What the subject of `row` is called.
    pub(super) fn subject(&self, row: &AuditRow) -> Option<&str> {
        let (kind, _) = NAMED.iter().find(|(kind, _)| kind.name == row.subject_kind)?;
        self.names.get(&(kind.name, row.subject_id?)).map(String::as_str)
    }

    /// Why the glass was broken under which `row` was done.
    pub(super) fn emergency(&self, row: &AuditRow) -> Option<&Emergency> {
        self.emergencies.get(&broken_glass(row)?)
    }
}

/// Each of `ids` once, as one parameter; nothing if there is none.
fn listed(ids: impl Iterator<Item = i64>) -> Option<String> {
    let ids: BTreeSet<i64> = ids.collect();
    if ids.is_empty() { None } else { serde_json::to_string(&ids).ok() }
}

/// Who the patients with these ids are.
pub(super) fn people(
    tx: &ReadTx<'_>,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Who>, StoreError> {
    let sql = "SELECT id, mrn, family, given, birth_date FROM patient \
        WHERE id IN (SELECT value FROM json_each(?1))";
    let Some(ids) = listed(ids) else { return Ok(HashMap::new()) };
    let rows = tx.all(sql, &[ids.into()], |row| {
        let who = Who {
            mrn: row.get(1)?,
            family: row.get(2)?,
            given: row.get(3)?,
            birth_date: row.get(4)?,
        };
        Ok((row.get::<i64>(0)?, who))
    })?;
    Ok(rows.into_iter().collect())
}

/// Why the glass was broken, by the ids of these times.
pub(super) fn emergencies(
    tx: &ReadTx<'_>,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Emergency>, StoreError> {
    let sql = "SELECT id, reason, text FROM break_glass \
        WHERE id IN (SELECT value FROM json_each(?1))";
    let Some(ids) = listed(ids) else { return Ok(HashMap::new()) };
    let rows = tx.all(sql, &[ids.into()], |row| {
        let why = Emergency { reason: row.get(1)?, text: row.get(2)? };
        Ok((row.get::<i64>(0)?, why))
    })?;
    Ok(rows.into_iter().collect())
}

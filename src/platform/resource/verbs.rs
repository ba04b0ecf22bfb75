//! The verbs that every kind of record has: create, amend, and "entered in error" in place of
//! deletion.

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::form::Form;
use super::rules::Check;
use super::select::{self, One};
use super::{Holds, Occasion, Resource, Subject, history, render, write};
use crate::platform::ledger::{RecordError, Touch, Work};
use crate::store::StoreError;
use crate::vocab::actor::Actor;
use crate::vocab::problem::Findings;

/// The status of a record that should not have been made.
pub const ENTERED_IN_ERROR: &str = "entered_in_error";

/// Makes a record of `body` and gives its identity.
///
/// # Errors
/// Every refused value; a number that is taken; what the store says.
pub fn create(
    work: &Work<'_>,
    resource: &'static Resource,
    body: &Map<String, Json>,
) -> Result<i64, RecordError> {
    let form = read((&work.call().actor, work.zone()), resource, body)?;
    create_form(work, resource, form)
}

/// The form that `actor` sends with `body` to make a record in a hospital of this `zone`. It
/// needs no transaction.
///
/// # Errors
/// Every refused value.
pub fn read(
    (actor, zone): (&Actor, &TimeZone),
    resource: &'static Resource,
    body: &Map<String, Json>,
) -> Result<Form, RecordError> {
    check_sent(actor, resource, body)?;
    Ok(Form::read(resource, body, zone)?)
}

/// Refuses of what `actor` sends to amend a record all that is wrong whatever the record is:
/// unknown fields and values of the wrong type. It needs no transaction.
///
/// # Errors
/// Every refused value.
pub fn read_patch(
    actor: &Actor,
    resource: &'static Resource,
    patch: &Map<String, Json>,
) -> Result<(), RecordError> {
    check_sent(actor, resource, patch)?;
    Ok(Form::check_patch(resource, patch)?)
}

/// The same from a form that is checked already.
///
/// # Errors
/// What the room's rules say; a number that is taken; what the store says.
pub fn create_form(
    work: &Work<'_>,
    resource: &'static Resource,
    mut form: Form,
) -> Result<i64, RecordError> {
    let id = work.new_id();
    (resource.prepare)(work, &mut form, Occasion::Create(id))?;
    let patient = patient_of(resource, id, &form);
    if let Some(patient) = patient {
        work.admit(patient)?;
    }
    write::insert(work.tx(), resource, id, &form, work.now())
        .map_err(|cause| refusal(resource, cause))?;
    work.touched(Touch { kind: resource.kind, id, patient, event: "created" });
    Ok(id)
}

/// Changes the fields of `patch` in the record `id`, which must still have `version` if one is
/// given. What it was before is kept in its history.
///
/// # Errors
/// No such record; another version; entered in error; every refused value.
pub fn amend(
    work: &Work<'_>,
    resource: &'static Resource,
    (id, version): (i64, Option<i64>),
    patch: &Map<String, Json>,
) -> Result<One, RecordError> {
    check_sent(&work.call().actor, resource, patch)?;
    let before = current(work, resource, (id, version))?;
    let current = render::parse(&before.body, resource.kind)?;
    if current.get("status").and_then(Json::as_str) == Some(ENTERED_IN_ERROR) {
        return Err(RecordError::EnteredInError(resource.kind.name));
    }
    let patient = current.get("patient_id").cloned();
    let body = write::merge(resource, current, patch);
    if patient.is_some() && body.get("patient_id") != patient.as_ref() {
        let mend =
            "A record stays with its patient. Mark it as entered in error and record it anew.";
        return Err(RecordError::field("patient_id", mend));
    }
    let mut form = Form::read(resource, &body, work.zone())?;
    (resource.prepare)(work, &mut form, Occasion::Amend(id))?;
    replace(work, resource, id, &before, |work| {
        write::update(work.tx(), resource, id, &form, work.now())
            .map_err(|cause| refusal(resource, cause))?;
        let patient = patient_of(resource, id, &form);
        work.touched(Touch { kind: resource.kind, id, patient, event: "amended" });
        Ok(())
    })
}

/// Marks the record `id` as one that should not have been made. It stays readable.
///
/// # Errors
/// No such record; another version; already marked.
pub fn mark_entered_in_error(
    work: &Work<'_>,
    resource: &'static Resource,
    (id, version): (i64, Option<i64>),
    reason: &str,
) -> Result<One, RecordError> {
    let before = current(work, resource, (id, version))?;
    let current = render::parse(&before.body, resource.kind)?;
    if current.get("status").and_then(Json::as_str) == Some(ENTERED_IN_ERROR) {
        return Err(RecordError::EnteredInError(resource.kind.name));
    }
    let patient = resource.column("patient_id").and_then(|column| match column.holds {
        Holds::Id(kind) => kind.parse(current.get("patient_id")?.as_str()?),
        _ => None,
    });
    replace(work, resource, id, &before, |work| {
        let sql = format!(
            "UPDATE {} SET status = 'entered_in_error', error_reason = ?2, \
             version = version + 1, updated_at = ?3 WHERE id = ?1",
            resource.table
        );
        work.tx().execute(&sql, &[id.into(), reason.into(), work.now().into()])?;
        work.touched(Touch { kind: resource.kind, id, patient, event: "entered_in_error" });
        Ok(())
    })
}

/// Refuses what this caller cannot send, whatever its value.
fn check_sent(
    actor: &Actor,
    resource: &Resource,
    body: &Map<String, Json>,
) -> Result<(), RecordError> {
    let mut findings = Findings::new();
    for column in resource.columns.iter().filter(|column| body.contains_key(column.name)) {
        if let Some(permission) = column.needs.filter(|it| !actor.may(it)) {
            findings.add(column.name, format!("Your role does not include {permission}."));
        }
    }
    let status = body.get("status").and_then(Json::as_str);
    let mend = "Use the action entered-in-error, which asks for the reason.";
    findings.check(status != Some(ENTERED_IN_ERROR), "status", mend);
    findings.verdict()?;
    Ok(())
}

/// The record as it is now, if it has the expected version.
fn current(
    work: &Work<'_>,
    resource: &'static Resource,
    (id, version): (i64, Option<i64>),
) -> Result<One, RecordError> {
    let kind = resource.kind.name;
    let one = select::whole(work.tx(), resource, id)?.ok_or(RecordError::NotFound(kind))?;
    // First of all: how a record stands is not told to those who may not see it.
    if let Some(patient) = select::owner(work.tx(), resource, id)? {
        work.admit(patient)?;
    }
    if version.is_some_and(|version| version != one.version) {
        return Err(RecordError::Stale(kind));
    }
    Ok(one)
}

fn replace(
    work: &Work<'_>,
    resource: &'static Resource,
    id: i64,
    before: &One,
    change: impl FnOnce(&Work<'_>) -> Result<(), RecordError>,
) -> Result<One, RecordError> {
    let by = work.call().actor.user_id();
    history::keep(work.tx(), resource, (id, before.version), &before.body, (work.now(), by))?;
    change(work)?;
    let after = select::one(work.tx(), resource, id, &work.call().actor)?;
    after.ok_or(RecordError::NotFound(resource.kind.name))
}

/// The patient that a form belongs to.
fn patient_of(resource: &Resource, id: i64, form: &Form) -> Option<i64> {
    match resource.subject {
        Subject::Patient => Some(id),
        Subject::OfPatient => form.int("patient_id"),
        Subject::House => None,
    }
}

/// What the indexes and references of the store refuse is the caller's to mend. An index is
/// named for its table and, where it holds one, its column.
fn refusal(resource: &Resource, cause: StoreError) -> RecordError {
    let index = match cause {
        StoreError::ForeignKey => {
            let field = format!("{}.*_id", resource.kind.name);
            let mend = "One of the ids names a record that does not exist.";
            return RecordError::field(field, mend);
        }
        StoreError::Unique { index } => index,
        other => return RecordError::Store(other),
    };
    if let Some(child) = resource.children.iter().find(|child| index.starts_with(child.table)) {
        let message = format!(
            "One of the {} is given twice, or belongs to another {} already.",
            child.name, resource.kind.name
        );
        return RecordError::Taken { field: child.name.to_owned(), message };
    }
    let stem = index.strip_prefix(resource.table).unwrap_or(&index);
    let field = stem.trim_start_matches(['_', '.']).to_owned();
    let message = format!("This value belongs to another {} already.", resource.kind.name);
    RecordError::Taken { field, message }
}

/// Refuses ids in `form` that name no record, each by its field: a plain foreign key only says
/// that one of them is wrong.
///
/// # Errors
/// Every field whose record does not exist.
pub fn check_references(
    work: &Work<'_>,
    form: &Form,
    references: &[(&'static str, &'static Resource)],
) -> Result<(), RecordError> {
    let mut check = Check::new(work, form);
    for (field, target) in references {
        check.reference(field, target)?;
    }
    check.verdict()
}

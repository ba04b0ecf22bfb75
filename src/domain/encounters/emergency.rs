//! Visits that are placed under broken glass: whoever broke it gets no reach by what they did then.
//!
//! Owns `encounter_emergency`. A visit bears the emergency under which it was made, moved, opened
//! or ended; other changes say nothing of where the patient lies. Only who may see the patient
//! anyway takes the marks away, by placing the visit anew.

use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::Occasion;
use crate::platform::resource::form::Form;
use crate::store::Value;

/// Where a visit takes place.
const PLACE: [&str; 2] = ["facility_id", "department_id"];
/// Whether it goes on.
const COURSE: [&str; 2] = ["status", "ended_at"];

/// Notes under which emergency the visit of `form` is placed, if it is.
///
/// # Errors
/// The patient is out of reach; what the store says.
pub(super) fn note(work: &Work<'_>, form: &Form, occasion: Occasion) -> Result<(), RecordError> {
    let Some(patient) = form.int("patient_id") else { return Ok(()) };
    let emergency = work.emergency(patient)?;
    let (id, moved, goes) = match occasion {
        Occasion::Create(id) => (id, true, true),
        Occasion::Amend(id) => {
            (id, differs(work, form, id, &PLACE)?, differs(work, form, id, &COURSE)?)
        }
    };
    match emergency {
        Some(emergency) if moved || goes => {
            // The visit itself is written afterwards.
            let sql = "INSERT INTO encounter_emergency (encounter_id, emergency_id) \
                VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            work.tx().execute(sql, &[id.into(), emergency.into()])?;
        }
        None if moved => {
            let sql = "DELETE FROM encounter_emergency WHERE encounter_id = ?1";
            work.tx().execute(sql, &[id.into()])?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether `form` has another value in one of `columns` than the visit `id`.
fn differs(
    work: &Work<'_>,
    form: &Form,
    id: i64,
    columns: &[&str; 2],
) -> Result<bool, RecordError> {
    let [one, two] = columns;
    let sql = format!("SELECT {one}, {two} FROM encounter WHERE id = ?1");
    let before = work
        .tx()
        .opt(&sql, &[id.into()], |row| Ok([row.value(0).to_value(), row.value(1).to_value()]))?;
    let now = columns.map(|name| form.get(name).cloned().unwrap_or(Value::Null));
    Ok(before.is_some_and(|before| before != now))
}

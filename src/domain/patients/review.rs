//! The review of allergies: somebody asked, and there are none known.

use super::PATIENTS;
use crate::platform::resource::history;
use crate::platform::resource::select::One;
use crate::store::{StoreError, Tx};

/// Notes at `now` (microseconds) that `by` asked the patient `id`, whose record is `before`, and
/// that none are known, or takes such a note back. What it was is kept.
///
/// # Errors
/// What the store says.
pub fn note(
    tx: &Tx<'_>,
    (id, before): (i64, &One),
    none_known: bool,
    (now, by): (i64, Option<i64>),
) -> Result<(), StoreError> {
    history::keep(tx, &PATIENTS, (id, before.version), &before.body, (now, by))?;
    let (at, who) = if none_known { (Some(now), by) } else { (None, None) };
    let sql = "UPDATE patient SET allergies_reviewed_at = ?2, allergies_reviewed_by = ?3, \
        version = version + 1, updated_at = ?4 WHERE id = ?1";
    tx.execute(sql, &[id.into(), at.into(), who.into(), now.into()])?;
    Ok(())
}

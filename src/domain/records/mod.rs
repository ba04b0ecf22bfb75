//! What stays with a patient from visit to visit: problems, allergies, procedures,
//! immunizations.
//!
//! Owns `condition`, `allergy`, `procedure`, `immunization`. Nothing is deleted: what was wrong
//! is entered in error. An entry that names no encounter belongs to none. Where a source says
//! that it does not know when something was recorded, it says so with an explicit NULL
//! ([`stamp`]). Permissions: `records.read`, `records.write`.
mod allergies;
mod api;
mod conditions;
mod immunizations;
mod procedures;

pub use allergies::{ALLERGIES, ALLERGY};
pub use api::{describe, mount};
pub use conditions::{CONDITION, CONDITIONS};
pub use immunizations::{IMMUNIZATION, IMMUNIZATIONS};
pub use procedures::{PROCEDURE, PROCEDURES};

use crate::platform::ledger::Work;
use crate::platform::resource::Occasion;
use crate::platform::resource::form::Form;
use crate::store::Value;
use crate::vocab::clock::instant;

/// What a new entry says of when it was written down, unless it speaks of that itself: now.
/// `at` and `recorded` are the two columns of that time.
pub fn stamp(
    work: &Work<'_>,
    form: &mut Form,
    occasion: Occasion,
    (at, recorded): (&'static str, &'static str),
) {
    if matches!(occasion, Occasion::Create(_)) && !form.mentions(recorded) {
        form.set(at, Value::Int(work.now()));
        form.set(recorded, instant(work.now()).to_string());
    }
}

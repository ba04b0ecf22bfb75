//! Why somebody sees the record of one patient, or does not: the facts of
//! [`crate::access::reach`], each with what it came to.

use serde::Serialize;

use super::{Step, account, role};
use crate::access::reach::{self, Facts, PATIENTS_READ};
use crate::access::standing;
use crate::access::users::USER;
use crate::platform::ledger::Standing;
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::Reach;

/// What the answer may be, from all of the record to nothing of it.
pub const SEES: [&str; 5] = ["record", "emergency", "name", "number", "nothing"];

/// What somebody sees of a patient, and why.
#[derive(Debug, Serialize)]
pub struct Sees {
    user_id: String,
    display_name: String,
    /// One of [`SEES`].
    sees: &'static str,
    steps: Vec<Step>,
}

/// What the account `user` sees of `patient` at `now` (microseconds); nothing if either is not
/// there.
///
/// # Errors
/// What the store says.
pub fn sees(
    tx: &ReadTx<'_>,
    (user, patient): (i64, i64),
    now: i64,
) -> Result<Option<Sees>, StoreError> {
    let Some(standing) = standing::of(tx, user)? else { return Ok(None) };
    let actor = standing.actor(None);
    let Some(facts) = reach::facts(tx, &actor, now, patient)? else { return Ok(None) };
    let reads = actor.may(PATIENTS_READ);
    let sees = match reach::decide(actor.reach(), &facts) {
        _ if !standing.active || !reads => "nothing",
        Standing::Open => "record",
        Standing::Emergency(_) => "emergency",
        Standing::Named => "name",
        // Whoever has the wristband or card in hand is told whose it is.
        Standing::Hidden => "number",
    };
    let mut steps = vec![account(&standing), role(&standing)];
    steps.push(match reads {
        true => step("permission", true, "held", "The role includes seeing patients."),
        false => step("permission", false, "not_held", "The role does not include patients.read."),
    });
    steps.extend(ways(actor.reach(), &facts));
    let display_name = standing.name;
    Ok(Some(Sees { user_id: USER.show(user), display_name, sees, steps }))
}

/// What may open the record, and whether it does.
fn ways(reach: &Reach, facts: &Facts) -> Vec<Step> {
    let mut all = Vec::new();
    if facts.confidential {
        let told = "The record is confidential: only its care team sees it.";
        all.push(step("confidential", false, "confidential", told));
    }
    let open = !facts.confidential;
    let (within, code, told) = match (reach, facts.at_facility) {
        (Reach::Everybody, _) => (true, "everybody", "They reach every patient."),
        (Reach::Facility, true) => (true, "at_facility", "The patient is one of their facility."),
        (Reach::Facility, false) => {
            (false, "not_at_facility", "The patient has never been at their facility.")
        }
        (Reach::Departments(_), true) => {
            (true, "in_departments", "The patient has a visit in one of their departments.")
        }
        (Reach::Departments(_), false) => {
            (false, "not_in_departments", "The patient has no visit in any of their departments.")
        }
    };
    all.push(step("reach", within && open, code, told));
    if facts.registered {
        let told = "They registered the patient less than a day ago.";
        all.push(step("registered", open, "registered", told));
    }
    all.push(match facts.care_team {
        true => step("care_team", true, "member", "They are in the care team."),
        false => step("care_team", false, "not_member", "They are not in the care team."),
    });
    all.push(match facts.emergency {
        Some(_) => step("emergency", true, "open", "They opened the record in an emergency."),
        None => step("emergency", false, "none", "No emergency access of theirs is open."),
    });
    all
}

fn step(step: &'static str, passes: bool, code: &'static str, told: &str) -> Step {
    Step { step, passes, code, detail: told.to_owned() }
}

//! Who sees which patient: the rule, and the facts that it goes by.
//!
//! [`decide`] is the whole rule, over facts alone. [`Reaching`] finds the facts in the
//! transaction of whoever asks, and is what the desk asks about every read and every change:
//! nothing is kept from one request to the next, so that a changed department, an ended
//! membership and a closed emergency hold at once. A record that is confidential is its care
//! team's, whatever the reach of a role, also for those who administer the house.
//!
//! How far a role reaches where a site has no departments, or somebody no site, is settled with
//! the account ([`super::standing`]).

use std::collections::HashMap;

use crate::access::break_glass::BREAK_GLASS;
use crate::platform::ledger::{Emergency, OutOfReach, Standing, Warden};
use crate::store::{ReadTx, StoreError, Value};
use crate::vocab::actor::{Actor, Reach};
use crate::vocab::id::Kind;

/// Patients; the room `domain::patients` owns their table.
pub const PATIENT: Kind = Kind::new("patient", "pat");
/// The permission to see patients; their room declares it too.
pub const PATIENTS_READ: &str = "patients.read";
/// The permission to mark records as confidential and to say who is in their care teams.
pub const CONFIDENTIAL: &str = "patients.confidential";
/// The permission to open a record out of reach in an emergency.
pub const BREAK_GLASS_USE: &str = "break_glass.use";

/// How long whoever registered somebody sees them, microseconds: a day, also over midnight.
pub const REGISTERED_FOR: i64 = 24 * 3_600 * 1_000_000;
/// How many days after its end a visit still counts, unless the hospital says otherwise.
pub const DAYS_AFTER: i64 = 30;
/// What that number may be.
pub const DAYS_AFTER_BOUNDS: std::ops::RangeInclusive<i64> = 0..=365;
/// The setting with that number of days.
pub const DAYS_AFTER_SETTING: &str = "days_after_visit";

/// What is known of somebody and one patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The record is for the care team only.
    pub confidential: bool,
    /// They look after the marks of confidentiality.
    pub administers: bool,
    /// The patient belongs to their site, or has had a visit there.
    pub at_facility: bool,
    /// The patient has a visit in one of their departments that is open, or ended lately.
    pub in_departments: bool,
    /// They registered the patient, less than [`REGISTERED_FOR`] ago.
    pub registered: bool,
    /// They are in the patient's care team just now.
    pub care_team: bool,
    /// They broke the glass and it is open.
    pub emergency: Option<Emergency>,
}

/// What somebody with this `reach` may see of a patient.
#[must_use]
pub fn decide(reach: &Reach, facts: &Facts) -> Standing {
    let within = match reach {
        Reach::Everybody => true,
        Reach::Facility => facts.at_facility,
        Reach::Departments(_) => facts.in_departments,
    };
    if facts.care_team || (!facts.confidential && (within || facts.registered)) {
        return Standing::Open;
    }
    match &facts.emergency {
        Some(emergency) => Standing::Emergency(emergency.clone()),
        None if facts.confidential && !facts.administers => Standing::Hidden,
        None => Standing::Named,
    }
}

/// Asked by the desk.
#[derive(Debug)]
pub struct Reaching;

impl Warden for Reaching {
    fn standings(
        &self,
        tx: &ReadTx<'_>,
        actor: &Actor,
        (now, patients): (i64, &[i64]),
    ) -> Result<HashMap<i64, Standing>, StoreError> {
        let Some(user) = actor.user_id() else { return Ok(HashMap::new()) };
        let mut asked = Asked { tx, user, now, open: HashMap::new(), left: patients.to_vec() };
        let reach = actor.reach();
        asked.begin(reach)?;
        let mut facts = asked.facts(actor)?;
        asked.keep_shut(reach, &facts);
        asked.care_teams(actor, &mut facts)?;
        asked.keep_shut(reach, &facts);
        asked.emergencies(&mut facts)?;
        for (id, facts) in facts {
            asked.open.insert(id, decide(reach, &facts));
        }
        Ok(asked.open)
    }

    fn refusal(&self, actor: &Actor) -> OutOfReach {
        OutOfReach { may_break_glass: actor.may(BREAK_GLASS_USE) }
    }
}

/// What `actor` may see of one patient, in the words of the rule.
///
/// # Errors
/// What the store says.
pub fn standing(
    tx: &ReadTx<'_>,
    actor: &Actor,
    now: i64,
    patient: i64,
) -> Result<Standing, StoreError> {
    let found = Reaching.standings(tx, actor, (now, &[patient]))?.remove(&patient);
    Ok(found.unwrap_or(Standing::Hidden))
}

/// All that is known of `actor` and one patient, for whoever wants to know why; `None` if there
/// is no such patient.
///
/// # Errors
/// What the store says.
pub fn facts(
    tx: &ReadTx<'_>,
    actor: &Actor,
    now: i64,
    patient: i64,
) -> Result<Option<Facts>, StoreError> {
    let Some(user) = actor.user_id() else { return Ok(None) };
    let mut asked = Asked { tx, user, now, open: HashMap::new(), left: vec![patient] };
    let mut known = asked.facts(actor)?;
    if known.is_empty() {
        return Ok(None);
    }
    asked.care_teams(actor, &mut known)?;
    asked.emergencies(&mut known)?;
    Ok(known.remove(&patient))
}

/// One question about several patients: what was found, and who is left to be asked about.
struct Asked<'a> {
    tx: &'a ReadTx<'a>,
    user: i64,
    now: i64,
    open: HashMap<i64, Standing>,
    left: Vec<i64>,
}

/// Patients left, each with what is known so far.
type Known = HashMap<i64, Facts>;

impl Asked<'_> {
    /// Whoever reaches everybody is done with all whose record is not confidential, which is one
    /// look into a small index.
    fn begin(&mut self, reach: &Reach) -> Result<(), StoreError> {
        if *reach == Reach::Everybody {
            let sql = confidential_statement(whose(&self.left));
            let found = self.tx.all(&sql, &[ids(&self.left)], |row| row.get::<i64>(0))?;
            let all = std::mem::replace(&mut self.left, found);
            let plain = all.into_iter().filter(|id| !self.left.contains(id));
            self.open.extend(plain.map(|id| (id, Standing::Open)));
        }
        Ok(())
    }

    fn facts(&mut self, actor: &Actor) -> Result<Known, StoreError> {
        let (now, user) = (self.now, self.user);
        if self.left.is_empty() {
            return Ok(Known::new());
        }
        let (within, params) = match actor.reach() {
            Reach::Everybody => ("1", vec![]),
            Reach::Facility => (AT_FACILITY, vec![user.into(), actor.facility().into()]),
            Reach::Departments(own) => (IN_DEPARTMENTS, vec![user.into(), list(own), now.into()]),
        };
        let sql = facts_statement(within, whose(&self.left));
        let params = [vec![ids(&self.left)], params].concat();
        let administers = actor.may(CONFIDENTIAL);
        let mut known = Known::new();
        self.tx.each(&sql, &params, |row| {
            let registered = row.get::<Option<i64>>(2)? == Some(user)
                && now < row.get::<i64>(3)?.saturating_add(REGISTERED_FOR);
            let within = row.get::<bool>(4)?;
            let facts = Facts {
                confidential: row.get(1)?,
                administers,
                at_facility: within,
                in_departments: within,
                registered,
                ..Facts::default()
            };
            known.insert(row.get(0)?, facts);
            Ok(())
        })?;
        // There is nothing of somebody who is not there.
        let absent = self.left.iter().filter(|id| !known.contains_key(id));
        self.open.extend(absent.map(|id| (*id, Standing::Open)));
        Ok(known)
    }

    /// Only those are asked about further whom the rule does not show yet.
    fn keep_shut(&mut self, reach: &Reach, known: &Known) {
        let shut = known.iter().filter(|(_, facts)| !decide(reach, facts).is_open());
        self.left = shut.map(|(id, _)| *id).collect();
    }

    /// A program is in no care team: whoever makes a token is not always the one it acts for.
    fn care_teams(&mut self, actor: &Actor, known: &mut Known) -> Result<(), StoreError> {
        if self.left.is_empty() || actor.token().is_some() {
            return Ok(());
        }
        let sql = care_team_statement(whose(&self.left));
        let params = [ids(&self.left), self.user.into(), self.now.into()];
        self.tx.each(&sql, &params, |row| {
            known.entry(row.get(0)?).or_default().care_team = true;
            Ok(())
        })
    }

    fn emergencies(&mut self, known: &mut Known) -> Result<(), StoreError> {
        if self.left.is_empty() {
            return Ok(());
        }
        let sql = emergency_statement(whose(&self.left));
        let params = [ids(&self.left), self.user.into(), self.now.into()];
        self.tx.each(&sql, &params, |row| {
            let (id, reason) = (row.get::<i64>(1)?, row.get::<String>(2)?);
            let why = format!("break-glass {} {reason}", BREAK_GLASS.show(id));
            let emergency = Some(Emergency { id, why });
            known.entry(row.get(0)?).or_default().emergency = emergency;
            Ok(())
        })
    }
}

/// Statements have the form for one patient or for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One: most reads.
    One,
    /// A list of numbers.
    Several,
}

fn whose(ids: &[i64]) -> Whose {
    if ids.len() == 1 { Whose::One } else { Whose::Several }
}

fn ids(ids: &[i64]) -> Value {
    match ids {
        [id] => Value::Int(*id),
        ids => list(ids),
    }
}

fn list(ids: &[i64]) -> Value {
    let numbers = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    Value::Text(format!("[{numbers}]"))
}

impl Whose {
    fn condition(self, column: &str) -> String {
        match self {
            Self::One => format!("{column} = ?1"),
            Self::Several => {
                format!("{column} IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))")
            }
        }
    }
}

/// The first visit that fits ends the search of one patient's; `+` keeps the search by patient,
/// of whom there are few visits, and not by site or department, of which there are many. Nobody
/// makes an emergency last by a visit placed under it: for whoever broke the glass it counts when
/// somebody else found that justified.
const AT_FACILITY: &str = "facility_id IS ?3 OR EXISTS (SELECT 1 FROM encounter AS visit \
     WHERE visit.patient_id = patient.id AND +visit.facility_id = ?3 \
     AND visit.status <> 'entered_in_error' \
     AND NOT EXISTS (SELECT 1 FROM encounter_emergency AS placed \
     JOIN break_glass AS glass ON glass.id = placed.emergency_id \
     WHERE placed.encounter_id = visit.id AND glass.user_id = ?2 \
     AND coalesce(glass.verdict, '') <> 'justified'))";
const IN_DEPARTMENTS: &str = "EXISTS (SELECT 1 FROM encounter AS visit \
     WHERE visit.patient_id = patient.id \
     AND +visit.department_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?3)) \
     AND (visit.ended_at IS NULL \
     AND visit.status IN ('planned', 'arrived', 'triaged', 'in_progress', 'on_leave') \
     OR ?4 - 86400000000 * coalesce((SELECT CAST(value AS INTEGER) FROM setting \
     WHERE name = 'days_after_visit'), 30) <= visit.ended_at \
     AND visit.status NOT IN ('cancelled', 'entered_in_error')) \
     AND NOT EXISTS (SELECT 1 FROM encounter_emergency AS placed \
     JOIN break_glass AS glass ON glass.id = placed.emergency_id \
     WHERE placed.encounter_id = visit.id AND glass.user_id = ?2 \
     AND coalesce(glass.verdict, '') <> 'justified'))";

fn facts_statement(within: &str, whose: Whose) -> String {
    let condition = whose.condition("patient.id");
    format!(
        "SELECT patient.id, confidential IS NOT NULL, registered_by, created_at, {within} \
         FROM patient WHERE {condition}"
    )
}

fn confidential_statement(whose: Whose) -> String {
    // Not the rows of the table, which are wide and, of a list of visits, all over it.
    let condition = whose.condition("id");
    format!(
        "SELECT id FROM patient INDEXED BY patient_confidential \
         WHERE confidential IS NOT NULL AND {condition}"
    )
}

fn care_team_statement(whose: Whose) -> String {
    let condition = whose.condition("patient_id");
    format!(
        "SELECT patient_id FROM care_team_member WHERE user_id = ?2 AND {condition} \
         AND ended_at IS NULL AND since_at <= ?3 AND (until_at IS NULL OR ?3 < until_at)"
    )
}

fn emergency_statement(whose: Whose) -> String {
    let condition = whose.condition("patient_id");
    format!(
        "SELECT patient_id, id, reason FROM break_glass WHERE user_id = ?2 AND {condition} \
         AND ?3 < expires_at AND closed_at IS NULL"
    )
}

/// Every statement that a question may run, for the test that reads query plans.
#[must_use]
pub fn statements() -> Vec<String> {
    let all = |whose: Whose| {
        let facts = ["1", AT_FACILITY, IN_DEPARTMENTS].map(|within| facts_statement(within, whose));
        let others = [confidential_statement, care_team_statement, emergency_statement];
        facts.into_iter().chain(others.map(|of| of(whose))).collect::<Vec<_>>()
    };
    [all(Whose::One), all(Whose::Several)].concat()
}

#[cfg(test)]
mod tests;

//! Checks that several rooms share, over a whole form and inside the transaction. They collect,
//! so that the caller hears of everything at once.

use super::Resource;
use super::form::Form;
use crate::platform::ledger::{RecordError, Work};
use crate::store::{StoreError, Value};
use crate::vocab::clock::instant;
use crate::vocab::moment::Moment;
use crate::vocab::problem::Findings;

/// How far ahead of our clock a clinical time may lie: clocks differ, and so do zones.
const AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The checks of one form and what they found.
#[derive(Debug)]
pub struct Check<'a> {
    work: &'a Work<'a>,
    form: &'a Form,
    findings: Findings,
}

impl<'a> Check<'a> {
    /// Checks of `form`, with nothing found.
    #[must_use]
    pub fn new(work: &'a Work<'a>, form: &'a Form) -> Self {
        Self { work, form, findings: Findings::new() }
    }

    /// Notes `mend` at `field` unless it `holds`.
    pub fn holds(&mut self, holds: bool, field: &str, mend: &str) {
        self.findings.check(holds, field, mend);
    }

    /// The id in `field`, if any, must name a record of `target`.
    ///
    /// # Errors
    /// What the store says.
    pub fn reference(&mut self, field: &str, target: &Resource) -> Result<(), StoreError> {
        let id = self.form.int(field);
        self.target(id, field, target)
    }

    /// So must the ids in `field` of the rows of `list`.
    ///
    /// # Errors
    /// What the store says.
    pub fn row_references(
        &mut self,
        list: &str,
        field: &str,
        target: &Resource,
    ) -> Result<(), StoreError> {
        let form = self.form;
        for (index, row) in form.rows(list).iter().enumerate() {
            let id = row.iter().find(|(name, _)| *name == field);
            let id = id.and_then(|(_, value)| match value {
                Value::Int(id) => Some(*id),
                _ => None,
            });
            self.target(id, &format!("{list}[{index}].{field}"), target)?;
        }
        Ok(())
    }

    fn target(
        &mut self,
        id: Option<i64>,
        field: &str,
        target: &Resource,
    ) -> Result<(), StoreError> {
        let Some(id) = id else { return Ok(()) };
        let sql = format!("SELECT 1 FROM {} WHERE id = ?1", target.table);
        let there = self.work.tx().opt(&sql, &[Value::Int(id)], |_| Ok(()))?.is_some();
        let mend = format!("There is no {} with this id.", target.kind.name);
        self.findings.check(there, field, &mend);
        Ok(())
    }

    /// The id in `field`, if any, must name a record of `target` of the form's own patient.
    ///
    /// # Errors
    /// What the store says.
    pub fn same_patient(&mut self, field: &str, target: &Resource) -> Result<(), StoreError> {
        let Some(id) = self.form.int(field) else { return Ok(()) };
        let sql = format!("SELECT patient_id FROM {} WHERE id = ?1", target.table);
        let owner = self.work.tx().opt(&sql, &[Value::Int(id)], |row| row.get::<i64>(0))?;
        // Whether it is another's or nobody's is not told.
        let mend = format!("This patient has no {} with this id.", target.kind.name);
        self.findings.check(owner.is_some() && owner == self.form.int("patient_id"), field, &mend);
        Ok(())
    }

    /// The clinical time `end` must not lie before `start`, as far as dates without their day
    /// or hour can tell. Both are names without `_recorded`.
    pub fn in_order(&mut self, start: &str, end: &str) {
        if let (Some(from), Some(to)) = (self.moment(start), self.moment(end)) {
            let field = format!("{end}_recorded");
            let mend = "The end lies before the start.";
            self.findings.check(from.may_precede(&to), &field, mend);
        }
    }

    /// The clinical time `stem` must not lie more than a day in the future.
    pub fn not_future(&mut self, stem: &str) {
        let Some(moment) = self.moment(stem) else { return };
        let bound = instant(self.work.now()).checked_add(AHEAD);
        let past = bound.is_ok_and(|bound| moment.earliest() <= bound);
        self.findings.check(past, &format!("{stem}_recorded"), "Give a time in the past.");
    }

    /// The decimal in `field` must not be negative.
    pub fn not_negative(&mut self, field: &str) {
        let negative = self.form.text(field).is_some_and(|digits| digits.starts_with('-'));
        self.findings.check(!negative, field, "Send a number that is not negative.");
    }

    fn moment(&self, stem: &str) -> Option<Moment> {
        Moment::parse(self.form.text(&format!("{stem}_recorded"))?, self.work.zone())
    }

    /// `Ok` if nothing was found, else all of it.
    ///
    /// # Errors
    /// [`RecordError::Invalid`]
    pub fn verdict(self) -> Result<(), RecordError> {
        Ok(self.findings.verdict()?)
    }
}

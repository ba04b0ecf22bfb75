//! Charts as rows: exactly those that the API would have made of the same bodies.

use std::collections::BTreeMap;

use super::chart::{Chart, Draft};
use super::people::{BLOCK, Person};
use super::staff::{Staff, ZONE};
use super::{DemoError, Order, life, people};
use crate::domain;
use crate::domain::patients::{PATIENTS, mrn, rules};
use crate::platform::resource::form::Form;
use crate::platform::resource::write::{self, Statement};
use crate::vocab::clock::instant;
use crate::vocab::id;
use crate::vocab::problem::FieldError;

/// What every batch of a run has in common.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) order: Order,
    pub(super) staff: Staff,
    /// Microseconds since 1970: when everything is written down.
    pub(super) now: i64,
    /// Days since 1970.
    pub(super) today: i64,
}

/// Rows of some patients, ordered as their tables are.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// In the order in which they must come.
    pub(super) statements: Vec<Statement>,
    /// Patients who were asked and have no known allergies.
    pub(super) no_allergies: Vec<i64>,
    /// Records of each kind.
    pub(super) records: BTreeMap<&'static str, u64>,
    pub(super) patients: u64,
}

/// Milliseconds that the identities of patients lie before the day itself, so that they are
/// older than whatever is made afterwards.
const IDS_BEFORE_MS: i64 = 21_000_000;

impl Plan {
    /// The identity of patient `number`; those that follow are for what belongs to them.
    pub(super) fn first_id(&self, number: u64) -> i64 {
        let place = i64::try_from(number).unwrap_or(IDS_BEFORE_MS);
        id::first_at(self.now / 1_000 - IDS_BEFORE_MS + place)
    }

    /// The chart of `person`.
    pub(super) fn chart(&self, person: &Person) -> Chart {
        let first = self.first_id(person.number);
        let of = (self.order.seed, self.today, self.order.minutes);
        life::chart(person, first, &self.staff, of, self.order.history)
    }

    /// The rows of the blocks `from..to` as far as there are patients.
    ///
    /// # Errors
    /// A body that its declaration or its room refuses.
    pub(super) fn batch(&self, from: u64, to: u64) -> Result<Batch, DemoError> {
        let mut batch = Batch::default();
        let mut tables: BTreeMap<usize, Vec<Statement>> = BTreeMap::new();
        let blocks = from..to;
        let everybody = blocks.flat_map(|block| people::block(self.order.seed, block, self.today));
        for person in everybody.filter(|person| person.number < self.order.patients) {
            let chart = self.chart(&person);
            batch.patients += 1;
            if chart.no_allergies {
                batch.no_allergies.push(chart.drafts[0].id);
            }
            for draft in &chart.drafts {
                *batch.records.entry(draft.resource.path).or_default() += 1;
                let rank = domain::ALL.iter().position(|it| it.path == draft.resource.path);
                let rows = self.rows(draft, person.number)?;
                tables.entry(rank.unwrap_or(0)).or_default().extend(rows);
            }
        }
        batch.statements = tables.into_values().flatten().collect();
        Ok(batch)
    }

    fn rows(&self, draft: &Draft, number: u64) -> Result<Vec<Statement>, DemoError> {
        let refused = |findings: Vec<FieldError>| DemoError::Refused {
            resource: draft.resource.kind.name,
            patient: number,
            findings: format!("{findings:?}"),
        };
        let mut form = Form::read(draft.resource, &draft.body, &ZONE).map_err(refused)?;
        if draft.resource.path == PATIENTS.path {
            rules::complete(&mut form, instant(self.now)).map_err(refused)?;
            form.set("mrn", mrn::format(i64::try_from(number + 1).unwrap_or(i64::MAX)));
        }
        Ok(write::statements(draft.resource, draft.id, &form, self.now))
    }
}

/// Blocks that hold `patients`.
pub(super) fn blocks(patients: u64) -> u64 {
    patients.div_ceil(BLOCK)
}

//! Pages of the audit, newest first, narrowed in any way an auditor may ask.
//!
//! Every single filter has an index in the order of the list. A class is many acts: each of them
//! is asked by its own index, and the answers are merged, unless another filter leaves little.

use super::custody::classes::AuditClass;
use super::rows::{AuditRow, COLUMNS};
use crate::store::{ReadTx, StoreError, Value};

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// From this time on, in microseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Before this time.
    pub to: Option<i64>,
    /// What this account did.
    pub actor: Option<i64>,
    /// What was done to this patient.
    pub patient: Option<i64>,
    /// Acts of this class.
    pub class: Option<AuditClass>,
    /// This act.
    pub act: Option<String>,
    /// What was refused, or what was not.
    pub refused: Option<bool>,
    /// From this address.
    pub address: Option<String>,
}

/// A place in the list: the time and the number of the row before it.
pub type Place = (i64, i64);

/// The rows after `after`, at most `limit`.
///
/// # Errors
/// What the store says.
pub fn page(
    tx: &ReadTx<'_>,
    narrowed: &Narrowed,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let Some(class) = narrowed.class.filter(|_| narrowed.act.is_none()) else {
        let one = narrowed.act.as_deref().map(AuditClass::of);
        if one.is_some_and(|of| narrowed.class.is_some_and(|wanted| wanted != of)) {
            return Ok(Vec::new());
        }
        return ask(tx, narrowed, None, (after, limit));
    };
    let acts = acts(tx)?.into_iter().filter(|act| AuditClass::of(act) == class);
    if narrowed.leaves_little() {
        let acts = serde_json::to_string(&acts.collect::<Vec<_>>()).unwrap_or_default();
        return ask(tx, narrowed, Some(acts), (after, limit));
    }
    let mut merged = Vec::new();
    for act in acts {
        let one = Narrowed { act: Some(act), ..narrowed.clone() };
        merged.extend(ask(tx, &one, None, (after, limit))?);
        merged.sort_unstable_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        merged.truncate(limit);
    }
    Ok(merged)
}

/// Every act that the audit knows of, by stepping from one to the next in its index.
///
/// # Errors
/// What the store says.
pub fn acts(tx: &ReadTx<'_>) -> Result<Vec<String>, StoreError> {
    tx.all(ACTS, &[], |row| row.get(0))
}

const ACTS: &str = "WITH RECURSIVE known (act) AS (\
    SELECT min(act) FROM audit \
    UNION ALL \
    SELECT (SELECT min(act) FROM audit WHERE known.act < act) FROM known \
    WHERE known.act IS NOT NULL) \
    SELECT act FROM known WHERE act IS NOT NULL";

impl Narrowed {
    /// Whether so few rows are left that it does not matter which of them are looked at.
    fn leaves_little(&self) -> bool {
        let narrow = self.actor.is_some() || self.patient.is_some() || self.address.is_some();
        narrow || self.refused == Some(true)
    }

    /// The statement and its parameters. Where several indexes could lead, the narrowest does:
    /// a `+` keeps the engine from the others.
    fn statement(
        &self,
        acts: Option<String>,
        (after, limit): (Option<Place>, usize),
    ) -> (String, Vec<Value>) {
        let mut such = Such::default();
        let numbers = [
            ("at >= ", self.from),
            ("at < ", self.to),
            ("patient_id = ", self.patient),
            (if self.patient.is_some() { "+actor_id = " } else { "actor_id = " }, self.actor),
        ];
        for (clause, number) in numbers {
            if let Some(number) = number {
                such.holds(clause, number.into());
            }
        }
        let led = self.patient.is_some() || self.actor.is_some();
        let by_address = if led { "+address = " } else { "address = " };
        let by_act = if self.leaves_little() { "+act = " } else { "act = " };
        for (clause, text) in [(by_address, &self.address), (by_act, &self.act)] {
            if let Some(text) = text {
                such.holds(clause, text.as_str().into());
            }
        }
        if let Some(acts) = acts {
            such.holds("+act IN (SELECT value FROM json_each(", acts.into());
            such.close("))");
        }
        if let Some((at, id)) = after {
            such.holds("(at, id) < (", at.into());
            such.close(", ");
            such.goes_on(id.into());
            such.close(")");
        }
        let led = led || self.address.is_some();
        match (self.refused, led) {
            (Some(true), false) => such.clauses.push("outcome = 'refused'".to_owned()),
            (Some(true), true) => such.clauses.push("+outcome = 'refused'".to_owned()),
            (Some(false), _) => such.clauses.push("+outcome = 'done'".to_owned()),
            (None, _) => {}
        }
        let Such { clauses, params } = such;
        let all = if clauses.is_empty() { "1".to_owned() } else { clauses.join(" AND ") };
        let order = "ORDER BY at DESC, id DESC";
        (format!("SELECT {COLUMNS} FROM audit WHERE {all} {order} LIMIT {limit}"), params)
    }
}

/// Clauses with numbered parameters.
#[derive(Default)]
struct Such {
    clauses: Vec<String>,
    params: Vec<Value>,
}

impl Such {
    fn holds(&mut self, clause: &str, value: Value) {
        self.clauses.push(clause.to_owned());
        self.goes_on(value);
    }

    fn goes_on(&mut self, value: Value) {
        self.params.push(value);
        let number = self.params.len();
        self.close(&format!("?{number}"));
    }

    fn close(&mut self, text: &str) {
        if let Some(last) = self.clauses.last_mut() {
            last.push_str(text);
        }
    }
}

fn ask(
    tx: &ReadTx<'_>,
    narrowed: &Narrowed,
    acts: Option<String>,
    page: (Option<Place>, usize),
) -> Result<Vec<AuditRow>, StoreError> {
    let (sql, params) = narrowed.statement(acts, page);
    tx.all(&sql, &params, AuditRow::of)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::audit::{self, Entry, Seen};
    use super::*;
    use crate::store::{Class, Store, Tx};
    use crate::vocab::actor::{Actor, Call};

    const LONG: Duration = Duration::from_secs(30);

    /// Every combination of filters, with a place to go on from and without.
    fn all_ways() -> Vec<(Narrowed, Option<Place>)> {
        let mut ways = Vec::new();
        for bits in 0..1_u32 << 8 {
            let on = |bit: u32| bits >> bit & 1 == 1;
            let narrowed = Narrowed {
                from: on(0).then_some(1),
                to: on(1).then_some(9),
                actor: on(2).then_some(1),
                patient: on(3).then_some(1),
                class: None,
                act: on(4).then(|| "patients.read".to_owned()),
                refused: on(5).then(|| on(6)),
                address: on(7).then(|| "10.0.0.1".to_owned()),
            };
            ways.push((narrowed.clone(), None));
            ways.push((narrowed, Some((5, 5))));
        }
        ways
    }

    fn plan(store: &Store, sql: &str) -> Vec<String> {
        store.read(LONG, |tx| tx.plan(sql)).map_err(|cause: StoreError| cause).unwrap()
    }

    #[test]
    fn every_filter_has_its_index_in_the_order_of_the_list() {
        let store = Store::scratch();
        for (narrowed, after) in all_ways() {
            for acts in [None, Some("[]".to_owned())] {
                if acts.is_some() && !narrowed.leaves_little() {
                    continue;
                }
                let (sql, _) = narrowed.statement(acts, (after, 50));
                let plan = plan(&store, &sql);
                let led = match &narrowed {
                    Narrowed { patient: Some(_), .. } => "audit_patient (patient_id=?",
                    Narrowed { actor: Some(_), .. } => "audit_actor (actor_id=?",
                    Narrowed { address: Some(_), .. } => "audit_address (address=?",
                    Narrowed { refused: Some(true), .. } => "audit_refused",
                    Narrowed { act: Some(_), .. } => "audit_act (act=?",
                    _ => "audit_at",
                };
                assert!(plan[0].contains(led), "{sql}\n{plan:?}");
                let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
                assert!(!sorts, "{sql}\n{plan:?}");
            }
        }
        let plan = plan(&store, ACTS);
        let looks = plan.iter().filter(|step| step.contains("audit"));
        assert!(looks.clone().all(|step| step.contains("audit_act")), "{plan:?}");
    }

    #[test]
    fn pages_of_any_filter_hold_each_row_once_and_no_other() {
        let store = Store::scratch();
        let acts = ["patients.read", "patients.amend", "sessions.create", "users.amend", "x.list"];
        let job = move |tx: &Tx<'_>| {
            for number in 0..300_i64 {
                let user = 1 + number % 3;
                let actor = Actor::user(user, "A", "nurse", None, None, Vec::new());
                let last = u8::try_from(number % 4).unwrap_or(0);
                let call = Call::new(actor, "r").sent_from(Some([10, 0, 0, last].into()));
                let patient = (number % 5 != 0).then_some(number % 5);
                let seen = Seen { kind: "patient", id: None, patient, detail: None };
                // Several at one time, and not in the order of their numbers.
                let act = acts[usize::try_from(number).unwrap_or(0) % acts.len()];
                let mut entry = Entry::new(&call, (number * 7 % 40) / 2, act, seen);
                entry.refused = number % 6 == 0;
                audit::append(tx, &[entry])?;
            }
            Ok::<_, StoreError>(())
        };
        store.write_blocking(Class::People, job).unwrap();
        let whole = |tx: &ReadTx<'_>| page(tx, &Narrowed::default(), None, 1_000);
        let whole = store.read(LONG, whole).unwrap();
        assert_eq!(whole.len(), 300);
        let classes = [None, Some(AuditClass::Reads), Some(AuditClass::Administration)];
        for (narrowed, _) in all_ways() {
            for class in classes {
                let narrowed = Narrowed { class, ..narrowed.clone() };
                let fits = |row: &&AuditRow| {
                    narrowed.from.is_none_or(|from| from <= row.at)
                        && narrowed.to.is_none_or(|to| row.at < to)
                        && narrowed.actor.is_none_or(|it| row.actor_id == Some(it))
                        && narrowed.patient.is_none_or(|it| row.patient_id == Some(it))
                        && narrowed.class.is_none_or(|it| AuditClass::of(&row.act) == it)
                        && narrowed.act.as_ref().is_none_or(|it| row.act == *it)
                        && narrowed.refused.is_none_or(|it| (row.outcome == "refused") == it)
                        && narrowed
                            .address
                            .as_ref()
                            .is_none_or(|it| row.address.as_ref() == Some(it))
                };
                let expected: Vec<i64> = whole.iter().filter(fits).map(|row| row.id).collect();
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let rows = store.read(LONG, |tx| page(tx, &narrowed, after, 13)).unwrap();
                    let Some(last) = rows.last() else { break };
                    after = Some((last.at, last.id));
                    found.extend(rows.iter().map(|row| row.id));
                }
                assert_eq!(found, expected, "{narrowed:?}");
            }
        }
    }
}

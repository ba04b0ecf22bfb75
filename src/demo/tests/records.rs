//! Generated rows are those that the API would have made, and fit each other.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::super::people::{self, DAY};
use super::super::rows::Plan;
use super::super::staff::Staff;
use super::*;
use crate::access::roles::PERMISSIONS;
use crate::domain::patients::{PATIENTS, review};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::{Holds, select, verbs};
use crate::vocab::actor::{Actor, Call};

/// Makes the same hospital record by record with the verbs of the API; for each new identity
/// the one that the generator gave.
fn by_verbs(order: &Order) -> (Desk, HashMap<i64, i64>) {
    let desk = desk();
    let call = Call::new(Actor::machine("demo", PERMISSIONS.to_vec()), "demo");
    let seed = order.seed;
    let staff = desk
        .write_blocking(&call, "demo.begin", move |work| Staff::hire(work, seed, "no password"));
    let now = desk.now();
    let today = now / 1_000_000 / DAY;
    let plan = Plan { order: order.clone(), staff: staff.unwrap(), now, today };
    let mut given = HashMap::new();
    let mut shown: HashMap<String, String> = HashMap::new();
    let blocks = 0..order.patients.div_ceil(people::BLOCK);
    for person in blocks.flat_map(|block| people::block(seed, block, today)) {
        if order.patients <= person.number {
            continue;
        }
        let chart = plan.chart(&person);
        for draft in &chart.drafts {
            let body = renamed(&draft.body, &shown);
            let resource = draft.resource;
            let id = desk
                .write_blocking::<_, RecordError>(&call, "create", move |work: &Work<'_>| {
                    verbs::create(work, resource, &body)
                })
                .unwrap();
            given.insert(id, draft.id);
            shown.insert(resource.kind.show(draft.id), resource.kind.show(id));
        }
        if chart.no_allergies {
            let own = *given.iter().find(|(_, old)| **old == chart.drafts[0].id).unwrap().0;
            let by = (now, Some(plan.staff.clinician));
            desk.write_blocking::<_, RecordError>(&call, "review", move |work| {
                let before = select::whole(work.tx(), &PATIENTS, own)?.unwrap();
                Ok(review::note(work.tx(), (own, &before), true, by)?)
            })
            .unwrap();
        }
    }
    (desk, given)
}

/// `body` with the identities that the records of the other hospital have.
fn renamed(body: &Map<String, Json>, shown: &HashMap<String, String>) -> Map<String, Json> {
    let mut body = body.clone();
    for value in body.values_mut() {
        if let Some(new) = value.as_str().and_then(|text| shown.get(text)) {
            *value = new.as_str().into();
        }
    }
    body
}

/// The columns of `table` that hold identities.
fn identities(table: &str) -> Vec<&'static str> {
    let mut names = vec!["id"];
    for resource in domain::ALL {
        let own = (resource.table == table).then_some(resource.columns);
        let children = resource.children.iter().filter(|child| child.table == table);
        names.extend(children.clone().map(|child| child.owner));
        for column in own.into_iter().chain(children.map(|child| child.columns)).flatten() {
            if matches!(column.holds, Holds::Id(_)) {
                names.push(column.name);
            }
        }
    }
    names
}

#[test]
fn generated_rows_are_those_that_the_api_makes_of_the_same_bodies() {
    let order = order(70, History::Full);
    let (verbs, given) = by_verbs(&order);
    let mut expected = dump(&verbs);
    for (table, row) in &mut expected {
        let identities = identities(table);
        for (name, value) in row.iter_mut().filter(|(name, _)| identities.contains(name)) {
            if let Value::Int(id) = value {
                *id = given.get(id).copied().unwrap_or(*id);
            }
            assert!(matches!(value, Value::Int(_) | Value::Null), "{table}.{name}");
        }
    }
    let made = dump(&hospital(&order));
    assert_eq!(made.len(), expected.len());
    // The verbs give record numbers in the order of coming, which is that of the people.
    for (made, expected) in made.iter().zip(&expected) {
        assert_eq!(made, expected);
    }
}

#[test]
fn measured_values_fit_the_problems() {
    let desk = hospital(&order(1_500, History::Full));
    let with = |code: &str, negated: &str| {
        number(
            &desk,
            &format!(
                "SELECT CAST(avg(part.value_decimal) * 10 AS INTEGER) \
                 FROM observation_component part JOIN observation o ON o.id = observation_id \
                 WHERE part.code = '8480-6' AND o.patient_id {negated} IN \
                 (SELECT patient_id FROM condition WHERE code = '{code}')"
            ),
        )
    };
    let (ill, well) = (with("38341003", ""), with("38341003", "NOT"));
    assert!(well + 120 < ill, "systolic pressure in tenths: {ill} against {well}");
    let stray = "SELECT count(*) FROM observation o WHERE code = '4548-4' AND NOT EXISTS \
        (SELECT 1 FROM condition c WHERE c.patient_id = o.patient_id AND c.code = '44054006')";
    assert_eq!(number(&desk, stray), 0, "HbA1c is measured where there is diabetes");
    assert!(100 < number(&desk, "SELECT count(*) FROM observation WHERE code = '4548-4'"));
    let strange = "SELECT count(*) FROM condition c JOIN patient p ON p.id = patient_id \
        WHERE code_text = 'Enlarged prostate' AND sex = 'female'";
    assert_eq!(number(&desk, strange), 0);
    for (code, low, high) in [
        ("29463-7", 2.1, 190.0),
        ("8302-2", 45.0, 200.0),
        ("8310-5", 35.5, 41.0),
        ("8867-4", 45.0, 170.0),
        ("59408-5", 85.0, 100.0),
        ("2339-0", 60.0, 400.0),
    ] {
        let outside = format!(
            "SELECT count(*) FROM observation WHERE code = '{code}' \
             AND CAST(value_decimal AS REAL) NOT BETWEEN {low} AND {high}"
        );
        assert_eq!(number(&desk, &outside), 0, "{code}");
        let all = format!("SELECT count(*) FROM observation WHERE code = '{code}'");
        assert!(20 < number(&desk, &all), "{code}");
    }
}

#[test]
fn nothing_happens_before_birth_or_after_death_and_little_lies_ahead() {
    let desk = hospital(&order(1_500, History::Full));
    let dead = "SELECT count(*) FROM patient WHERE deceased_at IS NOT NULL";
    assert!(10 < number(&desk, dead));
    let day = 86_400_000_000_i64;
    for (table, at) in [
        ("encounter", "started_at"),
        ("condition", "onset_at"),
        ("observation", "effective_at"),
        ("medication_request", "authored_at"),
        ("immunization", "given_at"),
        ("procedure", "performed_at"),
        ("allergy", "recorded_at"),
    ] {
        let after = format!(
            "SELECT count(*) FROM {table} JOIN patient p ON p.id = patient_id \
             WHERE deceased_at + {day} <= {at}"
        );
        assert_eq!(number(&desk, &after), 0, "{table}: after death");
        let before = format!(
            "SELECT count(*) FROM {table} JOIN patient p ON p.id = patient_id \
             WHERE length(birth_date) = 10 AND {at} < unixepoch(birth_date) * 1000000"
        );
        assert_eq!(number(&desk, &before), 0, "{table}: before birth");
        let ahead = format!(
            "SELECT count(*) FROM {table} WHERE unixepoch('{NOW}') * 1000000 + {day} <= {at}"
        );
        let planned = number(&desk, &ahead);
        assert!(if table == "encounter" { (1..200).contains(&planned) } else { planned == 0 });
    }
    let today = format!("date(started_at / 1000000, 'unixepoch') = date('{NOW}')");
    let here = format!("SELECT count(*) FROM encounter WHERE status = 'in_progress' AND {today}");
    assert!((5..50).contains(&number(&desk, &here)), "some are in the house today");
    let measured = "SELECT count(*) FROM observation \
        JOIN encounter ON encounter.id = encounter_id AND encounter.status = 'in_progress' \
        WHERE started_at < effective_at";
    assert!(5 < number(&desk, measured), "and were measured on arrival");
    let allergies = "SELECT count(*) FROM patient p WHERE allergies_reviewed_at IS NOT NULL \
        AND EXISTS (SELECT 1 FROM allergy a WHERE a.patient_id = p.id)";
    assert_eq!(number(&desk, allergies), 0, "none known, and one on record");
    assert!(50 < number(&desk, "SELECT count(allergies_reviewed_at) FROM patient"));
}

#[test]
fn a_light_history_has_about_twelve_records_for_each_patient_and_a_full_one_about_forty() {
    for (history, low, high) in [(History::Light, 10, 14), (History::Full, 30, 50)] {
        let made = fill(&desk(), order(1_000, history), u64::MAX, &mut |_| {}).unwrap();
        let records: u64 = made.records.iter().map(|(_, count)| count).sum();
        assert!((low * 1_000..=high * 1_000).contains(&records), "{history:?}: {records}");
        assert_eq!(made.records.len(), 8, "every kind: {:?}", made.records);
    }
}
